"""What makes a run stand still: a person, a streak of refusals, a server that wants to be left alone, a ledger away."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import time, timedelta

import pytest

from outreach.errors import LedgerAway, LedgerBusy, LedgerError, OutcomeUnknown, Paused, Unavailable
from outreach.ledger import SqlLedger
from outreach.model.campaign import Pace
from outreach.model.event import EventKind
from outreach.model.ledger import DeedKind
from outreach.model.receipt import Answer, Phase
from outreach.model.status import Status
from outreach.runner import pause as verbs
from support.moved_clock import ACCEPTED, Book, Postbox, Waits, names

BUSY = Answer(phase=Phase.MAIL, code=421, text="4.3.2 Too busy")
POLICY = Answer(phase=Phase.DOT, code=554, text="5.7.1 Looks like spam")


def test_a_paused_state_is_left_out_and_the_run_ends_without_it(book: Book, postbox: Postbox) -> None:
    """The others go; what stands still is counted as left, and going on lets it go."""
    book.queue("qm-1", "qn-1", "qm-2")
    assert verbs.pause(book.ledger, "spring", "QM", by="Ana", why="the minister resigned").waiting == 2
    done = book.run(postbox)
    assert (done.accepted, done.left, done.reason) == (1, 2, "QM paused")
    gone = verbs.go(book.ledger, "spring", "QM", by="Ana")
    assert ([one.state for one in gone.lifted], gone.waiting) == (["QM"], 2)
    assert book.run(postbox).accepted == 2
    assert sorted(postbox.order) == ["qm-1", "qm-2", "qn-1"]


def test_a_run_that_begins_while_its_campaign_stands_still_says_so(book: Book, postbox: Postbox) -> None:
    """With who, when and why, and how it goes on; no connection is opened."""
    book.queue("qm-1")
    verbs.pause(book.ledger, "spring", "", by="Ana", why="a court decided today")
    with pytest.raises(Paused, match=r"paused by Ana on 04 March 2026, 08:00 UTC: a court decided today") as caught:
        book.run(postbox)
    assert "outreach go spring" in caught.value.todo
    assert postbox.opened == 0


def test_a_pause_stops_a_run_within_one_letter_and_go_lets_it_go_on(book: Book, postbox: Postbox) -> None:
    """A hundred letters are in hand when somebody pauses: the one on the wire gets no mark, and the rest no turn."""
    book.queue(*names(50))
    stop = Waits(book.clock)

    def pauses(claim: object) -> None:
        if len(postbox.tried) == 3:
            verbs.pause(book.ledger, "spring", "", by="Ana", why="wait")

    def goes_on() -> None:
        if len(stop.spans) == 4:
            assert postbox.order == names(50)[:2]
            verbs.go(book.ledger, "spring", "", by="Ana")

    postbox.on_letter = pauses
    stop.meanwhile = goes_on
    done = book.run(postbox, stop)
    assert (done.accepted, done.left) == (50, 0)
    assert sorted(postbox.order) == names(50)
    assert any("paused by Ana: wait" in one.reason for one in book.said)
    assert {one.attempts for one in book.ledger.standings("spring")} == {1}


def test_what_stood_still_is_remembered_with_its_names_and_reasons(book: Book) -> None:
    """Twice is once; the deeds say who did what."""
    book.queue("qm-1")
    assert verbs.pause(book.ledger, "spring", "", by="Ana", why="wait").new
    assert not verbs.pause(book.ledger, "spring", "", by="Bo", why="again").new
    verbs.go(book.ledger, "spring", "", by="Cy")
    assert not verbs.go(book.ledger, "spring", "", by="Cy").lifted
    told = [(one.kind, one.who, one.campaign) for one in book.ledger.about().deeds]
    assert told == [(DeedKind.WENT_ON, "Cy", "spring"), (DeedKind.PAUSED, "Ana", "spring")]


def test_refusals_of_policy_pause_the_campaign_for_every_runner(book: Book, postbox: Postbox) -> None:
    """Three in a row: the run ends and says so, the next does not begin, and after `go` the count begins anew."""
    book.queue(*names(8))
    for one in names(8)[1:4]:
        postbox.answers[one] = [POLICY]
    done = book.run(postbox)
    assert (done.accepted, done.rejected, done.left) == (1, 3, 4)
    assert '3 refusals of policy in a row; the last: refused by policy: 554 "5.7.1 Looks like spam"' in done.reason
    with pytest.raises(Paused, match="3 refusals of policy in a row"):
        book.run(postbox, runner="there:2")
    verbs.go(book.ledger, "spring", "", by="Ana")
    postbox.answers["qm-004"] = [POLICY]
    assert book.run(postbox).accepted == 3


def test_a_refusal_of_policy_now_and_then_pauses_when_it_is_more_than_one_in_twenty(
    book: Book, postbox: Postbox
) -> None:
    """Of fifty letters three: never two in a row, and yet too many."""
    book.queue(*names(60))
    for number in (10, 30, 49):
        postbox.answers[f"qm-{number:03}"] = [POLICY]
    done = book.run(postbox)
    assert (done.accepted, done.rejected, done.left) == (47, 3, 10)
    assert "3 of the last 50 letters refused by policy" in done.reason


def test_an_account_that_was_sent_away_rests_for_every_runner_and_across_restarts(book: Book, postbox: Postbox) -> None:
    """The second run waits out what the first was told; the rest is doubled when it happens again."""
    book.queue(*names(3))
    postbox.answers["qm-000"] = [BUSY, BUSY]
    first = Waits(book.clock, stop_at=book.clock.now + timedelta(seconds=20))
    book.run(postbox, first)
    assert len(postbox.tried) == 1
    other = Postbox(book.clock)
    other.answers["qm-000"] = [BUSY]
    begun = book.clock.now
    other.answers["qm-001"] = [BUSY]
    assert book.run(other, runner="there:2").accepted == 3
    assert (other.tried[0][0] - begun).total_seconds() == pytest.approx(30, abs=1)
    assert (other.tried[1][0] - other.tried[0][0]).total_seconds() >= 120
    assert sorted(other.order) == names(3)


def test_going_on_wakes_an_account_at_once(book: Book, postbox: Postbox) -> None:
    """A person who has settled it with the provider need not wait."""
    book.queue("qm-1")
    postbox.answers["qm-1"] = [BUSY]
    book.run(postbox, Waits(book.clock, stop_at=book.clock.now + timedelta(seconds=1)))
    gone = verbs.go(book.ledger, "spring", "", by="Ana")
    assert [one.account for one in gone.woken] == ["campaign@mail.example"]
    book.clock.move(minutes=5)
    stop = Waits(book.clock)
    assert book.run(postbox, stop).accepted == 1
    assert stop.spans == []


def test_a_rest_that_another_connection_has_just_begun_is_not_ended_by_a_letter(book: Book) -> None:
    """One connection is sent away while the letter of the other is accepted: the account rests all the same."""
    book.ledger.rest("campaign@mail.example", timedelta(minutes=2), why="421 too many connections")
    book.ledger.rested("campaign@mail.example")
    book.queue("qm-1")
    stop = Waits(book.clock)
    assert book.run(Postbox(book.clock), stop).accepted == 1
    assert sum(stop.spans) == 120
    book.ledger.rest("campaign@mail.example", timedelta(minutes=2), why="421 once more")
    assert book.ledger.wake(by="Ana")[0].troubles == 1


def test_a_server_that_is_busy_before_the_first_long_wait_ends_nothing(book: Book, postbox: Postbox) -> None:
    """The office opens in an hour, and 421 is what the server says now: it is asked again when it is time."""
    book.pace = Pace(opens=time(9), closes=time(17))
    book.queue(book.dispatch("qm-1", calendar="QM/Etc/UTC/Mon-Fri"))
    postbox.refuses = [Unavailable("421 Busy.", phase=Phase.CONNECT, code=421)]
    assert book.run(postbox).accepted == 1
    assert postbox.times[0].hour == 9


@pytest.mark.parametrize("limit", [None, 1])
def test_nobody_waits_for_the_line_when_no_letter_is_left(book: Book, postbox: Postbox, limit: int | None) -> None:
    """The last letter, or the last that was asked for, is in doubt: the run ends at once and says so."""
    book.queue("qm-1", *(["qm-2"] if limit else []))
    postbox.answers["qm-1"] = [OutcomeUnknown("no answer came", phase=Phase.DOT)]
    stop = Waits(book.clock)
    assert book.run(postbox, stop, limit=limit).in_doubt == 1
    assert stop.spans == []


def test_a_first_connection_that_is_refused_in_words_is_waited_for(book: Book, postbox: Postbox) -> None:
    """421 or 554 instead of a welcome: the account rests a minute, and no letter is charged."""
    book.queue("qm-1")
    postbox.refuses = [Unavailable("The server does not take us now: 554.", phase=Phase.CONNECT, code=554)]
    stop = Waits(book.clock)
    assert book.run(postbox, stop).accepted == 1
    assert sum(stop.spans) == pytest.approx(60, abs=1)
    assert {one.attempts for one in book.ledger.standings("spring")} == {1}


@contextmanager
def failing(verb: str, *errors: Exception) -> Iterator[list[Exception]]:
    """A ledger whose verb fails so often, then works again."""
    left = list(errors)
    real = getattr(SqlLedger, verb)

    def flaky(self: SqlLedger, *words: object, **named: object) -> object:
        if left:
            raise left.pop(0)
        return real(self, *words, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SqlLedger, verb, flaky)
        yield left


@pytest.mark.parametrize("error", [LedgerBusy("Locked."), LedgerAway("Gone.")], ids=["locked", "away"])
def test_a_ledger_that_does_not_take_the_mark_costs_the_connection_and_not_the_letter(
    book: Book, postbox: Postbox, error: LedgerError
) -> None:
    """No mark, no dot; the letter is queued again, uncharged, and goes over a new connection."""
    book.queue(*names(3))
    with failing("mark", error, error):
        done = book.run(postbox)
    assert done.accepted == 3
    assert sorted(postbox.order) == names(3)
    assert postbox.opened == 3
    assert {one.attempts for one in book.ledger.standings("spring")} == {1}


def test_an_answer_is_written_down_when_the_ledger_comes_back(book: Book, postbox: Postbox) -> None:
    """The server has the letter, the database is away: the result is tried again until it is written."""
    book.queue("qm-1", "qm-2")
    stop = Waits(book.clock)
    with failing("settle", LedgerAway("Gone."), LedgerAway("Gone."), LedgerBusy("Locked.")):
        done = book.run(postbox, stop)
    assert done.accepted == 2
    assert stop.spans == [1, 2, 4]
    assert set(book.statuses().values()) == {Status.ACCEPTED}


def test_an_answer_that_cannot_be_written_is_kept_and_written_by_the_next_run(book: Book, postbox: Postbox) -> None:
    """The disk is full after the dot: the error names the letter and the file, and nothing is sent twice."""
    book.queue("qm-1")
    full = LedgerError("The disk is full.")
    with (
        failing("settle", *[full] * 20),
        pytest.raises(LedgerError, match=r"qm-1 \(250 accepted\).*disk is full") as said,
    ):
        book.run(postbox)
    assert "the next run writes it down" in said.value.todo
    assert book.statuses()["qm-1"] is Status.COMMITTED
    book.clock.move(minutes=16)
    assert book.run(postbox).tried == 0
    assert book.statuses()["qm-1"] is Status.ACCEPTED
    assert postbox.order == ["qm-1"]
    sent = [one for one in book.ledger.events("spring") if one.kind is EventKind.SENT]
    assert [one.detail["text"] for one in sent] == [ACCEPTED.text]


def test_leases_of_a_clock_that_was_ahead_do_not_hold_letters_for_a_day(book: Book, postbox: Postbox) -> None:
    """A runner died while the clock was a day ahead; put right, its letter is free at once, and nobody is blamed."""
    book.queue("qm-1", "qm-2")
    book.clock.move(days=1)
    book.ledger.claim("spring", runner="dead:1", account="a", pace=book.pace, calendars={}, limit=1, oldest=None)
    book.clock.move(days=-1)
    assert book.run(postbox).accepted == 2
    assert postbox.order == ["qm-1", "qm-2"]


def test_a_letter_put_off_by_a_clock_that_was_ahead_is_due(book: Book, postbox: Postbox) -> None:
    """No server's `later` is a day away: such an hour comes of the clock, and the letter goes now."""
    book.queue("qm-1")
    grey = Answer(phase=Phase.RCPT, code=450, text="4.2.0 Greylisted")
    postbox.answers["qm-1"] = [grey]
    book.clock.move(days=1)
    book.run(postbox, Waits(book.clock, stop_at=book.clock.now + timedelta(seconds=30)))
    book.clock.move(days=-1)
    stop = Waits(book.clock)
    assert book.run(postbox, stop).accepted == 1
    assert sum(stop.spans) == 0
