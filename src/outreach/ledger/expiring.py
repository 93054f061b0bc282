"""Time runs out: who did not confirm is gone without a trace, what did not leave is taken back, and who is done with is
forgotten, a few at a time.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, delete, exists, func, or_, select

from outreach.ledger.forgetting import anonymise, forget
from outreach.ledger.notices import want
from outreach.ledger.quotas import forget_spent
from outreach.ledger.retreat import empty, take_back
from outreach.ledger.schema import dispatch
from outreach.ledger.store import Tx
from outreach.ledger.supporter_schema import action, action_target, notice, token
from outreach.model.action import ActionStatus, Fate, Way
from outreach.model.notice import OVERDUE, NoticeKind
from outreach.model.status import Status

CHUNK = 200  #: actions in a transaction

_UNCONFIRMED = (
    select(action.c.n)
    .where(
        action.c.campaign == bindparam("campaign"),
        action.c.status == ActionStatus.PENDING.value,
        action.c.made_at <= bindparam("since"),
    )
    .order_by(action.c.n)
    .limit(CHUNK)
    .with_for_update(skip_locked=True)
)
_ITS = (action_target.c.action_n == action.c.n,)
_OPEN = action_target.c.fate.in_([Fate.WAITING.value, Fate.QUEUED.value])
_IN_HAND = [one.value for one in (Status.CLAIMED, Status.COMMITTED, Status.IN_DOUBT)]
_OVERDUE = (
    select(action.c.n)
    .where(
        action.c.campaign == bindparam("campaign"),
        action.c.status.in_([one.value for one in (ActionStatus.CONFIRMED, ActionStatus.HELD)]),
        func.coalesce(action.c.confirmed_at, action.c.made_at) <= bindparam("since"),
        exists().where(*_ITS, _OPEN),
        ~exists().where(*_ITS, dispatch.c.n == action_target.c.dispatch_n, dispatch.c.status.in_(_IN_HAND)),
    )
    .order_by(action.c.n)
    .limit(CHUNK)
    .with_for_update(of=action, skip_locked=True)
)
_FINISHED = (
    select(action.c.n)
    .where(
        action.c.campaign == bindparam("campaign"),
        action.c.status.in_(
            [one.value for one in (ActionStatus.CONFIRMED, ActionStatus.WITHDRAWN, ActionStatus.REFUSED)]
        ),
        func.coalesce(action.c.decided_at, action.c.confirmed_at, action.c.made_at) <= bindparam("since"),
        ~exists().where(
            *_ITS,
            or_(_OPEN, action_target.c.sent_at > bindparam("since")),
        ),
    )
    .order_by(action.c.n)
    .limit(CHUNK)
    .with_for_update(of=action, skip_locked=True)
)
_LETTERS = select(action_target.c.dispatch_n, action_target.c.way).where(
    action_target.c.action_n == bindparam("n"), action_target.c.dispatch_n.is_not(None)
)
_STILL_KNOWN = (
    select(action.c.n)
    .join(action_target, action_target.c.action_n == action.c.n)
    .where(action_target.c.dispatch_n == bindparam("n"), action.c.status != ActionStatus.ERASED.value)
    .limit(1)
)
_GONE = tuple(
    delete(table).where(column == bindparam("the_n"))
    for table, column in (
        (token, token.c.action_n),
        (notice, notice.c.action_n),
        (action_target, action_target.c.action_n),
        (action, action.c.n),
    )
)
_OLD_TOKENS = delete(token).where(or_(token.c.until <= bindparam("now"), token.c.used_at.is_not(None)))


def expire_unconfirmed(tx: Tx, campaign: str, since: int) -> int:
    """Remove a few actions that came before then and were not confirmed, entirely; how many."""
    tx.alone(f"supporters {campaign}")
    numbers = [n for (n,) in tx.all(_UNCONFIRMED, campaign=campaign, since=since)]
    rows = [{"the_n": n} for n in numbers]
    for statement in _GONE:
        tx.many(statement, rows)
    return len(numbers)


def take_back_overdue(tx: Tx, campaign: str, since: int) -> int:
    """Take a few actions back that were confirmed before then and have not left, and want their people told; how many.

    None of which a runner or a doubt has a letter: that one may have arrived.
    """
    tx.alone(f"supporters {campaign}")
    numbers = [n for (n,) in tx.all(_OVERDUE, campaign=campaign, since=since)]
    for n in numbers:
        take_back(tx, n, why="it did not leave in time")
        want(tx, NoticeKind.WITHDRAWN, n, campaign, OVERDUE)
    return len(numbers)


def expire_finished(tx: Tx, campaign: str, since: int) -> int:
    """Forget a few actions whose targets all have an end, and whose last letter left before then; how many."""
    tx.alone(f"supporters {campaign}")
    numbers = [n for (n,) in tx.all(_FINISHED, campaign=campaign, since=since)]
    letters: list[Any] = [row for n in numbers for row in tx.find(_LETTERS, n=n)]
    for n in numbers:
        forget(tx, n)
    anonymise(tx, [row.dispatch_n for row in letters if row.way != Way.DIGEST.value])
    for n in sorted({row.dispatch_n for row in letters if row.way == Way.DIGEST.value}):
        if tx.one(_STILL_KNOWN, n=n) is None:
            empty(tx, n)
    return len(numbers)


def expire_used(tx: Tx, now: int) -> int:
    """Remove used and old tokens, and quotas that count no more."""
    return tx.run(_OLD_TOKENS, now=now) + forget_spent(tx, now)
