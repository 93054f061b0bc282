"""What every list has in common as CSV, and every object as JSON."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO, TypeVar

from outreach.reports.cells import csv_cell
from outreach.reports.columns import Column
from outreach.reports.files import text_to

BOM = "\ufeff"  #: without it Excel reads UTF-8 as the machine's old code page

Row = TypeVar("Row")


def csv_to(
    to: TextIO | Path, columns: Sequence[Column[Row]], rows: Iterable[Row], *, note: str, overwrite: bool
) -> None:
    """Write to a stream of UTF-8, or a new file, whole or not at all: OutreachError when it exists.

    Every cell is quoted, none of them a formula. A `note` that is not "" is one cell above the heads.
    """
    with text_to(to, overwrite=overwrite) as fh:
        fh.write(BOM)
        lines = csv.writer(fh, quoting=csv.QUOTE_ALL)
        if note:
            lines.writerow([note])
        lines.writerow([csv_cell(column.head) for column in columns])
        for row in rows:
            lines.writerow([csv_cell(column.value(row)) for column in columns])


def json_to(to: TextIO | Path, whole: Mapping[str, Any], *, overwrite: bool) -> None:
    """Write one object to a stream, or a new file, whole or not at all: OutreachError when it exists."""
    with text_to(to, overwrite=overwrite) as fh:
        json.dump(whole, fh, ensure_ascii=False, indent=2)
        fh.write("\n")
