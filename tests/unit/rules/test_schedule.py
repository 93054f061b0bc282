"""The plan's calendar is what the runner will be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.model.calendar import WorkCalendar
from outreach.model.campaign import Pace, Window
from outreach.rules.pacing import Candidate, Granted, grant
from outreach.rules.schedule import forecast

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
SIXTY_ZONES = (
    "Africa/Abidjan", "Africa/Accra", "Africa/Addis_Ababa", "Africa/Algiers", "Africa/Cairo", "Africa/Casablanca",
    "Africa/Johannesburg", "Africa/Kigali", "Africa/Lagos", "Africa/Nairobi", "Africa/Tunis", "Africa/Windhoek",
    "America/Argentina/Buenos_Aires", "America/Asuncion", "America/Bogota", "America/Caracas", "America/Havana",
    "America/Lima", "America/Mexico_City", "America/New_York", "America/Nuuk", "America/Port-au-Prince",
    "America/Santiago", "America/Sao_Paulo", "America/Toronto", "Asia/Almaty", "Asia/Baghdad", "Asia/Baku",
    "Asia/Beirut", "Asia/Colombo", "Asia/Dhaka", "Asia/Dili", "Asia/Dubai", "Asia/Hebron", "Asia/Jakarta",
    "Asia/Jerusalem", "Asia/Kabul", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Nicosia", "Asia/Riyadh", "Asia/Seoul",
    "Asia/Tehran", "Asia/Tokyo", "Asia/Yangon", "Atlantic/Reykjavik", "Australia/Lord_Howe", "Australia/Sydney",
    "Europe/Berlin", "Europe/Chisinau", "Europe/Dublin", "Europe/Istanbul", "Europe/Lisbon", "Europe/London",
    "Europe/Sofia", "Pacific/Apia", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Easter", "Pacific/Kiritimati",
)  # fmt: skip


def calendars(zones: Sequence[str]) -> dict[str, WorkCalendar]:
    """Offices with all kinds of weeks, a short Friday and a holiday."""
    weeks = (frozenset({0, 1, 2, 3, 4}), frozenset({6, 0, 1, 2, 3}), frozenset({5, 6, 0, 1, 2}))
    return {
        zone: WorkCalendar(
            key=zone,
            timezone=zone,
            weekdays=weeks[n % 3],
            short_days=frozenset({4}),
            holidays=frozenset({date(2026, 3, 9), date(2026, 10, 26)}),
            opens=time(9),
            closes=time(15, 30),
        )
        for n, zone in enumerate(zones)
    }


def by_asking(
    candidates: Sequence[Candidate],
    pace: Pace,
    offices: Mapping[str, WorkCalendar],
    start: datetime,
    granted: Sequence[Granted],
) -> list[tuple[str, datetime]]:
    """What a runner sees that asks `grant` at every `next_at`."""
    waiting, record, now = list(candidates), list(granted), start
    leaving: list[tuple[str, datetime]] = []
    while waiting:
        answer = grant(waiting, granted=record, now=now, pace=pace, calendars=offices, limit=len(waiting))
        going = set(answer.dispatches)
        record += [Granted(at=now, institution=c.institution, domain=c.domain) for c in waiting if c.dispatch in going]
        leaving += [(dispatch, now) for dispatch in answer.dispatches]
        waiting = [c for c in waiting if c.dispatch not in going]
        now = answer.next_at or now
    return leaving


windows = st.lists(
    st.builds(Window, count=st.integers(1, 5), seconds=st.sampled_from([1, 60, 3600, 86400])), max_size=2
).map(tuple)
OFFICES = calendars(SIXTY_ZONES[::12])


@settings(max_examples=60)
@given(
    pace=st.builds(Pace, account=windows, domain=windows, institution=windows, jitter=st.sampled_from([0.0, 0.4])),
    shape=st.lists(
        st.tuples(st.integers(0, 8), st.integers(0, 3), st.sampled_from(["", *OFFICES])), min_size=1, max_size=25
    ),
    start=st.datetimes(datetime(2026, 3, 1), datetime(2026, 11, 5), timezones=st.just(UTC)),  # noqa: DTZ001
    earlier=st.lists(st.tuples(st.floats(0, 90_000), st.integers(0, 8), st.integers(0, 3)), max_size=6),
)
def test_the_forecast_is_what_asking_step_by_step_gives(
    pace: Pace, shape: list[tuple[int, int, str]], start: datetime, earlier: list[tuple[float, int, int]]
) -> None:
    """Same letters, same order, same microsecond, for any pace, offices and record."""
    candidates = [
        Candidate(dispatch=f"d{n}", institution=f"i{i}", domain=f"{d}.example", calendar=office)
        for n, (i, d, office) in enumerate(shape)
    ]
    granted = [
        Granted(at=start - timedelta(seconds=s), institution=f"i{i}", domain=f"{d}.example") for s, i, d in earlier
    ]
    planned = forecast(candidates, pace=pace, calendars=OFFICES, start=start, granted=granted)
    assert planned == by_asking(candidates, pace, OFFICES, start, granted)


@pytest.mark.parametrize(
    "start",
    [
        pytest.param("2026-03-06T00:00Z", id="America's spring"),
        pytest.param("2026-03-27T00:00Z", id="Europe's spring"),
        pytest.param("2026-04-03T00:00Z", id="the south's autumn, and Easter Island"),
        pytest.param("2026-04-23T00:00Z", id="Egypt's spring"),
        pytest.param("2026-10-23T00:00Z", id="Europe's autumn"),
    ],
)
def test_every_letter_to_sixty_time_zones_leaves_in_office_hours(start: str) -> None:
    """Over the weekends on which clocks change: 100 per cent on a working day, between nine and closing."""
    offices = calendars(SIXTY_ZONES)
    assert len(offices) == 60
    candidates = [
        Candidate(dispatch=f"d{n}", institution=f"i{n}", domain=f"{n}.example", calendar=SIXTY_ZONES[n % 60])
        for n in range(900)
    ]
    pace = Pace(account=(Window(count=6, seconds=60), Window(count=120, seconds=3600)), jitter=0.2)
    leaving = forecast(candidates, pace=pace, calendars=offices, start=datetime.fromisoformat(start))
    zones = {candidate.dispatch: candidate.calendar for candidate in candidates}
    assert {dispatch for dispatch, _ in leaving} == set(zones)
    for dispatch, at in leaving:
        office = offices[zones[dispatch]]
        wall = at.astimezone(ZoneInfo(office.timezone))
        assert wall.weekday() in office.weekdays
        assert wall.date() not in office.holidays
        assert time(9) <= wall.time() < (time(12) if wall.weekday() == 4 else time(15, 30))


def test_ten_thousand_letters_leave_in_their_order_where_nothing_holds_them() -> None:
    """One pace, no offices: the n-th letter leaves n gaps after the start."""
    candidates = [
        Candidate(dispatch=f"d{n}", institution=f"i{n}", domain=f"{n % 3000}.example", calendar="")
        for n in range(10_000)
    ]
    pace = Pace(account=(Window(count=60, seconds=60),), domain=(Window(count=1, seconds=60),))
    leaving = forecast(candidates, pace=pace, calendars={}, start=MONDAY)
    assert leaving == [(f"d{n}", MONDAY + timedelta(seconds=n)) for n in range(10_000)]


def test_what_was_sent_before_moves_the_forecast() -> None:
    """A letter granted five seconds ago at six a minute lets the first one wait five more."""
    candidates = [Candidate(dispatch="d0", institution="i0", domain="0.example", calendar="")]
    earlier = Granted(at=MONDAY - timedelta(seconds=5), institution="e", domain="e.example")
    pace = Pace(account=(Window(count=6, seconds=60),))
    assert forecast(candidates, pace=pace, calendars={}, start=MONDAY, granted=[earlier]) == [
        ("d0", MONDAY + timedelta(seconds=5))
    ]


def test_no_letters_make_an_empty_forecast() -> None:
    """A plan in which nobody is written to has an empty calendar."""
    assert forecast([], pace=Pace(), calendars={}, start=MONDAY) == []
