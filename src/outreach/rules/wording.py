"""Words made comparable, and phrases found in them: case, accents, points and vowel signs do not count."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_GAP = 8  #: words that "…" stands for, at the most
_FOLDED = str.maketrans({"ı": "i", "ى": "ي", "ة": "ه", "ـ": "", "ø": "o", "ł": "l", "đ": "d"})
_NO_WORD = re.compile(r"[\W_]+")
_MARKS = re.compile(
    r"[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)


def folded(text: str) -> str:
    """The words alone, each between single spaces, also the first and the last."""
    if text.isascii():
        return f" {_NO_WORD.sub(' ', text.lower()).strip()} "
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_FOLDED))
    return f" {_NO_WORD.sub(' ', _MARKS.sub('', plain).replace('ς', 'σ')).strip()} "


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

    @property
    def language(self) -> str:
        """The pack that it is of."""
        return self.rule.partition(".")[0]

    def span(self, text: str) -> int:
        """How many words of a folded text it covers, 0 = it is not in it."""
        if self.pattern is None:
            return self.words.count(" ") - 1 if self.words in text else 0
        found = self.pattern.search(text)
        return found[0].count(" ") - 1 if found else 0


def phrase(written: str, *, rule: str, kind: str, at_start: bool = False) -> Phrase:
    """Compile a phrase: "…" stands for any few words, "*" at a word's end or begin for any letters."""
    plain = "…" not in written and "*" not in written and not at_start
    whole = [word for sure, word in _words(written) if sure]
    pattern = None
    if not plain:
        gap = rf"(?:[^ ]+ ){{0,{_GAP}}}"
        parts = [_expression(one) for one in written.split("…") if one.strip()]
        pattern = re.compile(("^" if at_start else "") + " " + gap.join(parts))
    return Phrase(
        rule=rule,
        kind=kind,
        key=max(whole, key=len, default=""),
        needs=frozenset(whole),
        stem=max((word for sure, word in _words(written) if not sure), key=len, default=""),
        words=folded(written) if plain else "",
        pattern=pattern,
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


class Index:
    """Phrases by a word that they need, so that a text is asked only for those that it can have."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._by_word: dict[str, list[Phrase]] = {}
        self._always: list[Phrase] = []
        for one in phrases:
            (self._by_word.setdefault(one.key, []) if one.key else self._always).append(one)

    def hits(self, text: str) -> Iterator[tuple[Phrase, int]]:
        """The phrases in a folded text, and how many of its words each covers."""
        words = set(text.split())
        for word in words & self._by_word.keys():
            yield from _found(self._by_word[word], text, words)
        yield from _found(self._always, text, words)


def _found(phrases: list[Phrase], text: str, words: set[str]) -> Iterator[tuple[Phrase, int]]:
    for one in phrases:
        if one.stem in text and one.needs <= words and (span := one.span(text)):
            yield one, span
