"""What a supporter gave, as a letter may show it: characters that act on their surroundings are taken out."""

from __future__ import annotations

import re
import unicodedata

from outreach.letters.values import Own, Words

#: Controls, bidi embeddings, overrides and isolates (UAX 9), halves of characters: none is seen, all of them act.
_ACTING = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028]")
_BLANKS = re.compile(r"[ \t]+")
_GAP = re.compile(r"\n{3,}")
_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"


def line(text: str) -> Own:
    """A name or a place on one line."""
    return Own(" ".join(_composed(text).split()))


def words(text: str, language: str) -> Words:
    """Paragraphs parted by one empty line, lines as they were broken, single blanks within."""
    broken = _LINE_END.sub("\n", text).replace("\u2029", "\n\n")
    lines = [_BLANKS.sub(" ", one).strip() for one in _composed(broken).split("\n")]
    return Words.of(_GAP.sub("\n\n", "\n".join(lines).strip()), language)


def direction(text: str) -> str:
    """`ltr` or `rtl` as the first letter has it (UAX 9 P2), or "" for a text without one."""
    for character in text:
        match unicodedata.bidirectional(character):
            case "L":
                return "ltr"
            case "R" | "AL":
                return "rtl"
    return ""


def isolated(text: str, around: str) -> str:
    """The text, kept to itself where it runs against the direction around it: "(3" must not change sides."""
    if direction(text) in {"", around}:
        return text
    return f"{_FIRST_STRONG_ISOLATE}{text}{_POP_ISOLATE}"


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", _ACTING.sub("", text))
