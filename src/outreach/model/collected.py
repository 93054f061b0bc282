"""Mail on its way into the ledger: as it was fetched, whose it is, and what the ledger then has of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from outreach.model.inbound import InboundMessage, Triage

LARGEST_MAIL = 25_000_000  #: bytes; of a larger one only the head is kept, and a person is told


@dataclass(frozen=True, slots=True, kw_only=True)
class RawMail:
    """A mail's bytes as they came over the wire (CRLF), whatever the line ends of the file that held them."""

    sha256: str
    raw: bytes
    size: int  #: bytes of the whole mail, as its source says
    where: str  #: such as "INBOX, UID 7", for a person to find it
    lacks: str = ""  #: why `raw` is the head alone; "" = it is whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookmark:
    """How far a source has been read."""

    uidvalidity: int = 0  #: IMAP
    uid: int = 0  #: IMAP: every mail up to this one was fetched
    position: int = 0  #: mbox: every byte before this one was read
    seal: str = ""  #: mbox: a hash over what stands before the position: another one means that it was rewritten
    names: frozenset[str] = frozenset()  #: Maildir: the unique names that were read


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Some mails of a source, and how far it has been read once they are kept."""

    mails: tuple[RawMail, ...]
    after: Bookmark  #: of `names` only those that this batch adds
    left: int = 0  #: mails that are still to come, as far as that is known
    troubles: tuple[str, ...] = ()  #: what could not be read now, and will be tried again


class InboundState(StrEnum):
    """Where the machine, or a person, has put a mail: a closed list; nothing is in two of them, and nothing in none."""

    MATCHED = "matched"
    TRAY = "tray"  #: it surely belongs to nobody: a person decides
    QUARANTINED = "quarantined"  #: it could not be read; its bytes are kept


class MatchRule(StrEnum):
    """How a mail found its correspondence, from the surest to the weakest."""

    ADDRESS = "address"  #: the token in the address that it came to
    THREAD = "thread"  #: it answers our Message-ID
    RETURNED = "returned"  #: a report that returns our letter's head, or names its envelope
    QUOTED = "quoted"  #: our Message-ID or token stands in its text
    THEIRS = "theirs"  #: it goes on in a thread of theirs that belongs here: by their Message-ID or Thread-Index
    REFERENCE = "reference"  #: their number for our letter
    BESIDE = "beside"  #: the institution's, where supporters who write from their own mailboxes send a copy
    SENDER = "sender"  #: who wrote it, and a subject like ours: a guess above the threshold
    OWN = "own"  #: our own letter, a copy of it, or a mail that we wrote ourselves
    SUPPORTER = "supporter"  #: a letter that a supporter sent from their own mailbox, or went on with
    PERSON = "person"  #: a person said so


#: What nobody can write who has not seen the letter: the keyed id, where a mail program puts it.
KEYED = frozenset({MatchRule.ADDRESS, MatchRule.THREAD, MatchRule.RETURNED})
#: What is said in such a mail counts at once: its writer has seen our letter, or a person has looked.
PROVEN = KEYED | {MatchRule.QUOTED, MatchRule.PERSON}
#: Exact, keyed or not: what such a mail says of its own names may be learnt.
EXACT = KEYED | {MatchRule.QUOTED, MatchRule.THEIRS, MatchRule.REFERENCE, MatchRule.PERSON}
#: No institution wrote it: it answers nothing, proposes nothing, stops nothing and is no source.
NOT_THEIRS = frozenset({MatchRule.OWN, MatchRule.SUPPORTER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """To whom a mail may belong."""

    institution: str
    score: float  #: 0 to 1
    why: str
    campaign: str = ""
    dispatch: str = ""  #: the likeliest of its letters; "" = none in particular


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What the rules make of a mail: it belongs to a letter, or there are guesses at most, the likeliest first."""

    rule: MatchRule | None = None  #: None = the tray
    institution: str = ""
    campaign: str = ""
    dispatch: str = ""
    score: float = 1.0
    guesses: tuple[Guess, ...] = ()

    @property
    def keyed(self) -> bool:
        """Whether it may move a status by itself."""
        return self.rule in KEYED


class ReferenceKind(StrEnum):
    """The names that an institution has for a correspondence."""

    NUMBER = "number"  #: a file number, without its signs
    MESSAGE_ID = "message_id"  #: of a mail of theirs
    THREAD_INDEX = "thread_index"  #: the first 22 bytes of Outlook's, which a whole conversation shares


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One of them, learnt from a mail that was matched exactly."""

    kind: ReferenceKind
    value: str
    institution: str
    campaign: str = ""
    dispatch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A letter of ours, as far as answers to it are recognised by it."""

    dispatch: str
    campaign: str
    step: int
    institution: str
    institution_name: str
    state: str
    address: str  #: normalised
    subject: str
    left_at: datetime | None = None  #: when it was accepted; None = not known to have left


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A mail that came where supporters who write to an institution from their own mailboxes send a copy."""

    campaign: str
    institution: str
    supporter: str = ""  #: keyed hash of its writer's address, see rules.identity; "" = not known to be a supporter's


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What a standard report says of one letter of ours."""

    failed: bool  #: it was given up; False = only delayed, delivered, relayed or expanded
    addresses: frozenset[str]  #: whose it was that failed: as we wrote it, and as it was at the end
    hard: bool
    words: str
    dated: datetime | None  #: of the report


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """A mail that was read, matched and triaged, or could not be: what the ledger takes down of it."""

    sha256: str
    state: InboundState
    reason: str = ""  #: why it is quarantined, or that it is simulated
    message: InboundMessage | None = None
    match: Match = Match()
    triage: Triage | None = None
    authentication: str = ""
    received_at: datetime | None = None  #: as our own server says at its head; aware
    references: tuple[Reference, ...] = ()  #: learnt from it
    returned: Returned | None = None  #: of a standard report that names our letter by its keyed id
    copied: Copied | None = None  #: of a supporter's own letter, and of what came to its address


@dataclass(frozen=True, slots=True, kw_only=True)
class TrayItem:
    """A mail that waits for a person, or that one has set aside."""

    id: int
    state: InboundState
    reason: str
    sha256: str
    sender: str
    subject: str
    received_at: datetime | None
    kind: str
    authentication: str
    guesses: tuple[Guess, ...] = ()
    aside_by: str = ""  #: who set it aside; "" = it waits


@dataclass(frozen=True, slots=True, kw_only=True)
class PostTotals:
    """All mail in the ledger: `mails == matched + tray + quarantined`, always."""

    mails: int = 0
    by_state: Mapping[InboundState, int] = field(default_factory=dict)
    ignored: int = 0  #: of the tray and the quarantined: a person has set them aside

    @property
    def adds_up(self) -> bool:
        """Whether nothing is lost."""
        return self.mails == sum(self.by_state.values())

    @property
    def waiting(self) -> int:
        """How many wait for a person."""
        return self.of(InboundState.TRAY) + self.of(InboundState.QUARANTINED) - self.ignored

    def of(self, state: InboundState) -> int:
        """How many are in a state."""
        return self.by_state.get(state, 0)

    def __str__(self) -> str:
        parts = " + ".join(f"{self.of(state):,} {state.value}" for state in InboundState)
        aside = f" ({self.ignored:,} set aside by a person)" if self.ignored else ""
        return f"{self.mails:,} in = {parts}{aside}"
