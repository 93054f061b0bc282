"""HTML turned into the text that a reader sees; what it quotes is marked with "> " as in a plain mail."""

from __future__ import annotations

import html
import re
from itertools import islice

LARGEST_HTML = 400_000  #: characters
MOST_LINKS = 500

#: Private characters around a quote, so that it is still known after the tags are gone.
_BEGIN, _END = "\ue000", "\ue001"
_QUOTE = re.compile(r"(?i)<blockquote\b[^>]{0,2000}>")
_QUOTED = re.compile(r"(?i)</blockquote\s*>")
_UNSEEN = re.compile(r"(?is)<(script|style|head|title)\b.{0,100000}?</\1\s*>|<!--.{0,100000}?-->")
_BREAK = re.compile(r"(?i)<(br|/p|/div|/tr|/li|/h\d)\b[^>]{0,200}>")
_TAG = re.compile(r"<[^>]{0,5000}>")
_ANY_TAG = re.compile(r"<[^<>]*>")  # also one that holds a picture; linear, as it ends before the next `<`
_LINK = re.compile(r"(?i)\bhref\s{0,9}=\s{0,9}[\"']?([^\"'\s>]{1,2000})")


def text_of(source: str) -> str:
    """What a reader sees. Never fails: where the parser gives up, the tags are simply taken out."""
    from inscriptis import get_text
    from inscriptis.model.config import ParserConfig
    from lxml.etree import LxmlError

    source = source[:LARGEST_HTML].replace(_BEGIN, "").replace(_END, "")
    marked = _QUOTED.sub(f"{_END}</blockquote>", _QUOTE.sub(lambda tag: f"{tag[0]}{_BEGIN}", source))
    try:
        text = get_text(marked, ParserConfig(display_images=False))
    except (LxmlError, ValueError, TypeError, AttributeError, IndexError, KeyError, RecursionError):
        text = bare(marked)
    return _quoted(text)


def bare(source: str) -> str:
    """The words without their tags."""
    return html.unescape(_TAG.sub(" ", _BREAK.sub("\n", _UNSEEN.sub(" ", source))))


def everything(source: str) -> str:
    """Where its links lead, and all between its tags, seen or not: to look for something in it. Takes linear time."""
    links = (found[1] for found in islice(_LINK.finditer(source), MOST_LINKS))
    return html.unescape("\n".join([*links, _ANY_TAG.sub(" ", source)]))


def _quoted(text: str) -> str:
    lines: list[str] = []
    depth = 0
    for line in text.split("\n"):
        depth += line.count(_BEGIN)
        said = line.replace(_BEGIN, "").replace(_END, "").replace("\xa0", " ").rstrip()
        if said.strip() or not depth or (lines and lines[-1].startswith("> ")):
            lines.append(f"{'>' * min(depth, 9)} {said.lstrip()}".rstrip() if depth else said)
        depth = max(depth - line.count(_END), 0)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
