"""Rush: how near a campaign's page is to its limit of forms, and how many it has turned away by it. Nobody is named."""

from __future__ import annotations

from dataclasses import dataclass

from outreach.rules.supporter_limits import TURNED_AWAY, per_campaign
from outreach.runner.supporters.desk import SupporterDesk


@dataclass(frozen=True, slots=True, kw_only=True)
class Rush:
    """The page's forms by the clock of the ledger."""

    taken: int  #: in the last hour
    most: int  #: in an hour
    turned_away: int  #: in the last 24 hours because it was full; counted up to 10,000


def rush(it: SupporterDesk) -> Rush:
    """How it is now."""
    taken = per_campaign(it.terms.forms_per_hour)
    return Rush(
        taken=it.book.spent(taken.name, it.campaign.slug, within=taken.within),
        most=taken.most,
        turned_away=it.book.spent(TURNED_AWAY.name, it.campaign.slug, within=TURNED_AWAY.within),
    )
