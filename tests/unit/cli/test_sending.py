"""What `outreach send` does beside sending: copies while it waits, and the signals that end it."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType, SimpleNamespace

import pytest

from outreach.cli import send
from outreach.errors import InboxError
from outreach.ledger import open_ledger
from outreach.model.campaign import Mode
from outreach.model.filing import Unfiled
from support.moved_clock import Book

NOW = datetime(2026, 3, 4, 8, 0, tzinfo=UTC)
LATER = NOW.replace(hour=18)


class Refuses:
    """A place whose mailbox refuses every login."""

    def __init__(self) -> None:
        self.logins = 0

    @contextmanager
    def mailbox(self) -> Iterator["Refuses"]:
        yield self

    def copies(self, folder: str, message_ids: object) -> object:
        self.logins += 1
        raise InboxError(f"{folder}: the mailbox refused the login.")


def desk_with(letters: int) -> SimpleNamespace:
    """A live campaign with copies, and so many letters without one."""
    unfiled = [
        Unfiled(dispatch=f"{n}", institution=f"{n}", message_id=f"<{n}@x>", raw=b"", date_header="", sent_at=NOW)
        for n in range(letters)
    ]
    ledger = SimpleNamespace(now=lambda: NOW, unfiled=lambda _, limit: unfiled[:limit], filed=lambda *_: None)
    return SimpleNamespace(mode=Mode.LIVE, campaign=SimpleNamespace(slug="spring", copies_folder="Sent"), ledger=ledger)


def test_a_mailbox_that_refuses_is_asked_ever_more_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """A weekend of waiting must not lock the account by three hundred wrong logins."""
    seconds = 0.0
    monkeypatch.setattr(send.time, "monotonic", lambda: seconds)
    place = Refuses()
    idle = send._copies_meanwhile(place, desk_with(3), SimpleNamespace(is_set=lambda: False))
    for minute in range(48 * 60):
        seconds = 60.0 * minute
        idle(LATER)
    assert place.logins == 8


def test_a_stop_is_heeded_between_two_copies() -> None:
    """Fifty may take long."""
    there: list[str] = []
    place = SimpleNamespace(
        copies=lambda *_: SimpleNamespace(theirs=set(), ours=set()),
        append=lambda folder, *_: there.append(folder),
    )

    @contextmanager
    def mailbox() -> Iterator[object]:
        yield place

    stop = SimpleNamespace(is_set=lambda: len(there) >= 2)
    send._copies_meanwhile(SimpleNamespace(mailbox=mailbox), desk_with(20), stop)(LATER)
    assert there == ["Sent", "Sent"]


def test_a_signal_breaks_nothing_when_the_terminal_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes in the middle of a letter: what it cannot say it does not say."""

    def gone(_: str) -> int:
        raise BrokenPipeError

    with send.stop_on_signal(tmp_path / "STOP") as stop:
        monkeypatch.setattr(sys, "stderr", SimpleNamespace(write=gone, flush=lambda: None))
        os.kill(os.getpid(), signal.SIGTERM)
        monkeypatch.undo()
        assert stop.is_set()


def test_a_terminal_that_is_closed_lets_the_letter_in_flight_be_finished(tmp_path: Path) -> None:
    """As Ctrl-C does; begun with nohup the run goes on. However the tests themselves were begun."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        with send.stop_on_signal(tmp_path / "STOP") as stop:
            os.kill(os.getpid(), signal.SIGHUP)
            assert stop.is_set()
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        with send.stop_on_signal(tmp_path / "STOP") as stop:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not stop.is_set()
    finally:
        signal.signal(signal.SIGHUP, before)


def test_an_interruption_never_comes_in_the_middle_of_a_transaction(tmp_path: Path) -> None:
    """Between two steps of it the lock of all connections would stay held; it comes as soon as the ledger is left."""
    strikes = Path(open_ledger.__code__.co_filename).parent.as_posix()

    def trace(frame: FrameType, event: str, _: object) -> Callable[..., object]:
        nonlocal steps
        if event == "line" and frame.f_code.co_filename.startswith(strikes):
            steps += 1
            if steps == step:
                sys.settrace(None)
                os.kill(os.getpid(), signal.SIGINT)
        return trace

    book = Book(f"sqlite:///{tmp_path}/ledger.db")
    step = 0
    while True:
        step, steps = step + 1, 0
        with send.stop_on_signal(tmp_path / "STOP") as stop:
            stop.set()
            sys.settrace(trace)
            try:
                book.ledger.pause("spring", by="Ana", why="wait")
                sys.settrace(None)
                if steps < step:
                    break
                with pytest.raises(KeyboardInterrupt):
                    time.sleep(5)
            except KeyboardInterrupt:
                pytest.fail(f"interrupted at step {step} of the transaction")
            finally:
                sys.settrace(None)
        assert not book.ledger._store.turn.locked(), step
    book.close()
    assert step > 20
