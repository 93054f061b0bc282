"""Whether the cells of a row can be used: their characters, their length, and what the workbook says they are."""

from __future__ import annotations

import re
from collections.abc import Sequence

from outreach.model.problem import Severity
from outreach.sheets.findings import Findings, quoted
from outreach.sheets.grid import UNREADABLE, Kind, Row
from outreach.sheets.header import Layout
from outreach.sheets.hygiene import cleaned, forbidden, is_garbled, is_odd
from outreach.sheets.limits import MAX_VALUE
from outreach.sheets.records import ERROR_VALUE

_DATES = ("source_date", "verified_on")
_FOR_PEOPLE = ("note", "verified_on")
_FORMULA = re.compile(r"=\s*[\w$(\"'+-]")  #: a spreadsheet that shows formulas saves them as text


def _kind_of(cell: str) -> Kind | None:
    """What a text says to be: an error value, or a formula in place of its result."""
    if ERROR_VALUE.fullmatch(cell):
        return Kind.ERROR
    return Kind.UNCOMPUTED if _FORMULA.match(cell) else None


class Soundness:
    """Looks at the cells of one table's rows before anything is made of them."""

    def __init__(self, layout: Layout, findings: Findings) -> None:
        read = {column for field, column in layout.columns.items() if field not in _FOR_PEOPLE}
        self.ours = read | {*layout.emails, *layout.states}  #: columns that say something to the program
        self._dates = {layout.columns[field] for field in _DATES if field in layout.columns}
        self._emails = layout.emails
        self._findings = findings

    def is_empty(self, row: Row, cells: Sequence[str]) -> bool:
        """Whether nothing stands in the row but what merged cells above give it."""
        if not row.kinds:
            return not any(cells) or not any(map(cleaned, cells))
        if any(row.kinds.get(column) in UNREADABLE for column in self.ours):
            return False
        return not any(cleaned(cell) and row.kinds.get(column) is not Kind.MERGED for column, cell in enumerate(cells))

    def sound(self, row: Row, cells: list[str]) -> list[str] | None:
        """The cells without what nobody sees; None, with faults said, when one of them cannot be used."""
        sound = True
        joined = " ".join(cells)
        if len(joined) > MAX_VALUE:
            sound = self._short(row, cells)
        if "#" in joined or "Err:" in joined or "=" in joined or row.kinds:
            sound = self._known_values(row, cells) and sound
        if is_odd(joined):
            for column, cell in enumerate(cells):
                if is_odd(cell):
                    cells[column] = cleaned(cell)
                    sound = self._clean(row, column, cell) and sound
        return cells if sound else None

    def _short(self, row: Row, cells: Sequence[str]) -> bool:
        long = [column for column, cell in enumerate(cells) if len(cell) > MAX_VALUE]
        for column in long:
            self._findings.fault(
                "long-value",
                f"The cell holds {len(cells[column]):,} characters; at most {MAX_VALUE:,} are read.",
                "Shorten it. If it holds several rows, a quotation mark is missing or too many.",
                row=row.number,
                column=column,
            )
        return not long

    def _clean(self, row: Row, column: int, cell: str) -> bool:
        bad = forbidden(cell)
        if bad:
            self._findings.fault(
                "control-character",
                f"The cell holds the control character {bad}: {quoted(cell)}.",
                "Type the value again.",
                row=row.number,
                column=column,
            )
            return False
        if cleaned(cell) != cell and column not in self._emails:
            found = "Invisible characters were taken out."
            self._findings.tally(Severity.NOTE, "invisible-characters", found, row=row.number, column=column)
        if is_garbled(cell):
            self._findings.warning(
                "garbled-text",
                f"Letters were lost or garbled before this sheet was saved: {quoted(cell)}.",
                "Type the value again.",
                row=row.number,
                column=column,
            )
        return True

    def _known_values(self, row: Row, cells: Sequence[str]) -> bool:
        """Whether every cell of ours has a value; numbers and dates among texts are said."""
        good = True
        for column, cell in enumerate(cells):
            kind = _kind_of(cell) or row.kinds.get(column)
            if kind in UNREADABLE:
                good = self._say_unreadable(row, column, cell, kind) and good
            elif kind is Kind.NUMBER and cell and column in self.ours:
                found = "The cell is a number, not text: zeros in front, if there were any, are lost."
                self._findings.tally(Severity.NOTE, "number-as-text", found, row=row.number, column=column)
            elif kind is Kind.DATE and column in self.ours and column not in self._dates:
                found = f"The cell is a date, read as {quoted(cell)}."
                todo = "Format the column as text if the spreadsheet program made a date of something else."
                self._findings.warning("date-as-text", found, todo, row=row.number, column=column)
            elif kind is Kind.MERGED and cell and column in self.ours:
                found = "The cell is merged with the one above, whose value counts for this row, too."
                self._findings.tally(Severity.NOTE, "merged-cell", found, row=row.number, column=column)
        return good

    def _say_unreadable(self, row: Row, column: int, cell: str, kind: Kind | None) -> bool:
        code, found = {
            Kind.ERROR: ("error-value", "The cell holds an error" + (f" ({cell})." if cell else ".")),
            Kind.UNCOMPUTED: ("uncomputed-formula", "The cell holds a formula whose result was not stored."),
        }.get(kind or Kind.BROKEN, ("lost-line-break", "The cell holds a line break that cannot be read."))
        todo = "Open the sheet in a spreadsheet program, put values in place of formulas, and save it."
        if column in self.ours:
            self._findings.fault(code, found, todo, row=row.number, column=column)
            return False
        self._findings.warning(code, found, todo, row=row.number, column=column)
        return True
