"""A deadline for one piece of work: whoever writes a mail must not decide how long we read it."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class TookTooLong(Exception):
    """The work did not end in time."""


@contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """Give up after so many seconds; in the main thread alone, where signals arrive. Another's alarm is put back."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def ring(*_: object) -> None:
        raise TookTooLong(f"it takes longer than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, ring)
    began = time.monotonic()
    left, again = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if left:
            signal.setitimer(signal.ITIMER_REAL, max(left - (time.monotonic() - began), 0.001), again)
