"""The machine's clock is put back, put on, or says a second twice: no burst, and nobody waits without end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from outreach.model.campaign import Pace, Window
from outreach.model.receipt import Claim, Outcome, Phase, Turn
from outreach.model.status import Status
from support.fleet import ACCOUNT, above, without_fsync
from support.moved_clock import Book, Postbox, Waits, names

MINUTE, HOUR, DAY = 60, 3600, 86400
MINUTELY = Window(count=6, seconds=MINUTE)
JUMPS = [
    pytest.param(timedelta(days=-1), id="a day back"),
    pytest.param(timedelta(hours=-1), id="an hour back, as a clock on local time in autumn"),
    pytest.param(timedelta(seconds=-1), id="a leap second: the second is said twice"),
    pytest.param(timedelta(hours=1), id="an hour on"),
    pytest.param(timedelta(days=1), id="a day on"),
]


@pytest.fixture(autouse=True)
def looks_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that waits looks into the ledger every half minute; here days pass, and an hour will do."""
    monkeypatch.setattr("outreach.runner.lane.LOOK_AGAIN", timedelta(hours=1))


class Jumping:
    """True time, which only goes on, beside the clock of the machine that jumps; `sent` are true times."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.jumped = timedelta(0)
        self.sent: list[datetime] = []

    def jump(self, span: timedelta) -> None:
        self.book.clock.now += span
        self.jumped += span

    @property
    def true(self) -> datetime:
        return self.book.clock.now - self.jumped

    def note(self, _: Claim) -> None:
        self.sent.append(self.true)


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Book]:
    without_fsync(monkeypatch)
    made = Book(f"sqlite:///{tmp_path}/ledger.db")
    yield made
    made.close()


@pytest.fixture
def jumping(book: Book) -> Jumping:
    return Jumping(book)


@pytest.fixture
def postbox(book: Book, jumping: Jumping) -> Postbox:
    made = Postbox(book.clock)
    made.on_letter = jumping.note
    return made


def turn(book: Book, pace: Pace, runner: str = "there:2", limit: int = 1) -> Turn:
    return book.ledger.claim(
        "spring", runner=runner, account=ACCOUNT, pace=pace, calendars={}, limit=limit, oldest=None
    )


def accepted(claim: Claim) -> Outcome:
    return Outcome(claim=claim, status=Status.ACCEPTED, code=250, text="2.0.0 queued", phase=Phase.DOT)


def ids_in_order(book: Book) -> bool:
    """The log of each letter, read by number, leads from nothing to where it stands, whatever its times say."""
    told: dict[str, Status] = {}
    last = 0
    for event in book.ledger.events("spring"):
        if event.id <= last or told.get(event.dispatch) != event.was:
            return False
        told[event.dispatch], last = event.now, event.id
    return told == {one.dispatch.id: one.status for one in book.ledger.standings("spring")}


@pytest.mark.parametrize("span", JUMPS)
def test_while_letters_are_queued_no_more_than_one_window_goes_too_early(
    book: Book, jumping: Jumping, postbox: Postbox, span: timedelta
) -> None:
    """The clock jumps between two runs, a window's letters gone: by true time at most one more, and none is stuck."""
    book.pace = Pace(account=(MINUTELY,), domain=(MINUTELY,), institution=(MINUTELY,))
    book.queue(*names(30))
    book.run(postbox, limit=12)
    jumping.jump(span)
    at = jumping.true
    book.run(postbox)
    assert sorted(postbox.order) == names(30)
    twice = Window(count=2 * MINUTELY.count, seconds=MINUTE)
    assert above(jumping.sent, twice) == []
    assert above(jumping.sent[:12], MINUTELY) == above(jumping.sent[12:], MINUTELY) == []
    assert jumping.sent[-1] - at < timedelta(minutes=2 + 18 / 6)
    assert ids_in_order(book)


@pytest.mark.parametrize("span", JUMPS)
@pytest.mark.parametrize("early", [True, False], ids=["before the mark", "after the mark"])
def test_while_a_letter_is_in_hand_it_ends_as_it_would_have(
    book: Book, jumping: Jumping, postbox: Postbox, span: timedelta, early: bool
) -> None:
    """The runner that has it goes on: one copy, accepted, spacing kept among the letters that follow."""
    book.pace = Pace(account=(MINUTELY,))
    book.queue(*names(12))
    deliver = postbox.deliver

    def jumps(claim: Claim, body: bytes, commit):  # type: ignore[no-untyped-def]
        if claim.institution != "qm-005":
            return deliver(claim, body, commit)
        if early:
            jumping.jump(span)
            return deliver(claim, body, commit)
        answer = deliver(claim, body, commit)
        jumping.jump(span)
        return answer

    postbox.deliver = jumps  # type: ignore[method-assign]
    done = book.run(postbox)
    assert (done.accepted, done.in_doubt) == (12, 0)
    assert postbox.order == names(12)
    assert above(jumping.sent, Window(count=2 * MINUTELY.count, seconds=MINUTE)) == []
    assert above(jumping.sent[6:], MINUTELY) == []
    assert jumping.sent[-1] - jumping.sent[0] < timedelta(minutes=2 + 12 / 6)
    assert ids_in_order(book)


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=1)], ids=str)
def test_a_day_s_quota_is_not_given_twice_and_does_not_stop_the_run(
    book: Book, jumping: Jumping, postbox: Postbox, back: timedelta
) -> None:
    """Twenty a day, all gone, and the clock is put back: the next wait for less than two days and never burst."""
    day = Window(count=20, seconds=DAY)
    book.pace = Pace(account=(Window(count=2, seconds=MINUTE), day))
    book.queue(*names(50))
    book.run(postbox, limit=20)
    jumping.jump(-back)
    at = jumping.true
    book.run(postbox)
    assert len(postbox.order) == 50
    assert above(jumping.sent, Window(count=2 * day.count, seconds=DAY)) == []
    assert above(jumping.sent[20:], day) == []
    assert above(jumping.sent[20:], Window(count=2, seconds=MINUTE)) == []
    assert jumping.sent[20] - at < timedelta(days=2)


@pytest.mark.parametrize("span", JUMPS)
def test_office_hours_are_those_of_the_clock_as_it_is_now(
    book: Book, jumping: Jumping, postbox: Postbox, span: timedelta
) -> None:
    """After the jump too each letter comes between nine and five on a working day, as far as the machine can know."""
    book.pace = Pace(account=(Window(count=10, seconds=HOUR),), opens=time(9), closes=time(17))
    book.queue(*(book.dispatch(one, calendar="QP/Etc/UTC/Mon-Fri") for one in names(40)))
    book.run(postbox, limit=10)
    jumping.jump(span)
    before = len(postbox.tried)
    book.run(postbox)
    assert len(postbox.order) == 40
    for at, _ in postbox.tried[before:]:
        assert at.weekday() < 5
        assert time(9) <= at.time() < time(17)


def test_a_clock_that_goes_back_and_forth_all_the_time_neither_bursts_nor_stops(
    book: Book, jumping: Jumping, postbox: Postbox
) -> None:
    """An hour back and an hour on at every third letter, as two machines whose clocks differ: each jump costs at most
    one window's letters, and the run comes to its end."""
    book.pace = Pace(account=(MINUTELY,))
    book.queue(*names(60))
    back = -timedelta(hours=1)
    jumps = iter([back, -back] * 100)

    def on_letter(claim: Claim) -> None:
        jumping.note(claim)
        if int(claim.institution[3:]) % 3 == 2:
            jumping.jump(next(jumps))

    postbox.on_letter = on_letter
    book.run(postbox, Waits(book.clock, most=3000))
    assert postbox.order == names(60)
    assert above(jumping.sent, Window(count=2 * MINUTELY.count, seconds=MINUTE)) == []
    assert ids_in_order(book)


def test_two_seconds_of_the_same_name_keep_their_order_in_the_log(book: Book) -> None:
    """What happened is told by the number of an event; its time may be the same, or earlier than the one before."""
    book.queue("qm-000")
    (claim,) = turn(book, Pace()).claims
    book.clock.move(seconds=-1)
    book.ledger.mark(claim)
    book.clock.move(seconds=-1)
    book.ledger.settle([accepted(claim)])
    events = list(book.ledger.events("spring"))
    assert [one.now for one in events] == [
        Status.DRAFT,
        Status.QUEUED,
        Status.CLAIMED,
        Status.COMMITTED,
        Status.ACCEPTED,
    ]
    assert [one.id for one in events] == sorted(one.id for one in events)
    assert events[-1].at < events[0].at
    assert ids_in_order(book)


def test_a_clock_put_on_ends_leases_early_and_doubles_nothing(book: Book) -> None:
    """A day on while two runners have letters in hand: the unmarked one goes to another, the marked one is in doubt."""
    book.queue("qm-000", "qm-001")
    marked, claimed = turn(book, Pace(), limit=2).claims
    book.ledger.mark(marked)
    book.clock.move(days=1)
    assert book.ledger.recover() == (1, 1)
    (again,) = turn(book, Pace(), "here:1").claims
    assert again.institution == claimed.institution
    with pytest.raises(Exception, match="no longer ours"):
        book.ledger.mark(claimed)
    book.ledger.settle([accepted(marked)])
    assert book.statuses() == {"qm-000": Status.ACCEPTED, "qm-001": Status.CLAIMED}
