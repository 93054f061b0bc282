"""Claims: the right to send, granted inside one transaction by the rule of pace, with a fence and a lease."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import bindparam, case, false, func, insert, select, true, update

from outreach.ledger.changes import AFRESH, Move, move
from outreach.ledger.choosing import OF_CAMPAIGN, QUEUED, Asked, Choice, choose, paced, selected
from outreach.ledger.crowding import choose_crowd, crowd_waiting, has_frame
from outreach.ledger.pauses import FARTHEST, pauses, rest_of, resting
from outreach.ledger.schema import OURS, THEIRS, attempt, dispatch, letter
from outreach.ledger.store import Tx
from outreach.ledger.times import length, micros, moment
from outreach.model.event import EventKind
from outreach.model.receipt import Claim, Turn
from outreach.model.status import Status

BUSY_ELSEWHERE = timedelta(seconds=1)  #: another transaction holds the due letters: ask again soon
STILL = timedelta(seconds=5)  #: the campaign was paused while a run is on: ask again soon whether it goes on

_COUNT = select(
    func.count().label("all"),
    func.count(case((dispatch.c.next_at <= bindparam("now"), 1))).label("due"),
    func.min(case((dispatch.c.next_at > bindparam("now"), dispatch.c.next_at))).label("first"),
).where(OF_CAMPAIGN)
_OLD = (
    select(dispatch.c.n, dispatch.c.dated)
    .where(dispatch.c.campaign == bindparam("campaign"), QUEUED, dispatch.c.planned.is_(true()))
    .where(dispatch.c.dated < bindparam("oldest"))
    .with_for_update(skip_locked=True)
)
_STALE = _OLD.where(OURS)
_THEIR_STALE = _OLD.where(THEIRS)
_TAKEN = (
    select(
        dispatch.c.n,
        dispatch.c.id,
        dispatch.c.institution,
        dispatch.c.state,
        dispatch.c.recipient,
        dispatch.c.fence,
        dispatch.c.tries,
        dispatch.c.step,
        letter.c.envelope_from,
        letter.c.message_id,
        letter.c.raw,
    )
    .join(letter, letter.c.dispatch_n == dispatch.c.n)
    .where(dispatch.c.n.in_(bindparam("numbers", expanding=True)), QUEUED)
    .with_for_update(of=dispatch, skip_locked=True)
)
_BEGUN = (
    select(attempt.c.dispatch_n, func.max(attempt.c.id).label("id"))
    .where(attempt.c.dispatch_n.in_(bindparam("numbers", expanding=True)))
    .group_by(attempt.c.dispatch_n)
)
_AHEAD = (
    update(dispatch)
    .where(dispatch.c.campaign == bindparam("the_campaign"), QUEUED, dispatch.c.next_at > bindparam("farthest"))
    .values(next_at=bindparam("now"))
)
_GRANTS = ("dispatch_n", "fence", "runner", "account", "domain", "institution", "granted_at", "crowd")
_ATTEMPT = insert(attempt).values({name: bindparam(name) for name in _GRANTS}).values(given_back=false()).inline()


def claim(tx: Tx, asked: Asked, *, lease: int) -> Turn:
    """Claim what may go now. Leases that ended have been recovered before, in the same transaction."""
    crowd = has_frame(tx, asked.campaign)
    if asked.oldest is not None:
        _return_old(tx, asked.campaign, asked.oldest, crowd=crowd)
    asked = replace(asked, crowd=crowd and asked.crowd)
    pace = asked.pace
    # Two claims that count the same window at once would both find it free. Always in this order.
    if pace.domain or pace.institution or crowd:
        tx.alone("pace of all accounts")
    if pace.account or pace.domain or pace.institution:
        tx.alone(f"pace {asked.account}")
    still = _still(tx, asked)
    if still is not None:
        return still
    rest = rest_of(tx, asked.account)
    stopped = [one.state for one in pauses(tx, asked.campaign)]
    turn = _turn(tx, replace(asked, stopped=stopped) if stopped else asked, lease)
    if stopped:
        waiting = _waiting(tx, asked)
        if waiting > turn.waiting and turn.next_at is None:
            turn = replace(turn, reason=f"{', '.join(stopped)} paused")
        turn = replace(turn, waiting=waiting)
    return turn if rest is None else replace(turn, troubles=rest.troubles)


def _still(tx: Tx, asked: Asked) -> Turn | None:
    """The turn of a campaign that is paused, or of an account that rests: nothing goes."""
    whole = [one for one in pauses(tx, asked.campaign) if not one.state]
    if whole:
        reason = f"paused by {whole[0].by}: {whole[0].why}"
        return Turn(claims=(), waiting=_waiting(tx, asked), next_at=moment(tx.now + length(STILL)), reason=reason)
    rest = rest_of(tx, asked.account)
    if rest is None or not resting(tx, micros(rest.until)):
        return None
    waiting, until = _waiting(tx, asked), rest.until
    return Turn(claims=(), waiting=waiting, next_at=until if waiting else None, reason=rest.why, troubles=rest.troubles)


def _turn(tx: Tx, asked: Asked, lease: int) -> Turn:
    choice = choose(tx, asked)
    theirs = choose_crowd(tx, asked, choice) if asked.crowd else 0
    claims = _take(tx, asked, choice, lease)
    theirs -= sum(choice.going[one.dispatch][1].crowd for one in claims)
    found = _count(tx, asked)
    if found.first is not None and found.first > tx.now + length(FARTHEST):
        tx.run(_AHEAD, the_campaign=asked.campaign, farthest=tx.now + length(FARTHEST), now=tx.now)
        choice.later(tx.now, "put off by a clock that was ahead")
    elif found.first is not None:
        choice.later(found.first, "put off by their servers")
    if found.due and (choice.next_at is None or not paced(asked)):
        full = len(claims) >= asked.limit
        choice.later(tx.now if full else tx.now + length(BUSY_ELSEWHERE), "" if full else "another command has them")
    waiting = found.all + theirs
    if not waiting or choice.next_at is None:
        return Turn(claims=claims, waiting=waiting, next_at=None, reason=choice.reason if waiting else "")
    return Turn(claims=claims, waiting=waiting, next_at=moment(choice.next_at), reason=choice.reason)


def _waiting(tx: Tx, asked: Asked) -> int:
    return int(_count(tx, asked).all) + (crowd_waiting(tx, asked) if asked.crowd else 0)


def _count(tx: Tx, asked: Asked) -> Any:
    query, selection = selected(_COUNT, asked)
    (found,) = tx.find(query, **selection, now=tx.now)
    return found


def _return_old(tx: Tx, campaign: str, oldest: date, *, crowd: bool) -> None:
    """A letter shows its day: one that waited too long is drafted anew, never sent with a stale date.

    Of a supporter's copy nothing is decided then, and of a digest's supporters the next one counts them: see copies.py.
    """
    here = {"campaign": campaign, "oldest": oldest.isoformat()}
    rows = tx.find(_STALE, **here) + (tx.find(_THEIR_STALE, **here) if crowd else [])
    move(
        tx,
        [
            Move(
                n=row.n,
                was=Status.QUEUED,
                now=Status.DRAFT,
                kind=EventKind.RETURNED,
                detail={"why": f"dated {row.dated}, too long ago"},
                also=AFRESH,
            )
            for row in rows
        ],
    )


def _take(tx: Tx, asked: Asked, choice: Choice, lease: int) -> tuple[Claim, ...]:
    numbers = [n for n, _ in choice.going.values()]
    if not numbers:
        return ()
    found = {row.n: row for row in tx.find(_TAKEN, numbers=numbers)}
    rows = [found[n] for n in numbers if n in found]
    if not rows:
        return ()
    tx.many(
        _ATTEMPT,
        [
            {
                "dispatch_n": row.n,
                "fence": row.fence + 1,
                "runner": asked.runner,
                "account": asked.account,
                "domain": choice.going[row.id][1].domain,
                "institution": row.institution,
                "granted_at": tx.now,
                "crowd": choice.going[row.id][1].crowd,
            }
            for row in rows
        ],
    )
    numbered = {row.dispatch_n: row.id for row in tx.find(_BEGUN, numbers=numbers)}
    move(
        tx,
        [
            Move(
                n=row.n,
                was=Status.QUEUED,
                now=Status.CLAIMED,
                kind=EventKind.CLAIMED,
                who=asked.runner,
                detail={"fence": row.fence + 1, "account": asked.account},
                also={"fence": row.fence + 1, "lease_until": tx.now + lease},
            )
            for row in rows
        ],
    )
    return tuple(
        Claim(
            dispatch=row.id,
            institution=row.institution,
            state=row.state,
            fence=row.fence + 1,
            attempt=numbered[row.n],
            tries=row.tries,
            recipient=row.recipient,
            envelope_from=row.envelope_from,
            message_id=row.message_id,
            raw=row.raw,
            row=row.n,
            step=row.step,
        )
        for row in rows
    )
