"""Signatures: what a list of supporters that was collected elsewhere says of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from outreach.model.problem import Place, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One row; every field as it stands there."""

    email: str
    name: str
    place: str
    words: str  #: "" = none: the campaign's suggestion
    language: str
    targets: tuple[str, ...]  #: institution ids or states
    agreed_on: date | None
    agreed_to: str  #: the words that the person agreed to
    proof: str  #: where that can be looked up
    quote: bool
    contact_again: bool
    place_in_sheet: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureRows:
    """What a list gave: every row is in `signatures` or in a fault of `problems`."""

    path: str
    signatures: tuple[Signature, ...]
    problems: tuple[Problem, ...]
