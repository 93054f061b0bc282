"""A mail that came back, as it is read: what its bytes say, before anybody decides what it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class InboundKind(StrEnum):
    """What a mail that came back is: a closed list (docs/glossary.md)."""

    BOUNCE_HARD = "bounce_hard"  #: the address itself is bad (RFC 3463 X.1.1–X.1.3, X.1.6, X.1.10, or in words)
    BOUNCE_SOFT = "bounce_soft"  #: any other failure or delay
    AUTO_REPLY = "auto_reply"  #: out of office and the like
    ACKNOWLEDGEMENT = "acknowledgement"  #: "we have received your letter"; not an answer
    CHALLENGE = "challenge"  #: asks the sender to prove that it is a person
    COMPLAINT = "complaint"  #: an abuse report (RFC 5965)
    UNSUBSCRIBE = "unsubscribe"
    REPLY = "reply"  #: a person's answer; in doubt always this
    OTHER = "other"


#: After such a mail nobody there is reminded: a person has answered, or wants no more letters.
STOPPING = frozenset({InboundKind.REPLY, InboundKind.UNSUBSCRIBE, InboundKind.COMPLAINT})


class FindingKind(StrEnum):
    """What else a mail carries: proposed to a person, never applied by itself."""

    CONTACT_CHANGE = "contact_change"
    REFERRAL = "referral"  #: somebody else is competent
    CLARIFICATION = "clarification"  #: they ask something
    REFERENCE = "reference"  #: their number for our letter
    DEADLINE = "deadline"
    COMMITMENT = "commitment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One of them, with the words that it was found in."""

    kind: FindingKind
    value: str  #: the address, the number, the ISO date …; "" = only the words say it
    words: str  #: the sentence, capped
    rule: str = ""  #: which phrase fired, such as "fr.contact_change.2"; "" = a number's own pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A part that is no text of the mail."""

    name: str  #: as given, cleaned; never a path
    content_type: str
    size: int  #: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedRecipient:
    """One recipient of a delivery status notification (RFC 3464 2.3), fields lower-cased and unfolded."""

    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMessage:
    """A mail, read within caps; what could not be read is in `defects`. Nothing in it is trusted."""

    sha256: str  #: of the raw bytes
    size: int  #: bytes
    headers: Mapping[str, tuple[str, ...]]  #: lower-cased name -> values as they stood, unfolded, decoded, capped
    message_id: str = ""  #: with its angle brackets
    in_reply_to: tuple[str, ...] = ()  #: Message-IDs
    references: tuple[str, ...] = ()  #: Message-IDs, the oldest first
    sender: str = ""  #: the address of From, lower-cased domain; "" = none that can be read
    sender_name: str = ""
    recipients: tuple[str, ...] = ()  #: addresses of To, Cc, Delivered-To, X-Original-To, Envelope-To
    subject: str = ""
    date: datetime | None = None  #: aware; None = none that can be read
    text: str = ""  #: what a reader sees: text/plain, else HTML turned into text
    unseen: str = ""  #: what no reader sees at once, such as where links lead: good to look for our ids in, no more
    attachments: tuple[Attachment, ...] = ()
    report_fields: Mapping[str, str] = field(default_factory=dict)  #: of the message as a whole (RFC 3464 2.2)
    report: tuple[ReportedRecipient, ...] = ()  #: of each recipient; empty = no delivery status notification
    feedback: Mapping[str, str] = field(default_factory=dict)  #: of an abuse report (RFC 5965)
    receipt: Mapping[str, str] = field(default_factory=dict)  #: of a read receipt (RFC 8098 3.1)
    returned: str = ""  #: the head (and a little text) of the letter that came back, if any
    defects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Triage:
    """The machine's verdict on a mail; a person's stands beside it, never in its place."""

    kind: InboundKind
    rule: str  #: which rule fired, such as "dsn.action" or "fr.auto_reply.3"
    recipient: str = ""  #: of a bounce: whose address failed
    hard: bool | None = None  #: of a bounce
    final: bool | None = None  #: of a bounce: no more attempts are made
    reply_text: str = ""  #: the new words, without quote and signature; the whole mail always stands beside it
    findings: tuple[Finding, ...] = ()
