"""The choices of the form: targets by state, and the states that a supporter may come from."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from outreach.model.supporter import Exposure
from outreach.runner.supporters.page import Choice
from outreach.states import state_name, states


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The targets of one state."""

    state: str
    name: str
    choices: tuple[Choice, ...]
    chosen: frozenset[str]  #: institutions
    own: bool  #: the visitor's own state, as they say

    @property
    def at_risk(self) -> bool:
        """Whether some target of the state is not proposed to its own people."""
        return any(one.at_risk for one in self.choices)

    def withheld(self, one: Choice) -> bool:
        """Whether a target is not proposed: it is of the visitor's own state, which may harm them."""
        return self.own and one.at_risk

    @property
    def proposed(self) -> bool:
        """Whether any target of the state is proposed."""
        return not all(map(self.withheld, self.choices))

    def learning(self, exposure: Exposure) -> list[Choice]:
        """The targets that learn so much."""
        return [one for one in self.choices if one.exposure is exposure]


def grouped(targets: Sequence[Choice], chosen: Collection[str], home: str) -> list[Group]:
    """Targets by state, in the order of the states' names in the page's language. `home` is the visitor's own."""
    by_state: dict[str, list[Choice]] = {}
    for one in targets:
        by_state.setdefault(one.state, []).append(one)
    found = [
        Group(
            state=state,
            name=choices[0].state_name,
            choices=tuple(choices),
            chosen=frozenset(one.institution for one in choices if one.institution in chosen),
            own=state == home,
        )
        for state, choices in by_state.items()
    ]
    return sorted(found, key=lambda one: _sorted_as(one.name))


def homes(targets: Sequence[Choice], language: str) -> list[tuple[str, str]]:
    """Every state with its name; an invented one only where it is a target."""
    invented = {(one.state, one.state_name) for one in targets}
    return sorted({*_states(language), *invented}, key=lambda one: _sorted_as(one[1]))


@cache
def _states(language: str) -> tuple[tuple[str, str], ...]:
    return tuple((code, state_name(code, language)) for code in states())


@lru_cache(maxsize=4096)
def _sorted_as(name: str) -> str:
    """Åland beside Albania, not behind Zimbabwe."""
    return "".join(one for one in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(one))
