"""A campaign of weeks on a moved clock: its page, a sender that is killed, and a mail server that forgets nothing."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

import pytest

from outreach.model.campaign import Mode
from outreach.model.receipt import Answer, Claim
from outreach.model.status import Status
from outreach.office import Office
from outreach.runner.approve import approvable, approve
from outreach.runner.desk import Desk
from outreach.runner.plan import plan
from outreach.runner.resolve import resolve_by_person
from outreach.runner.send import send
from outreach.runner.supporters.desk import SupporterDesk
from outreach.runner.supporters.flow import flow
from outreach.runner.supporters.frame import approvable_frame, approve_frame
from outreach.runner.supporters.turn import turn
from outreach.transport.channel import SmtpChannel
from servers.scripted import Mail, ScriptedServer
from support.moved_clock import Clock, Waits

CAMPAIGN = "public"


class Killed(BaseException):
    """The process is gone, and whoever would have caught this with it."""


class Dated(list[Mail]):
    """What a server keeps, and when each mail came."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock
        self.times: list[datetime] = []

    def append(self, mail: Mail) -> None:
        self.times.append(self.clock.now)
        super().append(mail)


class Mortal:
    """A ledger as a process has it: of one that was killed nothing more is asked."""

    def __init__(self, ledger: Any) -> None:
        self.ledger = ledger
        self.dead = False

    def __getattr__(self, name: str) -> Any:
        if self.dead:
            raise Killed
        return getattr(self.ledger, name)


class Doomed(SmtpChannel):
    """A real channel whose process may be killed with a letter in hand. A letter takes its time on the moved clock."""

    season: Season
    mortal: Mortal

    def deliver(self, claim: Claim, body: bytes, commit: Callable[[], None]) -> Answer:
        fate = self.season.fate()

        def marked() -> None:
            if fate == "mail":  # the body is with the server, the mark is not made
                self.die(fate)
            commit()
            if fate == "marked":  # the end-of-data mark does not go
                self.die(fate)

        if fate == "claimed":
            self.die(fate)
        answer = super().deliver(claim, body, marked)
        if fate == "answered":  # the server has it, and nobody has written that down
            self.die(fate)
        self.season.clock.move(seconds=self.season.chance.choice((0.0, 1.0, 4.0)))
        return answer

    def die(self, fate: str) -> NoReturn:
        self.mortal.dead = True
        self.season.killed[fate] += 1
        raise Killed


@dataclass
class Season:
    """A workspace whose clocks a test moves; `dies` is the chance that a letter costs its runner."""

    root: Path
    clock: Clock
    server: ScriptedServer
    chance: random.Random
    dies: float
    killed: Counter[str] = field(default_factory=Counter)  #: where -> how many runners
    runs: int = 0
    meanwhile: Callable[[], None] = lambda: None  #: what happens in the world while a run waits
    it: SupporterDesk = field(init=False)  #: the page's own

    def __post_init__(self) -> None:
        self.mails = Dated(self.clock)
        self.server.mails = self.mails
        self._page = ExitStack()

    def fate(self) -> str:
        """Where the runner dies with this letter; "" = it lives on."""
        return self.chance.choice(("claimed", "mail", "marked", "answered")) if self.chance.random() < self.dies else ""

    @contextmanager
    def desk(self) -> Iterator[tuple[Office, Desk]]:
        """What a command begins with: the files as they are now."""
        place = Office(root=self.root, environ={}, today=self.clock.now.date())
        with place.desk(CAMPAIGN, Mode.LIVE) as desk:
            yield place, desk

    # the page

    def open_page(self) -> None:
        """Serve the page; begun anew where it is served."""
        self._page.close()
        place, desk = self._page.enter_context(self.desk())
        self.it = replace(place.supporters(desk), random=self.chance.randbytes)
        self._channel = self._new(SmtpChannel)
        self._page.callback(self._channel.close)

    def close_page(self) -> None:
        self._page.close()

    def turn(self) -> None:
        """Turns of the page, until nothing is left to tell anybody."""
        while turn(self.it, self._channel).notified.sent:
            pass

    # the campaign

    def begin(self, *addresses: str) -> None:
        """The campaign's own letters are planned and approved, and supporters may write."""
        with self.desk() as (_, desk):
            desk.ledger.verify_addresses(addresses, by="Ana", on=self.clock.now.date())
            made = plan(desk)
            assert made.totals is not None, made.problems
            approve(desk, digest=approvable(desk).digest, by="Ana")
        self.approve_frame()

    def approve_frame(self) -> None:
        with self.desk() as (place, desk):
            it = place.supporters(desk)
            approve_frame(it, digest=approvable_frame(it).frame.digest, by="Ana")

    def send(self, until: datetime) -> None:
        """`outreach send`, until then, until nothing is left, or until it is killed."""
        self.runs += 1
        with self.desk() as (place, desk):
            it = place.supporters(desk)
            it.book.sent_copies(CAMPAIGN)
            closed = flow(it).closed
            mortal = Mortal(desk.ledger)
            channel = self._new(Doomed)
            channel.season, channel.mortal = self, mortal
            stop = Waits(self.clock, stop_at=until)
            stop.meanwhile = self.meanwhile
            try:
                send(
                    replace(desk, ledger=mortal),  # type: ignore[arg-type]
                    channel,
                    runner=f"here:{self.runs}",
                    pace=desk.campaign.pace,
                    stop=stop,
                    supporters=not closed,
                )
                it.book.sent_copies(CAMPAIGN)
            except Killed:
                channel.abort()

    def resolve(self) -> None:
        """A person looks at the mail server, and says of each letter in doubt whether it is there."""
        with self.desk() as (_, desk):
            desk.ledger.recover()
            there = {name_of(one) for one in self.mails}
            for doubt in desk.ledger.doubts(CAMPAIGN):
                one = doubt.standing
                found = one.status is Status.IN_DOUBT and one.dispatch.id in there
                now = Status.ACCEPTED if found else Status.QUEUED
                resolve_by_person(desk, [one.dispatch.id], now, by="Ana", why="the server's log")

    def _new(self, kind: type[Any]) -> Any:
        return kind(self.server.address(), clock=self._seconds, sleep=lambda span: self.clock.move(seconds=span))

    def _seconds(self) -> float:
        return self.clock.now.timestamp()


def name_of(mail: Mail) -> str:
    """The dispatch that a mail's Message-ID names."""
    return mail.raw.partition(b"Message-ID: <")[2].partition(b"@")[0].rpartition(b".")[2].decode()


def move_clock(patch: pytest.MonkeyPatch, clock: Clock) -> None:
    """Every ledger that is opened from now on goes by this clock."""
    patch.setattr("outreach.ledger.store.Store.here", lambda *_: int(clock.now.timestamp() * 1_000_000))
