"""The runner on its moved clock with real connections: days of pauses pass, and every byte crosses a socket."""

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from outreach.model.receipt import Answer, Claim
from outreach.model.server import Server
from outreach.model.status import Status
from outreach.runner.send import Sent, send
from outreach.transport.channel import SmtpChannel
from outreach.transport.login import Queue
from outreach.transport.timing import Retry, Timeouts
from servers.mailserver import Kept
from servers.scripted import Mail, ScriptedServer
from support.moved_clock import BEGIN, Book, Clock

QUICK = Timeouts(connect=5.0, token=5.0, mail=5.0, rcpt=5.0, data=5.0, body=5.0, dot=5.0, quit=0.5)
ONCE = Retry(attempts=1)
LOOKS = 20_000  #: waits of one run, so that one that spins fails instead of hanging
GRACE = timedelta(seconds=5)  #: several connections look up twice a second, and claim between two looks


@dataclass(frozen=True)
class Fate:
    """What became of one letter."""

    status: Status
    copies: int  #: at the server
    tries: int  #: that were charged to it


SENT = Fate(Status.ACCEPTED, copies=1, tries=1)
SECOND_TRY = Fate(Status.ACCEPTED, copies=1, tries=2)
REFUSED = Fate(Status.REJECTED, copies=0, tries=1)
WAITING = Fate(Status.QUEUED, copies=0, tries=0)  #: and not blamed


class Hours:
    """The `Stop` of any number of connections: when all of them wait, the clock moves to the end of the shortest wait.

    A connection that works holds the clock, as no real one lasts for hours: leases must not end in its hand. So does a
    thread between the end of its connection and its wait: what it was told is not in the ledger yet.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.stop_at: datetime | None = None
        self.meanwhile: Callable[[], None] = lambda: None  #: done after each move of the clock
        self._looks = 0
        self._ends: list[datetime] = []
        self._awake: set[threading.Thread] = set()
        self._turn = threading.Condition()

    def is_set(self) -> bool:
        return self.stop_at is not None and self.clock.now >= self.stop_at

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        with self._turn:
            self._awake.discard(threading.current_thread())
            end = self.clock.now + timedelta(seconds=timeout)
            self._ends.append(end)
            self._turn.notify_all()
            while self.clock.now < end and not self.is_set():
                if any(map(_works, self._awake)) or end > min(self._ends):
                    self._turn.wait(0.01)
                    continue
                self._looks += 1
                assert self._looks <= LOOKS, "the run waits again and again"
                self.clock.now = end
                self.meanwhile()  # may set it back
                self._turn.notify_all()
                break
            self._ends.remove(end)
            self._awake.add(threading.current_thread())
        return self.is_set()

    def awake(self) -> None:
        """This thread works until it waits: no time passes."""
        with self._turn:
            self._awake.add(threading.current_thread())


def _works(thread: threading.Thread) -> bool:
    """Whether it has not ended, and does not wait for the other connections' threads to end.

    One that waits for the thread in which its connection is being made works: time must not pass for that.
    """
    frame = sys._current_frames().get(thread.ident) if thread.is_alive() else None
    if frame is None:
        return False
    while frame.f_back is not None:
        if frame.f_code is threading.Thread.join.__code__:
            return frame.f_back.f_code.co_filename != send.__code__.co_filename
        frame = frame.f_back
    return True


class Line(SmtpChannel):
    """The real channel; it remembers when it tried what, and shows a test the moments before and after the mark."""

    def __init__(self, server: Server, hours: Hours, **settings: object) -> None:
        ahead = lambda: time.monotonic() + (hours.clock.now - BEGIN).total_seconds()  # noqa: E731
        given = {"timeouts": QUICK, "retry": ONCE, "clock": ahead, "sleep": lambda _: None}
        super().__init__(server, **given | settings)
        self.hours = hours
        self.tried: list[tuple[datetime, str]] = []
        self.opened = 0
        self.before_mark: Callable[[Claim], None] = lambda _: None
        self.after_mark: Callable[[Claim], None] = lambda _: None

    def open(self) -> None:
        self.hours.awake()
        self.opened += 1
        super().open()

    def deliver(self, claim: Claim, body: bytes, commit: Callable[[], None]) -> Answer:
        def mark() -> None:
            self.before_mark(claim)
            commit()
            self.after_mark(claim)

        self.hours.awake()
        self.tried.append((self.hours.clock.now, claim.institution))
        return super().deliver(claim, body, mark)

    @property
    def is_open(self) -> bool:
        return self._connection is not None


@dataclass
class Scene:
    """A campaign, its hours, and every connection that a test has used."""

    book: Book
    lines: list[Line] = field(default_factory=list)
    hours: Hours = field(default_factory=lambda: Hours(Clock()))

    def __post_init__(self) -> None:
        if self.hours.clock is not self.book.clock:
            self.hours = Hours(self.book.clock)

    def line(self, server: Server, **settings: object) -> Line:
        self.lines.append(Line(server, self.hours, **settings))
        return self.lines[-1]

    def send(self, server: Server, *, connections: int = 1, **settings: object) -> Sent:
        """One run over so many connections."""
        shared = {"logins": Queue()} | settings  # as `office.channels` makes them
        first, *more = [self.line(server, **shared) for _ in range(connections)]
        return self.book.run(first, self.hours, more=more)

    @property
    def tried(self) -> list[tuple[datetime, str]]:
        """Every delivery that was begun, in order."""
        return sorted(one for line in self.lines for one in line.tried)

    def tries_of(self, institution: str) -> list[datetime]:
        return [at for at, one in self.tried if one == institution]

    def pauses(self) -> list[timedelta]:
        """The spans in which no connection tried anything, but for moments."""
        times = [BEGIN, *(at for at, _ in self.tried)]
        return [then - now for now, then in pairwise(times) if then - now > GRACE]

    def check_none_left(self, server: ScriptedServer, fates: Mapping[str, Fate]) -> None:
        """The end of every row: each letter is where the table says, its copies are there, and nothing else is."""
        server.settle()
        self.check(server.mails, fates)

    def check(self, mails: Sequence[Mail | Kept], fates: Mapping[str, Fate]) -> None:
        """`check_none_left` for a server that knows when its last connection ended."""
        standings = {one.dispatch.institution: one for one in self.book.ledger.standings("spring")}
        copies = Counter(_institution(mail) for mail in mails)
        found = {name: Fate(one.status, copies[name], one.attempts) for name, one in standings.items()}
        names = sorted(found.keys() | fates.keys())
        wrong = [(name, found.get(name), fates.get(name)) for name in names if found.get(name) != fates.get(name)]
        assert not wrong, "\n".join(f"{name}: {now}, and not {then}" for name, now, then in wrong)
        assert copies.keys() <= standings.keys(), "a mail that nobody planned"
        for mail in mails:
            letter = self.book.ledger.letter(standings[_institution(mail)].dispatch.id)
            date, _, rest = mail.raw.partition(b"\r\n")
            assert (date[:6], rest, mail.sender) == (b"Date: ", letter.raw, letter.envelope_from)
        assert self._refolded() == {one.dispatch.id: one.status for one in standings.values()}
        assert not [line for line in self.lines if line.is_open]
        assert not [one for one in threading.enumerate() if one.name == "outreach-lane"]

    def _refolded(self) -> dict[str, Status]:
        """The status of every letter by its events alone."""
        now: dict[str, Status] = {}
        for one in self.book.ledger.events("spring"):
            assert now.get(one.dispatch) == one.was
            now[one.dispatch] = one.now
        return now


def _institution(mail: Mail | Kept) -> str:
    (recipient,) = mail.recipients
    return recipient.removeprefix("office@").removesuffix(".example")


class Meeting:
    """For `Until`: wait until so many connections stand at this point, so that all of them meet what comes then."""

    def __init__(self, connections: int) -> None:
        self._barrier = threading.Barrier(connections)

    def wait(self, timeout: float) -> bool:
        self._barrier.wait(timeout)
        return True


class Doing:
    """For `Until`: do this at this point of the talk."""

    def __init__(self, deed: Callable[[], object]) -> None:
        self._deed = deed

    def wait(self, timeout: float) -> bool:
        self._deed()
        return True
