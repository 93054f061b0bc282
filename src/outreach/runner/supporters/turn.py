"""A turn of the supporters' clock: what is confirmed flows, who is to be told is told, what is old is forgotten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from outreach.errors import ApprovalError
from outreach.rules.retention import REMIND_AFTER, UNCONFIRMED, UNSENT
from outreach.runner.ports import Channel
from outreach.runner.supporters.desk import SupporterDesk
from outreach.runner.supporters.flow import Flowed, flow
from outreach.runner.supporters.notify import Notified, notify


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """What one turn did."""

    flowed: Flowed
    notified: Notified
    erased: int


def turn(it: SupporterDesk, channel: Channel | None, *, enough: Callable[[], bool] = lambda: False) -> Turned:
    """One turn; any number of commands may take them. Without a channel the mails to supporters wait."""
    erased = it.book.expire(
        it.campaign.slug,
        now=it.now,
        unconfirmed=UNCONFIRMED,
        overdue=UNSENT,
        keep=timedelta(days=it.terms.keep_days),
    )
    erased += it.book.expire_own_letters(it.campaign.slug, timedelta(days=it.terms.own_mail_days))
    it.book.want_reminders(it.campaign.slug, before=it.now - REMIND_AFTER)
    it.book.sent_copies(it.campaign.slug)  # before flowing: what became stale is decided anew
    flowed = _flow(it)
    it.book.want_answers(it.campaign.slug)
    notified = notify(it, channel, enough=enough) if channel is not None else Notified()
    return Turned(flowed=flowed, notified=notified, erased=erased)


def _flow(it: SupporterDesk) -> Flowed:
    """Flow; where a person approves another frame meanwhile, the rest waits for the next turn."""
    try:
        return flow(it)
    except ApprovalError:
        return Flowed(closed=True)
