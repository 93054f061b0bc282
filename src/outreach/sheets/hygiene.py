"""Characters that no value may hold, and those that are only taken out."""

from __future__ import annotations

import re
import unicodedata

#: Control characters but newline and tab, line and paragraph separators, half characters: they break headers and pages.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
#: Seen by nobody. Joiners and plain marks of direction stay: Persian, Hindi, Arabic and Hebrew need them.
_UNSEEN = re.compile("[\u00ad\u200b\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufff9-\ufffb]")
_SUSPECT = ("\ufffd", "\u00c3", "\u00c2", "\u00e2")
#: UTF-8 that was read as Windows-1252: Ã©, â€™.
_GARBLED = re.compile(
    "[\u00c3\u00c2\u00e2][\u0080-\u00bf\u20ac\u2013\u2014\u2018-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u2122"
    "\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc]{1,2}"
)

#: What a web page writes for a sign or a letter: &amp; &#39; &eacute;
_OF_A_PAGE = re.compile(
    r"&(?:amp|lt|gt|quot|apos|nbsp|[a-z]{1,2}(?:acute|grave|uml|circ|tilde|cedil)|#\d+|#x[\da-f]+);", re.IGNORECASE
)
#: Letters that the encoding of a saved CSV did not have: Excel writes "?" for each.
_LOST = re.compile(r"(?<![^\W\d_])\?{3,}")

#: What may stand around a value: blanks of every width, tab, line end. No control or separator characters.
_AROUND = " \t\n\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"


def trimmed(text: str) -> str:
    """The text without blanks around it."""
    return text.strip(_AROUND)


def is_odd(text: str) -> bool:
    """Whether anything here needs a second look; asked once for a whole row, so it has to be quick."""
    if not text.isprintable() or "???" in text or "&" in text:
        return True
    return not text.isascii() and any(one in text for one in _SUSPECT)


def forbidden(text: str) -> str:
    """The first character that may not be in a value, by code and name, or an empty string."""
    match = _FORBIDDEN.search(text)
    if match is None:
        return ""
    name = unicodedata.name(match[0], "")
    return f"U+{ord(match[0]):04X}" + (f" ({name.lower()})" if name else "")


def cleaned(text: str) -> str:
    """The text without what nobody sees."""
    return _UNSEEN.sub("", text)


def is_garbled(text: str) -> bool:
    """Whether the text went through a wrong encoding, or came out of a web page's source, before it came here."""
    if "\ufffd" in text or _LOST.search(text) or _OF_A_PAGE.search(text):
        return True
    return any(_was_utf8(match[0]) for match in _GARBLED.finditer(text))


def _was_utf8(text: str) -> bool:
    try:
        text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return False
    return True


def one_line(text: str) -> str:
    """The text with every run of blanks and line breaks as one blank."""
    return " ".join(text.split())
