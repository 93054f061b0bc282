"""Engines: how every connection to each database is opened, so that a commit is on the disk when it returns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Engine, create_engine, event

from outreach.errors import LedgerError
from outreach.ledger.location import Location

#: FULL: without it the last commits of a WAL can be lost with the power, and a lost mark is a letter sent twice.
#: fullfsync: macOS does not reach the disk's surface otherwise; elsewhere it says nothing.
_PRAGMAS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA fullfsync = ON",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA cache_size = -2048",
    "PRAGMA temp_store = MEMORY",  # every statement with triggers keeps a journal of its own: in a file it costs double
    "PRAGMA journal_size_limit = 67108864",
)

#: A server that falls silent, its host gone or the network dropping every packet, is given up after a minute: by
#: itself TCP would wait for two hours, and with it the letter in hand. What the URL says is left as it is.
_LINE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 60_000}


def make_engine(location: Location, *, busy_timeout: float) -> Engine:
    """The engine for a location; nothing is connected yet."""
    return _postgresql(location, busy_timeout) if location.file is None else _sqlite(location, busy_timeout)


def _sqlite(location: Location, busy_timeout: float) -> Engine:
    engine = create_engine(
        location.url,
        paramstyle="named",
        pool_reset_on_return=None,  # every transaction ends in its own commit or rollback
        max_overflow=-1,
        connect_args={"timeout": busy_timeout, "isolation_level": None, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _configure(driver: Any, _record: object) -> None:
        for pragma in _PRAGMAS:
            driver.execute(pragma)

    return engine


def _postgresql(location: Location, busy_timeout: float) -> Engine:
    given = location.url.query.get("options", "")
    theirs = given if isinstance(given, str) else " ".join(given)
    ours = (f"-c {one}" for one in _server_settings(busy_timeout))
    try:
        engine = create_engine(
            location.url,
            pool_reset_on_return=None,
            max_overflow=-1,
            connect_args={
                **{name: value for name, value in _LINE.items() if name not in location.url.query},
                "connect_timeout": 10,
                "application_name": "outreach",
                "options": " ".join([theirs, *ours]).strip(),
            },
        )
    except ModuleNotFoundError as error:
        raise LedgerError(
            "The driver for PostgreSQL is not installed.",
            where=location.where,
            todo="Install it from the checkout: pipx install --force '.[postgres,web]'; or make setup, for its .venv.",
        ) from error

    @event.listens_for(engine, "connect")
    def _configure(driver: Any, _record: object) -> None:
        if driver.execute("SHOW synchronous_commit").fetchone()[0] in {"off", "local"}:
            driver.execute("SET synchronous_commit = on")
        driver.commit()

    return engine


def _server_settings(busy_timeout: float) -> Iterator[str]:
    yield f"lock_timeout={int(busy_timeout * 1000)}"
    yield "TimeZone=UTC"
    # Every query here has its index; but a plan's own letters are in no statistics yet, and without them the server
    # would read the whole table for every two hundred of them.
    yield "enable_seqscan=off"
