"""Offices on every offset there is, with all kinds of weeks: each letter comes while its own is open, as foreseen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import holidays
import pytest

from outreach.model.campaign import Pace, Window
from outreach.model.dispatch import Dispatch
from outreach.model.status import Status
from outreach.rules.pacing import Candidate
from outreach.rules.schedule import forecast
from outreach.runner.gather import calendars_of
from support.fleet import above, without_fsync
from support.moved_clock import Book, Postbox, Waits

MINUTE, HOUR, DAY = 60, 3600, 86400
OPENS, CLOSES = time(9), time(16, 30)
#: Working week -> its days, Monday is 0; and the one that ends at midday.
WEEKS = {
    "Mon-Fri": {0, 1, 2, 3, 4},
    "Sun-Thu": {6, 0, 1, 2, 3},  # Friday and Saturday are the weekend
    "Sat-Wed": {5, 6, 0, 1, 2},  # Thursday and Friday are
    "Mon-Thu, Sat": {0, 1, 2, 3, 5},  # gaps of one day
    "Mon, Wed, Fri": {0, 2, 4},
    "Mon-Fri (Fri until midday)": {0, 1, 2, 3, 4},
}
#: State, its zone, its week: sixty zones on every offset from -11 to +14, the half and quarter hours among them.
OFFICES = [
    ("US", "Pacific/Pago_Pago", "Mon-Fri"), ("US", "Pacific/Honolulu", "Mon-Fri"),
    ("FR", "Pacific/Marquesas", "Mon-Fri"), ("FR", "Pacific/Gambier", "Mon, Wed, Fri"),
    ("US", "America/Anchorage", "Mon-Fri"), ("GB", "Pacific/Pitcairn", "Mon-Fri"),
    ("US", "America/Los_Angeles", "Mon-Fri"), ("US", "America/Phoenix", "Mon-Fri"),
    ("US", "America/Denver", "Mon-Fri"), ("CR", "America/Costa_Rica", "Mon-Fri"),
    ("PG", "Pacific/Port_Moresby", "Mon-Fri"), ("CL", "Pacific/Easter", "Mon-Fri"),
    ("CO", "America/Bogota", "Mon-Fri"), ("US", "America/New_York", "Mon-Fri"),
    ("CU", "America/Havana", "Mon, Wed, Fri"), ("VE", "America/Caracas", "Mon-Fri"),
    ("CL", "America/Santiago", "Mon-Fri"), ("PY", "America/Asuncion", "Mon-Fri"),
    ("CA", "America/St_Johns", "Mon-Fri"), ("BR", "America/Sao_Paulo", "Mon-Fri (Fri until midday)"),
    ("UY", "America/Montevideo", "Mon-Fri"), ("FR", "America/Miquelon", "Mon-Fri"),
    ("DK", "America/Nuuk", "Mon-Fri"), ("BR", "America/Noronha", "Mon-Fri"),
    ("CV", "Atlantic/Cape_Verde", "Mon-Fri"), ("PT", "Atlantic/Azores", "Mon-Fri"),
    ("GB", "Europe/London", "Mon-Fri"), ("IS", "Atlantic/Reykjavik", "Mon-Fri"),
    ("MA", "Africa/Casablanca", "Mon-Fri"), ("DE", "Europe/Berlin", "Mon-Fri (Fri until midday)"),
    ("NG", "Africa/Lagos", "Mon-Fri"), ("EG", "Africa/Cairo", "Sun-Thu"),
    ("IL", "Asia/Jerusalem", "Sun-Thu"), ("LB", "Asia/Beirut", "Mon-Fri (Fri until midday)"),
    ("MD", "Europe/Chisinau", "Mon-Fri"), ("ZA", "Africa/Johannesburg", "Mon-Fri"),
    ("SA", "Asia/Riyadh", "Sun-Thu"), ("TR", "Europe/Istanbul", "Mon-Fri"),
    ("IR", "Asia/Tehran", "Sat-Wed"), ("AE", "Asia/Dubai", "Mon-Fri (Fri until midday)"),
    ("AF", "Asia/Kabul", "Sat-Wed"), ("PK", "Asia/Karachi", "Mon-Fri"),
    ("UZ", "Asia/Tashkent", "Mon-Fri"), ("IN", "Asia/Kolkata", "Mon-Fri"),
    ("NP", "Asia/Kathmandu", "Sun-Thu"), ("BD", "Asia/Dhaka", "Sun-Thu"),
    ("MM", "Asia/Yangon", "Mon-Fri"), ("TH", "Asia/Bangkok", "Mon-Fri"),
    ("BN", "Asia/Brunei", "Mon-Thu, Sat"), ("AU", "Australia/Eucla", "Mon-Fri"),
    ("JP", "Asia/Tokyo", "Mon-Fri"), ("AU", "Australia/Darwin", "Mon-Fri"),
    ("AU", "Australia/Adelaide", "Mon-Fri"), ("AU", "Australia/Lord_Howe", "Mon-Fri"),
    ("SB", "Pacific/Guadalcanal", "Mon-Fri"), ("AU", "Pacific/Norfolk", "Mon-Fri"),
    ("NZ", "Pacific/Auckland", "Mon-Fri"), ("NZ", "Pacific/Chatham", "Mon-Fri"),
    ("TO", "Pacific/Tongatapu", "Mon-Fri"), ("KI", "Pacific/Kiritimati", "Mon, Wed, Fri"),
]  # fmt: skip
#: Clocks are put on in the north and a week later back in the south; and back in the east, a week later in the west.
BEGINS = [datetime(2026, 3, 27, 11, 5, tzinfo=UTC), datetime(2026, 10, 23, 6, 40, 30, 250_000, tzinfo=UTC)]


@pytest.fixture(autouse=True)
def looks_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that waits looks into the ledger every half minute; here nights pass, and an hour will do."""
    monkeypatch.setattr("outreach.runner.lane.LOOK_AGAIN", timedelta(hours=1))


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Book]:
    without_fsync(monkeypatch)
    made = Book(f"sqlite:///{tmp_path}/ledger.db")
    yield made
    made.close()


def office_of(institution: str) -> tuple[str, str, str]:
    return OFFICES[int(institution[2:4])]


def letters(book: Book, each: int) -> list[Dispatch]:
    """So many letters to each office, one office after another, again and again; a few domains are shared."""
    made = []
    for number in range(each):
        for place, (state, zone, week) in enumerate(OFFICES):
            box = f"office{number}.{place}@d{place % 25}.example"
            made.append(
                book.dispatch(
                    f"zz{place:02}-{number}",
                    state=state,
                    calendar=f"{state}/{zone}/{week}",
                    recipient=box,
                    address_norm=box,
                    dated=(book.clock.now + timedelta(days=14)).date(),
                )
            )
    return made


def is_open(at: datetime, institution: str) -> bool:
    """By the clock and the calendar on the office's own wall, without the code under test."""
    state, zone, week = office_of(institution)
    wall = at.astimezone(ZoneInfo(zone))
    closes = time(12) if "midday" in week and wall.weekday() == 4 else CLOSES
    try:
        off = wall.date() in holidays.country_holidays(state, years=[2026, 2027])
    except NotImplementedError:
        off = False
    return wall.weekday() in WEEKS[week] and not off and OPENS <= wall.time() < closes


def test_the_sixty_zones_stand_for_every_offset_there_is() -> None:
    """Each whole, half and quarter hour that any zone of the world keeps in these weeks has an office here."""
    assert len({zone for _, zone, _ in OFFICES}) == len(OFFICES) == 60
    for begin in BEGINS:
        moments = [begin, begin + timedelta(days=11)]
        real = [one for one in available_timezones() if "/" in one and not one.startswith(("Etc/", "posix/", "right/"))]
        world = {at.astimezone(ZoneInfo(name)).utcoffset() for at in moments for name in real}
        ours = {at.astimezone(ZoneInfo(zone)).utcoffset() for at in moments for _, zone, _ in OFFICES}
        assert world <= ours
    begin, end = BEGINS[0], BEGINS[0] + timedelta(days=11)
    changes = {
        end.astimezone(ZoneInfo(zone)).utcoffset() - begin.astimezone(ZoneInfo(zone)).utcoffset()
        for _, zone, _ in OFFICES
    }
    assert min(changes) < timedelta(0) < max(changes)  # both ways in one run


@pytest.mark.parametrize("begin", BEGINS, ids=["both ways", "back"])
def test_every_letter_comes_while_its_office_is_open_and_when_the_plan_said(book: Book, begin: datetime) -> None:
    """Seven hundred letters over two weeks: 100 per cent on a working day of the target in its hours, in the windows
    of account and domain, each at the very microsecond that the plan's calendar names, though the run is stopped and
    begun anew every few hours.
    """
    book.clock.now = begin
    book.pace = Pace(
        account=(Window(count=2, seconds=MINUTE), Window(count=30, seconds=HOUR), Window(count=64, seconds=DAY)),
        domain=(Window(count=4, seconds=HOUR),),
        opens=OPENS,
        closes=CLOSES,
        jitter=0.25,
    )
    made = letters(book, 12)
    book.queue(*made)
    foreseen = forecast(
        [
            Candidate(
                dispatch=d.id, institution=d.institution, domain=d.recipient.partition("@")[2], calendar=d.calendar
            )
            for d in made
        ],
        pace=book.pace,
        calendars=calendars_of(book.desk.campaign, {one.calendar for one in made}, begin.date()),
        start=begin,
    )
    postbox = Postbox(book.clock)
    while Status.QUEUED in set(book.statuses().values()):
        book.run(postbox, Waits(book.clock, stop_at=book.clock.now + timedelta(hours=5)))
    assert len(postbox.tried) == len(made) == 720
    assert [(at, one) for at, one in postbox.tried if not is_open(at, one)] == []
    names = {one.id: one.institution for one in made}
    assert [(at, names[one]) for one, at in foreseen] == postbox.tried
    assert [above([at for at, _ in postbox.tried], one) for one in book.pace.account] == [[], [], []]
    for domain in range(25):
        times = [at for at, one in postbox.tried if int(one[2:4]) % 25 == domain]
        assert above(times, book.pace.domain[0]) == []
    assert postbox.tried[-1][0] - begin > timedelta(days=11)
