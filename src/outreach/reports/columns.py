"""What the exports show of a log: their columns, their heads, and the words that stand over them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from outreach.model.campaign import Mode
from outreach.model.due import DueGroup
from outreach.model.log import Group, Log, LogRow, StateRow
from outreach.model.matrix import Cell as PositionCell
from outreach.model.matrix import Deadline, Tally
from outreach.reports.cells import Cell
from outreach.rules.positions import WORDS

Row = TypeVar("Row")

NOTES = {
    Mode.REHEARSAL: "REHEARSAL: nothing was sent to any state",
    Mode.TO_ME: "TO ME: every letter went to the organiser's own box",
    Mode.LIVE: "",
}

GROUP_HEADERS = {
    Group.ACCEPTED: "accepted by the mail server",
    Group.QUEUED: "approved, waiting",
    Group.DRAFT: "draft, not approved",
    Group.REFUSED: "refused by the mail server",
    Group.CLOSED: "cancelled or suppressed",
}


OWN_LETTERS = "letters from own mailboxes"  #: of supporters; an institution counts each address once
DEADLINES = {Deadline.OPEN: "", Deadline.DUE: "due", Deadline.OVERDUE: "OVERDUE"}


def title(log: Log) -> str:
    """One line: REHEARSAL when it is one, the campaign, and when the log was made."""
    head = f"{NOTES[log.mode]}. " if NOTES[log.mode] else ""
    return f"{head}{log.campaign}: log of {log.at:%Y-%m-%d %H:%M} UTC, {counted(log.institutions, 'institution')}"


def counted(count: int, word: str) -> str:
    """`1 institution`, `2 institutions`."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column(Generic[Row]):
    """One column: its head and what stands in it."""

    head: str
    value: Callable[[Row], Cell]


def institution_columns(log: Log) -> list[Column[LogRow]]:
    """One row per institution; the positions in it are those of its state."""
    cells = {one.state: one.cells for one in log.states}
    return [
        Column(head="state", value=lambda row: row.state),
        Column(head="state name", value=lambda row: row.state_name),
        Column(head="institution", value=lambda row: row.institution),
        Column(head="name", value=lambda row: row.name),
        Column(head="role", value=lambda row: row.role),
        Column(head="status", value=lambda row: row.words),
        Column(head="reason", value=lambda row: row.reason),
        Column(head="accepted at (UTC)", value=lambda row: row.sent_at),
        Column(head="correspondence", value=lambda row: row.correspondence.value),
        Column(head="acknowledged at (UTC)", value=lambda row: row.acknowledged_at),
        Column(head="answered at (UTC)", value=lambda row: row.answered_at),
        Column(head="answer due", value=lambda row: row.due),
        Column(head="next step", value=lambda row: row.next.words),
        Column(head="next step on", value=lambda row: row.next.on),
        Column(head=OWN_LETTERS, value=lambda row: row.own_letters),
        *_positions(log, lambda row: cells[row.state]),
        Column(head="server code", value=lambda row: row.server_code),
        Column(head="server's words", value=lambda row: row.server_text),
        Column(head="attempts", value=lambda row: row.attempts),
        Column(head="demands", value=lambda row: ", ".join(row.demands)),
        Column(head="languages", value=lambda row: ", ".join(row.languages)),
        Column(head="letter dated", value=lambda row: row.dated),
        Column(head="recipient", value=lambda row: row.recipient),
        Column(head="post", value=lambda row: row.post),
        Column(head="form", value=lambda row: row.form),
        Column(head="mode", value=lambda _: log.mode.value),
    ]


def state_columns(log: Log) -> list[Column[StateRow]]:
    """One row per state. Two sets of counts add up to its institutions: of letters, and of correspondences."""
    return [
        Column(head="state", value=lambda row: row.state),
        Column(head="state name", value=lambda row: row.state_name),
        Column(head="institutions", value=lambda row: row.institutions),
        Column(head="sent", value=lambda row: row.sent),
        Column(head="acknowledged", value=lambda row: row.acknowledged),
        Column(head="answered", value=lambda row: row.answered),
        Column(head="overdue", value=lambda row: row.overdue),
        Column(head="promises overdue", value=lambda row: row.promises_overdue),
        Column(head=OWN_LETTERS, value=lambda row: row.own_letters),
        *_positions(log, lambda row: row.cells),
        Column(head="next step", value=lambda row: row.next.words),
        Column(head="next step on", value=lambda row: row.next.on),
        *(Column(head=f"letter: {GROUP_HEADERS.get(one, one.value)}", value=_count(one)) for one in Group),
        *(Column(head=f"correspondence: {one.value}", value=_answers(one)) for one in DueGroup),
    ]


def _positions(log: Log, cells: Callable[[Row], Sequence[PositionCell]]) -> list[Column[Row]]:
    """One column per demand."""

    def at(index: int) -> Callable[[Row], Cell]:
        return lambda row: cell_words(its[index]) if (its := cells(row)) else None

    return [Column(head=f"position: {one.slug}", value=at(index)) for index, one in enumerate(log.matrix.demands)]


def cell_words(cell: PositionCell) -> str:
    """`supports (OVERDUE by 2026-03-01)`; what it was before its source went is said."""
    said = cell.stated.position.value.replace("_", " ") if cell.stated and cell.tally is Tally.UNSUPPORTED else ""
    words = f"unsupported ({said})" if said else WORDS[cell.tally]
    if cell.deadline is None or cell.stated is None:
        return words
    return f"{words} ({' '.join(filter(None, (DEADLINES[cell.deadline], f'by {cell.stated.due_on}')))})"


def _count(group: Group) -> Callable[[StateRow], Cell]:
    return lambda row: row.counts[group]


def _answers(group: DueGroup) -> Callable[[StateRow], Cell]:
    return lambda row: row.correspondence[group]
