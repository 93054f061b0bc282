"""Whether the campaign file's words meet the sheets: a mistyped role or id would leave somebody out, or in, unseen."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from outreach.model.campaign import Campaign, Demand, Exclusion
from outreach.model.contact import Contact, Institution
from outreach.model.problem import Place, Problem, Severity
from outreach.rules.routing import applies

_LISTED = 12  #: words of the sheets that a message lists


def addressee_problems(
    campaign: Campaign, contacts: Sequence[Contact], *, roleless: Sequence[str] = ()
) -> list[Problem]:
    """A warning for each word of a demand or an exclusion that fits no institution; none when none was read.

    `roleless` are the sheets without a column for the role.
    """
    bodies = [one.institution for one in contacts]
    if not bodies:
        return []
    ids = {one.id for one in bodies}
    found = [*_unknown(campaign, "exclude", campaign.exclude, ids)]
    for number, demand in enumerate(campaign.demands, start=1):
        at = f"demand[{number}]"
        unmet = list(_unmet(campaign, at, demand, bodies, roleless))
        if not unmet and not any(applies(demand, one) for one in bodies):
            todo = "Its states, tags and roles hold together: loosen one of them, or complete the sheet."
            unmet = [_warning(campaign, at, f'The demand "{demand.slug}" goes to no institution of the sheets.', todo)]
        found += [*unmet, *_unknown(campaign, f"{at}.exclude", demand.exclude, ids)]
    return found


def _unmet(
    campaign: Campaign, at: str, demand: Demand, bodies: Iterable[Institution], roleless: Sequence[str]
) -> Iterator[Problem]:
    states, roles, tags = set[str](), set[str](), set[str]()
    for one in bodies:
        states.add(one.state)
        roles.add(one.role)
        tags |= one.tags
    filters = (("states", demand.states, states), ("tags", demand.tags, tags), ("roles", demand.roles, roles))
    for key, asked, there in filters:
        missing = sorted(asked - there)
        if missing:
            said = f"No institution of the sheets has {_words(missing)}: nobody gets this demand by it."
            todo = f"The sheets have: {_words(sorted(there)) or 'none'}."
            if key == "roles" and roleless:
                column = f"No column of {' or '.join(roleless)} is for the role"
                add = f'add one with the header "role", and write {_words(missing)} into its rows.'
                todo = f"{column}: {add}" if len(there) == 1 else f"{todo} {column}."
            yield _warning(campaign, f"{at}.{key}", said, todo)


def _unknown(campaign: Campaign, at: str, exclusions: Iterable[Exclusion], ids: Collection[str]) -> Iterator[Problem]:
    for number, one in enumerate(exclusions, start=1):
        if one.institution and one.institution not in ids:
            said = f'No institution of the sheets has the id "{one.institution}": nobody is left out by it.'
            todo = "Correct the id as `outreach contacts list` shows it, or take the exclusion out."
            yield _warning(campaign, f"{at}[{number}].institution", said, todo)


def _words(words: Sequence[str]) -> str:
    more = f" and {len(words) - _LISTED} more" if len(words) > _LISTED else ""
    return ", ".join(f'"{one}"' for one in words[:_LISTED]) + more


def _warning(campaign: Campaign, key: str, found: str, todo: str) -> Problem:
    place = Place(path=campaign.path, column=key)
    return Problem(severity=Severity.WARNING, code="nobody-meant", found=found, todo=todo, place=place)
