"""Signals, kills, rivals and cut connections: real processes against a server that does what its script says."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from outreach.campaigns.workspace import Workspace
from outreach.ledger import open_ledger
from outreach.model.campaign import Mode
from outreach.transport.channel import SmtpChannel
from servers.scripted import DROP, HANG, RESET, Both, Dribble, Reset, Script, ScriptedServer, Until

Outreach = Callable[..., Any]
Approved = Callable[..., Path]

OK = "250 2.0.0 Queued"
SLOW = Dribble(b"250 2.0.0 Queued\r\n", gap=0.002)  #: some 40 ms: long enough to be hit, short enough to wait for
SEND = ("send", "moratorium", "--live")


def sheet(folder: Path, letters: int) -> None:
    """Ministries of invented states, each with its own box."""
    head = "id,state,role,institution,email,languages"
    rows = [
        f"q{'mnop'[n % 4]}-mfa-{n},Q{'MNOP'[n % 4]},mfa,Ministry {n},office@m{n:03}.examplia.example,en"
        for n in range(letters)
    ]
    (folder / "contacts/example.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")


def settings(folder: Path, port: int) -> None:
    lines = [line for line in (folder / ".env").read_text().splitlines() if line.startswith("OUTREACH_SECRET")]
    lines += ["OUTREACH_SMTP_HOST=127.0.0.1", f"OUTREACH_SMTP_PORT={port}", "OUTREACH_SMTP_SECURITY=plain"]
    (folder / ".env").write_text("\n".join(lines) + "\n")
    (folder / ".env").chmod(0o600)


@pytest.fixture
def approved(workspace: Path, outreach: Outreach) -> Approved:
    """Makes so many approved live letters, to be sent to the server at this port."""

    def make(letters: int, port: int, pace: str = "") -> Path:
        file = workspace / "campaigns/moratorium.toml"
        text = re.sub(r"REPLACE ME[^\"\n]*", "Real Organisation", file.read_text(encoding="utf-8"))
        text = text.replace("replace-me.example", "organisation.org")
        text = re.sub(r"@[a-z.-]*\.example\b", "@organisation.org", text)
        text = re.sub(r"(?ms)^\[pace\]\n.*?(?=^\[|\Z)", f"[pace]\n{pace}\n", text)
        file.write_text(text, encoding="utf-8")
        sheet(workspace, letters)
        settings(workspace, port)
        for command in (
            ("contacts", "verify", "--all", "--sheet", "contacts/example.csv", "--by", "Ana"),
            ("plan", "moratorium", "--live", "--quiet"),
            ("approve", "moratorium", "--live", "--yes", "--by", "Ana"),
        ):
            said = outreach(*command)
            assert said.code == 0, said.all
        return workspace

    return make


class Child:
    """`python -m outreach` as its own process, what it says read as it comes."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "outreach", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self.out: list[str] = []
        self.err: list[str] = []
        self._readers = [
            threading.Thread(target=_drain, args=(self.process.stdout, self.out)),
            threading.Thread(target=_drain, args=(self.process.stderr, self.err)),
        ]
        for one in self._readers:
            one.start()

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self, seconds: float = 30) -> int:
        """Wait for it; the exit code."""
        self.process.wait(seconds)
        for one in self._readers:
            one.join(10)
        self.process.stdout.close()
        self.process.stderr.close()
        return self.process.returncode

    @property
    def said(self) -> str:
        return "".join(self.out)

    @property
    def complained(self) -> str:
        return "".join(self.err)


def _drain(stream: Any, into: list[str]) -> None:
    for line in stream:
        into.append(line)  # noqa: PERF402  seen as it comes


@pytest.fixture
def child() -> Iterator[Callable[..., Child]]:
    """Starts commands, and leaves none behind."""
    started: list[Child] = []

    def start(*arguments: str) -> Child:
        started.append(Child(*arguments))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.end()


def until(happens: Callable[[], object], child: Child | None = None, seconds: float = 30) -> None:
    """Look until it has happened."""
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, "it never happened"
        if child is not None and child.process.poll() is not None and not happens():
            pytest.fail(f"the command ended first: {child.said} {child.complained}")
        time.sleep(0.002)


def rows(outreach: Outreach) -> dict[str, dict[str, Any]]:
    """The log's rows by institution."""
    said = outreach("log", "moratorium", "--live", "--format", "json")
    assert said.code == 0, said.all
    return {one["institution"]: one for one in json.loads(said.out)["rows"]}


def statuses(outreach: Outreach) -> Counter[str]:
    return Counter(one["status"] for one in rows(outreach).values())


def copies(server: ScriptedServer) -> Counter[str]:
    """How many mails the server holds for each box."""
    server.settle()
    assert all(len(mail.recipients) == 1 for mail in server.mails)
    return Counter(mail.recipients[0] for mail in server.mails)


def boxes(letters: int) -> set[str]:
    return {f"office@m{n:03}.examplia.example" for n in range(letters)}


def after_the_leases(folder: Path) -> tuple[int, int]:
    """What a runner finds a quarter of an hour later."""
    url = Workspace(folder).ledger_url(Mode.LIVE)
    assert Path(url.removeprefix("sqlite:///")).exists()
    later = datetime.now(UTC) + timedelta(minutes=16)
    with open_ledger(url, mode=Mode.LIVE, clock=lambda: later) as ledger:
        return ledger.recover()


# Asked to stop


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_a_signal_finishes_the_letter_in_flight_and_no_other(
    approved: Approved, outreach: Outreach, child: Callable[..., Child], number: int
) -> None:
    """Exit 0, QUIT said, the rest queued and told; the second run sends each of the others once."""
    go_on = threading.Event()
    slow = Script(dot=[OK, OK, Both(Until(go_on), OK), OK])
    with ScriptedServer(slow, Script()) as server:
        approved(8, server.port)
        command = child(*SEND)
        until(lambda: len(server.mails) == 3, command)
        command.signal(number)
        until(lambda: "Stopping; a letter in flight is finished first" in command.complained, command)
        go_on.set()
        assert command.end() == 0, command.complained
        assert server.talks[0].commands[-1] == b"QUIT"
        assert "3 accepted by the mail server, 5 not sent yet" in command.said
        assert "Traceback" not in command.complained
        assert statuses(outreach) == {"accepted": 3, "queued": 5}
        assert len(server.mails) == 3
        again = child(*SEND)
        assert again.end() == 0, again.complained
        assert copies(server) == dict.fromkeys(boxes(8), 1)
    assert statuses(outreach) == {"accepted": 8}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_a_signal_ends_a_wait_at_once(
    approved: Approved, outreach: Outreach, child: Callable[..., Child], number: int
) -> None:
    """While the pace of the account holds the next letter back for an hour, nobody waits for that hour."""
    with ScriptedServer() as server:
        approved(3, server.port, pace="per_hour = 1")
        command = child(*SEND)
        until(lambda: "waiting until" in command.said, command)
        began = time.monotonic()
        command.signal(number)
        assert command.end() == 0, command.complained
        assert time.monotonic() - began < 10
        assert "1 accepted by the mail server, 2 not sent yet" in command.said
        assert len(copies(server)) == 1
    assert statuses(outreach) == {"accepted": 1, "queued": 2}


def test_a_signal_ends_a_pause_of_the_channel_at_once(
    approved: Approved, outreach: Outreach, child: Callable[..., Child]
) -> None:
    """The server said 421: the minute is not waited out."""
    with ScriptedServer(Script(mail="421 4.3.2 Too busy"), Script()) as server:
        approved(3, server.port)
        command = child(*SEND)
        until(lambda: "waiting until" in command.said, command)
        command.signal(signal.SIGINT)
        assert command.end(10) == 0, command.complained
        assert copies(server) == {}
    assert statuses(outreach) == {"queued": 3}
    assert {one["attempts"] for one in rows(outreach).values()} == {0}


@pytest.mark.parametrize(
    ("phase", "step", "fate"),
    [
        pytest.param("rcpt", HANG, "queued", id="before-the-dot"),
        pytest.param("dot", HANG, "in_doubt", id="after-the-dot"),
    ],
)
def test_a_second_signal_drops_the_letter_at_once(
    approved: Approved, outreach: Outreach, child: Callable[..., Child], phase: str, step: object, fate: str
) -> None:
    """Exit 130; the letter is sent later when no dot had gone, else in doubt; the others are queued, and go once."""
    seen = {"rcpt": b"RCPT", "dot": b"DATA"}[phase]
    with ScriptedServer(Script(**{phase: [OK, OK, step]}), Script()) as server:
        folder = approved(6, server.port)
        command = child(*SEND)
        until(lambda: sum(one.startswith(seen) for one in server.commands) == 3, command)
        if phase == "dot":
            until(lambda: len(server.mails) == 3, command)
        command.signal(signal.SIGINT)
        until(lambda: "Stopping; a letter in flight is finished first" in command.complained, command)
        assert command.process.poll() is None
        command.signal(signal.SIGINT)
        assert command.end(10) == 130, command.complained
        assert "Traceback" not in command.complained
        assert statuses(outreach) + Counter() == {
            "accepted": 2,
            {"rcpt": "claimed", "dot": "committed"}[phase]: 1,
            "queued": 3,
        }
        assert after_the_leases(folder) == ((1, 0) if fate == "queued" else (0, 1))
        again = child(*SEND)
        assert again.end() == 0, again.complained
        assert copies(server) == dict.fromkeys(boxes(6), 1)
    expected = Counter(accepted=6) if fate == "queued" else Counter(accepted=5, in_doubt=1)
    assert statuses(outreach) == expected


def test_a_signal_at_any_moment_of_a_wait_is_heard() -> None:
    """Python runs a handler between any two steps of `wait`: at none of them may it block for ever."""
    program = """
import os, signal, sys, threading
from pathlib import Path
from outreach.cli.send import stop_on_signal

def strikes(step):
    seen = 0
    def trace(frame, event, arg):
        nonlocal seen
        if event == "line":
            seen += 1
            if seen == step:
                sys.settrace(None)
                os.kill(os.getpid(), signal.SIGINT)
        return trace
    with stop_on_signal(Path("no such file")) as stop:
        sys.settrace(trace)
        try:
            stop.wait(0.001)
        finally:
            sys.settrace(None)
        if seen >= step:
            assert stop.is_set() and stop.wait(60), step
    return seen >= step

step = 1
while strikes(step):
    step += 1
print(step)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 1


# Killed


def test_kills_at_random_moments_double_nothing_and_lose_nothing(
    approved: Approved, outreach: Outreach, child: Callable[..., Child]
) -> None:
    """Eight times kill -9: one copy at the most, every letter accepted or in doubt, in doubt no more than kills."""
    letters, kills = 60, 8
    seed = int.from_bytes(os.urandom(4))
    chance = random.Random(seed)
    with ScriptedServer(Script(dot=SLOW)) as server:
        folder = approved(letters, server.port)
        for _ in range(kills):
            begun = len(server.mails)
            command = child(*SEND)
            goal = begun + chance.randint(1, 4)
            until(lambda goal=goal: len(server.mails) >= goal, command)
            time.sleep(chance.uniform(0, 0.05))
            command.signal(signal.SIGKILL)
            assert command.end() == -signal.SIGKILL
            after_the_leases(folder)
        last = child(*SEND)
        assert last.end() == 0, last.complained
        held = copies(server)
    found = rows(outreach)
    by_status = Counter(one["status"] for one in found.values())
    assert set(by_status) <= {"accepted", "in_doubt"}, (seed, by_status)
    assert by_status.total() == letters
    assert by_status["in_doubt"] <= kills, seed
    assert set(held.values()) == {1}, (seed, held)
    for one in found.values():  # what is called accepted is there
        assert one["status"] == "in_doubt" or held[one["recipient"]] == 1, (seed, one)


@pytest.mark.parametrize(
    ("phase", "steps", "fate", "copy"),
    [
        pytest.param("mail", HANG, "queued", 0, id="mail"),
        pytest.param("rcpt", HANG, "queued", 0, id="rcpt"),
        pytest.param("data", HANG, "queued", 0, id="data"),
        pytest.param("dot", HANG, "in_doubt", 1, id="after-the-dot"),
    ],
)
def test_a_kill_in_each_phase_leaves_the_letter_where_the_table_says(
    approved: Approved, outreach: Outreach, child: Callable[..., Child], phase: str, steps: object, fate: str, copy: int
) -> None:
    """Before the dot it is queued again, after it in doubt; those behind it in the batch are queued, unblamed."""
    with ScriptedServer(Script(**{phase: steps}), Script()) as server:
        folder = approved(4, server.port)
        command = child(*SEND)
        if phase == "dot":
            until(lambda: server.mails, command)
        else:
            verb = phase.upper().encode()
            until(lambda: any(one.startswith(verb) for one in server.commands), command)
        command.signal(signal.SIGKILL)
        command.end()
        assert after_the_leases(folder) == ((4, 0) if fate == "queued" else (3, 1))
        assert len(server.mails) == copy
        again = child(*SEND)
        assert again.end() == 0, again.complained
        assert copies(server) == dict.fromkeys(boxes(4), 1)
    assert statuses(outreach) == (Counter(accepted=4) if fate == "queued" else Counter(accepted=3, in_doubt=1))


def test_a_run_right_after_a_kill_says_that_letters_are_still_taken(
    approved: Approved, outreach: Outreach, child: Callable[..., Child]
) -> None:
    """They are free a quarter of an hour after; until then the command must not say that nothing is waiting, and go."""
    with ScriptedServer(Script(dot=HANG), Script()) as server:
        folder = approved(4, server.port)
        command = child(*SEND)
        until(lambda: server.mails, command)
        command.signal(signal.SIGKILL)
        command.end()
        said = outreach(*SEND)
        assert "4 letters in hand" in said.out
        after_the_leases(folder)
        assert "letters in hand" not in outreach(*SEND).out
        assert copies(server) == dict.fromkeys(boxes(4), 1)


# At the same time


@pytest.mark.parametrize(
    ("letters", "pace"),
    [pytest.param(150, "", id="batches"), pytest.param(40, "per_minute = 3000", id="letter-by-letter")],
)
def test_two_runs_at_once_send_every_letter_once(
    approved: Approved, outreach: Outreach, child: Callable[..., Child], letters: int, pace: str
) -> None:
    """Both have work, both end well, and together they hold every letter exactly once."""
    both = threading.Event()
    with ScriptedServer(Script(banner=Both(Until(both), "220 scripted.example ESMTP"), dot=SLOW)) as server:
        approved(letters, server.port, pace)
        commands = [child(*SEND), child(*SEND)]
        until(lambda: len(server.talks) == 2, seconds=10)
        both.set()
        assert [one.end(60) for one in commands] == [0, 0], [one.complained for one in commands]
        assert copies(server) == dict.fromkeys(boxes(letters), 1)
    accepted = [int(re.search(r"(\d+) accepted by the mail server", one.said)[1]) for one in commands]
    assert sum(accepted) == letters
    assert min(accepted) > 0
    assert statuses(outreach) == {"accepted": letters}


# Cut off


class NoWaiting:
    """A pause of a minute is not slept through; nothing is skipped but the waiting."""

    def is_set(self) -> bool:
        return False

    def wait(self, timeout: float | None = None) -> bool:
        return False


@contextmanager
def hasty(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pauses of the account and steps aside are over at once."""
    with monkeypatch.context() as patch:
        patch.setattr("outreach.cli.send.stop_on_signal", lambda _: nullcontext(NoWaiting()))
        patch.setattr("outreach.rules.verdict.STEP_ASIDE", timedelta(0))
        patch.setattr("outreach.rules.verdict._pause", lambda *_: timedelta(0))
        yield


GOOD = {"mail": "250 2.1.0 OK", "rcpt": "250 2.1.5 OK", "data": "354 Go ahead", "body": b"", "dot": OK}


@pytest.mark.parametrize("how", [DROP, RESET], ids=["hung-up", "reset"])
@pytest.mark.parametrize("phase", ["mail", "rcpt", "data", "body"])
def test_a_cut_before_the_dot_costs_one_copy_and_no_doubt(
    approved: Approved, outreach: Outreach, monkeypatch: pytest.MonkeyPatch, phase: str, how: Reset
) -> None:
    """The letter that was cut goes over the next connection: accepted, one copy, nothing in doubt, nothing charged."""
    with ScriptedServer(Script(**{phase: [GOOD[phase], how]}), Script()) as server:
        approved(4, server.port)
        with hasty(monkeypatch):
            said = outreach(*SEND)
        assert said.code == 0, said.all
        assert "4 accepted by the mail server" in said.out
        assert "put off" not in next(line for line in said.out.splitlines() if "by the mail server" in line)
        assert copies(server) == dict.fromkeys(boxes(4), 1)
        assert len(server.talks) >= 2
    found = rows(outreach)
    assert {one["status"] for one in found.values()} == {"accepted"}
    assert {one["server_code"] for one in found.values()} == {250}


@pytest.mark.parametrize("how", [DROP, RESET], ids=["hung-up", "reset"])
@pytest.mark.parametrize("kept", [True, False], ids=["the-server-kept-it", "the-server-forgot-it"])
def test_a_cut_after_the_dot_is_in_doubt_whatever_the_server_did(
    approved: Approved, outreach: Outreach, monkeypatch: pytest.MonkeyPatch, how: Reset, kept: bool
) -> None:
    """Exit 1, said, and never sent again by itself; the others go once."""
    with ScriptedServer(Script(dot=[how], keeps=kept), Script()) as server:
        approved(4, server.port)
        with hasty(monkeypatch):
            said = outreach(*SEND)
            again = outreach(*SEND)
        assert said.code == 1
        assert "1 in doubt" in said.out
        assert "Nothing approved is waiting" in again.out
        held = copies(server)
    assert set(held.values()) == {1}
    assert len(held) == (4 if kept else 3)
    found = rows(outreach)
    (doubtful,) = [one for one in found.values() if one["status"] == "in_doubt"]
    assert held[doubtful["recipient"]] == kept
    assert "handed over whole" in doubtful["server_text"]
    assert Counter(one["status"] for one in found.values()) == {"accepted": 3, "in_doubt": 1}


@pytest.mark.parametrize(
    ("banner", "sent"),
    [
        pytest.param([DROP], 3, id="one-hiccup-is-retried"),
        pytest.param([DROP, RESET], 3, id="so-are-two"),
        pytest.param([DROP, DROP, DROP], 0, id="three-end-the-run"),
    ],
)
def test_a_cut_banner_leaves_every_letter_queued(
    approved: Approved, outreach: Outreach, monkeypatch: pytest.MonkeyPatch, banner: list[Any], sent: int
) -> None:
    """Hiccups are tried again within seconds; a server that cannot be reached ends the run, and nothing is lost."""
    monkeypatch.setitem(SmtpChannel.__init__.__kwdefaults__, "sleep", lambda _: None)
    with ScriptedServer(*(Script(banner=one) for one in banner), Script()) as server:
        approved(3, server.port)
        said = outreach(*SEND)
        assert said.code == (0 if sent else 1), said.all
        assert sum(copies(server).values()) == sent
        assert statuses(outreach) == (Counter(accepted=3) if sent else Counter(queued=3))
        if not sent:
            assert {one["attempts"] for one in rows(outreach).values()} == {0}
            assert outreach(*SEND).code == 0
            assert copies(server) == dict.fromkeys(boxes(3), 1)


@pytest.mark.parametrize("banner", ["421 4.3.2 Too busy", "554 5.3.2 No service here"])
def test_a_server_that_does_not_take_us_now_is_left_alone_and_asked_again(
    approved: Approved, outreach: Outreach, monkeypatch: pytest.MonkeyPatch, banner: str
) -> None:
    """It spoke: that is a pause of the account and no fault of a letter. Every letter goes afterwards, uncharged."""
    with ScriptedServer(Script(banner=banner), Script()) as server:
        approved(3, server.port)
        with hasty(monkeypatch):
            assert outreach(*SEND).code == 0
        assert copies(server) == dict.fromkeys(boxes(3), 1)
        assert {one["attempts"] for one in rows(outreach).values()} == {1}


@pytest.mark.parametrize(
    ("phase", "reply", "fate"),
    [
        pytest.param("mail", "421 4.3.2 Too busy", "accepted", id="421-at-mail"),
        pytest.param("rcpt", "421 4.3.2 Too busy", "accepted", id="421-at-rcpt"),
        pytest.param("dot", "421 4.3.2 Too busy", "accepted", id="421-after-the-dot"),
        pytest.param("dot", "451 4.3.0 Try again later", "queued", id="451-after-the-dot"),
        pytest.param("rcpt", "450 4.2.0 Greylisted", "queued", id="450-at-rcpt"),
        pytest.param("rcpt", "550 5.1.1 No such user", "rejected", id="550-at-rcpt"),
        pytest.param("dot", "554 5.6.0 Not like this", "rejected", id="554-after-the-dot"),
        pytest.param("dot", "xyz", "in_doubt", id="nonsense-after-the-dot"),
        pytest.param("rcpt", "25 OK", "accepted", id="nonsense-at-rcpt"),
        pytest.param("data", "250 OK", "accepted", id="250-to-data"),
    ],
)
def test_an_answer_in_each_phase_leads_where_the_table_says(
    approved: Approved, outreach: Outreach, monkeypatch: pytest.MonkeyPatch, phase: str, reply: str, fate: str
) -> None:
    """The first letter's fate, and exactly one copy of each of the others; `accepted` is what a pause leads to."""
    go_on = {"mail": OK, "rcpt": OK, "data": "354 Go ahead", "dot": OK}[phase]
    with ScriptedServer(Script(**{phase: [reply, go_on]}), Script()) as server:
        approved(3, server.port)
        with hasty(monkeypatch):
            said = outreach(*SEND, *(["--limit", "3"] if fate == "queued" else []))
        held = copies(server)
    found = rows(outreach)
    assert Counter(one["status"] for one in found.values()) == Counter(["accepted", "accepted", fate])
    assert all(count == 1 for count in held.values())
    assert {one["recipient"] for one in found.values() if one["status"] == "accepted"} <= set(held)
    assert said.code == (1 if fate in {"rejected", "in_doubt"} else 0), said.all
