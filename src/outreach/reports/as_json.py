"""The log as JSON: one stable, versioned schema for scripts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any, TextIO

from outreach.model.due import DueGroup
from outreach.model.log import Group, Log, LogRow, NextStep, StateRow
from outreach.model.matrix import Cell
from outreach.reports.cells import clean
from outreach.reports.columns import NOTES
from outreach.reports.writers import json_to

SCHEMA = "outreach.log/1"  #: raised when a field changes its meaning or goes; new fields may come any time


def write_json(log: Log, to: TextIO | Path, *, overwrite: bool = False) -> None:
    """Write one object to a stream, or a new file, whole or not at all: OutreachError when it exists.

    Times are ISO 8601 in UTC; what is not known is null.
    """
    json_to(to, as_object(log), overwrite=overwrite)


def as_object(log: Log) -> dict[str, Any]:
    """The log as plain lists, numbers and strings."""
    return {
        "schema": SCHEMA,
        "note": NOTES[log.mode],
        "mode": log.mode.value,
        "campaign": clean(log.campaign),
        "at": log.at.isoformat(timespec="seconds"),
        "institutions": log.institutions,
        "demands": [{"slug": one.slug, "title": clean(one.title)} for one in log.matrix.demands],
        "totals": _groups(log.counts),
        "answers": _answers(log.total),
        "statuses": _plain(log.statuses),
        "skips": _plain(log.skips),
        "states": [_state(one) for one in log.states],
        "rows": [_row(one) for one in log.rows],
    }


def _state(one: StateRow) -> dict[str, Any]:
    return {
        "state": one.state,
        "state_name": clean(one.state_name),
        "institutions": one.institutions,
        **_groups(one.counts),
        **_answers(one),
        "positions": {cell.demand: _position(cell) for cell in one.cells},
        "next_step": _next(one.next),
    }


def _answers(one: StateRow) -> dict[str, Any]:
    return {
        "sent": one.sent,
        "acknowledged": one.acknowledged,
        "answered": one.answered,
        "overdue": one.overdue,
        "promises_overdue": one.promises_overdue,
        "own_letters": one.own_letters,
        "correspondence": _groups(one.correspondence),
    }


def _position(cell: Cell) -> dict[str, Any]:
    return {
        "counted_as": cell.tally.value,
        "asked": cell.asked,
        "record": cell.stated.id if cell.stated else None,
        "promised_by": _iso(cell.stated.due_on) if cell.stated else None,
        "promise": cell.deadline.value if cell.deadline else None,
    }


def _next(one: NextStep) -> dict[str, Any]:
    return {"kind": one.kind.value, "words": clean(one.words), "on": _iso(one.on)}


def _row(one: LogRow) -> dict[str, Any]:
    return {
        "state": one.state,
        "state_name": clean(one.state_name),
        "institution": clean(one.institution),
        "name": clean(one.name),
        "role": clean(one.role),
        "group": _key(one.group),
        "status": one.status.value if one.status else None,
        "skip": one.skip.value if one.skip else None,
        "words": one.words,
        "reason": clean(one.reason),
        "demands": list(one.demands),
        "languages": list(one.languages),
        "dated": _iso(one.dated),
        "sent_at": _iso(one.sent_at),
        "attempts": one.attempts,
        "server_code": one.server_code,
        "server_text": clean(one.server_text),
        "recipient": one.recipient,
        "post": clean(one.post),
        "form": clean(one.form),
        "correspondence": _key(one.correspondence),
        "acknowledged_at": _iso(one.acknowledged_at),
        "answered_at": _iso(one.answered_at),
        "due": _iso(one.due),
        "own_letters": one.own_letters,
        "next_step": _next(one.next),
    }


def _iso(when: date | datetime | None) -> str | None:
    if isinstance(when, datetime):
        return when.isoformat(timespec="seconds")
    return when.isoformat() if when else None


def _key(group: Group | DueGroup) -> str:
    return group.name.lower()


def _groups(counts: Mapping[Group, int] | Mapping[DueGroup, int]) -> dict[str, int]:
    return {_key(group): count for group, count in counts.items()}


def _plain(counts: Mapping[Any, int]) -> dict[str, int]:
    return {str(key.value) if isinstance(key, Enum) else str(key): count for key, count in sorted(counts.items())}
