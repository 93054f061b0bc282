"""Nobody's mail takes longer than it may."""

import re
import signal
import time

import pytest

from outreach.runner.bounded import TookTooLong, bounded


def test_work_that_takes_too_long_is_given_up_even_in_a_regular_expression():
    began = time.monotonic()
    with pytest.raises(TookTooLong), bounded(0.05):
        re.match(r"(a|aa)+$", "a" * 60 + "b")
    assert time.monotonic() - began < 5


def test_an_alarm_that_was_set_before_still_rings():
    """A test's own deadline, for one."""
    rang = []
    before = signal.signal(signal.SIGALRM, lambda *_: rang.append(1))
    timer = signal.setitimer(signal.ITIMER_REAL, 0.1)
    try:
        with bounded(5):
            pass
        end = time.monotonic() + 5
        while not rang and time.monotonic() < end:
            pass
        assert rang
    finally:
        signal.signal(signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, *timer)
