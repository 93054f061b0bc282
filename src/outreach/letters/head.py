"""The head of a template file: TOML between two `+++` lines, before the letter's Markdown."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any

from outreach.letters.grammar import Flaw

FENCE = "+++"
_STATE = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a template file says about itself. The lower half is of frames only."""

    subject: str = ""
    title: str = ""  #: a demand's, for lists
    reviewed_by: str = ""  #: the native speaker who read it; "" = nobody yet
    sources: tuple[str, ...] = ()
    facts_as_of: date | None = None
    mentions: frozenset[str] = frozenset()  #: states that the wording names on purpose
    neutral_salutation: str = ""
    salutations: Mapping[str, str] = field(default_factory=dict)  #: neutral ones by role, where a better one exists
    salutation_mark: str = ""  #: what follows the salutation: "," in English, "!" in Hungarian
    written_for: tuple[str, ...] = ()  #: the demands that its words fit; () = any
    date_format: str = "long"  #: CLDR: long, medium or a pattern such as "d MMMM y"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parted:
    """A template file in its parts. `body` keeps its place: as many line ends stand before it as in the file."""

    head: Head
    body: str
    lines: Mapping[str, int]  #: where each key of the head stands
    flaws: tuple[Flaw, ...]


@dataclass(frozen=True, slots=True)
class _Key:
    wanted: str
    fits: Callable[[Any], bool]
    required: bool = True
    make: Callable[[Any], Any] = lambda value: value


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and "\n" not in value


def _is_line(value: Any) -> bool:
    return isinstance(value, str) and "\n" not in value


def _is_day(value: Any) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(_is_text(one) for one in value)


def _are_sources(value: Any) -> bool:
    return _are_texts(value) and bool(value)


def _are_states(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) and _STATE.fullmatch(one) for one in value)


def _is_table_of_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(_is_text(one) for one in value.values())


_SUBJECT = _Key("a line of text", _is_text)
_REVIEWED = _Key('a name, or "" while no native speaker has read it', _is_line)
_MENTIONS = _Key('a list of state codes, such as ["IL", "BG"]', _are_states, required=False, make=frozenset)
DEMAND_KEYS: Mapping[str, _Key] = {
    "subject": _SUBJECT,
    "title": _Key("a few words", _is_text),
    "reviewed_by": _REVIEWED,
    "sources": _Key("a list of at least one source", _are_sources, make=tuple),
    "facts_as_of": _Key("a date, such as 2026-11-23, without quotation marks", _is_day),
    "mentions": _MENTIONS,
}
FRAME_KEYS: Mapping[str, _Key] = {
    "subject": _SUBJECT,
    "reviewed_by": _REVIEWED,
    "neutral_salutation": _Key("the salutation for an office, without the mark after it", _is_text),
    "salutations": _Key('a table such as mfa = "Your Excellency"', _is_table_of_texts, required=False),
    "salutation_mark": _Key('what follows the salutation, such as "," or ""', _is_line),
    "date_format": _Key('"long", "medium" or a pattern such as "d MMMM y"', _is_text, required=False),
    "written_for": _Key('a list of demands, such as ["moratorium"]', _are_texts, required=False, make=tuple),
    "sources": _Key("a list of sources", _are_texts, required=False, make=tuple),
    "facts_as_of": _Key("a date, such as 2026-11-23, without quotation marks", _is_day, required=False),
    "mentions": _MENTIONS,
}
#: A chaser is framed like a letter; its subject is that of the first letter.
CHASER_KEYS: Mapping[str, _Key] = {name: key for name, key in FRAME_KEYS.items() if name != "subject"}


def part(source: str, keys: Mapping[str, _Key]) -> Parted:
    """Take a template file apart; every flaw of its head is found."""
    rows = source.split("\n")
    fences = [number for number, row in enumerate(rows) if row.rstrip() == FENCE][:2]
    if len(fences) != 2 or any(row.strip() for row in rows[: fences[0]]):
        todo = f"Begin the file with a line `{FENCE}`, the head, and another line `{FENCE}`; see docs/letters.md."
        flaw = Flaw(1, "template-head", "This template has no head.", todo)
        return Parted(head=Head(), body="", lines={}, flaws=(flaw,))
    first, last = fences
    text = "\n" * (first + 1) + "\n".join(rows[first + 1 : last]) + "\n"
    body = "\n" * (last + 1) + "\n".join(rows[last + 1 :])
    try:
        said = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        found = f"The head is not TOML: {error}."
        todo = 'Write each line as key = "value", and a day as 2026-11-23, without quotation marks.'
        flaw = Flaw(_line_in(str(error)), "template-head", found, todo)
        return Parted(head=Head(), body=body, lines={}, flaws=(flaw,))
    lines = {key: _line_of(key, rows, first, last) for key in said}
    flaws = [*_unknown(said, keys, lines), *_unfit(said, keys, lines, first + 1)]
    good = {key: keys[key].make(value) for key, value in said.items() if key in keys and keys[key].fits(value)}
    return Parted(head=Head(**good), body=body, lines=lines, flaws=tuple(flaws))


def _line_in(message: str) -> int:
    found = re.search(r"line (\d+)", message)
    return int(found[1]) if found else 1


def _line_of(key: str, rows: list[str], first: int, last: int) -> int:
    wanted = re.compile(rf"\s*[\"'\[]*{re.escape(key)}[\"'\]]*\s*(?:=|\.|$)")
    return next((number + 1 for number in range(first + 1, last) if wanted.match(rows[number])), first + 1)


def _unknown(said: Mapping[str, Any], keys: Mapping[str, _Key], lines: Mapping[str, int]) -> list[Flaw]:
    flaws = []
    for key in said.keys() - keys.keys():
        close = get_close_matches(key, keys, n=1)
        todo = f"Did you mean `{close[0]}`?" if close else f"The head may have {', '.join(keys)}."
        flaws.append(Flaw(lines[key], "template-head", f'"{key}" is not known in this head.', todo))
    return flaws


def _unfit(said: Mapping[str, Any], keys: Mapping[str, _Key], lines: Mapping[str, int], first: int) -> list[Flaw]:
    flaws = []
    for name, key in keys.items():
        if name not in said:
            if key.required:
                flaws.append(Flaw(first, "template-head", f"The head has no `{name}`.", f"Add {key.wanted}."))
        elif not key.fits(said[name]):
            found = f"`{name}` does not fit: {str(said[name])[:60]!r}."
            flaws.append(Flaw(lines[name], "template-head", found, f"Write {key.wanted}."))
    return flaws
