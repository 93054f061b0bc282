"""What a campaign file says that does not go together: read from the raw values, so that no other fault hides it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import PurePosixPath
from typing import Any

from outreach.campaigns.faults import Fault
from outreach.campaigns.lines import Key, spelled
from outreach.campaigns.values import FindState
from outreach.model.campaign import Chasers

Values = Mapping[str, Any]
USUAL = Chasers()
LONGEST_RECESS = 366  #: days


def contradictions(values: Values, find_state: FindState) -> Iterator[Fault]:
    """Every contradiction of a file; whatever has a wrong shape is passed over here."""
    yield from _sheets_twice(values)
    yield from _demands_twice(values)
    for key, table in _exclusions(values):
        yield from _whom(key, table)
    yield from _listed_and_excluded(values, find_state)
    yield from _states_twice(values, find_state)
    yield from _days_without_hours(values)
    yield from _very_overdue_first(values)
    yield from _recess_backwards(values)


def _sheets_twice(values: Values) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for index, sheet in _texts(values.get("contacts")):
        path = str(PurePosixPath(sheet))
        if path in seen:
            yield _fault(
                ("contacts", index), f'"{sheet}" is listed twice.', "Every institution would stand twice: keep one."
            )
        seen.setdefault(path, index)


def _demands_twice(values: Values) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for index, demand in _tables(values.get("demand")):
        slug = demand.get("slug")
        if isinstance(slug, str) and slug in seen:
            first = spelled(("demand", seen[slug]))
            yield _fault(("demand", index, "slug"), f'{first} is named "{slug}" too.', "Give each demand its own slug.")
        elif isinstance(slug, str):
            seen[slug] = index


def _whom(key: Key, table: Values) -> Iterator[Fault]:
    given = [name for name in ("state", "institution") if name in table]
    if len(given) != 1:
        found = "This excludes nobody." if not given else "This names a state and an institution."
        yield _fault(key, found, "Name either a state or one institution by its id.")


def _listed_and_excluded(values: Values, find_state: FindState) -> Iterator[Fault]:
    everywhere = _excluded_states(values.get("exclude"), find_state)
    for index, demand in _tables(values.get("demand")):
        here = _excluded_states(demand.get("exclude"), find_state)
        for at, name in _texts(demand.get("states")):
            code = find_state(name.strip())
            if code in here:
                place = spelled(("demand", index, "exclude", here[code]))
            elif code in everywhere:
                place = spelled(("exclude", everywhere[code]))
            else:
                continue
            yield _fault(
                ("demand", index, "states", at),
                f'"{name}" is listed here and excluded by {place}.',
                "Take it out of one of them.",
            )


def _excluded_states(tables: object, find_state: FindState) -> dict[str | None, int]:
    named = ((find_state(str(table.get("state", "")).strip()), index) for index, table in _tables(tables))
    return {code: index for code, index in named if code is not None}


def _states_twice(values: Values, find_state: FindState) -> Iterator[Fault]:
    by_state = _table(_table(values.get("languages")).get("by_state"))
    seen: dict[str, str] = {}
    for name in by_state:
        code = find_state(name.strip())
        if code is not None and code in seen:
            key = ("languages", "by_state", name)
            yield _fault(key, f'"{name}" and "{seen[code]}" are one state.', "Keep one of them.")
        elif code is not None:
            seen[code] = name


def _days_without_hours(values: Values) -> Iterator[Fault]:
    pace = _table(values.get("pace"))
    if pace.get("working_days") is True and "office_hours" not in pace:
        yield _fault(
            ("pace", "working_days"),
            "Working days are kept by office hours only, and there are none.",
            'Write office_hours = "09:00-17:00" beside it, or take it out.',
        )


def _very_overdue_first(values: Values) -> Iterator[Fault]:
    chasers = _table(values.get("chasers"))
    first = next((days for days in _list(chasers.get("after", USUAL.after)) if isinstance(days, int)), 0)
    very = chasers.get("very_overdue_after", USUAL.very_overdue_after)
    if chasers and isinstance(very, int) and very < first:
        key = ("chasers", "very_overdue_after") if "very_overdue_after" in chasers else ("chasers", "after")
        yield _fault(
            key,
            f"An answer would be very overdue after {very} days, before it is overdue after {first}.",
            f"Write very_overdue_after = {first} or more.",
        )


def _recess_backwards(values: Values) -> Iterator[Fault]:
    for index, recess in _tables(values.get("recess")):
        first, last = recess.get("from"), recess.get("to")
        if type(first) is not date or type(last) is not date:
            continue
        if last < first:
            yield _fault(("recess", index, "to"), "It ends before it begins.", "Write the earlier day first.")
        elif (last - first).days >= LONGEST_RECESS:
            found = "It lasts for more than a year: nobody would ever be reminded."
            yield _fault(("recess", index, "to"), found, "Write each recess of its own, or leave the state out.")


def _exclusions(values: Values) -> Iterator[tuple[Key, Values]]:
    for index, table in _tables(values.get("exclude")):
        yield ("exclude", index), table
    for number, demand in _tables(values.get("demand")):
        for index, table in _tables(demand.get("exclude")):
            yield ("demand", number, "exclude", index), table


def _list(value: object) -> Iterator[object]:
    return iter(value if isinstance(value, list | tuple) else [])


def _tables(value: object) -> Iterator[tuple[int, Values]]:
    items = value if isinstance(value, list) else []
    return ((index, item) for index, item in enumerate(items) if isinstance(item, dict))


def _texts(value: object) -> Iterator[tuple[int, str]]:
    items = value if isinstance(value, list) else []
    return ((index, item) for index, item in enumerate(items) if isinstance(item, str))


def _table(value: object) -> Values:
    return value if isinstance(value, dict) else {}


def _fault(key: Key, found: str, todo: str) -> Fault:
    return Fault(key=key, code="contradiction", found=found, todo=todo)
