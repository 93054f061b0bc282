"""The list of who is silent: folded from correspondences, every institution once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from outreach.model.campaign import Mode
from outreach.model.correspondence import Correspondence, Silence
from outreach.model.due import Due, DueGroup, DueRow
from outreach.rules.blotting import blotted

_GROUPS = {one: DueGroup[one.name] for one in Correspondence}


def group_of(found: Silence) -> DueGroup:
    """What a correspondence is counted under."""
    return DueGroup.VERY_OVERDUE if found.very else _GROUPS[found.status]


def build_due(rows: Iterable[DueRow], *, campaign: str, mode: Mode, at: datetime) -> Due:
    """The whole list, those first who have owed an answer for the longest."""
    made = list(rows)
    if mode is Mode.REHEARSAL:
        made = [replace(row, name=blotted(row.name), why_not=blotted(row.why_not)) for row in made]
    order = {group: number for number, group in enumerate(DueGroup)}
    made.sort(key=lambda row: (order[row.group], row.due or date.max, row.state_name.casefold(), row.institution))
    found = Counter(row.group for row in made)
    counts = {group: found[group] for group in DueGroup}
    return Due(campaign=campaign, mode=mode, at=at, rows=tuple(made), counts=counts)
