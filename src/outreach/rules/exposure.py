"""What a target learns of its supporters, and how their letters reach it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from outreach.model.action import Learns
from outreach.model.contact import Institution
from outreach.model.supporter import Delivery, Exposure, ReplyTo, SupporterTerms, Target, TargetRule

_LEAST = (Exposure.NONE, Exposure.COUNTS, Exposure.NAMES)  #: what is learnt, the least first


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What holds for one target."""

    exposure: Exposure
    delivery: Delivery
    per_day: int
    suppressed: str


def terms_of(terms: SupporterTerms, institution: Institution) -> Terms:
    """The first rule that fits, else the campaign's own words; each thing by itself.

    A target with an at-risk tag learns counts at the most: only a rule that names its state or the institution itself
    says otherwise. A rule for a role or a tag is written with others in mind. Counts are told by a digest alone.
    """
    rules = [one for one in terms.rules if _fits(one, institution)]
    exposure = _exposure(terms, rules, institution)
    delivery = next((one.delivery for one in rules if one.delivery), terms.delivery)
    return Terms(
        exposure=exposure,
        delivery=Delivery.DIGEST if exposure is Exposure.COUNTS else delivery,
        per_day=next((one.per_day for one in rules if one.per_day), terms.per_day),
        suppressed=next((one.suppressed for one in rules if one.suppressed), ""),
    )


def terms_at_one_box(terms: SupporterTerms, institution: Institution, readers: Sequence[Institution]) -> Terms:
    """What holds for a target whose box `readers` read, too: it learns no more than the one that may learn the least.

    A ministry of a state at risk reads what lies in the box that it shares.
    """
    own = terms_of(terms, institution)
    least = min((terms_of(terms, one).exposure for one in readers), key=_LEAST.index, default=own.exposure)
    if _LEAST.index(least) >= _LEAST.index(own.exposure):
        return own
    return replace(own, exposure=least, delivery=Delivery.DIGEST)


def learns(target: Target, reply_to: ReplyTo) -> Learns:
    """What a target learns of whoever writes to it now."""
    if target.exposure is not Exposure.NAMES:
        return Learns.COUNTS
    return Learns.ADDRESS if reply_to is ReplyTo.SUPPORTER else Learns.NAMES


def as_told(target: Target, told: Mapping[str, Learns]) -> Target:
    """The target as it is for a person who was told so: a frame that shows more of them was approved too late.

    Whoever read that nobody is named has agreed to nothing else.
    """
    if target.exposure is not Exposure.NAMES or told.get(target.institution, Learns.COUNTS) is not Learns.COUNTS:
        return target
    return replace(target, exposure=Exposure.COUNTS, delivery=Delivery.DIGEST)


def by_state(terms: SupporterTerms, institutions: Iterable[Institution]) -> list[Institution]:
    """Each with the at-risk tags of its whole state: a government harms, and whoever tagged one row meant it."""
    several = list(institutions)
    tags: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    for one in several:
        tags[one.state] |= one.tags & terms.at_risk_tags
    return [replace(one, tags=one.tags | tags[one.state]) for one in several]


def is_at_risk(terms: SupporterTerms, institution: Institution) -> bool:
    """Whether a government may harm whoever writes to it."""
    return not terms.at_risk_tags.isdisjoint(institution.tags)


def names_somewhere(terms: SupporterTerms) -> bool:
    """Whether any target at all may learn a supporter's name."""
    return Exposure.NAMES in {terms.exposure, *(one.exposure for one in terms.rules)}


def _exposure(terms: SupporterTerms, rules: list[TargetRule], institution: Institution) -> Exposure:
    said = [one for one in rules if one.exposure]
    if not is_at_risk(terms, institution):
        return (said[0].exposure if said else None) or terms.exposure
    by_name = next((one.exposure for one in said if one.states or one.institutions), None)
    if by_name:
        return by_name
    told = (said[0].exposure if said else None) or terms.exposure
    return Exposure.COUNTS if told is Exposure.NAMES else told


def _fits(rule: TargetRule, institution: Institution) -> bool:
    return (
        (not rule.states or institution.state in rule.states)
        and (not rule.roles or institution.role in rule.roles)
        and (not rule.tags or not rule.tags.isdisjoint(institution.tags))
        and (not rule.institutions or institution.id in rule.institutions)
    )
