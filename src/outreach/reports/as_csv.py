"""The log as CSV: one line per institution, every cell quoted, none of them a formula."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TextIO

from outreach.model.log import Log
from outreach.reports.cells import csv_cell
from outreach.reports.columns import NOTES, institution_columns, title
from outreach.reports.files import text_to

BOM = "\ufeff"  #: without it Excel reads UTF-8 as the machine's old code page


def write_csv(log: Log, to: TextIO | Path, *, overwrite: bool = False) -> None:
    """Write to a stream of UTF-8, or a new file, whole or not at all: OutreachError when it exists.

    The first line of a rehearsal, or of a run to the organiser's own box, is one cell that says so; then the heads.
    """
    columns = institution_columns(log)
    with text_to(to, overwrite=overwrite) as fh:
        fh.write(BOM)
        lines = csv.writer(fh, quoting=csv.QUOTE_ALL)
        if NOTES[log.mode]:
            lines.writerow([title(log)])
        lines.writerow([csv_cell(column.head) for column in columns])
        for row in log.rows:
            lines.writerow([csv_cell(column.value(row)) for column in columns])
