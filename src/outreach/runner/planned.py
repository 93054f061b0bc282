"""Whether anything is planned: before that, every verb says the same."""

from __future__ import annotations

from outreach.errors import UsageError
from outreach.model.campaign import Mode
from outreach.runner.desk import Desk


def is_planned(desk: Desk) -> bool:
    """Whether a plan of first letters is in the ledger, be it one that leaves everybody out."""
    slug = desk.campaign.slug
    return any(True for _ in desk.ledger.standings(slug)) or bool(desk.ledger.skipped(slug, 0))


def require_plan(desk: Desk) -> None:
    """Raises UsageError when nothing has been planned yet."""
    if is_planned(desk):
        return
    flag = " --live" if desk.mode is Mode.LIVE else ""
    raise UsageError(
        f"Nothing is planned in this {desk.mode.value} ledger yet.",
        where=desk.campaign.path,
        todo=f"Run `outreach plan {desk.campaign.slug}{flag}`.",
    )
