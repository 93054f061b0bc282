"""One database, and transactions on it. Nothing here knows what a letter is."""

from __future__ import annotations

import threading
import time
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Connection, Executable, Select
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement

from outreach.errors import LedgerError
from outreach.ledger.engines import make_engine
from outreach.ledger.faults import busy, translate, translated
from outreach.ledger.location import Location
from outreach.ledger.times import micros

Row = tuple[Any, ...]
Query: TypeAlias = Select[*tuple[Any, ...]]

STREAM = 500  #: rows fetched at once where nobody needs them all

_SERVER_CLOCK = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"


class Tx:
    """A transaction. Its statements are SQLAlchemy Core's, compiled once and then handed straight to the driver.

    SQLAlchemy's own execution costs some 20 µs a statement and 40 a transaction, the driver's 3: a mark has six.
    """

    __slots__ = ("_now", "_store", "driver", "server", "where")

    def __init__(self, store: Store, driver: Any) -> None:
        self.driver = driver
        self.where = store.where
        self.server = store.server  #: PostgreSQL, where other transactions write beside this one
        self._store = store
        self._now: int | None = None

    @property
    def now(self) -> int:
        """The database's clock when this transaction first asked, in microseconds."""
        if self._now is None:
            self._now = self._store.now(self)
        return self._now

    def run(self, statement: Executable, **values: Any) -> int:
        """Execute, and say how many rows it touched."""
        return int(self._execute(statement, values).rowcount)

    def change(self, statement: Executable, values: dict[str, Any]) -> int:
        """`run` with the values in hand."""
        return int(self._execute(statement, values).rowcount)

    def many(self, statement: Executable, rows: Sequence[Mapping[str, Any]]) -> int:
        """Execute once per row of values, and say how many rows were touched."""
        if not rows:
            return 0
        text, constants = self._store.prepared(statement)
        cursor = self.driver.cursor()
        cursor.executemany(text, [{**constants, **row} for row in rows] if constants else rows)
        return int(cursor.rowcount)

    def one(self, statement: Executable, **values: Any) -> Row | None:
        """The first row."""
        row: Row | None = self._execute(statement, values).fetchone()
        return row

    def all(self, statement: Executable, **values: Any) -> list[Row]:
        """Every row."""
        rows: list[Row] = self._execute(statement, values).fetchall()
        return rows

    def each(self, statement: Executable, **values: Any) -> Iterator[Row]:
        """The rows a few at a time; until the last one this transaction must not write to their table."""
        text, constants = self._store.prepared(statement)
        cursor = self.driver.cursor(name="each") if self.server else self.driver.cursor()
        try:
            cursor.execute(text, {**constants, **values})
            while rows := cursor.fetchmany(STREAM):
                yield from rows
        finally:
            cursor.close()

    def find(self, query: Query, **values: Any) -> list[Any]:
        """The rows with their columns as attributes; a list is the value of an `in_`."""
        lists = {name: value for name, value in values.items() if type(value) is list}
        found = self._store.prepared_for(query, {name: len(several) for name, several in lists.items()})
        for name, several in lists.items():
            del values[name]
            values.update(_spread(name, several))
        return list(map(found.shape._make, self.driver.execute(found.text, {**found.constants, **values}).fetchall()))

    def alone(self, name: str) -> None:
        """Wait until no other transaction holds `name`. On SQLite every writing transaction is alone anyway."""
        if self.server:
            self.driver.execute("SELECT pg_advisory_xact_lock(hashtextextended(%(name)s, 0))", {"name": name})

    def _execute(self, statement: Executable, values: dict[str, Any]) -> Any:
        text, constants = self._store.prepared(statement)
        return self.driver.execute(text, {**constants, **values} if constants else values)


def _room(length: int) -> int:
    """How many placeholders a list gets: a power of two, so that few texts are compiled."""
    return 1 << (length - 1).bit_length() if length else 0


def _spread(name: str, several: Sequence[Any]) -> dict[str, Any]:
    """A list's values under the names that SQLAlchemy gives an `in_`'s placeholders; the last one fills them up."""
    return {f"{name}_{i + 1}": several[min(i, len(several) - 1)] for i in range(_room(len(several)))}


class _Query(NamedTuple):
    text: str
    constants: dict[str, Any]
    shape: Any  #: the rows' named tuple


class _Joint(threading.local):
    """The transaction of which others are parts, of each thread its own."""

    tx: Tx | None = None
    failed: bool = False


class Store:
    """The database behind a ledger: its engine, its clock, its transactions."""

    def __init__(self, location: Location, *, clock: Callable[[], datetime] | None, busy_timeout: float) -> None:
        self.where = location.where
        self.server = location.file is None
        self.file = location.file  #: None = a server
        self.busy_timeout = busy_timeout
        self.engine = make_engine(location, busy_timeout=busy_timeout)
        self._clock = clock
        self._prepared: dict[Executable, tuple[str, dict[str, Any]]] = {}
        self._queries: dict[tuple[Executable, tuple[tuple[str, int], ...]], _Query] = {}
        self.turn = threading.Lock()  #: SQLite has one writer: threads queue up here instead of polling its lock
        self.writer: Any = None  #: its connection, between two turns
        self.joint = _Joint()

    def prepared(self, statement: Executable) -> tuple[str, dict[str, Any]]:
        """The statement in the words of this database, with named placeholders, and the constants that it holds."""
        found = self._prepared.get(statement)
        if found is None:
            found = self._prepared[statement] = self._compiled(statement)
        return found

    def prepared_for(self, query: Query, lengths: Mapping[str, int]) -> _Query:
        """`prepared` for lists of these lengths, with the shape of its rows."""
        rooms = {name: _room(length) for name, length in lengths.items()}
        key = (query, tuple(rooms.items()))
        found = self._queries.get(key)
        if found is None:
            text, constants = self._compiled(query, rooms)
            found = self._queries[key] = _Query(text, constants, namedtuple("Found", query.selected_columns.keys()))  # noqa: PYI024
        return found

    def _compiled(self, statement: Executable, rooms: Mapping[str, int] | None = None) -> tuple[str, dict[str, Any]]:
        assert isinstance(statement, ClauseElement)  # noqa: S101  for the type checker
        compiled = statement.compile(dialect=self.engine.dialect)
        binds: dict[str, Any] = getattr(compiled, "binds", {})
        needed = {name: 0 for name, bind in binds.items() if bind.required}
        if not isinstance(compiled, SQLCompiler) or not isinstance(statement, Select):
            return str(compiled), {name: bind.value for name, bind in binds.items() if name not in needed}
        lists = {name: [0] * room for name, room in (rooms or {}).items()}
        state = compiled.construct_expanded_state({**needed, **lists})
        spread = {each for name in lists for each in state.parameter_expansion.get(name, ())}
        given = needed.keys() | spread
        return state.statement, {name: value for name, value in state.parameters.items() if name not in given}

    def now(self, tx: Tx) -> int:
        """Microseconds by the database's clock."""
        if self._clock is not None or not self.server:
            return self.here()
        return int(tx.driver.execute(_SERVER_CLOCK).fetchone()[0])

    def here(self) -> int:
        """Microseconds by the clock that was handed in, or by this machine's: SQLite has no other."""
        return time.time_ns() // 1000 if self._clock is None else micros(self._clock())

    def read(self) -> _Transaction:
        """A reading transaction: one moment's view, which holds up no writer."""
        return _Transaction(self, writes=False)

    def write(self) -> _Transaction:
        """A writing transaction: durable when the block has ended, undone when it raises."""
        return _Transaction(self, writes=True)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Every transaction that this thread begins in the block is a part of one: durable when the block has ended,
        undone when it raises. A part that fails must not be caught within.
        """
        with self.write() as tx:
            self.joint.tx = tx
            try:
                yield
            finally:
                failed, self.joint.tx, self.joint.failed = self.joint.failed, None, False
            if failed:
                raise RuntimeError("a part of a transaction failed, and its caller went on")

    @contextmanager
    def rebuild(self) -> Iterator[tuple[Connection, Tx]]:
        """A writing transaction for a change of schema, as SQLAlchemy and Alembic want it.

        SQLite changes a table by making it anew, and dropping the old one must not look like orphaning its children:
        foreign keys are checked at the end instead (sqlite.org/lang_altertable.html, section 7).
        """
        with translated(self.where, self.busy_timeout), self.engine.connect() as conn:
            tx = Tx(self, conn.connection.driver_connection)
            if not self.server:
                tx.driver.execute("PRAGMA foreign_keys = OFF")
            try:
                with conn.begin():
                    if not self.server:
                        tx.driver.execute("BEGIN IMMEDIATE")
                    yield conn, tx
                    if not self.server and (orphans := tx.driver.execute("PRAGMA foreign_key_check").fetchall()):
                        raise LedgerError(f"The migration left {len(orphans)} rows without parents.", where=self.where)
            finally:
                if not self.server:
                    tx.driver.execute("PRAGMA foreign_keys = ON")

    def close(self) -> None:
        """Give every connection back to the database."""
        if self.writer is not None:
            self.writer.close()
            self.writer = None
        self.engine.dispose()


class _Transaction:
    """The block of a transaction. A class, for a mark goes through it: generators cost three times as much."""

    __slots__ = ("_conn", "_part", "_queues", "_store", "_writes")

    def __init__(self, store: Store, *, writes: bool) -> None:
        self._store = store
        self._writes = writes
        self._queues = writes and not store.server

    def __enter__(self) -> Tx:
        store = self._store
        joint = store.joint.tx
        self._part = joint is not None
        if joint is not None:
            return joint
        if self._queues and not store.turn.acquire(timeout=store.busy_timeout):
            raise busy(store.where, store.busy_timeout)
        self._conn: Any = None
        try:
            self._conn = (store.writer if self._queues else None) or store.engine.raw_connection()
            driver = self._conn.driver_connection
            if not store.server:
                # IMMEDIATE: one that reads first and then writes would fail at once when another came between.
                driver.execute("BEGIN IMMEDIATE" if self._writes else "BEGIN")
        except BaseException as error:
            self._leave(keep=False)
            translate(error, store.where, store.busy_timeout)
            raise
        return Tx(store, driver)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        store = self._store
        if self._part:
            store.joint.failed = store.joint.failed or error is not None
            return
        keep = self._queues
        try:
            if error is None:
                self._conn.driver_connection.commit()
            else:
                keep = self._undo()
        except BaseException as fault:
            keep = self._undo()
            translate(fault, store.where, store.busy_timeout)
            raise
        finally:
            self._leave(keep=keep)
        if error is not None:
            translate(error, store.where, store.busy_timeout)

    def _undo(self) -> bool:
        """Back to before; a connection that cannot do that is thrown away, and the database undoes it."""
        try:
            self._conn.driver_connection.rollback()
        except Exception:  # noqa: BLE001  the first fault is the one to report
            self._conn.invalidate()
            return False
        return self._queues

    def _leave(self, *, keep: bool) -> None:
        """SQLite's one writing connection is kept at hand: taking it from the pool would cost every mark 15 µs."""
        store = self._store
        if self._queues:
            store.writer = self._conn if keep else None
        if self._conn is not None and not keep:
            self._conn.close()
        if self._queues:
            store.turn.release()
