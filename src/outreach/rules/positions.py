"""Records folded to the matrix of states and demands; which records may be made at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta

from outreach.model.campaign import Demand, Mode
from outreach.model.matrix import Cell, Deadline, Matrix, MatrixRow, Tally
from outreach.model.position import Position, Source, SourceKind, Stated

SOON = timedelta(days=14)  #: so long before its day a commitment is due

WORDS: Mapping[Tally, str] = {
    Tally.SUPPORTS: "supports",
    Tally.PARTLY_SUPPORTS: "partly supports",
    Tally.ALREADY_DONE: "already done",
    Tally.NONCOMMITTAL: "noncommittal",
    Tally.OPPOSES: "opposes",
    Tally.NOT_COMPETENT: "not competent",
    Tally.DECLINED: "declined",
    Tally.NONE: "none",
    Tally.UNSUPPORTED: "unsupported",
    Tally.NOT_ASKED: "not asked",
}


def invented(state: str) -> bool:
    """Whether a code is one of those that ISO 3166 leaves to users, here of invented states: QM to QZ."""
    return len(state) == 2 and "QM" <= state <= "QZ"


def belongs(mode: Mode, state: str) -> bool:
    """Whether a ledger of this mode may hold a state's position: real ones live, invented ones in rehearsals."""
    return invented(state) is not (mode is Mode.LIVE)


def supported(source: Source | None, mails: Mapping[int, Collection[str]]) -> bool:
    """Whether a source is still there. `mails` are the inbound mails in the ledger, by id, with every hash of theirs.

    A call or a visit without a document stands for as long as its record: it is the word of whoever wrote it down.
    """
    if source is None:
        return False
    if source.kind is SourceKind.REPLY:
        return source.inbound is not None and bool(source.sha256) and source.sha256 in mails.get(source.inbound, ())
    return source.kept or not source.sha256


def answered(records: Iterable[Stated]) -> list[Stated]:
    """The records, the oldest first, that name who answered otherwise than by its own mail, and that none took back."""
    kept: dict[tuple[str, str], list[Stated]] = {}
    for one in records:
        its = kept.setdefault((one.state, one.demand), [])
        if one.position is Position.NONE:
            its.clear()
        elif one.institution:
            its.append(one)
    return sorted((one for its in kept.values() for one in its), key=lambda one: one.id)


def deadline(stated: Stated | None, today: date) -> Deadline | None:
    """Where the commitment of a cell's newest record stands."""
    if stated is None or stated.due_on is None:
        return None
    if today > stated.due_on:
        return Deadline.OVERDUE
    return Deadline.DUE if today >= stated.due_on - SOON else Deadline.OPEN


def fold(
    records: Iterable[Stated],
    *,
    campaign: str,
    mode: Mode,
    at: datetime,
    today: date,
    demands: Iterable[Demand],
    asked: Mapping[str, Collection[str]],
    state_names: Mapping[str, str],
    mails: Mapping[int, Collection[str]],
) -> Matrix:
    """Fold the records of one campaign. `asked` are the states of the plan, each with the demands made of it."""
    cells: dict[tuple[str, str], list[Stated]] = {}
    left_out = 0
    for one in sorted(records, key=lambda record: record.id):
        if belongs(mode, one.state):
            cells.setdefault((one.state, one.demand), []).append(one)
        else:
            left_out += 1
    columns = _columns(demands, [demand for _, demand in cells])
    states = sorted(
        asked.keys() | {state for state, _ in cells}, key=lambda one: (state_names.get(one, one).casefold(), one)
    )
    rows = tuple(
        MatrixRow(
            state=state,
            state_name=state_names.get(state, state),
            cells=tuple(
                _cell(state, demand.slug, cells.get((state, demand.slug), []), asked.get(state, ()), mails, today)
                for demand in columns
            ),
        )
        for state in states
    )
    return Matrix(
        campaign=campaign,
        mode=mode,
        at=at,
        demands=columns,
        rows=rows,
        counts=_counts(cell for row in rows for cell in row.cells),
        per_demand={one.slug: _counts(row.cells[index] for row in rows) for index, one in enumerate(columns)},
        deadlines=_deadlines(rows),
        left_out=left_out,
    )


def _columns(demands: Iterable[Demand], named: Iterable[str]) -> tuple[Demand, ...]:
    """The campaign's demands in its order, then those that were taken out of its file and have records."""
    known = {one.slug: one for one in demands}
    gone = sorted(set(named) - known.keys())
    return (*known.values(), *(Demand(slug=slug, title=f"{slug} (no more in the campaign file)") for slug in gone))


def _cell(
    state: str,
    demand: str,
    records: list[Stated],
    asked: Collection[str],
    mails: Mapping[int, Collection[str]],
    today: date,
) -> Cell:
    newest = records[-1] if records else None
    said = newest is not None and newest.position is not Position.NONE
    if newest is None or newest.position is Position.NONE:
        tally = Tally.NONE if demand in asked else Tally.NOT_ASKED
    elif supported(newest.source, mails):
        tally = Tally(newest.position.value)
    else:
        tally = Tally.UNSUPPORTED
    return Cell(
        state=state,
        demand=demand,
        tally=tally,
        asked=demand in asked,
        stated=newest,
        deadline=deadline(newest, today) if said else None,
        earlier=tuple(records[-2::-1]) if records else (),
    )


def _counts(cells: Iterable[Cell]) -> Mapping[Tally, int]:
    found = Counter(cell.tally for cell in cells)
    return {tally: found[tally] for tally in Tally}


def _deadlines(rows: Iterable[MatrixRow]) -> Mapping[Deadline, int]:
    found = Counter(cell.deadline for row in rows for cell in row.cells)
    return {one: found[one] for one in Deadline}
