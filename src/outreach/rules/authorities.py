"""What each authority of a rehearsal does with a letter: most stay silent.

Decided by the institution's id alone, so that a rehearsal can be repeated. An authority of a real state bounces,
replies automatically, acknowledges or stays silent; it says nothing about a demand. Words of their own have invented
states only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime

from outreach.model.inbound import InboundKind
from outreach.model.simulated import Reached, Repertoire, Script, Simulated, Text
from outreach.rules.positions import invented
from outreach.rules.simulated_mail import answer, report

#: Of a hundred institutions; the others stay silent.
SHARES = (
    (InboundKind.BOUNCE_HARD, 3),
    (InboundKind.BOUNCE_SOFT, 2),
    (InboundKind.AUTO_REPLY, 8),
    (InboundKind.ACKNOWLEDGEMENT, 17),
)
MACHINES = frozenset(kind for kind, _ in SHARES)  #: all that an authority of a real state may answer
FALLBACK = "en"


def answers(letter: Reached, repertoire: Repertoire, *, at: datetime) -> Iterator[Simulated]:
    """What comes back for one letter, dated `at`; nothing from most."""
    scripts = [one for one in repertoire.scripts if _fits(one, letter)]
    for number, script in enumerate(scripts):
        yield answer(letter, script.text, sender=script.sender, says=script.says, number=number, at=at)
    kind = None if scripts else habit(letter.institution)
    if kind in {InboundKind.BOUNCE_HARD, InboundKind.BOUNCE_SOFT}:
        yield report(letter, kind, at=at)
    elif kind is not None:
        yield answer(letter, _stock(letter, kind, repertoire), at=at)


def habit(institution: str) -> InboundKind | None:
    """What an institution without a script does with letters; None = it stays silent."""
    drawn = int.from_bytes(hashlib.sha256(institution.encode()).digest()[:4]) % 100
    for kind, share in SHARES:
        if drawn < share:
            return kind
        drawn -= share
    return None


def _fits(script: Script, letter: Reached) -> bool:
    """A script speaks for one institution of an invented state, and to what it was asked."""
    if script.institution != letter.institution or not invented(letter.state):
        return False
    return not script.says or any(one.demand in letter.demands for one in script.says)


def _stock(letter: Reached, kind: InboundKind, repertoire: Repertoire) -> Text:
    spoken = (*letter.languages, FALLBACK)
    return next(repertoire.stock[kind, one] for one in spoken if (kind, one) in repertoire.stock)
