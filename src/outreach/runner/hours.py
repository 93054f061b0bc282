"""The working calendars of a run's targets, found when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from outreach.model.calendar import WorkCalendar
from outreach.runner.desk import Desk
from outreach.runner.gather import calendars_of


def hours_of(desk: Desk) -> Mapping[str, WorkCalendar]:
    """The calendars of the campaign's letters as the ledger has them, and of those that a plan brings later."""
    today = desk.ledger.now().date()
    keys = {one.dispatch.calendar for one in desk.ledger.standings(desk.campaign.slug)}
    return _Hours(lambda keys: calendars_of(desk.campaign, keys, today), keys)


class _Hours(dict[str, WorkCalendar]):
    """A key that is missing would mean an office that is always open: it is looked up first."""

    def __init__(self, find: Callable[[Iterable[str]], dict[str, WorkCalendar]], keys: Iterable[str]) -> None:
        super().__init__(find(keys))
        self._find = find

    def get(self, key: str, default: Any = None, /) -> Any:
        if key not in self:
            self.update(self._find([key]))
        return super().get(key, default)
