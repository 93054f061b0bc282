"""Answers that the database does not take any more: kept in a file beside it until it does.

The file is laid out full length when a run begins, so that a disk that is full at the wrong moment still has its room.
Several commands share it: whoever runs holds a lock on it, and it is taken away by the last of them alone.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from outreach.model.receipt import Claim, Outcome, Phase
from outreach.model.status import HeldReason, Status

ROOM = 32_768  #: bytes: an answer of each of twenty connections
LONGEST = 500  #: characters of a server's words


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it was kept."""

    outcome: Outcome
    era: str  #: `restoring.era` of the ledger that it belongs to; "" = kept by a version that did not say


class Rescue:
    """One file; None = there is no place for it, and nothing is kept."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._era = ""
        self._read: frozenset[str] = frozenset()  #: lines that the ledger has by now
        self._mine: int | None = None  #: a descriptor with a lock: the file stays while a run may need it

    def make_ready(self, era: str = "") -> None:
        """Lay the file out, without what was read. A disk that is full already is met by the database itself."""
        self._era = era
        if self._file is None:
            return
        with suppress(OSError), self._alone():
            self._write([line for line in self._lines() if line not in self._read])
            if self._mine is None:
                self._mine = os.open(self._file, os.O_RDONLY)
            fcntl.flock(self._mine, fcntl.LOCK_SH)

    def tidy(self) -> None:
        """Take the file away when nothing is in it and no other command needs it."""
        if self._file is None:
            return
        with suppress(OSError), self._alone():
            mine = self._mine = os.open(self._file, os.O_RDONLY) if self._mine is None else self._mine
            fcntl.flock(mine, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not self._lines():
                self._file.unlink()
        if self._mine is not None:
            os.close(self._mine)
            self._mine = None

    def keep(self, outcomes: Sequence[Outcome]) -> str:
        """Write these down durably, besides what is there; where, or "" when that was not possible."""
        if self._file is None or not outcomes:
            return ""
        try:
            with self._alone():
                self._write([*self._lines(), *(_line(one, self._era) for one in outcomes)])
        except OSError:
            return ""
        return str(self._file)

    def redact(self, text: Callable[[str], str]) -> int:
        """Take a person out of the words that are kept; how many lines changed. Raises OSError."""
        if self._file is None or not self._file.exists():
            return 0
        with self._alone():
            before = self._lines()
            after = [_redacted(line, text) for line in before]
            if after != before:
                self._write(after)
        return sum(was != now for was, now in zip(before, after, strict=True))

    def read(self) -> list[Kept]:
        """What was kept; the next `make_ready` takes it away."""
        lines = self._lines()
        self._read = frozenset(lines)
        return [_kept(line) for line in lines]

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other command, and no other thread, changes the file meanwhile. Raises OSError."""
        assert self._file is not None  # noqa: S101  for the type checker
        folder = os.open(self._file.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def _lines(self) -> list[str]:
        if self._file is None:
            return []
        try:
            text = self._file.read_bytes().decode("utf-8", "replace")
        except OSError:
            return []
        return [line for line in text.splitlines() if line.strip() and _whole(line)]

    def _write(self, lines: Sequence[str]) -> None:
        """Over the room that is there, which is kept: a disk that is full by now is not asked for any."""
        assert self._file is not None  # noqa: S101  for the type checker
        data = "".join(f"{line}\n" for line in lines).encode().ljust(ROOM)
        descriptor = os.open(self._file, os.O_CREAT | os.O_WRONLY, 0o600)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.ftruncate(descriptor, len(data))  # what was longer once must not be read again
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _line(one: Outcome, era: str) -> str:
    return json.dumps(
        {
            "era": era,
            "dispatch": one.claim.dispatch,
            "fence": one.claim.fence,
            "status": one.status.value,
            "code": one.code,
            "text": one.text[:LONGEST],
            "phase": one.phase.value if one.phase else "",
            "date": one.date_header,
            "next_at": one.next_at.isoformat() if one.next_at else "",
            "charged": one.charged,
            "address_bad": one.address_bad,
            "held": one.held.value if one.held else "",
            "policy": one.policy,
        }
    )


def _redacted(line: str, text: Callable[[str], str]) -> str:
    kept = json.loads(line)
    words = text(kept["text"])
    return line if words == kept["text"] else json.dumps({**kept, "text": words})


def _whole(line: str) -> bool:
    """Whether a line was written to its end."""
    try:
        _kept(line)
    except (ValueError, KeyError, TypeError):
        return False
    return True


def _kept(line: str) -> Kept:
    kept = json.loads(line)
    claim = Claim(
        dispatch=kept["dispatch"],
        institution="",
        state="",
        fence=kept["fence"],
        attempt=0,
        tries=0,
        recipient="",
        envelope_from="",
        message_id="",
        raw=b"",
    )
    outcome = Outcome(
        claim=claim,
        status=Status(kept["status"]),
        code=kept["code"],
        text=kept["text"],
        phase=Phase(kept["phase"]) if kept["phase"] else None,
        date_header=kept["date"],
        next_at=datetime.fromisoformat(kept["next_at"]) if kept.get("next_at") else None,
        charged=kept.get("charged", True),
        address_bad=kept.get("address_bad", False),
        held=HeldReason(kept["held"]) if kept.get("held") else None,
        policy=kept.get("policy", False),
    )
    return Kept(outcome, kept.get("era", ""))
