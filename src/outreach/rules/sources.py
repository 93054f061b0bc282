"""What a record of a position must have, by how the answer came; and which web addresses may stand on a page."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlsplit

from outreach.model.position import SourceKind

LONGEST_QUOTE = 2_000  #: characters; so is a note
LONGEST_URL = 2_000
LONGEST_NAME = 200

#: How a source of each kind is called in a sentence.
WORDS = {
    SourceKind.REPLY: "mail",
    SourceKind.POST: "letter by post",
    SourceKind.PHONE: "telephone call",
    SourceKind.VISIT: "visit",
    SourceKind.STATEMENT: "public statement",
}


def missing(kind: SourceKind, *, file: bool, url: bool) -> str:
    """What a source of this kind lacks, as something to do; "" = nothing."""
    if kind is SourceKind.POST and not file:
        return "Hand in the scan with --file scan.pdf."
    if kind is SourceKind.STATEMENT and not (file or url):
        return "Say where it stands with --url https://…, and hand in the saved page with --file: pages vanish."
    return ""


def web_address(url: str) -> bool:
    """Whether this may become a link: http or https, a host, nothing of a login, nothing that a reader cannot see."""
    if not 0 < len(url) <= LONGEST_URL or any(_unseen(char) for char in url):
        return False
    try:
        parts = urlsplit(url)
        named = parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
        return named and parts.port != 0
    except ValueError:  # a port that is no number, half an IPv6 address
        return False


def has_controls(text: str) -> bool:
    """Whether a line of text holds what drives a terminal or splits a line."""
    return any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in text)


def _unseen(char: str) -> bool:
    return char in "\"'<>\\`{}|^" or char.isspace() or unicodedata.category(char)[0] == "C"
