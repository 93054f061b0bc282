"""Where each institution and each state stands: what came back, what was said, and what is next."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from outreach.model.collected import TrayItem
from outreach.model.due import DueGroup, DueRow
from outreach.model.heard import Heard
from outreach.model.inbound import InboundKind
from outreach.model.log import Group, LogRow, NextStep, StateRow, ToDo
from outreach.model.matrix import Cell, Deadline, Matrix
from outreach.rules import guessing
from outreach.rules.next_steps import of_institution, of_state


def with_answers(
    rows: Iterable[LogRow], *, matrix: Matrix, found: Iterable[DueRow], tray: Iterable[TrayItem]
) -> list[LogRow]:
    """The rows with where their correspondence stands and what is next. Nothing is known of one that is not `found`."""
    known = {one.institution: one for one in found}
    cells = {one.state: one.cells for one in matrix.rows}
    mails = _guessed(tray)
    made = []
    for row in rows:
        one = known.get(row.institution) or _not_written(row)
        made.append(
            replace(
                row,
                correspondence=one.group,
                acknowledged_at=one.acknowledged_at,
                answered_at=one.answered_at,
                due=one.due,
                next=of_institution(row, one, cells.get(row.state, ()), mails.get(row.institution)),
            )
        )
    return made


def per_state(rows: Iterable[LogRow], *, matrix: Matrix, heard: Iterable[Heard]) -> tuple[StateRow, ...]:
    """One row per state of the rows or the matrix, by name."""
    its: dict[str, list[LogRow]] = defaultdict(list)
    for row in rows:
        its[row.state].append(row)
    names = {one.state: one.state_name for one in matrix.rows} | {
        code: some[0].state_name for code, some in its.items()
    }
    cells = {one.state: one.cells for one in matrix.rows}
    answers: dict[str, datetime] = {one.state: one.at for one in heard if one.kind is InboundKind.REPLY and one.proven}
    return tuple(
        _state(code, names[code], its.get(code, []), cells.get(code, ()), answers.get(code))
        for code in sorted(names, key=lambda code: (names[code].casefold(), code))
    )


def likeliest(one: TrayItem) -> frozenset[str]:
    """Whose mail of the tray it is by the best guess; several, where none is well ahead."""
    return frozenset(guess.institution for guess in guessing.likeliest(one.guesses))


def summed(states: Sequence[StateRow]) -> StateRow:
    """All states together."""
    return StateRow(
        state="",
        state_name="all",
        institutions=sum(one.institutions for one in states),
        counts={group: sum(one.counts[group] for one in states) for group in Group},
        correspondence={group: sum(one.correspondence[group] for one in states) for group in DueGroup},
        acknowledged=sum(one.acknowledged for one in states),
        answered=sum(one.answered for one in states),
        overdue=sum(one.overdue for one in states),
        promises_overdue=sum(one.promises_overdue for one in states),
        own_letters=sum(one.own_letters for one in states),
        next=NextStep(kind=ToDo.NOTHING, words=""),
    )


def _state(
    state: str, name: str, rows: Sequence[LogRow], cells: tuple[Cell, ...], heard_at: datetime | None
) -> StateRow:
    groups, correspondence = Counter(row.group for row in rows), Counter(row.correspondence for row in rows)
    return StateRow(
        state=state,
        state_name=name,
        institutions=len(rows),
        counts={group: groups[group] for group in Group},
        correspondence={group: correspondence[group] for group in DueGroup},
        acknowledged=sum(row.acknowledged_at is not None and row.answered_at is None for row in rows),
        answered=sum(row.answered_at is not None for row in rows),
        overdue=sum(row.overdue for row in rows),
        promises_overdue=sum(one.deadline is Deadline.OVERDUE for one in cells),
        own_letters=sum(row.own_letters for row in rows),
        cells=cells,
        next=of_state(rows, cells, heard_at),
    )


def _guessed(tray: Iterable[TrayItem]) -> Mapping[str, int]:
    """Institution -> the oldest mail of the tray that is most likely its."""
    found: dict[str, int] = {}
    for one in sorted(tray, key=lambda item: item.id):
        for institution in likeliest(one):
            found.setdefault(institution, one.id)
    return found


def _not_written(row: LogRow) -> DueRow:
    return DueRow(
        state=row.state,
        state_name=row.state_name,
        institution=row.institution,
        name=row.name,
        role=row.role,
        group=DueGroup.NOT_WRITTEN,
    )
