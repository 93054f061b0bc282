"""A mail's bytes as they came over the wire: files have other line ends, and one mail must not look like two."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from pathlib import Path

from outreach.inbox.words import fit
from outreach.model.collected import LARGEST_MAIL, RawMail

LARGEST_HEAD = 64_000  #: bytes that are kept of a mail that is too large

_END_OF_HEAD = re.compile(rb"\r\n\r\n|\A\r\n")


class NotAMail(OSError):
    """What lies there is a folder, a pipe or a device."""


def mail(raw: bytes, *, where: str) -> RawMail:
    """A whole mail; one that is too large is cut down to its head."""
    raw = _wire(raw)
    if len(raw) > LARGEST_MAIL:
        return head(raw[: LARGEST_HEAD + 4], size=len(raw), where=where, lacks=too_large(len(raw)))
    return RawMail(sha256=hashlib.sha256(raw).hexdigest(), raw=raw, size=len(raw), where=fit(where))


def head(raw: bytes, *, size: int, where: str, lacks: str) -> RawMail:
    """The head of a mail of which no more is kept. Two such mails are one when their heads are."""
    raw = _wire(raw)
    end = _END_OF_HEAD.search(raw)
    raw = raw[: end.end() if end else LARGEST_HEAD][:LARGEST_HEAD]
    return RawMail(sha256=hashlib.sha256(raw).hexdigest(), raw=raw, size=size, where=fit(where), lacks=lacks)


def _wire(raw: bytes) -> bytes:
    if raw.count(b"\n") == raw.count(b"\r\n"):
        return raw
    return raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def too_large(size: int) -> str:
    """Why only the head is kept."""
    return f"larger than {LARGEST_MAIL // 1_000_000} MB ({size:,} bytes): only its head is kept"


def read_file(path: Path, *, where: str = "") -> RawMail:
    """A mail in a file of its own. Raises OSError; never waits for a pipe."""
    where = where or path.name
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0))
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise NotAMail("it is no file")
        if found.st_size > LARGEST_MAIL:
            return head(file.read(LARGEST_HEAD), size=found.st_size, where=where, lacks=too_large(found.st_size))
        return mail(file.read(), where=where)
