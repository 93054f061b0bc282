"""How large a sheet may be. Beyond these it is refused whole, before it costs time or memory."""

from __future__ import annotations

MAX_TEXT_BYTES = 100_000_000  #: a CSV or TSV file
MAX_WORKBOOK_BYTES = 10_000_000  #: an XLSX or ODS file, as it lies on the disk
MAX_UNPACKED_BYTES = 100_000_000  #: all parts of a workbook together
MAX_PARTS = 2_000
#: Ten thousand like rows pack to less than a hundredth, so the ratio counts only where unpacking begins to cost.
MAX_RATIO = 100
RATIO_COUNTS_FROM = 20_000_000

MAX_ROWS = 200_000
MAX_COLUMNS = 500
MAX_CELLS = 2_500_000  #: rows x columns: calamine keeps a place for every cell between the first and the last
MAX_MARKS = 500_000  #: formulas without a result, error values
MAX_CELL_TEXT = 32_767  #: what a spreadsheet program itself allows in a cell
MAX_WORKBOOK_TEXT = 50_000_000  #: characters of all cells: one shared string may stand in every cell

MAX_LINES = 2_000_000  #: of a text file, empty ones included
MAX_LINE = 1_000_000  #: characters of one line of a text file
MAX_RECORD = 100_000  #: characters of one row that runs over several lines
MAX_RESCAN = 20_000_000  #: characters read again after quotation marks that do not close
MAX_VALUE = 10_000  #: characters of one cell
MAX_IN_CELL = 50  #: addresses in one cell
MAX_FINDINGS = 400_000  #: problems of one table

HEAD_ROWS = 40  #: the header is looked for in so many rows
