"""A server's words, made fit for a table, a log and a terminal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

LONGEST = 400  #: characters

_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\s")
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def said(lines: Sequence[bytes], *, hide: Iterable[str] = ()) -> str:
    """The reply's lines as one: no control or direction characters, capped, and nothing of `hide` in it.

    Servers repeat the enhanced code on every line (RFC 2034 4): it is kept once. Some quote the command that they
    refuse, which in a login is the secret.
    """
    texts = [line.decode("utf-8", "replace") for line in lines]
    code = _ENHANCED.match(texts[0]) if texts else None
    if code:
        texts[1:] = [text.removeprefix(code[0]) for text in texts[1:]]
    text = " ".join(texts)
    for secret in hide:
        if secret:
            text = text.replace(secret, "…")
    if not (text.isascii() and text.isprintable()):
        text = "".join(" " if unicodedata.category(char) in _UNPRINTABLE else char for char in text)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
