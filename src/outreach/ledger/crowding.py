"""Choosing among supporters' copies and digests: after the campaign's own letters, each target within its daily cap.

A hundred thousand copies may be queued for three targets. They are counted in an index that holds nothing else, and
read only at the head of each target that has room.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, literal_column, select, true

from outreach.ledger.choosing import QUEUED, Asked, Choice
from outreach.ledger.schema import OURS, THEIRS, attempt, dispatch
from outreach.ledger.store import Tx
from outreach.ledger.supporter_schema import frame, frame_target
from outreach.ledger.times import length, micros, moment
from outreach.model.status import Status
from outreach.rules.pacing import DAY, Candidate, Cap, Granted, Record, grant

UNAPPROVED = "supporters' letters to institutions that are no target now"

#: Where the campaign's own letter may not go, or came back, supporters' letters wait, too.
_NO_TARGET = (Status.HELD, Status.CANCELLED, Status.SUPPRESSED, Status.BOUNCED, Status.REJECTED)
_APPROVED = select(frame.c.campaign).where(frame.c.campaign == bindparam("campaign"))
_OPEN = (
    select(
        frame_target.c.institution,
        frame_target.c.state,
        frame_target.c.recipient,
        frame_target.c.calendar,
        frame_target.c.per_day,
    )
    .select_from(frame_target)
    .join(
        dispatch,
        and_(
            dispatch.c.institution == frame_target.c.institution,
            dispatch.c.campaign == frame_target.c.campaign,
            dispatch.c.step == literal_column("0"),
            OURS,
        ),
    )
    .where(
        frame_target.c.campaign == bindparam("campaign"),
        frame_target.c.suppressed == literal_column("''"),
        dispatch.c.status.not_in([status.value for status in _NO_TARGET]),
        dispatch.c.planned.is_(true()),
    )
)
_THEIR_QUEUE = and_(dispatch.c.campaign == bindparam("campaign"), QUEUED, THEIRS, dispatch.c.planned.is_(true()))
_QUEUES = select(dispatch.c.institution, func.count().label("all")).where(_THEIR_QUEUE).group_by(dispatch.c.institution)
# Each a step into the index.
_FIRST = select(func.min(dispatch.c.next_at)).where(
    _THEIR_QUEUE, dispatch.c.institution == bindparam("institution"), dispatch.c.next_at > bindparam("after")
)
_HEAD = (
    select(dispatch.c.n, dispatch.c.id, dispatch.c.recipient, dispatch.c.calendar, dispatch.c.next_at)
    .where(
        _THEIR_QUEUE,
        dispatch.c.institution == bindparam("institution"),
        dispatch.c.next_at <= bindparam("now"),
    )
    .order_by(dispatch.c.next_at, dispatch.c.n)
    .limit(bindparam("size"))
)
# Spelled out as the index has it: see schema.CROWD.
_GOT: tuple[ColumnElement[bool], ...] = (
    attempt.c.institution == bindparam("institution"),
    attempt.c.granted_at > bindparam("since"),
    attempt.c.granted_at < bindparam("until"),
    literal_column("crowd"),
    literal_column("NOT given_back"),
)
_COUNT = select(func.count()).where(*_GOT)
_LAST_BUT = select(attempt.c.granted_at).where(*_GOT).order_by(attempt.c.granted_at.desc()).limit(1)
_NTH = _LAST_BUT.offset(bindparam("others"))


def has_frame(tx: Tx, campaign: str) -> bool:
    """Whether supporters may write in this campaign at all."""
    return tx.one(_APPROVED, campaign=campaign) is not None


def crowd_waiting(tx: Tx, asked: Asked) -> int:
    """How many copies and digests of this selection are queued."""
    return sum(one.all for one in _queues(tx, asked, _open(tx, asked)))


def choose_crowd(tx: Tx, asked: Asked, choice: Choice) -> int:
    """Add to `choice` what may go now; how many of the selection were queued.

    Targets are served by whose letter has waited longest. The cap is an exact sliding window over the ledger's record.
    """
    targets = _open(tx, asked)
    queues = _queues(tx, asked, targets)
    now = moment(tx.now)
    room = 0 if asked.pace.account and choice.going else asked.limit - len(choice.going)
    ready = room > 0 and Record(asked.pace, choice.granted).account_free(now) == now
    heads: list[tuple[int, int, Candidate]] = []
    caps: dict[str, Cap] = {}
    for queue in queues:
        target = targets.get(queue.institution)
        if target is None:
            continue
        first = _first(tx, asked, queue.institution, after=tx.now)
        if first is not None:
            choice.later(first, "the day of supporters' letters has not come")
        if (_first(tx, asked, queue.institution, after=-1) or 0) <= tx.now:
            cap = caps[queue.institution] = _cap(tx, target)
            heads += _heads(tx, asked, target, min(room, cap.most - cap.got) if ready else 0)
    heads.sort(key=lambda head: head[:2])
    _grant(tx, asked, choice, heads, caps, room)
    if choice.next_at is None and queues:
        choice.reason = UNAPPROVED
    return sum(queue.all for queue in queues)


def _grant(
    tx: Tx,
    asked: Asked,
    choice: Choice,
    heads: list[tuple[int, int, Candidate]],
    caps: Mapping[str, Cap],
    room: int,
) -> None:
    now = moment(tx.now)
    answer = grant(
        [one for _, _, one in heads],
        granted=choice.granted,
        now=now,
        pace=asked.pace,
        calendars=asked.calendars,
        limit=room,
        caps=caps,
    )
    known = {one.dispatch: (n, one) for _, n, one in heads}
    for identifier in answer.dispatches:
        choice.going[identifier] = known[identifier]
        one = known[identifier][1]
        choice.granted.append(Granted(at=now, institution=one.institution, domain=one.domain, crowd=True))
    if answer.dispatches:
        choice.later(tx.now, "")  # what is behind the heads is seen by the next claim
    elif answer.next_at is not None:
        choice.later(micros(answer.next_at), answer.reason)


def _open(tx: Tx, asked: Asked) -> dict[str, Any]:
    """The targets to which something may go now, of those that were asked for."""
    found = tx.find(_OPEN, campaign=asked.campaign)
    return {
        one.institution: one
        for one in found
        if one.state not in asked.stopped and _is_asked(asked, one.institution, one.state)
    }


def _queues(tx: Tx, asked: Asked, targets: Mapping[str, Any]) -> list[Any]:
    """What is queued for each institution that was asked for, be it a target or, while no state is paused, none."""
    found = tx.find(_QUEUES, campaign=asked.campaign)
    return [
        one
        for one in found
        if one.institution in targets or (not asked.stopped and _is_asked(asked, one.institution, ""))
    ]


def _first(tx: Tx, asked: Asked, institution: str, *, after: int) -> int | None:
    """The earliest moment after that one at which something queued for an institution may go."""
    found = tx.one(_FIRST, campaign=asked.campaign, institution=institution, after=after)
    return None if found is None or found[0] is None else int(found[0])


def _is_asked(asked: Asked, institution: str, state: str) -> bool:
    folded = {one.casefold() for one in asked.only}
    return not folded or not folded.isdisjoint({institution.casefold(), state.casefold()})


def _cap(tx: Tx, target: Any) -> Cap:
    """Half-open, as every window: a grant exactly a day ago is outside. One that a clock put back left in the future
    counts as made now, unless it is a day ahead."""
    window = {"since": tx.now - length(DAY), "until": tx.now + length(DAY)}
    (got,) = tx.one(_COUNT, institution=target.institution, **window) or (0,)
    free_at = tx.now
    if got >= target.per_day:
        nth = tx.one(_NTH, institution=target.institution, others=target.per_day - 1, **window)
        free_at = min(nth[0] if nth else tx.now, tx.now) + length(DAY)
    return Cap(most=target.per_day, got=got, free_at=moment(free_at))


def _heads(tx: Tx, asked: Asked, target: Any, size: int) -> list[tuple[int, int, Candidate]]:
    """As many as may go, the longest waiting first. Where none may, one without a number stands for all."""
    if size < 1:
        return [(0, 0, _candidate("", target.institution, target.recipient, target.calendar))]
    rows = tx.find(_HEAD, campaign=asked.campaign, institution=target.institution, now=tx.now, size=size)
    return [(row.next_at, row.n, _candidate(row.id, target.institution, row.recipient, row.calendar)) for row in rows]


def _candidate(identifier: str, institution: str, recipient: str, calendar: str) -> Candidate:
    domain = recipient.rpartition("@")[2].lower()
    return Candidate(dispatch=identifier, institution=institution, domain=domain, calendar=calendar, crowd=True)
