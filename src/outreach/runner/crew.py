"""What the connections of one run share: how far it is, how many letters it may still take, and whether it is over."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from outreach.model.receipt import Outcome, Turn
from outreach.model.status import Status
from outreach.runner.sent import Sent

GLANCE = 0.5  #: seconds; how often one of several connections looks up from waiting: another may have ended the run


class Stop(Protocol):
    """A `threading.Event`: set to finish the letter in flight and end."""

    def is_set(self) -> bool: ...
    def wait(self, timeout: float | None = None) -> bool: ...


@dataclass
class Crew:
    """The shared part of a run, for any number of threads."""

    stop: Stop
    progress: Callable[[Sent], None]
    limit: int | None = None
    lanes: int = 1  #: connections
    sent: Sent = field(default_factory=Sent)
    error: BaseException | None = None  #: the first that ended a connection, and with it the run
    ever_connected: bool = False
    rests_until: datetime | None = None  #: by the ledger's clock: one of the connections was sent away until then
    ended: str = ""  #: why the run ends early, in words
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _in_hand: int = 0  #: letters that are claimed and have not had their turn
    _put_off: set[str] = field(default_factory=set)  #: dispatches that had a turn and are queued again

    @property
    def over(self) -> bool:
        """Whether no further letter is to be begun."""
        return self.error is not None or bool(self.ended) or self.stop.is_set()

    @property
    def done(self) -> bool:
        """Whether nothing is left to wait for: each letter had its turn for good, or as many as the limit says."""
        with self._lock:
            full = self.limit is not None and self.sent.tried + self._in_hand >= self.limit
            return full or not (self.sent.left or self._put_off)

    def end(self, why: str) -> None:
        """End the run after the letters in flight, and say why."""
        self.ended = why
        self.say(replace(self.sent, until=None, reason=why))

    def fail(self, error: BaseException) -> None:
        """A connection ended with an error: the others end too. The first error is the run's, or an interruption."""
        with self._lock:
            if self.error is None or isinstance(error, KeyboardInterrupt):
                self.error = error

    @property
    def alone(self) -> bool:
        """One connection: it waits in one piece, and leaves nothing for others."""
        return self.lanes == 1

    def share(self, most: int) -> int:
        """How many letters a connection takes at once, so that the last ones are not all with one of them."""
        return most if self.alone else max(1, min(most, self.sent.left // (2 * self.lanes)))

    @contextmanager
    def room(self, most: int) -> Iterator[int]:
        """How many letters may be claimed now; nobody else asks until the claim is told with `claimed`."""
        if self.limit is None:
            yield most
            return
        with self._lock:
            yield min(most, self.limit - self.sent.tried - self._in_hand)

    def claimed(self, turn: Turn) -> None:
        """A claim was made."""
        with self._lock:
            self._in_hand += len(turn.claims)
            left = max(0, turn.waiting + self._in_hand - len(self._put_off))
            self.say(replace(self.sent, left=left))

    def given_back(self, count: int) -> None:
        """So many claimed letters did not get their turn."""
        with self._lock:
            self._in_hand -= count

    def finished(self, one: Outcome) -> None:
        """A claimed letter had its turn."""
        with self._lock:
            self._in_hand -= 1
            dispatch = one.claim.dispatch
            self.say(self.sent.after(one.status, one.claim.institution, again=dispatch in self._put_off))
            if one.status is Status.QUEUED:
                self._put_off.add(dispatch)
            else:
                self._put_off.discard(dispatch)

    def say(self, sent: Sent) -> None:
        """Tell how far the run is."""
        with self._lock:
            self.sent = sent
            self.progress(sent)

    def wait(self, span: timedelta) -> None:
        """Wait, but not for a run that is over."""
        seconds = max(0.0, span.total_seconds())
        if self.alone:
            self.stop.wait(seconds)
            return
        while not self.over and seconds > 0:
            glance = min(seconds, GLANCE)
            self.stop.wait(glance)
            seconds -= glance
