"""Proposals and what persons said of them. A proposal is written once, whichever run or mail says the same again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import bindparam, insert, or_, select

from outreach.errors import UsageError
from outreach.ledger.addresses import verify_addresses
from outreach.ledger.mails import storable
from outreach.ledger.post_schema import inbound, proposal, ruling
from outreach.ledger.schema import dispatch, institution, letter
from outreach.ledger.store import Tx
from outreach.ledger.times import moment
from outreach.ledger.upserts import insert_new
from outreach.model.collected import NOT_THEIRS, Match, MatchRule
from outreach.model.inbound import Triage
from outreach.model.proposal import NewRuling, Proposal, ProposalFate, ProposalKind, Proposed, Target
from outreach.rules.proposals import Addressee, may_propose, proposals

_ROW = tuple(column.name for column in proposal.columns if column.name != "id")
_RULE = insert(ruling).values({column.name: bindparam(column.name) for column in ruling.columns}).inline()
_TO = (
    select(dispatch.c.campaign, dispatch.c.state, dispatch.c.address_norm, letter.c.envelope_from)
    .join(letter, letter.c.dispatch_n == dispatch.c.n)
    .where(dispatch.c.id == bindparam("id"))
)
_STATE = select(institution.c.state).where(institution.c.id == bindparam("id"))
_ALL = (
    select(
        proposal,
        inbound.c.sha256,
        inbound.c.rule.label("match"),
        inbound.c.authentication,
        inbound.c.received_at,
        inbound.c.dated,
        ruling.c.at.label("ruled_at"),
        ruling.c.fate,
        ruling.c.who,
        ruling.c.why,
        ruling.c.detail,
    )
    .join(inbound, inbound.c.id == proposal.c.inbound_id)
    .outerjoin(ruling, ruling.c.proposal_id == proposal.c.id)
    .order_by(proposal.c.id)
)
# An institution is one, however many campaigns write to it.
_OF_CAMPAIGN = _ALL.where(
    or_(
        proposal.c.campaign.in_([bindparam("campaign"), ""]),
        proposal.c.institution.in_(
            select(dispatch.c.institution).where(dispatch.c.campaign == bindparam("campaign")).scalar_subquery()
        ),
    )
)
_STANDING = (
    select(proposal.c.id, ruling.c.fate, ruling.c.who, ruling.c.at)
    .outerjoin(ruling, ruling.c.proposal_id == proposal.c.id)
    .where(proposal.c.id == bindparam("id"))
)


def propose(tx: Tx, number: int, change: Proposed) -> None:
    """Keep a proposal; one that says the same, open or settled, stays the only one."""
    values = {
        "at": tx.now,
        "kind": change.kind.value,
        "campaign": change.campaign,
        "institution": change.institution,
        "state": change.state,
        "was": storable(change.was),
        "now": storable(change.now),
        "key": storable(change.key),
        "words": storable(change.words),
        "rule": storable(change.rule),
        "proven": change.proven,
        "since": change.since,
        "proposed_by": storable(change.by),
        "inbound_id": number,
    }
    tx.change(insert_new(proposal, _ROW, server=tx.server), values)


def propose_what_it_says(tx: Tx, number: int, verdict: Triage, found: Match) -> None:
    """Keep what a mail proposes that belongs to somebody."""
    if found.rule is None or found.rule in NOT_THEIRS or not found.institution or not may_propose(verdict):
        return
    for change in proposals(verdict, addressee(tx, found), rule=found.rule, keyed=found.keyed):
        propose(tx, number, change)


def all_proposals(tx: Tx, campaign: str) -> list[Proposal]:
    """Every proposal for the institutions of a campaign, or of all ("" ), the oldest first."""
    rows = tx.find(_OF_CAMPAIGN, campaign=campaign) if campaign else tx.find(_ALL)
    return [_proposal(row) for row in rows]


def settle(tx: Tx, rulings: Sequence[NewRuling], *, verified: bool, today: date) -> None:
    """Write down a person's word on each, all or none; `verified`: they also checked the addresses.

    Raises UsageError for a proposal that is not there or is settled already.
    """
    tx.alone("post")
    for one in rulings:
        _refuse_settled(tx, one.proposal)
        detail: dict[str, Any] = {"address": one.address, "row": one.row}
        if one.target is not None:
            detail["target"] = asdict(one.target)
        tx.run(
            _RULE,
            proposal_id=one.proposal,
            at=tx.now,
            fate=one.fate.value,
            who=storable(one.by),
            why=storable(one.why),
            detail=storable(json.dumps(detail, ensure_ascii=False)),
        )
        if verified and one.address:
            verify_addresses(tx, [one.address.casefold()], by=one.by, on=today)


def _refuse_settled(tx: Tx, number: int) -> None:
    row = next(iter(tx.find(_STANDING, id=number)), None)
    todo = "`outreach proposals CAMPAIGN` lists those that are open, with --all the others too."
    if row is None:
        raise UsageError("There is no proposal with that number.", where=str(number), todo=todo)
    if row.fate is not None:
        found = f"That proposal is settled: {row.fate} by {row.who} on {moment(row.at):%Y-%m-%d}."
        raise UsageError(found, where=str(number), todo=todo)


def addressee(tx: Tx, found: Match) -> Addressee:
    """To whom the letter went that a mail was matched with."""
    row = next(iter(tx.find(_TO, id=found.dispatch)), None) if found.dispatch else None
    if row is None:
        known = tx.one(_STATE, id=found.institution)
        state = known[0] if known else ""
        return Addressee(campaign=found.campaign, institution=found.institution, state=state, address="")
    return Addressee(
        campaign=row.campaign,
        institution=found.institution,
        state=row.state,
        address=row.address_norm.partition(" ")[0],
        ours=frozenset({row.envelope_from.casefold()}),
    )


def _proposal(row: Any) -> Proposal:
    at = row.received_at if row.received_at is not None else row.dated
    return Proposal(
        id=row.id,
        at=moment(row.at),
        change=Proposed(
            kind=ProposalKind(row.kind),
            campaign=row.campaign,
            institution=row.institution,
            state=row.state,
            was=row.was,
            now=row.now,
            words=row.words,
            rule=row.rule,
            proven=bool(row.proven),
            since=row.since,
            by=row.proposed_by,
        ),
        mail=row.inbound_id,
        sha256=row.sha256,
        match=MatchRule(row.match) if row.match else None,
        authentication=row.authentication,
        received_at=None if at is None else moment(at),
        ruling=_ruling(row),
        ruled_at=None if row.ruled_at is None else moment(row.ruled_at),
    )


def _ruling(row: Any) -> NewRuling | None:
    if row.fate is None:
        return None
    detail = json.loads(row.detail)
    target = detail.get("target")
    return NewRuling(
        proposal=row.id,
        fate=ProposalFate(row.fate),
        by=row.who,
        why=row.why,
        address=detail.get("address", ""),
        row=tuple(detail.get("row", ())),
        target=Target(**target) if target else None,
    )
