"""Opening: made for its owner alone, migrated, quick when there is nothing to do, refused in a clear sentence."""

import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from outreach.errors import LedgerError, LedgerTooNew
from outreach.ledger import open_ledger
from outreach.ledger.schema import HEAD
from outreach.model.campaign import Mode

OPEN = (
    "import sys; from outreach.ledger import open_ledger; from outreach.model.campaign import Mode\n"
    "ledger = open_ledger(sys.argv[1], mode=Mode.REHEARSAL, busy_timeout=20)\n"
)


def python(code, *arguments, **more):
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=60, check=False, **more
    )


def test_a_ledger_is_made_on_the_first_opening_and_remembered(url, opened):
    """Its secret is random, long, and the same the next time."""
    first = opened(url)
    assert len(first.secret()) == 64
    assert first.mode is Mode.REHEARSAL
    assert opened(url).secret() == first.secret()


def test_a_ledger_of_one_mode_is_refused_to_another(url, opened):
    """A rehearsal's letters can never be sent live, nor the other way round."""
    opened(url)
    with pytest.raises(LedgerError, match='This is a "rehearsal" ledger; "live" has another'):
        opened(url, mode=Mode.LIVE)


def test_the_files_are_the_owners_alone(tmp_path, opened):
    """0600: the database, its WAL and its index."""
    folder = tmp_path / "here"
    folder.mkdir()
    ledger = opened(f"sqlite:///{folder}/ledger.db")
    ledger.verify_addresses(["a@gov.example"], by="Ada", on=ledger.now().date())
    assert {one.name: oct(one.stat().st_mode & 0o777) for one in folder.iterdir()} == {
        "ledger.db": "0o600",
        "ledger.db-wal": "0o600",
        "ledger.db-shm": "0o600",
    }


def test_a_file_that_others_could_read_is_narrowed(tmp_path, opened):
    """Whoever made it; the folder, when it was there before, is left alone."""
    file = tmp_path / "ledger.db"
    file.touch(mode=0o644)
    tmp_path.chmod(0o755)
    opened(f"sqlite:///{file}")
    assert oct(file.stat().st_mode & 0o777) == "0o600"
    assert oct(tmp_path.stat().st_mode & 0o777) == "0o755"


def test_commits_reach_the_disk(place, opened):
    """SQLite: write-ahead log with FULL, foreign keys, deleted bytes overwritten. PostgreSQL: never asynchronously."""
    ledger = opened(place)
    with ledger._store.write() as tx:
        if tx.server:
            assert tx.driver.execute("SHOW synchronous_commit").fetchone() == ("on",)
            return
        found = {
            name: tx.driver.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
        "busy_timeout": 30_000,
    }


def test_a_server_that_commits_asynchronously_is_told_not_to(postgresql, opened):
    """A mark must be durable before the dot goes, whatever the database's own setting."""
    url = postgresql.database()
    opened(url).close()
    name = url.rpartition("/")[2]
    ledger = opened(url)
    with ledger._store.write() as tx:
        tx.driver.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    with opened(url)._store.write() as tx:
        assert tx.driver.execute("SHOW synchronous_commit").fetchone() == ("on",)


def test_a_current_ledger_is_opened_without_alembic(url, tmp_path):
    """Neither making it nor opening it again loads the migrations; an old one does."""
    code = OPEN + "ledger.close(); print('alembic' in sys.modules)"
    assert [python(code, url).stdout for _ in range(2)] == ["False\n", "False\n"]


def test_processes_that_open_a_new_ledger_at_once_agree(url):
    """Four at the same moment: one makes it, the others find it."""
    code = OPEN + "print(ledger.secret()); ledger.close()"
    running = [
        subprocess.Popen([sys.executable, "-c", code, url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    said = [one.communicate(timeout=60) for one in running]
    assert [err for _, err in said if err] == []
    assert len({out for out, _ in said}) == 1


def test_an_old_ledger_is_migrated_by_opening_it(url, opened):
    """From before the first migration to today's, and it works."""
    from outreach.ledger.location import locate, prepare
    from outreach.ledger.store import Store

    location = locate(url)
    if location.file:
        prepare(location.file)
    store = Store(location, clock=None, busy_timeout=5)
    with store.rebuild() as (conn, _):
        conn.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    store.close()
    ledger = opened(url)
    assert ledger.verify_addresses(["a@gov.example"], by="Ada", on=ledger.now().date()) == 1
    with ledger._store.read() as tx:
        assert tx.driver.execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,)


def test_a_newer_ledger_is_refused(url, opened):
    """It may hold what this program does not know: no guess, no change."""
    ledger = opened(url)
    with ledger._store.write() as tx:
        tx.driver.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(LedgerTooNew, match=r'schema "9999"; this outreach knows up to "0010"\. Update outreach'):
        opened(url)


def test_a_file_that_is_no_database_is_refused(tmp_path):
    """And left as it was."""
    file = tmp_path / "ledger.db"
    file.write_text("Dear Minister,\n" * 1000)
    with pytest.raises(
        LedgerError, match=r"ledger.db: The file is not a ledger: it is no SQLite database\. \(.*\) Name"
    ):
        open_ledger(f"sqlite:///{file}", mode=Mode.LIVE)
    assert file.read_text() == "Dear Minister,\n" * 1000


def test_another_programs_database_is_refused(tmp_path, postgresql):
    """Its tables are named; nothing is written beside them. On a server only our own names are in the way."""
    file = tmp_path / "photos.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE photo (id)")
    connection.close()
    with pytest.raises(LedgerError, match="This database holds something else: photo"):
        open_ledger(f"sqlite:///{file}", mode=Mode.LIVE)
    import psycopg

    url = postgresql.database()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE photo (id int)")
    open_ledger(url, mode=Mode.LIVE).close()
    url = postgresql.database()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE event (id int)")
    with pytest.raises(LedgerError, match="This database holds something else: event"):
        open_ledger(url, mode=Mode.LIVE)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        pytest.param("ledger.db", "not a database URL", id="a bare path"),
        pytest.param("", "not a database URL", id="nothing"),
        pytest.param("mysql://ada:geheim@db.example/x", '"mysql" is neither', id="another database"),
        pytest.param("sqlite://", "needs a file", id="in memory"),
        pytest.param("sqlite:///:memory:", "needs a file", id="in memory, in words"),
    ],
)
def test_a_url_that_names_no_ledger_is_refused(url, found):
    """With what to write instead, and without its password."""
    with pytest.raises(LedgerError, match=found) as caught:
        open_ledger(url, mode=Mode.LIVE)
    assert "sqlite:///path" in str(caught.value)
    assert "geheim" not in str(caught.value)


def test_a_folder_in_the_files_place_is_refused(tmp_path):
    """A sentence, not a database's error number."""
    with pytest.raises(LedgerError, match="A folder stands where the ledger should be"):
        open_ledger(f"sqlite:///{tmp_path}", mode=Mode.LIVE)


def test_a_folder_that_is_not_there_is_not_made(tmp_path):
    """A slip of the pen in the URL must not begin an empty ledger that has forgotten what was sent."""
    with pytest.raises(LedgerError, match=r"folder of the ledger is not there\. Check OUTREACH_DATABASE_URL"):
        open_ledger(f"sqlite:///{tmp_path}/mistyped/ledger.db", mode=Mode.LIVE)
    (tmp_path / "file").touch()
    with pytest.raises(LedgerError, match="folder of the ledger is not there"):
        open_ledger(f"sqlite:///{tmp_path}/file/ledger.db", mode=Mode.LIVE)
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("driver", ["postgresql", "postgres", "postgresql+psycopg"])
def test_postgresql_is_reached_by_each_of_its_names(postgresql, driver):
    """The driver is ours to choose."""
    url = postgresql.ledger().replace("postgresql://", f"{driver}://")
    open_ledger(url, mode=Mode.REHEARSAL).close()


def test_a_server_that_is_not_there_is_said_without_the_password(postgresql):
    """Refused connections and unknown databases, each with what to do."""
    port = postgresql.port
    with pytest.raises(LedgerError) as caught:
        open_ledger("postgresql://ada:geheim@127.0.0.1:1/ledger", mode=Mode.LIVE)
    assert str(caught.value).startswith("postgresql://ada@127.0.0.1:1/ledger: The database cannot be reached.")
    assert "geheim" not in str(caught.value)
    with pytest.raises(LedgerError, match="does not exist"):
        open_ledger(f"postgresql://outreach@127.0.0.1:{port}/nothing", mode=Mode.LIVE)


def test_without_the_driver_it_says_how_to_get_it(monkeypatch):
    """From the checkout: an index may have another program of our name."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(LedgerError, match=r"not installed.*'\.\[postgres,web\]'"):
        open_ledger("postgresql://127.0.0.1:1/ledger", mode=Mode.LIVE)


AS_NOBODY = """
import os, pwd, sys, tempfile
from outreach.errors import LedgerError
from outreach.ledger import open_ledger
from outreach.model.campaign import Mode
with tempfile.TemporaryDirectory() as warm:
    open_ledger(f"sqlite:///{warm}/ledger.db", mode=Mode.REHEARSAL).close()
if os.geteuid() == 0:  # root may write everywhere: what a file's mode forbids is tried as nobody
    os.setgroups([])
    os.setuid(pwd.getpwnam("nobody").pw_uid)
try:
    open_ledger(sys.argv[1], mode=Mode.REHEARSAL)
except LedgerError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("file_mode", "folder_mode", "found"),
    [
        pytest.param(0o444, 0o755, "read-only", id="read-only file"),
        pytest.param(0o000, 0o755, "Permission denied", id="closed file"),
        pytest.param(None, 0o555, "Permission denied", id="read-only folder"),
    ],
)
def test_a_ledger_that_cannot_be_written_is_refused(file_mode, folder_mode, found):
    """It says which file, and what to do; nothing is half-opened."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "ledger.db"
        if file_mode is not None:
            open_ledger(f"sqlite:///{file}", mode=Mode.REHEARSAL).close()
            file.chmod(file_mode)
        folder.chmod(folder_mode)
        said = python(AS_NOBODY, f"sqlite:///{file}")
        folder.chmod(0o755)
    assert said.stderr == ""
    assert said.stdout.startswith(f"{file}: ")
    assert found in said.stdout
    assert "writ" in said.stdout.partition(found)[2] or "Give this user" in said.stdout


def test_an_empty_ledger_inside_is_refused(url, opened):
    """The schema without the row that says whose it is: a damaged ledger, not a new one."""
    ledger = opened(url)
    with ledger._store.write() as tx:
        tx.driver.execute("DELETE FROM meta")
    with pytest.raises(LedgerError, match="empty inside"):
        opened(url)
