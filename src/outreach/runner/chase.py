"""Chase: prepare the reminders that are due today, as drafts of their steps; previewed, approved and sent like any."""

from __future__ import annotations

from dataclasses import dataclass, replace

from outreach.runner.desk import Desk
from outreach.runner.follow_ups import steps_of
from outreach.runner.plan import Planning, plan
from outreach.runner.planned import require_plan
from outreach.runner.silence import stop_answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Chased:
    """The plans of the steps that have reminders in the ledger, or get some today."""

    steps: tuple[Planning, ...]
    stopped: int  #: reminders cancelled because a person has answered since

    @property
    def written(self) -> bool:
        """Whether every plan was written."""
        return all(one.totals is not None for one in self.steps)


def chase(desk: Desk, *, skip_bad_rows: bool = False, redraft: bool = False) -> Chased:
    """Plan every step of chasers. A step with faults is not written, and none after it.

    Raises UsageError when no first letter has been planned yet.
    """
    require_plan(desk)
    stopped = stop_answered(desk)
    made: list[Planning] = []
    for step in steps_of(desk):
        made.append(plan(replace(desk, step=step), skip_bad_rows=skip_bad_rows, redraft=redraft))
        if made[-1].totals is None:
            break
    return Chased(steps=tuple(made), stopped=stopped)
