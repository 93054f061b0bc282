"""What became of copies and digests, told to the actions behind them: receipts and failure notices follow from it.

The database notes each of them that comes to a status that matters (triggers.py): only those are looked at.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, delete, literal_column, null, or_, select, update

from outreach.ledger.changes import AFRESH, Move, move
from outreach.ledger.notices import want_of_all
from outreach.ledger.retreat import cancel, cancel_digest
from outreach.ledger.schema import dispatch, event
from outreach.ledger.store import Tx
from outreach.ledger.supporter_schema import DIGEST, action, action_target, copy_news
from outreach.model.action import ActionStatus, Fate
from outreach.model.event import EventKind
from outreach.model.notice import NoticeKind
from outreach.model.status import Status

CHUNK = 500

_NEWS = (
    select(copy_news.c.id, copy_news.c.dispatch_n)
    .join(dispatch, dispatch.c.n == copy_news.c.dispatch_n)
    .where(dispatch.c.campaign == bindparam("campaign"))
    .order_by(copy_news.c.id)
    .limit(bindparam("most"))
)
_FORGET = delete(copy_news).where(copy_news.c.id == bindparam("the_id"))
_LETTER = (
    select(
        dispatch.c.n,
        dispatch.c.status,
        dispatch.c.sender,
        dispatch.c.institution,
        dispatch.c.sent_at,
        dispatch.c.planned,
    )
    .where(dispatch.c.n == bindparam("n"))
    .with_for_update()
)
_DOUBTED = select(event.c.id).where(event.c.dispatch_n == bindparam("n"), event.c.was == Status.IN_DOUBT.value).limit(1)
_HERE = action_target.c.dispatch_n == bindparam("the_dispatch")
_OPEN = or_(action_target.c.fate == Fate.WAITING.value, action_target.c.fate == Fate.QUEUED.value)
_SENT = update(action_target).where(_HERE, _OPEN).values(fate=Fate.SENT.value, sent_at=bindparam("sent_at"))
_FAILED = (
    update(action_target)
    .where(_HERE, or_(_OPEN, action_target.c.fate == Fate.SENT.value))
    .values(fate=Fate.FAILED.value)
)
_DROPPED = update(action_target).where(_HERE, _OPEN).values(fate=Fate.DROPPED.value, why=bindparam("why"))
_UNDECIDED = (
    update(action_target)
    .where(_HERE, action_target.c.fate == Fate.QUEUED.value)
    .values(fate=Fate.WAITING.value, way=null(), why="")
)
_WITHDRAWN = update(action_target).where(_HERE, _OPEN).values(fate=Fate.WITHDRAWN.value, dispatch_n=null())
_STATUS = select(action.c.status).join(action_target, action_target.c.action_n == action.c.n).where(_HERE).limit(1)
#: Whose person is still known.
_WHOSE = (
    select(action.c.n, action.c.campaign)
    .join(action_target, action_target.c.action_n == action.c.n)
    .where(
        _HERE,
        action_target.c.fate == bindparam("fate"),
        action.c.status != literal_column("'erased'"),
    )
)


def look(tx: Tx, campaign: str) -> tuple[int, int]:
    """Look at the next few letters of which there is news: (how many that were, fates that changed)."""
    tx.alone(f"supporters {campaign}")
    news = tx.all(_NEWS, campaign=campaign, most=CHUNK)
    changed = sum(_fold(tx, n) for n in sorted({n for _, n in news}))
    tx.many(_FORGET, [{"the_id": identifier} for identifier, _ in news])
    return len(news), changed


def _fold(tx: Tx, n: int) -> int:
    (row,) = tx.find(_LETTER, n=n)
    status = Status(row.status)
    if status is Status.ACCEPTED:
        changed = tx.run(_SENT, the_dispatch=n, sent_at=row.sent_at)
        want_of_all(tx, NoticeKind.RECEIPT, _WHOSE, "", the_dispatch=n, fate=Fate.SENT.value)
        return changed
    if status in {Status.REJECTED, Status.BOUNCED}:
        changed = tx.run(_FAILED, the_dispatch=n)
        want_of_all(tx, NoticeKind.FAILURE, _WHOSE, row.institution, the_dispatch=n, fate=Fate.FAILED.value)
        return changed
    if status in {Status.CANCELLED, Status.SUPPRESSED}:
        if tx.one(_DOUBTED, n=n) is not None:
            return tx.run(_FAILED, the_dispatch=n)  # it may have arrived: a person said to drop it
        return tx.run(_DROPPED, the_dispatch=n, why="taken back by the campaign")
    if status is Status.DRAFT or (status is Status.QUEUED and not row.planned):
        return _back(tx, row, status)
    return 0


def _back(tx: Tx, row: Any, status: Status) -> int:
    """It has not left, and does not leave as it is: decided anew, or taken back with its action."""
    if row.sender.startswith(DIGEST):
        cancel_digest(tx, row.n, status, why="the next one counts its supporters")
        return 0
    found = tx.one(_STATUS, the_dispatch=row.n)
    if found is not None and found[0] == ActionStatus.CONFIRMED.value:
        if status is Status.QUEUED:
            why = {"why": "another frame was approved"}
            move(tx, [Move(n=row.n, was=status, now=Status.DRAFT, kind=EventKind.RETURNED, detail=why, also=AFRESH)])
        return tx.run(_UNDECIDED, the_dispatch=row.n)
    changed = tx.run(_WITHDRAWN, the_dispatch=row.n)
    cancel(tx, row.n, status, why="the supporter has taken it back")
    return changed
