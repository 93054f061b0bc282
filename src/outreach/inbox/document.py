"""A file that proves what a state says: its bytes within a cap, and its text when it is a text, a page or a mail."""

from __future__ import annotations

import codecs
import hashlib
import os
import re
import stat
import unicodedata
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from html.parser import HTMLParser
from pathlib import Path

from outreach.errors import InboxError
from outreach.model.document import Document

LARGEST = 10_000_000  #: bytes: a scan of forty pages
LONGEST_NAME = 120
MOST_PARTS = 200
LONGEST_PAGE = 2_000_000  #: characters: what comes later is not read

_MAIL = {".eml", ".mht", ".mhtml"}
_PAGE = {".html", ".htm", ".xhtml"}
_SEEN_AS_PAGE = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype html|html)\b", re.IGNORECASE)
_UNREAD = ("script", "style", "template")
_BREAKS = frozenset(
    ["br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "td", "th", "blockquote", "section"]
)


def read_document(path: Path) -> Document:
    """Read a file. Raises InboxError when it is none, is empty or too large."""
    content = _content(path)
    return Document(
        name=shown_name(path.name),
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        text=_text(path.suffix.lower(), content),
    )


def shown_name(name: str) -> str:
    """A file's name that is safe to show: no folder, no control, no change of direction, not too long."""
    base = re.split(r"[/\\]", name)[-1]
    seen = "".join(char for char in base if unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
    stem, dot, suffix = seen.rpartition(".")
    if len(seen) > LONGEST_NAME and dot and len(suffix) < 10:
        return f"{stem[: LONGEST_NAME - len(suffix) - 2]}…{dot}{suffix}"
    return seen[:LONGEST_NAME] or "file"


def _content(path: Path) -> bytes:
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))  # a pipe without a writer never opens else
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise _unreadable(path, "it is no file")
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise _unreadable(path, error.strerror or "it is no file") from error
    if len(content) > LARGEST:
        raise InboxError(
            f"The file is larger than {LARGEST // 1_000_000} MB.",
            where=str(path),
            todo="Scan it with fewer dots, or hand in the pages that matter.",
        )
    if not content:
        raise InboxError("The file is empty.", where=str(path), todo="Name the file that holds the answer.")
    return content


def _unreadable(path: Path, why: str) -> InboxError:
    return InboxError(
        f"The file cannot be read: {why}.", where=str(path), todo="Name the scan, page or mail as a file."
    )


def _text(suffix: str, content: bytes) -> str | None:
    if suffix in _MAIL:
        return _mail_text(content)
    text = _decoded(content, "")
    if text is not None and (suffix in _PAGE or _SEEN_AS_PAGE.match(text)):
        return _page_text(text)
    return text


def _decoded(content: bytes, charset: str) -> str | None:
    """The text, when the bytes are one: no NUL but in UTF-16, no PDF, no picture."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    if b"\0" in content or content.startswith((b"%PDF", b"{\\rtf")):
        return None
    for name in (charset, "utf-8-sig"):
        try:
            if name:
                return content.decode(name)
        except (LookupError, ValueError):
            continue
    import chardet

    guess = chardet.detect(content[:100_000])["encoding"]
    try:
        return content.decode(guess, "replace") if guess else None
    except (LookupError, ValueError):
        return None


def _mail_text(content: bytes) -> str | None:
    """What a mail's text parts say. A mail that cannot be taken apart is read as it stands."""
    try:
        message = BytesParser(policy=compat32).parsebytes(content)
        parts = [part for part, _ in zip(message.walk(), range(MOST_PARTS), strict=False)]
        texts = [found for part in parts if (found := _part_text(part)) is not None]
    except (RecursionError, LookupError, ValueError, AttributeError, TypeError):  # what strangers wrote
        return _decoded(content, "")
    return "\n".join(texts) if texts else _decoded(content, "")


def _part_text(part: Message) -> str | None:
    kind = part.get_content_type()
    if kind not in {"text/plain", "text/html"} or part.is_multipart():
        return None
    payload = part.get_payload(decode=True)
    text = _decoded(payload, str(part.get_content_charset() or "")) if isinstance(payload, bytes) else None
    return _page_text(text) if text is not None and kind == "text/html" else text


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.unread: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        if tag in _UNREAD:
            self.unread.append(tag)
        elif tag in _BREAKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.unread:
            while self.unread.pop() != tag:
                pass
        elif tag in _BREAKS:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.unread:
            self.words.append(data)


def _page_text(text: str) -> str:
    page = _Page()
    page.feed(text[:LONGEST_PAGE])
    page.close()
    return "".join(page.words)
