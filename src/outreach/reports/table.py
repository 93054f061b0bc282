"""The log as plain rows of strings for a terminal's tables; the door prints them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from outreach.model.log import Group, Log, LogRow, StateRow
from outreach.model.matrix import Cell as PositionCell
from outreach.model.matrix import Tally
from outreach.reports.cells import Cell
from outreach.reports.columns import GROUP_HEADERS, NOTES, OWN_LETTERS, Column, Row, counted
from outreach.rules.positions import WORDS

#: Columns of a terminal from which a table has room for more.
WIDE, WIDEST = 100, 160
#: Letters' groups that a wide table of states names only when somebody is in them; the widest names these always.
_TROUBLE = (Group.BOUNCED, Group.REFUSED, Group.IN_DOUBT, Group.HELD, Group.DRAFT)
_ALWAYS = frozenset(
    {Group.ACCEPTED, Group.QUEUED, Group.REFUSED, Group.IN_DOUBT, Group.HELD, Group.SKIPPED, Group.BY_POST}
)


class TextTable(NamedTuple):
    """A table of strings; `right` are the columns that hold numbers."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[int, ...]


def state_table(log: Log, *, width: int = WIDEST) -> TextTable:
    """One row per state and a last one for all: what fits into so many columns of a terminal.

    Always how many of its institutions a letter was sent to, how many answered, its positions, and what is next.
    """

    def positions(one: StateRow) -> str:
        return _positions(log.matrix.cells if one is log.total else one.cells)

    columns: list[tuple[Column[StateRow], bool]] = [
        (Column(head="state", value=lambda one: one.state), False),
        (Column(head="", value=lambda one: one.state_name), False),
    ]
    if width >= WIDEST:
        columns.append((Column(head="institutions", value=lambda one: one.institutions), True))
        columns += [(_group(one), True) for one in Group if one in _ALWAYS or log.counts[one]]
    else:
        columns.append((Column(head="sent", value=lambda one: f"{one.sent:,} of {one.institutions:,}"), True))
        columns += [(_group(one), True) for one in _TROUBLE if width >= WIDE and log.counts[one]]
    if log.total.own_letters and width >= WIDEST:
        columns.append((Column(head=OWN_LETTERS, value=lambda one: one.own_letters), True))
    if width >= WIDE:
        columns.append((Column(head="acknowledged", value=lambda one: one.acknowledged), True))
    columns += [
        (Column(head="answered", value=lambda one: one.answered), True),
        (Column(head="overdue", value=lambda one: one.overdue), True),
        (
            Column(head="positions", value=lambda one: _positions(log.matrix.cells if one is log.total else one.cells)),
            False,
        ),
        (Column(head="next step", value=lambda one: one.next.words), False),
    ]
    return _made(columns, (*log.states, log.total))


def detail_table(log: Log, *, width: int = WIDEST) -> TextTable:
    """One row per institution: its letter and why or where else, its correspondence, and what is next."""
    columns: list[tuple[Column[LogRow], bool]] = [
        (Column(head="state", value=lambda row: row.state), False),
        (Column(head="institution", value=lambda row: row.institution), False),
    ]
    if width >= WIDE:
        columns.append((Column(head="name", value=lambda row: row.name), False))
    columns.append((Column(head="status", value=_words if width >= WIDEST else _status), False))
    if width >= WIDEST:
        columns += [
            (Column(head="accepted (UTC)", value=_accepted), False),
            (Column(head="tries", value=lambda row: row.attempts or ""), True),
            (Column(head="the server's words", value=_server), False),
        ]
    columns.append((Column(head="correspondence", value=_correspondence), False))
    if width >= WIDE:
        columns.append((Column(head="why, or where", value=_where), False))
    columns.append((Column(head="next step", value=lambda row: row.next.words), False))
    return _made(columns, log.rows)


def totals_line(log: Log) -> str:
    """One line in which the parts add up to the institutions; it says REHEARSAL when it is one."""
    note = f"{NOTES[log.mode]}. " if NOTES[log.mode] else ""
    parts = [f"{log.counts[group]:,} {GROUP_HEADERS.get(group, group.value)}" for group in Group if log.counts[group]]
    whole = f"{counted(log.institutions, 'institution')} of {counted(log.states_planned, 'state')}"
    return f"{note}{whole}: {', '.join(parts) or 'none'}."


def answers_line(log: Log) -> str:
    """The same institutions by where their correspondence stands."""
    parts = [f"{count:,} {group.value}" for group, count in log.total.correspondence.items() if count]
    promises = f" The day of {counted(log.total.promises_overdue, 'promise')} is over." * bool(
        log.total.promises_overdue
    )
    return f"Their answers: {', '.join(parts) or 'none'}.{promises}"


def own_letters_line(log: Log) -> str:
    """`Supporters: 12 letters from own mailboxes, to 3 institutions.`; "" where nobody wrote one."""
    if not log.total.own_letters:
        return ""
    letters = counted(log.total.own_letters, "letter")
    institutions = counted(sum(row.own_letters > 0 for row in log.rows), "institution")
    return f"Supporters: {letters} from own mailboxes, to {institutions}."


def letters_line(log: Log) -> str:
    """The letters alone, as of a round of reminders: `3 accepted by the mail server, 1 draft, not approved`."""
    left_out = {Group.SKIPPED, Group.BY_POST}
    parts = [
        f"{log.counts[group]:,} {GROUP_HEADERS.get(group, group.value)}"
        for group in Group
        if log.counts[group] and group not in left_out
    ]
    return ", ".join(parts) or "none"


def _made(columns: list[tuple[Column[Row], bool]], rows: Iterable[Row]) -> TextTable:
    return TextTable(
        head=tuple(column.head for column, _ in columns),
        rows=tuple(tuple(_text(column.value(row)) for column, _ in columns) for row in rows),
        right=tuple(index for index, (_, right) in enumerate(columns) if right),
    )


def _text(value: Cell) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value or "")


def _group(group: Group) -> Column[StateRow]:
    return Column(head=group.value, value=lambda one: one.counts[group])


def _positions(cells: Iterable[PositionCell]) -> str:
    """`1 supports of 3`, `none of 3`: those of `outreach positions` in a few words."""
    found = Counter(cell.tally for cell in cells)
    asked = sum(found.values()) - found[Tally.NOT_ASKED]
    known = [tally for tally in Tally if found[tally] and tally not in {Tally.NONE, Tally.NOT_ASKED}]
    said = ", ".join(f"{found[tally]:,} {WORDS[tally]}" for tally in known) or WORDS[Tally.NONE]
    return f"{said} of {asked:,}" if asked else ""


def _correspondence(row: LogRow) -> str:
    """`awaiting until 2026-03-06`, `answered 2026-02-03`."""
    words = row.correspondence.value
    if row.answered_at:
        return f"{words} {row.answered_at:%Y-%m-%d}"
    until = f" until {row.due}" if row.due and not row.overdue else f" since {row.due}" if row.due else ""
    return f"{words}{until}"


def _words(row: LogRow) -> str:
    return row.words


def _status(row: LogRow) -> str:
    return row.group.value


def _accepted(row: LogRow) -> str:
    return f"{row.sent_at:%Y-%m-%d %H:%M}" if row.sent_at else ""


def _server(row: LogRow) -> str:
    return " ".join(part for part in (str(row.server_code or ""), row.server_text) if part)


def _where(row: LogRow) -> str:
    return "; ".join(part for part in (row.reason, row.post, row.form) if part)
