"""What the organisers' page shows: where each state stands, what happened when, and the matrix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from outreach.model.log import Log
from outreach.model.matrix import Matrix


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """One state, or all. `sent == accepted + bounced` and `institutions == sent + not_sent`."""

    state: str  #: "" = all states
    state_name: str
    institutions: int
    sent: int  #: letters that the mail server took
    accepted: int  #: of these: not come back
    bounced: int  #: of these: come back
    not_sent: int  #: not sent yet, refused, in doubt, by post or skipped
    acknowledged: int  #: institutions that wrote an acknowledgement and no answer
    answered: int  #: institutions that answered
    overdue: int  #: institutions whose answer is overdue, and promises whose day is over
    next_step: str


class Track(StrEnum):
    """What is counted per week, each on a line of its own."""

    SENT = "letters accepted"
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
    matrix: Matrix
    states: tuple[Progress, ...]  #: by name
    total: Progress  #: their sum
    weeks: tuple[Week, ...]  #: without a gap, the oldest first
