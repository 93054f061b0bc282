"""The only place where a status is written: with its event, in the caller's transaction, as the table allows."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import Update, bindparam, insert, select, update

from outreach.errors import IllegalTransition, LedgerError
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


_json = json.JSONEncoder(ensure_ascii=False).encode
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

_BEGIN = insert(dispatch).values({c.name: bindparam(c.name) for c in dispatch.columns if c.name != "n"}).inline()
_EVENT = insert(event).values({c.name: bindparam(c.name) for c in event.columns if c.name != "id"}).inline()


def begin(tx: Tx, rows: Sequence[dict[str, Any]], details: Sequence[Mapping[str, object]]) -> dict[str, int]:
    """New dispatches, as drafts: their ids -> their numbers. `rows` hold what the plan knows of them."""
    fresh = {"status": Status.DRAFT.value, "fence": 0, "lease_until": 0, "changed_at": tx.now, **AFRESH}
    tx.many(_BEGIN, [{**row, **fresh} for row in rows])
    found = tx.named(select(dispatch.c.id, dispatch.c.n).where(dispatch.c.id.in_([row["id"] for row in rows])))
    numbers = {row.id: row.n for row in found}
    tx.many(
        _EVENT,
        [
            _event(tx.now, numbers[row["id"]], EventKind.DRAFTED, None, Status.DRAFT, "", detail)
            for row, detail in zip(rows, details, strict=True)
        ],
    )
    return numbers


def move(tx: Tx, moves: Sequence[Move]) -> None:
    """Change statuses. Raises IllegalTransition before anything is written.

    The caller has read the rows in this transaction and, on PostgreSQL, locked them.
    """
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    now = tx.now
    for one in moves:
        if not may_become(one.was, one.now):
            raise IllegalTransition(f"A letter cannot go from {one.was.value} to {one.now.value}.", where=tx.where)
        groups[tuple(one.also)].append(
            {"the_n": one.n, "the_status": one.was.value, "status": one.now.value, "changed_at": now, **one.also}
        )
    for also, rows in groups.items():
        changed = tx.run(_update(also), **rows[0]) if len(rows) == 1 else tx.many(_update(also), rows)
        if changed != len(rows):
            raise LedgerError(
                f"{len(rows) - changed} letters changed while this command was changing them.",
                where=tx.where,
                todo="Nothing was written; run the command again.",
            )
    tx.many(_EVENT, [_event(now, one.n, one.kind, one.was, one.now, one.who, one.detail) for one in moves])


def move_mine(tx: Tx, one: Move, fence: int) -> bool:
    """Change the status of one letter while the claim with this fence has it; False = it has it no more."""
    if not may_become(one.was, one.now):
        raise IllegalTransition(f"A letter cannot go from {one.was.value} to {one.now.value}.", where=tx.where)
    also = one.also
    changed = tx.run(
        _update(tuple(also), fenced=True),
        the_n=one.n,
        the_status=one.was.value,
        the_fence=fence,
        status=one.now.value,
        changed_at=tx.now,
        **also,
    )
    if changed != 1:
        return False
    tx.run(_EVENT, **_event(tx.now, one.n, one.kind, one.was, one.now, one.who, one.detail))
    return True


def redraft(tx: Tx, rows: Sequence[tuple[int, Mapping[str, Any]]], details: Sequence[Mapping[str, object]]) -> None:
    """Drafts that stay drafts, with other bytes: their rows' facts change, and an event says so."""
    correct(tx, rows)
    draft = Status.DRAFT
    tx.many(
        _EVENT,
        [
            _event(tx.now, n, EventKind.REDRAFTED, draft, draft, "", detail)
            for (n, _), detail in zip(rows, details, strict=True)
        ],
    )


def correct(tx: Tx, rows: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
    """Change columns that are no status: nothing happened to the letters themselves."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for n, columns in rows:
        groups[tuple(columns)].append({"the_n": n, **columns})
    for names, values in groups.items():
        tx.many(_correction(names), values)


@lru_cache(maxsize=64)
def _update(also: tuple[str, ...], *, fenced: bool = False) -> Update:
    names = ("status", "changed_at", *also)
    change = (
        update(dispatch)
        .where(dispatch.c.n == bindparam("the_n"), dispatch.c.status == bindparam("the_status"))
        .values({name: bindparam(name) for name in names})
    )
    return change.where(dispatch.c.fence == bindparam("the_fence")) if fenced else change


@lru_cache(maxsize=64)
def _correction(names: tuple[str, ...]) -> Update:
    if "status" in names:
        raise ValueError("a status is changed by `move` alone")
    return update(dispatch).where(dispatch.c.n == bindparam("the_n")).values({name: bindparam(name) for name in names})


def _event(
    at: int, n: int, kind: EventKind, was: Status | None, now: Status, who: str, detail: Mapping[str, object]
) -> dict[str, Any]:
    return {
        "at": at,
        "dispatch_n": n,
        "kind": kind.value,
        "was": None if was is None else was.value,
        "became": now.value,
        "who": who,
        "detail": _json(detail) if detail else "{}",
    }
