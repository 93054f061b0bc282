"""A part of the states, with sums of its own: what a demo adds to a campaign is told apart in every total."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from outreach.model.dispatch import Plan
from outreach.model.due import Due, DueGroup
from outreach.model.log import Log
from outreach.model.matrix import Deadline, Matrix, Tally
from outreach.rules.progress import summed

Keep = Callable[[str], bool]  #: of a state's code


def plan_of(plan: Plan, keep: Keep) -> Plan:
    """The plan of these states."""
    return replace(
        plan,
        planned=tuple(one for one in plan.planned if keep(one.dispatch.state)),
        skipped=tuple(one for one in plan.skipped if keep(one.state)),
    )


def log_of(log: Log, keep: Keep) -> Log:
    """The log of these states, with every demand of the whole."""
    rows = tuple(row for row in log.rows if keep(row.state))
    states = tuple(one for one in log.states if keep(one.state))
    return replace(
        log,
        rows=rows,
        states=states,
        total=summed(states),
        matrix=_matrix(log.matrix, keep, range(len(log.matrix.demands))),
        statuses=Counter(row.status for row in rows if row.status is not None),
        skips=Counter(row.skip for row in rows if row.status is None and row.skip is not None),
    )


def due_of(due: Due, keep: Keep) -> Due:
    """Who owes an answer of these states."""
    rows = tuple(row for row in due.rows if keep(row.state))
    groups = Counter(row.group for row in rows)
    return replace(due, rows=rows, counts={group: groups[group] for group in DueGroup})


def matrix_of(matrix: Matrix, keep: Keep) -> Matrix:
    """The matrix of these states, and of the demands that were made of one of them or have a record."""
    rows = [row for row in matrix.rows if keep(row.state)]
    told = [
        any(cell.asked or cell.stated for cell in column) for column in zip(*(row.cells for row in rows), strict=True)
    ]
    return _matrix(matrix, keep, [number for number, one in enumerate(told) if one])


def _matrix(matrix: Matrix, keep: Keep, shown: Sequence[int]) -> Matrix:
    """These states, and the demands with these numbers."""
    rows = [replace(row, cells=tuple(row.cells[number] for number in shown)) for row in matrix.rows if keep(row.state)]
    cells = [cell for row in rows for cell in row.cells]
    tallies, deadlines = Counter(one.tally for one in cells), Counter(one.deadline for one in cells)
    demands = tuple(matrix.demands[number] for number in shown)
    by_demand = {one.slug: Counter(row.cells[at].tally for row in rows) for at, one in enumerate(demands)}
    return replace(
        matrix,
        demands=demands,
        rows=tuple(rows),
        counts={tally: tallies[tally] for tally in Tally},
        per_demand={slug: {tally: found[tally] for tally in Tally} for slug, found in by_demand.items()},
        deadlines={one: deadlines[one] for one in Deadline},
    )
