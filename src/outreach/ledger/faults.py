"""Foreign exceptions become ours here: what the database said, where, and what to do next."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from outreach.errors import IllegalTransition, LedgerAway, LedgerBusy, LedgerError, OutreachError
from outreach.ledger.triggers import ILLEGAL

_BUSY = "Another process kept the ledger locked for longer than {seconds:g} seconds."
_BUSY_TODO = "Let the other command finish, then run this one again; nothing is sent twice."

#: SQLite's primary result codes (sqlite.org/rescode.html) -> found, to do.
_SQLITE: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_PERM: ("The file may not be opened.", "Give this user access to it."),
    sqlite3.SQLITE_READONLY: ("The file is read-only.", "Make the file and its folder writable for this user."),
    sqlite3.SQLITE_IOERR: ("The disk reported a fault.", "Check the disk and its free space; nothing is sent twice."),
    sqlite3.SQLITE_CORRUPT: ("The file is damaged.", "Put it aside and restore the last backup."),
    sqlite3.SQLITE_FULL: ("The disk is full.", "Free some space, then run the command again; nothing is sent twice."),
    sqlite3.SQLITE_CANTOPEN: ("The file cannot be opened.", "Check the path, and that its folder is writable."),
    sqlite3.SQLITE_NOTADB: ("The file is not a ledger: it is no SQLite database.", "Name another file, or move it."),
}

#: The first two letters of a PostgreSQL SQLSTATE (appendix A of its manual), or all five -> found, to do.
_POSTGRESQL: dict[str, tuple[str, str]] = {
    "08": ("The database cannot be reached.", "Check the server, then run the command again."),
    "57P": ("The database server is shutting down or starting.", "Run the command again in a moment."),
    "28": ("The database refused the login.", "Check user and password in OUTREACH_DATABASE_URL."),
    "3D": ("The database does not exist.", "Create it with `createdb`, or correct OUTREACH_DATABASE_URL."),
    "42501": ("The database user may not do that.", "Grant it the right to create and write tables."),
    "25006": ("The database is read-only.", "Connect to the primary server."),
    "53100": ("The database server's disk is full.", "Free some space, then run the command again."),
    "53": ("The database server is out of resources.", "Run the command again in a moment."),
}
_LOCKED = frozenset({"55P03", "40P01", "40001", "57014"})
_AWAY = ("08", "57P", "53300")  #: the line, the server's shutdown, no connection left


@contextmanager
def translated(where: str, busy_timeout: float) -> Iterator[None]:
    """`translate` for whatever is raised inside."""
    try:
        yield
    except Exception as error:
        translate(error, where, busy_timeout)
        raise


def translate(error: BaseException, where: str, busy_timeout: float) -> None:
    """Raise what the database threw as a LedgerError; anything else is left alone."""
    if isinstance(error, OutreachError):
        return
    if isinstance(error, PoolTimeout):
        raise busy(where, busy_timeout) from error
    if isinstance(error, DBAPIError):
        raise _ours(error.orig or error, where, busy_timeout) from error
    if isinstance(error, SQLAlchemyError):
        raise LedgerError(f"The database could not be used: {_first_line(error)}.", where=where) from error
    # psycopg is optional and imported only with its URL: its errors are known by what it gives them.
    if isinstance(error, sqlite3.Error) or hasattr(error, "sqlstate"):
        raise _ours(error, where, busy_timeout) from error


def busy(where: str, busy_timeout: float) -> LedgerBusy:
    """Locked by another for longer than we wait."""
    return LedgerBusy(_BUSY.format(seconds=busy_timeout), where=where, todo=_BUSY_TODO)


def _ours(error: BaseException, where: str, busy_timeout: float) -> LedgerError:
    said = _first_line(error)
    if ILLEGAL in said:
        return IllegalTransition(f"The database refused a change of status: {said}.", where=where)
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            return busy(where, busy_timeout)
        found, todo = _SQLITE.get(code, ("", ""))
    else:
        state = getattr(error, "sqlstate", None) or ("08" if "connection" in said else "")
        if state in _LOCKED:
            return busy(where, busy_timeout)
        found, todo = next((_POSTGRESQL[key] for key in (state, state[:3], state[:2]) if key in _POSTGRESQL), ("", ""))
    if found:
        away = not isinstance(error, sqlite3.Error) and state.startswith(_AWAY)
        return (LedgerAway if away else LedgerError)(f"{found} ({said})", where=where, todo=todo)
    if "unique" in said.lower():
        return LedgerError(
            f"The database refused a second letter for one institution or one address ({said}).",
            where=where,
            todo="Plan again; if it stays, look for the same address in two rows.",
        )
    return LedgerError(f"The database refused: {said}.", where=where)


def _first_line(error: BaseException) -> str:
    """What the driver said, without the statement and its values."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].rstrip(".")[:300]
