"""A deadline for one piece of work: whoever writes a mail must not decide how long we read it."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self


class TookTooLong(Exception):
    """The work did not end in time."""


@contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """Give up after so many seconds; in the main thread alone, where signals arrive. Another's alarm is put back."""
    with deadlines(seconds) as deadline, deadline:
        yield


@contextmanager
def deadlines(seconds: float) -> Iterator[Deadline]:
    """`bounded` for many pieces of work in turn: to take the alarm and to put it back costs as much as a small mail."""
    deadline = Deadline(seconds)
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield deadline
        return

    def ring(*_: object) -> None:
        raise TookTooLong(f"it takes longer than {seconds:g} s")

    began = time.monotonic()
    left, again = signal.setitimer(signal.ITIMER_REAL, 0)
    before = signal.signal(signal.SIGALRM, ring)
    deadline.rings = True
    try:
        yield deadline
    finally:
        signal.signal(signal.SIGALRM, before)
        if left:
            signal.setitimer(signal.ITIMER_REAL, max(left - (time.monotonic() - began), 0.001), again)


class Deadline:
    """For the block of one piece of work."""

    __slots__ = ("_seconds", "rings")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.rings = False

    def __enter__(self) -> Self:
        if self.rings:
            signal.setitimer(signal.ITIMER_REAL, self._seconds)
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        if self.rings:
            signal.setitimer(signal.ITIMER_REAL, 0)
