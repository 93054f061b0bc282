"""Where each state stands, and what its organisers do next."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from outreach.model.heard import Heard
from outreach.model.inbound import InboundKind
from outreach.model.log import Group, Log, LogRow
from outreach.model.matrix import Deadline, Matrix, MatrixRow, Tally
from outreach.model.report import Progress


@dataclass(frozen=True, slots=True)
class _Facts:
    """Everything of one state that the next step depends on."""

    rows: list[LogRow]
    heard: list[Heard]
    late: frozenset[str]  #: institutions whose answer is overdue
    matrix: MatrixRow | None

    def any_in(self, *groups: Group) -> bool:
        return any(row.group in groups for row in self.rows)

    def who(self, kind: InboundKind) -> set[str]:
        return {one.institution for one in self.heard if one.kind is kind}

    def cells(self, tally: Tally) -> int:
        return sum(cell.tally is tally for cell in self.matrix.cells) if self.matrix else 0

    @property
    def broken_promises(self) -> int:
        return sum(cell.deadline is Deadline.OVERDUE for cell in self.matrix.cells) if self.matrix else 0

    @property
    def stated(self) -> bool:
        silent = {Tally.NONE, Tally.NOT_ASKED}
        return self.matrix is not None and any(cell.tally not in silent for cell in self.matrix.cells)


def progress(log: Log, matrix: Matrix, heard: Iterable[Heard], late: Collection[str] = ()) -> tuple[Progress, ...]:
    """One line per state of the log or the matrix, by name. `late` are institutions whose answer is overdue."""
    names = {one.state: one.state_name for one in matrix.rows} | {one.state: one.state_name for one in log.states}
    cells = {row.state: row for row in matrix.rows}
    rows: dict[str, list[LogRow]] = {}
    for row in log.rows:
        rows.setdefault(row.state, []).append(row)
    mails: dict[str, list[Heard]] = {}
    for one in heard:
        mails.setdefault(one.state, []).append(one)
    return tuple(
        _line(code, names[code], _Facts(rows.get(code, []), mails.get(code, []), frozenset(late), cells.get(code)))
        for code in sorted(names, key=lambda code: (names[code].casefold(), code))
    )


def summed(lines: Collection[Progress]) -> Progress:
    """The last line of the table."""
    return Progress(
        state="",
        state_name="all",
        institutions=sum(one.institutions for one in lines),
        sent=sum(one.sent for one in lines),
        accepted=sum(one.accepted for one in lines),
        bounced=sum(one.bounced for one in lines),
        not_sent=sum(one.not_sent for one in lines),
        acknowledged=sum(one.acknowledged for one in lines),
        answered=sum(one.answered for one in lines),
        overdue=sum(one.overdue for one in lines),
        next_step="",
    )


def _line(state: str, name: str, facts: _Facts) -> Progress:
    answered = facts.who(InboundKind.REPLY)
    accepted = sum(row.group is Group.ACCEPTED for row in facts.rows)
    bounced = sum(row.group is Group.BOUNCED for row in facts.rows)
    late = {row.institution for row in facts.rows} & facts.late - answered
    return Progress(
        state=state,
        state_name=name,
        institutions=len(facts.rows),
        sent=accepted + bounced,
        accepted=accepted,
        bounced=bounced,
        not_sent=len(facts.rows) - accepted - bounced,
        acknowledged=len(facts.who(InboundKind.ACKNOWLEDGEMENT) - answered),
        answered=len(answered),
        overdue=len(late) + facts.broken_promises,
        next_step=_next(facts, answered=bool(answered), late=bool(late)),
    )


def _next(facts: _Facts, *, answered: bool, late: bool) -> str:  # noqa: C901  a list of cases, the first that fits
    if facts.any_in(Group.IN_DOUBT):
        return "settle the letter in doubt"
    if facts.broken_promises:
        return "ask what became of the promise"
    if facts.cells(Tally.UNSUPPORTED):
        return "find the source again"
    if answered and not facts.stated:
        return "read the answer, record the position"
    if late:
        return "write again"
    if facts.any_in(Group.BOUNCED, Group.REFUSED) and not facts.any_in(Group.ACCEPTED):
        return "find another address"
    if facts.any_in(Group.HELD):
        return "look at what is held"
    if facts.any_in(Group.DRAFT):
        return "approve the drafts"
    if facts.any_in(Group.QUEUED):
        return "send"
    if facts.cells(Tally.NONE) and (answered or facts.stated):
        return "ask about the other demands"
    if facts.stated:
        return "nothing: every demand has a position"
    if facts.any_in(Group.ACCEPTED):
        return "wait for an answer"
    return "write by post" if facts.any_in(Group.BY_POST) else "nothing planned"
