"""Collecting what is found in one table, each finding at its row, column and cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from outreach.model.problem import Place, Problem, Severity
from outreach.sheets.door import refused
from outreach.sheets.limits import MAX_FINDINGS

_SHOWN = 80  #: characters of a value that a message quotes


def quoted(value: str) -> str:
    """The value in quotation marks, capped, on one line, with invisible characters spelled out."""
    cut = value if len(value) <= _SHOWN else value[:_SHOWN] + "…"
    return '"' + "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in cut) + '"'


def column_letters(column: int) -> str:
    """A spreadsheet's name of the 0-based column: A, Z, AA."""
    letters = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@dataclass(slots=True)
class _Tally:
    problem: Problem
    row: int
    more: int = 0


class Findings:
    """The problems of one text file or one worksheet."""

    def __init__(self, path: str, sheet: str = "", *, lettered: bool = False) -> None:
        self.headers: Sequence[str] = ()  #: as the sheet shows them, once the header is found
        self._path = path
        self._sheet = sheet
        self._lettered = lettered  #: cells have addresses such as E17
        self._found: list[Problem] = []
        self._told = 0
        self._tallies: dict[tuple[Severity, str, int | None, str], _Tally] = {}

    def fault(self, code: str, found: str, todo: str = "", *, row: int = 0, column: int | None = None) -> None:
        """Nothing may be sent while it stands."""
        self.add(Severity.FAULT, code, found, todo, row=row, column=column)

    def warning(self, code: str, found: str, todo: str = "", *, row: int = 0, column: int | None = None) -> None:
        """A person should look."""
        self.add(Severity.WARNING, code, found, todo, row=row, column=column)

    def note(self, code: str, found: str, todo: str = "", *, row: int = 0, column: int | None = None) -> None:
        """Said, so that nothing happens silently."""
        self.add(Severity.NOTE, code, found, todo, row=row, column=column)

    def add(
        self, severity: Severity, code: str, found: str, todo: str = "", *, row: int = 0, column: int | None = None
    ) -> None:
        """One finding at one place."""
        self._found.append(self._problem(severity, code, found, todo, row, column))
        if len(self._found) > MAX_FINDINGS:
            raise refused(
                self._path,
                "too-many-problems",
                f"More than {MAX_FINDINGS:,} things are to be said of this sheet; the last was: {found}",
                "It is probably not a sheet of contacts, or its columns are mistaken.",
                row=row,
                sheet=self._sheet,
            )

    def tally(
        self, severity: Severity, code: str, found: str, todo: str = "", *, row: int = 0, column: int | None = None
    ) -> None:
        """A finding that many rows may share: said once, at the first of them, with the number of the others."""
        self._told += 1
        key = (severity, code, column, found)
        tally = self._tallies.get(key)
        if tally is None and len(self._tallies) > MAX_FINDINGS:
            self.add(severity, code, found, todo, row=row, column=column)
        elif tally is None:
            self._tallies[key] = _Tally(self._problem(severity, code, found, todo, row, column), row)
        elif tally.row != row:
            tally.row = row
            tally.more += 1

    @property
    def count(self) -> int:
        """How often something was said."""
        return len(self._found) + self._told

    def all(self) -> list[Problem]:
        """Everything found, in the order of the rows."""
        told = [
            replace(
                one.problem,
                found=f"{one.problem.found} The same in {one.more} more {'row' if one.more == 1 else 'rows'}.",
            )
            if one.more
            else one.problem
            for one in self._tallies.values()
        ]
        return sorted([*self._found, *told], key=lambda problem: problem.place.row)

    def place(self, row: int = 0, column: int | None = None) -> Place:
        """Where a finding stands."""
        header = self.headers[column] if column is not None and column < len(self.headers) else ""
        cell = f"{column_letters(column)}{row}" if self._lettered and column is not None and row else ""
        return Place(path=self._path, sheet=self._sheet, row=row, column=" ".join(header.split())[:60], cell=cell)

    def _problem(self, severity: Severity, code: str, found: str, todo: str, row: int, column: int | None) -> Problem:
        return Problem(severity=severity, code=code, found=found, todo=todo, place=self.place(row, column))
