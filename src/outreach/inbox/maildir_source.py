"""A Maildir, read and never touched: mail programs go on renaming and moving its files while it is read.

A file's unique name is what stands before the colon; the flags after it, and `new` or `cur`, change (maildir(5)).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from outreach.errors import InboxError
from outreach.inbox.raw import NotAMail, read_file
from outreach.inbox.words import fit
from outreach.model.collected import Batch, Bookmark, RawMail

MANY = 200  #: mails in a batch
LARGE = 4_000_000  #: bytes in a batch: the mail that goes beyond it is its last

_FOLDERS = ("new", "cur")  # in this order: what moves from one to the other in between is seen twice, never missed


class MaildirSource:
    """`runner.answer_ports.Source`: one Maildir folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.name = f"maildir {folder.resolve()}"
        self.gone = 0  #: mails that somebody took away while we read

    def read(self, since: Bookmark) -> Iterator[Batch]:
        """The mails whose names were not read before. Raises InboxError when it is no Maildir."""
        files = self._listed()
        wanted = sorted(name for name in files if name not in since.names)
        mails: list[RawMail] = []
        names: list[str] = []
        troubles: list[str] = []
        size = 0
        for at, name in enumerate(wanted, 1):
            try:
                found = self._opened(name, files)
            except NotAMail as error:
                found, trouble = None, f"{fit(name)}: {error}"
                troubles.append(trouble)
            except OSError as error:
                troubles.append(f"{fit(name)}: {error.strerror or error}")
                continue  # not gone, and not read: tried again next time
            if found is None:
                continue
            mails.append(found)
            names.append(name)
            size += len(found.raw)
            if len(mails) >= MANY or size >= LARGE:
                yield _batch(mails, names, troubles, left=len(wanted) - at)
                mails, names, troubles, size = [], [], [], 0
        if mails or troubles:
            yield _batch(mails, names, troubles, left=0)

    def _listed(self) -> dict[str, str]:
        """Every mail by its unique name."""
        found: dict[str, str] = {}
        try:
            for folder in _FOLDERS:
                with os.scandir(self._folder / folder) as entries:
                    for entry in entries:
                        if not entry.name.startswith("."):
                            found[entry.name.partition(":")[0]] = entry.path
        except OSError as error:
            raise InboxError(
                f"This is no Maildir: {error.strerror or 'it cannot be read'}.",
                where=str(self._folder),
                todo="Name the folder that holds cur and new.",
            ) from error
        return found

    def _opened(self, name: str, files: dict[str, str]) -> RawMail | None:
        """The mail, wherever it lies by now; None when it is gone."""
        where = f"{self._folder.name}, {name}"
        try:
            return read_file(Path(files[name]), where=where)
        except FileNotFoundError:
            files.update(self._listed())
        try:
            return read_file(Path(files[name]), where=where)
        except FileNotFoundError:
            self.gone += 1
            return None


def _batch(mails: list[RawMail], names: list[str], troubles: list[str], *, left: int) -> Batch:
    return Batch(mails=tuple(mails), after=Bookmark(names=frozenset(names)), left=left, troubles=tuple(troubles))
