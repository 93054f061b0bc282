"""Log: where each state and institution stands, from the ledger alone."""

from __future__ import annotations

from outreach.errors import UsageError
from outreach.model.campaign import Mode
from outreach.model.log import Log
from outreach.rules.log import build_log
from outreach.runner.desk import Desk
from outreach.states import state_name


def log(desk: Desk) -> Log:
    """The log of one step. Raises UsageError when nothing has been planned yet."""
    standings = list(desk.ledger.standings(desk.campaign.slug, desk.step))
    skipped = desk.ledger.skipped(desk.campaign.slug, desk.step)
    if not standings and not skipped:
        flag = " --live" if desk.mode is Mode.LIVE else ""
        raise UsageError(
            f"Nothing is planned in this {desk.mode.value} ledger yet.",
            where=desk.campaign.path,
            todo=f"Run `outreach plan {desk.campaign.slug}{flag}`.",
        )
    codes = {one.dispatch.state for one in standings} | {one.state for one in skipped}
    return build_log(
        standings,
        skipped,
        state_names={code: state_name(code) if code else "rows that were not read" for code in codes},
        campaign=desk.campaign.slug,
        mode=desk.mode,
        at=desk.ledger.now(),
    )
