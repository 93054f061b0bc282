"""The log as CSV: one line per institution, every cell quoted, none of them a formula."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

from outreach.model.log import Log
from outreach.reports.columns import NOTES, institution_columns, title
from outreach.reports.writers import csv_to


def write_csv(log: Log, to: TextIO | Path, *, overwrite: bool = False) -> None:
    """Write to a stream of UTF-8, or a new file, whole or not at all: OutreachError when it exists.

    The first line of a rehearsal, or of a run to the organiser's own box, is one cell that says so; then the heads.
    """
    note = title(log) if NOTES[log.mode] else ""
    csv_to(to, institution_columns(log), log.rows, note=note, overwrite=overwrite)
