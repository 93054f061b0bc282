"""Every language's phrases together, compiled once; and a text looked at through them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from outreach.model.phrases import PhrasePack
from outreach.rules.reply_marks import Marks, marks
from outreach.rules.wording import Index, Phrase, Vocabulary, folded, phrase

MOST_UNITS = 200  #: sentences of a mail that are looked at
LONGEST = 2_000  #: characters of one

_UPPER, _LOWER = "[A-ZÀ-ÞΑ-ΩА-Я]", "[a-zß-ÿά-ώа-я]"
#: Not behind "12.", "z.", "Nr.", "Ref."; and not before a number behind a short word: "αρ. 7113", "вх. № 5".
#: The first blank comes first: whatever begins with a set of characters is looked for ten times as fast.
_SENTENCES = re.compile(
    r"\s(?:(?<=[.!?…。؟;:·]\s)(?<!\b\d\.\s)(?<!\b\d\d\.\s)(?<!\b[^\W\d]\.\s)"
    rf"(?<!\b{_UPPER}{_LOWER}\.\s)(?<!\b{_UPPER}{_LOWER}{_LOWER}\.\s)"
    r"(?!(?<=\b[^\W\d]{2}\.\s)\s*[\d№#])(?!(?<=\b[^\W\d]{3}\.\s)\s*[\d№#])(?!(?<=\b[^\W\d]{4}\.\s)\s*[\d№#])"
    r"\s*|(?<=\n)\s*\n)"
)

Hits: TypeAlias = tuple[tuple[Phrase, int], ...]

#: Kinds of phrases that a machine's mail is made of.
COVERING = frozenset({"auto_reply", "acknowledgement", "machine", "challenge", "harmless", "noted"})


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a mail, and the phrases that are in it."""

    words: str  #: as it stands
    plain: str  #: folded
    hits: Hits  #: and how many words each phrase covers
    rules: Mapping[str, str]  #: the first phrase of each kind

    @property
    def size(self) -> int:
        """How many words it has."""
        return self.plain.count(" ") - 1

    def rule(self, *kinds: str) -> str:
        """The first phrase of one of these kinds, "" = none."""
        for kind in kinds:
            if kind in self.rules:
                return self.rules[kind]
        return ""

    @property
    def receipt(self) -> str:
        """The first phrase of a receipt, "" = none; the "прието" of "прието за сведение" (noted) is none."""
        if "acknowledgement" not in self.rules:
            return ""
        return next((one.rule for one, _ in self.hits if one.kind == "acknowledgement" and not self._noted(one)), "")

    def _noted(self, part: Phrase) -> bool:
        """Whether it stands only inside what says that somebody took note."""
        around = [place for one, _ in self.hits if one.kind == "noted" for place, _ in one.places(self.plain)]
        return bool(around) and all(
            any(wide.start <= place.start and place.stop <= wide.stop for wide in around)
            for place, _ in part.places(self.plain)
        )

    @property
    def covered(self) -> bool:
        """Whether it is one that machines write: it has a phrase of theirs."""
        return any(stands(one, span) for one, span in self.hits)


def stands(one: Phrase, span: int) -> bool:
    """Whether a phrase makes a machine's sentence; one harmless word ("website", "reply") is in anybody's."""
    return one.kind in COVERING and (span > 1 or one.is_open or one.kind != "harmless")


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrasebook:
    """What the rules know of languages."""

    subjects: Index
    sentences: Index
    small: dict[str, Vocabulary]  #: by language
    joins: dict[str, Vocabulary]
    marks: Marks
    reference: re.Pattern[str]
    months: dict[str, int]  #: folded name -> 1 to 12

    def subject(self, subject: str) -> tuple[str, str]:
        """The kind and the rule that a subject's begin says, the longest phrase first; "" and "" = none."""
        found = max(self.subjects.hits(folded(subject)), key=lambda one: one[1], default=None)
        return (found[0].kind, found[0].rule) if found else ("", "")

    def read(self, text: str) -> list[Sentence]:
        """The text sentence by sentence, through the eyes of the languages that it is written in."""
        found = [self._sentence(one) for one in _SENTENCES.split(text[:40_000])[:MOST_UNITS] if one.strip()]
        spoken = _languages(hits for _, _, hits in found)
        return [_heard(*one, spoken) for one in found]

    def _sentence(self, words: str) -> tuple[str, str, Hits]:
        text = " ".join(words.split())
        plain = folded(text[:LONGEST])
        return text, plain, self.sentences.hits(plain)


def _heard(words: str, plain: str, hits: Hits, spoken: set[str]) -> Sentence:
    hits = tuple([hit for hit in hits if _counts(*hit, spoken)])
    return Sentence(words, plain, hits, {one.kind: one.rule for one, _ in reversed(hits)})


def _counts(hit: Phrase, span: int, spoken: set[str]) -> bool:
    """A person's words count in any language, unless one word alone is meant: other languages may have it too."""
    return hit.language in spoken or (hit.kind == "answer" and span > 1)


def languages(sentences: Iterable[Sentence]) -> set[str]:
    """Whose phrases cover most words: "mai" is May in German and "never" in Italian."""
    return _languages(one.hits for one in sentences)


def _languages(several: Iterable[Hits]) -> set[str]:
    weight: defaultdict[str, int] = defaultdict(int)
    for hits in several:
        for hit, span in hits:
            weight[hit.language] += span * (hit.kind not in {"doubt", "answer"})
    most = max(weight.values(), default=0)
    return {language for language, words in weight.items() if 5 * words >= most}


def phrasebook(packs: Iterable[PhrasePack]) -> Phrasebook:
    """Compile the packs."""
    packs = list(packs)
    subjects = [
        phrase(one, rule=f"{pack.language}.subject.{kind}.{number}", kind=kind, at_start=True)
        for pack in packs
        for kind, written in pack.subjects.items()
        for number, one in enumerate(written, 1)
    ]
    sentences = [
        phrase(one, rule=f"{pack.language}.{kind}.{number}", kind=kind)
        for pack in packs
        for kind, written in pack.sentences.items()
        for number, one in enumerate(written, 1)
    ]
    return Phrasebook(
        subjects=Index(subjects),
        sentences=Index(sentences),
        small={pack.language: Vocabulary(pack.small) for pack in packs},
        joins={pack.language: Vocabulary(pack.joins) for pack in packs},
        marks=marks(packs),
        reference=_reference(packs),
        months={
            folded(name).strip(): at for pack in packs for at, names in enumerate(pack.months, 1) for name in names
        },
    )


def _reference(packs: Iterable[PhrasePack]) -> re.Pattern[str]:
    """A pack's word, then a number: with a digit, and no day or year alone."""
    labels = sorted({one for pack in packs for one in pack.references}, key=len, reverse=True)
    said = "|".join(re.escape(one).replace(r"\ ", r"\s+") for one in labels) or "$^"
    return re.compile(
        rf"(?<!\w)(?:{said})(?!\w)[\s:#№.\-–(\[]{{0,6}}(?:(?:is|ist|est|es|é|è|είναι|е|no|nr|n[º°o]|№|number"
        rf"|der|de|la|di)\b[\s:.#№]{{0,4}}){{0,3}}"
        r"(?=[\w./\-]{0,40}\d)(?P<number>\w[\w./\-]{0,40})",
        re.IGNORECASE,
    )
