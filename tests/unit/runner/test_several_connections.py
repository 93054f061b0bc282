"""Several connections of one run: threads that share a ledger, a limit and an end."""

import threading
from collections import Counter

import pytest

from outreach.errors import LoginRefused, Unavailable
from outreach.model.campaign import Pace, Window
from outreach.model.receipt import Phase
from outreach.model.status import Status
from outreach.runner.send import Sent, send
from support.moved_clock import Book, Postbox, names


class Never:
    """A `Stop` that nobody sets; a wait is not slept through."""

    def __init__(self) -> None:
        self.asked = threading.Event()

    def is_set(self) -> bool:
        return self.asked.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        return self.asked.wait(0.001)


def together(
    book: Book, count: int, *, limit: int | None = None, stop: Never | None = None
) -> tuple[Sent, list[Postbox]]:
    boxes = [Postbox(book.clock) for _ in range(count)]
    return run(book, boxes, limit=limit, stop=stop), boxes


def run(book: Book, boxes: list[Postbox], *, limit: int | None = None, stop: Never | None = None) -> Sent:
    return send(
        book.desk,
        boxes[0],
        runner="here:1",
        pace=book.pace,
        stop=stop or Never(),
        limit=limit,
        progress=book.said.append,
        more=boxes[1:],
    )


def copies(boxes: list[Postbox]) -> Counter[str]:
    return Counter(one for box in boxes for one in box.order)


@pytest.mark.parametrize("count", [2, 4, 8])
def test_each_letter_goes_once_over_one_of_the_connections(book: Book, count: int) -> None:
    """All are used, none doubles, the sums told add up at every step."""
    book.queue(*names(900))
    done, boxes = together(book, count)
    assert copies(boxes) == dict.fromkeys(names(900), 1)
    assert (done.accepted, done.left, done.elsewhere) == (900, 0, 0)
    assert set(book.statuses().values()) == {Status.ACCEPTED}
    told = [one.accepted for one in book.said]
    assert told == sorted(told)
    assert all(one.tried + one.left <= 900 for one in book.said)
    assert not any(box.is_open for box in boxes)


@pytest.mark.parametrize("limit", [1, 3, 150])
def test_a_limit_is_kept_exactly_by_all_together(book: Book, limit: int) -> None:
    """No connection takes what another has taken from the limit."""
    book.queue(*names(400))
    done, boxes = together(book, 4, limit=limit)
    assert done.accepted == sum(copies(boxes).values()) == limit
    assert Counter(book.statuses().values()) == {Status.ACCEPTED: limit, Status.QUEUED: 400 - limit}


def test_they_share_the_pace_of_the_account(book: Book) -> None:
    """Ten a day are ten, however many connections ask."""
    book.pace = Pace(account=(Window(count=10, seconds=86_400),))
    book.queue(*names(30))
    stop = Never()

    class Counts(Postbox):
        def deliver(self, claim, body, commit):
            answer = super().deliver(claim, body, commit)
            book.clock.move(hours=3)  # the spacing of ten a day
            return answer

    boxes = [Counts(book.clock) for _ in range(4)]
    watch = threading.Timer(3, stop.asked.set)
    watch.start()
    done = run(book, boxes, limit=10, stop=stop)
    watch.cancel()
    assert done.accepted == sum(copies(boxes).values()) == 10


def test_a_login_refused_on_one_connection_ends_all_and_is_the_runs_error(book: Book) -> None:
    """Each finishes its letter in flight; what had no turn is queued, and nothing is claimed any more."""
    book.queue(*names(600))
    boxes = [Postbox(book.clock) for _ in range(3)]
    boxes[1].refuses = [LoginRefused("535 Authentication failed.", phase=Phase.LOGIN, code=535)]
    with pytest.raises(LoginRefused):
        run(book, boxes)
    found = Counter(book.statuses().values())
    assert set(found) <= {Status.ACCEPTED, Status.QUEUED}
    assert found[Status.ACCEPTED] == sum(copies(boxes).values()) < 600


def test_a_stop_ends_all_after_their_letters_in_flight(book: Book) -> None:
    """Nothing stays claimed, nothing is in doubt."""
    book.queue(*names(600))
    stop = Never()
    boxes = [Postbox(book.clock) for _ in range(3)]
    boxes[2].on_letter = lambda _: stop.asked.set()
    run(book, boxes, stop=stop)
    found = Counter(book.statuses().values())
    assert set(found) <= {Status.ACCEPTED, Status.QUEUED}
    assert found[Status.ACCEPTED] == sum(copies(boxes).values())


def test_an_interruption_of_the_first_connection_breaks_the_others_at_once(book: Book) -> None:
    """A second Ctrl-C while the main thread's own letter is on the wire: nobody waits ten minutes for a server."""
    book.queue(*names(40))
    first, other = Postbox(book.clock), Postbox(book.clock)
    at_the_gap, broken = threading.Event(), threading.Event()
    in_time: list[bool] = []

    def interrupts(_: object) -> None:
        assert at_the_gap.wait(5)
        raise KeyboardInterrupt

    def hangs(_: object) -> None:
        at_the_gap.set()
        in_time.append(broken.wait(5))
        raise Unavailable("the connection broke", phase=Phase.BODY)

    first.on_letter, other.on_letter = interrupts, hangs
    other.abort = broken.set
    with pytest.raises(KeyboardInterrupt):
        run(book, [first, other])
    assert in_time == [True]
    (dropped,) = {institution for _, institution in other.tried}
    turn = book.ledger.claim("spring", runner="r", account="a", pace=Pace(), calendars={}, limit=100)
    assert dropped in [one.institution for one in turn.claims], "it was put off"
    assert not [one for one in threading.enumerate() if one.name == "outreach-lane"]
