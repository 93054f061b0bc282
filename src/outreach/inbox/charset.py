"""From bytes to words, whatever charset they claim: an unknown or a wrong one never loses the mail."""

from __future__ import annotations

import codecs

import chardet

_LOOKED_AT = 2_000  #: bytes that a guess is made from

#: What mail writes, and what its writers mean: the encodings of the WHATWG, and labels that Python does not know.
_MEANT = {
    "iso8859-1": "cp1252",
    "ascii": "",  # with high bytes it is none: guessed
    "iso-8859-8-i": "iso8859-8",  # RFC 1556: logical order
    "iso-8859-8-e": "iso8859-8",
    "gb2312": "gb18030",
    "utf8mb4": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "x-mac-cyrillic": "mac-cyrillic",
}
#: Codecs of Python that no mail means; some of them take quadratic time, or warn.
_NO_CHARSETS = frozenset({"punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"})


def decode(data: bytes, charset: str, *, guess: bool = False) -> str:
    """The words. Never fails: what fits nothing is shown with replacement characters.

    A guess costs some 10 ms: it is for texts, not for fields.
    """
    if data.isascii() and not data.count(b"\x1b") and not _wide(charset):
        return data.decode("ascii")
    name = _codec(charset)
    for one in (name, "utf-8") if name else ("utf-8",):
        try:
            return data.decode(one)
        except (UnicodeError, ValueError):
            continue
    if name and name != "utf-8":
        return data.decode("latin-1" if name == "cp1252" else name, "replace")
    return _guessed(data) if guess else data.decode("cp1252", "replace")


def _wide(charset: str) -> bool:
    return "16" in charset or "32" in charset or "7" in charset or charset.lower().startswith(("iso-2022", "hz"))


def _codec(charset: str) -> str:
    """The codec that is meant, "" = none that is known."""
    label = charset.strip().strip("\"'").lower()[:40]
    if label in _MEANT:
        return _MEANT[label]
    try:
        name = codecs.lookup(label).name
        "".encode(name)  # LookupError: rot13 and the like are not for text
    except (LookupError, ValueError, UnicodeError):
        return ""
    return "" if name.replace("_", "-") in _NO_CHARSETS else _MEANT.get(name, name)


def _guessed(data: bytes) -> str:
    try:
        name = _codec(str(chardet.detect(data[:_LOOKED_AT]).get("encoding") or ""))
    except (ValueError, UnicodeError):
        name = ""
    return data.decode(name or "cp1252", "replace")
