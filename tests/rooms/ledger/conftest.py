"""One suite over both databases, and a small campaign to write into them."""

import contextlib
import hashlib
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from outreach.ledger import open_ledger
from outreach.model.campaign import Mode, Pace
from outreach.model.dispatch import Dispatch
from outreach.model.letter import Letter
from outreach.model.receipt import Outcome, Phase
from outreach.model.status import Status
from servers.postgresql import start_postgresql

BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self):
        self.now = BEGIN

    def __call__(self):
        return self.now

    def tick(self, **span):
        self.now += timedelta(**span)


@pytest.fixture(scope="session")
def postgresql():
    server = start_postgresql()
    yield server
    server.remove()


@pytest.fixture
def postgresql_to_stop():
    """A server that a test may stop."""
    server = start_postgresql()
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """An empty place for a ledger, on each database in turn."""
    if request.param == "sqlite":
        (tmp_path / "box").mkdir()
        return f"sqlite:///{tmp_path}/box/ledger.db"
    return request.getfixturevalue("postgresql").database()


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    """A place with an empty ledger of rehearsals, on each database in turn."""
    if request.param == "sqlite":
        (tmp_path / "box").mkdir()
        return f"sqlite:///{tmp_path}/box/ledger.db"
    return request.getfixturevalue("postgresql").ledger()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def opened(clock):
    """Opens ledgers, and closes them all."""
    with contextlib.ExitStack() as stack:

        def opener(url, **given):
            return stack.enter_context(open_ledger(url, **{"mode": Mode.REHEARSAL, "clock": clock, **given}))

        yield opener


@pytest.fixture
def ledger(place, opened):
    return opened(place)


@dataclass
class Desk:
    """A campaign's desk at one ledger: plans, approves, sends."""

    ledger: object
    clock: Clock
    campaign: str = "spring"
    step: int = 0

    def dispatch(self, institution, **changed):
        identifier = hashlib.sha256(f"{self.campaign} {self.step} {institution}".encode()).hexdigest()[:26]
        made = Dispatch(
            id=identifier,
            campaign=self.campaign,
            step=self.step,
            sender="campaign",
            institution=institution,
            institution_name=f"Ministry {institution}",
            state=institution[:2].upper(),
            role="mfa",
            recipient=f"{institution}@gov.example",
            address_norm=f"{institution}@gov.example",
            demands=("moratorium", "investigation"),
            languages=("en", "fr"),
            timezone="Europe/Paris",
            calendar=f"{institution[:2].upper()}|Europe/Paris|",
            dated=self.clock.now.date(),
        )
        if "address_norm" in changed:
            changed = {"recipient": changed["address_norm"], **changed}
        return replace(made, **changed)

    def letter(self, dispatch, text="Sehr geehrte Damen und Herren"):
        raw = f"To: {dispatch.recipient}\r\nMessage-ID: <{dispatch.id}@org.example>\r\n\r\n{text}\r\n".encode()
        return Letter(
            dispatch=dispatch.id,
            message_id=f"<{dispatch.id}@org.example>",
            subject="A letter",
            raw=raw,
            sha256=hashlib.sha256(raw).hexdigest(),
            template_sha="7" * 64,
            envelope_from="bounce@org.example",
        )

    def pair(self, institution, text="Sehr geehrte Damen und Herren", **changed):
        dispatch = self.dispatch(institution, **changed)
        return dispatch, self.letter(dispatch, text)

    def plan(self, *institutions, redraft=False, skipped=()):
        """Plan institutions by id, or pairs that were made before."""
        with self.ledger.planning(self.campaign, self.step, redraft=redraft) as book:
            book.draft(self.pair(one) if isinstance(one, str) else one for one in institutions)
            book.skip(skipped)
            return book.finish()

    def approve(self):
        digest = self.ledger.drafts_digest(self.campaign, self.step)
        return self.ledger.approve(self.campaign, self.step, digest=digest, by="Ada")

    def queue(self, *institutions):
        self.plan(*institutions)
        self.approve()

    def turn(self, limit=100, runner="r1", account="a@mail.example", pace=None, **given):
        given = {"calendars": {}, **given}
        return self.ledger.claim(
            self.campaign, runner=runner, account=account, pace=pace or Pace(), limit=limit, **given
        )

    def claim(self, *institutions, **given):
        """Claims of these institutions, or of all."""
        claims = self.turn(only=institutions, **given).claims
        return {one.institution: one for one in claims}

    def accept(self, claim):
        self.ledger.mark(claim)
        self.ledger.settle([accepted(claim)])

    def send(self, *institutions):
        """All the way to accepted."""
        self.queue(*institutions)
        for claim in self.turn().claims:
            self.accept(claim)

    def at(self, institution):
        """Where the letter to an institution stands."""
        (found,) = [one for one in self.ledger.standings(self.campaign) if one.dispatch.institution == institution]
        return found

    def status(self, institution):
        return self.at(institution).status

    def counts(self):
        return Counter(one.status for one in self.ledger.standings(self.campaign))

    def kinds(self, institution):
        identifier = self.dispatch(institution).id
        return [one.kind.value for one in self.ledger.events(self.campaign, identifier)]

    def force(self, institution, *statuses):
        """Through the room's own one door, for statuses that no verb of today leads to."""
        from outreach.ledger.changes import Move, move
        from outreach.model.event import EventKind

        for now in statuses:
            at = self.at(institution)
            with self.ledger._store.write() as tx:
                (n,) = tx.driver.execute(f"SELECT n FROM dispatch WHERE id = '{at.dispatch.id}'").fetchone()
                move(tx, [Move(n=n, was=at.status, now=now, kind=EventKind.SETTLED)])


def accepted(claim, **changed):
    made = Outcome(
        claim=claim,
        status=Status.ACCEPTED,
        code=250,
        text="2.0.0 queued as 4F3C",
        phase=Phase.DOT,
        date_header="Date: Mon, 02 Mar 2026 09:00:00 +0000",
    )
    return replace(made, **changed)


@pytest.fixture
def desk_at(clock):
    """Makes the desk of a ledger."""
    return lambda ledger: Desk(ledger, clock)


@pytest.fixture
def desk(ledger, desk_at):
    return desk_at(ledger)


@pytest.fixture
def outcome():
    """Makes outcomes; what is not said is as in an acceptance."""
    return accepted
