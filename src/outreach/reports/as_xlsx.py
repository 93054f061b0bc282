"""The log as a workbook: a sheet of states, a sheet of institutions; strings stay strings."""

from __future__ import annotations

from pathlib import Path

from outreach.errors import OutreachError
from outreach.model.log import Log
from outreach.reports.columns import institution_columns, state_columns, title
from outreach.reports.files import new_file
from outreach.reports.workbook import LARGEST_SHEET, Book


def write_xlsx(log: Log, path: Path, *, overwrite: bool = False) -> None:
    """Write a new file at `path`, whole or not at all. Raises OutreachError when it exists or cannot be written."""
    content = workbook_bytes(log)
    with new_file(path, overwrite=overwrite) as fh:
        fh.write(content)


def workbook_bytes(log: Log) -> bytes:
    """The workbook; the same log gives the same bytes."""
    if log.institutions > LARGEST_SHEET:
        raise OutreachError(
            f"The log has {log.institutions:,} institutions; a worksheet holds {LARGEST_SHEET:,}.",
            todo="Export it as csv or json.",
        )
    book = Book(title(log), log.mode, log.at)
    book.sheet("per state", state_columns(log), log.states, total=log.total)
    book.sheet("per institution", institution_columns(log), log.rows)
    return book.content()
