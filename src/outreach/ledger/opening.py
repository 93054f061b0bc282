"""Opening a ledger: made when it is not there, migrated when it is old, refused when it is not ours."""

from __future__ import annotations

import secrets
import time
import uuid
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select

from outreach.errors import LedgerError, LedgerTooNew
from outreach.ledger.faults import translated
from outreach.ledger.holder import place_of
from outreach.ledger.location import Location
from outreach.ledger.schema import HEAD, meta, version
from outreach.ledger.store import Row, Store, Tx
from outreach.ledger.supporter_schema import told
from outreach.ledger.triggers import (
    create,
    guard_deeds,
    guard_positions,
    guard_post,
    guard_proposals,
    let_erase,
    tell_of_copies,
)
from outreach.model.campaign import Mode
from outreach.model.status import TRANSITIONS

_LOCK = "outreach schema"
_REVISION = select(version.c.version_num)
_TABLES = {
    False: "SELECT name FROM sqlite_master WHERE type = 'table'",
    True: "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()",
}
_META = select(meta.c.mode, meta.c.secret)
metadata = told.metadata  # with all tables: those for mail and supporters are in it once their modules are there
_INTRODUCE = insert(meta).values({column.name: bindparam(column.name) for column in meta.columns}).inline()


def make_ready(store: Store, location: Location, mode: Mode) -> str:
    """See to it that `store` is a ledger of `mode` with today's schema; its secret is returned."""
    if location.file is not None:
        _write_ahead(store)
    with store.read() as tx:
        current = _revision(tx) == HEAD
        found = tx.one(_META) if current else None
    if not current:
        found = _bring_up(store, location, mode)
    if found is None:
        raise LedgerError("The ledger is empty inside.", where=store.where, todo="Restore the last backup.")
    if found[0] != mode.value:
        raise LedgerError(
            f'This is a "{found[0]}" ledger; "{mode.value}" has another.',
            where=store.where,
            todo="Check OUTREACH_DATABASE_URL: nothing crosses from one mode to another.",
        )
    return str(found[1])


def _write_ahead(store: Store) -> None:
    """Switch to SQLite's write-ahead log; the file remembers it.

    Two processes that switch at once lock each other out without SQLite's own waiting, hence the loop.
    """
    deadline = time.monotonic() + store.busy_timeout
    while True:
        try:
            with translated(store.where, store.busy_timeout):
                raw = store.engine.raw_connection()
                try:
                    driver: Any = raw.driver_connection
                    journal = driver.execute("PRAGMA journal_mode = WAL").fetchone()[0]
                finally:
                    raw.close()
        except LedgerError as error:
            if type(error) is LedgerError or time.monotonic() > deadline:
                raise
            time.sleep(0.005)
            continue
        if journal != "wal":
            raise LedgerError(
                f"SQLite keeps no write-ahead log here (it answered {journal!r}).",
                where=store.where,
                todo="Put the ledger on a local disk, not on a network share.",
            )
        return


def _revision(tx: Tx) -> str | None:
    """The schema's revision: None for an empty database, "" for a ledger before the first migration."""
    tables = {name for (name,) in tx.driver.execute(_TABLES[tx.server])}
    if version.name not in tables:
        if tables and (not tx.server or tables & set(metadata.tables)):
            raise LedgerError(
                f"This database holds something else: {', '.join(sorted(tables)[:5])}.",
                where=tx.where,
                todo="Name another file or database in OUTREACH_DATABASE_URL.",
            )
        return None
    row = tx.one(_REVISION)
    revision = "" if row is None else str(row[0])
    if revision > HEAD:
        raise LedgerTooNew(
            f'The ledger has schema "{revision}"; this outreach knows up to "{HEAD}".',
            where=tx.where,
            todo="Update outreach, or restore the backup from before the newer one was used.",
        )
    return revision


def _bring_up(store: Store, location: Location, mode: Mode) -> Row | None:
    with store.rebuild() as (conn, tx):
        tx.alone(_LOCK)
        revision = _revision(tx)  # again: another process may have been quicker
        if revision is None:
            build(conn)
        elif revision != HEAD:
            from outreach.ledger.migrations.run import upgrade

            upgrade(conn)
        if tx.one(_META) is None:
            _introduce(tx, location, mode)
        return tx.one(_META)


def build(conn: Connection) -> None:
    """Today's schema in an empty database, without walking through every migration; a test shows they are equal."""
    metadata.create_all(conn)
    dialect = conn.dialect.name
    guards = (*guard_deeds(dialect), *guard_post(dialect), *guard_positions(dialect), *guard_proposals(dialect))
    for statement in (*create(dialect, TRANSITIONS), *guards, *let_erase(dialect), *tell_of_copies(dialect)):
        conn.exec_driver_sql(statement)
    version.create(conn)
    conn.execute(insert(version).values(version_num=HEAD))


def _introduce(tx: Tx, location: Location, mode: Mode) -> None:
    here = place_of(location.file, location.where)
    tx.run(
        _INTRODUCE,
        id=1,
        mode=mode.value,
        secret=secrets.token_hex(32),
        workspace=uuid.uuid4().hex,
        host=here.host,
        path=here.path,
        made_at=tx.now,
    )
