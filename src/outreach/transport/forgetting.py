"""Forgetting: what lies in a folder of ours beside the ledger and names a person goes: mails, logs, exports, pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

_DATABASE = b"SQLite format 3\0"  #: the ledger erases by itself; a backup of it is out of reach, and said to be
_BESIDE = ("-wal", "-shm", "-journal", ".rescue", ".db")


def forget_files(folder: Path, without: Callable[[bytes], bytes]) -> int:
    """Remove every file below `folder` that `without` would change; how many there were.

    A mail of the outbox is removed whole, for its name is in its bytes; an export can be made again. Raises OSError for
    a file that cannot be removed.
    """
    removed, moved = 0, False
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file() or path.name.endswith(_BESIDE):
            continue
        try:
            raw = path.read_bytes()
        except FileNotFoundError:  # a mail on its way from tmp/ to new/: it is looked for there once more
            moved = True
            continue
        if not raw.startswith(_DATABASE) and without(raw) != raw:
            path.unlink()
            removed += 1
    return removed + (forget_files(folder, without) if moved else 0)
