"""Small values of a cell: dates, yes and no, languages, tags, roles, addresses of sites."""

from __future__ import annotations

import re
from datetime import date

from outreach.sheets.vocabulary import squeeze, vocabulary

DEFAULT_ROLE = "authority"  #: of sheets that do not say
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]\d{2}:\d{2}.*)?")
_DOTTED = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})\.?")  # day first, wherever dates are written with dots
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})((?:[-_][A-Za-z0-9]{2,8})*)")
_SITE = re.compile(r"(?:https?://)?(?:[^\s/@:.]+\.)+[^\s/@:.]{2,}(?:[:/?#]\S*)?", re.IGNORECASE)


def read_date(text: str) -> date | None:
    """A day written 2026-01-31 or 31.1.2026; None for anything that could be two days."""
    if match := _ISO.fullmatch(text):
        year, month, day = map(int, match.groups())
    elif match := _DOTTED.fullmatch(text):
        day, month, year = map(int, match.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def read_yes(text: str) -> bool | None:
    """Yes or no in many languages; None for neither. An empty cell is no."""
    if not text:
        return False
    key = squeeze(text) or text
    if key in vocabulary().yes:
        return True
    return False if key in vocabulary().no else None


def read_languages(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Language tags (BCP 47) in order, and the words that are none."""
    tags: dict[str, None] = {}
    unknown: list[str] = []
    for word in re.split(r"[;,/|\n]+", text):
        shown = word.strip()
        known = vocabulary().languages.get(squeeze(shown))
        match = _LANGUAGE.fullmatch(shown)
        if known is not None:
            tags[known] = None
        elif match is not None:
            tags[_tag(match)] = None
        elif shown:
            parts = shown.split()
            if len(parts) > 1 and all(_LANGUAGE.fullmatch(part) and len(part) == 2 for part in parts):
                tags.update(dict.fromkeys(part.lower() for part in parts))
            else:
                unknown.append(shown)
    return tuple(tags), tuple(unknown)


def _tag(match: re.Match[str]) -> str:
    subtags = match[2].replace("_", "-").split("-")[1:]
    return "-".join([match[1].lower(), *(_cased(one) for one in subtags)])


def _cased(subtag: str) -> str:
    """RFC 5646 2.1.1: scripts begin with a capital, regions are capitals."""
    if len(subtag) == 4 and subtag.isalpha():
        return subtag.title()
    return subtag.upper() if len(subtag) == 2 else subtag.lower()


def read_tags(text: str) -> frozenset[str]:
    """Tags in small letters, blanks as hyphens."""
    words = (re.sub(r"\s+", "-", word.strip().casefold()) for word in re.split(r"[;,|\n]+", text))
    return frozenset(word for word in words if word)


def read_role(text: str) -> tuple[str, bool]:
    """The role a cell names, and whether it is one that we know."""
    known = vocabulary().roles.get(squeeze(text))
    if known is not None:
        return known, True
    slug = re.sub(r"[\W_]+", "_", text.casefold()).strip("_")
    return (slug or DEFAULT_ROLE), False


def is_site(text: str) -> bool:
    """Whether the text is the address of a web page."""
    return _SITE.fullmatch(text) is not None
