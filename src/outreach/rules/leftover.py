"""What a sentence says beyond the phrases of machines: the words that nobody knows, clause by clause.

A phrase speaks for its own words; one that ends with "…" also for what comes next, until a comma or a word such as
"and" or "which". Small words, numbers, dates, addresses, names, and the words of the subject say nothing of their own.
What is left over then is somebody's own thought.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from outreach.rules.phrasebook import COVERING, LONGEST, Phrasebook, Sentence, languages, stands
from outreach.rules.wording import GAP, Vocabulary, folded

NOUNS_IN_CAPITALS = frozenset({"de"})  #: there a capital is no sign of a name, but behind one of these it is
_TITLES = frozenset({"frau", "herr", "herrn", "dr", "prof"})
_CLAUSE_ENDS = (",", ";", ":", ")", ".", "!", "،", "؛", "·")
_DASHES = frozenset({"-", "–", "—"})
_NO_WORDS = re.compile(r"@|://|\bwww\.|\w\.\w{2}|\d")
_SALUTATION = 7  #: words that one may have at the most
_LABEL = 4  #: words of "Date of receipt:"
_INITIAL = re.compile(r"(?:^|\s)[^\W\d_]\.(?:\s?[^\W\d_]\.)?\s")
_SIGNED = 8  #: words of "Head of unit, J. Doe"
_ENDS_IN_NUMBER = re.compile(r"\b\d{1,2}\.$")
_OPENS, _CLOSES = ("«", "“", "„", '"', "”"), ("»", "”", "“", '"')
_AND = ("و", "ו")  #: written together with the next word
#: Letters that are written together with the next word: "in", "to", "from", "that".
_TOGETHER = {"ב", "ל", "מ", "ש", "כ", "ו", "ب", "ل", "ك", "و", "ف"}


@dataclass(frozen=True, slots=True)
class Leftover:
    """What no phrase of a sentence speaks for, in words."""

    words: int  #: in the whole sentence
    bare: int  #: in the worst clause without any phrase
    answer: bool = False  #: it has a phrase that only a person writes, and no longer one of a machine's around it
    doubt: bool = False  #: a "no" or a "but", likewise
    turn: bool = False  #: a "but", and behind it no phrase of a machine's


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """Words that say nothing of their own."""

    words: frozenset[str]  #: of the subject, which names our letter, and of our name
    small: tuple[Vocabulary, ...]
    joins: tuple[Vocabulary, ...]
    months: Mapping[str, int]
    names: bool  #: a capital is a sign of a name

    def __contains__(self, plain: str) -> bool:
        if len(plain) == 1 or plain in self.words or plain in self.months or self.joins_on(plain):
            return True
        alone = plain[1:] if plain[0] in _TOGETHER and len(plain) > 3 else plain
        return any(plain in these or alone in these for these in self.small)

    def joins_on(self, plain: str) -> bool:
        """Another thing begins to be said."""
        return any(plain in these for these in self.joins)


@dataclass(slots=True)
class _Word:
    plain: str
    clause: int
    name: bool
    known: bool  #: small, a number, a date, a word of the subject
    number: bool
    joins: bool  #: the next clause begins with it
    ours: bool  #: of the subject, or within quotation marks: it names our letter
    spoken_for: bool = False
    firm: bool = False  #: by a machine's phrase, and no gap of it
    topic: bool = False  #: what a letter was about


def leftovers(sentences: Sequence[Sentence], said_before: str, book: Phrasebook) -> list[Leftover]:
    """Sentence by sentence; `said_before` are the subject and whom the mail is to."""
    spoken = languages(sentences)
    known = _Known(
        words=frozenset(folded(said_before).split()),
        small=tuple(book.small[one] for one in spoken if one in book.small),
        joins=tuple(book.joins[one] for one in spoken if one in book.joins),
        months=book.months,
        names=not NOUNS_IN_CAPITALS & spoken,
    )
    found = []
    for at, one in enumerate(sentences):
        last = 0 < at == len(sentences) - 1
        if (at < 2 and _salutes(one)) or _labels(one) or (last and _signs(one)):
            found.append(Leftover(0, 0, answer=bool(one.rule("answer")), doubt=bool(one.rule("doubt"))))
        else:
            found.append(_leftover(one, list(_words(one, known, named=last and _is_name(one)))))
    return found


def _salutes(one: Sentence) -> bool:
    """ "Dear Ms Example," stands above everything else."""
    ends = (",", ":", "،", "!") if one.rule("harmless") else (",", ":", "،")
    return one.size <= _SALUTATION and one.words.endswith(ends)


def _labels(one: Sentence) -> bool:
    """ "Date of receipt:", before what is judged for itself."""
    return one.size <= _LABEL and one.words.endswith(":")


def _signs(one: Sentence) -> bool:
    """A name with an initial, and no sentence."""
    return one.size <= _SIGNED and one.words[-1:].isalpha() and _INITIAL.search(one.words) is not None


def _is_name(one: Sentence) -> bool:
    """ "Petra Quill" on a line of its own: it ends no sentence, and one word alone may be an answer."""
    return one.words[-1:].isalpha() and all(_name(token) for token in one.words.split()[:2]) and " " in one.words


def _leftover(one: Sentence, words: list[_Word]) -> Leftover:
    if len(words) != one.size:
        return Leftover(one.size, one.size, answer=bool(one.rule("answer")), doubt=bool(one.rule("doubt")))
    with_phrase = _speak(one, words)
    own: dict[int, int] = {}
    for word in words:
        if not (word.spoken_for or word.known or word.name):
            own[word.clause] = own.get(word.clause, 0) + 1
    turn = any(
        words[place.start].joins and words[place.start].clause not in with_phrase
        for phrase, _ in one.hits
        if phrase.kind == "doubt"
        for place, _ in phrase.places(one.plain)
    )
    bare = max((count for clause, count in own.items() if clause not in with_phrase), default=0)
    return Leftover(
        sum(own.values()),
        bare,
        answer=_stands_free(one, words, "answer"),
        doubt=_stands_free(one, words, "doubt"),
        turn=turn,
    )


def _stands_free(one: Sentence, words: list[_Word], kind: str) -> bool:
    """Whether a phrase of this kind is no part of what a machine says; a single word may belong to a subject."""
    return any(
        not all(words[at].firm or (words[at].ours and kind == "answer") for at in place)
        and not (kind == "answer" and len(place) == 1 and words[place.start].topic)
        and not (kind == "doubt" and words[place.stop : place.stop + 1] and words[place.stop].number)  # "no. 12"
        for phrase, _ in one.hits
        if phrase.kind == kind
        for place, _ in phrase.places(one.plain)
    )


def _speak(one: Sentence, words: list[_Word]) -> set[int]:
    """Mark the words that the phrases speak for; the clauses that have one."""
    with_phrase: set[int] = set()
    for phrase, _ in one.hits:
        aside = phrase.kind == "aside"
        if not aside and phrase.kind not in COVERING:
            continue
        for place, own in phrase.places(one.plain):
            behind = _until(words, place.stop) if phrase.is_open else place.stop
            for at in range(place.start, behind):
                words[at].spoken_for = True
                words[at].topic |= aside and at >= place.stop
            for at in (at for piece in own for at in piece):
                words[at].firm = True
                if stands(phrase, len(place)) and not words[at].joins:
                    with_phrase.add(words[at].clause)
    return with_phrase


def _until(words: list[_Word], end: int) -> int:
    """Where a phrase that is open at its end stops: at the clause's end."""
    clause, most = words[end - 1].clause, min(len(words), end + GAP)
    while end < most and words[end].clause == clause:
        end += 1
    return end


def _words(one: Sentence, known: _Known, *, named: bool) -> Iterator[_Word]:
    """The words of the folded sentence, each with what is known of it."""
    clause = 0
    quoted = titled = False
    begins = True
    for token in one.words[:LONGEST].split():
        if token in _DASHES or token.startswith("(") or (token.startswith(_AND) and len(token) > len("وقد")):
            clause += 1
        quoted = quoted or token.startswith(_OPENS)
        name = (titled or (known.names and (named or not begins))) and _name(token)
        nothing = quoted or bool(_NO_WORDS.search(token))
        for plain in folded(token).split():
            joins, ours = known.joins_on(plain), quoted or plain in known.words
            clause += joins
            yield _Word(plain, clause, name, nothing or plain in known, plain[:1].isdigit(), joins, ours)
        titled = token.rstrip(".").lower() in _TITLES or (titled and name)
        begins = _ENDS_IN_NUMBER.search(token) is not None  # "on the 10. Come to us": no sentence was cut there
        clause += token.endswith(_CLAUSE_ENDS)
        quoted = quoted and not token.rstrip(".,;:").endswith(_CLOSES)


def _name(token: str) -> bool:
    """A capital and small letters, or a few capitals: "Mirza", "MFA"."""
    letters = "".join(char for char in token if char.isalpha())
    return letters[:1].isupper() and (letters[1:].islower() or (letters.isupper() and len(letters) <= 5))
