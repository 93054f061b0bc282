"""Mails that a person saved as files: read each time they are named, filed once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from outreach.errors import InboxError
from outreach.inbox.raw import read_file
from outreach.model.collected import Batch, Bookmark

MANY = 100


class EmlSource:
    """`runner.answer_ports.Source`: files of one mail each."""

    name = "files"
    gone = 0

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths

    def read(self, since: Bookmark) -> Iterator[Batch]:
        """All of them. Raises InboxError for one that cannot be read: it was named by hand."""
        for at in range(0, len(self._paths), MANY):
            mails = []
            for path in self._paths[at : at + MANY]:
                try:
                    mails.append(read_file(path))
                except OSError as error:
                    raise InboxError(
                        f"The mail cannot be read: {error.strerror or error}.",
                        where=str(path),
                        todo="Save it from your mail program as a file (.eml) and name that.",
                    ) from error
            yield Batch(mails=tuple(mails), after=since, left=len(self._paths) - at - len(mails))
