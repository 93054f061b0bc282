"""Answers that the database does not take any more: kept in a file beside it until it does.

The file is laid out full length when a run begins, so that a disk that is full at the wrong moment still has its room.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from outreach.model.receipt import Claim, Outcome, Phase
from outreach.model.status import HeldReason, Status

ROOM = 32_768  #: bytes: an answer of each of twenty connections
LONGEST = 500  #: characters of a server's words


class Rescue:
    """One file; None = there is no place for it, and nothing is kept."""

    def __init__(self, file: Path | None) -> None:
        self._file = file

    def make_ready(self) -> None:
        """Lay the file out, empty. A disk that is full already is met by the database itself, before any letter."""
        if self._file is not None:
            with suppress(OSError):
                self._write(b"")

    def tidy(self) -> None:
        """Take the file away when nothing is in it."""
        if self._file is not None and not self._lines():
            with suppress(OSError):
                self._file.unlink(missing_ok=True)

    def keep(self, outcomes: Sequence[Outcome]) -> str:
        """Write these down durably, besides what is there; where, or "" when that was not possible."""
        if self._file is None or not outcomes:
            return ""
        lines = [*self._lines(), *map(_line, outcomes)]
        try:
            self._write("".join(f"{line}\n" for line in lines).encode())
        except OSError:
            return ""
        return str(self._file)

    def read(self) -> list[Outcome]:
        """What was kept."""
        return [_outcome(line) for line in self._lines()]

    def _lines(self) -> list[str]:
        if self._file is None:
            return []
        try:
            text = self._file.read_bytes().decode("utf-8", "replace")
        except OSError:
            return []
        return [line for line in text.splitlines() if line.strip() and _whole(line)]

    def _write(self, data: bytes) -> None:
        """Over the room that is there: nothing is cut off and nothing is made longer, so that no room is asked for."""
        assert self._file is not None  # noqa: S101  for the type checker
        descriptor = os.open(self._file, os.O_CREAT | os.O_WRONLY, 0o600)
        try:
            rest = memoryview(data.ljust(ROOM))
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _line(one: Outcome) -> str:
    return json.dumps(
        {
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


def _whole(line: str) -> bool:
    """Whether a line was written to its end."""
    try:
        _outcome(line)
    except (ValueError, KeyError, TypeError):
        return False
    return True


def _outcome(line: str) -> Outcome:
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
    return Outcome(
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
