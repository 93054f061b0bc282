"""The mark before the dot, and what became of a claim after it. Every write asks for the claim's own fence."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select, true, update

from outreach.errors import FenceLost
from outreach.ledger.addresses import learn_bounced
from outreach.ledger.changes import Move, correct, move, move_mine, note
from outreach.ledger.hearing import refuse_answered
from outreach.ledger.pauses import NOT_STOPPED, refuse_stopped
from outreach.ledger.schema import attempt, dispatch, event
from outreach.ledger.store import Tx
from outreach.ledger.times import micros
from outreach.model.event import EventKind
from outreach.model.evidence import Says
from outreach.model.receipt import Claim, Outcome, Phase
from outreach.model.status import HeldReason, Status, may_become

_MINE = (
    select(dispatch.c.n, dispatch.c.status, dispatch.c.tries, dispatch.c.address_norm)
    .add_columns(dispatch.c.kind, dispatch.c.server_code, dispatch.c.server_text)
    .where(dispatch.c.id == bindparam("id"), dispatch.c.fence == bindparam("fence"))
    .with_for_update()
)
_ANYBODYS = (
    select(dispatch.c.n, dispatch.c.status, dispatch.c.fence).where(dispatch.c.id == bindparam("id")).with_for_update()
)
_LAST_SENT = (
    select(event.c.detail)
    .where(event.c.dispatch_n == bindparam("n"), event.c.kind == EventKind.SENT.value)
    .order_by(event.c.id.desc())
    .limit(1)
)
_GIVE_BACK = (
    update(attempt)
    .where(attempt.c.id == bindparam("the_id"), attempt.c.fence == bindparam("the_fence"))
    .values(given_back=true())
)

_KINDS = {
    Status.ACCEPTED: EventKind.SENT,
    Status.REJECTED: EventKind.REJECTED,
    Status.IN_DOUBT: EventKind.IN_DOUBT,
    Status.HELD: EventKind.HELD,
}
_BEFORE_MAIL = frozenset({Phase.CONNECT, Phase.LOGIN})
_OPEN = frozenset({Status.CLAIMED, Status.COMMITTED, Status.IN_DOUBT})
_LET_GO = frozenset({Status.QUEUED, Status.DRAFT, Status.HELD})  #: by a person; it has not left since


def mark(tx: Tx, claim: Claim, outcomes: Sequence[Outcome], *, lease: int, date: str) -> None:
    """`claimed` → `committed`, and earlier outcomes with it. The lease begins anew: the dot may take ten minutes.

    `date` is the Date line that was put in front, so that also a letter in doubt is known byte for byte.
    """
    settle(tx, outcomes)
    n = claim.row or _row(tx, claim)
    marked = Move(
        n=n,
        was=Status.CLAIMED,
        now=Status.COMMITTED,
        kind=EventKind.COMMITTED,
        detail={"date": date.removeprefix("Date: ")} if date else {},
        also={"lease_until": tx.now + lease},
    )
    if not move_mine(tx, marked, claim.fence, only_if=NOT_STOPPED):
        if _is_claimed(tx, claim):
            refuse_stopped(tx, n)
        raise FenceLost(
            f'The letter to "{claim.institution}" is no longer ours: its lease ended.',
            where=tx.where,
            todo="It was not sent here; whoever has it now sends it.",
        )
    if claim.step:
        refuse_answered(tx, n)


def settle(tx: Tx, outcomes: Sequence[Outcome]) -> None:
    """Write down how claims ended. Said twice, or by a runner whose letter another has, it changes nothing."""
    for one in outcomes:
        if one.status is not Status.ACCEPTED or not one.claim.row or not _accepted(tx, one):
            _settle(tx, one)


def settle_kept(tx: Tx, one: Outcome, *, aged: bool) -> None:
    """Write down an answer that was kept beside the ledger.

    `aged`: the ledger was put back since, or is another. What may have left meanwhile is unknown to it, and the fences
    were counted anew: such an answer sends nothing again. That the server had the letter is told to a person.
    """
    if aged:
        if one.status is Status.ACCEPTED:
            _note_late(tx, one)
        return
    row = tx.one(_MINE, id=one.claim.dispatch, fence=one.claim.fence)
    if row is not None and row[1] == Status.CLAIMED.value and not may_become(Status.CLAIMED, one.status):
        # The server answered to a mark that the ledger has lost, as a database that takes over may.
        lost = {"text": "the mark was lost, and its answer was kept"}
        move(tx, [Move(n=row[0], was=Status.CLAIMED, now=Status.COMMITTED, kind=EventKind.COMMITTED, detail=lost)])
    settle(tx, [one])


def _accepted(tx: Tx, one: Outcome) -> bool:
    """The way of nearly every letter, without looking first."""
    tries = one.claim.tries + one.charged
    (plain,) = _moves(one.claim.row, Status.COMMITTED, one, tries=tries, now=tx.now)
    return move_mine(tx, plain, one.claim.fence)


def release(tx: Tx, claims: Sequence[Claim]) -> None:
    """Give claims back before MAIL: they do not count against the pace."""
    moves: list[Move] = []
    for one in claims:
        row = tx.one(_MINE, id=one.dispatch, fence=one.fence)
        if row is None or row[1] != Status.CLAIMED.value:
            continue
        moves.append(Move(n=row[0], was=Status.CLAIMED, now=Status.QUEUED, kind=EventKind.RELEASED))
        _give_back(tx, one)
    move(tx, moves)


def _settle(tx: Tx, one: Outcome) -> None:
    """Write down one outcome, and what attempt and address learn from it."""
    row = tx.one(_MINE, id=one.claim.dispatch, fence=one.claim.fence)
    if row is None or (was := Status(row[1])) not in _OPEN:
        if one.status is not Status.ACCEPTED:
            return
        if row is None or was not in _LET_GO:
            _note_late(tx, one)
            return
        if _said_before(tx, row[0], one.claim.fence):
            return  # it bounced since, and waits to go to another address
        # A person let it go again, and it has not left: the server had it all along.
        said = {"text": "the answer to the attempt before came late"}
        kind, also = EventKind.IN_DOUBT, {"held": None} if was is Status.HELD else {}
        move(tx, [Move(n=row[0], was=was, now=Status.IN_DOUBT, kind=kind, detail=said, also=also)])
        row = tx.one(_MINE, id=one.claim.dispatch, fence=one.claim.fence) or row
        was = Status.IN_DOUBT
    n, _, tries, address_norm, kind, *last = row
    if one.address_bad:
        learn_bounced(tx, address_norm, one.text)
    aged = kind == EventKind.RESTORED.value and one.status is not Status.ACCEPTED
    if was is Status.IN_DOUBT and (aged or not may_become(was, one.status)):
        # Its lease ended while the server was thinking, or the ledger was put back. The answer is evidence for whoever
        # settles it.
        if (one.code, one.text) not in {(None, ""), tuple(last)}:
            correct(tx, [(n, _said(one))])
            note(tx, n, was, EventKind.IN_DOUBT, _detail(one))
        return
    if one.status is Status.QUEUED and one.phase in _BEFORE_MAIL:
        _give_back(tx, one.claim)
    for step in _moves(n, was, one, tries=tries + one.charged, now=tx.now):
        move(tx, [step])


def _is_claimed(tx: Tx, claim: Claim) -> bool:
    row = tx.one(_MINE, id=claim.dispatch, fence=claim.fence)
    return row is not None and row[1] == Status.CLAIMED.value


def _said_before(tx: Tx, n: int, fence: int) -> bool:
    """Whether it was written down already that this very attempt was accepted."""
    row = tx.one(_LAST_SENT, n=n)
    return row is not None and json.loads(row[0]).get("fence") == fence


def _note_late(tx: Tx, one: Outcome) -> None:
    """The server had a letter that was settled otherwise, or that another runner has by now: for a person to know."""
    row = tx.one(_ANYBODYS, id=one.claim.dispatch)
    if row is None or (row[1], row[2]) == (Status.ACCEPTED.value, one.claim.fence):
        return  # said twice
    words = f'{one.code} "{one.text}"'
    found = {"source": "late answer of the server", "says": Says.TAKEN.value, "words": words}
    note(tx, row[0], Status(row[1]), EventKind.EVIDENCE, found)


def _row(tx: Tx, claim: Claim) -> int:
    row = tx.one(_MINE, id=claim.dispatch, fence=claim.fence)
    return 0 if row is None else int(row[0])


def _moves(n: int, was: Status, one: Outcome, *, tries: int, now: int) -> list[Move]:
    """One move; two where the table has a stop in between: what was refused after the mark is queued, then held."""
    said = _detail(one)
    next_at = micros(one.next_at) if one.next_at and one.status is Status.QUEUED else 0
    also: dict[str, Any] = {"tries": tries, "next_at": next_at, **_said(one)}
    if one.status is Status.HELD:
        reason = (one.held or HeldReason.SIZE).value
        before = []
        if not may_become(was, Status.HELD):
            before = [Move(n=n, was=was, now=Status.QUEUED, kind=EventKind.DEFERRED, detail=said)]
            was = Status.QUEUED
        also["held"] = reason
        said = {"reason": reason, **said}
        return [*before, Move(n=n, was=was, now=Status.HELD, kind=EventKind.HELD, detail=said, also=also)]
    if one.status is Status.ACCEPTED:
        also["sent_at"] = now
    kind = _KINDS.get(one.status) or (EventKind.RELEASED if one.code is None else EventKind.DEFERRED)
    return [Move(n=n, was=was, now=one.status, kind=kind, detail=said, also=also)]


def _said(one: Outcome) -> dict[str, Any]:
    if one.code is None and not one.text:
        return {}
    return {"server_code": one.code, "server_text": one.text}


def _detail(one: Outcome) -> dict[str, object]:
    """What the event says, as far as it is known."""
    detail = {
        "fence": one.claim.fence,
        "phase": one.phase.value if one.phase else None,
        "code": one.code,
        "text": one.text,
        "date": one.date_header.removeprefix("Date: "),
        "policy": one.policy,
    }
    return {name: value for name, value in detail.items() if value}


def _give_back(tx: Tx, claim: Claim) -> None:
    tx.run(_GIVE_BACK, the_id=claim.attempt, the_fence=claim.fence)
