"""Nobody's mail takes longer than it may."""

import re
import signal
import time

import pytest

from outreach.runner.bounded import TookTooLong, bounded, deadlines


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


def test_each_of_many_pieces_of_work_has_the_whole_time_and_one_that_takes_too_long_ends_no_other():
    done = []
    with deadlines(0.3) as deadline:
        for number in range(4):
            with deadline:
                time.sleep(0.1)
                done.append(number)
        time.sleep(0.4)  # between two pieces nothing rings
        with pytest.raises(TookTooLong), deadline:
            re.match(r"(a|aa)+$", "a" * 60 + "b")
        with deadline:
            done.append("after")
    assert done == [0, 1, 2, 3, "after"]
