"""Work that may hang in a library call: given up at a wall deadline."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def within(seconds: float, work: Callable[[], T], *, abandon: Callable[[], None]) -> T:
    """Do `work` in a thread of its own and give its result, or raise what it raised.

    After `seconds` (and on Ctrl-C) `abandon` is called and the thread is left to itself: name look-up has no timeout,
    and a socket's timeout begins anew with every byte. Raises TimeoutError then.
    """
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - it is raised in the caller's thread
            errors.append(error)

    thread = threading.Thread(target=run, name="outreach-connect", daemon=True)
    thread.start()
    try:
        thread.join(seconds)
        if thread.is_alive():
            raise TimeoutError(f"not done within {seconds:g} s")
    except BaseException:
        abandon()
        raise
    if errors:
        raise errors[0]
    return results[0]
