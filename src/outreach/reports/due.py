"""Who is silent, as a terminal's table, as CSV and as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TextIO

from outreach.model.correspondence import NotChased
from outreach.model.due import OWING, Due, DueGroup, DueRow
from outreach.reports.cells import clean
from outreach.reports.columns import NOTES, Column, counted
from outreach.reports.table import TextTable
from outreach.reports.writers import csv_to, json_to

SCHEMA = "outreach.due/1"  #: raised when a field changes its meaning or goes; new fields may come any time


def due_table(due: Due, *, every: bool = False) -> TextTable:
    """Whoever owes an answer, or everybody, the longest silent first; with what is next, or why nothing is today."""
    rows = [row for row in due.rows if every or row.group in OWING]
    return TextTable(
        head=("state", "institution", "is", "since (UTC)", "answer due", "next"),
        rows=tuple(map(_cells, rows)),
        right=(),
    )


def due_totals(due: Due) -> str:
    """One line in which the parts add up to the institutions."""
    note = f"{NOTES[due.mode]}. " if NOTES[due.mode] else ""
    parts = [f"{due.counts[group]:,} {group.value}" for group in DueGroup if due.counts[group]]
    return f"{note}{counted(len(due.rows), 'institution')}: {', '.join(parts) or 'none'}."


def write_due_csv(due: Due, to: TextIO | Path, *, overwrite: bool = False) -> None:
    """Every institution, one a line, every cell quoted, none of them a formula."""
    note = f"{NOTES[due.mode]}. {due.campaign}: due on {due.at:%Y-%m-%d %H:%M} UTC" if NOTES[due.mode] else ""
    csv_to(to, _columns(due), due.rows, note=note, overwrite=overwrite)


def write_due_json(due: Due, to: TextIO | Path, *, overwrite: bool = False) -> None:
    """One object; times are ISO 8601 in UTC, what is not known is null."""
    made = {
        "schema": SCHEMA,
        "note": NOTES[due.mode],
        "mode": due.mode.value,
        "campaign": clean(due.campaign),
        "at": due.at.isoformat(timespec="seconds"),
        "institutions": len(due.rows),
        "totals": {group.name.lower(): due.counts[group] for group in DueGroup},
        "rows": [_object(row) for row in due.rows],
    }
    json_to(to, made, overwrite=overwrite)


def _cells(row: DueRow) -> tuple[str, ...]:
    return (
        row.state,
        row.institution,
        row.group.value,
        f"{row.since:%Y-%m-%d}" if row.since else "",
        row.due.isoformat() if row.due else "",
        "; ".join(part for part in (_signal(row), _next(row), _why_not(row)) if part),
    )


def _signal(row: DueRow) -> str:
    return "no usual acknowledgement" if row.unreceipted else ""


def _next(row: DueRow) -> str:
    """`reminder 1 from 2026-03-06`, `reminder 1: draft`."""
    if row.next_step is None or row.next_on is None:
        return ""
    then = f": {row.under_way}" if row.under_way else f" from {row.next_on.isoformat()}"
    return f"reminder {row.next_step}{then}"


def _why_not(row: DueRow) -> str:
    """`in recess`; nothing where the day of the reminder says it."""
    return "" if row.why_not == NotChased.NOT_DUE and _next(row) else row.why_not


def _columns(due: Due) -> list[Column[DueRow]]:
    return [
        Column(head="state", value=lambda row: row.state),
        Column(head="state name", value=lambda row: row.state_name),
        Column(head="institution", value=lambda row: row.institution),
        Column(head="name", value=lambda row: row.name),
        Column(head="role", value=lambda row: row.role),
        Column(head="is", value=lambda row: row.group.value),
        Column(head="letters", value=lambda row: row.letters),
        Column(head="since (UTC)", value=lambda row: row.since),
        Column(head="answer due", value=lambda row: row.due),
        Column(head="overdue from", value=lambda row: row.overdue_from),
        Column(head="very overdue from", value=lambda row: row.very_overdue_from),
        Column(head="next reminder", value=lambda row: row.next_step),
        Column(head="from", value=lambda row: row.next_on),
        Column(head="its status", value=lambda row: row.under_way),
        Column(head="why no reminder today", value=lambda row: row.why_not),
        Column(head="usual acknowledgement missing", value=lambda row: "yes" if row.unreceipted else ""),
        Column(head="mode", value=lambda _: due.mode.value),
    ]


def _object(row: DueRow) -> dict[str, Any]:
    return {
        "state": row.state,
        "state_name": clean(row.state_name),
        "institution": clean(row.institution),
        "name": clean(row.name),
        "role": clean(row.role),
        "group": row.group.name.lower(),
        "letters": row.letters,
        "since": row.since.isoformat(timespec="seconds") if row.since else None,
        "due": row.due.isoformat() if row.due else None,
        "overdue_from": row.overdue_from.isoformat() if row.overdue_from else None,
        "very_overdue_from": row.very_overdue_from.isoformat() if row.very_overdue_from else None,
        "next_step": row.next_step,
        "next_on": row.next_on.isoformat() if row.next_on else None,
        "under_way": row.under_way or None,
        "why_not": clean(row.why_not) or None,
        "unreceipted": row.unreceipted,
    }
