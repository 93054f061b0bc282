"""A working week as people write it: "Mon-Fri", "Sun-Thu", "Mon-Fri (Fri until midday)"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LONG = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBER = {name[:size]: day for day, name in enumerate(_LONG) for size in range(2, len(name) + 1)}

_DAY = r"([a-z]{2,9})\.?s?"
#: Any hour from noon on is taken as midday: the calendar closes earlier than the office, never later.
_NOON = r"(?:midday|noon|1[2-7](?:[:.]\d\d)?(?:\s*h)?|[1-5]\s*pm|12\s*pm)"
_SHORT = rf"(?:(?:only\s+)?(?:until|till|to)\s+{_NOON}|short|half[\s-]day|mornings?(?:\s+only)?)"
_ITEM = re.compile(rf"{_DAY}(?:\s*(?:-|to\s|through\s)\s*{_DAY})?(?:\s+({_SHORT}))?")
_DASHES = re.compile(r"\s*[‐‑‒–—−]\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingWeek:
    """The days on which an office works; Monday is 0."""

    days: frozenset[int]
    short: frozenset[int] = frozenset()  #: those of `days` that end at midday

    def __str__(self) -> str:
        text = _spell(self.days)
        return f"{text} ({_spell(self.short)} until midday)" if self.short else text


@lru_cache(maxsize=1024)
def parse_week(text: str) -> WorkingWeek | None:
    """Read a working week; None when a part of it cannot be read."""
    plain = _DASHES.sub("-", text.casefold().strip())
    outside = re.sub(r"\([^()]*\)", ",", plain)
    inside = ",".join(re.findall(r"\(([^()]*)\)", plain))
    days: set[int] = set()
    short: set[int] = set()
    for item in _items(outside):
        found, is_short = _read(item)
        if not found:
            return None
        days |= found
        short |= found if is_short else set()
    for item in _items(inside):
        found, is_short = _read(item)
        if not (is_short and found <= days):
            return None
        short |= found
    return WorkingWeek(days=frozenset(days), short=frozenset(short)) if days else None


def _items(text: str) -> list[str]:
    return [item.strip() for item in re.split(r"[,;/&+]|\band\b", text) if item.strip()]


def _read(item: str) -> tuple[set[int], bool]:
    match = _ITEM.fullmatch(item)
    if not match:
        return set(), False
    first = _number(match[1])
    last = first if match[2] is None else _number(match[2])
    if first is None or last is None:
        return set(), False
    return {(first + step) % 7 for step in range((last - first) % 7 + 1)}, match[3] is not None


def _number(name: str) -> int | None:
    return _NUMBER.get(name, _NUMBER.get(name.removesuffix("s")))


def _spell(days: frozenset[int]) -> str:
    """The shortest list of runs, from the first day after a day off: "Sun-Thu", "Mon-Thu, Sat"."""
    if len(days) == 7:
        return "Mon-Sun"
    starts = [day for day in sorted(days) if (day - 1) % 7 not in days]
    # The longest run first, so that a week that wraps is spelt from its own beginning.
    runs = sorted(((_run(days, start), start) for start in starts), key=lambda pair: (-pair[0], pair[1]))
    return ", ".join(
        _DAYS[start] if length == 1 else f"{_DAYS[start]}-{_DAYS[(start + length - 1) % 7]}" for length, start in runs
    )


def _run(days: frozenset[int], start: int) -> int:
    length = 0
    while length < 7 and (start + length) % 7 in days:
        length += 1
    return length
