"""Choosing: which queued letters the rule of pace lets go now, read page by page so that a long queue costs nothing.

The campaign's own letters choose first; `crowding` chooses among supporters' copies and digests after them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import and_, bindparam, func, literal_column, or_, select, true

from outreach.ledger.schema import OURS, attempt, dispatch
from outreach.ledger.store import Query, Tx
from outreach.ledger.times import micros, moment
from outreach.model.calendar import WorkCalendar
from outreach.model.campaign import Pace
from outreach.rules.pacing import Candidate, Granted, Record, grant

PAGE = 500  #: candidates read at once when the pace may pass some of them over

QUEUED = dispatch.c.status == literal_column("'queued'")
# What a later plan left out stays where it is: the next approval cancels it.
OF_CAMPAIGN = and_(dispatch.c.campaign == bindparam("campaign"), QUEUED, OURS, dispatch.c.planned.is_(true()))
_SELECTED = or_(
    func.lower(dispatch.c.state).in_(bindparam("folded", expanding=True)),
    func.lower(dispatch.c.institution).in_(bindparam("folded", expanding=True)),
    dispatch.c.institution.in_(bindparam("given", expanding=True)),  # SQLite's lower() knows ASCII alone
)
_PAGE = (
    select(dispatch.c.n, dispatch.c.id, dispatch.c.institution, dispatch.c.recipient, dispatch.c.calendar)
    .where(OF_CAMPAIGN, dispatch.c.next_at <= bindparam("now"), dispatch.c.n > bindparam("last"))
    .order_by(dispatch.c.n)
    .limit(bindparam("size"))
)
_LOCKED_PAGE = _PAGE.with_for_update(skip_locked=True)
_GRANTED = select(attempt.c.granted_at, attempt.c.institution, attempt.c.domain, attempt.c.crowd).where(
    attempt.c.account == bindparam("account"),
    attempt.c.granted_at >= bindparam("since"),
    attempt.c.given_back.is_(False),
)
_NEXT_ACCOUNT = select(func.min(attempt.c.account)).where(attempt.c.account > bindparam("last"))
_GRANTED_BY_ALL = select(attempt.c.granted_at, attempt.c.institution, attempt.c.domain, attempt.c.crowd).where(
    attempt.c.granted_at >= bindparam("since"), attempt.c.given_back.is_(False)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a runner asks for."""

    campaign: str
    runner: str
    account: str
    pace: Pace
    calendars: Mapping[str, WorkCalendar]
    limit: int
    only: Collection[str] = ()
    oldest: date | None = None
    stopped: Collection[str] = ()  #: states of the campaign that are paused
    crowd: bool = True  #: supporters' letters, too; False = the frame in which they were approved holds no more


@dataclass(slots=True)
class Choice:
    """What the rule of pace has let go so far, and when the first of the others may follow."""

    going: dict[str, tuple[int, Candidate]] = field(default_factory=dict)
    granted: list[Granted] = field(default_factory=list)
    next_at: int | None = None
    reason: str = ""

    def later(self, at: int, reason: str) -> None:
        if self.next_at is None or at < self.next_at:
            self.next_at, self.reason = at, reason


def paced(asked: Asked) -> bool:
    """Whether anything but the limit may pass a letter over."""
    pace = asked.pace
    return bool(pace.account or pace.domain or pace.institution or asked.calendars)


def selected(query: Query, asked: Asked) -> tuple[Query, dict[str, Any]]:
    """The query for the selection, and its values: states or institutions, in whatever case they are named.

    What is paused is no part of it.
    """
    values: dict[str, Any] = {"campaign": asked.campaign}
    if asked.only:
        given = sorted(set(asked.only))
        folded = sorted({one.lower() for one in given} | {one.casefold() for one in given})
        query, values = _narrowed(query), {**values, "given": given, "folded": folded}
    if asked.stopped:
        query, values = _without(query), {**values, "stopped": sorted(asked.stopped)}
    return query, values


@lru_cache(maxsize=8)
def _narrowed(query: Query) -> Query:
    return query.where(_SELECTED)


@lru_cache(maxsize=8)
def _without(query: Query) -> Query:
    return query.where(dispatch.c.state.not_in(bindparam("stopped", expanding=True)))


def choose(tx: Tx, asked: Asked) -> Choice:
    """Ask the rule of pace, page by page in plan order, until no later page can change the answer."""
    now = moment(tx.now)
    granted = _granted(tx, asked)
    choice = Choice(granted=granted)
    for page in _pages(tx, asked):
        room = 0 if asked.pace.account and choice.going else asked.limit - len(choice.going)
        answer = grant(
            [one for _, one in page],
            granted=granted,
            now=now,
            pace=asked.pace,
            calendars=asked.calendars,
            limit=room,
        )
        candidates = {one.dispatch: (n, one) for n, one in page}
        for identifier in answer.dispatches:
            choice.going[identifier] = candidates[identifier]
            one = candidates[identifier][1]
            granted.append(Granted(at=now, institution=one.institution, domain=one.domain))
        if not paced(asked):
            break  # one page is as many as were asked for
        if answer.next_at is not None:
            choice.later(micros(answer.next_at), answer.reason)
        full = len(choice.going) >= asked.limit or (asked.pace.account and choice.going)
        soonest = micros(Record(asked.pace, granted).account_free(now))  # nobody on a later page may go before
        if (full or soonest > tx.now) and choice.next_at is not None and choice.next_at <= soonest:
            break
    return choice


def _granted(tx: Tx, asked: Asked) -> list[Granted]:
    """The grants of the longest window, over all campaigns of this ledger.

    A domain and an institution get so many letters, whoever sends them: there every account counts.
    """
    pace = asked.pace
    windows = (*pace.account, *pace.domain, *pace.institution)
    if not windows:
        return []
    since = tx.now - max(window.seconds for window in windows) * 1_000_000
    return [
        Granted(at=moment(at), institution=institution, domain=domain, ours=account == asked.account, crowd=bool(crowd))
        for account in (_accounts(tx) if pace.domain or pace.institution else [asked.account])
        for at, institution, domain, crowd in tx.all(_GRANTED, account=account, since=since)
    ]


def _accounts(tx: Tx) -> Iterator[str]:
    """Every account that was ever granted anything: a step through the index for each."""
    last = ""
    while (found := tx.one(_NEXT_ACCOUNT, last=last)) and found[0] is not None:
        last = str(found[0])
        yield last


def granted_since(tx: Tx, since: int) -> list[Granted]:
    """What was let go lately and not given back, over all accounts."""
    return [
        Granted(at=moment(at), institution=institution, domain=domain, crowd=bool(crowd))
        for at, institution, domain, crowd in tx.all(_GRANTED_BY_ALL, since=since)
    ]


def _pages(tx: Tx, asked: Asked) -> Iterator[list[tuple[int, Candidate]]]:
    """Due letters in plan order. Without a pace they are locked, and those that another runner has locked left out."""
    query, selection = selected(_PAGE if paced(asked) else _LOCKED_PAGE, asked)
    size = PAGE if paced(asked) else asked.limit
    last = 0
    while True:
        rows = tx.find(query, **selection, now=tx.now, last=last, size=size)
        if not rows:
            return
        yield [
            (
                row.n,
                Candidate(
                    dispatch=row.id,
                    institution=row.institution,
                    domain=row.recipient.rpartition("@")[2].lower(),
                    calendar=row.calendar,
                ),
            )
            for row in rows
        ]
        last = rows[-1].n
