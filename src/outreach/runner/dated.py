"""A letter with its Date line in front: the one line that is not frozen (RFC 5322 3.6.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache

from outreach.model.receipt import Claim


@dataclass
class Dated:
    """Makes letters as they go on the wire. The last one is kept: asked for again in the same second, it is the same.

    So it can be asked for ahead of its turn, and has the day and hour of its turn all the same.
    """

    now: Callable[[], datetime]
    _last: tuple[Claim | None, str, bytes] = (None, "", b"")

    def letter(self, claim: Claim) -> tuple[str, bytes]:
        """The Date line of this moment, and the bytes with it."""
        date = _date_header(self.now().replace(microsecond=0))
        if self._last[0] is not claim or self._last[1] != date:
            self._last = claim, date, f"{date}\r\n".encode() + claim.raw
        return date, self._last[2]


@lru_cache(maxsize=1)
def _date_header(now: datetime) -> str:
    return f"Date: {format_datetime(now)}"
