"""When an office is open, by the clock on its own wall."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from outreach.errors import CampaignError
from outreach.model.calendar import WorkCalendar

_DAY = timedelta(days=1)
_MIDDAY = time(12)
_LONGEST_CLOSURE = 800  #: days; no office is closed for longer, and a calendar that is never opens


def is_open(calendar: WorkCalendar, at: datetime) -> bool:
    """Whether the office is open at this moment: from `opens` on, before `closes`, on a working day."""
    wall = at.astimezone(_zone(calendar.timezone))
    if not works_on(calendar, wall.date()):
        return False
    now = wall.time()
    closes = _closes(calendar, wall.date())
    return (calendar.opens is None or now >= calendar.opens) and (closes is None or now < closes)


def next_open(calendar: WorkCalendar, at: datetime) -> datetime:
    """The first moment from `at` on at which the office is open, in UTC; `at` itself when it is open then."""
    start = at.astimezone(UTC)
    if is_open(calendar, start):
        return start
    day = start.astimezone(_zone(calendar.timezone)).date()
    for _ in range(_LONGEST_CLOSURE):
        if works_on(calendar, day):
            for moment in sorted(_beginnings(calendar, day)):
                if moment > start and is_open(calendar, moment):
                    return moment
        day += _DAY
    raise _never_open(calendar)


def works_on(calendar: WorkCalendar, day: date) -> bool:
    """Whether it is a working day of this office, whatever the hours."""
    return day.weekday() in calendar.weekdays and day not in calendar.holidays


@lru_cache(maxsize=8192)
def working_day_after(calendar: WorkCalendar, day: date, count: int) -> date:
    """The `count`-th working day after a day, which is not counted itself (0 gives the day)."""
    closed = 0
    while count > 0:
        day += _DAY
        if works_on(calendar, day):
            count, closed = count - 1, 0
        elif (closed := closed + 1) > _LONGEST_CLOSURE:
            raise _never_open(calendar)
    return day


def local_day(calendar: WorkCalendar, at: datetime) -> date:
    """The day on the office's own wall at this moment."""
    return at.astimezone(_zone(calendar.timezone)).date()


def _never_open(calendar: WorkCalendar) -> CampaignError:
    return CampaignError(
        f"the office of {calendar.key or calendar.timezone} is never open.",
        where="pace",
        todo="Check the office hours, the working days and the recess.",
    )


def _closes(calendar: WorkCalendar, day: date) -> time | None:
    """None is the end of the day, and so is a closing at midnight."""
    closes = None if calendar.closes == time.min else calendar.closes
    if day.weekday() in calendar.short_days:
        return _MIDDAY if closes is None else min(closes, _MIDDAY)
    return closes


def _beginnings(calendar: WorkCalendar, day: date) -> Iterator[datetime]:
    """Every moment of the day at which an office can begin to be open, in UTC.

    The opening hour, which comes twice when the clock is put back over it; and each change of the clock, which may jump
    over the opening hour (then the office opens with the change) or back behind the closing hour.
    """
    zone = _zone(calendar.timezone)
    opening = datetime.combine(day, calendar.opens or time.min)
    for fold in (0, 1):
        yield opening.replace(fold=fold, tzinfo=zone).astimezone(UTC)
    midnight = datetime.combine(day, time.min, tzinfo=UTC)
    change = _change(calendar.timezone, midnight - _DAY, midnight + 2 * _DAY)
    if change is not None and change.astimezone(zone).date() == day:
        yield change


@lru_cache(maxsize=8192)
def _change(timezone: str, start: datetime, end: datetime) -> datetime | None:
    """The moment between two at which the zone's offset changes, to the second; None when it does not."""
    zone = _zone(timezone)
    before = start.astimezone(zone).utcoffset()
    if end.astimezone(zone).utcoffset() == before:
        return None
    low, high = 0, int((end - start).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if (start + timedelta(seconds=middle)).astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return start + timedelta(seconds=high)


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
