"""How letters of many supporters reach one target."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.model.action import Way
from outreach.model.supporter import Delivery, Exposure, Target
from outreach.rules.flow import decide


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


@pytest.mark.parametrize(("queued", "days"), [(0, 0), (4, 0), (5, 1), (149, 29)])
def test_a_copy_waits_as_long_as_those_before_it_need(queued, days):
    found = decide(target(), queued=queued, longest_queue=30)
    assert (found.way, found.days) == (Way.COPY, days)


def test_a_queue_of_more_than_thirty_days_turns_to_the_digest_and_says_so():
    found = decide(target(), queued=150, longest_queue=30)
    assert found.way is Way.DIGEST
    assert "30 days" in found.why


def test_a_target_that_learns_counts_gets_no_letter_of_its_own_whatever_the_delivery():
    for delivery in Delivery:
        found = decide(target(exposure=Exposure.COUNTS, delivery=delivery), queued=0, longest_queue=30)
        assert found.way is Way.DIGEST


def test_nothing_goes_to_a_suppressed_target_and_the_reason_is_kept():
    found = decide(target(suppressed="asked us to stop", exposure=Exposure.COUNTS), queued=0, longest_queue=30)
    assert (found.way, found.why) == (None, "asked us to stop")


def test_nothing_goes_to_a_target_that_supporters_do_not_write_to():
    assert decide(target(exposure=Exposure.NONE), queued=0, longest_queue=30).way is None


@given(st.integers(1, 50), st.integers(0, 3000), st.integers(1, 60))
def test_no_day_is_given_more_than_its_cap(per_day, letters, longest):
    """Letters that come one after the other: each day has at most its cap, and no copy waits for too long."""
    days: dict[int, int] = {}
    copies = 0
    for _ in range(letters):
        found = decide(target(per_day=per_day), queued=copies, longest_queue=longest)
        if found.way is Way.COPY:
            copies += 1
            days[found.days] = days.get(found.days, 0) + 1
    assert all(count <= per_day for count in days.values())
    assert max(days, default=0) < longest
    assert copies == min(letters, per_day * longest)
