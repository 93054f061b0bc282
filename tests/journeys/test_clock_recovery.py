"""Times written while the clock was wrong: a lease or a delay that lies too far ahead holds nobody up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from outreach.errors import FenceLost
from outreach.model.campaign import Pace
from outreach.model.receipt import Answer, Claim, Outcome, Phase
from outreach.model.status import Status
from support.fleet import ACCOUNT, without_fsync
from support.moved_clock import Book, Postbox, Waits, names

GREY = Answer(phase=Phase.RCPT, code=450, text="4.2.0 Greylisted")
A_DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def looks_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that waits looks into the ledger every half minute; here days pass, and an hour will do."""
    monkeypatch.setattr("outreach.runner.lane.LOOK_AGAIN", timedelta(hours=1))


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Book]:
    without_fsync(monkeypatch)
    made = Book(f"sqlite:///{tmp_path}/ledger.db")
    yield made
    made.close()


def claims(book: Book, count: int, runner: str = "there:2") -> tuple[Claim, ...]:
    return book.ledger.claim("spring", runner=runner, account=ACCOUNT, pace=Pace(), calendars={}, limit=count).claims


def test_letters_of_a_runner_that_died_while_the_clock_was_ahead_are_free_when_it_is_right_again(book: Book) -> None:
    """Not a day later: the unmarked one is queued, the marked one in doubt, as after any lease that ended."""
    book.queue(*names(2))
    book.clock.now += A_DAY
    marked, _ = claims(book, 2)
    book.ledger.mark(marked)
    book.clock.now -= A_DAY
    assert book.ledger.recover() == (1, 1)
    assert book.statuses() == {"qm-000": Status.IN_DOUBT, "qm-001": Status.QUEUED}


def test_a_run_sends_what_was_in_hand_when_the_clock_was_put_back(book: Book) -> None:
    """A killed runner's letter leaves by the next run within its lease's length, not a day later."""
    book.queue(*names(3))
    claims(book, 1)
    book.clock.now -= A_DAY
    begin = book.clock.now
    postbox = Postbox(book.clock)
    for _ in range(3):
        book.run(postbox)
        book.clock.move(minutes=8)
    assert sorted(postbox.order) == names(3)
    assert max(postbox.times) - begin <= timedelta(minutes=16)


def test_a_runner_that_lives_through_the_jump_loses_its_letter_and_doubles_nothing(book: Book) -> None:
    """Its lease looks like one that ended: its late mark is refused, its late answer is the evidence."""
    book.queue(*names(2))
    marked, claimed = claims(book, 2)
    book.ledger.mark(marked)
    book.clock.now -= A_DAY
    book.ledger.recover()
    (again,) = claims(book, 1, "here:1")
    assert again.dispatch == claimed.dispatch
    with pytest.raises(FenceLost):
        book.ledger.mark(claimed)
    book.ledger.settle([Outcome(claim=marked, status=Status.ACCEPTED, code=250, text="2.0.0 queued", phase=Phase.DOT)])
    assert book.statuses() == {"qm-000": Status.ACCEPTED, "qm-001": Status.CLAIMED}


def test_a_letter_put_off_while_the_clock_was_ahead_is_due_at_the_next_run(book: Book) -> None:
    """Greylisted on a machine a day ahead: it does not wait for a day that nobody meant."""
    book.queue(*names(3))
    book.clock.now += A_DAY
    postbox = Postbox(book.clock)
    postbox.answers["qm-001"] = [GREY]
    book.run(postbox, Waits(book.clock, stop_at=book.clock.now + timedelta(seconds=1)))
    book.clock.now = book.clock.now - A_DAY
    begin = book.clock.now
    assert book.statuses()["qm-001"] is Status.QUEUED
    assert book.run(postbox).accepted == 1
    assert postbox.times[-1] - begin < timedelta(hours=6)


def test_a_letter_that_its_server_put_off_for_hours_keeps_its_time(book: Book) -> None:
    """Up to six hours a delay may be meant: a run that begins in between does not come early."""
    book.queue("qm-000")
    (claim,) = claims(book, 1)
    later = book.clock.now + timedelta(hours=5)
    full = Outcome(claim=claim, status=Status.QUEUED, code=452, text="4.2.2 Full", phase=Phase.RCPT, next_at=later)
    book.ledger.settle([full])
    postbox = Postbox(book.clock)
    book.run(postbox)
    assert postbox.times == [later]
