"""What a workbook's XML tells that its reader does not: merged cells, formulas without a result, hidden rows, extent.

calamine gives an empty text for an error value and for a formula that was never computed, and keeps a place for every
cell between the first and the last, of which two far apart are enough to fill any memory. So the XML is walked once,
by expat, before calamine may open a worksheet.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import IO, NoReturn
from xml.parsers import expat

from outreach.sheets.door import refused
from outreach.sheets.grid import Kind
from outreach.sheets.limits import MAX_CELLS, MAX_COLUMNS, MAX_MARKS, MAX_ROWS, MAX_WORKBOOK_TEXT


@dataclass(slots=True)
class Marks:
    """What was seen in one worksheet; rows and columns are counted from 0."""

    path: str
    sheet: str
    height: int = 0
    width: int = 0
    text: int = 0  #: characters of all cells
    kinds: dict[tuple[int, int], Kind] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)  #: top, left, bottom, right
    hidden: list[int] = field(default_factory=list)

    def reach(self, row: int, column: int) -> None:
        """A cell with something in it stands here. Raises SheetError beyond the limits."""
        if row >= self.height:
            self.height = row + 1
            if row >= MAX_ROWS:
                self._too_far(f"a cell in row {row + 1:,}; at most {MAX_ROWS:,} rows are read", "too-many-rows")
        if column >= self.width:
            self.width = column + 1
            if column >= MAX_COLUMNS:
                self._too_far(f"a cell in column {column + 1:,}; at most {MAX_COLUMNS} are read", "too-many-columns")
        if self.height * self.width > MAX_CELLS:
            size = f"{self.height:,} rows and {self.width:,} columns"
            self._too_far(f"{size}; at most {MAX_CELLS:,} cells are read", "too-many-cells")

    def weigh(self, characters: int) -> None:
        """So much text stands in one more cell. Raises SheetError when it is too much in all."""
        self.text += characters
        if self.text > MAX_WORKBOOK_TEXT:
            self._too_far(f"more than {MAX_WORKBOOK_TEXT:,} characters of text", "bomb")

    def mark(self, row: int, column: int, kind: Kind) -> None:
        """What this cell is. Raises SheetError when very many are something."""
        self.kinds[row, column] = kind
        if len(self.kinds) > MAX_MARKS:
            self._too_far(f"more than {MAX_MARKS:,} formulas without a result or error values", "bomb")

    def merge(self, top: int, left: int, bottom: int, right: int) -> None:
        """These cells are one."""
        self.merged.append((top, left, min(bottom, MAX_ROWS), min(right, MAX_COLUMNS)))
        if len(self.merged) > MAX_ROWS:
            self._too_far(f"more than {MAX_ROWS:,} merged cells", "bomb")

    def _too_far(self, what: str, code: str) -> NoReturn:
        todo = "Delete the far cells, or copy the contacts into a new sheet or a CSV file."
        raise refused(self.path, code, f"The worksheet has {what}.", todo, sheet=self.sheet)


def local(name: str) -> str:
    """An XML name without its prefix."""
    return name.rpartition(":")[2]


def parse_xml(parser: expat.XMLParserType, stream: IO[bytes], path: str, sheet: str) -> None:
    """Run the parser over the stream. Raises SheetError for XML that is none or that declares entities."""

    def forbid(*_: object) -> None:
        raise refused(path, "entities", "The workbook's XML declares a document type.", sheet=sheet)

    parser.StartDoctypeDeclHandler = forbid
    parser.EntityDeclHandler = forbid
    try:
        parser.ParseFile(stream)
    except (expat.ExpatError, LookupError, ValueError) as error:  # an encoding that nobody knows is a LookupError
        raise refused(
            path,
            "damaged",
            f"The workbook's XML is damaged: {error}.",
            "Save it again from a spreadsheet program.",
            sheet=sheet,
        ) from error
