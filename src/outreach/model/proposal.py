"""Proposals: what a mail makes us think should change. Kept for ever, and never applied before a person approves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from outreach.model.campaign import Mode
from outreach.model.collected import KEYED, MatchRule


class ProposalKind(StrEnum):
    """What would change: a closed list."""

    NEXT_CONTACT = "next_contact"  #: its address is bad: write to the next one that its sheet has
    NEW_ADDRESS = "new_address"  #: they name another address for it
    NEW_TARGET = "new_target"  #: they say that somebody else is competent
    SENDER = "sender"  #: a person has attached a mail: whoever sent it writes for the institution


#: Approving one of these changes where the next letter goes.
REDIRECTING = frozenset({ProposalKind.NEXT_CONTACT, ProposalKind.NEW_ADDRESS})


class ProposalFate(StrEnum):
    """What became of it."""

    OPEN = "open"
    APPROVED = "approved"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A change, as a mail suggests it."""

    kind: ProposalKind
    campaign: str  #: of the letter that the mail belongs to; "" = of none in particular
    institution: str
    state: str
    was: str = ""  #: the address that was written to, normalised
    now: str = ""  #: the address that they name; "" = none is named, or the sheet will say
    words: str = ""  #: the sentence that it was found in
    rule: str = ""  #: which rule fired, such as "fr.contact_change.2"
    proven: bool = False  #: the mail names our letter by its keyed id
    since: str = ""  #: of a bad address the day of the verification that is refuted: verified anew, it may fail anew
    by: str = ""  #: a person; "" = the machine

    @property
    def key(self) -> str:
        """What two proposals of one kind and institution share when they say the same."""
        if self.kind is ProposalKind.NEXT_CONTACT:
            return f"{self.was} {self.since}".strip()
        return self.now.casefold() or self.words


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Whom a person takes somebody for that a referral names: a row that a sheet may get."""

    id: str
    state: str
    role: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRuling:
    """A person's word on a proposal."""

    proposal: int
    fate: ProposalFate
    by: str
    why: str = ""
    address: str = ""  #: approved, as it stands on an envelope
    row: tuple[str, ...] = ()  #: the institution's addresses in its sheet then, normalised, in their order
    target: Target | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A proposal with the mail that it comes from, and what became of it."""

    id: int
    at: datetime  #: aware UTC, when it was made
    change: Proposed
    mail: int
    sha256: str  #: of the mail's raw bytes
    match: MatchRule | None  #: how the mail found its correspondence
    authentication: str  #: what our own mail server found out about the sender, or "not checked"
    received_at: datetime | None = None
    ruling: NewRuling | None = None  #: None = open
    ruled_at: datetime | None = None

    @property
    def fate(self) -> ProposalFate:
        """Open until a person has said."""
        return self.ruling.fate if self.ruling else ProposalFate.OPEN

    @property
    def keyed(self) -> bool:
        """Whether the mail was matched by what nobody can write who has not seen the letter."""
        return self.match in KEYED


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRow:
    """A proposal as a person reads it."""

    proposal: Proposal
    name: str  #: of the institution, as far as it is known
    to: str  #: the address or target that it would change to, or has changed to; "" = none
    about: str = ""  #: what a person should know of it, such as "not verified yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposals:
    """The proposals of a campaign in one mode."""

    campaign: str
    mode: Mode
    at: datetime  #: aware UTC
    rows: tuple[ProposalRow, ...]

    @property
    def open(self) -> int:
        """How many wait for a person."""
        return sum(one.proposal.fate is ProposalFate.OPEN for one in self.rows)
