"""A Maildir that nobody else can read, each mail on the disk before it is acknowledged."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator
from pathlib import Path

_HEAD = 65_536  #: bytes of a mail in which its Message-ID is looked for


class Maildir:
    """Folders 0700, files 0600, whatever the umask; the names end in `.eml`, so that a mail program opens them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._count = itertools.count(1)
        root.parent.mkdir(parents=True, exist_ok=True)
        for folder in (root, root / "tmp", root / "new", root / "cur"):
            folder.mkdir(mode=0o700, exist_ok=True)
            folder.chmod(0o700)

    def keep(self, mail: bytes, *, name: str) -> Path:
        """Write one mail, durably; `name` becomes part of its file name. Raises OSError, and leaves nothing then."""
        plain = "".join(char if char.isascii() and (char.isalnum() or char in "-_") else "_" for char in name)[:100]
        unique = f"{time.time_ns() // 1000}.P{os.getpid()}Q{next(self._count)}.{plain}.eml"
        passing, final = self.root / "tmp" / unique, self.root / "new" / unique
        try:
            handle = os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                os.fchmod(handle, 0o600)
                file.write(mail)
                file.flush()
                os.fsync(handle)
            passing.rename(final)
        except OSError:
            passing.unlink(missing_ok=True)
            raise
        _sync_folder(final.parent)
        return final

    def mails(self) -> Iterator[Path]:
        """Every mail, oldest first."""
        yield from sorted([*(self.root / "cur").iterdir(), *(self.root / "new").iterdir()], key=lambda path: path.name)

    def find(self, message_id: str) -> Path | None:
        """The first mail with this Message-ID, with or without its angle brackets."""
        wanted = f"<{message_id.strip('<> ')}>".encode()
        for path in self.mails():
            with path.open("rb") as file:
                head = file.read(_HEAD).partition(b"\r\n\r\n")[0]
            if any(wanted in line for line in head.split(b"\r\n") if line[:11].lower() == b"message-id:"):
                return path
        return None


def _sync_folder(folder: Path) -> None:
    """Make a rename durable: without this a crash can lose the name of a file whose bytes are safe."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
