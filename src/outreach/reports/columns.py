"""What the exports show of a log: their columns, their heads, and the words that stand over them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from outreach.model.campaign import Mode
from outreach.model.log import Group, Log, LogRow, StateRow
from outreach.reports.cells import Cell

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
    """One row per institution."""
    return [
        Column(head="state", value=lambda row: row.state),
        Column(head="state name", value=lambda row: row.state_name),
        Column(head="institution", value=lambda row: row.institution),
        Column(head="name", value=lambda row: row.name),
        Column(head="role", value=lambda row: row.role),
        Column(head="status", value=lambda row: row.words),
        Column(head="reason", value=lambda row: row.reason),
        Column(head="accepted at (UTC)", value=lambda row: row.sent_at),
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


def state_columns() -> list[Column[StateRow]]:
    """One row per state; the counts of a row add up to its institutions."""
    first: list[Column[StateRow]] = [
        Column(head="state", value=lambda row: row.state),
        Column(head="state name", value=lambda row: row.state_name),
        Column(head="institutions", value=lambda row: row.institutions),
    ]
    return first + [Column(head=GROUP_HEADERS.get(group, group.value), value=_count(group)) for group in Group]


def _count(group: Group) -> Callable[[StateRow], Cell]:
    return lambda row: row.counts[group]


def totals(log: Log) -> StateRow:
    """The last line of a table of states."""
    return StateRow(state="", state_name="all", institutions=log.institutions, counts=log.counts)
