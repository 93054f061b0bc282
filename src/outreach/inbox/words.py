"""Words of servers and of strangers, made fit for a table, a log and a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from email.errors import MessageError
from email.header import decode_header, make_header

LONGEST = 200  #: characters

_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def fit(text: str | bytes, *, hide: Iterable[str] = ()) -> str:
    """One line without control or direction characters, capped, and nothing of `hide` in it."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    for secret in hide:
        if secret:
            text = text.replace(secret, "…")
    if not (text.isascii() and text.isprintable()):
        text = "".join(" " if unicodedata.category(char) in _UNPRINTABLE else char for char in text)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def decoded(header: str) -> str:
    """A header's words (RFC 2047), as far as they can be read."""
    header = header[:2_000]  # thousands of encoded words take seconds
    try:
        return fit(str(make_header(decode_header(header))))
    except (MessageError, LookupError, ValueError):
        return fit(header)
