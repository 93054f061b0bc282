"""How one supporter's letter reaches one target: as a copy of its own, and when, or with the day's digest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from outreach.model.action import Way
from outreach.model.calendar import WorkCalendar
from outreach.model.supporter import Delivery, Exposure, Target
from outreach.rules.calendar import working_day_after

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What becomes of an action at a target."""

    way: Way | None  #: None = nothing goes, `why` says so
    day: date | None = None  #: a copy's: it does not go before; the claim holds the target's cap, hours and pace
    why: str = ""


def decide(target: Target, *, queued: int, longest_queue: int, today: date, calendar: WorkCalendar) -> Decision:
    """In the order of the rules: suppression, what the target may learn, its cap. `queued` copies wait before this one.

    Individual copies leave as fast as the cap allows, drip ones exactly so many a day: for a queue that is the same.
    Each working day of the target's takes its cap; `longest_queue` is in days as they come.
    """
    if target.suppressed:
        return Decision(way=None, why=target.suppressed)
    if target.exposure is Exposure.NONE:
        return Decision(way=None, why="supporters do not write to it")
    if target.exposure is Exposure.COUNTS:
        return Decision(way=Way.DIGEST, why="this target learns how many, and nothing that identifies")
    if target.delivery is Delivery.DIGEST:
        return Decision(way=Way.DIGEST, why="one letter a day for all")
    full = queued // target.per_day  # working days
    if full < longest_queue:
        day = working_day_after(calendar, today - _DAY, full + 1)
        if (day - today).days < longest_queue:
            return Decision(way=Way.COPY, day=day)
    return Decision(way=Way.DIGEST, why=f"letters for more than {longest_queue} days wait: with the digest")
