"""The sending stage alone: from the first letter at the server to the last, seen from the server.

Beside it, when it is there, `floor`: what Python can do when letters are bytes, SMTP is pipelined and a ledger commits
fifty letters at a time. It is no tool, but a ceiling (OUTREACH_BENCH_FLOOR names the folder of its `fixtures.py`). Its
own harness times it as a whole process and calls that `floor-1-full`; both figures are here, and the same with a commit
before and after each single letter, which is what a letter in doubt asks for.
"""

from __future__ import annotations

import contextlib
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from contestants import PEERS, Workspace
from measure import CACHE, PROJECT, Run, run
from sink import Sink
from tables import table

FLOOR = Path(os.environ.get("OUTREACH_BENCH_FLOOR") or PROJECT.parent / "shared" / "bench" / "anchors")
FLOORS = ("floor, 50 letters a commit", "floor, 1 letter a commit")
ROUND_TRIP = 0.040  #: seconds


@dataclass(frozen=True, slots=True)
class Stage:
    """One sender's stage."""

    seconds: float  #: from the first letter accepted to the last
    wall: float  #: of the whole process
    peak: float  #: MB


def stage(contacts: Path, count: int, rounds: int) -> None:
    """Every sender in each round; letters per second, and the ratio to the floor round by round."""
    found: dict[str, list[Stage]] = {}
    for turn in range(rounds):
        for name, one in _all(contacts, count):
            found.setdefault(name, []).append(one)
            _say(f"  {name:<26} {count / one.seconds:>7,.0f}/s  round {turn + 1}")
    base = found.get(FLOORS[0])
    rows: list[list[str | float]] = []
    for name, stages in found.items():
        rate = statistics.median((count - 1) / one.seconds for one in stages)
        beside = (
            [_ratio([one.seconds for one in base], stages), _ratio([one.wall for one in base], stages)] if base else []
        )
        rows.append([name, rate, 1e6 / rate, *(beside or ["not measured"] * 2), max(s.peak for s in stages)])
    heads = ("sender", "letters/s", "µs/letter", "× floor's stage", "× floor-1-full, whole", "peak MB")
    table(f"The sending stage, {count:,} letters, median of {rounds} rounds", heads, rows)


def _ratio(floor: Sequence[float], stages: Sequence[Stage]) -> str:
    """Round by round: both of a ratio have met the same weather."""
    return f"{statistics.median(one / ours.seconds for one, ours in zip(floor, stages, strict=True)):.2f}"


def distance(contacts: Path, count: int) -> None:
    """The server is 40 ms away: how many round trips a letter costs, connections included."""
    rows = []
    for connections in (1, 4):
        with Sink(stamps=True) as sink, _relay(sink.port) as port:
            seconds, _ = _ours(contacts, port, sink, connections)
            if sink.accepted() != count:
                raise SystemExit(f"{sink.accepted()} letters arrived, not {count}")
        each = seconds / (count - 1)
        rows.append([f"outreach, {_plural(connections)}", 1 / each, each / ROUND_TRIP])
    heads = ("sender", "letters/s", "round trips per letter")
    table(f"{count} letters to a server with a round trip of {ROUND_TRIP * 1000:.0f} ms", heads, rows)


def growth(small: Path, large: Path, counts: tuple[int, int]) -> None:
    """Peak memory of `outreach send` for few letters and for many."""
    rows = []
    for contacts, count in zip((small, large), counts, strict=True):
        with Sink(stamps=True) as sink:
            seconds, done = _ours(contacts, sink.port, sink, 1)
        rows.append([f"{count:,}", (count - 1) / seconds, done.peak])
    table("outreach send, few letters and many", ("letters", "letters/s", "peak MB"), rows)


def _all(contacts: Path, count: int) -> Iterator[tuple[str, Stage]]:
    if (FLOOR / "fixtures.py").exists():
        for name, batch in zip(FLOORS, (50, 1), strict=True):
            with Sink(stamps=True) as sink:
                done = _floor(count, sink.port, batch)
                yield name, Stage(sink.span(), done.wall, done.peak)
    for connections in (1, 2, 4):
        with Sink(stamps=True) as sink:
            seconds, done = _ours(contacts, sink.port, sink, connections)
            if sink.accepted() != count:
                raise SystemExit(f"{sink.accepted()} letters arrived, not {count}")
            yield f"outreach, {_plural(connections)}", Stage(seconds, done.wall, done.peak)


def _ours(contacts: Path, port: int, sink: Sink, connections: int) -> tuple[float, Run]:
    """Planned and approved before; only `outreach send` is looked at."""
    workspace = Workspace(contacts, port, connections=connections)
    for done in (
        workspace.verify(),
        workspace.phase("plan"),
        workspace.phase("approve"),
        sent := workspace.phase("send"),
    ):
        if done.failed:
            raise SystemExit(done.failed)
    return sink.span(), sent


def _floor(count: int, port: int, batch: int) -> Run:
    python = PEERS / "python"
    contacts, templates = CACHE / f"floor-{count}.csv", CACHE / "floor-templates"
    for what, *words in (("contacts", str(count), str(contacts)), ("templates", str(templates))):
        if not Path(words[-1]).exists():
            subprocess.run([python, FLOOR / "fixtures.py", what, *words], check=True, stdout=subprocess.DEVNULL)
    done = run([python, FLOOR / "peers" / "floor.py", contacts, templates, port, 1, "full", batch], quiet=True)
    if done.failed:
        raise SystemExit(done.failed)
    return done


@contextlib.contextmanager
def _relay(target: int) -> Iterator[int]:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    command = [sys.executable, Path(__file__).with_name("relay.py"), str(port), str(target), str(ROUND_TRIP / 2)]
    process = subprocess.Popen(command)
    try:
        ends = time.monotonic() + 5
        while time.monotonic() < ends:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield port
    finally:
        process.kill()
        process.wait()


def _plural(connections: int) -> str:
    return f"{connections} connection{'s' * (connections > 1)}"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
