"""CSV and TSV: rows are settled by `records`, cells are read by pandas, in pieces, so that memory stays small."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from outreach.model.problem import Severity
from outreach.sheets.delimiters import find_delimiter, said_delimiter
from outreach.sheets.door import refused
from outreach.sheets.findings import Findings, quoted
from outreach.sheets.grid import Row
from outreach.sheets.hygiene import trimmed
from outreach.sheets.limits import HEAD_ROWS, MAX_COLUMNS, MAX_ROWS
from outreach.sheets.lines import Lines
from outreach.sheets.records import Record, records, rejoin, split

_CHUNK = 4_000  #: rows that pandas holds at a time
_COMMENTED = 3  #: a commented line with so many cells and an address was a row


class TextTable:
    """The one table of a text file."""

    def __init__(self, lines: Lines, path: str, columns: Mapping[str, str], findings: Findings) -> None:
        self.broken = 0
        self._path = path
        self._findings = findings
        self._delimiter = _settle(lines, columns)
        self._records = records(lines, self._delimiter, path)
        self._start = self._take_start()
        self._head = [at for at, record in enumerate(self._start) if not record.blank]

    def head(self) -> Sequence[Row]:
        """The first rows that are not empty, comments included."""
        shown = (self._start[at] for at in self._head)
        return [Row(one.line, split(one.text, self._delimiter), comment=one.comment) for one in shown]

    def body(self, header: int, named: int) -> Iterator[Row]:
        """The rows after the header; those that do not fit it are faults."""
        import pandas as pd

        at = self._head[header]
        width = self._start[at].width
        if width > MAX_COLUMNS:
            raise refused(
                self._path,
                "too-many-columns",
                f"The sheet has {width:,} columns; at most {MAX_COLUMNS} are read.",
                row=self._start[at].line,
            )
        feed = _Feed(self._fitting(chain(self._start[at + 1 :], self._records), named, width))
        names = list(range(width))
        try:
            for chunk in pd.read_csv(
                feed,
                sep=self._delimiter,
                header=None,
                names=names,
                index_col=False,
                dtype=str,
                keep_default_na=False,  # NA is Namibia
                na_filter=False,
                skip_blank_lines=False,
                on_bad_lines="error",
                engine="c",
                chunksize=_CHUNK,
            ):
                rows = zip(*(chunk[name].tolist() for name in names), strict=True)
                for cells in rows:
                    line, gap = feed.place()
                    yield Row(line, cells, gap=gap)
        except pd.errors.EmptyDataError:
            return
        except pd.errors.ParserError as error:
            raise refused(self._path, "damaged", f"The sheet cannot be read: {error}.") from error

    def _take_start(self) -> list[Record]:
        """The file up to the last row in which the header may be."""
        start: list[Record] = []
        filled = 0
        for record in self._records:
            start.append(record)
            filled += not record.blank
            if filled == HEAD_ROWS or len(start) == MAX_ROWS:
                break
        return start

    def _fitting(self, rows: Iterator[Record], named: int, width: int) -> Iterator[tuple[int, bool, str]]:
        """Line, gap and text of the rows that have as many cells as the header; the others are said."""
        count = 0
        gap = True
        for record in rows:
            if record.comment:
                self._say_comment(record)
            if record.blank or record.comment:
                gap = True
                continue
            count += 1
            if count > MAX_ROWS:
                raise refused(
                    self._path,
                    "too-many-rows",
                    f"The sheet has more than {MAX_ROWS:,} rows.",
                    "Divide it into several sheets.",
                    row=record.line,
                )
            text = record.text if record.width == width == named else self._refit(record, named, width)
            if text:
                yield record.line, gap, text
            gap = not text

    def _refit(self, record: Record, named: int, width: int) -> str:
        """The row as wide as a header that ends in empty cells; a fault when it does not fit.

        A row wider than that is one even when it ends in empty cells: a comma without quotation marks pushes them out.
        """
        if not record.fault:
            cells = split(record.text, self._delimiter)
            if named <= len(cells) <= width and not any(map(trimmed, cells[named:])):
                return rejoin([*cells, *[""] * width][:width], self._delimiter)
        self.broken += 1
        if record.fault:
            self._findings.fault(
                "bad-quotes",
                f"The row cannot be read: {record.fault}: {quoted(record.text)}.",
                'Double a quotation mark inside a cell (""), or save the sheet again from a spreadsheet program.',
                row=record.line,
            )
        else:
            self._findings.fault(
                "ragged-row",
                f"The row has {len(cells)} cells where the header has {named}: {quoted(record.text)}."
                + (f" It runs to line {record.last}." if record.last > record.line else ""),
                "Put a cell that holds the separator in quotation marks, or add the missing separators.",
                row=record.line,
            )
        return ""

    def _say_comment(self, record: Record) -> None:
        if record.width >= _COMMENTED and "@" in record.text:
            self._findings.warning(
                "commented-row",
                f'A row begins with "#" and is not read: {quoted(record.text)}.',
                'Take away the "#" if it is a contact.',
                row=record.line,
            )
        else:
            found = 'Lines that begin with "#" are comments.'
            self._findings.tally(Severity.NOTE, "comment", found, row=record.line)


def _settle(lines: Lines, columns: Mapping[str, str]) -> str:
    """The delimiter; the lines it was found by are put back."""
    taken: list[str] = []
    while len(taken) < 2 * HEAD_ROWS and (line := lines.next()) is not None:
        taken.append(line)
    said = said_delimiter(taken[0]) if taken else ""
    if said:
        lines.put_back(taken[1:])
        return said
    lines.put_back(taken)
    return find_delimiter(taken, columns)


class _Feed(io.TextIOBase):
    """Rows as a file that pandas reads; remembers the line of each row until pandas gives it back."""

    def __init__(self, rows: Iterator[tuple[int, bool, str]]) -> None:
        self._rows = rows
        self._places: deque[tuple[int, bool]] = deque()
        self._rest = ""

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> str:
        limit = size if size and size > 0 else 1 << 62
        parts = [self._rest]
        have = len(self._rest)
        while have < limit and (row := next(self._rows, None)) is not None:
            line, gap, content = row
            self._places.append((line, gap))
            parts += (content, "\n")
            have += len(content) + 1
        text = "".join(parts)
        self._rest = text[limit:]
        return text[:limit]

    def place(self) -> tuple[int, bool]:
        """The line of the row that pandas gives next, and whether there is a gap before it."""
        return self._places.popleft()
