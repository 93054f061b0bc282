"""What a disk holds at the moment when the power goes: the database and its log at every commit, whole and torn.

SQLite promises a commit when its fsync has returned (`synchronous=FULL`). Whatever it writes after that may have
reached the disk in part, sector by sector and in any order: that is what `torn` makes.
"""

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

SECTOR = 512
HEAD = 32  #: bytes of the log that come before its first frame


@dataclass(frozen=True, kw_only=True)
class Moment:
    """The two files, byte for byte, and which letters the server had accepted before."""

    database: bytes
    log: bytes
    there: frozenset[str]

    def write(self, file: Path) -> None:
        """Lay the copy down, without a -shm: that is memory."""
        Path(f"{file}-shm").unlink(missing_ok=True)
        file.write_bytes(self.database)
        Path(f"{file}-wal").write_bytes(self.log)

    def statuses(self, folder: Path) -> dict[str, str]:
        """Reopened: box -> status. Raises AssertionError or sqlite3.DatabaseError when it is damaged."""
        file = folder / "copy.db"
        self.write(file)
        connection = sqlite3.connect(file)
        try:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
            return dict(connection.execute("SELECT recipient, status FROM dispatch").fetchall())
        finally:
            connection.close()


@contextmanager
def watched(file: Path, there: Callable[[], frozenset[str]], *, checkpoint: int) -> Iterator[list[Moment]]:
    """Moments of the ledger while it is written: at each BEGIN and each COMMIT of its connections.

    `checkpoint` is after how many pages the log is copied into the database: often, so that this is seen too.
    """
    moments: list[Moment] = []

    def look(statement: str) -> None:
        if statement.startswith(("BEGIN IMMEDIATE", "COMMIT")):
            log = Path(f"{file}-wal")
            held = there()  # before the files: what is accepted later is no concern of theirs
            database = file.read_bytes()
            if moments and moments[-1].database == database:
                database = moments[-1].database  # one copy in memory
            moments.append(Moment(database=database, log=log.read_bytes(), there=held))

    def connected(driver: Any, _: object) -> None:
        driver.execute(f"PRAGMA wal_autocheckpoint = {checkpoint}")
        driver.set_trace_callback(look)

    event.listen(Engine, "connect", connected)
    try:
        yield moments
    finally:
        event.remove(Engine, "connect", connected)


def torn(before: Moment, after: Moment, chance: random.Random) -> Iterator[Moment]:
    """Copies between two moments: of what was written, a beginning reached the disk, or any sectors of it.

    The log comes first: its sectors are on the disk before the first page of the database is written from it. When it
    is begun anew, its head is on the disk before anything that follows it (sqlite.org/src/info/ff5be73dee).
    """
    if before.log[:HEAD] != after.log[:HEAD]:
        before = replace(before, log=after.log[:HEAD] + before.log[HEAD:])
        yield before
    for chosen in (_beginning, _any):
        log = chosen(before.log, after.log, chance)
        yield Moment(database=before.database, log=log, there=before.there)
        if before.database != after.database:
            database = chosen(before.database, after.database, chance)
            yield Moment(database=database, log=after.log, there=before.there)


def _beginning(old: bytes, new: bytes, chance: random.Random) -> bytes:
    cut = chance.randrange(len(new) // SECTOR + 1) * SECTOR
    return new[:cut] + old[cut:]


def _any(old: bytes, new: bytes, chance: random.Random) -> bytes:
    long = max(len(old), len(new))
    share = chance.random()
    old, new = old.ljust(long, b"\0"), new.ljust(long, b"\0")
    sectors = range(0, long, SECTOR)
    return b"".join((new if chance.random() < share else old)[at : at + SECTOR] for at in sectors)
