"""Which rows of a file are the same institution, and which institutions share a box."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

from outreach.model.contact import Institution
from outreach.model.problem import Place
from outreach.sheets.addresses import Address
from outreach.sheets.findings import Findings

Say = Callable[[str, str, str], None]  #: code, found, todo


@dataclass(slots=True)
class Known:
    """An institution of this file."""

    institution: Institution
    place: Place  #: of its first row
    ranks: int = 0  #: how many contacts it has


@dataclass(frozen=True, slots=True)
class _Box:
    owner: Known
    place: Place
    shared: bool


class Book:
    """The institutions and boxes of one file, in the order of its rows."""

    def __init__(self) -> None:
        self._known: dict[str | tuple[str, str, str], Known] = {}
        self._boxes: dict[str, _Box] = {}

    def enter(self, it: Institution, place: Place, column: int | None, findings: Findings) -> Known | None:
        """The institution that this row is; None, with a fault said, when its id is another's.

        Rows without an id are one institution when state, role and name are the same, as in `rules.identity`.
        """
        key = it.id or (it.state, it.role, " ".join(it.name.casefold().split()))
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = Known(it, place)
            return known
        first = known.institution
        if (first.state, first.role) != (it.state, it.role):
            findings.fault(
                "id-conflict",
                f'The id "{it.id}" is {it.state} {it.role} here and {first.state} {first.role} in {known.place}.',
                "Give one of them another id.",
                row=place.row,
                column=column,
            )
            return None
        differing = _differing(it, first) if it != first else ()
        if differing:
            findings.warning(
                "institution-differs",
                f"The institution stands in {known.place} with another {', '.join(differing)}: that row counts.",
                "Write the same in both rows, or give one of them another id.",
                row=place.row,
                column=column,
            )
        return known

    def claim(self, known: Known, address: Address, place: Place, *, shared: bool, say: Say) -> bool:
        """Whether the address is new to the institution; one that is another's, too, is said."""
        box = self._boxes.get(address.norm)
        if box is None:
            self._boxes[address.norm] = _Box(known, place, shared)
            return True
        if box.owner is known:
            say("repeated-address", f"{address.envelope} stands in {box.place} for the same institution.", "Keep one.")
            return False
        if not (shared and box.shared):
            other = box.owner.institution.id or box.owner.institution.name
            say(
                "duplicate-address",
                f'{address.envelope} is the address of "{other}" in {box.place}, too: only one of them gets a letter.',
                "If both are to be written to there, say allow_shared = yes in both rows.",
            )
        return True


def _differing(it: Institution, first: Institution) -> tuple[str, ...]:
    """Where the row says something else than the first one; what it leaves empty is no other word."""
    names = (one.name for one in fields(it))
    return tuple(one for one in names if getattr(it, one) and getattr(it, one) != getattr(first, one))
