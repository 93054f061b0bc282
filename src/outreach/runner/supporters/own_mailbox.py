"""A letter from the supporter's own mailbox: what their mail program needs to begin it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from outreach.model.action import Action
from outreach.model.campaign import Mode
from outreach.model.supporter import Exposure, Target
from outreach.rules.identity import copy_id
from outreach.rules.planning import REHEARSAL_DOMAIN
from outreach.runner.supporters.desk import SupporterDesk


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLetter:
    """A mail that the supporter may send without us. The copy lets it reach the log."""

    to: str
    cc: str
    subject: str
    text: str
    name: str  #: the writer's
    email: str


def own_letter(it: SupporterDesk, target: Target, action: Action, *, subject: str, text: str) -> OwnLetter | None:
    """The letter, with the subject and text of the copy that would go; None for a target that must not learn who
    writes: from one's own mailbox it would.
    """
    if target.exposure is not Exposure.NAMES:
        return None
    return OwnLetter(
        to=target.recipient,
        cc=_copy_to(it, target),
        subject=subject,
        text=_until_the_name(text, action),
        name=action.name,
        email=action.email,
    )


def _copy_to(it: SupporterDesk, target: Target) -> str:
    """The campaign's address for answers, with an id of ours for this institution where it can hold one.

    It is no letter's id, and one for all who write there: `rules.beside` tells the supporter's mail from the answer.
    """
    identifier = copy_id(it.desk.secret, mode=it.mode, campaign=it.campaign.slug, institution=target.institution)
    if it.mode is Mode.REHEARSAL:
        return f"{identifier}@{REHEARSAL_DOMAIN}"
    sender = it.campaign.sender
    return (sender.reply_to or sender.email).replace("{token}", identifier)


def _until_the_name(text: str, action: Action) -> str:
    """Without the lines below the name, which say that we have sent it."""
    end = None
    for found in re.finditer(rf"{re.escape(action.name)}[\s,]+{re.escape(action.place)}", text):
        end = found.end()
    return text[:end].strip() + "\n"
