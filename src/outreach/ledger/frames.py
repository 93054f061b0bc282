"""Supporter frames: what a person approved once, so that confirmed copies inside it need no other approval."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from sqlalchemy import bindparam, delete, insert, select

from outreach.ledger.changes import Move, correct, move
from outreach.ledger.rows import packed
from outreach.ledger.schema import THEIRS, dispatch
from outreach.ledger.store import Tx
from outreach.ledger.supporter_schema import frame, frame_target
from outreach.ledger.times import moment
from outreach.ledger.upserts import upsert
from outreach.model.event import EventKind
from outreach.model.status import Status
from outreach.model.supporter import ApprovedFrame, Delivery, Exposure, Frame, Target
from outreach.rules.planning import REHEARSAL_DOMAIN

CHUNK = 500  #: letters at once

_FRAME = select(frame.c.digest, frame.c.who, frame.c.at).where(frame.c.campaign == bindparam("the_campaign"))
_LOCKED_FRAME = _FRAME.with_for_update(read=True)
_TARGETS = select(frame_target).where(frame_target.c.campaign == bindparam("the_campaign")).order_by(frame_target.c.n)
_FORGET = delete(frame_target).where(frame_target.c.campaign == bindparam("the_campaign"))
_TARGET = insert(frame_target).values({c.name: bindparam(c.name) for c in frame_target.columns}).inline()
_QUEUED = (
    select(dispatch.c.n)
    .where(
        dispatch.c.campaign == bindparam("the_campaign"),
        THEIRS,
        dispatch.c.status == Status.QUEUED.value,
        dispatch.c.institution.not_in(bindparam("suppressed", expanding=True)),
    )
    .order_by(dispatch.c.n)
    .limit(CHUNK)
    .with_for_update()
)
_IN_HAND = (
    select(dispatch.c.n)
    .where(
        dispatch.c.campaign == bindparam("the_campaign"),
        THEIRS,
        dispatch.c.status.in_([one.value for one in (Status.CLAIMED, Status.COMMITTED, Status.IN_DOUBT, Status.HELD)]),
    )
    .with_for_update()
)
_FACTS = ("digest", "who", "at")


def approve_frame(tx: Tx, new: Frame, *, by: str) -> None:
    """Put this frame in the place of the campaign's earlier one.

    What was made within another frame does not go as it is: it is made anew, and what a runner or a person has in hand
    is once it comes back. Where a target is suppressed it waits.
    """
    tx.alone(f"frame {new.campaign}")
    standing = tx.one(_FRAME, the_campaign=new.campaign)
    names = ("campaign", *_FACTS)
    values = {"campaign": new.campaign, "digest": new.digest, "who": by, "at": tx.now}
    tx.change(upsert(frame, "campaign", names, _FACTS, server=tx.server), values)
    if standing is not None and standing[0] == new.digest:
        return
    tx.run(_FORGET, the_campaign=new.campaign)
    tx.many(_TARGET, [_row(new.campaign, n, one) for n, one in enumerate(new.targets)])
    correct(tx, [(n, {"planned": False}) for (n,) in tx.all(_IN_HAND, the_campaign=new.campaign)])
    suppressed = [one.institution for one in new.targets if one.suppressed]
    while queued := tx.find(_QUEUED, the_campaign=new.campaign, suppressed=suppressed):
        move(tx, [_made_anew(row.n, by) for row in queued])


def _made_anew(n: int, by: str) -> Move:
    why = {"why": "another frame was approved"}
    return Move(n=n, was=Status.QUEUED, now=Status.DRAFT, kind=EventKind.RETURNED, who=by, detail=why)


def approved_frame(tx: Tx, campaign: str) -> ApprovedFrame | None:
    """The frame that a person approved last; None = none."""
    found = tx.one(_FRAME, the_campaign=campaign)
    if found is None:
        return None
    digest, who, at = found
    targets = tuple(_target(row) for row in tx.find(_TARGETS, the_campaign=campaign))
    return ApprovedFrame(frame=Frame(campaign=campaign, digest=digest, targets=targets), by=who, at=moment(at))


def still_approved(tx: Tx, one: ApprovedFrame) -> bool:
    """Whether this is still the campaign's frame; until the transaction ends no other takes its place."""
    found = tx.one(_LOCKED_FRAME, the_campaign=one.frame.campaign)
    return found is not None and found[0] == one.frame.digest


def goes_to(one: Target, *, recipient: str, identifier: str) -> bool:
    """Whether a letter goes to this target: to its address, or in a rehearsal to one that is the letter's own."""
    return recipient in {one.recipient, f"{identifier}@{REHEARSAL_DOMAIN}"}


def _row(campaign: str, n: int, one: Target) -> dict[str, Any]:
    return {**asdict(one), "campaign": campaign, "n": n, "demands": packed(one.demands)}


def _target(row: Any) -> Target:
    values = row._asdict()
    for name in ("campaign", "n"):
        del values[name]
    return Target(
        **{
            **values,
            "demands": tuple(json.loads(row.demands)),
            "exposure": Exposure(row.exposure),
            "delivery": Delivery(row.delivery),
            "at_risk": bool(row.at_risk),
        }
    )
