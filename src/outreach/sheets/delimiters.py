"""Which mark separates the cells of a text file."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress

from outreach.sheets.header import recognised

DELIMITERS = (",", ";", "\t", "|")
_SAID = re.compile(r"\ufeff?sep=(.)\s*", re.IGNORECASE)


def said_delimiter(line: str) -> str:
    """The delimiter of a first line such as `sep=;`, which Excel writes for itself; else an empty string."""
    match = _SAID.fullmatch(line)
    return match[1] if match and match[1] in DELIMITERS else ""


def find_delimiter(lines: Sequence[str], columns: Mapping[str, str]) -> str:
    """The mark by which some line names most of our fields; failing that, the one that gives like rows."""
    best = max(DELIMITERS, key=lambda mark: _score(lines, mark, columns))
    return best if any(best in line for line in lines) else ","


def _score(lines: Sequence[str], mark: str, columns: Mapping[str, str]) -> tuple[int, float]:
    rows = _rows(lines, mark)
    named = max((recognised([cell.lstrip("# ") for cell in row], columns) for row in rows), default=0)
    widths = Counter(len(row) for row in rows if len(row) > 1)
    width, times = widths.most_common(1)[0] if widths else (0, 0)
    return (named, times * min(width, 20) / (len(rows) or 1))


def _rows(lines: Sequence[str], mark: str) -> list[list[str]]:
    rows: list[list[str]] = []
    reader = csv.reader((line + "\n" for line in lines), delimiter=mark, skipinitialspace=True)
    with suppress(csv.Error):  # an overlong cell: what was read so far is enough to tell
        rows.extend(row for row in reader if row)
    return rows
