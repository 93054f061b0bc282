"""What a server answered, in which phase of the transaction (RFC 5321)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from outreach.model.status import HeldReason, Status


class Phase(StrEnum):
    """The phases of a transaction; what a loss means depends on the phase alone."""

    CONNECT = "connect"  #: name look-up, TCP, banner, EHLO, STARTTLS
    LOGIN = "login"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    BODY = "body"  #: the text, without the end-of-data mark
    DOT = "dot"  #: the mark has gone or may have gone: from here on a loss is in doubt


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The server's last reply to a letter: at DOT with 250 it is accepted, else refused in `phase`."""

    phase: Phase
    code: int
    text: str  #: capped, control characters removed

    @property
    def accepted(self) -> bool:
        return self.phase is Phase.DOT and 200 <= self.code < 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to send one letter, until the lease ends or the fence is raised."""

    dispatch: str
    institution: str
    state: str
    fence: int
    attempt: int  #: the attempt's row id
    tries: int  #: how many attempts were charged before this one
    recipient: str
    envelope_from: str
    message_id: str
    raw: bytes
    row: int = 0  #: the ledger's own number of the dispatch; 0 = it looks the dispatch up
    step: int = 0  #: 0 is the first letter; chasers count up


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a claim ended; what `ledger.settle` writes."""

    claim: Claim
    status: Status
    code: int | None = None
    text: str = ""
    phase: Phase | None = None
    next_at: datetime | None = None  #: for `queued`: not before
    charged: bool = True  #: False = the account's or the network's fault, the letter is not charged
    address_bad: bool = False  #: the refusal says the address itself is bad: the address learns it
    date_header: str = ""  #: the Date line that was put in front
    held: HeldReason | None = None  #: for `held`: why; None = its size, the only reason that a server gives
    policy: bool = False  #: refused by policy: several of these pause the campaign


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a claim granted now, and when to ask again."""

    claims: tuple[Claim, ...]
    waiting: int  #: queued letters of this selection that were not granted now
    next_at: datetime | None  #: when the first of them may be granted; None with waiting == 0
    reason: str = ""  #: what they wait for, in words: "pace of the account", "office hours of JP" …
    troubles: int = 0  #: of the account, in a row, that its server spoke of: the next rest is doubled as often
