"""Processes of our own, and at the end the table of what the killing came to."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from torture.killing import AT_ONCE
from torture.processes import Runner, environ
from torture.reckoning import Reckoning, reckon

SUMMARY = "torture"
ROUNDS = 10


@pytest.fixture
def torture(tmp_path: Path, record_property: Callable[[str, object], None]) -> Callable[..., Reckoning]:
    """Lets runners be killed as ordered, and reckons; the summary is printed and stands at the end of the run."""

    def run(url: str = "", **orders: Any) -> Reckoning:
        place = Path(tempfile.mkdtemp(dir=tmp_path))
        orders = {"folder": str(place), "url": url or f"sqlite:///{place}/ledger.db", **orders}
        orders.setdefault("seed", int.from_bytes(os.urandom(4)))
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "torture.killing", json.dumps(orders)],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            env=environ(),
            check=False,
        )
        wrong = place / "wrong"
        told = wrong.read_text()[-4_000:] if wrong.exists() else ""
        assert done.returncode == 0, f"{orders}\n{done.stderr[-4_000:]}\n{told}"
        assert not told, f"{orders}\n{told}"
        report = json.loads(done.stdout)
        waves = report["waves"]
        found = reckon(
            orders["url"],
            place / "kept",
            waves,
            planned=AT_ONCE * len(waves),
            kills=report["kills"],
            connections=report["connections"],
        )
        line = found.line(runners=orders["runners"], seconds=report["seconds"])
        print(f"{line}, seed {orders['seed']}")
        record_property(SUMMARY, line)
        return found

    return run


@pytest.fixture
def without_the_mark(torture: Callable[..., Reckoning]) -> Callable[..., None]:
    """Kills until a letter is there twice: one run may miss the gap, ten do not; nothing else goes wrong."""

    def run(new_url: Callable[[], str] = str, **orders: Any) -> None:
        for _ in range(ROUNDS):
            found = torture(url=new_url(), troubles={"no_mark": {}}, **orders)
            assert set(found.faults()) <= {"doubled"}
            if found.doubled:
                return
        pytest.fail(f"{ROUNDS} runs without the mark doubled nothing: this check could not fail")

    return run


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A place for a ledger."""
    (tmp_path / "box").mkdir()
    return f"sqlite:///{tmp_path}/box/ledger.db"


@pytest.fixture
def runner() -> Iterator[Callable[..., Runner]]:
    """Starts runners, and leaves none behind."""
    started: list[Runner] = []

    def start(url: str, port: int, **orders: Any) -> Runner:
        started.append(Runner(url=url, port=port, **orders))
        return started[-1]

    yield start
    for one in started:
        one.kill()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The table: a line for each killing."""
    reports = (one for kind in ("passed", "failed") for one in terminalreporter.stats.get(kind, ()))
    lines = [value for report in reports for name, value in report.user_properties if name == SUMMARY]
    if lines:
        terminalreporter.section(SUMMARY)
        for line in lines:
            terminalreporter.line(line)
