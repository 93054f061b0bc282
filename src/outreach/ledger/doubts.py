"""Letters that wait for evidence or for a person: what is known of them, and the ways out of waiting."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import bindparam, func, literal_column, select

from outreach.ledger.changes import AFRESH, Move, move, note
from outreach.ledger.rows import STANDING, standing
from outreach.ledger.schema import attempt, deed, dispatch, event, letter
from outreach.ledger.store import Tx
from outreach.ledger.times import moment
from outreach.model.event import EventKind
from outreach.model.evidence import Doubt, Evidence, Neighbour, Says
from outreach.model.ledger import DeedKind
from outreach.model.status import RELEASABLE, HeldReason, Status, may_become

NEIGHBOURS = 3  #: so many before an attempt, and so many after it

_WAITS = dispatch.c.status.in_([literal_column("'in_doubt'"), literal_column("'held'")])
_DOUBTS = (
    select(dispatch.c.n, dispatch.c.fence, letter.c.message_id, *STANDING)
    .join(letter, letter.c.dispatch_n == dispatch.c.n)
    .where(dispatch.c.campaign == bindparam("campaign"), _WAITS)
    .order_by(dispatch.c.step, dispatch.c.n)
)
_ACCOUNT = select(attempt.c.account).where(
    attempt.c.dispatch_n == bindparam("n"), attempt.c.fence == bindparam("fence")
)
_EVENTS = (
    select(event.c.at, event.c.kind, event.c.was, event.c.became, event.c.detail)
    .where(event.c.dispatch_n == bindparam("n"))
    .order_by(event.c.id)
)
_RESTORED = select(func.max(deed.c.at)).where(deed.c.kind == DeedKind.RESTORED.value)
# Only what the server itself said yes to: what a person or evidence settled is no proof of what a folder keeps.
_ACCEPTED = (
    select(letter.c.message_id, dispatch.c.sent_at)
    .select_from(attempt)
    .join(dispatch, (attempt.c.dispatch_n == dispatch.c.n) & (attempt.c.fence == dispatch.c.fence))
    .join(letter, letter.c.dispatch_n == dispatch.c.n)
    .where(
        attempt.c.account == bindparam("account"),
        dispatch.c.status == literal_column("'accepted'"),
        dispatch.c.server_code >= 200,
        dispatch.c.server_code < 300,
    )
    .limit(NEIGHBOURS)
)
_BEFORE = _ACCEPTED.where(attempt.c.granted_at <= bindparam("at"), dispatch.c.sent_at < bindparam("at")).order_by(
    attempt.c.granted_at.desc(), attempt.c.id.desc()
)
_AFTER = _ACCEPTED.where(attempt.c.granted_at >= bindparam("since"), dispatch.c.sent_at >= bindparam("at")).order_by(
    attempt.c.granted_at, attempt.c.id
)
_ONE = (
    select(dispatch.c.n, dispatch.c.status, dispatch.c.fence, dispatch.c.held)
    .where(dispatch.c.id == bindparam("id"))
    .with_for_update()
)


def doubts(tx: Tx, campaign: str) -> list[Doubt]:
    """Every letter of the campaign that is in doubt or held, in plan order, with all that is known of it."""
    (restored,) = tx.one(_RESTORED) or (None,)
    return [
        _doubt(tx, n, fence, message_id, row, restored=restored)
        for n, fence, message_id, *row in tx.all(_DOUBTS, campaign=campaign)
    ]


def record(tx: Tx, doubt: Doubt, evidence: Collection[Evidence]) -> int:
    """Write down what was found about a letter that is still in this doubt, once each; how much of it was new."""
    row = _still(tx, doubt)
    if row is None:
        return 0
    known = {one.source: one for one in _evidence(_log(tx, row.n))}
    new = [one for one in evidence if not _same(known.get(one.source), one)]
    for one in new:
        detail = {"source": one.source, "says": one.says.value, "words": one.words}
        note(tx, row.n, Status.IN_DOUBT, EventKind.EVIDENCE, detail)
    return len(new)


def settle_by_evidence(tx: Tx, doubt: Doubt, now: Status, evidence: Collection[Evidence]) -> bool:
    """Out of doubt, unless somebody was quicker. A letter that was taken was sent when its attempt was made."""
    row = _still(tx, doubt)
    if row is None:
        return False
    proof = [{"source": one.source, "says": one.says.value, "words": one.words} for one in evidence]
    sent_at = _marked_at(_log(tx, row.n))
    _settle(tx, row, now, who="evidence", detail={"evidence": proof}, sent_at=sent_at)
    return True


def settle_by_person(tx: Tx, identifier: str, now: Status, *, by: str, why: str) -> Status | None:
    """Out of doubt or of being held, by a person's word; where the letter is then. None: it does not wait for one.

    What nobody has approved goes back to draft instead of into the queue: it was held as a draft, or it was one in the
    backup from which the ledger came.
    """
    row = _row(tx, identifier)
    if row is None or Status(row.status) not in {Status.IN_DOUBT, Status.HELD}:
        return None
    log = _log(tx, row.n)
    if row.status == Status.HELD.value and not _may_release(HeldReason(row.held), now):
        return None
    if now is Status.QUEUED and not _approved(log):
        now = Status.DRAFT
    _settle(tx, row, now, who=by, detail={"why": why}, sent_at=_marked_at(log))
    return now


def _may_release(reason: HeldReason, now: Status) -> bool:
    return now is Status.CANCELLED or (now is Status.QUEUED and reason in RELEASABLE)


def _settle(tx: Tx, row: Any, now: Status, *, who: str, detail: Mapping[str, object], sent_at: int | None) -> None:
    also: dict[str, Any] = {"held": None}
    if now is Status.ACCEPTED:
        also["sent_at"] = sent_at
    elif now is Status.QUEUED:
        also |= {"next_at": 0, "crashes": 0}
    elif now is Status.DRAFT:
        also = dict(AFRESH)
    was = Status(row.status)
    if not may_become(was, now):  # from in doubt to draft the table has a stop in between
        move(tx, [Move(n=row.n, was=was, now=Status.QUEUED, kind=EventKind.SETTLED, who=who, detail=detail)])
        was = Status.QUEUED
    move(tx, [Move(n=row.n, was=was, now=now, kind=EventKind.SETTLED, who=who, detail=detail, also=also)])


def _doubt(tx: Tx, n: int, fence: int, message_id: str, row: Any, *, restored: int | None) -> Doubt:
    log = _log(tx, n)
    account = tx.one(_ACCOUNT, n=n, fence=fence)
    marked = _marked_at(log)
    return Doubt(
        standing=standing(tuple(row)),
        message_id=message_id,
        fence=fence,
        account=account[0] if account else "",
        marked_at=None if marked is None else moment(marked),
        restored=restored is not None and marked is not None and restored >= marked,
        neighbours=_neighbours(tx, account[0], marked) if account and marked is not None else (),
        evidence=tuple(_evidence(log)),
    )


def _neighbours(tx: Tx, account: str, at: int) -> tuple[Neighbour, ...]:
    # A letter that left later may have been claimed a little earlier, in the same turn.
    rows = [
        *tx.all(_BEFORE, account=account, at=at),
        *tx.all(_AFTER, account=account, at=at, since=at - _A_TURN),
    ]
    return tuple(sorted((Neighbour(message_id=one, at=moment(sent)) for one, sent in rows), key=lambda it: it.at))


_A_TURN = 3_600_000_000  #: microseconds


def marked_at(tx: Tx, n: int) -> int | None:
    """When the attempt was made that left this letter in doubt; None = that is not known."""
    return _marked_at(_log(tx, n))


def _log(tx: Tx, n: int) -> list[Any]:
    return tx.find(_EVENTS, n=n)


def _marked_at(log: list[Any]) -> int | None:
    """When the last mark was made, if that attempt is the one in doubt: a restored ledger knows no such attempt."""
    for one in reversed(log):
        if one.kind == EventKind.RESTORED.value:
            return None
        if one.kind == EventKind.COMMITTED.value:
            return int(one.at)
    return None


def _approved(log: list[Any]) -> bool:
    """Whether a person has let it go: it was in the queue since it was last a draft."""
    for one in reversed(log):
        if one.became == Status.QUEUED.value:
            return True
        if one.became == Status.DRAFT.value:
            return False
    return False


def _evidence(log: list[Any]) -> Iterator[Evidence]:
    """What was found since the letter last came into doubt: earlier findings were about an earlier attempt."""
    begin = max((at for at, one in enumerate(log) if one.became == "in_doubt" and one.was != "in_doubt"), default=0)
    for one in log[begin:]:
        if one.kind == EventKind.EVIDENCE.value:
            said = json.loads(one.detail)
            yield Evidence(source=said["source"], says=Says(said["says"]), words=said["words"], at=moment(one.at))


def _same(known: Evidence | None, new: Evidence) -> bool:
    return known is not None and (known.says, known.words) == (new.says, new.words)


def _row(tx: Tx, identifier: str) -> Any:
    return next(iter(tx.find(_ONE, id=identifier)), None)


def _still(tx: Tx, doubt: Doubt) -> Any:
    """The letter's row, while it is in the very doubt that was looked into."""
    row = _row(tx, doubt.standing.dispatch.id)
    if row is None or row.status != Status.IN_DOUBT.value or row.fence != doubt.fence:
        return None
    return row
