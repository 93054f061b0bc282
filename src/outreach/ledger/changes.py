"""The only place where a status is written: with its event, in the caller's transaction, as the table allows.

The event itself is written by the database, from the columns `kind`, `who` and `detail` that every change sets: see
triggers.py.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Update, bindparam, insert, update

from outreach.errors import IllegalTransition, LedgerError
from outreach.ledger.rows import FACTS
from outreach.ledger.schema import dispatch, event
from outreach.ledger.store import Tx
from outreach.model.event import EventKind
from outreach.model.status import Status, may_become


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One dispatch from one status to another, and what else of its row changes with it."""

    n: int
    was: Status
    now: Status
    kind: EventKind
    who: str = ""
    detail: Mapping[str, object] = field(default_factory=dict)
    also: Mapping[str, Any] = field(default_factory=dict)


#: What every return to draft forgets: a draft has not been tried.
AFRESH: Mapping[str, Any] = {
    "planned": True,
    "held": None,
    "tries": 0,
    "crashes": 0,
    "next_at": 0,
    "sent_at": None,
    "server_code": None,
    "server_text": "",
}

_json = json.JSONEncoder(ensure_ascii=False).encode
_IDENTITY = ("id", "campaign", "step", "sender", "institution")
_FRESH = ("status", "changed_at", "kind")
_BEGIN = insert(dispatch).values({name: bindparam(name) for name in (*_IDENTITY, *FACTS, *_FRESH)}).inline()
_NOTE = insert(event).values({c.name: bindparam(c.name) for c in event.columns if c.name != "id"}).inline()


def begin(tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
    """New dispatches, as drafts; `rows` hold what the plan knows of them."""
    fresh = {"status": Status.DRAFT.value, "changed_at": tx.now, "kind": EventKind.DRAFTED.value}
    tx.many(_BEGIN, [{**row, **fresh} for row in rows])


def move(tx: Tx, moves: Sequence[Move]) -> None:
    """Change statuses. Raises IllegalTransition before anything is written.

    The caller has read the rows in this transaction and, on PostgreSQL, locked them.
    """
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for one in moves:
        groups[tuple(one.also)].append(_values(tx, one))
    for also, rows in groups.items():
        changed = tx.many(_update(also), rows)
        if changed != len(rows):
            raise LedgerError(
                f"{len(rows) - changed} letters changed while this command was changing them.",
                where=tx.where,
                todo="Nothing was written; run the command again.",
            )


def move_mine(tx: Tx, one: Move, fence: int, *, only_if: ColumnElement[bool] | None = None) -> bool:
    """Change the status of one letter while the claim with this fence has it and `only_if` holds; False = not so."""
    values = _values(tx, one)
    values["the_fence"] = fence
    return tx.change(_fenced_update(tuple(one.also), only_if), values) == 1


def note(tx: Tx, n: int, status: Status, kind: EventKind, detail: Mapping[str, object]) -> None:
    """An event that changes no status."""
    tx.run(
        _NOTE,
        at=tx.now,
        dispatch_n=n,
        kind=kind.value,
        was=status.value,
        became=status.value,
        who="",
        detail=_json(detail),
    )


def correct(tx: Tx, rows: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
    """Change columns that are no status: nothing happened to the letters themselves."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for n, columns in rows:
        groups[tuple(columns)].append({"the_n": n, **columns})
    for names, values in groups.items():
        tx.many(_correction(names), values)


def _values(tx: Tx, one: Move) -> dict[str, Any]:
    if not may_become(one.was, one.now):
        raise IllegalTransition(f"A letter cannot go from {one.was.value} to {one.now.value}.", where=tx.where)
    return {
        "the_n": one.n,
        "the_status": one.was.value,
        "status": one.now.value,
        "changed_at": tx.now,
        "kind": one.kind.value,
        "who": one.who,
        "detail": _json(one.detail) if one.detail else "{}",
        **one.also,
    }


@lru_cache(maxsize=64)
def _update(also: tuple[str, ...]) -> Update:
    names = ("status", "changed_at", "kind", "who", "detail", *also)
    return (
        update(dispatch)
        .where(dispatch.c.n == bindparam("the_n"), dispatch.c.status == bindparam("the_status"))
        .values({name: bindparam(name) for name in names})
    )


@lru_cache(maxsize=64)
def _fenced_update(also: tuple[str, ...], only_if: ColumnElement[bool] | None) -> Update:
    mine = _update(also).where(dispatch.c.fence == bindparam("the_fence"))
    return mine if only_if is None else mine.where(only_if)


@lru_cache(maxsize=64)
def _correction(names: tuple[str, ...]) -> Update:
    if "status" in names:
        raise ValueError("a status is changed by `move` alone")
    return update(dispatch).where(dispatch.c.n == bindparam("the_n")).values({name: bindparam(name) for name in names})
