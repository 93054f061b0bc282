"""The log as plain rows of strings for a terminal's tables; the door prints them."""

from __future__ import annotations

from typing import NamedTuple

from outreach.model.log import Group, Log, LogRow, StateRow
from outreach.reports.columns import GROUP_HEADERS, NOTES, counted, totals

#: Columns that are always there; the other groups only when something is in them.
_ALWAYS = frozenset(
    {Group.ACCEPTED, Group.QUEUED, Group.REFUSED, Group.IN_DOUBT, Group.HELD, Group.SKIPPED, Group.BY_POST}
)


class TextTable(NamedTuple):
    """A table of strings; `right` are the columns that hold numbers."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[int, ...]


def state_table(log: Log) -> TextTable:
    """One row per state and a last one for all."""
    groups = _groups(log)

    def cells(one: StateRow) -> tuple[str, ...]:
        return (one.state, one.state_name, f"{one.institutions:,}", *(f"{one.counts[group]:,}" for group in groups))

    return TextTable(
        head=("state", "", "institutions", *(group.value for group in groups)),
        rows=(*map(cells, log.states), cells(totals(log))),
        right=tuple(range(2, 3 + len(groups))),
    )


def detail_table(log: Log) -> TextTable:
    """One row per institution: its status, when it was accepted, the server's words, and why or where else."""
    return TextTable(
        head=(
            "state",
            "institution",
            "name",
            "status",
            "accepted (UTC)",
            "tries",
            "the server's words",
            "why, or where",
        ),
        rows=tuple(map(_institution, log.rows)),
        right=(5,),
    )


def totals_line(log: Log) -> str:
    """One line in which the parts add up to the institutions; it says REHEARSAL when it is one."""
    note = f"{NOTES[log.mode]}. " if NOTES[log.mode] else ""
    parts = [f"{log.counts[group]:,} {GROUP_HEADERS.get(group, group.value)}" for group in Group if log.counts[group]]
    whole = f"{counted(log.institutions, 'institution')} of {counted(len(log.states), 'state')}"
    return f"{note}{whole}: {', '.join(parts) or 'none'}."


def letters_line(log: Log) -> str:
    """The letters alone, as of a round of reminders: `3 accepted by the mail server, 1 draft, not approved`."""
    left_out = {Group.SKIPPED, Group.BY_POST}
    parts = [
        f"{log.counts[group]:,} {GROUP_HEADERS.get(group, group.value)}"
        for group in Group
        if log.counts[group] and group not in left_out
    ]
    return ", ".join(parts) or "none"


def _groups(log: Log) -> list[Group]:
    return [group for group in Group if group in _ALWAYS or log.counts[group]]


def _institution(row: LogRow) -> tuple[str, ...]:
    server = " ".join(part for part in (str(row.server_code or ""), row.server_text) if part)
    where = "; ".join(part for part in (row.reason, row.post, row.form) if part)
    return (
        row.state,
        row.institution,
        row.name,
        row.words,
        f"{row.sent_at:%Y-%m-%d %H:%M}" if row.sent_at else "",
        str(row.attempts or ""),
        server,
        where,
    )
