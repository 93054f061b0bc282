"""The rows of the fault table in which the talk breaks: nonsense, hang-ups, slowness. The phase decides, and alone.

Before the end-of-data mark the letter is queued, not charged, and goes once; after it, it is in doubt and never goes
again by itself. Each phase on its own, without the runner: tests/rooms/transport/test_phases.py. kill -9, Ctrl-C and
SIGTERM in each phase: tests/journeys/test_interruptions.py.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from outreach.errors import Unavailable
from outreach.model.status import Status
from servers.scripted import DEAF, DROP, HANG, RESET, Both, Dribble, Endless, Script, ScriptedServer, Step, Until
from support.moved_clock import names
from support.real_lines import QUICK, SENT, WAITING, Fate, Meeting, Scene

PHASES = ["mail", "rcpt", "data", "dot"]
GOOD = {"banner": "", "mail": "250 2.1.0 OK", "rcpt": "250 2.1.5 OK", "data": "354 Go ahead", "dot": "250 2.0.0 Queued"}
FIRST, SECOND, *OTHERS = LETTERS = names(5)
SHORT = replace(QUICK, connect=0.3, mail=0.15, rcpt=0.15, data=0.15, body=0.15, dot=0.3)

NONSENSE: dict[str, Step] = {
    "garbage": b"what? \xff\xfe\x00 no SMTP\r\n",
    "2-digit": "25 OK",
    "6xx": "650 5.0.0 No such thing",
    "no-code": "OK",
    "20-kB-line": b"250 " + b"x" * 20_000 + b"\r\n",
    "never-ending-line": Both(b"250 ", Endless(b"x" * 4_096)),
    "never-ending-250-": Endless(b"250-and so on\r\n"),
    "two-codes": b"250-2.0.0 Yes\r\n550 5.0.0 No\r\n",
}


def second_meets(phase: str, step: Step, extensions: tuple[str, ...], **more: object) -> Script:
    """The second letter over the connection meets it: the first went well."""
    return Script(**{phase: [GOOD[phase], step]} | more, extensions=extensions)


def fate_of(phase: str, *, copies: int) -> Fate:
    """As the table says."""
    return Fate(Status.IN_DOUBT, copies=copies, tries=1) if phase == "dot" else SENT


def runs_to_the_end(scene: Scene, server: ScriptedServer, phase: str, *, copies: int, **settings: object) -> None:
    """One run and, a day later, another: the second letter has its fate, the others went once."""
    scene.book.queue(*LETTERS)
    done = scene.send(server.address(), **settings)
    scene.book.clock.move(days=1)
    again = scene.send(server.address())
    fates = dict.fromkeys(LETTERS, SENT) | {SECOND: fate_of(phase, copies=copies)}
    scene.check_none_left(server, fates)
    doubtful = phase == "dot"
    assert (done.accepted, done.in_doubt, done.deferred, done.left) == (5 - doubtful, doubtful, 0, 0)
    assert again.tried == 0
    assert len(scene.tries_of(SECOND)) == (1 if doubtful else 2)
    assert timedelta(minutes=1) <= scene.pauses()[0] <= timedelta(minutes=5)


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("what", NONSENSE)
def test_nonsense_is_a_lost_connection(scene: Scene, extensions: tuple[str, ...], what: str, phase: str) -> None:
    """Known at once and not at the deadline. Behind the mark nobody knows more; here the server kept the letter."""
    began = time.monotonic()
    with ScriptedServer(second_meets(phase, NONSENSE[what], extensions, keeps=True), Script()) as server:
        runs_to_the_end(scene, server, phase, copies=1)
    assert time.monotonic() - began < QUICK.dot


def test_250_to_data_is_no_go_ahead(scene: Scene, extensions: tuple[str, ...]) -> None:
    """No text follows, and the letter goes over the next connection."""
    with ScriptedServer(second_meets("data", "250 OK", extensions), Script()) as server:
        runs_to_the_end(scene, server, "data", copies=1)
    assert server.talks[0].commands[-1] == b"DATA"


def test_354_after_the_dot_is_no_acceptance(scene: Scene, extensions: tuple[str, ...]) -> None:
    """Nobody knows what it means: in doubt."""
    with ScriptedServer(second_meets("dot", "354 Go on", extensions, keeps=[True, False]), Script()) as server:
        runs_to_the_end(scene, server, "dot", copies=0)


@pytest.mark.parametrize("how", [DROP, RESET], ids=["drop", "reset"])
@pytest.mark.parametrize("phase", [*PHASES[:-1], "body"])
def test_a_drop_before_the_dot_makes_one_copy_and_no_doubt(
    scene: Scene, extensions: tuple[str, ...], phase: str, how: Step
) -> None:
    """The letter that was cut goes over the next connection."""
    script = Script(body=[b"", how], extensions=extensions)
    with ScriptedServer(script if phase == "body" else second_meets(phase, how, extensions), Script()) as server:
        runs_to_the_end(scene, server, phase, copies=1)


@pytest.mark.parametrize("how", [DROP, RESET], ids=["drop", "reset"])
@pytest.mark.parametrize("kept", [True, False], ids=["the-server-kept-it", "the-server-forgot-it"])
def test_a_drop_after_the_dot_is_in_doubt_and_nothing_is_sent_again(
    scene: Scene, extensions: tuple[str, ...], how: Step, kept: bool
) -> None:
    """The server has one copy or none; it never gets a second."""
    with ScriptedServer(second_meets("dot", how, extensions, keeps=[True, kept]), Script()) as server:
        runs_to_the_end(scene, server, "dot", copies=int(kept))


@pytest.mark.parametrize("phase", [*PHASES[:-1], "dot"])
def test_three_connections_that_drop_at_once_leave_one_letter_each_at_the_most(
    scene: Scene, extensions: tuple[str, ...], phase: str
) -> None:
    """Before the dot all go once; after it each connection has one letter in doubt, not its whole batch."""
    some = names(30)
    scene.book.queue(*some)
    cut = Both(Until(Meeting(3)), DROP)
    with ScriptedServer(*[second_meets(phase, cut, extensions, keeps=True)] * 3, Script()) as server:
        done = scene.send(server.address(), connections=3)
        doubtful = set(scene.book.at(Status.IN_DOUBT))
        fates = {one: Fate(Status.IN_DOUBT, 1, 1) if one in doubtful else SENT for one in some}
        scene.check_none_left(server, fates)
    assert len(doubtful) == done.in_doubt == (3 if phase == "dot" else 0)
    assert all(len(scene.tries_of(one)) == 1 for one in doubtful)


SLOW: dict[str, tuple[str, Step]] = {
    "354-too-late": ("data", Dribble(b"354 Go ahead\r\n", gap=0.05)),
    "354-never": ("data", HANG),
    "mail-byte-by-byte": ("mail", Dribble(b"250 2.1.0 OK\r\n", gap=0.05)),
    "rcpt-never": ("rcpt", HANG),
    "250-too-late": ("dot", Dribble(b"250 2.0.0 Queued\r\n", gap=0.05)),
    "250-never": ("dot", HANG),
    "deaf-after-the-dot": ("dot", DEAF),
}


@pytest.mark.parametrize("what", SLOW)
def test_each_phase_has_a_deadline_that_no_trickle_of_bytes_stretches(
    scene: Scene, extensions: tuple[str, ...], what: str
) -> None:
    """Four minutes for a 354 are 0.15 s here, ten minutes for the last 250 are 0.3: then the phase decides."""
    phase, step = SLOW[what]
    began = time.monotonic()
    # DEAF waits for the server's end: `settle` would wait for it
    with ScriptedServer(second_meets(phase, step, extensions, keeps=True), Script()) as server:
        scene.book.queue(*LETTERS)
        scene.send(server.address(), timeouts=SHORT)
        assert time.monotonic() - began < 3
    scene.check(server.mails, dict.fromkeys(LETTERS, SENT) | {SECOND: fate_of(phase, copies=1)})


def test_a_250_that_comes_late_but_in_time_is_an_acceptance(scene: Scene, extensions: tuple[str, ...]) -> None:
    """Two minutes after the dot are allowed: here 0.25 s, longer than every other deadline."""
    slow = Dribble(b"250 Queued\r\n", gap=0.02)
    with ScriptedServer(second_meets("dot", slow, extensions)) as server:
        scene.book.queue(*LETTERS)
        assert scene.send(server.address(), timeouts=replace(SHORT, dot=5.0)).accepted == 5
        scene.check_none_left(server, dict.fromkeys(LETTERS, SENT))
    assert (len(server.talks), scene.pauses()) == (1, [])


@pytest.mark.parametrize(
    "step", [Dribble(b"220 scripted.example ESMTP\r\n", gap=0.05), HANG], ids=["1-byte/s", "never"]
)
def test_a_banner_too_slow_is_no_connection(scene: Scene, step: Step) -> None:
    """The first time it ends the run; later the channel rests; nothing is charged, and each letter goes once."""
    scene.book.queue(*LETTERS)
    with ScriptedServer(
        Script(banner=step), Script(mail=[GOOD["mail"], DROP]), Script(banner=step), Script()
    ) as server:
        began = time.monotonic()
        with pytest.raises(Unavailable, match="did not answer in time"):
            scene.send(server.address(), timeouts=SHORT)
        assert time.monotonic() - began < 2
        scene.check(server.mails, dict.fromkeys(LETTERS, WAITING))
        assert scene.send(server.address(), timeouts=SHORT).accepted == 5
        scene.check_none_left(server, dict.fromkeys(LETTERS, SENT))
    assert len(server.talks) == 4


@pytest.mark.parametrize("phase", ["mail", "data", "dot"])
def test_a_slow_answer_on_one_connection_holds_up_no_other(scene: Scene, phase: str) -> None:
    """Its answer comes when all other letters are with the server: had they waited for it, it would never come."""
    some = names(40)
    scene.book.queue(*some)
    others = Others()
    slow = Script(**{phase: [Both(Until(others), GOOD[phase]), GOOD[phase]]})
    with ScriptedServer(slow, Script()) as server:
        others.are_there = lambda: len(server.mails) >= 30
        done = scene.send(server.address(), connections=3)
        scene.check_none_left(server, dict.fromkeys(some, SENT))
    assert (done.accepted, len(server.talks)) == (40, 3)


class Others:
    """For `Until`: wait until the other connections have done their part."""

    def __init__(self) -> None:
        self.are_there: Callable[[], bool] = lambda: False

    def wait(self, timeout: float) -> bool:
        until = time.monotonic() + timeout
        while not self.are_there() and time.monotonic() < until:
            threading.Event().wait(0.002)
        return self.are_there()
