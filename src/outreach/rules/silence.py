"""Silence: how long an institution has not answered, counted in its own working days, and whether it is reminded.

A person's answer, from whatever address of the institution, ends it for ever. Automatic replies and acknowledgements do
not; an acknowledgement only gives more time. An answer that is not proven ends nothing: nobody is reminded before a
person has looked at it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from outreach.model.calendar import WorkCalendar
from outreach.model.campaign import Chasers, Recess
from outreach.model.correspondence import Correspondence, NotChased, Sent, Silence
from outreach.model.heard import Heard
from outreach.model.inbound import STOPPING, InboundKind
from outreach.rules.calendar import local_day, working_day_after

_ENDING = STOPPING - {InboundKind.REPLY}
_RECEIPT = 3  #: working days within which an acknowledgement comes that comes at all
_DAY = timedelta(days=1)


def in_recess(calendar: WorkCalendar, state: str, recess: Iterable[Recess]) -> WorkCalendar:
    """The calendar of a target, with the days off on which the campaign expects no answer."""
    days = {
        one.first + _DAY * number
        for one in recess
        if one.state in {"", state}
        for number in range((one.last - one.first).days + 1)
    }
    return replace(calendar, holidays=calendar.holidays | days) if days else calendar


def end_of_recess(state: str, recess: Iterable[Recess], day: date) -> date | None:
    """The last day of the recess of this state that a day is in; None when it is in none."""
    return max((one.last for one in recess if one.state in {"", state} and one.first <= day <= one.last), default=None)


def silence(
    letters: Iterable[Sent],
    heard: Iterable[Heard],
    *,
    terms: Chasers,
    calendar: WorkCalendar,
    now: datetime,
    another_contact: bool = False,
    closed: bool = False,
    recess: Iterable[Recess] = (),
    state: str = "",
) -> Silence:
    """Where the correspondence stands at `now`, and what follows.

    `letters` are those that left or may have left; `heard` is what came from this institution. `another_contact`: it
    has an address that has not bounced. `closed`: the campaign leaves it out now. The days of a `recess` of its `state`
    do not count, and on none of them is it reminded.
    """
    calendar = in_recess(calendar, state, recess)
    heard = sorted(heard, key=lambda one: one.at)
    proven = [one for one in heard if one.proven]
    sent = _with_bounces(sorted(letters, key=lambda one: one.step), proven)
    answers = [one for one in proven if one.kind is InboundKind.REPLY]
    if answers:
        return _answered(answers, sent)
    if closed or any(one.kind in _ENDING for one in proven):
        return Silence(status=Correspondence.CLOSED, why_not=NotChased.CLOSED)
    reached = [one.at for one in sent if one.at is not None and not one.bounced]
    if not reached:
        return _nobody_reached(sent, another_contact=another_contact)
    count = _Count(terms, calendar, local_day(calendar, now))
    found = _waiting(sent, min(reached), heard, count)
    if unproven(heard) is not None:
        return replace(found, why_not=NotChased.UNPROVEN)
    resting = end_of_recess(state, recess, count.today)
    if found.why_not is None and resting is not None:
        return replace(found, why_not=NotChased.RECESS, next_on=count.day_after(resting))
    return found


def unproven(heard: Iterable[Heard]) -> Heard | None:
    """The first mail that would end the reminders and is not proven: they wait until a person has looked at it."""
    return next((one for one in heard if not one.proven and one.kind in STOPPING), None)


def why_stopped(kind: InboundKind, *, proven: bool) -> NotChased | None:
    """Why a mail takes back the reminders that have not left; None = it does not."""
    if kind not in STOPPING:
        return None
    if not proven:
        return NotChased.UNPROVEN
    return NotChased.ANSWERED if kind is InboundKind.REPLY else NotChased.CLOSED


def _with_bounces(sent: Sequence[Sent], heard: Sequence[Heard]) -> list[Sent]:
    """A hard bounce speaks of the last letter before it."""
    out = list(sent)
    for bounce in heard:
        if bounce.kind is InboundKind.BOUNCE_HARD:
            before = [n for n, one in enumerate(out) if one.at is not None and one.at <= bounce.at]
            if before:
                last = max(before, key=lambda n: (out[n].at, n))
                out[last] = replace(out[last], bounced=True)
    return out


def _answered(answers: Sequence[Heard], sent: Sequence[Sent]) -> Silence:
    """They are chased no more; whether it went on since is for whoever reads the log."""
    first = answers[0].at
    went_on = len(answers) > 1 or any(one.at is not None and one.at > first for one in sent)
    status = Correspondence.IN_DIALOGUE if went_on else Correspondence.ANSWERED
    return Silence(status=status, since=answers[-1].at if went_on else first, why_not=NotChased.ANSWERED)


def _nobody_reached(sent: Sequence[Sent], *, another_contact: bool) -> Silence:
    bounced = [one.at for one in sent if one.bounced]
    if bounced and not another_contact and all(one.bounced for one in sent):
        return Silence(
            status=Correspondence.UNREACHABLE, since=max(filter(None, bounced), default=None),
            why_not=NotChased.UNREACHABLE,
        )  # fmt: skip
    doubt = any(one.at is None and not one.bounced for one in sent)
    return Silence(status=Correspondence.NOT_WRITTEN, why_not=NotChased.IN_DOUBT if doubt else NotChased.NOT_WRITTEN)


class _Count(NamedTuple):
    """Counts working days from a letter on."""

    terms: Chasers
    calendar: WorkCalendar
    today: date

    def last_day(self, at: datetime, days: int, *, acknowledged: bool) -> date:
        """The last day in time: so many working days after the day of the letter, more when it was acknowledged."""
        more = self.terms.extend_on_acknowledgement if acknowledged else 0
        return working_day_after(self.calendar, local_day(self.calendar, at), days + more)

    def day_after(self, day: date) -> date:
        return working_day_after(self.calendar, day, 1)


def _waiting(sent: Sequence[Sent], first: datetime, heard: Sequence[Heard], count: _Count) -> Silence:
    acknowledgements = [one.at for one in heard if one.kind is InboundKind.ACKNOWLEDGEMENT]
    since_first = [at for at in acknowledgements if at >= first]
    due = count.last_day(first, count.terms.after[0], acknowledged=bool(since_first))
    overdue_from = count.day_after(due)
    very_from = count.day_after(count.last_day(first, count.terms.very_overdue_after, acknowledged=bool(since_first)))
    if count.today >= overdue_from:
        status = Correspondence.OVERDUE
    else:
        status = Correspondence.ACKNOWLEDGED if since_first else Correspondence.AWAITING
    found = Silence(
        status=status,
        very=count.today >= max(overdue_from, very_from),
        since=since_first[0] if status is Correspondence.ACKNOWLEDGED else first,
        due=due,
        overdue_from=overdue_from,
        very_overdue_from=very_from,
        unreceipted=_unreceipted(sent, acknowledgements, count),
    )
    return _followed(found, sent, acknowledgements, count)


def _unreceipted(sent: Sequence[Sent], acknowledgements: Sequence[datetime], count: _Count) -> bool:
    """Whether an institution that acknowledged every letter before the last has not acknowledged that one.

    It has three working days, and as many days as it ever took.
    """
    letters = sorted(one.at for one in sent if one.at is not None and not one.bounced)
    took = []
    for at, following in pairwise(letters):
        found = [one for one in acknowledgements if at <= one < following]
        if not found:
            return False
        took.append(min(found) - at)
    if not took or any(one >= letters[-1] for one in acknowledgements):
        return False
    patient = local_day(count.calendar, letters[-1] + max(took))
    return count.today > max(
        patient, working_day_after(count.calendar, local_day(count.calendar, letters[-1]), _RECEIPT)
    )


def _followed(found: Silence, sent: Sequence[Sent], acknowledgements: Sequence[datetime], count: _Count) -> Silence:
    """What follows: the reminder after the last letter, never one of a step that was taken."""
    if any(one.at is None for one in sent):
        return replace(found, why_not=NotChased.IN_DOUBT)
    taken = max(one.step for one in sent)
    if taken >= len(count.terms.after):
        return replace(found, why_not=NotChased.NO_MORE)
    last = max(one.at for one in sent if one.at is not None)
    acknowledged = any(at >= last for at in acknowledgements)
    next_on = count.day_after(count.last_day(last, count.terms.after[taken], acknowledged=acknowledged))
    return replace(
        found,
        next_step=taken + 1,
        next_on=next_on,
        why_not=None if count.today >= next_on else NotChased.NOT_DUE,
    )
