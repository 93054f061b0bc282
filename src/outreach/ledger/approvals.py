"""What a person decides about letters that have not left: approve, return to draft, hold."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import bindparam, select

from outreach.errors import ApprovalError
from outreach.ledger.changes import AFRESH, Move, move
from outreach.ledger.schema import OURS, dispatch
from outreach.ledger.store import Tx
from outreach.model.event import EventKind
from outreach.model.status import HeldReason, Status, may_become

CHUNK = 500
_T = TypeVar("_T")

_HERE = (dispatch.c.campaign == bindparam("campaign"), dispatch.c.step == bindparam("step"), OURS)
_DRAFTS = (
    select(dispatch.c.id, dispatch.c.letter_sha, dispatch.c.recipient, dispatch.c.n)
    .where(*_HERE, dispatch.c.status == Status.DRAFT.value)
    .order_by(dispatch.c.id)
)
_LOCKED_DRAFTS = _DRAFTS.with_for_update()
_UNPLANNED = (
    select(dispatch.c.n)
    .where(*_HERE, dispatch.c.status == Status.QUEUED.value, dispatch.c.planned.is_(False))
    .with_for_update()
)
_BY_ID = (
    select(dispatch.c.n, dispatch.c.status).where(dispatch.c.id.in_(bindparam("ids", expanding=True))).with_for_update()
)


def drafts_digest(tx: Tx, campaign: str, step: int) -> str:
    """What an approval names: which drafts there are, with which bytes, to whom."""
    return _digest(tx.each(_DRAFTS, campaign=campaign, step=step), [])


def approve(tx: Tx, campaign: str, step: int, *, digest: str, by: str) -> tuple[int, int]:
    """Queue every draft in the name of `by`, and cancel approved letters that are no longer planned."""
    drafts: list[int] = []
    found = _digest(tx.each(_LOCKED_DRAFTS, campaign=campaign, step=step), drafts)
    if found != digest:
        raise ApprovalError(
            f"The drafts are not those that were shown: their digest is {found[:12]}…, not {digest[:12]}….",
            where=tx.where,
            todo="Somebody planned again in between: look at the plan once more, then approve it.",
        )
    drafts.sort()
    for chunk in _chunks(drafts):
        move(
            tx,
            [
                Move(
                    n=n,
                    was=Status.DRAFT,
                    now=Status.QUEUED,
                    kind=EventKind.QUEUED,
                    who=by,
                    detail={"digest": digest},
                    also={"planned": True},
                )
                for n in chunk
            ],
        )
    unplanned = tx.all(_UNPLANNED, campaign=campaign, step=step)
    move(
        tx,
        [
            Move(
                n=n,
                was=Status.QUEUED,
                now=Status.CANCELLED,
                kind=EventKind.CANCELLED,
                who=by,
                detail={"why": "no longer planned"},
            )
            for (n,) in unplanned
        ],
    )
    return len(drafts), len(unplanned)


def return_to_draft(tx: Tx, dispatches: Iterable[str], *, why: str) -> int:
    """Take letters that have not left back to draft; the others stay, and are not counted."""
    moves = [
        Move(
            n=row.n,
            was=Status(row.status),
            now=Status.DRAFT,
            kind=EventKind.RETURNED,
            detail={"why": why},
            also=AFRESH,
        )
        for row in _rows(tx, dispatches)
        if may_become(Status(row.status), Status.DRAFT)
    ]
    move(tx, moves)
    return len(moves)


def hold(tx: Tx, dispatches: Iterable[str], reason: HeldReason, *, why: str, by: str) -> int:
    """Let drafts and approved letters wait for a person; the others stay, and are not counted."""
    moves = [
        Move(
            n=row.n,
            was=Status(row.status),
            now=Status.HELD,
            kind=EventKind.HELD,
            who=by,
            detail={"reason": reason.value, "why": why},
            also={"held": reason.value},
        )
        for row in _rows(tx, dispatches)
        if row.status in {Status.DRAFT.value, Status.QUEUED.value}
    ]
    move(tx, moves)
    return len(moves)


def _rows(tx: Tx, dispatches: Iterable[str]) -> Iterator[Any]:
    for chunk in _chunks(sorted(set(dispatches))):
        yield from tx.find(_BY_ID, ids=chunk)


def _digest(rows: Iterable[Sequence[object]], numbers: list[int]) -> str:
    """Over ids, hashes and recipients in the order of the ids; the rows' numbers are collected on the way."""
    digest = hashlib.sha256()
    for identifier, letter_sha, recipient, n in rows:
        digest.update(f"{identifier}\0{letter_sha}\0{recipient}\n".encode())
        numbers.append(n)  # type: ignore[arg-type]
    return digest.hexdigest()


def _chunks(items: list[_T]) -> Iterator[list[_T]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]
