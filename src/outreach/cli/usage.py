"""Wrong usage in plain words: which campaigns there are, how a day is written."""

from __future__ import annotations

import re

import typer

from outreach.cli.app import office
from outreach.errors import SettingsError

_LEAD = "Value error, "  #: pydantic's own, before every value that it refuses
_NO_DAY = re.compile(r"(?s)'(.*)' does not match the formats? '%Y-%m-%d'\.?")


def put_plainly(error: typer.BadParameter) -> None:
    """Reword what typer found, in place."""
    error.message = error.message.removeprefix(_LEAD)
    if day := _NO_DAY.fullmatch(error.message):
        error.message = f'"{day[1]}" is no day. Write year, month and day, such as 2027-03-01.'
    if not error.message and error.param is not None and error.param.metavar == "CAMPAIGN":
        error.message = _campaigns()


def _campaigns() -> str:
    """Said after "Missing argument 'CAMPAIGN'."."""
    try:
        names = office().workspace.names()
    except SettingsError as none:
        return str(none)
    return f"There {'is' if len(names) == 1 else 'are'}: {', '.join(names)}." if names else "There is none yet."
