"""What was heard from an institution: the part of what came back that silence, chasers and the log ask for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from outreach.model.collected import MatchRule
from outreach.model.inbound import InboundKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One mail, or a word by post or telephone, from an institution; the person's verdict where there is one."""

    id: int  #: of the inbound mail in the ledger; 0 = it was no mail
    institution: str
    state: str
    kind: InboundKind
    at: datetime  #: aware UTC, when it was received
    message_id: str = ""
    subject: str = ""
    sender: str = ""
    rehearsal: bool = False  #: simulated
    matched: MatchRule | None = None  #: how it found its correspondence
    machine: InboundKind | None = None  #: the machine's own verdict; None = it could not read it
    why: str = ""  #: the rule behind that verdict
    person: str = ""  #: who said whose it is, or what it is
    authentication: str = ""  #: what our own mail server found out about its sender
    proven: bool = True  #: it was keyed, our server vouches for its sender, or a person has looked at it
