"""Whether every sender sends the same letter: one of each, as it came over the wire."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from contestants import SENDERS
from sink import Sink
from tables import table


def compare_letters(contacts: Path) -> None:
    """Print size and parts of each sender's letter, and whether its words are those of ours."""
    rows: list[tuple[str, ...]] = []
    ours: list[str] = []
    for name, send in SENDERS.items():
        with Sink(keep=True) as sink:
            runs = send(contacts, sink.port)
            letters = sink.kept()
        if len(letters) != 1:
            raise SystemExit(f"{name}: {len(letters)} letters instead of one. {runs[-1].failed or runs[-1].printed}")
        head, gap, body = letters[0].partition(b"\n\n") if b"\n\n" in letters[0] else (b"", b"", letters[0])
        message = message_from_bytes(_without_envelope(head) + gap + body, policy=default)
        parts = {part.get_content_type(): _words(part) for part in message.walk() if not part.is_multipart()}
        ours = ours or parts["text/plain"]
        same = "yes" if parts["text/plain"] == ours else f"in part ({len(parts['text/plain'])} words to {len(ours)})"
        rows.append((name, f"{len(letters[0]):,}", " + ".join(parts), same))
    table("One letter of each, over the wire", ("sender", "bytes", "parts", "same words as ours"), rows)


def _without_envelope(head: bytes) -> bytes:
    """smtp-sink puts lines of its own before the letter: X-Client-Addr and the like, then a Received field."""
    return b"\n".join(line for line in head.split(b"\n") if not line.startswith(b"X-"))


def _words(part: EmailMessage) -> list[str]:
    content = part.get_content()
    return content.split() if isinstance(content, str) else []
