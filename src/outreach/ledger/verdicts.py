"""A person's word on what a mail is: beside the machine's, never in its place; every one is kept."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import bindparam, select, update

from outreach.errors import UsageError
from outreach.ledger.hearing import stop_chasing
from outreach.ledger.mails import storable
from outreach.ledger.post import note
from outreach.ledger.post_schema import inbound, inbound_event
from outreach.ledger.store import Query, Tx
from outreach.ledger.times import moment
from outreach.ledger.tray import IGNORED
from outreach.model.collected import NOT_THEIRS, InboundState, MatchRule
from outreach.model.inbound import InboundKind
from outreach.model.verdict import Judged, Verdict
from outreach.rules.silence import why_stopped

EVENT = "verdict"

_ONE = select(
    inbound.c.sha256,
    inbound.c.sender,
    inbound.c.subject,
    inbound.c.state,
    inbound.c.rule,
    inbound.c.campaign,
    inbound.c.institution,
    inbound.c.kind,
    inbound.c.kind_rule,
    inbound.c.person_kind,
).where(inbound.c.id == bindparam("id"))
_LOCKED = _ONE.with_for_update()
_SAY = update(inbound).where(inbound.c.id == bindparam("the_id")).values(person_kind=bindparam("person_kind"))
_SAID = (
    select(inbound_event.c.at, inbound_event.c.who, inbound_event.c.detail)
    .where(inbound_event.c.inbound_id == bindparam("id"), inbound_event.c.kind == EVENT)
    .order_by(inbound_event.c.id)
)


def judge(tx: Tx, number: int, kind: InboundKind, *, by: str, why: str) -> int:
    """A person says what a mail is; how many reminders that stops. Raises UsageError for no mail of theirs."""
    row = _mail(tx, number, _LOCKED)
    if row.rule in NOT_THEIRS:
        whose = "our own" if row.rule == MatchRule.OWN.value else "a supporter's own letter"
        raise UsageError(f"That mail is {whose}: nothing follows from it.", where=str(number))
    if row.person_kind == IGNORED:
        raise UsageError("That mail was set aside as none of ours: nothing follows from it.", where=str(number))
    tx.change(_SAY, {"the_id": number, "person_kind": kind.value})
    note(tx, number, EVENT, who=by, detail={"was": row.person_kind or row.kind, "kind": kind.value, "why": why})
    stops = why_stopped(kind, proven=True)
    if stops is None or row.state != InboundState.MATCHED.value or not row.institution:
        return 0
    return stop_chasing(tx, row.campaign or "", [row.institution], why=stops.value, by=storable(by))


def judged(tx: Tx, number: int) -> Judged:
    """A mail with every verdict on it. Raises UsageError when there is no such mail."""
    row = _mail(tx, number, _ONE)
    return Judged(
        mail=number,
        sha256=row.sha256,
        sender=row.sender,
        subject=row.subject,
        institution=row.institution or "",
        machine=InboundKind(row.kind) if row.kind else None,
        rule=row.kind_rule,
        verdicts=tuple(_verdict(*one) for one in tx.all(_SAID, id=number)),
    )


def _mail(tx: Tx, number: int, query: Query) -> Any:
    row = next(iter(tx.find(query, id=number)), None)
    if row is None:
        todo = "`outreach show CAMPAIGN STATE` and `outreach tray` name mails by their numbers."
        raise UsageError("There is no mail with that number.", where=str(number), todo=todo)
    return row


def _verdict(at: int, who: str, detail: str) -> Verdict:
    said = json.loads(detail)
    return Verdict(kind=InboundKind(said["kind"]), by=who, at=moment(at), why=said["why"])
