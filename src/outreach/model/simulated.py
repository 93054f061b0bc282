"""The other side of a rehearsal: a letter as it reached an authority, what may be answered, and the mail that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from outreach.model.inbound import InboundKind
from outreach.model.position import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A letter in the rehearsal's outbox, and the authority that it was written to."""

    institution: str
    state: str
    languages: tuple[str, ...]  #: of the state, the first one first
    demands: frozenset[str]
    box: str  #: the address that it went to
    answer_to: str  #: its Reply-To, else its From
    subject: str
    message_id: str  #: with angle brackets
    head: bytes  #: its fields as they arrived, CRLF line ends, without the empty line


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What an answer of an invented state says about one demand."""

    demand: str
    position: Position
    quote: str  #: as it stands in the answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A subject and a text, with {subject} and {number} in them."""

    kind: InboundKind
    subject: str
    text: str
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """An answer of one institution of an invented state."""

    institution: str
    text: Text
    sender: str = ""  #: "" = the box that was written to, in the letter's thread; else another one, and in no thread
    says: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Repertoire:
    """All that the authorities of a rehearsal can say."""

    stock: Mapping[tuple[InboundKind, str], Text]  #: by kind and language; of machines alone, and about no demand
    scripts: tuple[Script, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """One mail of an authority, ready to go to our mailbox."""

    institution: str
    state: str
    kind: InboundKind
    envelope_from: str  #: "" = the null sender of machines (RFC 5321 4.5.5)
    sender: str  #: the address of From
    raw: bytes  #: ASCII, CRLF line ends
    says: tuple[Said, ...] = ()
