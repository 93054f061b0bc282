"""Office hours by the clock on the office's own wall."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from outreach.errors import CampaignError
from outreach.model.calendar import WorkCalendar
from outreach.rules.calendar import is_open, next_open

#: Clocks that change at midnight, by half an hour, around Ramadan, or not at all; offsets of quarters.
ZONES = (
    "Africa/Cairo", "Africa/Casablanca", "America/Havana", "America/New_York", "America/Nuuk", "America/Santiago",
    "America/St_Johns", "Asia/Beirut", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Tokyo", "Atlantic/Azores",
    "Australia/Lord_Howe", "Europe/London", "Europe/Sofia", "Pacific/Apia", "Pacific/Chatham", "Pacific/Kiritimati",
    "UTC",
)  # fmt: skip
MINUTE = timedelta(minutes=1)


def office(timezone: str = "Europe/Sofia", **others: object) -> WorkCalendar:
    fields = {"key": f"BG/{timezone}/Mon-Fri", "timezone": timezone, "opens": time(9), "closes": time(16)} | others
    return WorkCalendar(**fields)  # type: ignore[arg-type]


def local(timezone: str, text: str, *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(timezone), fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        pytest.param("2026-03-02T08:59:59", False, id="a second before opening"),
        pytest.param("2026-03-02T09:00", True, id="at opening"),
        pytest.param("2026-03-02T15:59:59.999999", True, id="just before closing"),
        pytest.param("2026-03-02T16:00", False, id="at closing"),
        pytest.param("2026-03-01T10:00", False, id="on a Sunday"),
        pytest.param("2026-03-03T10:00", False, id="on a public holiday"),
        pytest.param("2026-03-06T11:59", True, id="before midday of a short day"),
        pytest.param("2026-03-06T12:00", False, id="at midday of a short day"),
    ],
)
def test_an_office_is_open_from_opening_to_closing_on_working_days(moment: str, expected: bool) -> None:
    """Hours are half-open, weekends and holidays are closed, a short day ends at twelve."""
    calendar = office(holidays=frozenset({date(2026, 3, 3)}), short_days=frozenset({4}))
    assert is_open(calendar, local("Europe/Sofia", moment)) is expected


@pytest.mark.parametrize(
    ("calendar", "at", "opening"),
    [
        pytest.param(office(), "2026-03-02T05:00Z", "2026-03-02T07:00Z", id="early: today"),
        pytest.param(office(), "2026-03-02T10:30Z", "2026-03-02T10:30Z", id="open: at once"),
        pytest.param(office(), "2026-03-27T15:00Z", "2026-03-30T06:00Z", id="Friday evening: Monday, in summer time"),
        pytest.param(
            office("Asia/Riyadh", weekdays=frozenset({6, 0, 1, 2, 3})),
            "2026-03-05T20:00Z",
            "2026-03-08T06:00Z",
            id="Sunday to Thursday: after Thursday comes Sunday",
        ),
        pytest.param(
            office(holidays=frozenset({date(2026, 3, 2), date(2026, 3, 3)})),
            "2026-03-01T12:00Z",
            "2026-03-04T07:00Z",
            id="over two holidays",
        ),
        pytest.param(
            office(opens=None, closes=None),
            "2026-02-28T12:00Z",
            "2026-03-01T22:00Z",
            id="no hours but working days: from midnight",
        ),
        pytest.param(
            office(closes=time(0)), "2026-03-02T21:59Z", "2026-03-02T21:59Z", id="closing at midnight is the day's end"
        ),
        pytest.param(
            office(opens=time(13), short_days=frozenset({4})),
            "2026-03-05T20:00Z",
            "2026-03-09T11:00Z",
            id="a short day that ends before it begins is closed",
        ),
        pytest.param(
            office("Africa/Cairo", opens=time(0, 30), weekdays=frozenset(range(7))),
            "2026-04-23T21:30Z",
            "2026-04-23T22:00Z",
            id="the clock jumps over the opening hour: open with the jump",
        ),
        pytest.param(
            office("America/New_York", opens=time(22), closes=None),
            "2026-03-03T02:30Z",
            "2026-03-03T03:00Z",
            id="later today, though UTC is a day ahead",
        ),
        pytest.param(
            office("America/Nuuk", opens=time(23), closes=None, weekdays=frozenset({5})),
            "2026-10-25T01:00Z",
            "2026-10-25T01:00Z",
            id="the clock goes back at midnight: the last hour comes again",
        ),
        pytest.param(office("Asia/Kathmandu"), "2026-03-02T00:00Z", "2026-03-02T03:15Z", id="offset of three quarters"),
    ],
)
def test_the_next_opening_is_a_moment_in_utc(calendar: WorkCalendar, at: str, opening: str) -> None:
    """The first open moment from a moment on, over nights, weekends, holidays and changes of the clock."""
    found = next_open(calendar, datetime.fromisoformat(at))
    assert found == datetime.fromisoformat(opening)
    assert found.tzinfo is UTC


def test_an_hour_that_comes_twice_is_open_twice() -> None:
    """On the night the clock goes back, 00:30 to 00:45 comes twice; between them the office is shut."""
    calendar = office("America/Havana", opens=time(0, 30), closes=time(0, 45), weekdays=frozenset(range(7)))
    first = local("America/Havana", "2026-11-01T00:30")
    second = local("America/Havana", "2026-11-01T00:30", fold=1)
    assert next_open(calendar, first - MINUTE) == first
    assert next_open(calendar, first + timedelta(minutes=15)) == second
    assert second - first == timedelta(hours=1)


def test_a_calendar_without_a_working_day_is_an_error_and_no_endless_search() -> None:
    """An office that never opens is named."""
    with pytest.raises(CampaignError, match="never open"):
        next_open(office(weekdays=frozenset()), datetime(2026, 3, 2, tzinfo=UTC))


@settings(max_examples=80)
@given(
    zone=st.sampled_from(ZONES),
    opens=st.sampled_from([None, time(0), time(0, 30), time(2, 30), time(9), time(23)]),
    closes=st.sampled_from([None, time(0), time(1, 30), time(3), time(16), time(23, 30)]),
    weekdays=st.frozensets(st.integers(0, 6), min_size=1),
    day=st.sampled_from(
        [date(2026, 3, 7), date(2026, 3, 28), date(2026, 4, 23), date(2026, 10, 24), date(2026, 10, 31)]
    ),
    minute=st.integers(0, 3 * 1440),
)
@example(
    zone="Asia/Beirut", opens=time(0), closes=time(1, 30), weekdays=frozenset({6}), day=date(2026, 3, 28), minute=0
)
def test_no_minute_before_the_next_opening_is_open(
    zone: str, opens: time | None, closes: time | None, weekdays: frozenset[int], day: date, minute: int
) -> None:
    """Against a search minute by minute, in zones that change their clocks in every way there is."""
    if opens and closes and closes != time(0) and closes <= opens:
        closes = None
    calendar = office(zone, opens=opens, closes=closes, weekdays=weekdays, short_days=frozenset({4}))
    at = datetime.combine(day, time(0), tzinfo=UTC) + minute * MINUTE
    later = at
    while not is_open(calendar, later) and later < at + timedelta(days=15):
        later += MINUTE
    if is_open(calendar, later):
        assert next_open(calendar, at) == later


def test_openings_follow_the_wall_clock_through_a_whole_year() -> None:
    """Sofia opens at nine on its wall all year round: at 07:00 UTC in winter and at 06:00 in summer."""
    calendar, at = office(), datetime(2026, 1, 1, tzinfo=UTC)
    openings = []
    while at.year == 2026:
        at = next_open(calendar, at)
        openings.append(at)
        at = at.replace(hour=14)  # closed in both halves of the year
    assert {moment.astimezone(ZoneInfo("Europe/Sofia")).time() for moment in openings} == {time(9)}
    assert {moment.hour for moment in openings} == {6, 7}
    assert all(timedelta(hours=23) <= after - before <= timedelta(hours=73) for before, after in pairwise(openings))
