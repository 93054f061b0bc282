"""The `.env` file: refused when others can read it, and never quoted, for its lines hold secrets."""

from __future__ import annotations

import os
import shlex
import stat
from dataclasses import dataclass, field
from pathlib import Path

from outreach.errors import SettingsError

NAME = ".env"
_READABLE_BY_OTHERS = 0o077


@dataclass(frozen=True, slots=True, kw_only=True)
class DotFile:
    """The settings of a `.env` file. Its values show in no repr."""

    values: dict[str, str] = field(default_factory=dict, repr=False)
    lines: dict[str, int] = field(default_factory=dict)  #: where each key is set
    unreadable: tuple[int, ...] = ()  #: lines that are no setting


def read_dotfile(root: Path) -> DotFile:
    """The `.env` of a workspace; an empty one when there is none. Raises SettingsError."""
    from io import StringIO

    # dotenv_values() reads by this parser; the parser also tells lines and errors, sets no environment variable,
    # and leaves `$` in a password alone, where dotenv_values() would put another variable's value.
    from dotenv.parser import parse_stream

    text = _text(root / NAME)
    values: dict[str, str] = {}
    lines: dict[str, int] = {}
    unreadable: list[int] = []
    for one in parse_stream(StringIO(text)):
        line = one.original.line + _empty_lines_before(one.original.string)
        # A value of several lines is a quote that was not closed: no setting of ours has any.
        if one.error or (one.key is not None and (one.value is None or "\n" in one.value)):
            unreadable.append(line)
        elif one.key is not None:
            values[one.key], lines[one.key] = one.value or "", line
    return DotFile(values=values, lines=lines, unreadable=tuple(unreadable))


def _empty_lines_before(statement: str) -> int:
    return statement[: len(statement) - len(statement.lstrip())].count("\n")


def _text(file: Path) -> str:
    try:
        mode = file.stat().st_mode
        if not stat.S_ISREG(mode):
            raise SettingsError("This is no plain file.", where=NAME, todo="Replace it by a text file of settings.")
        if os.name == "posix" and mode & _READABLE_BY_OTHERS:
            raise SettingsError(
                f"Others on this computer may read or write it (mode {stat.S_IMODE(mode):04o}); it holds secrets.",
                where=NAME,
                todo=f"Run: chmod 600 {shlex.quote(str(file))}",
            )
        data = file.read_bytes()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise SettingsError(
            f"The file cannot be read: {error.strerror}.", where=NAME, todo="Look at its rights."
        ) from error
    text = _decoded(data)
    if text is None:
        raise SettingsError("The file is not in UTF-8.", where=NAME, todo="Save it again with the encoding UTF-8.")
    return text


def _decoded(data: bytes) -> str | None:
    # Outside of an except clause the caller's error carries no UnicodeDecodeError, which would hold the whole file.
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
