"""Mails to supporters: wanted once, taken by one command, and not sent again when that command ends with it in hand.

A confirmation alone is sent once more: a second one harms nobody, and without the first its person waits in vain.
"""

from __future__ import annotations

import os
import socket
from datetime import timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Executable,
    Integer,
    Select,
    Text,
    bindparam,
    case,
    delete,
    literal,
    literal_column,
    or_,
    select,
    update,
)

from outreach.ledger.action_rows import ACTION, action_of
from outreach.ledger.mails import storable
from outreach.ledger.store import Tx
from outreach.ledger.supporter_schema import action, notice
from outreach.ledger.times import length, moment
from outreach.ledger.upserts import insert_new, insert_new_from
from outreach.model.action import ActionStatus
from outreach.model.notice import NoticeEnd, NoticeKind, NoticeTurn

IN_HAND = timedelta(hours=1)  #: a notice that a command has had for longer is lost: it may have left
ASKING = timedelta(minutes=5)  #: the same of a confirmation, for which somebody waits at a screen
WAIT = timedelta(minutes=15)  #: before the next try, where nobody says how long
LONGEST = 500  #: characters of a server's words
LOST = "the command ended with it in hand"

#: In the order of `_of_all`.
_WANTED = ("action_n", "campaign", "kind", "key", "status", "not_before", "tries", "made_at")
_NUMBER = select(action.c.n, action.c.campaign).where(
    action.c.id == bindparam("id"), action.c.status != ActionStatus.ERASED.value
)
#: By the index of statuses: whoever has confirmed is not looked at.
_UNCONFIRMED = select(action.c.n, action.c.campaign).where(
    action.c.campaign == bindparam("the_campaign"),
    action.c.status == literal_column("'pending'"),
    action.c.made_at <= bindparam("before"),
)
_CONFIRMING = or_(
    notice.c.kind == NoticeKind.CONFIRMATION.value,
    notice.c.kind == NoticeKind.REMINDER.value,
)
_DUE = (
    select(notice.c.n, notice.c.kind, notice.c.key, notice.c.tries, notice.c.made_at, *ACTION)
    .join(action, action.c.n == notice.c.action_n)
    .where(
        notice.c.campaign == bindparam("campaign"),
        notice.c.status == literal_column("'wanted'"),
        notice.c.not_before <= bindparam("now"),
        action.c.status != ActionStatus.ERASED.value,
        or_(~_CONFIRMING, action.c.status == ActionStatus.PENDING.value),
    )
    .order_by(notice.c.not_before, notice.c.n)
    .limit(1)
    .with_for_update(of=notice, skip_locked=True)
)
_TAKE = (
    update(notice)
    .where(notice.c.n == bindparam("the_n"))
    .values(status="going", taken_by=bindparam("taken_by"), taken_at=bindparam("taken_at"))
)
_GOING = notice.c.status == literal_column("'going'")
_TOO_LONG = or_(notice.c.taken_at <= bindparam("since"), notice.c.taken_at > bindparam("until"))
_LOST = update(notice).where(_GOING, _TOO_LONG).values(status=NoticeEnd.UNKNOWN.value, text=LOST)
_LOST_ONCE = (  # its text remembers it until the end
    update(notice)
    .where(_GOING, notice.c.kind == NoticeKind.CONFIRMATION.value, notice.c.text != LOST)
    .values(status="wanted", text=LOST, tries=notice.c.tries + 1, not_before=bindparam("begins"))
)
_ONCE_MORE = _LOST_ONCE.where(_TOO_LONG)
_UNKNOWN_ONCE = _LOST_ONCE.where(notice.c.n == bindparam("the_n"))
_SETTLE = (
    update(notice)
    .where(_GOING, notice.c.n == bindparam("the_n"))
    .values({name: bindparam(name) for name in ("status", "not_before", "text")} | {"tries": notice.c.tries + 1})
)
_LATER = _SETTLE.values(text=case((notice.c.text == LOST, LOST), else_=bindparam("text", type_=Text())))
_UNWANT = delete(notice).where(
    notice.c.action_n == bindparam("the_action"), notice.c.status == literal_column("'wanted'"), _CONFIRMING
)


def want(tx: Tx, kind: NoticeKind, number: int, campaign: str, key: str = "", *, not_before: int = 0) -> bool:
    """Want a notice for the action of this number; False where it was wanted before."""
    values = {
        "action_n": number,
        "campaign": campaign,
        "kind": kind.value,
        "key": key,
        "status": "wanted",
        "not_before": not_before,
        "tries": 0,
        "made_at": tx.now,
    }
    return tx.change(insert_new(notice, _WANTED, server=tx.server), values) == 1


def want_of_all(tx: Tx, kind: NoticeKind, whose: Select[*tuple[Any, ...]], key: str, **values: Any) -> int:
    """Want a notice for every action that `whose` finds, a query for number and campaign; how many were new."""
    return tx.run(_of_all(whose, server=tx.server), kind=kind.value, key=key, made_at=tx.now, **values)


def want_reminders(tx: Tx, campaign: str, before: int) -> int:
    """Want a reminder for every action that came by then and is not confirmed, each once; how many were new."""
    return want_of_all(tx, NoticeKind.REMINDER, _UNCONFIRMED, "", the_campaign=campaign, before=before)


@lru_cache(maxsize=8)
def _of_all(whose: Select[*tuple[Any, ...]], *, server: bool) -> Executable:
    several = whose.add_columns(
        bindparam("kind", type_=Text()),
        bindparam("key", type_=Text()),
        literal("wanted", Text()),
        literal(0, BigInteger()),
        literal(0, Integer()),
        bindparam("made_at", type_=BigInteger()),
    )
    return insert_new_from(notice, _WANTED, several, server=server)


def want_for(tx: Tx, kind: NoticeKind, identifier: str, key: str, *, not_before: int) -> bool:
    """`want` by the action's id; False also where the action is not there any more."""
    found = tx.one(_NUMBER, id=identifier)
    return found is not None and want(tx, kind, found[0], found[1], key, not_before=not_before)


def next_notice(tx: Tx, campaign: str) -> NoticeTurn | None:
    """Take the notice that has been due for longest; None = none is due."""
    settle_lost(tx)
    row = tx.one(_DUE, campaign=campaign, now=tx.now)
    if row is None:
        return None
    number, kind, key, tries, made_at, *its = row
    tx.run(_TAKE, the_n=number, taken_by=f"{socket.gethostname()}:{os.getpid()}", taken_at=tx.now)
    return NoticeTurn(
        number=number, kind=NoticeKind(kind), key=key, action=action_of(its), tries=tries, made_at=moment(made_at)
    )


def settle_notice(tx: Tx, number: int, end: NoticeEnd, *, retry_at: int | None, text: str) -> None:
    """Write down how a try ended. Of a notice that is in nobody's hand any more it changes nothing.

    An unknown end is as if the command had ended there: a confirmation is sent once more.
    """
    if end is NoticeEnd.UNKNOWN and tx.change(_UNKNOWN_ONCE, {"the_n": number, "begins": tx.now + length(ASKING)}):
        return
    later = end is NoticeEnd.LATER
    tx.run(
        _LATER if later else _SETTLE,
        the_n=number,
        status="wanted" if later else end.value,
        not_before=(tx.now + length(WAIT) if retry_at is None else retry_at) if later else 0,
        text=storable(text[:LONGEST]),
    )


def settle_lost(tx: Tx) -> None:
    """A command that ended with a notice in hand may have sent it: only a confirmation is sent again, and only once."""
    tx.run(_ONCE_MORE, begins=tx.now, since=tx.now - length(ASKING), until=tx.now + length(ASKING))
    tx.run(_LOST, since=tx.now - length(IN_HAND), until=tx.now + length(IN_HAND))


def unwant_confirmation(tx: Tx, number: int) -> None:
    """The action is confirmed: what asks for it is not sent any more."""
    tx.run(_UNWANT, the_action=number)
