"""Erasing a person: rows emptied, letters removed, everything else that names them redacted, and the pages behind it.

What stays are the keyed hash, the fates and counts, and hashes of what was removed. Mail that a ministry has, backups,
and what is compressed or drawn inside an attachment are out of reach.
"""

from __future__ import annotations

from sqlalchemy import bindparam, delete, insert, select, update

from outreach.errors import LedgerError
from outreach.ledger.copied import empty_of
from outreach.ledger.forgetting import anonymise, forget
from outreach.ledger.quotas import forget_quotas_of
from outreach.ledger.retreat import retreat
from outreach.ledger.schema import THEIRS, dispatch, letter
from outreach.ledger.store import Tx
from outreach.ledger.supporter_schema import COPY, action, action_target, erasing
from outreach.ledger.traces import Traces, redact
from outreach.model.action import Fate, Way
from outreach.model.status import Status
from outreach.rules.redaction import Canaries

_ACTIONS = (
    select(action.c.n, action.c.campaign).where(action.c.supporter == bindparam("supporter")).order_by(action.c.n)
)
_COPIES = (
    select(dispatch.c.n, dispatch.c.status)
    .where(dispatch.c.sender == bindparam("sender"), THEIRS)
    .order_by(dispatch.c.n)
    .with_for_update()
)
_DIGESTS = (
    select(dispatch.c.n, dispatch.c.status)
    .where(
        dispatch.c.n.in_(
            select(action_target.c.dispatch_n)
            .join(action, action.c.n == action_target.c.action_n)
            .where(action.c.supporter == bindparam("supporter"), action_target.c.way == Way.DIGEST.value)
        )
    )
    .order_by(dispatch.c.n)
    .with_for_update()
)
_FREEZE = (
    update(letter)
    .where(letter.c.dispatch_n == bindparam("the_n"))
    .values(subject=bindparam("subject"), raw=bindparam("raw"))
)
_BYTES = select(letter.c.subject, letter.c.raw).where(letter.c.dispatch_n == bindparam("n"))
#: What is in doubt may have arrived, and nobody can look for it any more.
_LOST = (
    update(action_target)
    .where(action_target.c.dispatch_n == bindparam("the_dispatch"), action_target.c.fate == Fate.QUEUED.value)
    .values(fate=Fate.FAILED.value)
)
_UNLOCK = insert(erasing).values(id=1).inline()
_LOCK = delete(erasing)
_IN_HAND = frozenset({Status.CLAIMED, Status.COMMITTED})


def refuse_in_flight(tx: Tx, supporter: str) -> None:
    """Raise LedgerError while a runner has a letter of this person in hand."""
    rows = tx.all(_COPIES, sender=COPY + supporter) + tx.all(_DIGESTS, supporter=supporter)
    if any(Status(status) in _IN_HAND for _, status in rows):
        raise LedgerError(
            "A letter of this person is being sent right now: nothing was erased.",
            where=tx.where,
            todo="Run the command again in a few minutes, or stop the runner first.",
        )


def erase(tx: Tx, supporter: str, traces: Traces, canaries: Canaries) -> dict[str, int]:
    """Remove a person from the ledger; how much of each was removed. Raises LedgerError as `refuse_in_flight`."""
    actions = tx.all(_ACTIONS, supporter=supporter)
    for campaign in sorted({campaign for _, campaign in actions}):
        tx.alone(f"supporters {campaign}")
    tx.alone("post")
    refuse_in_flight(tx, supporter)
    digests = [n for n, _ in tx.all(_DIGESTS, supporter=supporter)]
    for number, _ in actions:
        retreat(tx, number)
    copies = [n for n, _ in tx.all(_COPIES, sender=COPY + supporter)]
    counts = {"copies": anonymise(tx, copies), "digests": sum(_redact_digest(tx, n, canaries) for n in digests)}
    for n in copies:
        tx.run(_LOST, the_dispatch=n)
    removed = [forget(tx, number) for number, _ in actions]
    tx.run(_UNLOCK)
    counts |= redact(tx, traces, canaries)
    counts["own letters"] = empty_of(tx, supporter)
    tx.run(_LOCK)
    return {
        "actions": len(actions),
        "notices": sum(notices for notices, _ in removed),
        "tokens": sum(tokens for _, tokens in removed),
        "quotas": forget_quotas_of(tx, supporter),
        **counts,
    }


def _redact_digest(tx: Tx, n: int, canaries: Canaries) -> int:
    """The copy that is kept of a digest; what was sent had the dispatch's own hash, and that stays."""
    found = tx.one(_BYTES, n=n)
    if found is None:
        return 0
    subject, raw = canaries.text(found[0]), canaries.mail(found[1])
    if (subject, raw) == tuple(found):
        return 0
    return tx.run(_FREEZE, the_n=n, subject=subject, raw=raw)
