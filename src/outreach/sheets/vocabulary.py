"""The words of headers.toml, ready to be looked up."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

#: Fields of which a row may have several.
MANY = frozenset({"email"})


def squeeze(text: str) -> str:
    """The text as words are compared: no case, accents, blanks or punctuation."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in plain if one.isalnum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What words mean; all keys are squeezed, but for placeholders, which are only casefolded."""

    fields: Mapping[str, tuple[str, int]]  #: header -> our field, and how far down its list the word stands
    names: tuple[str, ...]  #: our fields
    roles: Mapping[str, str]
    placeholders: frozenset[str]
    yes: frozenset[str]
    no: frozenset[str]
    labels: frozenset[str]
    languages: Mapping[str, str]


@cache
def vocabulary() -> Vocabulary:
    """The words of the data file."""
    raw = tomllib.loads(files("outreach.sheets").joinpath("headers.toml").read_text("utf-8"))
    fields: dict[str, tuple[str, int]] = {}
    for name, words in raw["fields"].items():
        for rank, word in enumerate((*words, name)):
            fields.setdefault(squeeze(word), (name, rank))
    words = raw["words"]
    return Vocabulary(
        fields=fields,
        names=tuple(raw["fields"]),
        roles=_inverted(raw["roles"]),
        placeholders=frozenset(word.casefold() for word in words["placeholders"]),
        yes=frozenset(map(squeeze, words["yes"])) | {"✓", "✔"},
        no=frozenset(map(squeeze, words["no"])),
        labels=frozenset(map(squeeze, words["labels"])),
        languages=_inverted(raw["languages"]),
    )


def _inverted(table: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {squeeze(word): name for name, words in table.items() for word in (name, *words)}


@lru_cache(maxsize=4096)
def known_field(header: str) -> tuple[str, int] | None:
    """Our field that a header names, with the rank of the word, or None.

    A part in brackets may be left out, and a bilingual header ("Pays / Country") counts when its parts agree.
    """
    found = _exact(header)
    if found is None and "(" in header:
        found = _exact(header.partition("(")[0])
    if found is None and "/" in header:
        parts = [_exact(part) for part in header.split("/")]
        if all(parts) and len({part[0] for part in parts if part}) == 1:
            found = parts[0]
    return found


def _exact(header: str) -> tuple[str, int] | None:
    fields = vocabulary().fields
    key = squeeze(header)
    found = fields.get(key)
    if found is None:
        stem = fields.get(key.rstrip("0123456789"))
        if stem and stem[0] in MANY:
            found = stem
    return found


def is_placeholder(text: str) -> bool:
    """Whether the cell only says that there is nothing to say."""
    return text.strip().casefold() in vocabulary().placeholders
