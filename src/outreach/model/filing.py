"""A copy of a letter for colleagues, in a folder of the mailbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfiled:
    """An accepted letter of which no copy is known to lie in a folder."""

    dispatch: str
    institution: str
    message_id: str
    raw: bytes  #: without the Date line
    date_header: str  #: the Date line as it went; "" = not written down
    sent_at: datetime | None  #: aware UTC; None = not known
