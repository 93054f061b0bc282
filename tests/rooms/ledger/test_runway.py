"""SQLite's log is long before a run begins, and holds nothing by that."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from outreach.ledger.runway import LONG
from outreach.model.status import Status


@pytest.fixture
def file(tmp_path):
    (tmp_path / "box").mkdir()
    return tmp_path / "box" / "ledger.db"


@pytest.fixture
def desk(file, opened, desk_at):
    return desk_at(opened(f"sqlite:///{file}"))


def length(file):
    return file.with_name(f"{file.name}-wal").stat().st_size


def content(file):
    with closing(sqlite3.connect(file)) as other:
        assert other.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return list(other.iterdump())


def test_no_letter_makes_the_log_longer(desk, file):
    """From the first claim to the last acceptance it is as long as when the run began."""
    desk.queue(*(f"bg-{number}" for number in range(200)))
    assert length(file) < LONG
    desk.ledger.recover()
    begun = length(file)
    for claim in [*desk.turn().claims, *desk.turn().claims]:
        desk.accept(claim)
    assert length(file) == begun >= LONG
    assert desk.counts() == {Status.ACCEPTED: 200}


def test_nothing_of_it_is_in_the_ledger(desk, file):
    """Whoever reads the file beside us finds what was there before."""
    desk.queue("bg-mfa")
    before = content(file)
    desk.ledger.recover()
    assert content(file) == before
    desk.ledger.close()
    assert content(file) == before


def test_a_second_run_finds_it_long_enough(desk, file, opened):
    """Nothing is written when another run has it open already."""
    desk.queue("bg-mfa")
    desk.ledger.recover()
    log = file.with_name(f"{file.name}-wal")
    before = log.stat()
    opened(f"sqlite:///{file}").recover()
    assert (log.stat().st_size, log.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)


def test_a_disk_without_room_for_it_is_no_reason_not_to_begin(file):
    """A real limit on file size, in a process of its own: the run begins and the mark is made, in the room there is."""
    code = """
import importlib.util, resource, signal, sys
sys.path[:0] = eval(sys.argv[2])
spec = importlib.util.spec_from_file_location("desks", sys.argv[3])
sys.modules["desks"] = desks = importlib.util.module_from_spec(spec)
spec.loader.exec_module(desks)
from outreach.ledger import open_ledger
from outreach.model.campaign import Mode
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
clock = desks.Clock()
desk = desks.Desk(open_ledger(sys.argv[1], mode=Mode.REHEARSAL, clock=clock), clock)
desk.queue("bg-mfa")
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, resource.RLIM_INFINITY))
print(desk.ledger.recover())
desk.send("fr-mfa")
print(desk.status("fr-mfa"))
desk.ledger.close()
"""
    desks = str(Path(__file__).with_name("conftest.py"))
    command = [sys.executable, "-c", code, f"sqlite:///{file}", repr(sys.path), desks]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["(0, 0)", "accepted"]
