"""A supporter's own words: how far they are from the suggestion, and what a person should look at before they go."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

_SHINGLE = 4  #: words in a row
_WORD = re.compile(r"\w+")
_LINK = re.compile(r"https?:|www\.|\b[\w-]+\.(?:com|net|org|info|ru|cn)\b", re.IGNORECASE)
_MARKUP = re.compile(r"</?[a-z][^>]*>|\[/?(?:url|b|i)\]", re.IGNORECASE)
_ADDRESS = re.compile(r"\S@\S+\.\S")
_NUMBER = re.compile(r"(?:\d[\s().-]?){8,}")  # a telephone or an account
_AGAIN = re.compile(r"(\S)\1{9}")
_LOUD = 0.7  #: of the letters that have a case


def similarity(words: str, suggestion: str) -> float:
    """How much of `words` stands in the suggestion, 0 to 1: the share of their four-word runs. 1 = unchanged."""
    own, given = _shingles(words), _shingles(suggestion)
    return len(own & given) / len(own) if own else 0.0


def why_held(*, name: str, place: str, words: str, blocked: Collection[str]) -> str:
    """Why a person should look at it first, or "". Nothing is dropped by a rule."""
    text = folded(words)
    for one in blocked:
        if re.search(rf"(?<!\w){re.escape(folded(one))}(?!\w)", f"{text}\n{folded(name)}\n{folded(place)}"):
            return f'holds "{one}"'
    for pattern, why in (
        (_LINK, "holds a link"),
        (_MARKUP, "holds markup"),
        (_ADDRESS, "holds an e-mail address"),
        (_NUMBER, "holds a long number"),
        (_AGAIN, "repeats one character"),
    ):
        if pattern.search(words):
            return why
    cased = [one for one in words if one.isalpha() and one.lower() != one.upper()]
    if len(cased) > 40 and sum(one.isupper() for one in cased) > _LOUD * len(cased):
        return "is written in capitals"
    return ""


def folded(text: str) -> str:
    """Without case and accents, for comparison only."""
    plain = unicodedata.normalize("NFKD", text.upper().casefold())  # the Turkish ı has no other way to i
    return "".join(one for one in plain if not unicodedata.combining(one))


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = _WORD.findall(folded(text))
    size = min(_SHINGLE, len(words))
    return frozenset(tuple(words[at : at + size]) for at in range(len(words) - size + 1)) if size else frozenset()
