"""A disk that is full, read-only or locked: no dot without a durable mark, a clear text, and on it goes afterwards."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from outreach.model.status import Status
from servers.scripted import ScriptedServer
from torture.campaigns import CAMPAIGN, approved, opened
from torture.processes import Runner, until
from torture.reckoning import at, refolded

Start = Callable[..., Runner]
LETTERS = 60
LEASE = 1.0
MARK = 5


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, two megabytes large."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m,mode=0700", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a small disk may not be mounted here; the limits on file and database show the same")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def copies(server: ScriptedServer) -> Counter[str]:
    server.settle()
    return Counter(recipient for mail in server.mails for recipient in mail.recipients)


def intact(url: str) -> bool:
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        found = connection.execute("PRAGMA integrity_check").fetchall()
    connection.close()
    return found == [("ok",)]


def after_the_leases(url: str) -> Counter[Status]:
    """How the letters stand when whoever had them is given up."""
    with opened(url) as ledger:
        until(lambda: ledger.recover() and not at(ledger).keys() & {Status.CLAIMED, Status.COMMITTED})
        assert not refolded(list(ledger.standings(CAMPAIGN)), ledger.events(CAMPAIGN))
        return at(ledger)


def fills_up(url: str, runner: Start, trouble: dict[str, object], room: Callable[[], object], sent: int = 0) -> None:
    """The run ends with a clear text; what had left is never sent again, and with room again the others go once."""
    approved(url, LETTERS)
    with ScriptedServer() as server:
        said = runner(url, server.port, lease=LEASE, troubles=trouble).end()
        assert said["error"] == "LedgerError"
        assert "disk" in said["says"]
        assert "space" in said["todo"]
        left = copies(server)
        assert len(left) == sent if sent else len(left) < LETTERS
        room()
        assert intact(url)
        found = after_the_leases(url)
        assert found.keys() <= {Status.ACCEPTED, Status.QUEUED, Status.IN_DOUBT}
        assert found[Status.ACCEPTED] + found[Status.IN_DOUBT] == len(left)
        assert found[Status.IN_DOUBT] <= 1  # the last one: that it was answered could not be written down
        assert "error" not in runner(url, server.port).end()
        assert set(copies(server).values()) == {1}
        assert len(copies(server)) == LETTERS
    assert after_the_leases(url) == +Counter(
        {Status.ACCEPTED: LETTERS - found[Status.IN_DOUBT], Status.IN_DOUBT: found[Status.IN_DOUBT]}
    )


@pytest.mark.parametrize("after", [False, True], ids=["before-the-dot", "after-the-dot"])
class TestFull:
    """Full before a mark: no dot. Full after it: in doubt or accepted, never sent again."""

    def test_a_file_that_may_not_grow_sends_nothing_twice(self, url: str, runner: Start, after: bool) -> None:
        """A quota, or a limit of the process: SQLite is told that its write failed."""
        trouble = {"file_limit": {"file": url.removeprefix("sqlite:///") + "-wal", "mark": MARK, "after": after}}
        fills_up(url, runner, trouble, lambda: None, sent=MARK - 1 + after)

    def test_a_database_without_a_page_left_sends_nothing_twice(self, url: str, runner: Start, after: bool) -> None:
        """SQLite says itself that it is full, at whatever statement needs the next page."""
        fills_up(url, runner, {"page_limit": {"mark": MARK, "after": after}}, lambda: None)

    def test_a_full_disk_sends_nothing_twice(self, disk: Path, runner: Start, after: bool) -> None:
        """Somebody else took the last byte; when it is free again the run goes on."""
        (disk / "box").mkdir()
        trouble = {"filled": {"folder": str(disk), "mark": MARK, "after": after}}
        fills_up(f"sqlite:///{disk}/box/ledger.db", runner, trouble, (disk / "filler").unlink, sent=MARK - 1 + after)


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_ledger_that_cannot_be_written_is_refused_before_anything_is_sent(runner: Start, what: str) -> None:
    """A clear text, no connection, and nothing changed."""
    place = Path(tempfile.mkdtemp(prefix="torture-"))  # where somebody else than we can come
    try:
        place.chmod(0o755)
        url = f"sqlite:///{place}/box/ledger.db"
        (place / "box").mkdir()
        approved(url, 3)
        (place / "box/ledger.db").chmod(0o444 if what == "file" else 0o666)
        (place / "box").chmod(0o777 if what == "file" else 0o555)
        with ScriptedServer() as server:
            said = runner(url, server.port, troubles={"nobody": {}}).end()
            assert said["error"] == "LedgerError"
            assert "ledger.db" in said["says"]
            assert "writable" in said["todo"]
            assert not server.talks
        (place / "box").chmod(0o755)
        assert intact(url)
        assert after_the_leases(url) == {Status.QUEUED: 3}
    finally:
        (place / "box").chmod(0o755)
        shutil.rmtree(place)


@pytest.mark.parametrize("mark", [1, 3])
def test_a_ledger_that_is_locked_at_the_mark_sends_no_dot(url: str, runner: Start, mark: int) -> None:
    """Another process writes for longer than we wait: the letter is not sent, and goes once when the lock is gone."""
    approved(url, 5)
    with ScriptedServer() as server:
        locked_out = runner(
            url, server.port, lease=LEASE, busy_timeout=0.3, troubles={"stopped": {"mark": mark}, "hasty": {}}
        )
        locked_out.stopped()
        other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        locked_out.go_on()
        said = locked_out.end()
        assert said["error"] == "LedgerBusy"
        assert "locked" in said["says"]
        assert len(copies(server)) == mark - 1
        other.execute("ROLLBACK")
        other.close()
        found = after_the_leases(url)
        assert found[Status.QUEUED] == 5 - (mark - 1)
        assert "error" not in runner(url, server.port).end()
        assert set(copies(server).values()) == {1}
        assert len(copies(server)) == 5
    assert after_the_leases(url)[Status.QUEUED] == 0
