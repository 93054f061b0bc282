"""A desk whose clock a test moves: the real ledger and runner, a channel that answers from a script, no waiting."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from outreach.ledger import SqlLedger, open_ledger
from outreach.model.campaign import Campaign, Demand, Mode, Pace, Sender
from outreach.model.dispatch import Dispatch
from outreach.model.letter import Letter
from outreach.model.problem import Problem
from outreach.model.receipt import Answer, Claim, Phase
from outreach.model.status import Status
from outreach.runner.desk import Desk
from outreach.runner.ports import Channel
from outreach.runner.send import Sent, Stop, send

BEGIN = datetime(2026, 3, 4, 8, 0, tzinfo=UTC)  #: a Wednesday
ACCEPTED = Answer(phase=Phase.DOT, code=250, text="2.0.0 queued as 4F3C")
Step = Answer | Exception


class Clock:
    """A clock that stands still until somebody moves it."""

    def __init__(self, now: datetime = BEGIN) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: float) -> None:
        self.now += timedelta(**span)


class Waits:
    """A run's `Stop`: waiting moves the clock, and `stop_at` sets it."""

    def __init__(self, clock: Clock, *, stop_at: datetime | None = None, most: int = 100_000) -> None:
        self.clock = clock
        self.stop_at = stop_at
        self.spans: list[float] = []
        self.most = most  #: waits, so that a run that spins fails instead of hanging
        self.meanwhile: Callable[[], None] = lambda: None

    def is_set(self) -> bool:
        return self.stop_at is not None and self.clock.now >= self.stop_at

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        assert timeout >= 0
        self.spans.append(timeout)
        assert len(self.spans) <= self.most, "the run waits again and again"
        self.clock.move(seconds=timeout)
        self.meanwhile()
        return self.is_set()


class Postbox:
    """A channel that answers as it is told and remembers when which letter was on the wire.

    Answers are per institution and used up one by one; who has none left is accepted. `refuses` are what `open` raises.
    An answer at the end of data, and OutcomeUnknown, come after the mark; all others before it.
    """

    def __init__(self, clock: Clock, *, account: str = "campaign@mail.example", takes: float = 0.0) -> None:
        self.account = account
        self.clock = clock
        self.takes = timedelta(seconds=takes)  #: for each letter
        self.answers: defaultdict[str, list[Step]] = defaultdict(list)
        self.always: Step | None = None
        self.refuses: list[Exception] = []
        self.tried: list[tuple[datetime, str]] = []  #: every delivery that was begun
        self.delivered: list[tuple[datetime, str]] = []  #: every one of which a copy is with the server
        self.bodies: dict[str, bytes] = {}
        self.foreseen: list[bytes] = []
        self.meanwhile: Callable[[], None] = lambda: None
        self.opened = 0
        self.is_open = False
        self.on_letter: Callable[[Claim], None] = lambda _: None

    def open(self) -> None:
        self.opened += 1
        if self.refuses:
            raise self.refuses.pop(0)
        self.is_open = True

    def refresh(self) -> None:
        assert self.is_open, "a closed channel was refreshed"

    def deliver(self, claim: Claim, body: bytes, commit: Callable[[], None]) -> Answer:
        assert self.is_open, "a letter was handed to a closed channel"
        self.tried.append((self.clock.now, claim.institution))
        self.on_letter(claim)
        steps = self.answers[claim.institution]
        step = steps.pop(0) if steps else self.always or ACCEPTED
        if step.phase != Phase.CONNECT:
            self.meanwhile()
        late = step.phase is Phase.DOT if isinstance(step, Answer) else step.phase == Phase.DOT
        if late:
            commit()
            self.meanwhile()
        self.clock.now += self.takes
        if isinstance(step, Exception):
            if step.phase == Phase.DOT:
                self.delivered.append((self.clock.now, claim.institution))
            raise step
        if step.accepted:
            self.delivered.append((self.clock.now, claim.institution))
            self.bodies[claim.institution] = body
        return step

    def foresee(self, claim: Claim, body: bytes) -> None:
        self.foreseen.append(body)

    def close(self) -> None:
        self.is_open = False

    @property
    def order(self) -> list[str]:
        """Who got a copy, in order."""
        return [institution for _, institution in self.delivered]

    @property
    def times(self) -> list[datetime]:
        return [at for at, _ in self.delivered]


class NoSheets:
    """The run of `send` reads no sheet."""

    def read(self, path: str, *, columns: object, encoding: str = "") -> object:
        raise AssertionError(path)


class NoLetters:
    """The run of `send` renders nothing."""

    def problems(self, campaign: Campaign) -> list[Problem]:
        raise AssertionError(campaign)

    languages = facts_as_of = compose = text = html = problems


@dataclass
class Book:
    """A campaign on one ledger: plans, approves, runs, and looks at what became of it."""

    url: str
    clock: Clock = field(default_factory=Clock)
    pace: Pace = field(default_factory=Pace)
    said: list[Sent] = field(default_factory=list)  #: all that the runs told, in order
    rescue: Path | None = None  #: for answers that a lost database does not take

    def __post_init__(self) -> None:
        self.ledger: SqlLedger = open_ledger(self.url, mode=Mode.LIVE, clock=self.clock, rescue=self.rescue)

    def close(self) -> None:
        self.ledger.close()

    @property
    def desk(self) -> Desk:
        campaign = Campaign(
            slug="spring",
            title="Spring",
            sender=Sender(name="Ana", organisation="Org", email="ana@org.example"),
            contacts=("contacts/a.csv",),
            demands=(Demand(slug="moratorium", title="A moratorium"),),
            pace=self.pace,
        )
        return Desk(
            campaign=campaign,
            mode=Mode.LIVE,
            sheets=NoSheets(),
            letters=NoLetters(),
            ledger=self.ledger,
            secret=b"secret",
            today=self.clock.now.date(),
        )

    def dispatch(self, institution: str, **changed: object) -> Dispatch:
        state = institution[:2].upper()
        made = Dispatch(
            id=hashlib.sha256(institution.encode()).hexdigest()[:26],
            campaign="spring",
            step=0,
            sender="campaign",
            institution=institution,
            institution_name=f"Ministry {institution}",
            state=state,
            role="mfa",
            recipient=f"office@{institution}.example",
            address_norm=f"office@{institution}.example",
            demands=("moratorium",),
            languages=("en",),
            dated=self.clock.now.date(),
        )
        return replace(made, **changed)

    def queue(self, *dispatches: Dispatch | str) -> None:
        """Plan and approve these, besides what there is."""
        made = [one if isinstance(one, Dispatch) else self.dispatch(one) for one in dispatches]
        with self.ledger.planning("spring", 0) as book:
            book.keep([one.dispatch.id for one in self.ledger.standings("spring", 0)])
            book.draft([(one, _letter(one)) for one in made])
            book.finish()
        self.ledger.approve("spring", 0, digest=self.ledger.drafts_digest("spring", 0), by="Ana")

    def run(
        self,
        channel: Channel,
        stop: Stop | None = None,
        *,
        only: Collection[str] = (),
        limit: int | None = None,
        runner: str = "here:1",
        more: Sequence[Channel] = (),
    ) -> Sent:
        """One run; what it tells is remembered."""
        return send(
            self.desk,
            channel,
            runner=runner,
            pace=self.pace,
            stop=stop or Waits(self.clock),
            only=only,
            limit=limit,
            progress=self.said.append,
            more=more,
        )

    def statuses(self) -> dict[str, Status]:
        return {one.dispatch.institution: one.status for one in self.ledger.standings("spring")}

    def at(self, status: Status) -> list[str]:
        return [institution for institution, found in self.statuses().items() if found is status]


def _letter(dispatch: Dispatch) -> Letter:
    raw = f"To: {dispatch.recipient}\r\nMessage-ID: <{dispatch.id}@org.example>\r\n\r\nDear Minister\r\n".encode()
    return Letter(
        dispatch=dispatch.id,
        message_id=f"<{dispatch.id}@org.example>",
        subject="A letter",
        raw=raw,
        sha256=hashlib.sha256(raw).hexdigest(),
        template_sha="7" * 64,
        envelope_from="bounce@org.example",
    )


def names(count: int, state: str = "qm") -> list[str]:
    """Institutions, in the order in which a plan would have them."""
    return [f"{state}-{number:03}" for number in range(count)]


def most_in(times: Sequence[datetime], seconds: float) -> int:
    """The most letters in any half-open window of so many seconds, wherever it begins."""
    ordered = sorted(times)
    span = timedelta(seconds=seconds)
    return max((sum(at <= one < at + span for one in ordered) for at in ordered), default=0)


def gaps(times: Sequence[datetime]) -> list[float]:
    """The seconds between neighbours."""
    return [(then - now).total_seconds() for now, then in pairwise(times)]


__all__ = ["ACCEPTED", "BEGIN", "Book", "Clock", "Postbox", "Waits", "gaps", "most_in", "names"]
