"""The reports room: a finished log in, tables and files out. It reads nothing and touches only the file it writes."""

from __future__ import annotations

from outreach.reports.as_csv import write_csv
from outreach.reports.as_json import write_json
from outreach.reports.as_xlsx import write_xlsx
from outreach.reports.table import TextTable, detail_table, state_table, totals_line

__all__ = ["TextTable", "detail_table", "state_table", "totals_line", "write_csv", "write_json", "write_xlsx"]
