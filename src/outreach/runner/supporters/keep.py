"""Keep: turn after turn while the page is served, whatever happens to the mail server or the database meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from outreach.errors import LedgerAway, LedgerBusy, OutreachError, TransportError
from outreach.runner.crew import Stop
from outreach.runner.ports import Channel
from outreach.runner.supporters.desk import SupporterDesk
from outreach.runner.supporters.turn import turn

EVERY = 3.0  #: seconds between two turns
AGAIN = 60.0  #: seconds until a lost mail server is tried again; each time it is lost the pause is twice as long
LONGEST = 3600.0  #: seconds; logins refused by the hundred lock an account


@dataclass(slots=True)
class _Post:
    """The way to the mail server, and when it may be tried."""

    channel: Channel
    due: float = 0.0
    pause: float = AGAIN

    @property
    def open(self) -> Channel | None:
        return self.channel if time.monotonic() >= self.due else None

    def lost(self) -> None:
        self.due = time.monotonic() + self.pause
        self.pause = min(2 * self.pause, LONGEST)


def keep(
    desks: Sequence[SupporterDesk],
    channel: Channel,
    *,
    stop: Stop,
    trouble: Callable[[OutreachError], None],
    every: float = EVERY,
) -> None:
    """Take turns until `stop` is set. A trouble is told when it begins, and not again while it lasts."""
    post = _Post(channel)
    told = ""
    while not stop.is_set():
        found = _round(desks, post, stop)
        if found is not None and type(found).__name__ != told:
            trouble(found)
            told = type(found).__name__
        elif found is None and post.open:
            told = ""
        stop.wait(every)


def _round(desks: Sequence[SupporterDesk], post: _Post, stop: Stop) -> OutreachError | None:
    """One turn of every campaign; the last trouble of them."""
    found: OutreachError | None = None
    for it in desks:
        way = post.open
        try:
            done = turn(it, way, enough=stop.is_set)
        except TransportError as error:
            post.lost()
            found = error
        except (LedgerBusy, LedgerAway) as error:
            found = error
        else:
            if way is not None and done.notified.sent:
                post.pause = AGAIN
    return found
