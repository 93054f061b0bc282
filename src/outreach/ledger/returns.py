"""What a report does to its letter and to its address: read, decided by `rules.returned` and written at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import bindparam, func, select, update

from outreach.ledger.addresses import learn_bounced
from outreach.ledger.changes import Move, move
from outreach.ledger.doubts import marked_at
from outreach.ledger.post_schema import CAME_AT, inbound
from outreach.ledger.proposals import propose
from outreach.ledger.schema import address, dispatch
from outreach.ledger.store import Tx
from outreach.ledger.times import moment
from outreach.model.collected import Returned
from outreach.model.event import EventKind
from outreach.model.evidence import Says
from outreach.model.inbound import InboundKind
from outreach.model.status import Status
from outreach.rules.proposals import Addressee, next_contact
from outreach.rules.returned import about, is_dead

_LETTER = (
    select(
        dispatch.c.n,
        dispatch.c.status,
        dispatch.c.address_norm,
        dispatch.c.sent_at,
        dispatch.c.campaign,
        dispatch.c.institution,
        dispatch.c.state,
    )
    .where(dispatch.c.n == bindparam("n"))
    .with_for_update()
)
_DEAD = select(address.c.address_norm).where(
    address.c.address_norm.in_(bindparam("those", expanding=True)), address.c.bounced_on.is_not(None)
)
_VERIFIED = select(address.c.verified_on).where(address.c.address_norm == bindparam("address_norm"))
_PENDING = update(inbound).where(inbound.c.id == bindparam("the_id")).values(pending=bindparam("pending"))
# Of each letter the last report: several reports on one letter are one bounce.
_BEFORE = (
    select(
        inbound.c.kind,
        func.max(CAME_AT).label("at"),
    )
    .join(dispatch, dispatch.c.n == inbound.c.dispatch_n)
    .where(
        (dispatch.c.address_norm == bindparam("address_norm"))
        | ((dispatch.c.address_norm > bindparam("shared")) & (dispatch.c.address_norm < bindparam("beyond"))),
        inbound.c.keyed,
        inbound.c.final,
        inbound.c.kind.in_([InboundKind.BOUNCE_HARD.value, InboundKind.BOUNCE_SOFT.value]),
    )
    .group_by(inbound.c.kind, inbound.c.dispatch_n)
)
_IN_HAND = frozenset({Status.CLAIMED, Status.COMMITTED})  #: a runner still talks to the server about it


def follow(tx: Tx, number: int, n: int, report: Returned, *, rule: str) -> bool:
    """Do to letter and address what the report asks for; whether anything changed. In a runner's hand it waits.

    An address that counts as dead proposes the next contact of its institution; `rule` is which one took the mail for
    a bounce.
    """
    (row,) = tx.find(_LETTER, n=n)
    status, box = Status(row.status), row.address_norm.partition(" ")[0]
    waits = status in _IN_HAND
    tx.change(_PENDING, {"the_id": number, "pending": waits})
    left_at = None if row.sent_at is None else moment(row.sent_at)
    dead = {one.address_norm for one in tx.find(_DEAD, those=sorted(report.addresses))} if report.addresses else set()
    if waits or not about(report, address=box, left_at=left_at, dead=dead):
        return False
    said = {"inbound": number, "words": report.words}
    changed = False
    if status is Status.IN_DOUBT:
        _taken(tx, row, said)
        status, changed = Status.ACCEPTED, True
    if not report.failed:
        return changed
    if status is Status.ACCEPTED:
        move(tx, [Move(n=n, was=status, now=Status.BOUNCED, kind=EventKind.BOUNCED, detail=said)])
        changed = True
    softs, hards = _earlier(tx, box)
    verified = _verified_on(tx, box)
    if is_dead(hard=report.hard, itself=box in report.addresses, softs=softs, hards=hards, verified_on=verified):
        learn_bounced(tx, box, report.words)
        to = Addressee(campaign=row.campaign, institution=row.institution, state=row.state, address=box)
        since = verified.isoformat() if verified else ""
        propose(tx, number, next_contact(to, words=report.words, rule=rule, proven=True, since=since))
    return changed


def _taken(tx: Tx, row: Any, said: Mapping[str, object]) -> None:
    """A report about a letter in doubt proves that a mail server took it."""
    proof = {"source": f"report {said['inbound']}", "says": Says.TAKEN.value, "words": said["words"]}
    settled = Move(
        n=row.n,
        was=Status.IN_DOUBT,
        now=Status.ACCEPTED,
        kind=EventKind.SETTLED,
        who="evidence",
        detail={"evidence": [proof]},
        also={"held": None, "sent_at": marked_at(tx, row.n)},
    )
    move(tx, [settled])


def _verified_on(tx: Tx, box: str) -> date | None:
    known = tx.one(_VERIFIED, address_norm=box)
    return date.fromisoformat(known[0]) if known and known[0] else None


def _earlier(tx: Tx, box: str) -> tuple[list[Any], list[Any]]:
    """When letters to this box came back: for a while, and for good. The report at hand is among them."""
    rows = tx.find(_BEFORE, address_norm=box, shared=f"{box} ", beyond=f"{box}!")
    hard = InboundKind.BOUNCE_HARD.value
    return [moment(one.at) for one in rows if one.kind != hard], [moment(one.at) for one in rows if one.kind == hard]
