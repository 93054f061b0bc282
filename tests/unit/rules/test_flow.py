"""How letters of many supporters reach one target."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.model.action import Way
from outreach.model.calendar import WorkCalendar
from outreach.model.supporter import Delivery, Exposure, Target
from outreach.rules.calendar import works_on
from outreach.rules.flow import Decision, decide

MONDAY = date(2026, 11, 2)
EVERY_DAY = WorkCalendar(key="QM/UTC/every", timezone="UTC", weekdays=frozenset(range(7)))
SUNDAY_TO_THURSDAY = WorkCalendar(
    key="QM/UTC/Sun-Thu", timezone="UTC", weekdays=frozenset({6, 0, 1, 2, 3}), holidays=frozenset({date(2026, 11, 4)})
)


def target(**more: object) -> Target:
    usual = {
        "institution": "qm-mfa-1",
        "name": "Ministry",
        "state": "QM",
        "role": "mfa",
        "recipient": "mfa@qm.example",
        "address_norm": "mfa@qm.example",
        "language": "en",
        "demands": ("moratorium",),
        "timezone": "UTC",
        "calendar": "",
        "exposure": Exposure.NAMES,
        "delivery": Delivery.INDIVIDUAL,
        "per_day": 5,
    }
    return Target(**{**usual, **more})  # type: ignore[arg-type]


def decided(one: Target, *, queued: int = 0, today: date = MONDAY, calendar: WorkCalendar = EVERY_DAY) -> Decision:
    return decide(one, queued=queued, longest_queue=30, today=today, calendar=calendar)


@pytest.mark.parametrize(("queued", "days"), [(0, 0), (4, 0), (5, 1), (149, 29)])
def test_a_copy_waits_as_long_as_those_before_it_need(queued, days):
    found = decided(target(), queued=queued)
    assert (found.way, found.day) == (Way.COPY, MONDAY + timedelta(days=days))


@pytest.mark.parametrize(
    ("today", "queued", "day"),
    [
        (date(2026, 11, 2), 0, date(2026, 11, 2)),
        (date(2026, 11, 2), 5, date(2026, 11, 3)),
        (date(2026, 11, 2), 10, date(2026, 11, 5)),  # past the holiday on the 4th
        (date(2026, 11, 2), 15, date(2026, 11, 8)),  # past Friday and Saturday
        (date(2026, 11, 6), 0, date(2026, 11, 8)),  # confirmed on a Friday: dated the day it can go
        (date(2026, 11, 6), 5, date(2026, 11, 9)),
    ],
)
def test_days_on_which_the_office_is_closed_take_no_letters(today, queued, day):
    assert decided(target(), queued=queued, today=today, calendar=SUNDAY_TO_THURSDAY).day == day


@pytest.mark.parametrize("queued", [150, 1_000_000])
def test_a_queue_of_more_than_thirty_days_turns_to_the_digest_and_says_so(queued):
    found = decided(target(), queued=queued)
    assert (found.way, found.day) == (Way.DIGEST, None)
    assert "30 days" in found.why


def test_thirty_days_are_days_as_they_come_and_not_working_days():
    """Those from 2 November end on 1 December; the days among them on which the office is closed take nothing."""
    last = date(2026, 12, 1)
    working = sum(works_on(SUNDAY_TO_THURSDAY, MONDAY + timedelta(days=n)) for n in range((last - MONDAY).days + 1))
    assert decided(target(), queued=5 * working - 1, calendar=SUNDAY_TO_THURSDAY).day == last
    assert decided(target(), queued=5 * working, calendar=SUNDAY_TO_THURSDAY).way is Way.DIGEST


def test_a_target_that_learns_counts_gets_no_letter_of_its_own_whatever_the_delivery():
    for delivery in Delivery:
        found = decided(target(exposure=Exposure.COUNTS, delivery=delivery))
        assert found.way is Way.DIGEST


def test_nothing_goes_to_a_suppressed_target_and_the_reason_is_kept():
    found = decided(target(suppressed="asked us to stop", exposure=Exposure.COUNTS))
    assert (found.way, found.why) == (None, "asked us to stop")


def test_nothing_goes_to_a_target_that_supporters_do_not_write_to():
    assert decided(target(exposure=Exposure.NONE)).way is None


@given(
    st.integers(1, 50),
    st.integers(0, 3000),
    st.integers(1, 60),
    st.dates(date(2026, 1, 1), date(2030, 1, 1)),
    st.sets(st.integers(0, 6), min_size=1),
)
def test_no_day_is_given_more_than_its_cap(per_day, letters, longest, today, weekdays):
    """Letters that come one after the other: each working day has at most its cap, no copy waits for too long, and
    none joins the digest that could have gone."""
    calendar = WorkCalendar(key="QM/UTC/some", timezone="UTC", weekdays=frozenset(weekdays))
    days: dict[date, int] = {}
    copies = 0
    for _ in range(letters):
        found = decide(target(per_day=per_day), queued=copies, longest_queue=longest, today=today, calendar=calendar)
        if found.way is Way.COPY:
            copies += 1
            days[found.day] = days.get(found.day, 0) + 1
    assert all(count <= per_day and works_on(calendar, day) for day, count in days.items())
    assert all(today <= day < today + timedelta(days=longest) for day in days)
    working = sum(works_on(calendar, today + timedelta(days=n)) for n in range(longest))
    assert copies == min(letters, per_day * working)
