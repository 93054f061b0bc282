"""The phrase packs from their files: one TOML a language, for native speakers to correct (docs/triage.md)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from outreach.errors import InboxError
from outreach.model.phrases import PhrasePack


@cache
def packs() -> tuple[PhrasePack, ...]:
    """Every language's phrases. Raises InboxError for a file with a slip of the pen."""
    folder = resources.files("outreach.inbox") / "phrases"
    files = sorted(one.name for one in folder.iterdir() if one.name.endswith(".toml"))
    return tuple(read_pack((folder / name).read_text("utf-8"), where=f"phrases/{name}") for name in files)


def read_pack(text: str, *, where: str) -> PhrasePack:
    """One language's phrases. Raises InboxError."""
    try:
        found = tomllib.loads(text)
        return PhrasePack(
            language=str(found.pop("language")),
            reviewed_by=str(found.pop("reviewed_by")),
            subjects=_lists(found.pop("subjects", {})),
            small=_list(found.pop("small", [])),
            joins=_list(found.pop("joins", [])),
            references=_list(found.pop("references", [])),
            months=tuple(_list(one) for one in found.pop("months", [])),
            quotes=_list(found.pop("quotes", [])),
            fields=_lists(found.pop("fields", {})),
            closings=_list(found.pop("closings", [])),
            devices=_list(found.pop("devices", [])),
            originals=_list(found.pop("originals", [])),
            sentences=_lists(found.pop("sentences", {}) | {name: found.pop(name) for name in list(found)}),
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise InboxError(
            f"The phrases cannot be read: {error}.",
            where=where,
            todo="Compare it with phrases/en.toml; docs/triage.md says what goes where.",
        ) from error


def _lists(table: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {str(name): _list(values) for name, values in table.items()}


def _list(values: Any) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(one, str) and one.strip() for one in values):
        raise ValueError(f"{values!r} is no list of words")
    return tuple(values)
