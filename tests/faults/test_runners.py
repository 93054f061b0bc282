"""The rows of the fault table about several runners and about runners that were away too long: the fence decides.

As processes, and killed: tests/journeys/test_interruptions.py. Fences and leases alone: tests/rooms/ledger.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from outreach.model.receipt import Claim
from outreach.model.status import Status
from outreach.runner.send import Sent
from servers.scripted import Script, ScriptedServer
from support.moved_clock import Book, names
from support.real_lines import SENT, Fate, Line, Scene

Rivals = Callable[[int], list[Scene]]
FIRST, *OTHERS = LETTERS = names(4)


@pytest.fixture(params=["sqlite", "postgresql"])
def shared(request: pytest.FixtureRequest, scene: Scene) -> Iterator[Scene]:
    """A campaign in a file, and one on a server."""
    if request.param == "sqlite":
        yield scene
        return
    book = Book(request.getfixturevalue("postgresql").database(), clock=scene.book.clock)
    yield Scene(book)
    book.close()


@pytest.fixture
def rivals(shared: Scene) -> Iterator[Rivals]:
    """Further runners, each with a ledger of its own at the same place, on the same clock."""
    with ExitStack() as closing:

        def make(count: int) -> list[Scene]:
            made = []
            for _ in range(count):
                other = Scene(Book(shared.book.url, clock=shared.book.clock), hours=shared.hours)
                closing.callback(other.book.close)
                made.append(other)
            return made

        yield make


@pytest.mark.parametrize("runners", [2, 8])
def test_any_number_of_runners_send_two_thousand_letters_once_each(shared: Scene, rivals: Rivals, runners: int) -> None:
    """No lock but the claim: every runner has its part, none takes another's, and the sums of all are the campaign.

    SQLite's lock is not fair: each waits before its first mark until all have a letter, or a quick one may leave none.
    """
    some = names(2_000)
    shared.book.queue(*some)
    done: list[Sent] = []
    with ScriptedServer() as server:
        everyone = [shared, *rivals(runners - 1)]
        all_have_one = threading.Barrier(runners)

        def run(one: Scene, number: int) -> None:
            line = one.line(server.address())
            line.before_mark = lambda _: at_first_mark(line)
            line.open()
            done.append(one.book.run(line, one.hours, runner=f"host-{number}:1"))

        def at_first_mark(line: Line) -> None:
            line.before_mark = lambda _: None
            all_have_one.wait(30)

        threads = [threading.Thread(target=run, args=each) for each in zip(everyone, range(runners), strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(90)
        shared.check_none_left(server, dict.fromkeys(some, SENT))
    assert not [line for one in everyone for line in one.lines if line.is_open]
    assert sum(one.accepted for one in done) == 2_000
    assert min(one.accepted for one in done) > 0
    assert [one.tried for one in done] == [one.accepted for one in done]


def stopped_at(line: Line, moment: str, deed: Callable[[], None]) -> None:
    """At this moment of its first letter the runner is stopped, as by SIGSTOP, while `deed` is done elsewhere."""

    def stop(claim: Claim) -> None:
        if claim.institution == FIRST and claim.fence == 1:
            deed()

    setattr(line, moment, stop)


@pytest.mark.parametrize("taken", [True, False], ids=["another-has-it", "it-is-queued-again"])
def test_a_runner_past_its_lease_closes_without_the_dot(shared: Scene, rivals: Rivals, taken: bool) -> None:
    """It wakes with the text written: its fence is old, no dot goes, and whoever claims the letter sends it once."""
    shared.book.queue(*LETTERS)
    (other,) = rivals(1)
    with ScriptedServer() as server:

        def meanwhile() -> None:
            shared.book.clock.move(minutes=16)
            if taken:
                assert other.book.run(other.line(server.address()), other.hours, runner="there:2").accepted == 4
            else:
                assert other.book.ledger.recover() == (4, 0)

        line = shared.line(server.address())
        stopped_at(line, "before_mark", meanwhile)
        done = shared.book.run(line, shared.hours)
        shared.check_none_left(server, dict.fromkeys(LETTERS, SENT))
    assert done.accepted == (0 if taken else 4)
    assert server.talks[0].commands[-1] == b"DATA"
    assert not server.talks[0].received.endswith(b".\r\n")


def test_a_runner_past_its_lease_closes_without_the_dot_while_another_has_the_letter_in_hand(
    shared: Scene, rivals: Rivals
) -> None:
    """Both have it claimed, and only the fence tells whose it is: the late one sends nothing, the other one once."""
    shared.book.queue(*LETTERS)
    (other,) = rivals(1)
    claims: list[Claim] = []
    with ScriptedServer() as server:
        line, fresh = shared.line(server.address()), other.line(server.address())

        def meanwhile() -> None:
            shared.book.clock.move(minutes=16)
            asked = {"runner": "there:2", "account": line.account, "pace": other.book.pace, "calendars": {}}
            claims.extend(other.book.ledger.claim("spring", limit=10, **asked).claims)

        stopped_at(line, "before_mark", meanwhile)
        done = shared.book.run(line, shared.hours)
        assert (done.accepted, done.elsewhere, [one.fence for one in claims]) == (0, 4, [2] * 4)
        assert server.talks[0].commands[-1] == b"DATA"
        other.book.ledger.release(claims)
        assert other.book.run(fresh, other.hours, runner="there:2").accepted == 4
        shared.check_none_left(server, dict.fromkeys(LETTERS, SENT))


def test_a_runner_past_its_lease_goes_on_with_a_letter_that_nobody_looked_at(shared: Scene) -> None:
    """No claim and no recovery came between: the mark is still its own alone, and the letter goes once."""
    shared.book.queue(*LETTERS)
    with ScriptedServer() as server:
        line = shared.line(server.address())
        stopped_at(line, "before_mark", lambda: shared.book.clock.move(minutes=16))
        assert shared.book.run(line, shared.hours).accepted == 4
        shared.check_none_left(server, dict.fromkeys(LETTERS, SENT))
    assert len(server.talks) == 1


def test_a_runner_past_its_lease_behind_the_mark_leaves_a_doubt_that_its_own_answer_settles(
    shared: Scene, rivals: Rivals
) -> None:
    """Another runner finds the letter marked: in doubt, and never its own to send. The first one's 250 is evidence."""
    shared.book.queue(*LETTERS)
    (other,) = rivals(1)
    seen = []
    with ScriptedServer() as server:

        def meanwhile() -> None:
            shared.book.clock.move(minutes=16)
            other.book.run(other.line(server.address()), other.hours, runner="there:2")
            seen.append(shared.book.statuses()[FIRST])

        line = shared.line(server.address())
        stopped_at(line, "after_mark", meanwhile)
        shared.book.run(line, shared.hours)
        shared.check_none_left(server, dict.fromkeys(LETTERS, SENT))
    assert seen == [Status.IN_DOUBT]


def test_a_runner_past_its_lease_whose_server_is_gone_leaves_the_letter_in_doubt(shared: Scene, rivals: Rivals) -> None:
    """Marked, overtaken, and then no answer: one letter in doubt, with the copy that the server kept, and no second."""
    shared.book.queue(*LETTERS)
    (other,) = rivals(1)
    with ScriptedServer(Script(dot=b"???\r\n", keeps=True), Script()) as server:

        def meanwhile() -> None:
            shared.book.clock.move(minutes=16)
            other.book.run(other.line(server.address()), other.hours, runner="there:2")

        line = shared.line(server.address())
        stopped_at(line, "after_mark", meanwhile)
        shared.book.run(line, shared.hours)
        (standing, *_) = shared.book.ledger.standings("spring")
        doubt = Fate(Status.IN_DOUBT, copies=1, tries=standing.attempts)
        shared.check_none_left(server, {FIRST: doubt} | dict.fromkeys(OTHERS, SENT))


@pytest.mark.parametrize("days", [-1, 1], ids=["a-day-back", "a-day-on"])
@pytest.mark.parametrize("moment", ["before_mark", "after_mark"])
def test_a_clock_that_jumps_while_a_letter_is_on_the_wire_doubles_and_loses_nothing(
    shared: Scene, moment: str, days: int
) -> None:
    """Set on, the lease has ended, and no dot goes without it; set back, all goes on: one copy each, nothing stuck."""
    shared.book.queue(*LETTERS)
    with ScriptedServer() as server:
        line = shared.line(server.address())
        stopped_at(line, moment, lambda: shared.book.clock.move(days=days))
        assert shared.book.run(line, shared.hours).accepted == 4
        shared.check_none_left(server, dict.fromkeys(LETTERS, SENT))
    ids = [one.id for one in shared.book.ledger.events("spring")]
    assert ids == sorted(ids)


@pytest.mark.parametrize("days", [-1, 1], ids=["a-day-back", "a-day-on"])
@pytest.mark.parametrize("reply", ["421 4.3.2 Busy", "450 4.2.0 Greylisted"], ids=["421", "450"])
def test_a_clock_that_jumps_during_a_rest_leaves_no_letter_stuck(shared: Scene, reply: str, days: int) -> None:
    """What the account or the letter waits for is minutes away, never a day: the clock was wrong, and it goes now."""
    shared.book.queue(*LETTERS)
    with ScriptedServer(Script(rcpt=[reply, "250 OK"]), Script()) as server:
        line = shared.line(server.address())
        jumped = []

        def jump() -> None:
            if not jumped:
                jumped.append(shared.book.clock.move(days=days))
                jumped.append(shared.book.clock.now)

        shared.hours.meanwhile = jump
        assert shared.book.run(line, shared.hours).accepted == 4
        tries = 2 if reply.startswith("450") else 1
        shared.check_none_left(server, dict.fromkeys(LETTERS, SENT) | {FIRST: Fate(Status.ACCEPTED, 1, tries)})
    assert (shared.book.clock.now - jumped[1]).total_seconds() < 7 * 3600
