"""Mails that a person hands in as files."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from outreach.errors import InboxError
from outreach.inbox.mails import LONGEST_MAIL, seen
from outreach.model.evidence import MailSeen


def read_mails(paths: Iterable[Path], ids: Collection[str]) -> list[MailSeen]:
    """Those of the files that name one of these letters. Raises InboxError for a file that cannot be read."""
    found = []
    for path in paths:
        try:
            with path.open("rb") as file:
                raw = file.read(LONGEST_MAIL)
        except OSError as error:
            raise InboxError(
                f"The mail cannot be read: {error.strerror or 'it is no file'}.",
                where=str(path),
                todo="Save it from your mail program as a file (.eml) and name that.",
            ) from error
        mail = seen(raw, where=path.name, ids=ids)
        if mail is not None:
            found.append(mail)
    return found
