"""An mbox file, read and never rewritten, while mail programs append to it, lock it, or make it anew.

A mail begins at a `From ` line at the file's begin or after an empty line, with a time and a year (RFC 4155; sentences
that begin so have none). What programs write into the copies that lie in an mbox (`Status`, `X-UID`…) is no part of the
mail: it changes when somebody reads it.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from outreach.errors import InboxError
from outreach.inbox.raw import LARGEST_HEAD, NotAMail, head, mail, too_large
from outreach.inbox.words import fit
from outreach.model.collected import LARGEST_MAIL, Batch, Bookmark, RawMail

MANY = 200
LARGE = 4_000_000  #: bytes in a batch
SEALED = 4_096  #: bytes before the position that must be as they were
STILL = 60.0  #: seconds: a last mail that ends without an empty line is whole when the file has rested so long
PATIENCE = 10.0  #: seconds that somebody else may hold the lock

_FROM = re.compile(rb"From [^\r\n]*\d\d?:\d\d[^\r\n]* \d{4}\b[^\r\n]*\r?\n")
_ESCAPED = re.compile(rb"(?m)^>(>*From )")
_PROGRAMS = re.compile(
    rb"(?im)^(?:X?-?Status|X-Keywords|X-UID|X-IMAP|X-IMAPbase|Content-Length|Lines|X-Mozilla-\w+)"
    rb":[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*"
)
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")


@dataclass(slots=True)
class _Part:
    """One mail of the file, as far as it has been read."""

    begins: int
    lines: list[bytes] = field(default_factory=list)
    size: int = 0


class MboxSource:
    """`runner.answer_ports.Source`: one mbox file."""

    gone = 0

    def __init__(
        self,
        file: Path,
        *,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._file = file
        self._now = now
        self._sleep = sleep
        self.name = f"mbox {file.resolve()}"

    def read(self, since: Bookmark) -> Iterator[Batch]:
        """The mails behind the bookmark; all of them when the file was made anew. Raises InboxError."""
        while True:
            batch = self._batch(since)
            if batch is None:
                return
            since = batch.after
            yield batch

    def _batch(self, since: Bookmark) -> Batch | None:
        """Some mails, read under the lock; it is let go before anything is made of them."""
        try:
            with self._file.open("rb") as file, self._locked(file):
                begin = self._where_to_begin(file, since)
                parts, position, size = self._parts(file, begin)
                if not parts:
                    return None
                seal = _seal(file, position)
        except NotAMail as error:
            raise self._trouble(str(error)) from error
        except OSError as error:
            raise self._trouble(error.strerror or "it cannot be read") from error
        mails = tuple(self._mail(part) for part in parts)
        after = Bookmark(uid=parts[-1].begins + 1, position=position, seal=seal)
        return Batch(mails=mails, after=after, left=1 if position < size else 0)

    def _where_to_begin(self, file: BinaryIO, since: Bookmark) -> int:
        """At the bookmark, where the file before it is as it was, and a mail begins behind it."""
        if not since.position or _seal(file, since.position) != since.seal:
            return 0
        file.seek(since.position)
        line = file.readline(1_000)
        if line and not _FROM.fullmatch(line):
            return max(0, since.uid - 1)  # the last mail was still being written: here is the rest of it
        return since.position

    def _parts(self, file: BinaryIO, begin: int) -> tuple[list[_Part], int, int]:
        """Mails from there on, where the next one begins, and the size of the file."""
        size = file.seek(0, 2)
        file.seek(begin)
        done: list[_Part] = []
        now: _Part | None = None
        position, total, empty = begin, 0, True
        while line := file.readline(LARGEST_HEAD):
            if empty and _FROM.fullmatch(line):
                if now is not None:
                    done.append(now)
                    total += now.size
                    if len(done) >= MANY or total >= LARGE:
                        return done, position, size
                now = _Part(begins=position)
            elif now is not None:
                now.size += len(line)
                if now.size <= LARGEST_MAIL + 2 * LARGEST_HEAD:
                    now.lines.append(line)
            elif line.strip():
                raise NotAMail("it does not begin with a From line")
            empty = line in {b"\n", b"\r\n"}
            position += len(line)
        if now is not None and (empty or self._rests()):
            done.append(now)
            return done, position, size
        return done, position if now is None else now.begins, size

    def _rests(self) -> bool:
        return self._now() - self._file.stat().st_mtime >= STILL

    def _mail(self, part: _Part) -> RawMail:
        raw = b"".join(part.lines)
        raw = raw.removesuffix(b"\n").removesuffix(b"\r") if raw.endswith((b"\n\n", b"\n\r\n")) else raw
        end = _END_OF_HEAD.search(raw[:LARGEST_HEAD])
        cut = end.end() if end else 0
        raw = _PROGRAMS.sub(b"", raw[:cut]) + _ESCAPED.sub(rb"\1", raw[cut:])
        where = f"{self._file.name}, byte {part.begins}"
        if part.size > LARGEST_MAIL:
            return head(raw[:LARGEST_HEAD], size=part.size, where=where, lacks=too_large(part.size))
        return mail(raw, where=where)

    @contextmanager
    def _locked(self, file: BinaryIO) -> Iterator[None]:
        """Wait for whoever writes: a lock file beside it (lockfile(1)), then a shared lock of our own (fcntl)."""
        beside = self._file.with_name(f"{self._file.name}.lock")
        waited = 0.0
        while True:
            try:
                if not beside.exists():
                    fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                    break
            except OSError as error:
                if error.errno not in {errno.EAGAIN, errno.EACCES}:
                    break  # a disk without locks
            if waited >= PATIENCE:
                raise self._trouble("another program has locked it")
            self._sleep(0.1)
            waited += 0.1
        try:
            yield
        finally:
            fcntl.lockf(file, fcntl.LOCK_UN)

    def _trouble(self, what: str) -> InboxError:
        todo = "Name an mbox file, and try again when no other program writes to it."
        return InboxError(f"The mails cannot be read: {fit(what)}.", where=str(self._file), todo=todo)


def _seal(file: BinaryIO, position: int) -> str:
    """A hash over what stands just before a position and at the file's begin; "" when the file is shorter."""
    if file.seek(0, 2) < position:
        return ""
    file.seek(0)
    begin = file.read(min(SEALED, position))
    file.seek(max(0, position - SEALED))
    return hashlib.sha256(begin + file.read(min(SEALED, position))).hexdigest()
