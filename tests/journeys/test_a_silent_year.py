"""A year of fifty states in a few seconds: the silent are reminded on the right day, and nobody who has answered."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import pytest

from outreach.ledger import hearing
from outreach.letters import LetterRoom
from outreach.model.campaign import Campaign, Chasers, Demand, Mode, Pace, Recess, Sender
from outreach.model.contact import Contact, Institution, SheetRows
from outreach.model.due import DueGroup
from outreach.model.heard import Heard
from outreach.model.inbound import InboundKind
from outreach.model.problem import Place
from outreach.model.receipt import Claim
from outreach.model.status import Status
from outreach.runner.approve import approvable, approve
from outreach.runner.chase import chase
from outreach.runner.desk import Desk
from outreach.runner.due import due
from outreach.runner.plan import plan
from outreach.runner.send import send
from outreach.runner.steps import with_drafts
from outreach.states import default_timezone
from outreach.states.data import data
from outreach.states.week import parse_week
from support.moved_clock import Book, Clock, Postbox

ROOT = Path(__file__).parents[2]
#: All continents, every kind of week, both hemispheres' summer times, and zones that are off by half an hour.
STATES = [
    *("IL", "SA", "BH", "KW", "QA", "OM", "JO", "EG", "BD", "AE", "BN", "NP", "DZ", "LY", "IQ"),
    *("BG", "CY", "FR", "DE", "GB", "IE", "IT", "ES", "PT", "GR", "PL", "HU", "SE", "NO", "FI", "CH"),
    *("US", "CA", "MX", "BR", "AR", "CL", "CO", "PE", "CU", "UY"),
    *("JP", "KR", "IN", "AU", "NZ", "ZA", "MA", "TR", "KZ"),
]
BEGIN = datetime(2026, 1, 12, 12, 0, tzinfo=UTC)  # a Monday; in Auckland it is Tuesday
TERMS = Chasers(after=(20, 15), very_overdue_after=40, extend_on_acknowledgement=8)
RECESS = (
    Recess(first=date(2026, 2, 2), last=date(2026, 2, 11), reason="Elections", state="FR"),
    Recess(first=date(2026, 3, 9), last=date(2026, 3, 13), reason="A congress, everywhere"),
)
K = InboundKind
#: Who answers at the worst moment: once its reminder is approved, and while it is on the wire.
CROSSING = {"ma-mfa-1": 1, "ie-mfa-1": 2, "cl-mfa-1": 1}
ON_THE_WIRE = {"se-mfa-1": 1, "mx-mfa-1": 2, "bd-mfa-1": 1}


class Leaps:
    """A run's `Stop` that looks again every quarter of an hour, until the next run begins."""

    def __init__(self, clock: Clock, until: datetime) -> None:
        self.clock, self.until = clock, until

    def is_set(self) -> bool:
        return self.clock.now >= self.until

    def wait(self, timeout: float | None = None) -> bool:
        self.clock.move(minutes=15)
        return self.is_set()


class Sheet:
    """The sheet of the year, as the sheets room gives it."""

    def __init__(self, contacts: list[Contact]) -> None:
        self.contacts = tuple(contacts)

    def read(self, path: str, **_: Any) -> SheetRows:
        return SheetRows(path=path, contacts=self.contacts, problems=(), rows=len(self.contacts))


@dataclass
class Year:
    """A campaign that one person keeps an eye on, twice a day."""

    book: Book
    contacts: list[Contact]
    said: list[Heard]
    letters: LetterRoom = field(default_factory=lambda: LetterRoom(ROOT))

    def __post_init__(self) -> None:
        self.campaign = Campaign(
            slug="spring",
            title="Spring",
            sender=Sender(name="Ana", organisation="Org", email="ana@org.example"),
            contacts=("contacts/a.csv",),
            demands=(Demand(slug="moratorium", title="A moratorium"),),
            pace=Pace(opens=time(9), closes=time(17), working_days_only=True),
            chasers=TERMS,
            recess=RECESS,
        )
        self.sent: dict[tuple[str, int], list[datetime]] = defaultdict(list)
        self.to: dict[tuple[str, int], str] = {}

    @property
    def desk(self) -> Desk:
        return replace(
            self.book.desk,
            campaign=self.campaign,
            sheets=Sheet(self.contacts),
            letters=self.letters,
            today=self.book.clock.now.date(),
        )

    def half_day(self) -> None:
        """Look who is due, prepare, approve, and send until the next look."""
        clock, until = self.book.clock, self.book.clock.now + timedelta(hours=12)
        if any(row.next_step and not row.why_not for row in due(self.desk).rows):
            assert chase(self.desk).written
        self.let_go(until)
        clock.now = max(clock.now, until)

    def let_go(self, until: datetime) -> None:
        for step in with_drafts(self.desk):
            approve(step, digest=approvable(step).digest, by="Ana")
        queued = [one.dispatch for one in self.book.ledger.standings("spring") if one.status is Status.QUEUED]
        if not queued:
            return
        for one in queued:
            self.answers(CROSSING, one.institution, one.step)
        box = Postbox(self.book.clock)
        box.on_letter = self.on_the_wire
        send(
            self.desk, box, runner="here:1", pace=self.campaign.pace, stop=Leaps(self.book.clock, until),
            progress=lambda _: None,
        )  # fmt: skip
        for standing in self.book.ledger.standings("spring"):
            if standing.sent_at is not None:
                times = self.sent[standing.dispatch.institution, standing.dispatch.step]
                if standing.sent_at not in times:
                    times.append(standing.sent_at)

    def on_the_wire(self, claim: Claim) -> None:
        self.to[claim.institution, claim.step] = claim.recipient
        self.answers(ON_THE_WIRE, claim.institution, claim.step)

    def answers(self, who: dict[str, int], institution: str, step: int) -> None:
        if who.get(institution) == step and institution not in answers(self):
            self.said.append(heard(institution[:2].upper(), K.REPLY, self.book.clock.now))


def institution(state: str) -> str:
    return f"{state.lower()}-mfa-1"


def contacts() -> list[Contact]:
    """One ministry per state; every third has a second address."""
    made = []
    for number, state in enumerate(STATES):
        it = Institution(id=institution(state), state=state, role="mfa", name=f"Ministry of {number}")
        for rank in range(2 if number % 3 == 0 else 1):
            address = f"box{rank}@{state.lower()}.example"
            place = Place(path="contacts/a.csv", row=number + 2)
            made.append(Contact(institution=it, address=address, address_norm=address, rank=rank, place=place))
    return made


def noise(rng: random.Random) -> Iterator[Heard]:
    """What comes back: a third answers at some time, from its own or any other address; machines speak as they like."""
    for number, state in enumerate(STATES):
        if number % 3 == 1:
            sender = rng.choice([f"box0@{state.lower()}.example", f"a.person@other-{state.lower()}.example"])
            yield heard(state, K.REPLY, moment(rng, 2, 120), sender)
        if number % 4 == 0:
            yield heard(state, K.AUTO_REPLY, moment(rng, 1, 90))
        if number % 5 == 0:
            yield heard(state, K.ACKNOWLEDGEMENT, moment(rng, 2, 10))
        if number == 2:  # one address, and it bounces
            yield heard(state, K.BOUNCE_HARD, moment(rng, 3, 3))


def moment(rng: random.Random, first: int, last: int) -> datetime:
    """Some minute between two days of the year."""
    return BEGIN + timedelta(days=rng.randint(first, last), minutes=rng.randint(0, 1439))


def heard(state: str, kind: K, at: datetime, sender: str = "") -> Heard:
    return Heard(id=1, institution=institution(state), state=state, kind=kind, at=at, sender=sender)


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    """It happens once; the tests look at what became of it."""
    said = list(noise(random.Random(2026)))
    clock = Clock(BEGIN)
    book = Book(f"sqlite:///{tmp_path_factory.mktemp('year')}/ledger.db", clock=clock)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hearing, "heard", lambda tx, campaign: [one for one in said if one.at <= clock.now])
        made = Year(book=book, contacts=contacts(), said=said)
        addresses = [one.address_norm for one in made.contacts]
        book.ledger.verify_addresses(addresses, by="Ana", on=BEGIN.date())
        assert plan(made.desk).totals is not None
        while clock.now < BEGIN + timedelta(days=365):
            made.half_day()
        yield made
    book.close()


def working_day_after(state: str, day: date, count: int) -> date:
    """By hand, from the libraries' own data: what the rule must come to."""
    week = parse_week(data().states[state].week)
    assert week is not None
    free = holidays.country_holidays(state, years=(2026, 2027, 2028))
    while count:
        day += timedelta(days=1)
        resting = any(one.first <= day <= one.last and one.state in {"", state} for one in RECESS)
        count -= day.weekday() in week.days and day not in free and not resting
    return day


def there(state: str, at: datetime) -> date:
    return at.astimezone(ZoneInfo(default_timezone(state))).date()


def right_day(year: Year, state: str, step: int) -> date:
    """The first working day after the days that whoever is silent has."""
    before = year.sent[institution(state), step - 1][0]
    more = any(one.institution == institution(state) and one.kind is K.ACKNOWLEDGEMENT and one.at >= before
               for one in year.said)  # fmt: skip
    days = TERMS.after[step - 1] + (TERMS.extend_on_acknowledgement if more else 0)
    return working_day_after(state, there(state, before), days + 1)


def answers(year: Year) -> dict[str, datetime]:
    return {one.institution: one.at for one in year.said if one.kind is K.REPLY}


def test_there_are_fifty_states_of_every_kind(year: Year) -> None:
    """What the year proves holds for other weeks than ours, too."""
    weeks = {data().states[one].week for one in STATES}
    assert len(set(STATES)) == 50
    assert {"Sun-Thu", "Mon-Fri"} <= weeks
    assert len(answers(year)) >= 15
    assert all(year.sent[institution(state), 0] for state in STATES)


def test_nobody_is_reminded_after_a_persons_answer_from_any_address(year: Year) -> None:
    """Not at any step, not even by a letter that was approved before."""
    late = [
        (who, step) for (who, step), times in year.sent.items()
        if step and who in answers(year) and any(at > answers(year)[who] for at in times)
    ]  # fmt: skip
    assert late == []
    assert any((who, 1) in year.sent for who in answers(year)), "some were reminded before they answered"
    assert any((who, 1) not in year.sent for who in answers(year))


@pytest.mark.parametrize("who", [CROSSING, ON_THE_WIRE], ids=["once approved", "on the wire"])
def test_an_answer_at_the_worst_moment_still_stops_the_reminder(year: Year, who: dict[str, int]) -> None:
    """Approved is not sent: the last look is in the transaction without which no end-of-data mark goes."""
    for its, step in who.items():
        assert its in answers(year)
        assert [sent for one, sent in year.sent if one == its] == list(range(step))
        (last,) = [one for one in year.book.ledger.standings("spring", step) if one.dispatch.institution == its]
        assert last.status is Status.CANCELLED


@pytest.mark.parametrize("step", [1, 2])
def test_every_silent_institution_is_reminded_on_the_right_working_day(year: Year, step: int) -> None:
    """By its own week, holidays, recess and clock; an acknowledgement gives more time, an automatic reply none."""
    silent = [one for one in STATES if institution(one) not in answers(year) and one != STATES[2]]
    assert len(silent) >= 25
    wrong = {
        state: (there(state, times[0]) if (times := year.sent.get((institution(state), step))) else None, wanted)
        for state in silent
        if (wanted := right_day(year, state, step))
        != (there(state, year.sent[institution(state), step][0]) if (institution(state), step) in year.sent else None)
    }
    assert wrong == {}


def test_those_who_answered_late_were_reminded_on_the_right_day_before(year: Year) -> None:
    """An answer ends what follows; it does not excuse what was due before it."""
    for who, at in answers(year).items():
        state = who[:2].upper()
        wanted = right_day(year, state, 1)
        if wanted < there(state, at):
            assert there(state, year.sent[who, 1][0]) == wanted
        if wanted > there(state, at):
            assert (who, 1) not in year.sent


def test_none_is_written_to_twice_at_one_step_or_more_often_than_the_campaign_says(year: Year) -> None:
    """Three letters at most, each once."""
    assert all(len(times) == 1 for times in year.sent.values())
    assert {step for _, step in year.sent} == {0, 1, 2}


def test_the_second_reminder_goes_to_the_next_contact(year: Year) -> None:
    """Where the sheet has one; else to the one there is."""
    for number, state in enumerate(STATES):
        who = institution(state)
        if (who, 2) in year.sent:
            assert year.to[who, 1] == f"box0@{state.lower()}.example"
            assert year.to[who, 2] == f"box{1 if number % 3 == 0 else 0}@{state.lower()}.example"


def test_an_address_that_bounced_is_not_reminded(year: Year) -> None:
    """There is no other: it is unreachable."""
    who = institution(STATES[2])
    assert [step for its, step in year.sent if its == who] == [0]
    rows = {row.institution: row for row in due(year.desk).rows}
    assert rows[who].group is DueGroup.UNREACHABLE


def test_at_the_years_end_every_institution_has_its_place(year: Year) -> None:
    """The totals add up, and nothing is left to do."""
    found = due(year.desk)
    assert sum(found.counts.values()) == len(found.rows) == 50
    assert found.counts[DueGroup.ANSWERED] + found.counts[DueGroup.IN_DIALOGUE] == len(answers(year))
    assert found.counts[DueGroup.VERY_OVERDUE] == 50 - len(answers(year)) - 1
    assert all(row.why_not for row in found.rows)
    assert year.book.desk.mode is Mode.LIVE
