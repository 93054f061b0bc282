"""What marks the end of somebody's new words: lines above a quote, heads of quoted mails, closings, devices."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from outreach.model.phrases import PhrasePack

_ATTRIBUTION = 300  #: characters that "On … wrote:" may have, over three lines
_GAP = rf".{{1,{_ATTRIBUTION}}}?"  #: "…"

#: Mail programs that name neither verb nor colon, in every language.
_GMAIL = r"\d{4}-\d\d-\d\d \d{1,2}:\d\d GMT[+-]\d\d:\d\d .{1,150}"
#: A date or an hour, then the writer's address in brackets and at most three words, then a colon.
_DATED = r"[^\n]{0,200}\d[^\n]{0,150}<\s?[^<>\s]{1,100}@[^<>\s]{1,100}\s?>(?:\s+[^\s:]{1,20}){0,3}\s*[:：]"
_RULE = re.compile(r"[\s>]*[-_=*~#—–+.ᐧ·•]{2,}\s*|[\s>]*[-—–ᐧ_*]\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Compiled out of every language's pack."""

    led: re.Pattern[str]  #: a line above a quote that begins with a known word: "On … wrote:"
    named: re.Pattern[str]  #: one that begins with a name or a date: "… schrieb:"
    original: re.Pattern[str]  #: "-----Original Message-----"
    fields: tuple[re.Pattern[str], ...]  #: From, then Sent, To, Subject … of a quoted head
    closing: re.Pattern[str]  #: "Kind regards,"
    device: re.Pattern[str]  #: "Sent from my iPhone"


def marks(packs: Iterable[PhrasePack]) -> Marks:
    """The marks of all languages together: who answers in which one is not known."""
    packs = list(packs)
    led = [_gaps(one) for pack in packs for one in pack.quotes if not one.startswith("…")]
    named = [_gaps(one) for pack in packs for one in pack.quotes if one.startswith("…")]
    first = [one for pack in packs for one in pack.fields.get("from", ())]
    rest = [one for pack in packs for name in ("sent", "to", "subject") for one in pack.fields.get(name, ())]
    closings = _any([one for pack in packs for one in pack.closings])
    devices = _any([one for pack in packs for one in pack.devices], gap=r"[^,\n]{0,60}?")
    original = _any([one for pack in packs for one in pack.originals])
    return Marks(
        led=_pattern(rf"[\s*_\u202b]*(?:{'|'.join([*led, _GMAIL])})[\s*_\u202c]*"),
        named=_pattern(rf"[\s*_]*(?:{'|'.join([*named, _DATED])})[\s*_]*"),
        original=_pattern(rf"[\s>*_]*(?:[-_=]{{2,}}\s*{original}\s*[-_=]*|{original}\s*:)[\s*]*"),
        fields=(_field(first), _field(rest)),
        closing=_pattern(rf"[\s*_]*{closings}[\s,.!:;*_،。-]*"),
        device=_pattern(rf"[\s<(\[*_-]*{devices}[\s>)\].*_]*"),
    )


def is_rule(line: str) -> bool:
    """A line of dashes and the like, without a word."""
    return _RULE.fullmatch(line) is not None


def _gaps(written: str, gap: str = _GAP) -> str:
    """A phrase as a pattern: "…" is the gap, a space is any white space."""
    pieces = [r"\s+".join(re.escape(word) for word in one.split()) for one in written.split("…")]
    return gap.join(pieces) if written.strip("… ") else "$^"


def _any(written: Iterable[str], *, gap: str = _GAP, literal: bool = False) -> str:
    """One of these phrases. Of most lines a look at the next letter is enough: they begin with none of them."""
    begun: dict[str, list[str]] = {}
    behind = set()  #: what comes after "…" at the beginning
    for one in sorted({one.strip() for one in written}):
        if one.startswith("…"):
            behind.add(one.lstrip("… "))
        elif one:
            first = re.escape(one[0])
            begun.setdefault(first, []).append((re.escape(one) if literal else _gaps(one, gap)).removeprefix(first))
    tried = []
    if begun:
        several = "|".join(f"{first}(?:{'|'.join(rest)})" for first, rest in begun.items())
        tried.append(f"(?=[{''.join(begun)}])(?:{several})")
    if behind:
        tried.append(gap + _any(behind, gap=gap))
    return f"(?:{'|'.join(tried) or '$^'})"


def _field(labels: list[str]) -> re.Pattern[str]:
    return _pattern(rf"[\s>*_]*{_any(labels, literal=True)}[*_]*\s*[:：][*_]*.*")


def _pattern(source: str) -> re.Pattern[str]:
    return re.compile(source, re.IGNORECASE | re.DOTALL)
