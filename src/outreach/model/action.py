"""Actions: what a supporter submitted, from the form to the ministry's desk and out of our books again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class ActionStatus(StrEnum):
    """The condition of an action."""

    PENDING = "pending"  #: submitted; the address is not proved. Erased when it is not confirmed in time
    CONFIRMED = "confirmed"
    HELD = "held"  #: confirmed; a person looks at it first
    REFUSED = "refused"  #: by a person, with a reason
    WITHDRAWN = "withdrawn"  #: by the supporter
    ERASED = "erased"  #: nothing that identifies is left


class Origin(StrEnum):
    """Where an action came from."""

    PAGE = "page"
    IMPORT = "import"  #: a list of signatures collected elsewhere


class Way(StrEnum):
    """How an action reaches one of its targets."""

    COPY = "copy"  #: a letter of its own
    DIGEST = "digest"  #: counted, or listed, in the target's next digest


class Fate(StrEnum):
    """What has become of an action at one of its targets."""

    WAITING = "waiting"  #: confirmed or not, nothing is decided
    QUEUED = "queued"  #: a copy waits for its turn, or the next digest counts it
    SENT = "sent"  #: accepted by the target's mail server
    FAILED = "failed"  #: refused or returned
    TWICE = "twice"  #: this person has written to this institution before
    WITHDRAWN = "withdrawn"
    DROPPED = "dropped"  #: the target is suppressed, or no target any more


class Purpose(StrEnum):
    """What a link in a mail may be used for."""

    CONFIRM = "confirm"
    MANAGE = "manage"  #: withdraw; see, take along or erase one's data


class Learns(StrEnum):
    """What a target learns of a person, as the person was told."""

    COUNTS = "counts"  #: that one more has written
    NAMES = "names"  #: name and place
    ADDRESS = "address"  #: and the e-mail address, to answer it


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What a person agreed to, and when."""

    text_sha256: str  #: of the words that stood beside the button, hex
    at: datetime  #: aware UTC
    purpose: str
    quote: bool = False  #: words may be shown to targets without a name
    contact_again: bool = False  #: a second, separate choice


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAction:
    """What the form, or a row of a list, gives: every field checked."""

    id: str
    campaign: str
    supporter: str  #: keyed hash of the address: see rules.identity.supporter_key
    email: str  #: ASCII, ready for an envelope
    name: str
    place: str
    language: str  #: of the page, and so of our mails to this person
    words: str  #: the middle of the letter, in the supporter's own words or the suggestion
    sha256: str  #: of name, place, words and targets: what the confirmation is bound to
    similarity: float  #: 0..1, of the words to the suggestion
    targets: tuple[str, ...]  #: institutions
    consent: Consent
    origin: Origin = Origin.PAGE
    proof: str = ""  #: of consent, where it was collected elsewhere
    held: str = ""  #: why a person has to look at it once it is confirmed; "" = nobody has to
    told: Mapping[str, Learns] = field(default_factory=dict)  #: by institution; one that is missing learns counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """An action as the ledger has it. What was erased is ""."""

    id: str
    campaign: str
    supporter: str
    email: str
    name: str
    place: str
    language: str
    words: str
    sha256: str
    similarity: float
    targets: tuple[str, ...]
    consent: Consent
    origin: Origin
    status: ActionStatus
    held: str
    made_at: datetime  #: aware UTC, as below
    confirmed_at: datetime | None
    proof: str = ""  #: of consent, where it was collected elsewhere
    told: Mapping[str, Learns] = field(default_factory=dict)  #: as in `NewAction`


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionTarget:
    """One action at one of its targets."""

    action: str
    institution: str
    fate: Fate
    way: Way | None = None
    why: str = ""  #: such as "more than 30 days of letters wait: with the digest"
    dispatch: str = ""  #: of the copy or of the digest
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """How many have written to one target, by what became of it."""

    institution: str
    waiting: int = 0
    queued: int = 0
    sent: int = 0
    failed: int = 0
