"""Confirm: the supporter proves the address. A look changes nothing; the link works once, for the letter as it is."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from outreach.model.action import Action, ActionStatus, Purpose
from outreach.model.supporter import Exposure
from outreach.rules.exposure import as_told
from outreach.rules.quoting import Unquoted
from outreach.runner.supporters.desk import SupporterDesk
from outreach.runner.supporters.frame import current_frame
from outreach.runner.supporters.letters import letter_text, unquoted


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One of the letters that a confirmation lets go."""

    name: str
    state: str
    exposure: Exposure
    text: str
    unquoted: Unquoted | None  #: why the own words are not in what a target that learns no names is told


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmable:
    """What pressing the button will do."""

    language: str
    letters: tuple[Letter, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """The address is proved."""

    language: str
    held: bool  #: a person looks at it first


def token_sha256(token: str) -> str:
    """All that is kept of a link's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def look(it: SupporterDesk, token: str) -> Confirmable | None:
    """What the link would confirm; None for a link that is wrong, used, too old, or whose letter has changed."""
    action = it.book.find(token_sha256(token), Purpose.CONFIRM)
    return None if action is None else Confirmable(language=action.language, letters=_letters(it, action))


def confirm(it: SupporterDesk, token: str) -> Confirmed | None:
    """Use the link; None as `look`."""
    action = it.book.confirm(token_sha256(token))
    if action is None:
        return None
    return Confirmed(language=action.language, held=action.status is ActionStatus.HELD)


def _letters(it: SupporterDesk, action: Action) -> tuple[Letter, ...]:
    approved = current_frame(it) or it.book.frame(it.campaign.slug)
    targets = {one.institution: as_told(one, action.told) for one in approved.frame.targets} if approved else {}
    return tuple(
        Letter(
            name=one.name,
            state=one.state,
            exposure=one.exposure,
            text=letter_text(it, one, action),
            unquoted=unquoted(one, action),
        )
        for name in action.targets
        if (one := targets.get(name)) is not None
    )
