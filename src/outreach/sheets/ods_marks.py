"""The marks of the worksheets of an ODS file."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from xml.parsers import expat

from outreach.sheets.door import refused
from outreach.sheets.grid import Kind
from outreach.sheets.limits import MAX_CELL_TEXT
from outreach.sheets.marks import Marks, local, parse_xml


def ods_marks(archive: zipfile.ZipFile, path: str) -> Mapping[str, Marks]:
    """The marks of every worksheet by its name. Raises SheetError for a sheet too large or damaged."""
    walk = _Walk(path)
    with archive.open("content.xml") as stream:
        parse_xml(walk.parser, stream, path, "")
    return walk.sheets


class _Walk:
    """One pass over content.xml."""

    def __init__(self, path: str) -> None:
        self.sheets: dict[str, Marks] = {}
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self._path = path
        self._marks = Marks(path, "")
        self._row = 0
        self._column = 0
        self._rows = 1  #: how many rows the row that is read stands for
        self._cells = 1
        self._in_cell = False

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = local(name)
        given = {local(key): value for key, value in attributes.items()}
        if tag == "table":
            self._marks = self.sheets.setdefault(given.get("name", ""), Marks(self._path, given.get("name", "")))
            self._row = 0
        elif tag == "table-row":
            self._column = 0
            self._rows = _times(given.get("number-rows-repeated"))
            if given.get("visibility") in {"collapse", "filter"}:
                self._marks.hidden.append(self._row)
        elif tag in {"table-cell", "covered-table-cell"}:
            self._cell(given, attributes)
        elif self._in_cell and tag in {"line-break", "tab"}:
            # calamine drops both and joins the words beside them.
            self._marks.mark(self._row, self._column, Kind.BROKEN)
        elif tag == "s" and _times(given.get("c")) > MAX_CELL_TEXT:
            raise refused(self._path, "bomb", "A cell of the workbook holds more blanks than a cell can hold.")

    def _cell(self, given: dict[str, str], attributes: dict[str, str]) -> None:
        self._cells = _times(given.get("number-columns-repeated"))
        self._in_cell = True
        types = {value for key, value in attributes.items() if local(key) == "value-type"}
        if types or "formula" in given:
            self._marks.reach(self._row + self._rows - 1, self._column + self._cells - 1)
            self._marks.weigh(self._rows * self._cells)
            kind = Kind.ERROR if "error" in types else Kind.UNCOMPUTED if not types else None
            if kind is not None:
                for row in range(self._row, self._row + self._rows):
                    for column in range(self._column, self._column + self._cells):
                        self._marks.mark(row, column, kind)
        down, right = _times(given.get("number-rows-spanned")), _times(given.get("number-columns-spanned"))
        if down > 1 or right > 1:
            self._marks.merge(self._row, self._column, self._row + down - 1, self._column + right - 1)

    def _text(self, data: str) -> None:
        if self._in_cell:
            self._marks.weigh(len(data) * self._rows * self._cells)

    def _end(self, name: str) -> None:
        tag = local(name)
        if tag in {"table-cell", "covered-table-cell"}:
            self._in_cell = False
            self._column += self._cells
        elif tag == "table-row":
            self._row += self._rows


def _times(text: str | None) -> int:
    """A repetition, at least one."""
    return min(int(text), 1 << 40) or 1 if text and text.isascii() and text.isdigit() else 1
