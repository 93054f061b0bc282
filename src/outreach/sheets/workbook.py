"""XLSX and ODS through pandas and calamine: every visible worksheet, cells as they were stored, never converted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from io import BytesIO
from typing import TYPE_CHECKING

from outreach.model.problem import Severity
from outreach.sheets.archive import open_archive
from outreach.sheets.door import refused
from outreach.sheets.findings import Findings, quoted
from outreach.sheets.grid import Kind, Row
from outreach.sheets.hygiene import trimmed
from outreach.sheets.limits import HEAD_ROWS
from outreach.sheets.marks import Marks
from outreach.sheets.ods_marks import ods_marks
from outreach.sheets.records import ERROR_VALUE
from outreach.sheets.xlsx_marks import XlsxMarks

if TYPE_CHECKING:
    import pandas as pd

_SAVE_AGAIN = "Save it again from a spreadsheet program, or as CSV."


class SheetTable:
    """The cells of one worksheet."""

    def __init__(self, cells: Sequence[Sequence[object]], marks: Marks, findings: Findings) -> None:
        self.broken = 0
        self._cells = cells
        self._findings = findings
        self._width = max(marks.width, len(cells[0]) if cells else 0)
        self._height = max(marks.height, len(cells))
        self._kinds = _by_row(marks.kinds)
        self._covered = _covered(marks, self._height)
        self._titles = {(top, left) for top, left, _, right in marks.merged if right > left}
        self._hidden = frozenset(marks.hidden)

    def head(self) -> Sequence[Row]:
        """The first rows that are not empty, comments included."""
        head: list[Row] = []
        for at in range(self._height):
            row = self._row(at)
            if any(trimmed(cell) for cell in row.cells):
                head.append(row)
            if len(head) == HEAD_ROWS:
                break
        return head

    def has_addresses(self) -> bool:
        """Whether an @ stands anywhere."""
        return any(isinstance(cell, str) and "@" in cell for row in self._cells for cell in row)

    def body(self, header: int, named: int) -> Iterator[Row]:
        """The rows after the header, merged cells filled, without comments and headings."""
        start = self.head()[header].number
        gap = True
        for at in range(start, self._height):
            row = self._row(at)
            if row.comment:
                self._say_comment(row)
            elif self._is_heading(at, row):
                text = next((cell for cell in row.cells if trimmed(cell)), "")
                found = f"{quoted(text)} stands across several columns and is taken as a heading."
                self._findings.warning("heading-row", found, "Divide the cell if it is a contact.", row=row.number)
            else:
                self._say_hidden(at, row)
                self._say_beyond(row, named)
                yield Row(row.number, row.cells[:named], row.kinds, gap=gap)
                gap = False
                continue
            gap = True

    def _row(self, at: int) -> Row:
        stored = self._cells[at] if at < len(self._cells) else ()
        cells = [""] * self._width
        kinds: dict[int, Kind] = {}
        for column, value in enumerate(stored):
            cells[column], kind = _as_text(value)
            if kind is not None:
                kinds[column] = kind
        kinds.update(self._kinds.get(at, ()))
        first = next((column for column, cell in enumerate(cells) if trimmed(cell)), None)
        for column, top in self._covered.get(at, ()):
            if column < self._width:
                self._say_covered(at, column, cells[column])
                # What a merged cell shows is its first value; what lies under it nobody sees.
                cells[column] = self._text(top, column) if top is not None else ""
                kinds[column] = Kind.MERGED
        comment = first is not None and cells[first].lstrip().startswith("#") and not ERROR_VALUE.match(cells[first])
        return Row(at + 1, cells, kinds, comment)

    def _text(self, at: int, column: int) -> str:
        inside = at < len(self._cells) and column < len(self._cells[at])
        return _as_text(self._cells[at][column])[0] if inside else ""

    def _is_heading(self, at: int, row: Row) -> bool:
        own = (column for column in range(self._width) if row.kinds.get(column) is not Kind.MERGED)
        filled = [column for column in own if trimmed(row.cells[column]) or column in row.kinds]
        return len(filled) == 1 and (at, filled[0]) in self._titles

    def _say_comment(self, row: Row) -> None:
        found = 'Rows that begin with "#" are comments.'
        if any("@" in cell for cell in row.cells):
            todo = 'Take away the "#" if it is a contact.'
            self._findings.warning("commented-row", "A row with an address is a comment.", todo, row=row.number)
        else:
            self._findings.tally(Severity.NOTE, "comment", found, row=row.number)

    def _say_covered(self, at: int, column: int, hidden: str) -> None:
        if trimmed(hidden):
            found = f"{quoted(hidden)} lies unseen under a merged cell and is not read."
            self._findings.tally(
                Severity.WARNING, "covered-cell", found, "Divide the merged cell.", row=at + 1, column=column
            )

    def _say_hidden(self, at: int, row: Row) -> None:
        if at in self._hidden and any(map(trimmed, row.cells)):
            found = "Hidden rows are read like all others."
            self._findings.tally(Severity.NOTE, "hidden-row", found, row=row.number)

    def _say_beyond(self, row: Row, named: int) -> None:
        for column in range(named, self._width):
            if trimmed(row.cells[column]) or row.kinds.get(column) in {Kind.ERROR, Kind.UNCOMPUTED}:
                found = "A cell beyond the last header is not read."
                todo = "Give the column a header, or clear the cell."
                self._findings.tally(Severity.WARNING, "beyond-header", found, todo, row=row.number, column=column)


def worksheets(raw: bytes, path: str) -> Iterator[tuple[str, SheetTable | None, Findings]]:
    """Name, table and findings of every worksheet, without a table when it is hidden.

    Raises SheetError for a workbook that is not safe to open.
    """
    import pandas as pd

    with open_archive(raw, path) as archive:
        is_xlsx = "xl/workbook.xml" in archive.namelist()
        marks = XlsxMarks(archive, path).of if is_xlsx else _lookup(ods_marks(archive, path), path)
        with _translated(path):
            book = pd.ExcelFile(BytesIO(raw), engine="calamine")
        with book:
            for name, visible in _sheets(book, path):
                findings = Findings(path, name, lettered=True)
                if not visible:
                    yield name, None, findings
                    continue
                seen = marks(name)
                with _translated(path, name):
                    frame = pd.read_excel(
                        book,
                        sheet_name=name,
                        engine="calamine",
                        header=None,
                        dtype=object,  # not str: a number that was a number is told from text, a date from both
                        keep_default_na=False,  # NA is Namibia
                        na_filter=False,
                    )
                    cells: list[list[object]] = frame.to_numpy(dtype=object).tolist()
                yield name, SheetTable(cells, seen, findings), findings


def _sheets(book: pd.ExcelFile, path: str) -> list[tuple[str, bool]]:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    with _translated(path):
        return [
            (one.name, one.visible == SheetVisibleEnum.Visible)
            for one in book.book.sheets_metadata
            if one.typ == SheetTypeEnum.WorkSheet
        ]


def _lookup(marks: Mapping[str, Marks], path: str) -> Callable[[str], Marks]:
    def of(name: str) -> Marks:
        if name not in marks:
            raise refused(path, "damaged", "The worksheet is named but not in the workbook.", _SAVE_AGAIN, sheet=name)
        return marks[name]

    return of


@contextmanager
def _translated(path: str, sheet: str = "") -> Iterator[None]:
    """calamine's errors, and the panics of its Rust code, as SheetError."""
    from python_calamine import CalamineError

    try:
        yield
    except (CalamineError, ValueError, OSError, KeyError, IndexError) as error:
        found = f"The workbook cannot be read: {error}."
        raise refused(path, "damaged", found, _SAVE_AGAIN, sheet=sheet) from error
    except BaseException as error:
        # PyO3 raises panics as a BaseException of a class that cannot be imported.
        if type(error).__name__ != "PanicException":
            raise
        found = "The workbook is damaged in a way its reader does not know."
        raise refused(path, "damaged", found, _SAVE_AGAIN, sheet=sheet) from error


def _as_text(value: object) -> tuple[str, Kind | None]:
    """The cell as a person sees it, and what it was when that was no text."""
    if isinstance(value, str):
        return (value.replace("\r\n", "\n").replace("\r", "\n") if "\r" in value else value), None
    if isinstance(value, bool):
        return ("TRUE" if value else "FALSE"), None
    if isinstance(value, datetime):
        midnight = value.time() == time.min
        return (value.date().isoformat() if midnight else value.isoformat(sep=" ", timespec="seconds")), Kind.DATE
    if isinstance(value, date | time):
        return value.isoformat(), Kind.DATE
    return ("" if value is None else str(value)), Kind.NUMBER


def _by_row(kinds: Mapping[tuple[int, int], Kind]) -> dict[int, list[tuple[int, Kind]]]:
    rows: dict[int, list[tuple[int, Kind]]] = {}
    for (row, column), kind in kinds.items():
        rows.setdefault(row, []).append((column, kind))
    return rows


def _covered(marks: Marks, height: int) -> dict[int, list[tuple[int, int | None]]]:
    """Row -> columns that lie under a merged cell; with the row of its value where that counts for this one, too.

    A cell belongs to one merged cell at most: files that say otherwise could make this endless.
    """
    covered: dict[int, list[tuple[int, int | None]]] = {}
    left_over = height * max(marks.width, 1)
    for top, left, bottom, right in marks.merged:
        last = min(right, marks.width - 1)
        left_over -= (min(bottom, height - 1) - top + 1) * (last - left + 1)
        if left_over < 0:
            raise refused(marks.path, "damaged", "The merged cells overlap.", _SAVE_AGAIN, sheet=marks.sheet)
        for row in range(top, min(bottom, height - 1) + 1):
            for column in range(left, last + 1):
                if (row, column) != (top, left):
                    covered.setdefault(row, []).append((column, top if column == left else None))
    return covered
