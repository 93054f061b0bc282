"""The rows of the fault table about the ledger: no mark, no dot; an answer is written again and again, or kept.

kill -9 and signals: tests/journeys/test_interruptions.py. A full disk, a read-only or newer file, a damaged one, and a
database locked by another process: tests/rooms/ledger/test_faults.py and test_opening.py; what the run does about them:
tests/unit/runner/test_standing_still.py. Copies, backups and synced folders: tests/rooms/ledger.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from outreach.errors import LedgerError
from outreach.model.receipt import Claim
from outreach.model.status import Status
from servers.postgresql import PostgreSQL
from servers.relay import Relay
from servers.scripted import Both, Script, ScriptedServer, Until
from support.moved_clock import Book, names
from support.real_lines import REFUSED, SENT, Doing, Fate, Scene

FIRST, SECOND, *OTHERS = LETTERS = names(5)
OK = "250 2.0.0 Queued"


class Parted:
    """A campaign on a PostgreSQL server, the wire to it, and a second way that is never cut."""

    def __init__(self, url: str, relay: Relay, rescue: Path | None) -> None:
        self.relay = relay
        head, _, name = url.rpartition("/")
        through = f"{head.rpartition(':')[0]}:{relay.port}/{name}"
        self.near = Book(url, rescue=rescue)
        self.scene = Scene(Book(through, clock=self.near.clock, rescue=rescue))
        self.looks = Scene(self.near, hours=self.scene.hours)
        self.near.queue(*LETTERS)

    def back_after(self, seconds: float, first: Callable[[], None] = lambda: None) -> None:
        """The wire is whole again so long after now, by the moved clock; whenever that moves, `first` is done."""
        at = self.near.clock.now + timedelta(seconds=seconds)

        def move() -> None:
            first()
            if self.near.clock.now >= at:
                self.relay.restore()

        self.scene.hours.meanwhile = move

    def second_letter(self, deed: Callable[[], object]) -> Callable[[Claim], None]:
        """Do this when the second letter is there for the first time."""
        return lambda claim: deed() if (claim.institution, claim.fence) == (SECOND, 1) else None

    def statuses_of_second(self) -> list[Status]:
        """All that it ever was, in order."""
        return [one.now for one in self.near.ledger.events("spring", self.near.dispatch(SECOND).id)]


@pytest.fixture
def part(postgresql: PostgreSQL) -> Iterator[Callable[..., Parted]]:
    """Makes a campaign behind a wire; it closes the ledgers at the end."""
    with Relay(postgresql.port) as relay, ExitStack() as closing:

        def make(rescue: Path | None = None) -> Parted:
            made = Parted(postgresql.database(), relay, rescue)
            closing.callback(made.near.close)
            closing.callback(made.scene.book.close)
            return made

        yield make


@pytest.fixture
def parted(part: Callable[..., Parted]) -> Parted:
    return part()


def test_a_partition_during_the_body_sends_no_dot_and_is_waited_out(parted: Parted) -> None:
    """The text is written and the mark cannot be made: the connection is closed, and later each letter goes once."""
    with ScriptedServer() as server:
        line = parted.scene.line(server.address())
        line.before_mark = parted.second_letter(parted.relay.cut)
        parted.back_after(10)
        done = parted.scene.book.run(line, parted.scene.hours)
        server.settle()
        parted.looks.check_none_left(server, dict.fromkeys(LETTERS, SENT))
    assert done.accepted == 5
    assert server.talks[0].commands[-1] == b"DATA"
    assert parted.statuses_of_second().count(Status.COMMITTED) == 1


def test_a_mark_whose_acknowledgement_is_lost_sends_no_dot_and_the_letter_goes_once(parted: Parted) -> None:
    """It is durable and the runner does not know: it closes without the dot, and takes the mark back."""
    seen: list[Status] = []
    with ScriptedServer() as server:
        line = parted.scene.line(server.address())
        line.before_mark = parted.second_letter(lambda: parted.relay.cut_at_answer_to(b"COMMIT"))
        parted.back_after(10, first=lambda: seen.append(parted.near.statuses()[SECOND]))
        done = parted.scene.book.run(line, parted.scene.hours)
        parted.looks.check_none_left(server, dict.fromkeys(LETTERS, SENT))
    assert done.accepted == 5
    assert seen[0] is Status.COMMITTED
    assert server.talks[0].commands[-1] == b"DATA"
    assert parted.statuses_of_second().count(Status.COMMITTED) == 2


@pytest.mark.parametrize(
    ("reply", "fate"),
    [
        pytest.param(OK, SENT, id="250"),
        pytest.param("550 5.1.1 No such user", Fate(Status.REJECTED, 0, 1), id="550-5.1.1"),
        pytest.param("451 4.3.0 Try again", Fate(Status.ACCEPTED, 1, 2), id="451"),
        pytest.param("421 4.3.2 Busy", SENT, id="421"),
        pytest.param(b"???\r\n", Fate(Status.IN_DOUBT, 1, 1), id="nonsense"),
    ],
)
def test_a_partition_after_the_dot_keeps_the_answer_until_it_can_be_written(
    parted: Parted, reply: str | bytes, fate: Fate
) -> None:
    """The same result is tried again with back-off, under the same fence, and is written once."""
    cut = Both(Until(Doing(parted.relay.cut)), reply)
    with ScriptedServer(Script(dot=[OK, cut, OK]), Script()) as server:
        parted.back_after(10)
        done = parted.scene.send(server.address())
        parted.looks.check_none_left(server, dict.fromkeys(LETTERS, SENT) | {SECOND: fate})
    assert done.left == 0
    assert parted.statuses_of_second().count(fate.status) == 1


def test_a_result_whose_acknowledgement_is_lost_is_written_once(parted: Parted) -> None:
    """It is in the database and the runner does not know: said again, it changes nothing."""
    lose = Both(Until(Doing(lambda: parted.relay.cut_at_answer_to(b"COMMIT"))), "550 5.1.1 No such user")
    with ScriptedServer(Script(rcpt=["250 OK", lose, "250 OK"]), Script()) as server:
        parted.back_after(10)
        done = parted.scene.send(server.address())
        parted.looks.check_none_left(server, dict.fromkeys(LETTERS, SENT) | {SECOND: REFUSED})
    assert (done.accepted, done.rejected) == (4, 1)
    assert parted.statuses_of_second().count(Status.REJECTED) == 1


@pytest.mark.parametrize("kept", [True, False], ids=["answers-kept-in-a-file", "answers-lost"])
@pytest.mark.parametrize("phase", ["data", "dot"], ids=["before-the-dot", "after-the-dot"])
def test_a_partition_that_lasts_ends_the_run_and_the_next_one_goes_on(
    part: Callable[..., Parted], tmp_path: Path, phase: str, kept: bool
) -> None:
    """An answer that was not written is kept for it; where it is lost, that one letter is in doubt, not doubled.

    A 250 is written with the next letter's mark: before that mark the letter before it still waits for its own.
    """
    parted = part(tmp_path / "answers" if kept else None)
    good = {"data": "354 Go ahead", "dot": OK}[phase]
    cut = Both(Until(Doing(parted.relay.cut)), good)
    marked = FIRST if phase == "data" else SECOND
    with ScriptedServer(Script(**{phase: [good, cut, good]}), Script()) as server:
        with pytest.raises(LedgerError, match="cannot be reached"):
            parted.scene.send(server.address())
        assert parted.near.at(Status.COMMITTED) == [marked]
        parted.near.clock.move(minutes=16)
        parted.looks.send(server.address())
        fates = dict.fromkeys(LETTERS, SENT)
        if not kept:
            fates[marked] = Fate(Status.IN_DOUBT, copies=1, tries=0)
        parted.looks.check_none_left(server, fates)
