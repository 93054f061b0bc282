"""Who is silent, since when, and what follows: every institution of a campaign under exactly one head."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from outreach.model.campaign import Mode


class DueGroup(StrEnum):
    """What an institution is counted under: each under exactly one, so that the totals add up."""

    VERY_OVERDUE = "very overdue"
    OVERDUE = "overdue"
    AWAITING = "awaiting"
    ACKNOWLEDGED = "acknowledged"
    IN_DIALOGUE = "in dialogue"
    ANSWERED = "answered"
    UNREACHABLE = "unreachable"
    CLOSED = "closed"
    NOT_WRITTEN = "not written"


#: Whoever owes an answer: what `outreach due` is asked for.
OWING = (DueGroup.VERY_OVERDUE, DueGroup.OVERDUE, DueGroup.AWAITING, DueGroup.ACKNOWLEDGED)


@dataclass(frozen=True, slots=True, kw_only=True)
class DueRow:
    """One institution."""

    state: str
    state_name: str
    institution: str
    name: str
    role: str
    group: DueGroup
    letters: int = 0  #: of ours that were accepted, or may have been
    since: datetime | None = None  #: aware UTC; of the letter, acknowledgement or answer that brought it here
    due: date | None = None  #: the last day on which an answer is in time, in the institution's own calendar
    overdue_from: date | None = None
    very_overdue_from: date | None = None
    next_step: int | None = None  #: the reminder that follows
    next_on: date | None = None  #: from this day on
    under_way: str = ""  #: that reminder's status, when it is in the ledger already
    why_not: str = ""  #: why it is not reminded today
    in_doubt: bool = False  #: one of our letters, a reminder too
    unreceipted: bool = False  #: it acknowledged every letter before the last, and not the last
    unproven: int | None = None  #: a mail that may be its answer: reminders wait for a person to look at it
    acknowledged_at: datetime | None = None  #: when the first acknowledgement came; aware UTC
    answered_at: datetime | None = None  #: when a person answered last; aware UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A campaign at one moment. Every institution of the plan has exactly one row."""

    campaign: str
    mode: Mode
    at: datetime  #: aware UTC
    rows: tuple[DueRow, ...]  #: who has been silent for the longest first
    counts: Mapping[DueGroup, int]  #: every group, zeros too; they add up to the rows
