"""Words that stood in the ledger before a person came: a name that is no more than these says nothing of the person.

Whoever calls themselves "support", or is called Grant, would else take that word out of every answer when they leave.
"""

from __future__ import annotations

import zlib

from sqlalchemy import bindparam, select

from outreach.ledger.post_schema import inbound, raw_mail
from outreach.ledger.schema import OURS, deed, dispatch, event, letter
from outreach.ledger.store import Tx
from outreach.model.collected import NOT_THEIRS, InboundState
from outreach.rules.redaction import Canaries

_LETTERS = select(letter.c.raw).join(dispatch, dispatch.c.n == letter.c.dispatch_n).where(OURS)
#: What is in the tray the person may have written.
_ANSWERS = (
    select(raw_mail.c.packed)
    .join(inbound, inbound.c.sha256 == raw_mail.c.sha256)
    .where(
        raw_mail.c.first_seen < bindparam("before"),
        inbound.c.state == InboundState.MATCHED.value,
        inbound.c.rule.not_in(sorted(rule.value for rule in NOT_THEIRS)),
    )
)
_PERSONS = (select(event.c.who).distinct(), select(deed.c.who).distinct())


def is_commonplace(tx: Tx, spelling: Canaries, before: int) -> bool:
    """Whether it stands in a letter of the campaigns' own, in an answer from before then, or names an organiser."""
    answers = (zlib.decompress(packed) for (packed,) in tx.each(_ANSWERS, before=before))
    persons = (who for query in _PERSONS for (who,) in tx.each(query))
    return (
        any(spelling.text(one) != one for one in persons)
        or any(spelling.mail(raw) != raw for (raw,) in tx.each(_LETTERS))
        or any(spelling.mail(raw) != raw for raw in answers)
    )
