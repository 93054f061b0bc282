"""A language's phrases, as a native speaker writes them down: data, and who has looked at it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class PhrasePack:
    """What offices and mail programs write in one language (docs/triage.md)."""

    language: str  #: BCP 47, such as "fr"
    reviewed_by: str = ""  #: the native speaker who looked it through; "" = nobody yet
    subjects: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  #: how subjects of machines begin
    sentences: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict
    )  #: by kind; "…" any few words, "*" any ending
    small: tuple[str, ...] = ()  #: words that say nothing by themselves: "the", "of", "ministry", "your"
    joins: tuple[str, ...] = ()  #: words with which another thing begins to be said: "and", "which", "because"
    references: tuple[str, ...] = ()  #: what stands before a reference number
    months: tuple[tuple[str, ...], ...] = ()  #: the names of the twelve months, each in every form
    quotes: tuple[str, ...] = ()  #: the line above a quoted mail: "On … wrote:"
    fields: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict
    )  #: "From", "Sent", "To", "Subject" above a quote
    closings: tuple[str, ...] = ()  #: "Kind regards"
    devices: tuple[str, ...] = ()  #: "Sent from my iPhone"
    originals: tuple[str, ...] = ()  #: "Original message" between dashes
