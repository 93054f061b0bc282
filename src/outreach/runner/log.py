"""Log: where each state and institution stands, and what a person does next."""

from __future__ import annotations

from outreach.model.log import Log
from outreach.rules.log import build_log
from outreach.runner.desk import Desk
from outreach.runner.due import due_rows
from outreach.runner.planned import require_plan
from outreach.runner.positions import matrix_of
from outreach.states import state_name


def log(desk: Desk) -> Log:
    """The log of one step. Raises UsageError when nothing has been planned yet."""
    require_plan(desk)
    return as_it_stands(desk)


def as_it_stands(desk: Desk) -> Log:
    """The same, maybe without a row: positions can be on record before anything is planned."""
    slug = desk.campaign.slug
    letters = list(desk.ledger.standings(slug))
    standings = [one for one in letters if one.dispatch.step == desk.step]
    skipped = desk.ledger.skipped(slug, desk.step)
    codes = {one.dispatch.state for one in standings} | {one.state for one in skipped}
    return build_log(
        standings,
        skipped,
        matrix=matrix_of(desk, letters, skipped),
        found=due_rows(desk),
        heard=desk.ledger.heard(slug),
        tray=desk.ledger.tray(),
        own_letters=desk.ledger.own_letters(slug),
        state_names={code: state_name(code) if code else "rows that were not read" for code in codes},
        at=desk.ledger.now(),
    )
