"""Text of an e-mail cell taken apart: what nobody sees taken out, parts and words found. It says nothing itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from outreach.sheets.vocabulary import squeeze, vocabulary

#: Zero-width characters, marks of direction, soft hyphen, byte order mark: not seen, and never part of an address.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff]"
)
_ODD_BLANK = re.compile(r"[^\S \n\t]")
_BLANKS = re.compile(r"[^\S\n]+")
_FULLWIDTH = str.maketrans(
    {"＠": "@", "﹫": "@", "．": ".", "。": ".", "｡": ".", "，": ",", "；": ";", "：": ":", "　": " "}
)
_AT = re.compile(
    r"\s*[\[({]\s*(?:at|@|a|ät|ατ|ат|arroba|chiocciola|arobase|aapje|małpa|kukac|собака)\s*[\])}]\s*", re.IGNORECASE
)
_DOT = re.compile(
    r"\s*[\[({]\s*(?:dot|\.|punkt|punto|point|ponto|τελεία|точка|nokta|kropka)\s*[\])}]\s*", re.IGNORECASE
)
_SPELLED = re.compile(r"\b(?:at|arroba|chiocciola)\b\s*\S+\.\S+|\s(?:at|\(at|\[at)$", re.IGNORECASE)
_COMMENT = re.compile(r"(?:^|(?<=\s))\([^()@]*\)(?=\s|$)")
#: Words between two addresses.
_BETWEEN = frozenset(
    {
        *("or", "and", "oder", "und", "ou", "et", "o", "y", "e", "ed", "of", "en", "ή", "και", "или", "и", "או", "أو"),
        *("veya", "ve"),
    }
)
_OPENING = "\"'“”„‘’«([{"
_CLOSING = "\"'“”„‘’»)]}.,;:!?†‡*°¹²³…"


def hides(text: str) -> bool:
    """Whether the text holds what nobody sees, or blanks that are no plain ones."""
    return _INVISIBLE.search(text) is not None or _ODD_BLANK.search(text) is not None


def unhidden(text: str) -> str:
    """The text without what nobody sees, and with one plain blank for any run of blanks."""
    return _BLANKS.sub(" ", _INVISIBLE.sub("", text))


def narrowed(text: str) -> str:
    """The text with plain commas, dots and at-signs for those of East Asian keyboards."""
    return text.translate(_FULLWIDTH)


def uncommented(text: str) -> str:
    """The text without words in brackets that stand alone."""
    return _COMMENT.sub(" ", text)


def parts(text: str) -> Iterator[str]:
    """The cell at its commas, semicolons and line breaks, but not inside quotation marks or <>.

    `Doe, Jane <jane@…>` is one: a part without @ before a part with <> belongs to its name.
    """
    pieces = [piece.strip() for piece in re.findall(r'(?:"[^"\n]*"|<[^<>\n]*>|[^,;|\n])+', text)]
    waiting = ""
    for piece in pieces:
        if not piece:
            continue
        if "@" not in piece and "<" not in piece and not _AT.search(piece):
            if waiting:
                yield waiting
            waiting = piece
        elif waiting and "<" in piece and not piece.startswith("<"):
            yield f"{waiting}, {piece}"
            waiting = ""
        else:
            if waiting:
                yield waiting
            yield piece
            waiting = ""
    if waiting:
        yield waiting


def deobfuscated(part: str) -> str:
    """The part with `(at)` and `(dot)` made plain, when there is one `(at)` and no @."""
    if "@" in re.sub(r"[\[({]@[\])}]", "", part):
        return part
    plain, times = _AT.subn("@", part)
    return _DOT.sub(".", plain) if times == 1 else part


def advice(part: str) -> str:
    """What may be said to a part without @, as the end of a sentence."""
    if "://" in part or part.lower().startswith("www."):
        return "; a web address belongs in a column for the site or the form"
    return '; "at" in words is not guessed at' if _SPELLED.search(part) else ""


def joins(words: list[str], at: int) -> bool:
    """Whether the word only stands between two addresses."""
    inside = 0 < at < len(words) - 1
    return inside and words[at].casefold() in _BETWEEN and "@" in words[at - 1] and "@" in words[at + 1]


def is_label(words: list[str]) -> bool:
    """Whether what stands before an address only says what it is: "Private office:", "E-mail"."""
    return not words or words[-1].endswith((":", "：")) or squeeze(" ".join(words)) in vocabulary().labels


def candidates(word: str) -> list[tuple[str, bool]]:
    """What may be addresses in a word, without quotation marks, brackets and marks around them."""
    plain = word if word.startswith('"') and '"@' in word else word.lstrip(_OPENING)
    if not re.search(r"@\[[^\]]*\]$", plain):
        plain = plain.rstrip(_CLOSING)
    if plain.lower().startswith("mailto:"):
        plain = plain[len("mailto:") :].partition("?")[0]
    label, colon, rest = plain.partition(":")
    if colon and "@" in rest and "@" not in label and label.replace("-", "").isalpha():
        plain = rest
    pieces = plain.split("/")
    if len(pieces) > 1 and all(piece.count("@") == 1 or not piece for piece in pieces):
        return [(piece, True) for piece in pieces if piece]
    return [(plain, plain != word)]
