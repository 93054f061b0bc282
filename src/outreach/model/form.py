"""The supporters' form: what a person fills in, and what can be wrong with a field."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FieldFault(StrEnum):
    """What is wrong with a field: a closed list; the words are the page's."""

    MISSING = "missing"
    TOO_LONG = "too-long"
    TOO_SHORT = "too-short"
    CONTROL = "control"  #: holds a control character
    LINK = "link"  #: a link where a name is asked for
    ADDRESS = "address"  #: no e-mail address, or more than one
    TARGET = "target"  #: not a target of this campaign
    TARGETS = "targets"  #: too many at once
    AGREE = "agree"  #: the box is not ticked


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form whose every field was checked."""

    email: str  #: ASCII domain, ready for an envelope
    name: str
    place: str
    state: str  #: the supporter's own, ISO 3166-1 alpha-2, or ""
    words: str  #: the middle of the letter; lines end in a plain newline
    targets: tuple[str, ...]  #: institutions, in the campaign's order
    language: str
    quote: bool
    contact_again: bool
