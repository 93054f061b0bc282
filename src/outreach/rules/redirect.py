"""A frozen letter turned to another box: the organiser's own, before the real run."""

from __future__ import annotations

import re

_TO = re.compile(rb"(?im)^To:[^\r\n]*(?:\r\n[ \t][^\r\n]*)*\r\n")
_MESSAGE_ID = re.compile(rb"(?im)^Message-ID:[^\r\n]*(?:\r\n[ \t][^\r\n]*)*\r\n")


def redirect(raw: bytes, *, to: str, message_id: str) -> bytes:
    """The same letter with its To and Message-ID replaced; `to` is a bare ASCII address.

    The Message-ID must be another one: a copy in the organiser's box must never look like the letter itself.
    """
    head, gap, body = raw.partition(b"\r\n\r\n")
    head += b"\r\n"
    head, one = _TO.subn(lambda _: b"To: " + to.encode("ascii") + b"\r\n", head)
    head, two = _MESSAGE_ID.subn(lambda _: b"Message-ID: " + message_id.encode("ascii") + b"\r\n", head)
    if one != 1 or two != 1:
        raise ValueError("a letter has exactly one To and one Message-ID")
    return head[:-2] + gap + body
