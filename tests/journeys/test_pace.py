"""Pace, office hours and restarts, through the runner and the real ledger, on a clock that the test moves."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from outreach.ledger import open_ledger
from outreach.model.campaign import Mode, Pace, Window
from outreach.model.receipt import Answer, Phase
from outreach.model.status import Status
from outreach.office import Office
from outreach.runner.desk import Desk
from outreach.runner.plan import calendar, plan
from outreach.runner.send import send
from support.moved_clock import BEGIN, Book, Clock, Postbox, Waits, gaps, most_in, names

Outreach = Callable[..., Any]

MINUTE, HOUR, DAY = 60, 3600, 86400
GREY = Answer(phase=Phase.RCPT, code=450, text="4.2.0 Greylisted")
BUSY = Answer(phase=Phase.MAIL, code=421, text="4.3.2 Too busy")
WINDOWS = (Window(count=4, seconds=MINUTE), Window(count=30, seconds=HOUR), Window(count=40, seconds=DAY))
#: State -> key of its calendar, zone, working days. Invented states have no public holidays.
OFFICES = {
    "QM": ("QM/Asia/Tokyo/Mon-Fri", "Asia/Tokyo", {0, 1, 2, 3, 4}),
    "QN": ("QN/America/New_York/Mon-Fri", "America/New_York", {0, 1, 2, 3, 4}),
    "QO": ("QO/Asia/Riyadh/Sun-Thu", "Asia/Riyadh", {6, 0, 1, 2, 3}),
    "QP": ("QP/Europe/Sofia/Mon-Fri", "Europe/Sofia", {0, 1, 2, 3, 4}),
}


@pytest.fixture(autouse=True)
def looks_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that waits looks into the ledger every half minute; here nights pass, and an hour will do."""
    monkeypatch.setattr("outreach.runner.lane.LOOK_AGAIN", timedelta(hours=1))


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = Book(f"sqlite:///{tmp_path}/ledger.db")
    yield made
    made.close()


@pytest.fixture
def postbox(book: Book) -> Postbox:
    return Postbox(book.clock)


def offices(book: Book, count: int) -> None:
    """Letters to four states in turn, each with its own office hours."""
    states = sorted(OFFICES)
    book.queue(
        *(
            book.dispatch(f"{states[number % 4].lower()}-{number:03}", calendar=OFFICES[states[number % 4]][0])
            for number in range(count)
        )
    )


def is_working_time(at: datetime, institution: str, opens: time = time(9), closes: time = time(17)) -> bool:
    """By the clock on the office's own wall; reckoned without the code under test."""
    _, zone, days = OFFICES[institution[:2].upper()]
    wall = at.astimezone(ZoneInfo(zone))
    return wall.weekday() in days and opens <= wall.time() < closes


@pytest.mark.parametrize("takes", [0.0, 0.7], ids=["instantly", "a-slow-server"])
def test_no_sliding_window_ever_holds_more_than_it_may(book: Book, takes: float) -> None:
    """Per minute, hour and day at once, over three days of sending, wherever a window begins."""
    book.pace = Pace(account=WINDOWS, jitter=0.3)
    book.queue(*names(90))
    postbox = Postbox(book.clock, takes=takes)
    done = book.run(postbox)
    assert done.accepted == 90
    assert postbox.order == names(90)
    for window in WINDOWS:
        assert most_in([at for at, _ in postbox.tried], window.seconds) <= window.count, window
    assert most_in([at for at, _ in postbox.tried], DAY) == 40  # the day is used, not wasted


def test_letters_are_spaced_evenly_and_not_sent_in_bursts(book: Book, postbox: Postbox) -> None:
    """Sixty an hour is one a minute, stretched by the jitter and never shortened; a pause is not caught up with."""
    book.pace = Pace(account=(Window(count=4, seconds=MINUTE), Window(count=60, seconds=HOUR)), jitter=0.3)
    book.queue(*names(30))
    for one in ("qm-010", "qm-011", "qm-012"):
        postbox.answers[one] = [BUSY]
    book.run(postbox)
    between = gaps([at for at, _ in postbox.tried])
    assert min(between) >= 60.0
    pauses = [gap for gap in between if gap > 60.0 * 1.3]
    assert pauses == [120.0, 240.0]  # the first pause, of a minute, is as long as the spacing
    assert len({round(gap, 3) for gap in between}) > 20  # not a machine's even beat


def test_one_domain_is_written_to_more_slowly_than_the_account_may(book: Book, postbox: Postbox) -> None:
    """Ministries behind one mail server are not flooded while the others are written to."""
    book.pace = Pace(account=(Window(count=4, seconds=MINUTE),), domain=(Window(count=2, seconds=MINUTE),))
    crowd = [
        book.dispatch(f"qm-{number:03}", recipient=f"desk{number}@gov.example", address_norm=f"d{number}@gov.example")
        for number in range(12)
    ]
    book.queue(*crowd, *names(12, "qn"))
    book.run(postbox)
    shared = [at for at, one in postbox.tried if one.startswith("qm")]
    assert len(shared) == 12
    assert most_in(shared, MINUTE) == 2
    assert most_in([at for at, _ in postbox.tried], MINUTE) <= 4
    assert sorted(postbox.order) == sorted([*names(12, "qm"), *names(12, "qn")])


def test_every_letter_leaves_in_the_office_hours_of_its_target(book: Book, postbox: Postbox) -> None:
    """Four zones, two working weeks, over a week-end and both changes of the clock: not one outside."""
    for begin in (BEGIN, datetime(2026, 3, 6, 15, 50, tzinfo=UTC), datetime(2026, 3, 27, 14, 0, tzinfo=UTC)):
        book.clock.now = begin
        book.pace = Pace(account=(Window(count=10, seconds=HOUR),), opens=time(9), closes=time(17))
        before = len(postbox.tried)
        states = sorted(OFFICES)
        book.queue(
            *(
                book.dispatch(f"{states[one % 4].lower()}-{begin:%d}{one:02}", calendar=OFFICES[states[one % 4]][0])
                for one in range(40)
            )
        )
        done = book.run(postbox)
        assert done.accepted == 40
        wrong = [(at, one) for at, one in postbox.tried[before:] if not is_working_time(at, one)]
        assert wrong == []


def test_a_slow_server_does_not_push_letters_out_of_the_office_hours(book: Book) -> None:
    """Without a pace of the account a whole batch is claimed at once: its last letter is still on time."""
    book.pace = Pace(opens=time(9), closes=time(17))
    book.clock.now = datetime(2026, 3, 4, 7, 50, tzinfo=UTC)  # ten to five in Tokyo, ten to ten in Sofia
    offices(book, 80)
    postbox = Postbox(book.clock, takes=60.0)
    assert book.run(postbox).accepted == 80
    assert [(at, one) for at, one in postbox.tried if not is_working_time(at, one)] == []


def test_a_slow_server_does_not_push_letters_into_one_anothers_window(book: Book) -> None:
    """A domain's pace holds between the moments at which its letters are on the wire, not at which they are due."""
    book.pace = Pace(domain=(Window(count=2, seconds=MINUTE),))
    crowd = [
        book.dispatch(f"qn-{number:03}", recipient=f"desk{number}@gov.example", address_norm=f"d{number}@gov.example")
        for number in range(6)
    ]
    book.queue(*names(30), *crowd)
    postbox = Postbox(book.clock, takes=10.0)
    assert book.run(postbox).accepted == 36
    assert most_in([at for at, one in postbox.tried if one.startswith("qn")], MINUTE) <= 2


def test_an_institution_that_joins_while_the_run_goes_on_keeps_its_office_hours(book: Book, postbox: Postbox) -> None:
    """A plan approved in the middle of a long run brings a state of a zone that was not there before."""
    book.pace = Pace(account=(Window(count=4, seconds=HOUR),), opens=time(9), closes=time(17))
    book.queue(*(book.dispatch(one, calendar=OFFICES["QP"][0]) for one in names(12, "qp")))
    stop = Waits(book.clock)

    def joins() -> None:
        if len(postbox.tried) == 4:
            stop.meanwhile = lambda: None
            book.queue(*(book.dispatch(one, calendar=OFFICES["QN"][0]) for one in names(4, "qn")))

    stop.meanwhile = joins
    assert book.run(postbox, stop).accepted == 16
    assert [(at, one) for at, one in postbox.tried if not is_working_time(at, one)] == []


def test_a_restart_in_the_middle_does_not_open_the_window_anew(book: Book) -> None:
    """Stopped and run again many times, even by another process with a new ledger: the windows hold over all of it."""
    book.pace = Pace(account=WINDOWS)
    book.queue(*names(60))
    chance = random.Random(5)
    postbox = Postbox(book.clock)
    for turn in range(400):
        if Status.QUEUED not in book.statuses().values():
            break
        again = Book(book.url, clock=book.clock, pace=book.pace)
        stop = Waits(book.clock, stop_at=book.clock.now + timedelta(minutes=chance.choice([0.2, 3, 41, 600])))
        again.run(postbox, stop, runner=f"here:{turn}")
        again.close()
    assert postbox.order == names(60)
    for window in WINDOWS:
        assert most_in([at for at, _ in postbox.tried], window.seconds) <= window.count, window
    assert min(gaps([at for at, _ in postbox.tried])) >= 120.0


def test_two_runs_of_one_account_share_its_pace(book: Book, postbox: Postbox) -> None:
    """Whenever one waits another looks in: together they keep to the windows, and each letter goes once."""
    book.pace = Pace(account=(Window(count=4, seconds=MINUTE),))
    book.queue(*names(20))
    other, box = Book(book.url, clock=book.clock, pace=book.pace), Postbox(book.clock)
    stop = Waits(book.clock)
    stop.meanwhile = lambda: other.run(box, limit=1, runner="there:2") and None
    try:
        book.run(postbox, stop)
    finally:
        other.close()
    assert postbox.order
    assert box.order
    assert sorted(postbox.order + box.order) == names(20)
    assert most_in(postbox.times + box.times, MINUTE) <= 4


def test_a_greylisted_letter_comes_back_in_its_pace_and_goes_once(book: Book, postbox: Postbox) -> None:
    """Not before five minutes; its second try counts against the windows like any letter."""
    book.pace = Pace(account=(Window(count=4, seconds=MINUTE),))
    book.queue(*names(24))
    for one in ("qm-001", "qm-002", "qm-020"):
        postbox.answers[one] = [GREY]
    done = book.run(postbox)
    assert (done.accepted, done.deferred, done.left) == (24, 0, 0)
    assert sorted(postbox.order) == names(24)
    assert most_in([at for at, _ in postbox.tried], MINUTE) <= 4
    tries = defaultdict(list)
    for at, one in postbox.tried:
        tries[one].append(at)
    assert {one: len(found) for one, found in tries.items() if len(found) > 1} == {
        "qm-001": 2,
        "qm-002": 2,
        "qm-020": 2,
    }
    assert all(found[1] - found[0] >= timedelta(minutes=5) for found in tries.values() if len(found) > 1)


def test_a_greylisted_letter_waits_for_the_office_to_open_again(book: Book, postbox: Postbox) -> None:
    """Put off at two minutes to five, it comes at nine the next morning, not at five past five."""
    book.pace = Pace(opens=time(9), closes=time(17))
    book.clock.now = datetime(2026, 3, 4, 14, 58, tzinfo=UTC)  # 16:58 in Sofia
    book.queue(book.dispatch("qp-1", calendar=OFFICES["QP"][0]))
    postbox.answers["qp-1"] = [GREY]
    assert book.run(postbox).accepted == 1
    (sent,) = postbox.times
    assert sent.astimezone(ZoneInfo("Europe/Sofia")) == datetime(2026, 3, 5, 9, tzinfo=ZoneInfo("Europe/Sofia"))


def test_letters_given_back_do_not_use_up_the_pace(book: Book, postbox: Postbox) -> None:
    """A login refused before MAIL: the next run may send its first letter at once, as if nothing had been claimed."""
    from outreach.errors import LoginRefused

    book.pace = Pace(account=(Window(count=1, seconds=HOUR),))
    book.queue(*names(2))
    postbox.refuses = [LoginRefused("535 Authentication failed.", phase=Phase.LOGIN, code=535)]
    with pytest.raises(LoginRefused):
        book.run(postbox)
    book.run(postbox)
    assert postbox.times == [BEGIN, BEGIN + timedelta(hours=1)]


def test_a_clock_put_back_neither_bursts_nor_stops_the_run(book: Book, postbox: Postbox) -> None:
    """An hour back in the middle: no more than one window's letters too early, and every letter goes."""
    book.pace = Pace(account=(Window(count=4, seconds=MINUTE),))
    book.queue(*names(40))
    postbox.on_letter = lambda claim: book.clock.move(hours=-1) if claim.institution == "qm-015" else None
    done = book.run(postbox, Waits(book.clock, most=2000))
    assert done.accepted == 40
    assert postbox.order == names(40)
    after = [at for at, one in postbox.tried if one > "qm-015"]
    assert most_in(after, MINUTE) <= 4
    assert after[-1] - after[0] < timedelta(minutes=10)


def test_what_is_waited_for_is_said(book: Book, postbox: Postbox) -> None:
    """Every wait says until when and for what; between waits nothing is said to be waited for."""
    book.pace = Pace(account=(Window(count=1, seconds=MINUTE),), opens=time(9), closes=time(17))
    book.clock.now = datetime(2026, 3, 4, 14, 58, 30, tzinfo=UTC)  # 16:58:30 in Sofia
    book.queue(*(book.dispatch(one, calendar=OFFICES["QP"][0]) for one in names(3, "qp")))
    done = book.run(postbox)
    waits = {(one.reason, one.until) for one in book.said if one.until}
    assert ("pace of the account (1 per minute)", datetime(2026, 3, 4, 14, 59, 30, tzinfo=UTC)) in waits
    assert ("office hours of QP", datetime(2026, 3, 5, 7, 0, tzinfo=UTC)) in waits
    assert all(one.reason for one in book.said if one.until)
    assert (done.until, done.reason, done.accepted) == (None, "", 3)
    assert {one.tried + one.left for one in book.said} == {3}


def test_a_campaign_longer_than_a_week_says_what_went_back_to_draft(book: Book, postbox: Postbox) -> None:
    """At twenty a day the last of two hundred letters are older than a week: not sent, and the run says so."""
    book.pace = Pace(account=(Window(count=20, seconds=DAY),))
    book.queue(*names(200))
    done = book.run(postbox)
    drafts = book.at(Status.DRAFT)
    assert 0 < len(drafts) < 60
    assert done.accepted == 200 - len(drafts)
    assert done.stale == len(drafts)


@pytest.fixture
def planned(workspace: Path, outreach: Outreach) -> Path:
    """The starter's campaign with the shipped pace, an own sender, verified addresses."""
    file = workspace / "campaigns/moratorium.toml"
    text = re.sub(r"REPLACE ME[^\"\n]*", "Real Organisation", file.read_text(encoding="utf-8"))
    text = re.sub(r"@[a-z.-]*\.example\b", "@organisation.org", text.replace("replace-me.example", "organisation.org"))
    file.write_text(text, encoding="utf-8")
    sheet = workspace / "contacts/example.csv"
    zones = ["Asia/Tokyo", "America/New_York", "Europe/Sofia", "Asia/Kathmandu", "America/Sao_Paulo"]
    head = "id,state,role,institution,email,languages,timezone,working_days"
    rows = [
        f"q{'mnop'[n % 4]}-mfa-{n},Q{'MNOP'[n % 4]},mfa,Ministry {n},office@m{n // 3}.examplia.example,en,"
        f"{zones[n % 5]},{'Sun-Thu' if n % 4 == 1 else 'Mon-Fri'}"
        for n in range(0, 120, 3)
    ]
    sheet.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    said = outreach(
        "contacts", "verify", "--all", "--sheet", "contacts/example.csv", "--by", "Ana", "--on", "2026-03-01"
    )
    assert said.code == 0, said.all
    return workspace


@contextmanager
def office_desk(workspace: Path, mode: Mode, pace: Pace | None = None, begin: datetime = BEGIN) -> Iterator[Any]:
    """The workspace's own desk, but at a ledger whose clock the test moves."""
    clock = Clock(begin)
    office = Office(root=workspace, environ={}, today=clock.now.date())
    campaign = office.campaign("moratorium")
    url = office.settings.database_url if mode is Mode.LIVE else office.workspace.ledger_url(mode)
    with open_ledger(url, mode=mode, clock=clock) as ledger:
        desk = Desk(
            campaign=replace(campaign, pace=pace or campaign.pace),
            mode=mode,
            sheets=office.sheets,
            letters=office.letters,
            ledger=ledger,
            secret=b"secret",
            today=clock.now.date(),
        )
        yield desk, clock


def approved_run(desk: Desk, clock: Clock, *, limit: int | None = None) -> Postbox:
    """Plan, approve, send."""
    made = plan(desk)
    assert made.totals is not None, made.faults
    desk.ledger.approve("moratorium", 0, digest=made.totals.digest, by="Ana")
    postbox = Postbox(clock)
    send(desk, postbox, runner="here:1", pace=desk.campaign.pace, stop=Waits(clock), limit=limit)
    return postbox


@pytest.mark.parametrize("begin", ["2026-03-04T13:37:12.345678", "2026-03-06T16:55:00", "2026-03-27T08:00:00"])
def test_the_calendar_of_a_plan_is_what_the_run_then_does(planned: Path, capsys, begin: str) -> None:
    """The same letters at the same moments, to the microsecond: over nights, week-ends and changes of the clock."""
    from outreach.cli.plan import print_calendar

    start = datetime.fromisoformat(begin).replace(tzinfo=UTC)
    with office_desk(planned, Mode.LIVE, begin=start) as (desk, clock):
        foreseen = calendar(desk, plan(desk).plan, start=clock.now)
        postbox = approved_run(desk, clock)
    assert len(foreseen) == len(postbox.delivered) == 40
    assert [(one.dispatch.institution, at) for one, at in foreseen] == [(one, at) for at, one in postbox.tried]
    print_calendar(foreseen, Mode.LIVE)
    printed = capsys.readouterr().out
    hours = Counter(at.astimezone().strftime("%a %d %b %Y %H:00") for at in postbox.times)
    for hour, count in hours.items():
        assert re.search(rf"{hour} \S+\s+\W*{count}\b", printed), (hour, count, printed)


def test_the_calendar_leaves_out_the_letters_that_have_gone(planned: Path) -> None:
    """Planned again in the middle of a campaign, it shows those that are left."""
    with office_desk(planned, Mode.LIVE, Pace(account=(Window(count=10, seconds=MINUTE),))) as (desk, clock):
        postbox = approved_run(desk, clock, limit=7)
        foreseen = calendar(desk, plan(desk).plan, start=clock.now)
    gone = {one for _, one in postbox.tried}
    assert len(gone) == 7
    assert len(foreseen) == 33
    assert gone.isdisjoint(one.dispatch.institution for one, _ in foreseen)


def test_the_calendar_knows_what_the_account_has_sent_already(planned: Path) -> None:
    """Ten a day, seven of them gone: the others leave when the run will really let them go."""
    with office_desk(planned, Mode.LIVE, Pace(account=(Window(count=10, seconds=DAY),))) as (desk, clock):
        postbox = approved_run(desk, clock, limit=7)
        gone = len(postbox.tried)
        foreseen = {one.dispatch.institution: at for one, at in calendar(desk, plan(desk).plan, start=clock.now)}
        send(desk, postbox, runner="here:1", pace=desk.campaign.pace, stop=Waits(clock))
    assert {one: foreseen[one] for _, one in postbox.tried[gone:]} == {one: at for at, one in postbox.tried[gone:]}


def test_the_calendar_of_a_rehearsal_is_the_live_one(planned: Path) -> None:
    """It promises the live pace: the ministries' own domains count, not the one that stands for all in a rehearsal."""
    pace = Pace(account=(Window(count=4, seconds=MINUTE),), domain=(Window(count=2, seconds=HOUR),))
    foreseen = []
    for mode in (Mode.REHEARSAL, Mode.LIVE):
        with office_desk(planned, mode, pace) as (desk, clock):
            made = plan(desk)
            times = calendar(desk, made.plan, start=clock.now)
            foreseen.append({one.dispatch.institution: at for one, at in times})
    assert foreseen[0] == foreseen[1]
