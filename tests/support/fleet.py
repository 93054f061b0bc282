"""Several runners of one account on one clock, in turn: the real ledger, no threads, killed and begun anew."""

import heapq
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from outreach.ledger import SqlLedger, engines, open_ledger
from outreach.model.calendar import WorkCalendar
from outreach.model.campaign import Mode, Pace, Window
from outreach.model.receipt import Claim, Outcome, Phase, Turn
from outreach.model.status import Status
from support.moved_clock import Clock

ACCOUNT = "campaign@mail.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A letter whose MAIL reached the server."""

    at: datetime
    campaign: str
    institution: str
    domain: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fates:
    """How often in a hundred thousand letters a runner is killed with one in hand, and where."""

    claimed: int = 0  #: before MAIL
    mail: int = 0  #: after MAIL, before the mark
    marked: int = 0  #: after the mark: the server has it or not
    answered: int = 0  #: after the answer, before it is written down
    stopped: int = 0  #: between two letters, as SIGTERM does

    def draw(self, chance: random.Random) -> str:
        ticket = chance.randrange(100_000)
        for name in ("claimed", "mail", "marked", "answered", "stopped"):
            ticket -= getattr(self, name)
            if ticket < 0:
                return name
        return ""


@dataclass
class Fleet:
    """Runners that ask, send and wait in the order of the clock. Each has a ledger of its own, as a process has."""

    url: str
    clock: Clock
    pace: Pace
    calendars: Mapping[str, WorkCalendar] = field(default_factory=dict)
    fates: Fates = field(default_factory=Fates)
    takes: Sequence[float] = (0.0,)  #: seconds a letter may be on the wire
    away: Sequence[float] = (0.0,)  #: seconds until a runner that ended is begun anew
    seed: int = 0
    left: list[Left] = field(default_factory=list)
    copies: dict[str, int] = field(default_factory=dict)  #: dispatch -> what the server took
    ended: dict[str, int] = field(default_factory=dict)  #: how -> how many runners
    asked: int = 0
    granted: list[datetime] = field(default_factory=list)
    pauses: list[tuple[datetime, timedelta]] = field(default_factory=list)  #: nobody runs from then on, for so long
    lease: timedelta = timedelta(minutes=15)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self._events: list[tuple[datetime, int, Callable[[], None]]] = []
        self._number = 0
        self._ledgers: dict[int, SqlLedger] = {}

    def run(self, campaigns: Sequence[str]) -> None:
        """One runner per name, until each campaign has nothing that waits and nothing in hand."""
        for number, campaign in enumerate(campaigns):
            self._turn(self.clock.now, self._begin(number, campaign))
        while self._events:
            at, _, event = heapq.heappop(self._events)
            self.clock.now = max(self.clock.now, at)
            event()
        for ledger in self._ledgers.values():
            ledger.close()
        self._ledgers.clear()

    def _at(self, at: datetime, event: Callable[[], None]) -> None:
        self._number += 1
        heapq.heappush(self._events, (at, self._number, event))

    def _turn(self, at: datetime, event: Callable[[], None]) -> None:
        """A turn to ask or to begin; one that falls into a pause comes after it."""
        for begin, span in self.pauses:
            if begin <= at < begin + span:
                at = begin + span
        self._at(at, event)

    def _begin(self, number: int, campaign: str) -> Callable[[], None]:
        def begin() -> None:
            self._ledgers[number] = open_ledger(self.url, mode=Mode.LIVE, clock=self.clock, lease=self.lease)
            self._ask(number, campaign)

        return begin

    def _end(self, number: int, campaign: str, how: str) -> None:
        """Dropped with whatever it had in hand; somebody begins it anew."""
        self.ended[how] = self.ended.get(how, 0) + 1
        self._ledgers.pop(number).close()
        again = self.clock.now + timedelta(seconds=self.chance.choice(self.away))
        self._turn(again, self._begin(number, campaign))

    def _ask(self, number: int, campaign: str) -> None:
        ledger = self._ledgers[number]
        self.asked += 1
        turn = ledger.claim(
            campaign,
            runner=f"host:{number}",
            account=ACCOUNT,
            pace=self.pace,
            calendars=self.calendars,
            limit=1,
        )
        if turn.claims:
            self.granted.append(self.clock.now)
            self._send(number, campaign, turn)
        elif turn.next_at is not None:
            self._turn(turn.next_at, lambda: self._ask(number, campaign))
        elif self._in_hand(ledger, campaign):
            self._turn(self.clock.now + self.lease, lambda: self._ask(number, campaign))

    def _in_hand(self, ledger: SqlLedger, campaign: str) -> bool:
        return any(one.status in {Status.CLAIMED, Status.COMMITTED} for one in ledger.standings(campaign))

    def _send(self, number: int, campaign: str, turn: Turn) -> None:
        """MAIL at the moment of the claim; mark and answer while the clock goes on."""
        (claim,) = turn.claims
        fate = self.fates.draw(self.chance)
        if fate == "claimed":
            self._end(number, campaign, fate)
            return
        domain = claim.recipient.rpartition("@")[2]
        self.left.append(Left(at=self.clock.now, campaign=campaign, institution=claim.institution, domain=domain))
        if fate == "mail":
            self._end(number, campaign, fate)
            return
        self._ledgers[number].mark(claim)
        if fate == "marked":
            self.copies[claim.dispatch] = self.copies.get(claim.dispatch, 0) + self.chance.randrange(2)
            self._end(number, campaign, fate)
            return
        self.copies[claim.dispatch] = self.copies.get(claim.dispatch, 0) + 1
        if fate == "answered":
            self._end(number, campaign, fate)
            return
        free = self.clock.now + timedelta(seconds=self.chance.choice(self.takes))
        self._at(free, lambda: self._answered(number, campaign, claim, turn.next_at if not fate else None))

    def _answered(self, number: int, campaign: str, claim: Claim, next_at: datetime | None) -> None:
        """Written down at once; who is not stopped asks again when the last turn said."""
        answer = Outcome(claim=claim, status=Status.ACCEPTED, code=250, text="2.0.0 queued", phase=Phase.DOT)
        self._ledgers[number].settle([answer])
        if next_at is None:
            self._end(number, campaign, "stopped")
        else:
            self._turn(max(self.clock.now, next_at), lambda: self._ask(number, campaign))


def without_fsync(patch: pytest.MonkeyPatch) -> None:
    """Where no power is cut, thousands of commits need not wait for the disk."""
    patch.setattr(engines, "_PRAGMAS", (*engines._PRAGMAS, "PRAGMA synchronous = OFF"))


def above(times: Sequence[datetime], window: Window) -> list[datetime]:
    """Where a window stands that holds more than it may: half-open, at every position, by neighbours `count` apart."""
    ordered = sorted(times)
    span = timedelta(seconds=window.seconds)
    return [at for at, later in zip(ordered, ordered[window.count :], strict=False) if later - at < span]
