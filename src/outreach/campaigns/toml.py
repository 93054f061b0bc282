"""A TOML file as text and as values; what keeps it from being read is said with its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from outreach.campaigns.lines import Key, key_lines, line_of, spelled, unfinished
from outreach.errors import CampaignError
from outreach.model.problem import Place, Problem, Severity

LARGEST = 1_000_000  #: bytes; a campaign file has some thousand
QUOTED = 100  #: characters of a quoted line


@dataclass(frozen=True, slots=True, kw_only=True)
class TomlFile:
    """A TOML file that was read."""

    path: str  #: as a person is told it, relative to the workspace
    text: str  #: lines end in a bare newline
    values: dict[str, Any]
    lines: Mapping[Key, int]

    def place(self, key: Key) -> Place:
        """Where a key stands, or the table that lacks it."""
        return Place(path=self.path, row=line_of(key, self.lines), column=_clean(spelled(key)))

    def problem(self, key: Key, *, code: str, found: str, todo: str) -> Problem:
        """A fault at a key, with its line quoted."""
        place = self.place(key)
        return _fault(place, _quoted(self.text, place.row), code=code, found=found, todo=todo)


def read_toml(file: Path, path: str) -> TomlFile:
    """Read `file`, told as `path`. Raises CampaignError."""
    text = _decoded(_bytes(file, path), path)
    try:
        values = tomllib.loads(text)
        lines = key_lines(text)
    except tomllib.TOMLDecodeError as error:
        raise _refused(_syntax_problem(text, str(error), path)) from error
    except RecursionError as error:
        problem = _fault(
            Place(path=path), "", code="toml-syntax", found="Lists are nested too deeply.", todo="Write plain lists."
        )
        raise _refused(problem) from error
    return TomlFile(path=path, text=text, values=values, lines=lines)


def _bytes(file: Path, path: str) -> bytes:
    try:
        if not file.is_file():
            raise CampaignError("This is no file.", where=path, todo="A campaign is a text file that ends in .toml.")
        with file.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except OSError as error:
        raise CampaignError(
            f"The file cannot be read: {error.strerror}.", where=path, todo="Ask its owner for the right to read it."
        ) from error
    if len(data) > LARGEST:
        raise CampaignError("The file is larger than 1 MB.", where=path, todo="A campaign file is a few pages of text.")
    return data


_SAVE_AS = "Save it again with the encoding UTF-8 (in Notepad: Save as, then choose it beside the button)."


def _decoded(data: bytes, path: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or 4 * data.count(0) > len(data):
        found = "The file is in UTF-16, which TOML does not allow."
        problem = _fault(Place(path=path), "", code="encoding", found=found, todo=_SAVE_AS)
        raise _refused(problem)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = len(re.findall(rb"\r\n|\r|\n", data[: error.start])) + 1
        line = re.split(rb"\r\n|\r|\n", data)[row - 1].decode("cp1252", "replace").strip()[:QUOTED]
        problem = _fault(
            Place(path=path, row=row),
            line,
            code="encoding",
            found=f"The file is not in UTF-8: byte 0x{data[error.start]:02X}, {_as_windows(data[error.start])}.",
            todo=_SAVE_AS,
        )
        raise _refused(problem) from error
    return re.sub(r"\r\n?", "\n", text).rstrip("\n") + "\n"


def _as_windows(byte: int) -> str:
    letter = bytes([byte]).decode("cp1252", "replace")
    return f'which would be "{letter}" in the older Windows encoding' if letter.isprintable() else "which is no letter"


#: What tomllib says -> what is wrong and what to do. The first that fits counts.
_SYNTAX: tuple[tuple[str, str, str], ...] = (
    (
        r"Unclosed array|Invalid value \(at end",
        "a list lacks a comma or its closing bracket",
        "Put a comma between its items and ] at its end.",
    ),
    (
        r"Invalid value|Expected newline or end",
        "the value cannot be read",
        'Text stands in straight quotes, as in title = "Title"; true, false, numbers and days (2026-11-23) stand bare.',
    ),
    (
        r"Illegal character '\\n'|Expected \"'\"|Unterminated string",
        "a text lacks its closing quote",
        'Close it with the quote with which it begins; a text of several lines stands between """ and """.',
    ),
    (
        r"Unescaped|hex value|Unicode scalar",
        "a backslash in a text has a meaning of its own",
        "Write / in paths; where a backslash is meant, write two.",
    ),
    (
        r"Unclosed inline table|key part",
        "the inner table in { } cannot be read",
        'It stands on one line: { state = "…", reason = "…" }.',
    ),
    (
        r"Cannot overwrite|Cannot declare|Cannot mutate|Duplicate",
        "this stands in the file twice",
        "Keep one of them. Only [[demand]], [[exclude]] and [[recess]], in two pairs of brackets, may come again.",
    ),
    (
        r"Expected '='|Invalid statement",
        "this is neither a setting nor a table's head",
        'A setting reads: key = "value", the key without spaces. A remark begins with #.',
    ),
    (
        r"table declaration|array declaration",
        "the head of a table does not end",
        "It reads [name], or [[name]] where there may be several.",
    ),
    (r"[Ii]n?valid character|Illegal character", "here is a character that no text file has", "Write the line again."),
)
_NEXT_STATEMENT = re.compile(r"\s*(?:\[\[?[\w.\s-]+\]\]?\s*(?:#.*)?$|[\w.-]+\s*=)")
_TYPOGRAPHIC = re.compile("[“”„‟«»‘’‚]")


def _syntax_problem(text: str, said: str, path: str) -> Problem:
    where = re.search(r"\(at line (\d+), column \d+\)", said)
    lines = text.split("\n")
    row = int(where[1]) if where else len(lines)
    if not where or _NEXT_STATEMENT.match(lines[row - 1]):
        # tomllib names the line at which it gave up; the trouble begins with the statement that does not end.
        began = unfinished("\n".join(lines[: row - 1]) + "\n")
        said = "Unclosed array" if began and "Invalid value" in said else said
        row = began or min(row, len(lines) - 1)
    found, todo = next(
        ((found, todo) for pattern, found, todo in _SYNTAX if re.search(pattern, said)),
        ("this line cannot be read", "Compare it with a campaign that works, such as one that `outreach init` writes."),
    )
    line = _quoted(text, row)
    if _TYPOGRAPHIC.search(line) and "twice" not in found:
        todo = 'The quotes in this line are those of a word processor: write straight ones, ".'
    return _fault(
        Place(path=path, row=row), line, code="toml-syntax", found=f"{found[:1].upper()}{found[1:]}.", todo=todo
    )


def _quoted(text: str, row: int) -> str:
    if not row:
        return ""
    line = text.split("\n")[row - 1].strip()
    return line if len(line) <= QUOTED else line[: QUOTED - 1] + "…"


def _fault(place: Place, line: str, *, code: str, found: str, todo: str) -> Problem:
    said = f"`{line}`: {found}" if line else found
    return Problem(severity=Severity.FAULT, code=code, found=_clean(said), todo=_clean(todo), place=place)


def _clean(text: str) -> str:
    """Without what would move the cursor or the colours of a terminal: keys and values come from the file."""
    return "".join(letter if letter.isprintable() else "�" for letter in text)


def _refused(problem: Problem) -> CampaignError:
    return CampaignError(
        "The campaign file cannot be read.", where=problem.place.path, todo="1 fault to correct.", problems=[problem]
    )
