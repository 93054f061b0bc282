"""Positions: the matrix of states and demands, from the ledger alone."""

from __future__ import annotations

from collections.abc import Iterable

from outreach.model.dispatch import Skipped, SkipReason, Standing
from outreach.model.matrix import Matrix
from outreach.rules.positions import fold
from outreach.runner.desk import Desk
from outreach.states import state_name


def positions(desk: Desk) -> Matrix:
    """Every state of the plan, and every one with a record."""
    standings = list(desk.ledger.standings(desk.campaign.slug))
    return matrix_of(desk, standings, desk.ledger.skipped(desk.campaign.slug, desk.step))


def matrix_of(desk: Desk, standings: Iterable[Standing], skipped: Iterable[Skipped]) -> Matrix:
    """The same with the plan in hand."""
    slug = desk.campaign.slug
    asked: dict[str, set[str]] = {
        one.state: set() for one in skipped if one.state and one.reason is not SkipReason.NO_DEMAND
    }
    for one in standings:
        asked.setdefault(one.dispatch.state, set()).update(one.dispatch.demands)
    records = desk.ledger.positions(slug)
    now = desk.ledger.now()
    return fold(
        records,
        campaign=slug,
        mode=desk.mode,
        at=now,
        today=desk.today,
        demands=desk.campaign.demands,
        asked=asked,
        state_names={code: state_name(code) for code in {*asked, *(one.state for one in records)}},
        mails=desk.answers.hashes(slug),
    )
