"""Trouble with the database becomes one clear sentence, and whatever was being written is undone."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import event

from outreach.errors import FenceLost, LedgerBusy, LedgerError
from outreach.ledger import open_ledger
from outreach.model.campaign import Mode
from outreach.model.status import Status


@pytest.fixture
def file(tmp_path):
    return tmp_path / "ledger.db"


@pytest.fixture
def sqlite_desk(file, opened, desk_at):
    return desk_at(opened(f"sqlite:///{file}", busy_timeout=0.05))


def test_a_mark_on_a_locked_ledger_fails_instead_of_going_on(desk, opened, place):
    """Another process keeps the lock: no mark, so no dot; afterwards the same claim can be marked."""
    desk.queue("bg-mfa")
    claim = desk.claim()["bg-mfa"]
    impatient = opened(place, busy_timeout=0.05)
    with desk.ledger._store.write() as tx:
        tx.driver.execute(f"UPDATE dispatch SET dated = dated WHERE id = '{claim.dispatch}'")
        with pytest.raises(LedgerBusy, match=r"kept the ledger locked for longer than 0\.05 seconds.*again"):
            impatient.mark(claim)
    assert desk.status("bg-mfa") is Status.CLAIMED
    impatient.mark(claim)
    assert desk.status("bg-mfa") is Status.COMMITTED


def test_threads_of_one_ledger_wait_for_each_other_no_longer_than_they_would_for_a_process(sqlite_desk):
    """One thread writes, another gives up after the same time."""
    faults = []

    def other():
        try:
            sqlite_desk.ledger.recover()
        except LedgerBusy as error:
            faults.append(error)

    with sqlite_desk.ledger._store.write():
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert len(faults) == 1
    assert sqlite_desk.ledger.recover() == (0, 0)


def test_a_full_disk_undoes_the_write_and_says_so(sqlite_desk):
    """SQLite may not grow its file: the plan is not there at all, and the ledger goes on working."""
    desk = sqlite_desk
    desk.plan("bg-mfa")
    with desk.ledger._store.write() as tx:
        (pages,) = tx.driver.execute("PRAGMA page_count").fetchone()
        tx.driver.execute(f"PRAGMA max_page_count = {pages + 5}")
    with pytest.raises(LedgerError, match=r"ledger\.db: The disk is full\. .* Free some space"):
        desk.plan("bg-mfa", *(desk.pair(f"fr-{number}", "x" * 5000) for number in range(50)))
    assert desk.counts() == {Status.DRAFT: 1}
    with desk.ledger._store.write() as tx:
        tx.driver.execute("PRAGMA max_page_count = 1000000")
    assert len(desk.plan("bg-mfa", "fr-mfa").drafted) == 1


def test_a_disk_that_refuses_to_grow_under_a_mark_keeps_the_letter_claimed(file, clock):
    """A real limit on file size, in a process of its own: the mark fails, nothing was marked, the next one works."""
    code = """
import importlib.util, resource, signal, sys
sys.path[:0] = eval(sys.argv[2])
spec = importlib.util.spec_from_file_location("desks", sys.argv[3])
sys.modules["desks"] = desks = importlib.util.module_from_spec(spec)
spec.loader.exec_module(desks)
Clock, Desk = desks.Clock, desks.Desk
from outreach.errors import LedgerError
from outreach.ledger import open_ledger
from outreach.model.campaign import Mode
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
desk = Desk(open_ledger(sys.argv[1], mode=Mode.REHEARSAL, clock=Clock()), Clock())
desk.queue("bg-mfa")
claim = desk.claim()["bg-mfa"]
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
try:
    desk.ledger.mark(claim)
except LedgerError as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(desk.status("bg-mfa"))
desk.ledger.mark(claim)
print(desk.status("bg-mfa"))
desk.ledger.close()
"""
    desks = str(Path(__file__).with_name("conftest.py"))
    command = [sys.executable, "-c", code, f"sqlite:///{file}", repr(sys.path), desks]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""
    said, before, after = done.stdout.splitlines()
    assert "The disk" in said
    assert (before, after) == ("claimed", "committed")


def test_a_damaged_file_is_named(sqlite_desk, file):
    """Its pages are gone: the sentence says which file and to restore a backup."""
    sqlite_desk.plan(*(f"bg-{number}" for number in range(300)))
    sqlite_desk.ledger.close()
    size = file.stat().st_size
    with file.open("r+b") as damaged:
        damaged.seek(4096)
        damaged.write(b"\xa5" * (size - 4096))
    with pytest.raises(LedgerError, match=r"ledger\.db: The file is damaged\. .* restore the last backup"):
        open_ledger(f"sqlite:///{file}", mode=Mode.REHEARSAL).standings("spring").__next__()


def test_a_foreign_writer_cannot_break_the_two_rules(desk):
    """Two letters for one institution or one address: the database refuses whoever writes."""
    desk.plan("bg-mfa", "fr-mfa")
    for column in ("institution", "address_norm"):
        with pytest.raises(LedgerError, match="refused a second letter"), desk.ledger._store.write() as tx:
            tx.driver.execute(f"UPDATE dispatch SET {column} = 'same'")


def test_a_mistake_of_ours_is_not_dressed_up(desk):
    """What is no database's fault leaves as it is."""
    with pytest.raises(ZeroDivisionError), desk.ledger._store.write():
        raise ZeroDivisionError
    with pytest.raises(FenceLost), desk.ledger._store.write():
        raise FenceLost("x")


def test_a_failed_rollback_costs_the_connection_not_the_ledger(sqlite_desk):
    """The connection is thrown away and the next write gets a new one."""
    sqlite_desk.plan("bg-mfa")
    with pytest.raises(LedgerError), sqlite_desk.ledger._store.write() as tx:
        tx.driver.close()
    sqlite_desk.approve()
    assert sqlite_desk.status("bg-mfa") is Status.QUEUED


GONE = r"cannot be reached|shutting down"


def break_off(server, tx):
    tx.driver.execute("UPDATE dispatch SET dated = 'x'")
    server.stop("immediate")
    tx.driver.execute("SELECT 1")


def test_a_server_that_goes_away_is_said_and_found_again(postgresql_to_stop, opened, desk_at):
    """The connection breaks in the middle: a sentence, nothing written; when the server is back, so are we."""
    server = postgresql_to_stop
    desk = desk_at(opened(server.database()))
    desk.queue("bg-mfa")
    claim = desk.claim()["bg-mfa"]
    with pytest.raises(LedgerError, match=GONE), desk.ledger._store.write() as tx:
        break_off(server, tx)
    with pytest.raises(LedgerError, match=GONE):
        desk.ledger.mark(claim)
    server.start()
    for _ in range(10):  # the pool may still hold connections to the server that was
        try:
            desk.ledger.mark(claim)
            break
        except LedgerError:
            continue
    assert desk.status("bg-mfa") is Status.COMMITTED


def test_a_server_that_falls_silent_is_given_up_after_a_minute(postgresql, opened):
    """No packet comes back and nobody closes the line: TCP is told not to wait for hours, unless the URL says so."""
    wanted = {
        "keepalives_idle": "30",
        "keepalives_interval": "10",
        "keepalives_count": "3",
        "tcp_user_timeout": "60000",
    }
    url = postgresql.ledger()
    for its, more in ((url, {}), (f"{url}?keepalives_idle=7", {"keepalives_idle": "7"})):
        with opened(its)._store.read() as tx:
            told = tx.driver.info.get_parameters()
        assert {name: told[name] for name in wanted} == wanted | more


def test_every_sqlite_connection_is_closed(file, clock):
    """What was opened is closed with the ledger: the WAL is gone, and nobody holds the file."""
    made, gone = [], []
    ledger = open_ledger(f"sqlite:///{file}", mode=Mode.REHEARSAL, clock=clock)
    event.listen(ledger._store.engine, "connect", lambda driver, record: made.append(id(driver)))
    event.listen(ledger._store.engine, "close", lambda driver, record: gone.append(id(driver)))
    ledger.recover()
    list(ledger.standings("spring"))
    half_read = ledger.events("spring")
    ledger.close()
    del half_read
    assert set(made) <= set(gone)
    assert [one.name for one in file.parent.iterdir()] == ["ledger.db"]
