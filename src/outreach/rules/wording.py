"""Words made comparable, and phrases found in them: case, accents, points and vowel signs do not count."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

_KEPT = 2_048  #: short sentences whose phrases are remembered: machines say the same again and again
_SHORT = 200  #: characters of one
GAP = 8  #: words that "…" stands for, at the most
_FOLDED = str.maketrans({"ı": "i", "ى": "ي", "ة": "ه", "ـ": "", "ø": "o", "ł": "l", "đ": "d"})
_DIGIT = re.compile(r"\d")
_NO_WORD = re.compile(r"[\W_]+")
_ASCII = "".join(chr(code) if chr(code).isalnum() else " " for code in range(128))  #: the same in a tenth of the time
_MARKS = re.compile(
    r"[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)


#: "and", "the", and what they are written together with: a word means the same with them and without.
_PREFIXES = re.compile(
    r"(?<= )(?:ו?ה?(?=[\u05d0-\u05ea]{3})|[وف]?(?:[بك]?ال|لل)(?=[\u0621-\u064a]{3})|و(?=[\u0621-\u064a]{4}))"
)
_PREFIXED = re.compile(r"[\u05d0-\u064a]")


def folded(text: str) -> str:
    """The words alone, each between single spaces, also the first and the last."""
    if text.isascii():
        return f" {' '.join(text.lower().translate(_ASCII).split())} "
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_FOLDED))
    words = f" {_NO_WORD.sub(' ', _MARKS.sub('', plain).replace('ς', 'σ')).strip()} "
    return _PREFIXES.sub("", words) if _PREFIXED.search(words) else words


def has_digit(text: str) -> bool:
    """Whether a digit of any script stands in it."""
    if text.isascii():  # without looking at one letter after the other
        return any(map(text.__contains__, "0123456789"))
    return _DIGIT.search(text) is not None


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase of a pack, compiled; `rule` is what a verdict names."""

    rule: str
    kind: str
    key: str  #: a word that a text must have for it; "" = look always
    needs: frozenset[str]  #: all such words
    stem: str  #: letters that it must have: the longest word with a "*"
    words: str  #: for a phrase without "…" and "*"
    pattern: re.Pattern[str] | None
    is_open: bool  #: it ends with "…": it speaks for the next words as well
    language: str  #: the pack that it is of

    def span(self, text: str) -> int:
        """How many words of a folded text it covers, 0 = it is not in it."""
        if self.pattern is None:
            return self.words.count(" ") - 1 if self.words in text else 0
        found = self.pattern.search(text)
        return found[0].count(" ") - 1 if found else 0

    def places(self, text: str) -> Iterator[tuple[range, list[range]]]:
        """Where it stands in a folded text, in words; and those of them that are its own, none that "…" stands for."""
        if self.pattern is not None:
            for found in self.pattern.finditer(text):
                own = [_range(text, *found.span(number)) for number in range(1, found.re.groups + 1)]
                yield range(own[0].start, own[-1].stop), own
            return
        at = text.find(self.words)
        while at >= 0:
            own = [_range(text, at + 1, at + len(self.words))]
            yield own[0], own
            at = text.find(self.words, at + 1)


def _range(text: str, begin: int, end: int) -> range:
    """The words between two places, the first of them behind a space, the second too."""
    first = text.count(" ", 0, begin) - 1
    return range(first, first + text.count(" ", begin, end))


def phrase(written: str, *, rule: str, kind: str, at_start: bool = False) -> Phrase:
    """Compile a phrase: "…" stands for any few words, "*" at a word's end or begin for any letters."""
    is_open, written = written.endswith("…"), written.rstrip("… ")
    plain = "…" not in written and "*" not in written and not at_start
    whole = [word for sure, word in _words(written) if sure]
    pattern = None
    if not plain:
        gap = rf"(?:[^ ]+ ){{0,{GAP}}}?"
        parts = [f"({_expression(one)})" for one in written.split("…") if one.strip()]
        pattern = re.compile(("^" if at_start else "") + " " + gap.join(parts))
    return Phrase(
        rule=rule,
        kind=kind,
        key=max(whole, key=len, default=""),
        needs=frozenset(whole),
        stem=max((word for sure, word in _words(written) if not sure), key=len, default=""),
        words=folded(written) if plain else "",
        pattern=pattern,
        is_open=is_open,
        language=rule.partition(".")[0],
    )


def _words(written: str) -> Iterator[tuple[bool, str]]:
    """The words, and whether each stands whole in every text that has the phrase."""
    for token in written.replace("…", " ").split():
        inner = folded(token.replace("*", "")).split()
        for one in inner:
            yield "*" not in token, one


def _expression(piece: str) -> str:
    said = []
    for token in piece.split():
        inner = folded(token.replace("*", "")).split()
        if not inner:
            continue
        word = " ".join(re.escape(one) for one in inner).replace(r"\ ", " ")
        said.append(("[^ ]*" if token.startswith("*") else "") + word + ("[^ ]*" if token.endswith("*") else ""))
    return "".join(f"{one} " for one in said)


class Vocabulary:
    """Single words, some with any ending or any beginning ("*")."""

    def __init__(self, written: Iterable[str]) -> None:
        tokens = [(one, folded(one.replace("*", "")).strip()) for one in written]
        self._whole = frozenset(word for one, word in tokens if "*" not in one)
        self._begins = tuple(word for one, word in tokens if one.endswith("*") and not one.startswith("*"))
        self._ends = tuple(word for one, word in tokens if one.startswith("*") and not one.endswith("*"))
        self._inside = tuple(word for one, word in tokens if one.startswith("*") and one.endswith("*"))

    def __contains__(self, word: str) -> bool:
        return (
            word in self._whole
            or word.startswith(self._begins)
            or word.endswith(self._ends)
            or any(one in word for one in self._inside)
        )


class Index:
    """Phrases by a word that they need, so that a text is asked only for those that it can have."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._by_word: dict[str, list[Phrase]] = {}
        self._always: list[Phrase] = []
        for one in phrases:
            (self._by_word.setdefault(one.key, []) if one.key else self._always).append(one)
        self._kept = lru_cache(_KEPT)(self._look)

    def hits(self, text: str) -> tuple[tuple[Phrase, int], ...]:
        """The phrases in a folded text, and how many of its words each covers; the longest first."""
        return self._kept(text) if len(text) <= _SHORT else self._look(text)

    def _look(self, text: str) -> tuple[tuple[Phrase, int], ...]:
        words = set(text.split())
        found = [hit for word in words & self._by_word.keys() for hit in _found(self._by_word[word], text, words)]
        found += _found(self._always, text, words)
        return tuple(sorted(found, key=lambda one: (-one[1], one[0].rule)))


def _found(phrases: list[Phrase], text: str, words: set[str]) -> Iterator[tuple[Phrase, int]]:
    for one in phrases:
        if one.stem in text and one.needs <= words and (span := one.span(text)):
            yield one, span
