"""The door of the room: a path in, contacts and problems out."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from outreach.model.contact import Contact, SheetRows
from outreach.model.problem import Problem
from outreach.sheets.door import FileKind, look, refused, resolve
from outreach.sheets.encodings import Encoding, find_encoding
from outreach.sheets.findings import Findings, quoted
from outreach.sheets.grid import Table
from outreach.sheets.header import HEADER_FIELDS, NEEDED, find_header, recognised
from outreach.sheets.institutions import Book
from outreach.sheets.limits import MAX_WORKBOOK_BYTES
from outreach.sheets.lines import Lines
from outreach.sheets.rows import RowReader
from outreach.sheets.textsheet import TextTable
from outreach.sheets.workbook import worksheets


class SheetRoom:
    """Reads the sheets of one workspace."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, path: str, *, columns: Mapping[str, str], encoding: str = "") -> SheetRows:
        """Read one sheet. Raises SheetError when it is refused or cannot be opened; its `problems` say why."""
        shown = _shown(self._root, path)
        reading = _Reading(shown, columns)
        try:
            with resolve(self._root, path).open("rb") as file:
                if look(file, shown) is FileKind.ZIP:
                    reading.workbook(file.read(MAX_WORKBOOK_BYTES + 1))
                else:
                    reading.text(file, encoding)
        except OSError as error:
            found = f"The file cannot be read: {error.strerror or error}."
            raise refused(shown, "no-sheet", found, "Look at its rights.") from error
        return reading.result()


def _shown(root: Path, path: str) -> str:
    """The path as problems name it: from the workspace on, with forward slashes."""
    given = Path(path)
    if given.is_absolute() and given.is_relative_to(root.absolute()):
        given = given.relative_to(root.absolute())
    return given.as_posix() if path else ""


class _Reading:
    """One file being read."""

    def __init__(self, path: str, columns: Mapping[str, str]) -> None:
        self._path = path
        self._columns = columns
        self._contacts: list[Contact] = []
        self._problems: list[Problem] = []
        self._rows = 0
        self._roleless = False
        self._book = Book()

    def result(self) -> SheetRows:
        return SheetRows(
            path=self._path,
            contacts=tuple(self._contacts),
            problems=tuple(self._problems),
            rows=self._rows,
            roleless=self._roleless,
        )

    def text(self, file: BinaryIO, encoding: str) -> None:
        """The one table of a text file."""
        findings = Findings(self._path)
        found = find_encoding(file, self._path, encoding)
        if found.guessed:
            _say_guess(found, findings)
        with closing(Lines(file, found.name, self._path)) as lines:
            self._table(TextTable(lines, self._path, self._columns, findings), findings)
        self._problems += findings.all()

    def workbook(self, raw: bytes) -> None:
        """Every visible worksheet of a workbook."""
        asides: list[str] = []  #: worksheets without a header and without an address: explanations, drawings
        before = len(self._problems)
        read = False
        for name, table, findings in worksheets(raw, self._path):
            if table is None:
                findings.note("hidden-sheet", "The worksheet is hidden and is not read.", "Show it if it is meant.")
            elif not table.head():
                findings.note("empty-sheet", "The worksheet is empty.")
            elif not table.has_addresses() and _names_nothing(table, self._columns):
                asides.append(name)
                continue
            else:
                read = self._table(table, findings) or read
            self._problems += findings.all()
        self._say_asides(asides, read=read, silent=len(self._problems) == before)

    def _say_asides(self, names: list[str], *, read: bool, silent: bool) -> None:
        """Beside a sheet of contacts they are harmless; alone they are what was meant."""
        for name in names:
            findings = Findings(self._path, name, lettered=True)
            if read:
                findings.warning("sheet-not-read", "The worksheet has no header that we know and is not read.", NEEDED)
            else:
                findings.fault("no-header", "The worksheet has no header that we know.", NEEDED)
            self._problems += findings.all()
        if not names and not read and silent:
            findings = Findings(self._path)
            findings.fault("empty-sheet", "The workbook has no worksheet.", NEEDED)
            self._problems += findings.all()

    def _table(self, table: Table, findings: Findings) -> bool:
        """Whether the table has a header; then its rows are read."""
        found = find_header(table.head(), self._columns, findings)
        if found is None:
            return False
        at, layout = found
        self._roleless = self._roleless or "role" not in layout.columns
        reader = RowReader(layout, findings, self._book)
        for row in table.body(at, len(layout.headers)):
            self._contacts += reader.read(row)
        self._rows += reader.rows + table.broken
        if not reader.rows and not table.broken:
            findings.warning("empty-sheet", "There are no rows below the header.", row=layout.row)
        return True


def _names_nothing(table: Table, columns: Mapping[str, str]) -> bool:
    return all(recognised(row.cells, columns) < HEADER_FIELDS for row in table.head())


def _say_guess(found: Encoding, findings: Findings) -> None:
    seen = f": {quoted(found.sample)}" if found.sample else ""
    findings.note(
        "guessed-encoding",
        f"The file is not in UTF-8 and does not say what it is in. Read as {found.name}{seen}.",
        f'If letters are wrong, say the right one in the campaign file: encoding = "…" instead of {found.name}.',
    )
