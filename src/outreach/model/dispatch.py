"""Dispatches, the plan that makes them, and their standing in the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from outreach.model.contact import Contact
from outreach.model.status import HeldReason, Status

CAMPAIGN_SENDER = "campaign"  #: the sender of a campaign's own letters; supporters' copies carry the supporter


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """One letter to one contact at one step of a campaign.

    Unique by (campaign, step, institution, sender) and by (campaign, step, address_norm, sender).
    """

    id: str  #: 26 letters and digits of a keyed hash: also the letter's Message-ID and reply token
    campaign: str  #: the campaign's slug
    step: int  #: 0 is the first letter; chasers count up
    sender: str  #: CAMPAIGN_SENDER or a supporter
    institution: str
    institution_name: str
    state: str
    role: str
    recipient: str  #: the envelope's and To's address: in a rehearsal <id>@rehearsal.example
    address_norm: str  #: what makes it unique; the recipient's unless a box is shared on purpose
    demands: tuple[str, ...]
    languages: tuple[str, ...]  #: the languages of the letter's parts
    timezone: str = "UTC"  #: IANA, the target's
    calendar: str = ""  #: key of the target's working calendar: see rules.calendar
    dated: date  #: the day the letter shows


class SkipReason(StrEnum):
    """Why an institution gets no letter in a plan: a closed list, in the words a table shows."""

    NO_DEMAND = "no demand applies"
    EXCLUDED = "excluded by the campaign"
    NO_EMAIL = "no e-mail (post or form)"
    SAME_BOX = "same box"
    UNVERIFIED = "address not verified"
    STALE = "verified too long ago"
    BOUNCED = "address bounced"
    SUPPRESSED = "suppressed"
    RENAMED = "renamed?"
    NO_LANGUAGE = "no letter in a usable language"
    NOT_CHASED = "no reminder"
    FAULT = "fault in its row or letter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """An institution that gets no letter in this plan, and why."""

    institution: str
    institution_name: str
    state: str
    role: str
    reason: SkipReason
    detail: str = ""  #: such as "same box as bg-trade-1" or where to write by post
    post: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """The letters that a chaser follows: it goes into their thread and cites the first."""

    subject: str  #: of the first letter
    first: date  #: the day the first letter shows
    last: date  #: the day the letter before the chaser shows
    message_ids: tuple[str, ...]  #: with angle brackets, the oldest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A dispatch with the contact it was made from: what a letter is rendered with."""

    dispatch: Dispatch
    contact: Contact
    thread: Thread | None = None  #: None = a first letter


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Every institution exactly once: `len(planned) + len(skipped) == institutions`."""

    campaign: str
    step: int
    planned: tuple[Planned, ...]
    skipped: tuple[Skipped, ...]

    @property
    def institutions(self) -> int:
        return len(self.planned) + len(self.skipped)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A dispatch and its condition, as the ledger has it now."""

    dispatch: Dispatch
    status: Status
    held: HeldReason | None = None
    planned: bool = True  #: False = approved, and left out by a later plan: the next approval cancels it
    letter_sha: str = ""
    attempts: int = 0
    next_at: datetime | None = None  #: not before; aware UTC
    changed_at: datetime | None = None  #: of the last change of status; aware UTC
    sent_at: datetime | None = None  #: when the server accepted it; aware UTC
    server_code: int | None = None  #: of the last answer
    server_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTotals:
    """What a written plan changed, by dispatch id; with what stands now they add up to the plan."""

    drafted: tuple[str, ...] = ()  #: new, or back from held, cancelled, suppressed, rejected or bounced
    redrafted: tuple[str, ...] = ()  #: draft before and now, other bytes
    unchanged: tuple[str, ...] = ()  #: draft or queued before, same bytes
    changed_since_approval: tuple[str, ...] = ()  #: queued; the new bytes differ and were not taken
    gone: tuple[str, ...] = ()  #: left or may have left before, or refused at this address: untouched
    held: tuple[str, ...] = ()  #: waits for a person: untouched
    vanished_drafts: tuple[str, ...] = ()  #: drafts whose institution is no longer planned: cancelled now
    vanished_queued: tuple[str, ...] = ()  #: approved ones no longer planned: cancelled by the next approval
    digest: str = ""  #: of every draft of the campaign: what an approval names
