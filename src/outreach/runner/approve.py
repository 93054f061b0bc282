"""Approve: a person lets the drafts go, by the digest of what was shown to them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from outreach.errors import ApprovalError
from outreach.model.campaign import Mode
from outreach.model.status import Status
from outreach.runner.desk import Desk
from outreach.runner.silence import stop_answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Approvable:
    """What an approval of one step would let go."""

    step: int  #: 0 = first letters
    digest: str  #: of every draft: the approval names it, so that nothing else slips in
    drafts: int
    queued: int  #: approved before and not sent yet
    unplanned: int  #: of those: no longer in the plan, to be cancelled by this approval
    demands: dict[str, int]  #: letters per demand
    languages: dict[str, int]
    states: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """What an approval did."""

    queued: int
    cancelled: int  #: approved letters whose institution is no longer in the plan


def approvable(desk: Desk) -> Approvable:
    """The drafts as they are now. Raises ApprovalError when there is nothing to approve, or live with placeholders."""
    _ready(desk)
    stop_answered(desk)
    demands: Counter[str] = Counter()
    languages: Counter[str] = Counter()
    states: set[str] = set()
    counts: Counter[Status] = Counter()
    unplanned = 0
    for one in desk.ledger.standings(desk.campaign.slug, desk.step):
        counts[one.status] += 1
        unplanned += one.status is Status.QUEUED and not one.planned
        if one.status is Status.DRAFT:
            demands.update(one.dispatch.demands)
            languages["+".join(one.dispatch.languages)] += 1
            states.add(one.dispatch.state)
    return Approvable(
        step=desk.step,
        digest=desk.ledger.drafts_digest(desk.campaign.slug, desk.step),
        drafts=counts[Status.DRAFT],
        queued=counts[Status.QUEUED],
        unplanned=unplanned,
        demands=dict(demands),
        languages=dict(languages),
        states=len(states),
    )


def approve(desk: Desk, *, digest: str, by: str) -> Approved:
    """Queue every draft in the name of `by`. Raises ApprovalError when the drafts are not those of `digest`."""
    _ready(desk)
    if not by.strip():
        raise ApprovalError("An approval needs a person's name.", todo="Say who approves with --by NAME.")
    queued, cancelled = desk.ledger.approve(desk.campaign.slug, desk.step, digest=digest, by=by.strip())
    return Approved(queued=queued, cancelled=cancelled)


def _ready(desk: Desk) -> None:
    if desk.mode is not Mode.REHEARSAL and desk.campaign.placeholders:
        found = desk.campaign.placeholders
        many = f"{len(found)} places" if len(found) > 1 else "1 place"
        raise ApprovalError(
            f"The shipped example still stands in {many}: {'; '.join(str(place) for place in found[:5])}.",
            where=desk.campaign.path,
            todo="Write your own organisation's, then plan and approve again.",
        )
