"""What happened to a dispatch: append-only, and the truth from which every status can be refolded."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from outreach.model.status import Status


class EventKind(StrEnum):
    """The names that senders already share (docs/glossary.md), and ours beside them."""

    DRAFTED = "drafted"
    REDRAFTED = "redrafted"  #: same status, new bytes
    QUEUED = "queued"  #: approved
    RETURNED = "returned"  #: from queued, held, rejected or cancelled back to draft
    CLAIMED = "claimed"
    COMMITTED = "committed"
    SENT = "sent"  #: accepted by the server
    DEFERRED = "deferred"  #: refused for now, tried again later
    RELEASED = "released"  #: given back before anything could be delivered
    REJECTED = "rejected"
    IN_DOUBT = "in_doubt"
    HELD = "held"
    CANCELLED = "cancelled"
    SUPPRESSED = "suppressed"
    BOUNCED = "bounced"
    EVIDENCE = "evidence"  #: something found about a letter in doubt: it changes no status
    RESTORED = "restored"  #: in doubt because the ledger came from a backup
    SETTLED = "settled"  #: a letter in doubt, by evidence or a person; a held one, by a person
    ANONYMISED = "anonymised"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of the log. Order is by `id`, not by time."""

    id: int
    at: datetime  #: aware UTC, the ledger's clock
    dispatch: str
    kind: EventKind
    was: Status | None
    now: Status
    by: str = ""  #: a person's name, or the runner's
    detail: dict[str, object] = field(default_factory=dict)  #: code, text, reason …
