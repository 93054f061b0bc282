"""To me: the whole live run, letter by letter, into the organiser's own box first."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from outreach.errors import UsageError
from outreach.model.campaign import Mode
from outreach.model.dispatch import Dispatch
from outreach.model.letter import Letter
from outreach.model.status import Status
from outreach.rules.identity import dispatch_id
from outreach.rules.redirect import redirect
from outreach.runner.desk import Desk
from outreach.runner.ports import Ledger

_SHOWN = frozenset({Status.DRAFT, Status.QUEUED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """How many letters of the live ledger are ready to go to the organiser's own box."""

    letters: int
    box: str


def copy_to_me(desk: Desk, live: Ledger, *, by: str) -> Copied:
    """Put every draft and approved letter of the live ledger into this to-me desk's, addressed to the sender.

    A letter that was copied before and has not changed is not copied again. Raises UsageError without a live plan.
    """
    if desk.mode is not Mode.TO_ME:
        raise ValueError("a to-me desk is needed")
    campaign = desk.campaign
    steps = {one.dispatch.step for one in live.standings(campaign.slug) if one.status in _SHOWN}
    if not steps:
        raise UsageError(
            "There are no planned letters to show you.",
            where=campaign.path,
            todo=f"Run `outreach plan {campaign.slug} --live` first.",
        )
    earlier = {one.dispatch.step for one in desk.ledger.standings(campaign.slug)}
    count = sum(_copy_step(desk, live, step, by=by) for step in sorted(steps | earlier))
    return Copied(letters=count, box=campaign.sender.email)


def _copy_step(desk: Desk, live: Ledger, step: int, *, by: str) -> int:
    """One step of letters; copies that are not wanted any more are taken back."""
    slug, count = desk.campaign.slug, 0
    with desk.ledger.planning(slug, step) as book:
        for dispatch, letter in _copies(desk, live, step):
            book.draft([(dispatch, letter)])
            count += 1
        totals = book.finish()
    if totals.drafted or totals.redrafted or totals.vanished_queued:
        desk.ledger.approve(slug, step, digest=totals.digest, by=by)
    return count


def _copies(desk: Desk, live: Ledger, step: int) -> Iterator[tuple[Dispatch, Letter]]:
    box = desk.campaign.sender.email
    for one in live.standings(desk.campaign.slug, step):
        letter = live.letter(one.dispatch.id) if one.status in _SHOWN else None
        if letter is None:
            continue
        was = one.dispatch
        # The letter's own hash is part of the copy's identity: a changed letter is a new copy to look at.
        identifier = dispatch_id(
            desk.secret,
            mode=Mode.TO_ME,
            campaign=was.campaign,
            step=was.step,
            institution=f"{was.institution} {letter.sha256}",
            sender=was.sender,
        )
        domain = letter.message_id.rpartition("@")[2].rstrip(">")
        message_id = f"<to-me.{identifier}@{domain}>"
        raw = redirect(letter.raw, to=box, message_id=message_id)
        copy = replace(
            was,
            id=identifier,
            institution=_name_of_copy(was.institution, letter),
            recipient=box,
            address_norm=identifier,
            calendar="",
        )
        yield (
            copy,
            replace(
                letter,
                dispatch=identifier,
                message_id=message_id,
                raw=raw,
                sha256=hashlib.sha256(raw).hexdigest(),
                envelope_from=desk.campaign.sender.email,
            ),
        )


def _name_of_copy(institution: str, letter: Letter) -> str:
    return f"{institution} {letter.sha256[:8]}"


def copied_from(institution: str) -> str:
    """The institution to which the letter goes that a copy of this name shows."""
    return institution.rpartition(" ")[0]
