"""What pydantic found, in words for a campaigner."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from outreach.campaigns.lines import Key, spelled
from outreach.campaigns.supporter_tables import PageTextTable, SupportersTable, TargetTable
from outreach.campaigns.table import Table
from outreach.campaigns.tables import (
    CampaignTable,
    ChasersTable,
    CopiesTable,
    DemandTable,
    ExclusionTable,
    LanguagesTable,
    PaceTable,
    RecessTable,
    SenderTable,
)
from outreach.campaigns.values import FAULT


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault of a campaign file, at its key."""

    key: Key
    code: str
    found: str
    todo: str


#: Where which table stands, without the numbers of list items.
_TABLES: Mapping[tuple[str, ...], type[Table]] = {
    (): CampaignTable,
    ("sender",): SenderTable,
    ("demand",): DemandTable,
    ("demand", "exclude"): ExclusionTable,
    ("languages",): LanguagesTable,
    ("pace",): PaceTable,
    ("chasers",): ChasersTable,
    ("recess",): RecessTable,
    ("copies",): CopiesTable,
    ("supporters",): SupportersTable,
    ("supporters", "text"): PageTextTable,  # one for each language
    ("supporters", "target"): TargetTable,
    ("exclude",): ExclusionTable,
}
_LISTS = {"demand", "exclude", "recess", "target"}

_WANTED: Mapping[str, tuple[str, str]] = {
    "string_type": ("a text", 'Write a text in quotes, such as "…".'),
    "bool_type": ("true or false", "Write true or false, without quotes."),
    "int_type": ("a whole number", "Write a whole number without quotes, such as 4."),
    "float_type": ("a number", "Write a number without quotes, such as 0.3."),
    "finite_number": ("a finite number", "Write a number, such as 0.3."),
    "date_type": ("a date", "Write the day without quotes and without a time, such as 2026-11-23."),
    "list_type": ("a list", 'Write a list in square brackets, such as ["…", "…"].'),
    "dict_type": ("a table", "Write it as a table, with its own keys below it."),
    "model_type": ("a table", "Write it as a table, with its own keys below it."),
}


def faults_of(error: ValidationError) -> Iterator[Fault]:
    """Every fault, each once: a misspelt key is not also said to be missing."""
    details = error.errors(include_url=False)
    meant = {(*_parent(one), _meant(one)) for one in details if one["type"] == "extra_forbidden"}
    for one in details:
        if one["type"] == "missing" and one["loc"] in meant:
            continue
        yield _fault(one)


def _fault(one: ErrorDetails) -> Fault:
    key = tuple(part for part in one["loc"] if part != "[key]")
    kind, context, value = one["type"], one.get("ctx", {}), one["input"]
    if kind == FAULT:
        return Fault(key=key, code=context["code"], found=context["found"], todo=context["todo"])
    if kind == "missing":
        return _missing(key)
    if kind == "extra_forbidden":
        return _extra(one, key)
    if kind == "literal_error":
        wanted = str(context["expected"]).replace("'", '"')
        return Fault(
            key=key, code="bad-value", found=f"{_shown(value)} is none of the choices.", todo=f"Write {wanted}."
        )
    if kind in {"greater_than_equal", "less_than_equal"}:
        return _beyond(key, value, context, kind)
    if kind == "too_short":
        return _none_there(key)
    if kind == "too_long":
        found, todo = f"These are {context['actual_length']}.", f"Name at most {context['max_length']}."
        return Fault(key=key, code="bad-value", found=found, todo=todo)
    if kind == "list_type" and key[-1] in _LISTS and isinstance(value, dict):
        found, todo = (
            f"[{spelled(key)}] stands in one pair of brackets.",
            f"Write [[{spelled(key)}]]: there may be several.",
        )
        return Fault(key=key, code="wrong-type", found=found, todo=todo)
    noun, todo = _WANTED.get(kind, ("", f"{one['msg']}."))
    found = f"This is {_kind(value)}, not {noun}." if noun else f"{_shown(value)} cannot stand here."
    return Fault(key=key, code="wrong-type" if noun else "bad-value", found=found, todo=todo)


def _missing(key: Key) -> Fault:
    table, name = key[:-1], str(key[-1])
    if name in _LISTS or (*_names(table), name) in _TABLES:
        if name == "demand":
            return _none_there(key)
        return Fault(
            key=key, code="missing-key", found=f"The table [{name}] is missing.", todo=f"Begin it with a line [{name}]."
        )
    if not table:
        found, todo = f'The file has no "{name}".', f"Write {name} = … above the first [table]."
    elif isinstance(table[-1], int):
        found, todo = f'{spelled(table)} has no "{name}".', f"Write {name} = … beside its other keys."
    else:
        found, todo = f'[{spelled(table)}] has no "{name}".', f"Write {name} = … below this line."
    return Fault(key=key, code="missing-key", found=found, todo=todo)


def _none_there(key: Key) -> Fault:
    if key[-1] == "demand":
        return Fault(
            key=key,
            code="no-demand",
            found="The campaign demands nothing.",
            todo="Write a [[demand]] with slug and title.",
        )
    return Fault(key=key, code="empty", found="The list is empty.", todo="Name at least one.")


def _extra(one: ErrorDetails, key: Key) -> Fault:
    name, meant = str(key[-1]), _meant(one)
    homes = ["the head of the file" if not path else f"[{'.'.join(path)}]" for path in _homes(name)]
    if meant:
        todo = f'Did you mean "{meant}"?'
    elif homes:
        todo = f"It belongs in {' or '.join(homes)}" + (", above the first [table]." if homes[0][0] != "[" else ".")
    else:
        todo = f"Take it out. There are: {', '.join(_fields(_parent(one)))}."
    return Fault(key=key, code="unknown-key", found=f'"{name}" means nothing here.', todo=todo)


def _beyond(key: Key, value: object, context: Mapping[str, Any], kind: str) -> Fault:
    least, most = context.get("ge"), context.get("le")
    if value == 0 and key[0] == "pace":
        found, todo = "0 would mean that no letter ever leaves.", "Write 1 or more, or take the line out: no limit."
    elif kind == "greater_than_equal":
        found, todo = f"{value} is too small.", f"Write {least:g} or more."
    else:
        found, todo = f"{value} is too large.", f"Write {most:g} or less."
    return Fault(key=key, code="bad-value", found=found, todo=todo)


def _meant(one: ErrorDetails) -> str:
    """The key that a misspelt one stands for, or ""."""
    close = get_close_matches(str(one["loc"][-1]).casefold(), _fields(_parent(one)), n=1, cutoff=0.75)
    return close[0] if close else ""


def _parent(one: ErrorDetails) -> Key:
    return one["loc"][:-1]


def _names(table: Key) -> tuple[str, ...]:
    """Which table it is: without the numbers of list items, and without the language of a text."""
    names = tuple(part for part in table if isinstance(part, str))
    return names[:2] if names[:2] == ("supporters", "text") else names


def _fields(table: Key) -> Sequence[str]:
    return _keys(_TABLES[_names(table)])


def _homes(name: str) -> list[tuple[str, ...]]:
    return [path for path, table in _TABLES.items() if name in _keys(table) and len(path) < 2]


def _keys(table: type[Table]) -> list[str]:
    """A table's keys as a file spells them."""
    return [field.alias or name for name, field in table.model_fields.items()]


def _shown(value: object) -> str:
    text = " ".join(str(value).split())
    text = text if len(text) <= 60 else text[:59] + "…"
    return f'"{text}"' if isinstance(value, str) else text


def _kind(value: object) -> str:
    kinds: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (bool, "true or false"),
        (str, "a text"),
        ((int, float), "a number"),
        (list, "a list"),
        (dict, "a table"),
        ((date, time), "a date or time"),
    )
    return next((noun for kind, noun in kinds if isinstance(value, kind)), "something else")
