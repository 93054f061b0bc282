"""The generated data file `names.json`, read once and only when it is asked for."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

#: What people put between the letters of a name in their own way. Not the slash: "N/A" is no Namibia.
_BETWEEN = re.compile(r"[\s._,'’‘ʼʹ`´\"“”()\[\]&*·‐‑‒–—־-]+")
_BASES = ("LATIN", "GREEK", "CYRILLIC")
_STROKES = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ħ": "h"})


@dataclass(frozen=True, slots=True, kw_only=True)
class StateFacts:
    """What is known of one state without any library."""

    name: str  #: in English
    languages: tuple[str, ...]  #: BCP 47
    timezone: str  #: IANA, the capital's
    week: str  #: such as "Mon-Fri (Fri until midday)"


@dataclass(frozen=True, slots=True, kw_only=True)
class StateData:
    """The whole of `names.json`."""

    babel: str  #: the version whose CLDR it was made from
    states: dict[str, StateFacts]
    codes: dict[str, str]  #: alpha-3 and others in use -> our code
    index: dict[str, str]  #: squeezed name -> code
    forms: dict[str, dict[str, str]]  #: language -> name as written -> code, for names in running text
    not_states: tuple[str, ...]  #: phrases that hold a state's name and mean something else
    not_in_text: frozenset[str]  #: English names that are too often something else in running text
    common_words: frozenset[str]  #: English names that are words too, in small letters


@cache
def data() -> StateData:
    """`names.json`, about 10 ms the first time."""
    raw = json.loads(Path(__file__).with_name("names.json").read_bytes())
    return StateData(
        babel=raw["babel"],
        states={
            code: StateFacts(name=f["name"], languages=tuple(f["languages"]), timezone=f["timezone"], week=f["week"])
            for code, f in raw["states"].items()
        },
        codes=raw["codes"],
        index={name: code for code, names in raw["names"].items() for name in names.split("|")},
        forms=raw["forms"],
        not_states=tuple(raw["not_states"]),
        not_in_text=frozenset(raw["not_in_text"]),
        common_words=frozenset(raw["common_words"]),
    )


def squeeze(text: str) -> str:
    """What two spellings of one name share: case, width, spaces and punctuation are gone."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    visible = "".join(c for c in folded if unicodedata.category(c) != "Cf")
    return _BETWEEN.sub("", visible)


def without_diacritics(squeezed: str) -> str:
    """Latin, Greek and Cyrillic letters without their marks; in other scripts a mark is a letter of its own."""
    kept: list[str] = []
    base_has_case = False
    for char in unicodedata.normalize("NFD", squeezed.translate(_STROKES)):
        if unicodedata.category(char) == "Mn":
            if not base_has_case:
                kept.append(char)
            continue
        base_has_case = unicodedata.name(char, "").startswith(_BASES)
        kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept))
