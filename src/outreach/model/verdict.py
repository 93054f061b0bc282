"""What a mail is taken for: by the machine, and by persons beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from outreach.model.inbound import InboundKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A person's word on the kind of a mail."""

    kind: InboundKind
    by: str
    at: datetime  #: aware UTC
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A mail and every verdict on it; the last person's counts, and the machine's stays."""

    mail: int
    sha256: str
    sender: str
    subject: str
    institution: str  #: "" = it belongs to nobody yet
    machine: InboundKind | None  #: None = it could not be read
    rule: str
    verdicts: tuple[Verdict, ...] = ()  #: of persons, the oldest first
