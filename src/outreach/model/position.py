"""What a state says about a demand, and the source that proves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Position(StrEnum):
    """What a state says about one demand: a closed list (docs/glossary.md)."""

    NONE = "none"  #: nothing known; also what a record is corrected to when it was a mistake
    NONCOMMITTAL = "noncommittal"
    SUPPORTS = "supports"
    PARTLY_SUPPORTS = "partly_supports"
    OPPOSES = "opposes"
    ALREADY_DONE = "already_done"
    NOT_COMPETENT = "not_competent"  #: says that somebody else decides
    DECLINED = "declined"  #: says that it will not answer


class SourceKind(StrEnum):
    """How an answer came."""

    REPLY = "reply"  #: a mail in the ledger
    POST = "post"
    PHONE = "phone"
    VISIT = "visit"
    STATEMENT = "statement"  #: in public: a web page, a speech, minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a sentence stands. Its file or mail is kept beside it as long as nobody has it erased."""

    id: int = 0  #: in the ledger; 0 = not written down yet
    kind: SourceKind
    taken_on: date  #: the day of the letter, the call, the visit, or on which the page was looked at
    sha256: str = ""  #: of the file or the raw mail, hex; "" = there is no document
    name: str = ""  #: of the file, cleaned, or the mail's subject; never a path
    url: str = ""
    inbound: int | None = None  #: the mail's id in the ledger
    kept: bool = False  #: its file is in the ledger; of a reply see `rules.positions`


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPosition:
    """A record as a person gives it."""

    campaign: str
    state: str
    demand: str
    position: Position
    quote: str  #: their words, or "" when the position is none
    source: Source | None  #: None only when the position is none
    by: str  #: who writes it down
    due_on: date | None = None  #: a commitment's day
    note: str = ""
    institution: str = ""  #: who answered so by post, telephone or visit, or in another's mail; "" = not said


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A record as the ledger keeps it: it is never changed, a newer one takes its place."""

    id: int
    campaign: str
    state: str
    demand: str
    position: Position
    quote: str
    source: Source | None
    by: str
    at: datetime  #: aware UTC, when it was written down
    due_on: date | None = None
    note: str = ""
    institution: str = ""  #: who answered so by post, telephone or visit, or in another's mail; "" = not said
