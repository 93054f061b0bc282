"""Rows of a text file: which lines belong together, and how many cells they have.

pandas reads the cells; here it is only settled what it is given, because pandas fills short rows in silence, drops
empty ones without counting them, and lets one quotation mark that does not close swallow the rows behind it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from outreach.sheets.door import refused
from outreach.sheets.limits import MAX_RECORD, MAX_RESCAN
from outreach.sheets.lines import Lines

#: What spreadsheet programs write for an error: such a row is no comment although it begins with "#".
ERROR_VALUE = re.compile(r"#(?:REF!|N/A|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!|GETTING_DATA)|Err:\d{3}")
_SPACES = " \t\n\u00a0\ufeff"


@dataclass(frozen=True, slots=True)
class Record:
    """One row: the line on which it begins, its text for the parser, and how many cells that has."""

    line: int
    text: str
    width: int
    comment: bool = False
    fault: str = ""  #: why it cannot be read; `text` is then the line as it stands
    last: int = 0  #: the line on which it ends
    blank: bool = False  #: nothing but separators and spaces


def records(lines: Lines, delimiter: str, path: str) -> Iterator[Record]:
    """Every row of the file, blank ones and comments included. Raises SheetError for hopeless quotation marks."""
    rescanned = 0
    nothing = delimiter + _SPACES
    while (line := lines.next()) is not None:
        number = lines.number
        if _is_comment(line):
            yield Record(number, line, line.count(delimiter) + 1, comment=True, last=number)
        elif '"' not in line:
            yield Record(number, line, line.count(delimiter) + 1, last=number, blank=not line.strip(nothing))
        else:
            record, taken = _quoted(lines, line, delimiter)
            rescanned += sum(map(len, taken))
            if rescanned > MAX_RESCAN:
                raise refused(
                    path,
                    "bad-quotes",
                    f"Very many quotation marks do not close, the last of them in line {number}.",
                    "Save the sheet again from a spreadsheet program.",
                    row=number,
                )
            yield record


def _is_comment(line: str) -> bool:
    start = line.lstrip("\ufeff \t")
    return start.startswith("#") and not ERROR_VALUE.match(start)


def _quoted(lines: Lines, first: str, delimiter: str) -> tuple[Record, list[str]]:
    """A row with quotation marks, and the lines that were read in vain and given back."""
    number = lines.number
    for spaced in _ways(first, delimiter):
        taken: list[str] = []
        cells, fault = _parse(lines, first, delimiter, spaced, taken)
        if cells is not None:
            blank = not any(cell.strip(_SPACES) for cell in cells)
            text = rejoin(cells, delimiter) if spaced else "\n".join((first, *taken))
            return Record(number, text, len(cells), last=lines.number, blank=blank), []
        lines.put_back(taken)
    return Record(number, first, 0, fault=fault, last=number), taken


def _ways(line: str, delimiter: str) -> tuple[bool, ...]:
    """Whether to try blanks between a separator and a quotation mark first: `a, "b, c"` is written by hand."""
    return (True, False) if ' "' in line and _spaced_quote(delimiter).search(line) else (False,)


@lru_cache(maxsize=8)
def _spaced_quote(delimiter: str) -> re.Pattern[str]:
    return re.compile(rf'(?:^|{re.escape(delimiter)}) +"')


def _parse(lines: Lines, first: str, delimiter: str, spaced: bool, taken: list[str]) -> tuple[list[str] | None, str]:
    def feed() -> Iterator[str]:
        size = len(first)
        yield first + "\n"
        while size <= MAX_RECORD and (line := lines.next()) is not None:
            taken.append(line)
            size += len(line)
            yield line + "\n"

    try:
        cells = next(csv.reader(feed(), delimiter=delimiter, strict=True, skipinitialspace=spaced))
    except csv.Error as error:
        if "expected after" in str(error):
            return None, "text stands beside a quotation mark that closes a cell"
        return None, "a quotation mark opens a cell and none closes it"
    return cells, ""


def split(text: str, delimiter: str) -> list[str]:
    """The cells of one row's text."""
    return next(csv.reader([text], delimiter=delimiter), [])


def rejoin(cells: Sequence[str], delimiter: str) -> str:
    """The row's text with every cell in quotation marks, so that there is one way to read it."""
    return delimiter.join('"' + cell.replace('"', '""') + '"' for cell in cells)
