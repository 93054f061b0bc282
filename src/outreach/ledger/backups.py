"""A copy of a ledger in a file that is one moment's view and whole, taken while letters are being sent."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from outreach.errors import LedgerError
from outreach.ledger.faults import translated
from outreach.ledger.store import Store

PAGES = 256  #: copied at a step: about a megabyte, between which other threads have their turn
_MARK = "INSERT INTO backup (id, made_at) VALUES (1, ?) ON CONFLICT DO NOTHING"


def back_up(store: Store, to: Path) -> int:
    """Write the ledger as it is now to the new file `to`, marked as a backup; how many bytes it has.

    Raises LedgerError when `to` exists or cannot be written, and leaves nothing behind then.
    """
    if store.file is None:
        raise LedgerError(
            "A ledger on a PostgreSQL server is backed up by the server's own tools.",
            where=store.where,
            todo="Run pg_dump --format=custom --file=FILE with the same database; after pg_restore run "
            "`outreach ledger restored`.",
        )
    _refuse(to)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{to.name[:40]}.", suffix=".tmp", dir=to.parent)  # 0600
        temporary = Path(name)
        try:
            os.close(handle)
            with translated(str(to), store.busy_timeout):
                _copy(store, temporary, to)
            _sync(temporary)
            _put(temporary, to)
            return to.stat().st_size
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise LedgerError(
            f"The backup cannot be written: {error.strerror}.", where=str(to), todo="Name another place."
        ) from error


def _copy(store: Store, temporary: Path, to: Path) -> None:
    """One reading transaction over all steps: nobody's writing makes the copy begin anew, and it holds up nobody's."""
    with closing(_connect(store.file, store.busy_timeout)) as source, closing(_connect(temporary, 0)) as copy:
        copy.execute("PRAGMA locking_mode = EXCLUSIVE")  # a log without shared memory, which not every disk has
        copy.execute("PRAGMA synchronous = OFF")  # it is synced once, when it is whole
        made_at = store.here()  # before the first page is seen: what is called later has left later
        source.execute("BEGIN")
        source.execute("SELECT id FROM meta").fetchone()  # the moment that is copied; BEGIN alone does not look yet
        source.backup(copy, pages=PAGES)
        # One file alone, and one that can be told from a ledger in use: see location.prepare.
        copy.execute("PRAGMA journal_mode = DELETE")
        copy.execute(_MARK, (made_at,))
        found = [str(row[0]) for row in copy.execute("PRAGMA integrity_check")]
    if found != ["ok"]:
        raise LedgerError(
            f"The copy is damaged, and so is the ledger: {found[0]}.",
            where=str(to),
            todo="Nothing was written. Check the disk, and keep the last good backup.",
        )


def _connect(file: Path | None, busy_timeout: float) -> sqlite3.Connection:
    return sqlite3.connect(str(file), timeout=busy_timeout, isolation_level=None)


def _refuse(to: Path) -> None:
    if to.is_dir():
        raise LedgerError("This is a folder.", where=str(to), todo="Name a file in it.")
    if os.path.lexists(to):
        raise _exists(to)
    if not to.parent.is_dir():
        raise LedgerError("There is no such folder.", where=str(to.parent), todo="Make it, or name another.")


def _exists(to: Path) -> LedgerError:
    return LedgerError("The file exists: no backup is overwritten.", where=str(to), todo="Name another.")


def _sync(file: Path) -> None:
    handle = os.open(file, os.O_RDONLY)
    try:
        # macOS does not reach the disk's surface by fsync.
        full = getattr(fcntl, "F_FULLFSYNC", None)
        if full is None:
            os.fsync(handle)
        else:
            fcntl.fcntl(handle, full)
    finally:
        os.close(handle)


def _put(temporary: Path, to: Path) -> None:
    """Give it its name. A link never replaces: two backups at once cannot both believe the name was free."""
    try:
        os.link(temporary, to)
    except FileExistsError as error:
        raise _exists(to) from error
    except OSError:  # FAT and some network folders have no links
        _refuse(to)
        temporary.rename(to)
    with contextlib.suppress(OSError):  # not every system opens folders
        _sync(to.parent)
