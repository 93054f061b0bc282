"""Workbooks: strings stay strings, heads stay in sight, and every column has its filter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from io import BytesIO
from typing import TYPE_CHECKING

from outreach.errors import OutreachError
from outreach.model.campaign import Mode
from outreach.reports.cells import Cell, clean, looks_like_formula
from outreach.reports.columns import Column, Row

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

LARGEST_SHEET = 1_048_000  #: rows; a worksheet holds 1,048,576
LONGEST_CELL = 16_000  #: characters; a cell holds 32,767 UTF-16 units
NARROWEST, WIDEST = 8, 60  #: characters of a column
HEAD = 1  #: the row of the heads, counted from 0; above them stands the title


class Book:
    """A workbook in the making; the same sheets give the same bytes."""

    def __init__(self, title: str, mode: Mode, at: datetime) -> None:
        from xlsxwriter import Workbook

        self.title = title
        self.mode = mode
        self._whole = BytesIO()
        # In memory: xlsxwriter's temporary files would leave names and addresses behind after a crash.
        self._book = Workbook(
            self._whole,
            {
                "in_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "remove_timezone": True,
            },
        )
        # Nobody's name is written; the default creation time is that of the machine.
        self._book.set_properties({"title": title, "created": at.astimezone(UTC).replace(tzinfo=None)})
        self._formats = _Formats(self._book)

    def sheet(
        self, name: str, columns: Sequence[Column[Row]], rows: Sequence[Row], *, total: Row | None = None, kept: int = 2
    ) -> None:
        """One table under the title; `total` is its last line, and the first `kept` columns stay in sight."""
        if len(rows) > LARGEST_SHEET:
            raise OutreachError(
                f"The sheet has {len(rows):,} rows; a worksheet holds {LARGEST_SHEET:,}.",
                todo="Export it as csv or json.",
            )
        sheet, formats = self._book.add_worksheet(name), self._formats
        sheet.write_string(0, 0, clean(self.title), formats.title)
        if self.mode is not Mode.LIVE:
            sheet.set_tab_color("#C00000")
            sheet.set_header(f"&C{self.mode.value.upper()}")
        widths = [min(len(column.head), 16) for column in columns]
        for index, column in enumerate(columns):
            sheet.write_string(HEAD, index, clean(column.head), formats.head)
        for number, row in enumerate(rows, start=HEAD + 1):
            for index, column in enumerate(columns):
                widths[index] = max(widths[index], _cell(sheet, formats, number, index, column.value(row)))
        for index, width in enumerate(widths):
            sheet.set_column(index, index, max(NARROWEST, min(WIDEST, width)) + 2)
        sheet.freeze_panes(HEAD + 1, kept)
        sheet.autofilter(HEAD, 0, HEAD + max(1, len(rows)), len(columns) - 1)
        if total is not None:
            for index, column in enumerate(columns):
                _cell(sheet, formats, HEAD + 1 + len(rows), index, column.value(total), total=True)

    def content(self) -> bytes:
        """The finished workbook."""
        self._book.close()
        return self._whole.getvalue()


class _Formats:
    def __init__(self, book: Workbook) -> None:
        self.title = book.add_format({"bold": True, "font_size": 12})
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.text = book.add_format({"valign": "top"})
        #: Excel then keeps it a text even when somebody edits the cell.
        self.quoted = book.add_format({"valign": "top", "quote_prefix": True})
        self.day = book.add_format({"valign": "top", "num_format": "yyyy-mm-dd", "align": "left"})
        self.time = book.add_format({"valign": "top", "num_format": "yyyy-mm-dd hh:mm:ss", "align": "left"})
        self.total = book.add_format({"bold": True, "top": 1})


def _cell(sheet: Worksheet, formats: _Formats, row: int, column: int, value: Cell, *, total: bool = False) -> int:
    """Write one cell; how many characters wide it is."""
    form = formats.total if total else None
    if value is None or value == "":
        sheet.write_blank(row, column, None, form or formats.text)
        return 0
    if isinstance(value, datetime):
        sheet.write_datetime(row, column, value.astimezone(UTC).replace(tzinfo=None), form or formats.time)
        return len("2026-03-02 09:30:00")
    if isinstance(value, date):
        sheet.write_datetime(row, column, value, form or formats.day)
        return len("2026-03-02")
    if isinstance(value, int):
        sheet.write_number(row, column, value, form or formats.text)
        return len(str(value))
    text = clean(value)
    if len(text) > LONGEST_CELL:
        text = f"{text[:LONGEST_CELL]}…"
    sheet.write_string(row, column, text, form or (formats.quoted if looks_like_formula(text) else formats.text))
    return len(text)
