"""Our fields of a row, by the layout of its table; what is said is said at the field's cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Generic, TypeVar

from outreach.model.problem import Severity
from outreach.sheets.findings import Findings
from outreach.sheets.grid import Row
from outreach.sheets.header import Layout
from outreach.sheets.hygiene import one_line
from outreach.sheets.vocabulary import is_placeholder

Value = TypeVar("Value")

#: Where a word such as "n/a" or "-" is no value. Never the state: NA is Namibia.
_OPTIONAL = frozenset(
    {
        *("name_local", "role", "city", "website", "source", "source_date", "languages", "form_of_address"),
        *("timezone", "working_days", "tags", "post", "form"),
    }
)
_LONGEST_WORD = 20  #: no placeholder is longer
_KEPT = 20_000  #: values that rows share

_says_nothing = lru_cache(maxsize=4096)(is_placeholder)


class View:
    """Looks at the rows of one table."""

    def __init__(self, layout: Layout, findings: Findings) -> None:
        self.columns = layout.columns
        self._findings = findings

    def text(self, cells: Sequence[str], field: str, *, lines: bool = False) -> str:
        """The row's value of a field, on one line unless `lines`; empty when the cell says that there is none."""
        column = self.columns.get(field)
        if column is None or not cells[column]:
            return ""
        cell = cells[column]
        if field in _OPTIONAL and len(cell) < _LONGEST_WORD and _says_nothing(cell):
            return ""
        return cell if lines or (cell.isprintable() and "  " not in cell) else one_line(cell)

    def say(self, severity: Severity, row: Row, field: str, code: str, found: str, todo: str = "") -> None:
        """A finding at the field's cell."""
        self._findings.add(severity, code, found, todo, row=row.number, column=self.columns[field])

    def tally(self, row: Row, field: str, code: str, found: str) -> None:
        """A note that many rows may share, at the field's cell of the first."""
        self._findings.tally(Severity.NOTE, code, found, row=row.number, column=self.columns[field])


class Alike(Generic[Value]):
    """One value for all rows whose cells of some fields are the same: made once, when nothing had to be said of it."""

    def __init__(self, layout: Layout, fields: Sequence[str], findings: Findings) -> None:
        columns = [layout.columns[field] for field in fields if field in layout.columns]
        self._key = itemgetter(*columns) if columns else lambda _: ()
        self._findings = findings
        self._made: dict[object, Value] = {}

    def get(self, cells: Sequence[str], make: Callable[[], Value]) -> Value:
        """The value of a row with these cells."""
        key = self._key(cells)
        value = self._made.get(key)
        if value is None:
            before = self._findings.count
            value = make()
            if self._findings.count == before and len(self._made) < _KEPT:
                self._made[key] = value
        return value
