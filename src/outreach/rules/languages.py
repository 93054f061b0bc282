"""Which languages an institution is written in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from outreach.model.campaign import CoOfficial, Languages
from outreach.model.contact import Institution


def choose_languages(
    institution: Institution,
    *,
    official: Sequence[str],
    languages: Languages,
    available: Mapping[str, frozenset[str]],
    demands: Sequence[str],
) -> tuple[str, ...]:
    """The languages of the letter's parts, in order; () = the demands have no usable language in common.

    Asked in turn: what the campaign says for the state, else the sheet's languages, else the state's own; then the
    fallback chain. A letter speaks one language throughout, so every demand must exist in it. With `CoOfficial.ALL`
    the parts are the state's official languages (or those the campaign names), never a courtesy language beside them.
    """
    per_demand = [available.get(slug, frozenset()) for slug in demands]
    usable = frozenset.intersection(*per_demand) if per_demand else frozenset()
    named = languages.by_state.get(institution.state, ())
    wanted = named or institution.languages or tuple(official)
    found = _matches(wanted, usable)
    if not found:
        return _matches(languages.fallback, usable)[:1]
    if languages.co_official is CoOfficial.FIRST:
        return found[:1]
    if named or not official:
        return found
    own = {_primary(tag) for tag in official}
    return tuple(tag for tag in found if _primary(tag) in own) or found[:1]


def best_match(wanted: str, usable: Collection[str]) -> str | None:
    """The language that serves `wanted`: itself, or with subtags dropped from the end (RFC 4647 3.4, lookup)."""
    by_name = {tag.casefold(): tag for tag in usable}
    tags = wanted.casefold().replace("_", "-").split("-")
    while tags:
        found = by_name.get("-".join(tags))
        if found is not None:
            return found
        tags.pop()
        if tags and len(tags[-1]) == 1:
            tags.pop()
    return None


def _matches(wanted: Iterable[str], usable: Collection[str]) -> tuple[str, ...]:
    found = (best_match(one, usable) for one in wanted)
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _primary(tag: str) -> str:
    return tag.casefold().replace("_", "-").split("-")[0]
