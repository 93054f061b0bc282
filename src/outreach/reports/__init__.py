"""The reports room: finished values in, tables and files out. It reads nothing and touches only the file it writes."""

from __future__ import annotations

from outreach.reports.as_csv import write_csv
from outreach.reports.as_json import write_json
from outreach.reports.as_xlsx import write_xlsx
from outreach.reports.columns import cell_words
from outreach.reports.due import due_table, due_totals, write_due_csv, write_due_json
from outreach.reports.positions import evidence_table, matrix_table, matrix_totals
from outreach.reports.positions_files import write_positions_csv, write_positions_json, write_positions_xlsx
from outreach.reports.proposals import proposal_lines, target_row, write_proposals_csv, write_proposals_json
from outreach.reports.table import (
    TextTable,
    answers_line,
    detail_table,
    letters_line,
    own_letters_line,
    state_table,
    totals_line,
)

__all__ = [
    "TextTable",
    "answers_line",
    "cell_words",
    "detail_table",
    "due_table",
    "due_totals",
    "evidence_table",
    "letters_line",
    "matrix_table",
    "matrix_totals",
    "own_letters_line",
    "proposal_lines",
    "state_table",
    "target_row",
    "totals_line",
    "write_csv",
    "write_due_csv",
    "write_due_json",
    "write_json",
    "write_positions_csv",
    "write_positions_json",
    "write_positions_xlsx",
    "write_proposals_csv",
    "write_proposals_json",
    "write_xlsx",
]
