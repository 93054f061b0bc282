"""Report: everything the organisers' page shows, from the ledger alone."""

from __future__ import annotations

from outreach.model.campaign import Mode
from outreach.model.report import Report
from outreach.rules.positions import belongs
from outreach.rules.timeline import weeks
from outreach.runner.desk import Desk
from outreach.runner.log import log as run_log


def report(desk: Desk) -> Report:
    """The campaign as it stands. Raises UsageError when nothing has been planned yet."""
    slug = desk.campaign.slug
    heard = [one for one in desk.answers.heard(slug) if not (one.rehearsal and desk.mode is Mode.LIVE)]
    records = [one for one in desk.ledger.positions(slug) if belongs(desk.mode, one.state)]
    return Report(
        title=desk.campaign.title,
        organisation=desk.campaign.sender.organisation,
        log=run_log(desk),
        weeks=weeks(desk.ledger.events(slug), heard, records),
    )
