"""Moderate: a person looks at what the rules hold; nothing is dropped by a rule."""

from __future__ import annotations

from collections.abc import Sequence

from outreach.errors import UsageError
from outreach.model.action import Action, ActionStatus
from outreach.runner.supporters.desk import SupporterDesk


def held(it: SupporterDesk) -> list[Action]:
    """Everything that waits for a person, the oldest first."""
    return list(it.book.actions(it.campaign.slug, status=ActionStatus.HELD))


def moderate(it: SupporterDesk, actions: Sequence[str], *, release: bool, by: str, why: str = "") -> int:
    """Let held letters go, or refuse them with a reason; how many. Raises UsageError for one that is not held."""
    if not by.strip():
        raise UsageError("Who decides?", todo="Say --by NAME: it is recorded.")
    if not release and not why.strip():
        raise UsageError("A refusal needs its reason.", todo="Say --reason: the person may ask for it.")
    waiting = {one.id for one in held(it)}
    unknown = [one for one in actions if one not in waiting]
    if unknown:
        raise UsageError(
            f"{unknown[0]} is not held.", todo=f"`outreach moderate {it.campaign.slug}` lists what is: copy its id."
        )
    return sum(it.book.moderate(one, release=release, by=by.strip(), why=why.strip()) for one in actions)
