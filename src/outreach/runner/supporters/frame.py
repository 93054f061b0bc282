"""Approve the frame: all that a supporter cannot change, let go once by a person."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from outreach.errors import ApprovalError
from outreach.model.campaign import Mode
from outreach.model.contact import Institution
from outreach.model.dispatch import Dispatch
from outreach.model.status import Status
from outreach.model.supporter import ApprovedFrame, Exposure, Frame, Target
from outreach.rules.exposure import Terms, by_state, is_at_risk, terms_at_one_box
from outreach.runner.gather import gather
from outreach.runner.supporters.desk import SupporterDesk

#: A letter of the campaign's own that says: this institution can be written to.
_REACHED = frozenset({Status.DRAFT, Status.QUEUED, Status.CLAIMED, Status.COMMITTED, Status.ACCEPTED, Status.IN_DOUBT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Approvable:
    """A frame as an approval would let it go, and what is approved now."""

    frame: Frame
    standing: ApprovedFrame | None

    @property
    def same(self) -> bool:
        return self.standing is not None and self.standing.frame.digest == self.frame.digest


def approvable_frame(it: SupporterDesk) -> Approvable:
    """The frame of the campaign as it is now. Raises ApprovalError without a plan, or live with placeholders."""
    if it.mode is not Mode.REHEARSAL and it.campaign.placeholders:
        raise ApprovalError(
            f"The shipped example still stands in {len(it.campaign.placeholders)} places.",
            where=it.campaign.path,
            todo="Write your own organisation's, then plan and approve again.",
        )
    targets = _targets(it)
    if not targets:
        raise ApprovalError(
            "There is nobody whom supporters could write to.",
            where=it.campaign.path,
            todo=f"Run `outreach plan {it.campaign.slug}` first: whoever gets a letter of the campaign is a target.",
        )
    return Approvable(frame=framed(it, targets), standing=it.book.frame(it.campaign.slug))


def approve_frame(it: SupporterDesk, *, digest: str, by: str) -> Frame:
    """Let confirmed copies inside the frame go, in the name of `by`. Raises ApprovalError on another digest."""
    found = approvable_frame(it).frame
    if not by.strip():
        raise ApprovalError("An approval needs a person's name.", todo="Say who approves with --by NAME.")
    if found.digest != digest:
        raise ApprovalError(
            f"The frame is not the one that was shown: its digest is {found.digest[:12]}…, not {digest[:12]}….",
            where=it.campaign.path,
            todo="Somebody changed a template, the terms or the plan in between: look at it once more.",
        )
    it.book.approve_frame(found, by=by.strip())
    return found


def current_frame(it: SupporterDesk) -> ApprovedFrame | None:
    """The approved frame while it still holds: templates and terms are those that a person saw. Else None."""
    standing = it.book.frame(it.campaign.slug)
    if standing is None or framed(it, standing.frame.targets).digest != standing.frame.digest:
        return None
    return standing


def framed(it: SupporterDesk, targets: Sequence[Target]) -> Frame:
    """These targets with the templates and terms as they are now."""
    sender = it.campaign.sender
    terms = it.terms
    fixed = {
        "templates": it.letters.templates_sha256(it.campaign),
        "sender": [sender.name, sender.organisation, sender.email, sender.reply_to, *sender.postal_address],
        "title": it.campaign.title,
        "demands": [[one.slug, one.title] for one in it.campaign.demands],
        "terms": [terms.reply_to, terms.longest_queue],
        # What decides on targets: they are those that were approved, of which a changed rule says something else.
        "rules": [terms.exposure, terms.at_risk_tags, terms.delivery, terms.per_day, *map(asdict, terms.rules)],
        "targets": [_fixed(one) for one in targets],
    }
    digest = hashlib.sha256(json.dumps(fixed, sort_keys=True, ensure_ascii=False, default=sorted).encode()).hexdigest()
    return Frame(campaign=it.campaign.slug, digest=digest, targets=tuple(targets))


def _fixed(target: Target) -> dict[str, Any]:
    """What the digest holds of a target. A frame from before `at_risk` says nothing of it, and stays approved."""
    known = asdict(target)
    if not target.at_risk:
        del known["at_risk"]
    return known


def _targets(it: SupporterDesk) -> list[Target]:
    gathered = gather(replace(it.desk, step=0))
    known: dict[str, Institution] = {}
    readers: defaultdict[str, dict[str, Institution]] = defaultdict(dict)  # of each box
    boxes: defaultdict[str, set[str]] = defaultdict(set)  # of each institution
    for contact in (*gathered.contacts, *gathered.addressed):
        known.setdefault(contact.institution.id, contact.institution)
    known = {one.id: one for one in by_state(it.terms, known.values())}
    for contact in (*gathered.contacts, *gathered.addressed):
        its = known[contact.institution.id]
        if contact.address_norm:
            readers[contact.address_norm][its.id] = its
            boxes[its.id].add(contact.address_norm)
    found = []
    for one in it.desk.ledger.standings(it.campaign.slug, 0):
        institution = known.get(one.dispatch.institution)
        if one.status in _REACHED and one.planned and institution is not None:
            others = [each for box in boxes[institution.id] for each in readers[box].values()]
            terms = terms_at_one_box(it.terms, institution, others)
            target = _target(one.dispatch, terms, at_risk=is_at_risk(it.terms, institution))
            if target.exposure is not Exposure.NONE:
                found.append(target)
    return found


def _target(dispatch: Dispatch, terms: Terms, *, at_risk: bool) -> Target:
    return Target(
        institution=dispatch.institution,
        name=dispatch.institution_name,
        state=dispatch.state,
        role=dispatch.role,
        recipient=dispatch.recipient,
        address_norm=dispatch.address_norm,
        language=dispatch.languages[0],
        demands=dispatch.demands,
        timezone=dispatch.timezone,
        calendar=dispatch.calendar,
        exposure=terms.exposure,
        delivery=terms.delivery,
        per_day=terms.per_day,
        suppressed=terms.suppressed,
        at_risk=at_risk,
    )
