"""What a slow connection does to the pace: it is counted at the claim, and MAIL comes later."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta
from pathlib import Path

import pytest

from outreach.errors import Unavailable
from outreach.model.campaign import Pace, Window
from outreach.model.receipt import Phase
from support.fleet import above, without_fsync
from support.moved_clock import BEGIN, Book, Postbox, names


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Book]:
    without_fsync(monkeypatch)
    made = Book(f"sqlite:///{tmp_path}/ledger.db")
    yield made
    made.close()


class SlowDoor(Postbox):
    """A server whose banner and login take a minute and a half."""

    def open(self) -> None:
        self.clock.move(seconds=90)
        super().open()


def test_a_slow_login_does_not_bring_two_letters_together(book: Book) -> None:
    """One a minute: the letter that waited for its login and the one after it are a minute apart at the server."""
    book.pace = Pace(account=(Window(count=1, seconds=60),))
    book.queue(*names(4))
    door = SlowDoor(book.clock)
    book.run(door)
    assert above([at for at, _ in door.tried], Window(count=1, seconds=60)) == []


def test_a_connection_that_comes_back_late_does_not_bring_two_letters_together(book: Book) -> None:
    """The same when the connection is lost in the middle of a run and made again."""
    book.pace = Pace(account=(Window(count=1, seconds=60),))
    book.queue(*names(6))
    door = SlowDoor(book.clock)
    lost = Unavailable("The server closed the connection.", phase=Phase.MAIL)
    door.answers["qm-002"] = [lost]
    book.run(door)
    assert sorted(door.order) == names(6)
    assert above([at for at, _ in door.tried], Window(count=1, seconds=60)) == []


def test_a_slow_login_at_closing_time_sends_nothing_after_it(book: Book) -> None:
    """Claimed at one minute to five, connected after five: the letter waits for the morning."""
    book.clock.now = BEGIN.replace(hour=16, minute=59)
    book.pace = Pace(opens=time(9), closes=time(17))
    book.queue(book.dispatch("qp-1", calendar="QP/Etc/UTC/Mon-Fri"))
    door = SlowDoor(book.clock)
    book.run(door)
    ((at, _),) = door.tried
    assert time(9) <= at.time() < time(17)
    assert at - BEGIN > timedelta(hours=20)
