"""After erasing: no page, log or free space of the database keeps what is gone from its rows."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from outreach.errors import LedgerBusy
from outreach.ledger.faults import translated
from outreach.ledger.store import Store
from outreach.ledger.supporter_schema import told

_MOMENT = 1.0  #: seconds
_AFTER = "The person is erased, but old pages of the database may still hold bytes of it."


def compact(store: Store) -> None:
    """Write the database anew. Raises LedgerBusy when others read or write for longer than we wait.

    SQLite: VACUUM, and the write-ahead log cut to nothing. PostgreSQL: VACUUM, after which the server uses the space
    again; until then the bytes stand in its files, and its own write-ahead log keeps them as long as it is kept.
    """
    with translated(store.where, store.busy_timeout):
        if store.server:
            _server(store)
        else:
            _file(store)


def cut_log(store: Store) -> None:
    """Let SQLite's write-ahead log keep nothing of what is gone; others at work keep it until they end."""
    if store.file is not None:
        with closing(sqlite3.connect(str(store.file), timeout=_MOMENT, isolation_level=None)) as driver:
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


def _file(store: Store) -> None:
    # A connection of its own: VACUUM's copy may be larger than what the ledger's own connections keep in memory.
    with closing(sqlite3.connect(str(store.file), timeout=store.busy_timeout, isolation_level=None)) as driver:
        driver.execute("PRAGMA secure_delete = ON")
        for statement in ("PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
            row = driver.execute(statement).fetchone()
        if row is None or row[0]:
            raise LedgerBusy(_AFTER, where=store.where, todo="End the other commands, then erase once more.")


def _server(store: Store) -> None:
    raw = store.engine.raw_connection()
    try:
        driver = raw.driver_connection
        assert driver is not None  # noqa: S101  for the type checker
        driver.rollback()
        driver.autocommit = True
        for table in told.metadata.sorted_tables:
            driver.execute(f"VACUUM {table.name}")
        driver.autocommit = False
    finally:
        raw.invalidate()
        raw.close()
