"""A letter: finished bytes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is approved and, byte for byte, sent; only the `Date:` line is put in front as it leaves."""

    dispatch: str  #: the dispatch's id
    message_id: str  #: with angle brackets
    subject: str
    raw: bytes  #: headers and body, CRLF line ends, no Date, ends in CRLF
    sha256: str  #: of `raw`, hex
    template_sha: str  #: of the templates it was rendered from, hex
    envelope_from: str
