"""What a digest quotes: supporters' own words, and nothing that says whose they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from outreach.model.action import Action
from outreach.rules.own_words import folded, similarity

LONGEST = 400  #: characters of one quote
_OWN = 0.8  #: words this much like the suggestion, or like another quote, say nothing new
_IDENTIFIES = re.compile(r"@|https?:|www\.|\d[\d\s().-]{3,}\d|\w\.[a-z]{2,}/", re.IGNORECASE)
_SENTENCE = re.compile(r"[.!?…;·؟。]+[\"'»”’)]*(?=\s|$)")
_NO_LETTER = re.compile(r"[\W_]+")
_LONG = 3  #: letters of a part of a name that is looked for inside words, too
_INFLECTED = 6  #: letters; of a longer one the last two may change, of a shorter one the last


class Unquoted(StrEnum):
    """Why a digest does not quote somebody's words."""

    UNASKED = "unasked"  #: they did not agree
    NAMED = "named"  #: something in the words says whose they are
    OURS = "ours"  #: they are close to the suggestion, and say nothing new


def quotes(actions: Sequence[Action], *, most: int = 10) -> tuple[str, ...]:
    """Words of those who agreed to be quoted, spread over the list, the same for the same list.

    Left out are words close to the suggestion or to another quote, and words that hold any part of the writer's name,
    place or address, another address, a link or a long number: for every target alike, since a quote is nobody's.
    """
    chosen: list[str] = []
    for one in _spread(actions):
        if len(chosen) == most:
            break
        words = " ".join(one.words.split())
        if not words or why_unquoted(one) is not None:
            continue
        quote = _shortened(words)
        if all(similarity(quote, other) < _OWN for other in chosen):
            chosen.append(quote)
    return tuple(chosen)


def why_unquoted(action: Action) -> Unquoted | None:
    """Why the words are never quoted; None where they may be, as far as others do not say the same."""
    if not action.consent.quote:
        return Unquoted.UNASKED
    if identifies(action):
        return Unquoted.NAMED
    return Unquoted.OURS if action.similarity >= _OWN else None


def identifies(action: Action) -> bool:
    """Whether the words hold anything that says who wrote them."""
    if _IDENTIFIES.search(action.words):
        return True
    text = _words(action.words)
    local, _, domain = action.email.partition("@")
    parts = {part for field in (action.name, action.place, re.sub(r"\W", " ", local)) for part in _words(field).split()}
    if any(_names(part, text) for part in parts):
        return True
    return bool(domain) and folded(domain) in folded(action.words)


def _names(part: str, text: str) -> bool:
    """Whether a part of a name stands in the text, as it is or inflected: Γιώργος is του Γιώργου, Москва is в Москве.

    Not by whole words: Arabic and Hebrew names carry a prefix. A quote too few does no harm.
    """
    if len(part) < _LONG:
        return part in text.split()
    stem = part[: max(_LONG, len(part) - (2 if len(part) > _INFLECTED else 1))]
    return part in text or (f" {stem}" in f" {text}" if stem.isascii() else stem in text)


def _words(text: str) -> str:
    """Folded words, each without what stands between its letters."""
    return " ".join(_NO_LETTER.sub("", word) for word in folded(text.replace("-", " ")).split())


def _spread(actions: Sequence[Action]) -> Sequence[Action]:
    """By the hash of each: no corner of the list is preferred, and nobody chooses."""
    return sorted(actions, key=lambda one: one.sha256)


def _shortened(words: str) -> str:
    if len(words) <= LONGEST:
        return words
    ends = [found.end() for found in _SENTENCE.finditer(words[:LONGEST])]
    if ends:
        return words[: ends[-1]]
    return words[: words.rfind(" ", 0, LONGEST)].rstrip(" ,;:") + " …"
