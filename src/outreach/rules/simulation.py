"""How a simulated mail is told from a real one. Nothing follows from it but in a rehearsal."""

from __future__ import annotations

import re

from outreach.model.inbound import InboundMessage

HEADER = "X-Outreach-Simulated"
WORD = "SIMULATED"  #: the first of every simulated text
REASON = "simulated mail"  #: what the ledger keeps with it

_OPENS = re.compile(rf"[\s\ufeff]*{WORD}\b")


def simulated(message: InboundMessage) -> bool:
    """Whether a rehearsal wrote it: its head or the first word of its text says so."""
    return HEADER.lower() in message.headers or opens_simulated(message.text)


def opens_simulated(text: str) -> bool:
    """Whether the first word of a text says that it is simulated."""
    return _OPENS.match(text) is not None
