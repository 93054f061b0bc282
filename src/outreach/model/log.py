"""The log per state: where each institution of a plan stands, in words that a table can show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from outreach.model.campaign import Mode
from outreach.model.dispatch import SkipReason
from outreach.model.status import Status


class Group(StrEnum):
    """What an institution is counted under: each under exactly one, so that every total adds up."""

    ACCEPTED = "accepted"  #: by the mail server; never "delivered"
    BOUNCED = "bounced"  #: accepted first, then returned
    QUEUED = "queued"  #: approved: waiting for its turn, or having it
    DRAFT = "draft"  #: not approved
    REFUSED = "refused"
    IN_DOUBT = "in doubt"
    HELD = "held"
    SKIPPED = "skipped"
    BY_POST = "post or form only"
    CLOSED = "closed"  #: cancelled, suppressed or anonymised


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """One institution: its letter and what became of it, or why it gets none."""

    state: str
    state_name: str
    institution: str  #: the institution's id
    name: str
    role: str
    group: Group
    status: Status | None = None  #: None = no letter: see `skip`
    skip: SkipReason | None = None  #: why the latest plan has no letter for it
    words: str  #: the status for people, such as "accepted by the mail server"
    reason: str = ""  #: why it is held, skipped, waiting, refused …: for people
    demands: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    dated: date | None = None  #: the day the letter shows
    sent_at: datetime | None = None  #: when the server accepted it; aware UTC
    attempts: int = 0
    server_code: int | None = None  #: of the last answer
    server_text: str = ""
    recipient: str | None = None  #: in a rehearsal <id>@rehearsal.example
    post: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRow:
    """One state: how many of its institutions are in each group; `sum(counts.values()) == institutions`."""

    state: str
    state_name: str
    institutions: int
    counts: Mapping[Group, int]  #: every group, zeros too


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """One step of a campaign as its ledger has it at one moment. Every institution of the plan has exactly one row."""

    campaign: str
    mode: Mode
    at: datetime  #: aware UTC
    rows: tuple[LogRow, ...]  #: by state and institution
    states: tuple[StateRow, ...]  #: in the rows' order
    counts: Mapping[Group, int]  #: every group, zeros too
    statuses: Mapping[Status, int]  #: of the letters; those that occur
    skips: Mapping[SkipReason, int]  #: of the institutions without a letter; those that occur

    @property
    def institutions(self) -> int:
        """How many rows there are; the sum of `counts`, and of `statuses` and `skips` together."""
        return len(self.rows)
