"""Which queued letters may leave now: the pace of account, domain and institution, and the target's office hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from outreach.model.calendar import WorkCalendar
from outreach.model.campaign import Pace


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A queued letter that is due."""

    dispatch: str
    institution: str
    domain: str
    calendar: str  #: key into `calendars`; a missing key means always open


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """A letter that was let go earlier and was not given back."""

    at: datetime  #: aware UTC
    institution: str
    domain: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Who may go now, and when to ask again for the rest."""

    dispatches: tuple[str, ...]
    next_at: datetime | None  #: when the first of the others may go; None when there are none
    reason: str = ""  #: what that one waits for, in words


def grant(
    candidates: Sequence[Candidate],
    *,
    granted: Sequence[Granted],
    now: datetime,
    pace: Pace,
    calendars: Mapping[str, WorkCalendar],
    limit: int,
) -> Grant:
    """Decide for `candidates` in their order; `granted` are the account's grants of the longest window."""
    raise NotImplementedError
