"""What a state speaks and which clock it lives by."""

from __future__ import annotations

from typing import Literal

from outreach.states.cldr import locale_of
from outreach.states.data import data

_RIGHT_TO_LEFT_SCRIPTS = frozenset({"adlm", "arab", "hebr", "mand", "nkoo", "rohg", "samr", "syrc", "thaa", "yezi"})


def official_languages(code: str) -> tuple[str, ...]:
    """BCP 47 tags, the one in which its ministries mostly write first; () for a code that is no state's."""
    facts = data().states.get(code)
    return facts.languages if facts else ()


def default_timezone(code: str) -> str:
    """The IANA zone of the capital; UTC for a code that is no state's, and for the invented states."""
    facts = data().states.get(code)
    return facts.timezone if facts else "UTC"


def text_direction(language: str) -> Literal["ltr", "rtl"]:
    """How `language` is written, by its script where the tag names one."""
    subtags = language.casefold().replace("_", "-").split("-")
    script = next((tag for tag in subtags[1:] if len(tag) == 4 and tag.isalpha()), None)
    if script is not None:
        return "rtl" if script in _RIGHT_TO_LEFT_SCRIPTS else "ltr"
    locale = locale_of(language)
    return "rtl" if locale is not None and locale.text_direction == "rtl" else "ltr"
