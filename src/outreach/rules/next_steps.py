"""What a person does next: for an institution, and for a state the one thing that cannot wait."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

from outreach.model.correspondence import NotChased
from outreach.model.dispatch import SkipReason
from outreach.model.due import DueGroup, DueRow
from outreach.model.log import NOTHING, Group, LogRow, NextStep, ToDo
from outreach.model.matrix import Cell, Deadline, Tally
from outreach.model.status import Status

READ = "answer received: write down its position"
READ_AGAIN = "new answer: does it change the position?"

_SILENT = frozenset({Tally.NONE, Tally.NOT_ASKED})
_ANSWERED = frozenset({DueGroup.ANSWERED, DueGroup.IN_DIALOGUE})
_OVERDUE = frozenset({DueGroup.OVERDUE, DueGroup.VERY_OVERDUE})
#: What does not come before another address where somebody of the state has a letter.
_LATER = frozenset({ToDo.FIND_ADDRESS, ToDo.WAIT, ToDo.WRITE_BY_POST, ToDo.NOTHING})
_BAD_ADDRESS = NextStep(kind=ToDo.FIND_ADDRESS, words="find another address")

#: A reminder that is in the ledger -> what it waits for.
_UNDER_WAY: Mapping[str, tuple[ToDo, str]] = {
    Status.DRAFT: (ToDo.CHASE, "approve reminder {}"),
    Status.QUEUED: (ToDo.CHASE, "send reminder {}"),
    Status.HELD: (ToDo.LOOK_AT_HELD, "look at reminder {}: it is held"),
    Status.REJECTED: (ToDo.FIND_ADDRESS, "find another address: reminder {} was refused"),
    Status.SUPPRESSED: (ToDo.FIND_ADDRESS, "find another address for reminder {}"),
}
#: The first letter's group, while none of the letters has arrived.
_LETTER: Mapping[Group, NextStep] = {
    Group.BOUNCED: _BAD_ADDRESS,
    Group.REFUSED: _BAD_ADDRESS,
    Group.HELD: NextStep(kind=ToDo.LOOK_AT_HELD, words="look at the letter: it is held"),
    Group.DRAFT: NextStep(kind=ToDo.APPROVE, words="approve the draft"),
    Group.QUEUED: NextStep(kind=ToDo.SEND, words="send"),
}
#: Why a plan leaves an institution out -> what a person can do about it; nothing, where it was meant.
_LEFT_OUT: Mapping[SkipReason, NextStep] = {
    SkipReason.UNVERIFIED: NextStep(kind=ToDo.MEND, words="verify its address"),
    SkipReason.STALE: NextStep(kind=ToDo.MEND, words="verify its address again"),
    SkipReason.BOUNCED: _BAD_ADDRESS,
    SkipReason.SUPPRESSED: _BAD_ADDRESS,
    SkipReason.RENAMED: NextStep(kind=ToDo.MEND, words="say whether it was renamed"),
    SkipReason.NO_LANGUAGE: NextStep(kind=ToDo.MEND, words="write a letter in its language"),
    SkipReason.FAULT: NextStep(kind=ToDo.MEND, words="mend its row"),
}


def of_institution(row: LogRow, found: DueRow, cells: Sequence[Cell], mail: int | None) -> NextStep:
    """The first that fits. `cells` are the positions of its state; `mail` lies in the tray and is guessed to be its."""
    if found.in_doubt:
        return NextStep(kind=ToDo.SETTLE_DOUBT, words="settle the letter in doubt")
    if mail is not None:
        return NextStep(kind=ToDo.SETTLE_TRAY, words=f"settle mail {mail} in the tray")
    if found.unproven is not None:
        return NextStep(kind=ToDo.LOOK_AT_ANSWER, words=f"look at mail {found.unproven}: is it theirs?")
    if found.group in _ANSWERED:
        return _after(found.answered_at, recorded_at(cells, row.demands))
    if found.group is DueGroup.CLOSED:
        return NOTHING
    if found.next_step and found.under_way in _UNDER_WAY:
        kind, words = _UNDER_WAY[found.under_way]
        return NextStep(kind=kind, words=words.format(found.next_step), on=found.next_on)
    if found.next_step and not found.why_not:
        return NextStep(kind=ToDo.CHASE, words=f"chase: reminder {found.next_step}", on=found.next_on)
    if found.group is DueGroup.UNREACHABLE:
        return _BAD_ADDRESS
    if found.group is DueGroup.NOT_WRITTEN:
        return _unwritten(row)
    return _waiting(found)


def recorded_at(cells: Iterable[Cell], demands: Collection[str] = ()) -> datetime | None:
    """When a position on one of these demands, or on any, was last written down; None = nothing is known."""
    known = (one for one in cells if one.tally not in _SILENT and (not demands or one.demand in demands))
    return max((one.stated.at for one in known if one.stated is not None), default=None)


def of_state(rows: Iterable[LogRow], cells: Sequence[Cell], heard_at: datetime | None) -> NextStep:
    """What cannot wait of all that its institutions and its positions ask for.

    `heard_at`: when a person of the state last answered, maybe of an institution that the plan does not have.
    """
    rows = list(rows)
    steps = [row.next for row in rows]
    if any(row.group is Group.ACCEPTED for row in rows) and not all(one.kind in _LATER for one in steps):
        steps = [one for one in steps if one.kind is not ToDo.FIND_ADDRESS]  # somebody there has a letter
    if heard_at is not None:
        steps.append(_after(heard_at, recorded_at(cells)))
    steps += _of_positions(cells)
    known = recorded_at(cells) is not None
    if known and not any(one.tally is Tally.NONE for one in cells):
        steps = [one for one in steps if one.kind is not ToDo.WRITE_BY_POST]
    elif known or heard_at is not None:
        steps.append(NextStep(kind=ToDo.ASK_REST, words="ask about the other demands"))
    return min(steps, key=_urgency, default=NOTHING)


def _of_positions(cells: Iterable[Cell]) -> Iterator[NextStep]:
    for one in cells:
        if one.deadline is Deadline.OVERDUE and one.stated is not None:
            yield NextStep(
                kind=ToDo.ASK_PROMISE, words=f"ask what became of the promise: {one.demand}", on=one.stated.due_on
            )
        if one.tally is Tally.UNSUPPORTED:
            yield NextStep(kind=ToDo.FIND_SOURCE, words=f"find the source again: {one.demand}")


def _after(answered: datetime | None, recorded: datetime | None) -> NextStep:
    if recorded is None:
        return NextStep(kind=ToDo.RECORD, words=READ)
    if answered is not None and answered > recorded:
        return NextStep(kind=ToDo.RECORD, words=READ_AGAIN)
    return NOTHING


def _unwritten(row: LogRow) -> NextStep:
    if row.status is Status.QUEUED and not row.planned:
        return NextStep(kind=ToDo.APPROVE, words="approve: that cancels it")
    if row.group in _LETTER:
        return _LETTER[row.group]
    if row.group is Group.BY_POST:
        return NextStep(
            kind=ToDo.WRITE_BY_POST, words="fill in its form" if row.form and not row.post else "write by post"
        )
    return _LEFT_OUT.get(row.skip, NOTHING) if row.skip else NOTHING


def _waiting(found: DueRow) -> NextStep:
    """Written to, and not to be reminded today."""
    if found.why_not == NotChased.NO_MORE and found.group in _OVERDUE:
        return NextStep(
            kind=ToDo.CALL, words="telephone or write by post: every reminder was sent", on=found.overdue_from
        )
    if found.unreceipted:
        return NextStep(kind=ToDo.CALL, words="telephone: its usual acknowledgement is missing")
    until = found.next_on or found.overdue_from
    return NextStep(kind=ToDo.WAIT, words=f"wait until {until}" if until else "wait for an answer", on=until)


def _urgency(one: NextStep) -> tuple[int, date]:
    return _ORDER[one.kind], one.on or date.max


_ORDER = {kind: number for number, kind in enumerate(ToDo)}
