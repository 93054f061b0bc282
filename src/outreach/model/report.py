"""What the organisers' page shows: the log with its matrix, and what happened when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from outreach.model.log import Log


class Track(StrEnum):
    """What is counted per week, each on a line of its own."""

    SENT = "letters and reminders accepted"
    RETURNED = "bounced or refused"
    ACKNOWLEDGED = "acknowledgements"
    ANSWERED = "answers"
    RECORDED = "positions recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """How much of each happened in the week that begins on this Monday."""

    monday: date
    counts: Mapping[Track, int]  #: every track, zeros too


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One campaign at one moment."""

    title: str
    organisation: str
    log: Log
    weeks: tuple[Week, ...]  #: without a gap, the oldest first
