"""A mail server's own log, Postfix's or Exim's: from a Message-ID over the queue id to what became of the letter.

Postfix writes the Message-ID while it still reads the letter (cleanup(8)), so that line alone proves nothing; the line
with `status=` comes only of a letter that is in the queue. Exim writes `<=` when it has taken a letter (Exim
specification, "Log files"). A file is read line by line, however large it is.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, cast

from outreach.errors import InboxError
from outreach.inbox.words import fit
from outreach.model.evidence import LogLine, LogLook, LogState

LONGEST_LINE = 16_000  #: bytes; the rest of a longer line is passed over

_POSTFIX_ID = re.compile(rb": ([0-9A-Za-z]{5,24}): (?:resent-)?message-id=<?([^<>\s]+)>?")
_POSTFIX_STATUS = re.compile(rb": ([0-9A-Za-z]{5,24}): to=<.*?\bstatus=(\w+) ?(.*)")
_POSTFIX_REMOVED = re.compile(rb": ([0-9A-Za-z]{5,24}): removed\s*$")
_EXIM = re.compile(
    rb"(?:^|[ \]])([0-9A-Za-z]{6}-[0-9A-Za-z]{6}-[0-9A-Za-z]{2}|[0-9A-Za-z]{6}-[0-9A-Za-z]{11}-[0-9A-Za-z]{4})"
    rb" (<=|=>|->|==|\*\*|Completed)(.*)"
)
_EXIM_ID = re.compile(rb" id=([^\s]+)")
_STATES = {
    b"sent": LogState.SENT,
    b"deferred": LogState.DEFERRED,
    b"bounced": LogState.BOUNCED,
    b"expired": LogState.BOUNCED,
    b"=>": LogState.SENT,
    b"->": LogState.SENT,
    b"==": LogState.DEFERRED,
    b"**": LogState.BOUNCED,
}
_WEIGHT = (LogState.SEEN, LogState.ARRIVED, LogState.DEFERRED, LogState.BOUNCED, LogState.SENT)


def read_logs(paths: Sequence[Path], message_ids: Collection[str]) -> LogLook:
    """What these files say of these letters. Raises InboxError for a file that cannot be read.

    The oldest is read first: a letter's later lines may stand in the next file.
    """
    reader = _Reader(message_ids)
    for path in sorted(paths, key=_age):
        reader.files.append([])
        for line in _lines(path):
            reader.take(line)
    return LogLook(
        name=", ".join(path.name for path in paths),
        letters=reader.letters,
        files=tuple(map(tuple, reader.files)),
    )


class _Reader:
    """Follows the letters that are looked for, and forgets a queue id as soon as it belongs to another letter."""

    def __init__(self, message_ids: Collection[str]) -> None:
        self._wanted = {one.strip("<>").encode(): one for one in message_ids}
        self._queues: dict[bytes, str] = {}  #: queue id -> Message-ID
        self.letters: dict[str, LogLine] = {}
        self.files: list[list[str]] = []

    def take(self, line: bytes) -> None:
        if b"essage-id=" in line and (found := _POSTFIX_ID.search(line)):
            self._arrives(found[1], found[2], LogState.SEEN, line)
        elif b"status=" in line and (found := _POSTFIX_STATUS.search(line)):
            self._becomes(found[1], _STATES.get(found[2]), found[2] + b" " + found[3])
        elif found := _POSTFIX_REMOVED.search(line):
            self._queues.pop(found[1], None)
        elif found := _EXIM.search(line):
            self._exim(found[1], found[2], found[3], line)

    def _exim(self, queue: bytes, flag: bytes, rest: bytes, line: bytes) -> None:
        if flag == b"<=":
            named = _EXIM_ID.search(rest)
            self._arrives(queue, named[1] if named else b"", LogState.ARRIVED, line)
        elif flag == b"Completed":
            self._queues.pop(queue, None)
        else:
            self._becomes(queue, _STATES[flag], flag + rest)

    def _arrives(self, queue: bytes, message_id: bytes, state: LogState, line: bytes) -> None:
        self._queues.pop(queue, None)
        letter = self._wanted.get(message_id)
        if letter is None:
            return
        self._queues[queue] = letter
        self.files[-1].append(letter)
        self._becomes(queue, state, line)

    def _becomes(self, queue: bytes, state: LogState | None, words: bytes) -> None:
        letter = self._queues.get(queue)
        if letter is None or state is None:
            return
        before = self.letters.get(letter)
        if before is None or _WEIGHT.index(state) >= _WEIGHT.index(before.state):
            self.letters[letter] = LogLine(state=state, words=fit(words))


def _age(path: Path) -> tuple[float, str]:
    try:
        return path.stat().st_mtime, path.name
    except OSError:
        return 0.0, path.name


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as plain:
            zipped = plain.read(2) == b"\x1f\x8b"
            plain.seek(0)
            stream = cast("BinaryIO", gzip.GzipFile(fileobj=plain)) if zipped else plain
            yield from _capped(stream)
    except (OSError, EOFError, zlib.error) as error:
        raise InboxError(
            f"The log cannot be read: {getattr(error, 'strerror', None) or 'it is damaged'}.",
            where=str(path),
            todo="Name a mail server's log, such as /var/log/mail.log; .gz is read as well.",
        ) from error


def _capped(stream: BinaryIO) -> Iterator[bytes]:
    whole = True
    while line := stream.readline(LONGEST_LINE):
        if whole:
            yield line
        whole = line.endswith(b"\n")
