"""Days as letters write them."""

from __future__ import annotations

from datetime import date
from functools import lru_cache


@lru_cache(maxsize=1024)
def long_date(day: date, pattern: str, language: str) -> str:
    """A day in a language, in one of CLDR's formats or a pattern of its letters. ValueError when it cannot be."""
    from babel import Locale, UnknownLocaleError
    from babel.dates import format_date

    try:
        return format_date(day, pattern, locale=Locale.parse(language, sep="-"))
    except (UnknownLocaleError, AttributeError, KeyError) as error:
        raise ValueError(f"{pattern!r} in {language!r}") from error
