"""A target's working calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCalendar:
    """When an office is open: in its own time zone, on its own working days."""

    key: str  #: such as "BG/Europe/Sofia/Mon-Fri": what a dispatch carries
    timezone: str  #: IANA
    weekdays: frozenset[int] = frozenset({0, 1, 2, 3, 4})  #: Monday is 0
    short_days: frozenset[int] = frozenset()  #: weekdays that end at midday
    holidays: frozenset[date] = frozenset()
    opens: time | None = None  #: None = open all day
    closes: time | None = None
