"""The letters that carry supporters: their dispatches, and their text for whoever looks at them."""

from __future__ import annotations

from datetime import date

from outreach.model.action import Action
from outreach.model.campaign import Mode
from outreach.model.dispatch import Dispatch
from outreach.model.letter import Letter
from outreach.model.supporter import Exposure, Target
from outreach.rules.identity import dispatch_id
from outreach.rules.planning import REHEARSAL_DOMAIN
from outreach.rules.quoting import Unquoted, why_unquoted
from outreach.runner.supporters.desk import SupporterDesk


def copy_sender(action: Action) -> str:
    """Who sends a copy, as a dispatch names it: the same person is the same sender for ever."""
    return f"supporter:{action.supporter}"


def digest_sender(day: date) -> str:
    """Who sends a digest: one a day."""
    return f"digest:{day.isoformat()}"


def dispatch_of(it: SupporterDesk, target: Target, *, sender: str, dated: date) -> Dispatch:
    """The dispatch of a copy or a digest to a target."""
    identifier = dispatch_id(
        it.desk.secret,
        mode=it.mode,
        campaign=it.campaign.slug,
        step=0,
        institution=target.institution,
        sender=sender,
    )
    recipient = f"{identifier}@{REHEARSAL_DOMAIN}" if it.mode is Mode.REHEARSAL else target.recipient
    return Dispatch(
        id=identifier,
        campaign=it.campaign.slug,
        step=0,
        sender=sender,
        institution=target.institution,
        institution_name=target.name,
        state=target.state,
        role=target.role,
        recipient=recipient,
        address_norm=recipient if it.mode is Mode.REHEARSAL else target.address_norm,
        demands=target.demands,
        languages=(target.language,),
        timezone=target.timezone,
        calendar=target.calendar,
        dated=dated,
    )


def letter_text(it: SupporterDesk, target: Target, action: Action) -> str:
    """A letter as it would go today, as plain text; for a target that learns no names, a digest of this one alone."""
    return it.desk.letters.text(letter_of(it, target, action).raw)


def letter_of(it: SupporterDesk, target: Target, action: Action) -> Letter:
    """That letter, whole."""
    today = it.now.date()
    if target.exposure is Exposure.NAMES:
        dispatch = dispatch_of(it, target, sender=copy_sender(action), dated=today)
        return it.letters.copy(dispatch, target, action, it.campaign, mode=it.mode)
    dispatch = dispatch_of(it, target, sender=digest_sender(today), dated=today)
    return it.letters.digest(dispatch, target, [action], 1, it.campaign, mode=it.mode)


def unquoted(target: Target, action: Action) -> Unquoted | None:
    """Why the person's own words are not in what this target is told; None where they are, as in a letter of theirs."""
    return None if target.exposure is Exposure.NAMES else why_unquoted(action)
