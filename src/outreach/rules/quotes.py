"""Whether a quoted sentence stands in a text: blanks, quotation marks and dashes aside, word for word."""

from __future__ import annotations

import re
import unicodedata

#: What differs between a mail and what a person copies out of it: marks without width, and the shapes of signs.
_UNSEEN = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»″〝〞＂", '"'),
        **dict.fromkeys("‘’‚‛‹›′`´＇", "'"),
        **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
    }
)
_QUOTED_LINE = re.compile(r"(?m)^[ \t]*(?:>[ \t]?)+")
_LEFT_OUT = re.compile(r"\s*(?:[\[(]\s*(?:\.{3}|…)\s*[\])]|…|\.{3})\s*")
#: Scripts that write no blank between two words.
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")


def stands_in(quote: str, text: str) -> bool:
    """Whether each part of the quote stands in the text as whole words, in its order; "…" leaves something out."""
    parts = [part for part in (_plain(one) for one in _LEFT_OUT.split(quote)) if part]
    if not any(char.isalnum() for part in parts for char in part):
        return False
    # As it stands, and without the marks before quoted lines: a ministry may write its answer between ours.
    return any(_in_order(parts, whole) for whole in (_plain(text), _plain(_QUOTED_LINE.sub("", text))))


def tidy(text: str) -> str:
    """A sentence as it is kept: one line, composed, without what no reader sees."""
    return " ".join(unicodedata.normalize("NFC", _UNSEEN.sub("", text)).split())


def _plain(text: str) -> str:
    return tidy(unicodedata.normalize("NFKC", text).translate(_SIGNS)).replace("''", '"')


def _in_order(parts: list[str], whole: str) -> bool:
    at = 0
    for part in parts:
        at = _find(part, whole, at)
        if at < 0:
            return False
        at += len(part)
    return True


def _find(part: str, whole: str, begin: int) -> int:
    """Where the part stands as whole words: "support" does not stand in "unsupported"."""
    at = whole.find(part, begin)
    while at >= 0:
        end = at + len(part)
        if not _runs_on(whole[at - 1 : at], part[0]) and not _runs_on(part[-1], whole[end : end + 1]):
            return at
        at = whole.find(part, at + 1)
    return -1


def _runs_on(left: str, right: str) -> bool:
    if not (left.isalnum() and right.isalnum()):
        return False
    return not any(unicodedata.name(char, "").startswith(_UNSPACED) for char in (left, right))
