"""SQLite's write-ahead log, made long before the letters come.

A commit that makes its file longer waits for the file system's own journal besides the disk: twice as long and more.
The log is empty whenever the ledger was closed, grows with every commit, and is written over in place from a thousand
pages on (sqlite.org/pragma.html#pragma_wal_autocheckpoint): so it would be the first two hundred letters that wait.
"""

from __future__ import annotations

from contextlib import suppress

from outreach.errors import LedgerError
from outreach.ledger.store import Store

_PAGE = 4096  #: bytes
_FRAME = 24 + _PAGE  #: a page in the log (sqlite.org/fileformat2.html, section 4.1)
_FRAMES = 1_200  #: a thousand, and what the largest commit adds: the claim of a hundred letters
_IN_MEMORY = 512  #: pages that a transaction changes before it writes any: `cache_size` in engines.py
LONG = _FRAMES * _FRAME  #: bytes


class _TakenBack(Exception):
    """The change has done its work."""


def lengthen(store: Store) -> None:
    """Make the log LONG, by a change that is larger than the memory for it and is taken back.

    What a full disk does not give now, the commits ask for in their turn.
    """
    if store.file is None or _length(store) >= LONG:
        return
    with suppress(_TakenBack, LedgerError), store.write() as tx:
        tx.driver.execute("CREATE TABLE runway (room)")
        tx.driver.execute("INSERT INTO runway VALUES (zeroblob(?))", ((_FRAMES + _IN_MEMORY) * _PAGE,))
        raise _TakenBack


def _length(store: Store) -> int:
    assert store.file is not None  # noqa: S101  for the type checker
    log = store.file.with_name(f"{store.file.name}-wal")
    return log.stat().st_size if log.exists() else 0
