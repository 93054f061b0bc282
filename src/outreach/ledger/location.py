"""Where a ledger lives: its URL, and for SQLite a file that only its owner may read."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from outreach.errors import LedgerError

_SQLITE = "sqlite"
_FILE = "sqlite:///"
_POSTGRESQL = "postgresql+psycopg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A checked database URL, and how it is named in messages: never with its password."""

    url: URL
    where: str
    file: Path | None  #: None = a server


def locate(url: str) -> Location:
    """Check a database URL. Raises LedgerError for one that cannot hold a ledger."""
    if url.startswith(_FILE):  # a path may hold what is special in a URL, such as "?" or "%": it is taken as it stands
        given = URL.create(_SQLITE, database=url.removeprefix(_FILE))
        return _in_a_file(given)
    try:
        given = make_url(url)
    except ArgumentError as error:
        raise _refused("It is not a database URL.") from error
    if given.drivername in {"postgresql", "postgres", _POSTGRESQL}:
        given = given.set(drivername=_POSTGRESQL)
        shown = given._replace(drivername="postgresql", password=None).render_as_string()
        return Location(url=given, where=shown, file=None)
    if given.drivername in {_SQLITE, "sqlite+pysqlite"}:
        return _in_a_file(given)
    raise _refused(f'"{given.drivername}" is neither sqlite nor postgresql.')


def _in_a_file(given: URL) -> Location:
    if not given.database or given.database == ":memory:" or given.database.startswith("file:"):
        raise _refused("A ledger must outlive the command: it needs a file.")
    return Location(url=given, where=given.database, file=Path(given.database))


def _refused(found: str) -> LedgerError:
    return LedgerError(
        found,
        where="OUTREACH_DATABASE_URL",
        todo="Write sqlite:///path/to/ledger.db or postgresql://user@host/database.",
    )


def prepare(file: Path) -> None:
    """Make the file for its owner alone (0600), or narrow an open one. LedgerError where its folder is not there.

    A slip of the pen in a path would else begin an empty ledger, which knows nothing of what was sent. SQLite gives the
    WAL and its index the mode of the database, so that this one mode rules all three.
    """
    _refuse_stale_log(file)
    try:
        if not file.parent.is_dir():
            raise LedgerError(
                "The folder of the ledger is not there.",
                where=str(file),
                todo="Check OUTREACH_DATABASE_URL; make the folder only if no ledger was ever kept there.",
            )
        if file.is_dir():
            raise LedgerError("A folder stands where the ledger should be.", where=str(file), todo="Name a file.")
        descriptor = os.open(file, os.O_CREAT | os.O_RDONLY, 0o600)
        try:
            mode = os.fstat(descriptor).st_mode
            if mode & 0o077 and os.fstat(descriptor).st_uid == os.geteuid():
                os.fchmod(descriptor, mode & 0o700)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise LedgerError(
            f"The ledger cannot be made or opened: {error.strerror}.",
            where=str(file),
            todo="Check the path, and that this user may write to its folder.",
        ) from error


def _refuse_stale_log(file: Path) -> None:
    """A backup that was put over a ledger whose log stayed behind: SQLite would play that log into the backup.

    A ledger in use says in its header that it has a log (sqlite.org/fileformat2.html, 1.3.3), and says so before there
    is one; a backup says that it has none.
    """
    log = Path(f"{file}-wal")
    try:
        if not log.stat().st_size:
            return
        with file.open("rb") as opened:
            head = opened.read(20)
    except OSError:
        return
    if head.startswith(b"SQLite format 3\0") and head[18:20] == b"\x01\x01":
        raise LedgerError(
            f"The log of another ledger lies beside this one: {log.name}.",
            where=str(file),
            todo=f"While no command runs, move {log.name} and {file.name}-shm out of the folder; then run this again.",
        )
