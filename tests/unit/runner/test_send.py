"""A run's turns: what each answer does to the letter, to the run and to what the run tells."""

from datetime import time, timedelta

import pytest

from outreach.errors import FenceLost, LoginRefused, OutcomeUnknown, TransportError, Unavailable, UsageError
from outreach.model.campaign import Pace
from outreach.model.event import EventKind
from outreach.model.receipt import Answer, Phase
from outreach.model.status import HeldReason, Status
from support.moved_clock import ACCEPTED, BEGIN, Book, Postbox, Waits, gaps, names


def refusal(phase: Phase, code: int, text: str) -> Answer:
    return Answer(phase=phase, code=code, text=text)


GREY = refusal(Phase.RCPT, 450, "4.2.0 Greylisted, please come again")
BUSY = refusal(Phase.MAIL, 421, "4.3.2 Too busy")
NOBODY = refusal(Phase.RCPT, 550, "5.1.1 No such user here")
POLICY = refusal(Phase.DOT, 554, "5.7.1 Looks like spam")
TOO_BIG = refusal(Phase.MAIL, 552, "5.3.4 Too big")
LOST = {phase: Unavailable("The connection was lost.", phase=phase) for phase in Phase if phase is not Phase.DOT}
UNKNOWN = OutcomeUnknown("The letter was handed over whole, but no answer came.", phase=Phase.DOT)
LOGIN = LoginRefused("535 Authentication failed.", phase=Phase.LOGIN, code=535)


def test_every_approved_letter_goes_once_in_plan_order(book: Book, postbox: Postbox) -> None:
    """A second run has nothing to do and opens no connection."""
    book.queue(*names(250))
    done = book.run(postbox)
    assert (done.accepted, done.left, done.reason, done.until) == (250, 0, "", None)
    assert postbox.order == names(250)
    again = book.run(postbox)
    assert (again.tried, again.left) == (0, 0)
    assert postbox.opened == 1
    assert not postbox.is_open


def test_what_is_sent_is_the_frozen_letter_with_the_day_in_front(book: Book, postbox: Postbox) -> None:
    """One Date line, of the moment of sending, then the approved bytes; the log keeps that line."""
    book.queue("qm-1")
    frozen = book.ledger.letter(book.dispatch("qm-1").id)
    assert frozen is not None
    book.clock.move(hours=3, seconds=0.25)
    book.run(postbox)
    assert postbox.bodies["qm-1"] == b"Date: Wed, 04 Mar 2026 11:00:00 +0000\r\n" + frozen.raw
    (event,) = [one for one in book.ledger.events("spring") if one.kind is EventKind.SENT]
    assert event.detail["date"] == "Wed, 04 Mar 2026 11:00:00 +0000"


def test_a_letter_made_ready_ahead_still_shows_the_moment_of_its_own_turn(book: Book, postbox: Postbox) -> None:
    """The server took a minute for the first letter: what was made meanwhile is made anew."""
    book.queue("qm-1", "qm-2")
    postbox.takes = timedelta(minutes=1)
    book.run(postbox)
    assert any(body.startswith(b"Date: Wed, 04 Mar 2026 08:00:00 +0000") for body in postbox.foreseen)
    assert postbox.bodies["qm-2"].startswith(b"Date: Wed, 04 Mar 2026 08:01:00 +0000")


def test_every_acceptance_is_told_though_it_is_counted_with_the_next_letter(book: Book, postbox: Postbox) -> None:
    """One by one and to the last, which has no next one; a loss in between tells of what was accepted before it."""
    book.queue("qm-1", "qm-2", "qm-3")
    postbox.answers["qm-2"] = [UNKNOWN]
    done = book.run(postbox)
    assert next((one.accepted, one.in_doubt) for one in book.said if one.last == "qm-2") == (1, 1)
    assert (done.accepted, done.in_doubt, done.last) == (2, 1, "qm-3")


def test_an_acceptance_ends_a_row_of_losses_before_the_next_one_is_judged(book: Book, postbox: Postbox) -> None:
    """Also when the server was not even asked for the next letter: the second loss waits as long as the first."""
    book.queue("qm-1", "qm-2")
    postbox.answers["qm-1"] = [LOST[Phase.CONNECT]]
    postbox.answers["qm-2"] = [LOST[Phase.CONNECT]]
    stop = Waits(book.clock)
    book.run(postbox, stop=stop)
    assert postbox.order == ["qm-1", "qm-2"]
    assert stop.spans == [60, 60]


def test_the_mark_is_durable_before_the_end_of_data(book: Book, postbox: Postbox) -> None:
    """When a letter is at its last gap, another connection to the ledger already reads `committed`."""
    book.queue("qm-1")
    seen = []

    class Looks(Postbox):
        def deliver(self, claim, body, commit):
            def watched() -> None:
                seen.append(other.statuses()["qm-1"])
                commit()
                seen.append(other.statuses()["qm-1"])

            return super().deliver(claim, body, watched)

    other = Book(book.url, clock=book.clock)
    try:
        book.run(Looks(book.clock))
    finally:
        other.close()
    assert seen == [Status.CLAIMED, Status.COMMITTED]


@pytest.mark.parametrize(
    ("step", "status"),
    [
        pytest.param(ACCEPTED, Status.ACCEPTED, id="250"),
        pytest.param(NOBODY, Status.REJECTED, id="550-5.1.1"),
        pytest.param(POLICY, Status.REJECTED, id="554-5.7.1-after-the-dot"),
        pytest.param(TOO_BIG, Status.HELD, id="552-5.3.4"),
        pytest.param(UNKNOWN, Status.IN_DOUBT, id="lost-after-the-dot"),
    ],
)
def test_one_letters_fate_is_not_the_others(book: Book, postbox: Postbox, step: object, status: Status) -> None:
    """Whatever becomes of the second letter, the others go and the sums are right."""
    book.queue("qm-1", "qm-2", "qm-3")
    postbox.answers["qm-2"] = [step]
    done = book.run(postbox)
    assert book.statuses() == {"qm-1": Status.ACCEPTED, "qm-2": status, "qm-3": Status.ACCEPTED}
    assert done.tried == 3
    assert getattr(done, status.value) == (3 if status is Status.ACCEPTED else 1)
    assert sorted(set(postbox.order)) == sorted(postbox.order)


def test_a_letter_in_doubt_is_never_sent_again_by_itself(book: Book, postbox: Postbox) -> None:
    """Not in this run, not in the next, not after its lease, not a week later."""
    book.queue("qm-1", "qm-2")
    postbox.answers["qm-1"] = [UNKNOWN]
    assert book.run(postbox).in_doubt == 1
    for hours in (0, 1, 24 * 6):
        book.clock.move(hours=hours)
        assert book.run(postbox).tried == 0
    assert postbox.order == ["qm-1", "qm-2"]
    assert book.statuses()["qm-1"] is Status.IN_DOUBT


@pytest.mark.parametrize("phase", [Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.BODY])
def test_a_connection_lost_before_the_dot_costs_the_letter_nothing(book: Book, postbox: Postbox, phase: Phase) -> None:
    """It is queued, not charged, goes later over a new connection, and once."""
    book.queue("qm-1", "qm-2")
    postbox.answers["qm-1"] = [LOST[phase]]
    done = book.run(postbox)
    assert done.accepted == 2
    assert sorted(postbox.order) == ["qm-1", "qm-2"]
    assert postbox.opened == 2
    (standing,) = [one for one in book.ledger.standings("spring") if one.dispatch.institution == "qm-1"]
    assert standing.status is Status.ACCEPTED


def test_a_greylisted_letter_comes_back_after_five_minutes_and_goes_once(book: Book, postbox: Postbox) -> None:
    """The others do not wait for it; it comes again over the same run, not before five minutes."""
    book.queue("qm-1", "qm-2", "qm-3")
    postbox.answers["qm-1"] = [GREY]
    done = book.run(postbox)
    assert postbox.order == ["qm-2", "qm-3", "qm-1"]
    tries = [at for at, one in postbox.tried if one == "qm-1"]
    assert len(tries) == 2
    assert timedelta(minutes=5) <= tries[1] - tries[0] <= timedelta(minutes=8)
    assert (done.accepted, done.left, done.reason) == (3, 0, "")


def test_a_letter_put_off_and_then_sent_is_counted_once(book: Book, postbox: Postbox) -> None:
    """Two turns are one letter: at the end nothing is put off any more, and three letters are three."""
    book.queue("qm-1", "qm-2", "qm-3")
    postbox.answers["qm-1"] = [GREY, GREY]
    done = book.run(postbox)
    assert (done.accepted, done.deferred, done.tried, done.left) == (3, 0, 3, 0)


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param({}, id="all-accepted"),
        pytest.param({"qm-001": [GREY], "qm-003": [GREY, GREY]}, id="greylisted"),
        pytest.param({"qm-001": [BUSY], "qm-002": [BUSY]}, id="busy"),
        pytest.param({"qm-000": [LOST[Phase.DATA]], "qm-004": [UNKNOWN]}, id="lost"),
        pytest.param({"qm-000": [NOBODY], "qm-001": [TOO_BIG], "qm-002": [GREY, NOBODY]}, id="refused"),
        pytest.param({"qm-000": [POLICY], "qm-001": [POLICY], "qm-002": [POLICY]}, id="stopped-by-policy"),
    ],
)
def test_the_numbers_told_always_add_up_to_the_letters(
    book: Book, postbox: Postbox, answers: dict[str, list[object]]
) -> None:
    """Those who had their turn and those who have not are together all letters, at every word of progress."""
    book.queue(*names(6))
    postbox.answers.update(answers)
    done = book.run(postbox)
    begun = [one for one in book.said if one.tried or one.left]
    assert {one.tried + one.left for one in begun} == {6}
    now = book.statuses()
    waiting = sum(status is Status.QUEUED for status in now.values())
    assert done.deferred + done.left == waiting
    for word in ("accepted", "rejected", "in_doubt", "held"):
        assert getattr(done, word) == sum(status.value == word for status in now.values()), word


def test_a_stopped_run_says_what_is_left(book: Book, postbox: Postbox) -> None:
    """The letter in flight is finished, the others are queued as they were, without charge, and go next time."""
    book.queue(*names(5))
    stop = Waits(book.clock)
    postbox.on_letter = lambda claim: setattr(stop, "stop_at", BEGIN) if claim.institution == "qm-001" else None
    done = book.run(postbox, stop)
    assert (done.accepted, done.left, done.reason) == (2, 3, "")
    assert book.at(Status.QUEUED) == names(5)[2:]
    assert not postbox.is_open
    assert book.run(postbox).accepted == 3
    assert postbox.order == names(5)


def test_a_run_stopped_while_a_letter_is_put_off_tells_each_letter_once(book: Book, postbox: Postbox) -> None:
    """Three letters, one of them greylisted: two sent and one put off, not one more left besides."""
    book.queue("qm-1", "qm-2", "qm-3")
    postbox.answers["qm-1"] = [GREY]
    done = book.run(postbox, Waits(book.clock, stop_at=BEGIN + timedelta(minutes=2)))
    assert (done.accepted, done.deferred, done.left) == (2, 1, 0)


def test_a_run_stopped_while_it_connects_begins_no_letter(book: Book, postbox: Postbox) -> None:
    """There is no letter in flight to be finished."""
    book.queue("qm-1", "qm-2")
    stop = Waits(book.clock)

    class Slow(Postbox):
        def open(self) -> None:
            super().open()
            stop.stop_at = BEGIN

    slow = Slow(book.clock)
    done = book.run(slow, stop)
    assert slow.tried == []
    assert (done.tried, done.left) == (0, 2)
    assert book.at(Status.QUEUED) == ["qm-1", "qm-2"]


def test_trouble_with_the_channel_pauses_and_doubles(book: Book, postbox: Postbox) -> None:
    """421: the account is left alone for a minute, then two, then four; a letter that goes makes it a minute again."""
    book.queue(*names(3))
    postbox.answers["qm-000"] = [BUSY, BUSY]
    postbox.answers["qm-001"] = [BUSY]
    stop = Waits(book.clock)
    done = book.run(postbox, stop)
    tried = [at for at, _ in postbox.tried]
    assert [gap for gap in gaps(tried) if gap][:2] == [60.0, 120.0]
    assert done.accepted == 3
    assert sorted(postbox.order) == names(3)
    assert postbox.opened == 4
    assert {one.reason for one in book.said if one.until} >= {
        'campaign@mail.example: the server wants to be left alone for a while: 421 "4.3.2 Too busy"'
    }


def test_trouble_that_does_not_end_ends_the_run_with_every_letter_queued(book: Book, postbox: Postbox) -> None:
    """Six times in a row is enough; nothing was sent, nothing charged, and the error says so."""
    book.queue(*names(4))
    postbox.always = BUSY
    with pytest.raises(TransportError, match="421"):
        book.run(postbox)
    assert len(postbox.tried) == 6
    assert book.at(Status.QUEUED) == names(4)
    postbox.always = None
    book.clock.move(hours=1)
    assert book.run(postbox).accepted == 4
    assert sorted(postbox.order) == names(4)


def test_a_server_that_cannot_be_reached_at_all_ends_the_run_at_once(book: Book, postbox: Postbox) -> None:
    """A slip in the settings is not waited out."""
    book.queue(*names(2))
    postbox.refuses = [Unavailable("Nothing listens there.", phase=Phase.CONNECT)]
    stop = Waits(book.clock)
    with pytest.raises(Unavailable):
        book.run(postbox, stop)
    assert stop.spans == []
    assert book.at(Status.QUEUED) == names(2)
    assert [one.kind for one in book.ledger.events("spring")].count(EventKind.RELEASED) == 2


def test_a_server_that_goes_away_in_the_middle_is_waited_for(book: Book, postbox: Postbox) -> None:
    """Once connected, a lost server is tried again after a minute, then two; no letter is charged or lost."""
    book.queue(*names(4))
    gone = Unavailable("Nothing listens there.", phase=Phase.CONNECT)
    postbox.answers["qm-001"] = [LOST[Phase.MAIL]]
    postbox.on_letter = lambda claim: postbox.refuses.extend([gone, gone]) if len(postbox.tried) == 2 else None
    done = book.run(postbox)
    assert done.accepted == 4
    assert sorted(postbox.order) == names(4)
    assert postbox.opened == 4


def test_three_refusals_of_policy_in_a_row_stop_the_run_and_say_so(book: Book, postbox: Postbox) -> None:
    """The server has had enough of us: the rest stays queued, and the reason holds its words."""
    book.queue(*names(10))
    for one in names(10)[2:]:
        postbox.answers[one] = [POLICY]
    done = book.run(postbox)
    assert (done.accepted, done.rejected, done.left) == (2, 3, 5)
    assert "3 refusals of policy in a row" in done.reason
    assert "5.7.1 Looks like spam" in done.reason
    assert book.at(Status.QUEUED) == names(10)[5:]


def test_refusals_of_policy_with_others_in_between_stop_nothing(book: Book, postbox: Postbox) -> None:
    """Two, an acceptance, two more: every letter has its turn."""
    book.queue(*names(5))
    for one in ("qm-000", "qm-001", "qm-003", "qm-004"):
        postbox.answers[one] = [POLICY]
    done = book.run(postbox)
    assert (done.accepted, done.rejected, done.left, done.reason) == (1, 4, 0, "")


def test_a_refused_login_ends_the_run_at_once_with_every_letter_queued(book: Book, postbox: Postbox) -> None:
    """One try only: more would lock the account."""
    book.queue(*names(3))
    postbox.refuses = [LOGIN]
    with pytest.raises(LoginRefused):
        book.run(postbox)
    assert postbox.opened == 1
    assert postbox.tried == []
    assert book.at(Status.QUEUED) == names(3)


def test_a_login_refused_later_leaves_every_other_letter_queued(book: Book, postbox: Postbox) -> None:
    """On a connection renewed in the middle: what is sent is sent, the letter in hand is queued again, uncharged."""
    book.queue(*names(4))
    postbox.answers["qm-002"] = [LOGIN]
    with pytest.raises(LoginRefused):
        book.run(postbox)
    assert book.at(Status.ACCEPTED) == names(4)[:2]
    assert book.at(Status.QUEUED) == names(4)[2:]
    assert book.run(postbox).accepted == 2
    assert postbox.order == names(4)


@pytest.mark.parametrize("limit", [1, 3, 99, 100, 101, 120])
def test_a_limit_is_kept_exactly(book: Book, postbox: Postbox, limit: int) -> None:
    """Also around the size of a batch; the next run goes on behind it."""
    book.queue(*names(120))
    done = book.run(postbox, limit=limit)
    assert (done.accepted, done.left) == (limit, 120 - limit)
    assert postbox.order == names(120)[:limit]
    assert book.run(postbox).accepted == 120 - limit
    assert postbox.order == names(120)


def test_a_limit_counts_letters_and_not_their_turns(book: Book, postbox: Postbox) -> None:
    """With some of them put off, no more than `limit` letters are ever begun."""
    book.queue(*names(6))
    postbox.answers["qm-000"] = [GREY, GREY]
    postbox.answers["qm-001"] = [NOBODY]
    done = book.run(postbox, limit=3)
    assert {one for _, one in postbox.tried} == set(names(3))
    assert done.tried == 3


@pytest.mark.parametrize(
    ("only", "sent"),
    [
        pytest.param(["qn"], ["qn-000", "qn-001"], id="state"),
        pytest.param(["QN"], ["qn-000", "qn-001"], id="state-in-capitals"),
        pytest.param(["qm-001"], ["qm-001"], id="institution"),
        pytest.param(["QO", "qm-000"], ["qm-000", "qo-000", "qo-001"], id="several"),
    ],
)
def test_only_those_named_are_written_to(book: Book, postbox: Postbox, only: list[str], sent: list[str]) -> None:
    """`left` counts the selection alone, and the others stay queued."""
    book.queue(*names(2, "qm"), *names(2, "qn"), *names(2, "qo"))
    done = book.run(postbox, only=only)
    assert postbox.order == sent
    assert (done.tried, done.left) == (len(sent), 0)
    assert len(book.at(Status.QUEUED)) == 6 - len(sent)


def test_a_name_that_fits_nobody_is_refused_before_anything_is_claimed(book: Book, postbox: Postbox) -> None:
    """A slip of the pen must not look like a campaign without letters."""
    book.queue("qm-1")
    with pytest.raises(UsageError, match="ZZ"):
        book.run(postbox, only=["qm", "ZZ"])
    assert postbox.opened == 0
    assert book.at(Status.QUEUED) == ["qm-1"]


@pytest.mark.parametrize(
    ("days", "sent"), [pytest.param(7, ["qm-1"], id="seven-days-are-fresh"), pytest.param(8, [], id="eight-are-not")]
)
def test_a_letter_that_waited_too_long_goes_back_to_draft(
    book: Book, postbox: Postbox, days: int, sent: list[str]
) -> None:
    """A letter shows its day: after a week it is drafted and approved anew, never sent with a stale one."""
    book.queue("qm-1")
    book.clock.move(days=days)
    book.run(postbox)
    assert postbox.order == sent
    assert book.statuses()["qm-1"] is (Status.ACCEPTED if sent else Status.DRAFT)


def test_a_letter_goes_stale_in_the_middle_of_a_slow_run_too(book: Book, postbox: Postbox) -> None:
    """Put off for days by its server, it is not sent with a date of last week."""
    book.queue("qm-1", "qm-2")
    postbox.answers["qm-1"] = [refusal(Phase.RCPT, 452, "4.2.2 Mailbox full")] * 200
    done = book.run(postbox)
    assert postbox.order == ["qm-2"]
    assert book.statuses()["qm-1"] in {Status.DRAFT, Status.REJECTED}
    assert done.accepted == 1


def test_a_letter_that_another_runner_took_over_is_not_sent_here(book: Book, postbox: Postbox) -> None:
    """The lease ended while this runner slept: its mark fails, no dot goes, and the run goes on with the others."""
    book.queue("qm-1", "qm-2")
    other = Postbox(book.clock)

    def sleep(claim: object) -> None:
        postbox.on_letter = lambda _: None
        book.clock.move(minutes=16)
        assert book.run(other, runner="there:2").accepted == 2

    postbox.on_letter = sleep
    done = book.run(postbox)
    assert postbox.order == []
    assert other.order == ["qm-1", "qm-2"]
    assert done.accepted == 0
    assert done.left == 0
    assert set(book.statuses().values()) == {Status.ACCEPTED}


def test_a_ledger_that_fails_at_the_mark_stops_before_the_dot(book: Book, postbox: Postbox, monkeypatch) -> None:
    """The letter stays claimed, the earlier ones are written down, the others are queued: nothing is sent twice."""
    book.queue(*names(4))
    mark = book.ledger.mark

    def fails(claim, *, settle=(), date=""):
        if claim.institution == "qm-002":
            raise OSError(28, "No space left on device")
        mark(claim, settle=settle, date=date)

    monkeypatch.setattr(type(book.ledger), "mark", lambda _self, claim, **given: fails(claim, **given))
    with pytest.raises(OSError, match="No space"):
        book.run(postbox)
    monkeypatch.undo()
    assert postbox.order == names(4)[:2]
    assert book.at(Status.ACCEPTED) == names(4)[:2]
    assert book.at(Status.CLAIMED) == ["qm-002"]
    book.clock.move(minutes=16)
    assert book.run(postbox).accepted == 2
    assert sorted(postbox.order) == names(4)


def test_a_letter_that_costs_three_runners_their_life_waits_for_a_person(book: Book, postbox: Postbox) -> None:
    """Crash after crash at the same letter: it is held, and the others go."""
    book.queue(*names(3))

    class Crash(BaseException):
        pass

    def crash(claim) -> None:
        if claim.institution == "qm-000":
            raise Crash

    for _ in range(3):
        dies = Postbox(book.clock)
        dies.on_letter = crash
        with pytest.raises(Crash):
            book.run(dies)
        book.clock.move(minutes=16)
    done = book.run(postbox)
    assert done.accepted == 2
    (held,) = [one for one in book.ledger.standings("spring") if one.status is Status.HELD]
    assert (held.dispatch.institution, held.held) == ("qm-000", HeldReason.REPEATED_CRASH)


def test_a_run_that_waits_looks_into_the_ledger_every_half_minute(book: Book, postbox: Postbox) -> None:
    """Others approve and send too: a letter that may go at once does not wait for one that may go tomorrow."""
    book.pace = Pace(opens=time(9), closes=time(10))
    book.clock.move(hours=3)
    book.queue(book.dispatch("qm-1", calendar="QM/UTC/Mon-Fri"))
    stop = Waits(book.clock)

    def approves() -> None:
        if len(stop.spans) == 5:
            book.queue("qn-1")

    stop.meanwhile = approves
    assert book.run(postbox, stop).accepted == 2
    assert max(stop.spans) <= 30
    assert postbox.delivered == [
        (BEGIN + timedelta(hours=3, seconds=150), "qn-1"),
        (BEGIN + timedelta(days=1, hours=1), "qm-1"),
    ]


def test_a_fence_lost_is_an_error_of_the_ledger() -> None:
    """What the runner catches first must stay the narrower of the two."""
    assert not issubclass(FenceLost, TransportError)
