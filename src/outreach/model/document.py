"""A file that a person hands in as the source of a position."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Its bytes as they are, and what a reader sees of them."""

    name: str  #: cleaned, without a folder
    content: bytes
    sha256: str  #: of the content, hex
    text: str | None  #: None = no text that could be read here: a scan, a PDF, a picture
