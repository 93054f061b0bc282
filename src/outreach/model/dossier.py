"""The whole correspondence with one state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from outreach.model.campaign import Mode
from outreach.model.collected import TrayItem
from outreach.model.heard import Heard
from outreach.model.log import LogRow, NextStep
from outreach.model.matrix import MatrixRow
from outreach.model.position import Stated
from outreach.model.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardMail:
    """A mail that was heard, with its words."""

    heard: Heard
    sha256: str  #: of the raw mail, hex
    text: str  #: as a reader sees it, the whole
    verdicts: tuple[Verdict, ...] = ()  #: of persons, the oldest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One thing that happened, in words."""

    at: datetime  #: aware UTC
    words: str
    by: str = ""  #: a person; "" = the program


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterTold:
    """One letter and all that happened to it."""

    institution: str
    name: str
    role: str
    step: int
    at: datetime  #: aware UTC, when the server accepted it; of one that has not left, when it was drafted
    dated: date
    words: str  #: its status for people
    recipient: str  #: as far as the mode allows
    subject: str
    text: str
    happened: tuple[Happened, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """Everything between the campaign and the institutions of one state, at one moment."""

    campaign: str
    mode: Mode
    at: datetime  #: aware UTC
    state: str
    state_name: str
    institutions: tuple[LogRow, ...]  #: each as it stands in the log
    next: NextStep
    letters: tuple[LetterTold, ...]  #: the oldest first
    heard: tuple[HeardMail, ...]  #: the oldest first
    elsewhere: tuple[Stated, ...]  #: what was said in no mail, by the day of its source
    tray: tuple[TrayItem, ...]  #: mail that may be from there
    positions: MatrixRow
    titles: dict[str, str]  #: of the demands
