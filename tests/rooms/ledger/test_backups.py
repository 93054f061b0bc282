"""A backup is one moment's view, whole, for its owner alone; taking it holds up nobody, and putting it back is safe."""

import os
import shutil
import sqlite3

import pytest

from outreach.errors import LedgerError, UnsettledBackup
from outreach.ledger import backups
from outreach.model.campaign import Mode
from outreach.model.status import Status


@pytest.fixture
def desk(tmp_path, opened, desk_at):
    """A live desk with some letters."""
    (tmp_path / "box").mkdir()
    desk = desk_at(opened(f"sqlite:///{tmp_path}/box/live.db", mode=Mode.LIVE))
    desk.send("at-mfa")
    desk.queue("bg-mfa", "cz-mfa")
    return desk


@pytest.fixture
def to(tmp_path):
    folder = tmp_path / "safe"
    folder.mkdir()
    return folder / "monday.db"


def rows(file, query):
    with sqlite3.connect(file) as connection:
        found = connection.execute(query).fetchall()
    connection.close()
    return found


def test_a_backup_is_one_file_for_its_owner_with_every_letter(desk, to, clock):
    """0600, nothing beside it; the copy says that it is one, the ledger does not."""
    size = desk.ledger.back_up(to)
    assert [one.name for one in to.parent.iterdir()] == ["monday.db"]
    assert oct(to.stat().st_mode & 0o777) == "0o600"
    assert size == to.stat().st_size
    assert rows(to, "SELECT status FROM dispatch ORDER BY n") == [("accepted",), ("queued",), ("queued",)]
    assert rows(to, "SELECT count(*) FROM letter") == [(3,)]
    assert rows(to, "SELECT id, made_at FROM backup") == [(1, int(clock.now.timestamp() * 1_000_000))]
    assert rows(to, "PRAGMA integrity_check") == [("ok",)]
    assert desk.ledger.about().backup_of is None
    assert desk.ledger.about().deeds == ()


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_the_umask_does_not_open_it(desk, to, umask):
    """Whatever the shell says."""
    before = os.umask(umask)
    try:
        desk.ledger.back_up(to)
    finally:
        os.umask(before)
    assert oct(to.stat().st_mode & 0o777) == "0o600"


def test_no_backup_is_overwritten(desk, to, tmp_path):
    """Nor a folder, a dangling link, or a place that is not there; what was there stays, and nothing is left behind."""
    to.write_text("last week's")
    with pytest.raises(LedgerError, match=r"monday\.db: The file exists: no backup is overwritten\. Name another"):
        desk.ledger.back_up(to)
    assert to.read_text() == "last week's"
    link = to.with_name("link.db")
    link.symlink_to(tmp_path / "nothing")
    with pytest.raises(LedgerError, match="The file exists"):
        desk.ledger.back_up(link)
    with pytest.raises(LedgerError, match="This is a folder"):
        desk.ledger.back_up(to.parent)
    with pytest.raises(LedgerError, match="There is no such folder"):
        desk.ledger.back_up(tmp_path / "nowhere" / "x.db")
    assert {one.name for one in to.parent.iterdir()} == {"monday.db", "link.db"}


def test_a_name_that_was_taken_meanwhile_is_not_overwritten(desk, to, monkeypatch):
    """Two at once, on disks with links and without."""
    copy = backups._copy

    def slower(*given):
        copy(*given)
        to.write_text("quicker")

    monkeypatch.setattr(backups, "_copy", slower)
    with pytest.raises(LedgerError, match="The file exists"):
        desk.ledger.back_up(to)
    to.unlink()

    def no_links(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(backups.os, "link", no_links)
    with pytest.raises(LedgerError, match="The file exists"):
        desk.ledger.back_up(to)
    assert to.read_text() == "quicker"
    to.unlink()
    monkeypatch.setattr(backups, "_copy", copy)
    desk.ledger.back_up(to)
    assert [one.name for one in to.parent.iterdir()] == ["monday.db"]


def test_a_damaged_ledger_gives_no_backup(desk, to):
    """A copy of damage is none; it is said, and the last good backup should be kept."""
    desk.queue(*(f"x{n}-mfa" for n in range(50)))
    with desk.ledger._store.write() as tx:
        (root,) = tx.driver.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ix_attempt_account'").fetchone()
        (size,) = tx.driver.execute("PRAGMA page_size").fetchone()
    desk.ledger.close()
    file = desk.ledger._store.file
    with file.open("r+b") as opened_file:
        opened_file.seek((root - 1) * size + 8)
        opened_file.write(b"\x00" * 200)
    with pytest.raises(LedgerError, match=r"damaged|malformed"):
        desk.ledger.back_up(to)
    assert list(to.parent.iterdir()) == []


def test_writing_goes_on_while_a_backup_is_taken(desk, to, monkeypatch):
    """A page at a step and a write after each: no write waits, and the copy is the first moment, not begun anew."""
    desk.queue(*(f"x{n}-mfa" for n in range(50)))
    desk.ledger._store.busy_timeout = 0.0
    remaining = []

    class Source(sqlite3.Connection):
        def backup(self, copy, *, pages):
            def write(_status, left, _all):
                assert not remaining or left < remaining[-1], "begun anew"
                remaining.append(left)
                desk.ledger.verify_addresses([f"a{left}@gov.example"], by="Ana", on=desk.clock.now.date())

            super().backup(copy, pages=1, progress=write)

    def connect(file, _):
        return sqlite3.connect(file, timeout=0, isolation_level=None, factory=Source)

    monkeypatch.setattr(backups, "_connect", connect)
    desk.ledger.back_up(to)
    assert len(remaining) > 20
    assert len(desk.ledger.address_facts()) == len(remaining)
    assert rows(to, "SELECT count(*) FROM address") == [(0,)]
    assert rows(to, "PRAGMA integrity_check") == [("ok",)]


def test_a_backup_of_a_backup_keeps_the_older_moment(desk, to, opened, clock):
    """What left after the first one is unknown to both."""
    desk.ledger.back_up(to)
    made = rows(to, "SELECT made_at FROM backup")
    clock.tick(days=3)
    again = to.with_name("thursday.db")
    opened(f"sqlite:///{to}", mode=Mode.LIVE).back_up(again)
    assert rows(again, "SELECT made_at FROM backup") == made


def test_a_backup_put_back_knows_what_it_is(desk, to, opened, desk_at):
    """Over the ledger's own file, with nothing else of it left: refused until it is settled."""
    desk.ledger.back_up(to)
    desk.accept(desk.claim("bg-mfa")["bg-mfa"])
    desk.ledger.close()
    shutil.copy(to, desk.ledger._store.file)
    back = desk_at(opened(f"sqlite:///{desk.ledger._store.file}", mode=Mode.LIVE))
    with pytest.raises(UnsettledBackup):
        back.turn()
    back.ledger.restored(by="Ana", why="the disk broke")
    assert back.counts() == {Status.ACCEPTED: 1, Status.IN_DOUBT: 2}


def test_the_log_of_the_ledger_that_was_there_is_not_played_into_a_backup(desk, to, tmp_path, opened):
    """A killed command leaves one behind; SQLite would mix the two without a word."""
    desk.ledger.back_up(to)
    desk.accept(desk.claim("bg-mfa")["bg-mfa"])
    file = desk.ledger._store.file
    log = file.with_name("live.db-wal")
    crashed = tmp_path / "crashed"
    shutil.copytree(file.parent, crashed)
    assert (crashed / log.name).stat().st_size
    shutil.copy(to, crashed / file.name)
    before = (crashed / file.name).read_bytes()
    with pytest.raises(LedgerError, match=r"The log of another ledger lies beside this one: live\.db-wal\..*move"):
        opened(f"sqlite:///{crashed}/live.db", mode=Mode.LIVE)
    assert (crashed / file.name).read_bytes() == before
    (crashed / log.name).unlink()
    (crashed / "live.db-shm").unlink()
    opened(f"sqlite:///{crashed}/live.db", mode=Mode.LIVE)


def test_a_killed_commands_own_log_is_played_as_ever(desk, tmp_path, opened, desk_at):
    """The guard takes no ledger in use for a backup."""
    desk.accept(desk.claim("bg-mfa")["bg-mfa"])
    crashed = tmp_path / "crashed"
    shutil.copytree(desk.ledger._store.file.parent, crashed)
    assert desk_at(opened(f"sqlite:///{crashed}/live.db", mode=Mode.LIVE)).status("bg-mfa") is Status.ACCEPTED


def test_a_server_is_backed_up_by_its_own_tools(postgresql, opened, to):
    """pg_dump is named; nothing is written."""
    ledger = opened(postgresql.ledger())
    with pytest.raises(LedgerError, match=r"pg_dump --format=custom.*outreach ledger restored"):
        ledger.back_up(to)
    assert not to.exists()
