"""What the package brings for its demo: a sheet of invented states, and what authorities answer."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from outreach.errors import SettingsError
from outreach.model.inbound import InboundKind
from outreach.model.position import Position
from outreach.model.simulated import Repertoire, Said, Script, Text

FOLDER = Path(str(files("outreach") / "demo"))
SHEET = "invented.csv"
_ANSWERS = FOLDER / "answers.toml"


def load_repertoire(file: Path = _ANSWERS) -> Repertoire:
    """The answers of the demo. Raises SettingsError when the installation is not whole."""
    try:
        found = tomllib.loads(file.read_text("utf-8"))
        stock = [_text(one) for one in found["stock"]]
        return Repertoire(
            stock={(one.kind, one.language): one for one in stock},
            scripts=tuple(_script(one) for one in found["script"]),
        )
    except (OSError, tomllib.TOMLDecodeError, KeyError, ValueError) as error:
        raise SettingsError(
            f"The demo's answers cannot be read: {error}.", where=str(file), todo="Install outreach again."
        ) from error


def _text(one: Mapping[str, Any]) -> Text:
    return Text(
        kind=InboundKind(one["kind"]), subject=one["subject"], text=one["text"], language=one.get("language", "en")
    )


def _script(one: Mapping[str, Any]) -> Script:
    return Script(
        institution=one["institution"],
        text=_text(one),
        sender=one.get("sender", ""),
        says=tuple(
            Said(demand=said["demand"], position=Position(said["position"]), quote=said["quote"])
            for said in one.get("says", ())
        ),
    )
