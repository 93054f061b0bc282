"""A letter in doubt, what was seen of it elsewhere, and what that says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from outreach.model.dispatch import Standing

#: The header of the copies that we file ourselves: they show what was sent, and prove nothing about it.
COPY_MARK = "X-Outreach-Copy"


class Says(StrEnum):
    """What a finding says about a letter in doubt."""

    TAKEN = "taken"  #: a mail server took it
    NOT_TAKEN = "not taken"  #: no mail server has it: proof, not a mere absence
    NOTHING = "nothing"  #: worth showing to a person, and no more


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One finding. Of one source the newest counts."""

    source: str  #: where it was found, such as "folder Sent" or "log mail.log"
    says: Says
    words: str
    at: datetime | None = None  #: when it was written down; aware UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A letter of the same account that was accepted at about that time: where it is missing, absence is no proof."""

    message_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A letter that may have arrived, or one that is held: with all that settling it asks for."""

    standing: Standing
    message_id: str
    fence: int  #: of the attempt; another one means that somebody has settled it since
    account: str = ""  #: as which it was sent
    marked_at: datetime | None = None  #: just before the end-of-data mark; None = not from an attempt in this ledger
    restored: bool = False  #: the ledger came back from a backup after the attempt: later attempts may be missing in it
    neighbours: tuple[Neighbour, ...] = ()  #: the nearest before and after it, by time
    evidence: tuple[Evidence, ...] = ()  #: found since it came into doubt, in the order of finding


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderLook:
    """Which of the letters that were looked for lie in a folder of a mailbox, by Message-ID."""

    folder: str
    theirs: frozenset[str] = frozenset()  #: put there by somebody else: the provider, a journal rule
    ours: frozenset[str] = frozenset()  #: our own copies, by their mark


class LogState(StrEnum):
    """How far a mail server's log follows a letter."""

    SEEN = "its Message-ID was seen, and no more"
    ARRIVED = "taken"
    SENT = "sent on"
    DEFERRED = "taken, delayed"
    BOUNCED = "taken, returned"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """What a server's log says last of one letter."""

    state: LogState
    words: str = ""  #: the server's own, capped


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLook:
    """What the files of a server's log say of the letters that were looked for, by Message-ID."""

    name: str
    letters: Mapping[str, LogLine] = field(default_factory=dict)
    files: tuple[tuple[str, ...], ...] = ()  #: for each file the Message-IDs of these letters, in its order


class MailKind(StrEnum):
    """What a mail that names one of our letters is, by its headers."""

    BOUNCE = "report of a mail server"
    AUTO_REPLY = "automatic answer"
    REPLY = "answer"
    LETTER = "the letter itself"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSeen:
    """A mail that names some of our letters."""

    where: str  #: a folder, or a file
    kind: MailKind
    names: frozenset[str]  #: the dispatch ids that stand anywhere in it
    threaded: frozenset[str] = frozenset()  #: those that it answers: by In-Reply-To, or by the address it came to
    returned: frozenset[str] = frozenset()  #: those in the Message-ID of a letter that it returns or reports about
    message_id: str = ""
    sender: str = ""  #: the address in From
    subject: str = ""
    ours: bool = False  #: a copy that we filed
    to_me: bool = False  #: it is, or is about, a copy that went to the organiser's own box
    received: bool = False  #: it has a Received line: a mail server has handled it
