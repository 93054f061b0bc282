"""Which demands an institution gets."""

from __future__ import annotations

from collections.abc import Iterable

from outreach.model.campaign import Campaign, Demand, Exclusion
from outreach.model.contact import Institution


def demands_for(campaign: Campaign, institution: Institution) -> tuple[str, ...]:
    """The slugs of the demands that apply, in the campaign's order."""
    if excluded_from(campaign.exclude, institution) is not None:
        return ()
    return tuple(demand.slug for demand in campaign.demands if applies(demand, institution))


def applies(demand: Demand, institution: Institution) -> bool:
    """Whether every filter that is set holds, and no exclusion does."""
    return (
        (not demand.states or institution.state in demand.states)
        and (not demand.roles or institution.role in demand.roles)
        and (not demand.tags or not demand.tags.isdisjoint(institution.tags))
        and excluded_from(demand.exclude, institution) is None
    )


def excluded_from(exclusions: Iterable[Exclusion], institution: Institution) -> Exclusion | None:
    """The exclusion that names the institution or its state, if any."""
    for one in exclusions:
        if one.institution == institution.id if one.institution else one.state == institution.state:
            return one
    return None


def unmet(campaign: Campaign, institution: Institution) -> str:
    """Which filter keeps the institution from every demand: its state, its role, or its tags; else all together."""
    asked = campaign.demands
    if not any(not one.states or institution.state in one.states for one in asked):
        return "none goes to its state"
    if not any(not one.roles or institution.role in one.roles for one in asked):
        return f'none goes to the role "{institution.role}"'
    if not any(not one.tags or not one.tags.isdisjoint(institution.tags) for one in asked):
        return "none goes to its tags"
    return "none goes to its state, role and tags together"


def why_none(campaign: Campaign, institution: Institution) -> str:
    """Why no demand applies, when an exclusion is the reason; else an empty string."""
    overall = excluded_from(campaign.exclude, institution)
    if overall is not None:
        return overall.reason
    reasons = [found.reason for d in campaign.demands if (found := excluded_from(d.exclude, institution)) is not None]
    return "; ".join(dict.fromkeys(reasons))
