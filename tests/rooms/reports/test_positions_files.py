"""Positions as tables and files: every cell once, nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from outreach.model.campaign import Mode
from outreach.model.matrix import Matrix, Tally
from outreach.model.position import Position, Source, SourceKind
from outreach.reports import (
    evidence_table,
    matrix_table,
    matrix_totals,
    write_positions_csv,
    write_positions_json,
    write_positions_xlsx,
)
from support.organisers import AT, record, report

SCAN = Source(id=1, kind=SourceKind.POST, taken_on=AT.date(), sha256="b" * 64, name="scan.pdf", kept=True)


def rows_of(matrix: Matrix, *, history: bool = False) -> list[dict[str, str]]:
    out = io.StringIO()
    write_positions_csv(matrix, out, history=history)
    lines = out.getvalue().lstrip("\ufeff").splitlines()
    return list(csv.DictReader(lines[1:] if matrix.mode is not Mode.LIVE else lines))


def corrected(logs: Any) -> Matrix:
    """A matrix with one correction, one promise, and one source that is gone."""
    return report(
        logs,
        record(1, Position.OPPOSES, demand="d0", quote="No."),
        record(3, Position.SUPPORTS, demand="d0", source=SCAN, due_on=date(2026, 3, 1)),
        record(5, Position.DECLINED, demand="d1", source=replace(SCAN, kept=False)),
    ).log.matrix


def test_the_table_has_a_word_for_every_cell(logs: Any) -> None:
    """What is overdue and what was, before its source went, is said in it; the parts add up to the cells."""
    matrix = corrected(logs)
    head, rows, _ = matrix_table(matrix)
    assert head == ("state", "", "d0", "d1", "d2", "d3", "d4")
    assert rows[0][:4] == ("QM", "Examplia", "supports (OVERDUE by 2026-03-01)", "unsupported (declined)")
    assert matrix_totals(matrix) == (
        "REHEARSAL: nothing was sent to any state. 2 states × 5 demands = 10: "
        "1 supports, 2 none, 1 unsupported, 6 not asked. Commitments: 1 overdue."
    )


def test_what_is_on_record_is_listed_with_what_was_before(logs: Any) -> None:
    """Without the history the newest alone."""
    matrix = corrected(logs)
    assert [row[2] for row in evidence_table(matrix, history=False).rows] == [
        "supports (OVERDUE by 2026-03-01)",
        "unsupported (declined)",
    ]
    assert [row[2] for row in evidence_table(matrix, history=True).rows][1] == "before: opposes"


def test_every_format_has_the_same_cells(logs: Any, tmp_path: Path) -> None:
    """CSV, JSON and workbook, with and without the history."""
    matrix = corrected(logs)
    assert len(rows_of(matrix)) == len(matrix.cells) == 10
    assert len(rows_of(matrix, history=True)) == 11
    out = io.StringIO()
    write_positions_json(matrix, out, history=True)
    made = json.loads(out.getvalue())
    assert made["schema"] == "outreach.positions/1"
    assert made["totals"] == {tally.value: matrix.counts[tally] for tally in Tally}
    assert made["cells"][0]["record"]["source"] == {
        "id": 1,
        "kind": "post",
        "of": "2026-03-02",
        "sha256": "b" * 64,
        "name": "scan.pdf",
        "url": "",
        "mail": None,
        "kept": True,
    }
    assert [one["position"] for one in made["cells"][0]["earlier"]] == ["opposes"]
    write_positions_xlsx(matrix, tmp_path / "p.xlsx", history=True)
    book = load_workbook(tmp_path / "p.xlsx")
    assert book.sheetnames == ["matrix", "history"]
    assert (book["matrix"].freeze_panes, book["history"].freeze_panes) == ("C3", "D3")
    assert (book["matrix"].auto_filter.ref, book["history"].auto_filter.ref) == ("A2:G4", "A2:T5")
    _, head, first, *_ = book["history"].iter_rows(values_only=True)
    row = dict(zip(head, first, strict=True))
    assert (row["promised by"], row["written down at (UTC)"]) == (datetime(2026, 3, 1), AT.replace(tzinfo=None))  # noqa: DTZ001


@pytest.mark.parametrize(
    "attack", ["=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "\t=1", "\n=1", " =1", "＝1+1", '"=1', ";=1"]
)
def test_no_text_becomes_a_formula(logs: Any, tmp_path: Path, attack: str) -> None:
    """Sentence, note, name and address of a source come from strangers."""
    its = replace(SCAN, name=attack, url=attack)
    matrix = report(
        logs, record(1, Position.SUPPORTS, quote=attack, by=attack, note=attack, source=its), name=attack
    ).log.matrix
    free = ("state name", "sentence", "note", "by", "file or subject", "address of the source")
    row = next(one for one in rows_of(matrix) if one["position"])
    assert not [row[head] for head in free if row[head].lstrip(' "')[:1] in "=+-@＝" and row[head].strip(' "')]
    write_positions_xlsx(matrix, tmp_path / "p.xlsx", history=False)
    for sheet in load_workbook(tmp_path / "p.xlsx"):
        assert {cell.data_type for line in sheet.iter_rows() for cell in line} <= {"s", "n", "d"}


def test_a_live_export_has_no_line_before_its_heads_and_nothing_of_invented_states(logs: Any) -> None:
    """They are counted as left out, so that nobody wonders."""
    matrix = report(logs, mode=Mode.LIVE).log.matrix
    rows = rows_of(matrix)
    assert {row["mode"] for row in rows} == {"live"}
    assert not any(row["sentence"] for row in rows)
    assert "Left out: 7 records" in matrix_totals(matrix)
