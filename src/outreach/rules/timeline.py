"""What happened in which week."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

from outreach.model.event import Event, EventKind
from outreach.model.heard import Heard
from outreach.model.inbound import InboundKind
from outreach.model.position import Stated
from outreach.model.report import Track, Week

_EVENTS = {
    EventKind.SENT: Track.SENT,
    EventKind.BOUNCED: Track.RETURNED,
    EventKind.REJECTED: Track.RETURNED,
}
_HEARD = {InboundKind.ACKNOWLEDGEMENT: Track.ACKNOWLEDGED, InboundKind.REPLY: Track.ANSWERED}
_WEEK = timedelta(days=7)


def weeks(events: Iterable[Event], heard: Iterable[Heard], records: Iterable[Stated]) -> tuple[Week, ...]:
    """Every week (Monday to Sunday, UTC) from the first in which something happened to the last, quiet ones too."""
    counts: Counter[tuple[date, Track]] = Counter()
    counts.update((_monday(one.at.date()), _EVENTS[one.kind]) for one in events if one.kind in _EVENTS)
    counts.update((_monday(one.at.date()), _HEARD[one.kind]) for one in heard if one.kind in _HEARD and _counts(one))
    counts.update((_monday(one.at.date()), Track.RECORDED) for one in records)
    mondays = [monday for monday, _ in counts]
    if not mondays:
        return ()
    first, last = min(mondays), max(mondays)
    every = (first + number * _WEEK for number in range((last - first) // _WEEK + 1))
    return tuple(Week(monday=monday, counts={track: counts[monday, track] for track in Track}) for monday in every)


def _counts(one: Heard) -> bool:
    return one.proven or one.kind is not InboundKind.REPLY


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
