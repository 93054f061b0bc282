"""Everything one campaign needs in one mode: what every verb is handed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from outreach.model.campaign import Campaign, Mode
from outreach.runner.answer_ports import Answers
from outreach.runner.answers import NoAnswers
from outreach.runner.ports import Ledger, Letters, Sheets


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One campaign, one mode, and the rooms that serve it."""

    campaign: Campaign
    mode: Mode
    sheets: Sheets
    letters: Letters
    ledger: Ledger
    secret: bytes  #: keys the dispatch ids
    today: date  #: the day that letters are dated
    step: int = 0
    as_if: datetime | None = None  #: rehearsals only: how long everybody has been silent is counted as of then
    answers: Answers = NoAnswers()
