"""kill -9 at random moments, with one runner and with several: nothing doubled, nothing lost, the doubtful shown.

`make test` kills 50 times each, CI 200 times, `make torture` 1,000 times (TORTURE_KILLS).
"""

import os
from collections.abc import Callable

import pytest

from outreach.model.status import Status
from torture.reckoning import Reckoning

KILLS = int(os.environ.get("TORTURE_KILLS") or ("200" if os.environ.get("CI") == "true" else "50"))
Torture = Callable[..., Reckoning]


@pytest.mark.timeout(60 + KILLS)
@pytest.mark.parametrize("runners", [1, 2, 4])
def test_kills_at_random_moments_double_nothing_and_lose_nothing(torture: Torture, runners: int) -> None:
    """Each letter is at the server once, as approved, and accepted; or it is in doubt: one a kill at the most."""
    found = torture(runners=runners, kills=KILLS)
    assert not found.faults()
    assert set(found.counts) <= {Status.ACCEPTED, Status.IN_DOUBT}
    assert found.counts[Status.ACCEPTED] > found.counts[Status.IN_DOUBT]


@pytest.mark.timeout(60 + KILLS)
def test_kills_of_runners_with_several_connections_double_nothing_and_lose_nothing(torture: Torture) -> None:
    """Two runners with three connections each; in doubt are as many letters as were at their last gap."""
    found = torture(runners=2, kills=KILLS // 2, connections=3)
    assert not found.faults()
    assert set(found.counts) <= {Status.ACCEPTED, Status.IN_DOUBT}


@pytest.mark.timeout(600)
def test_without_the_mark_the_same_kills_double_letters(without_the_mark: Callable[..., None]) -> None:
    """The check can fail: when the mark is durable only with the answer, letters are at the server twice."""
    without_the_mark(runners=2, kills=80)
