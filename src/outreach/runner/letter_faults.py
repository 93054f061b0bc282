"""What is wrong with letters, each fault once: a template's slip shows in every letter that uses it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from outreach.errors import LetterError
from outreach.model.dispatch import Planned
from outreach.model.problem import Problem, Severity

_OF_ANY_ROW = frozenset({"missing-column"})  #: stands at a row, and is so in every row of its sheet


def letter_problems(error: LetterError, planned: Planned) -> list[Problem]:
    """The problems of a letter that could not be rendered, each at its row at least."""
    if error.problems:
        return list(error.problems)
    return [
        Problem(severity=Severity.FAULT, code="letter", found=error.found, todo=error.todo, place=planned.contact.place)
    ]


def each_once(found: Iterable[tuple[Planned, Problem]], said: Collection[Problem]) -> list[Problem]:
    """What several letters have in common says how many they are, and the row of the first; what is `said` is left."""
    alike: dict[Problem, list[tuple[Planned, Problem]]] = {}
    known = frozenset(said)
    for planned, one in found:
        if one not in known:
            alike.setdefault(_wherever(one), []).append((planned, one))
    return [_told(*several[0], letters=len(several)) for several in alike.values()]


def _wherever(one: Problem) -> Problem:
    return replace(one, place=replace(one.place, row=0, cell="")) if one.code in _OF_ANY_ROW else one


def _told(first: Planned, one: Problem, *, letters: int) -> Problem:
    if letters == 1:
        return one
    return replace(one, found=f"{one.found} So in {letters:,} letters, the first that of {first.contact.place}.")
