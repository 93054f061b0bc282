"""Babel's copy of CLDR, asked by BCP 47 tag and never raising: a language it does not have knows no names."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel import Locale


@lru_cache(maxsize=256)
def locale_of(language: str) -> Locale | None:
    """The best locale for a tag such as "pt-BR", "sr-Latn" or "zh-Hant"; None when CLDR has not even its language."""
    from babel import Locale, UnknownLocaleError

    parts = language.replace("_", "-").split("-")
    while parts:
        try:
            return Locale.parse("-".join(parts), sep="-")
        except (UnknownLocaleError, ValueError):
            parts.pop()
    return None


def territory_names(language: str) -> Mapping[str, str]:
    """Territory code -> name in `language`; empty when CLDR has no such language."""
    locale = locale_of(language)
    return locale.territories if locale is not None else {}
