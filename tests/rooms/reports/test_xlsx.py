"""The log as a workbook, read again by another library."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from outreach.model.campaign import Mode
from outreach.model.dispatch import SkipReason
from outreach.model.log import Log
from outreach.model.status import Status
from outreach.reports import write_xlsx


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.xlsx"


def sheets(log: Log, path: Path) -> tuple[Worksheet, Worksheet]:
    write_xlsx(log, path, overwrite=True)
    book = load_workbook(path)
    assert book.sheetnames == ["per state", "per institution"]
    return book["per state"], book["per institution"]


def cell_of(sheet: Worksheet, head: str) -> Any:
    """The cell below a head, in the first row."""
    return sheet.cell(3, [cell.value for cell in sheet[2]].index(head) + 1)


def table(sheet: Worksheet) -> list[dict[str, Any]]:
    _, head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


def test_the_workbook_has_one_row_per_institution_and_its_states_add_up(logs: Any, path: Path) -> None:
    """Read again, both sheets count what the log counts, and the last line of the states is their sum."""
    log = logs.full()
    per_state, per_institution = (table(sheet) for sheet in sheets(log, path))

    assert [row["institution"] for row in per_institution] == [row.institution for row in log.rows]
    *states, last = per_state
    assert [row["state"] for row in states] == ["QN", "QM"]
    numbers = [head for head, value in last.items() if isinstance(value, int)]
    assert {head: sum(row[head] for row in states) for head in numbers} == {head: last[head] for head in numbers}
    for row in per_state:
        for partition in ("letter: ", "correspondence: "):
            assert row["institutions"] == sum(count for head, count in row.items() if head.startswith(partition))
    assert last["institutions"] == log.institutions


def test_numbers_and_times_are_numbers_and_times(logs: Any, path: Path) -> None:
    """A person can sort and filter by them; times are UTC."""
    per_state, sheet = sheets(logs.acknowledged(), path)
    (row,) = table(sheet)

    assert row["accepted at (UTC)"] == datetime.fromisoformat("2026-03-01T08:15:30")
    assert row["letter dated"] == datetime.fromisoformat("2026-03-01")
    assert (row["server code"], row["attempts"]) == (250, 1)
    assert (row["status"], row["server's words"]) == ("accepted by the mail server", "2.0.0 queued")
    assert row["post"] is None
    assert row["acknowledged at (UTC)"] == datetime.fromisoformat("2026-03-02T09:30")
    assert row["answer due"] == datetime.fromisoformat("2026-03-30")
    assert row["next step on"] == table(per_state)[1]["next step on"] == datetime.fromisoformat("2026-03-31")
    assert (row["position: d0"], row["position: d1"]) == ("supports (by 2026-06-01)", "not asked")
    dates = ["accepted at (UTC)", "acknowledged at (UTC)", "answer due", "next step on", "letter dated"]
    assert all(cell_of(sheet, head).is_date for head in dates)


def test_the_heads_of_the_states_are_those_that_the_manual_names(logs: Any, path: Path) -> None:
    """People filter by them, and scripts look for them: none goes, none changes."""
    (head, *_) = sheets(logs.full(), path)[0].iter_rows(min_row=2, values_only=True)
    assert head == (
        "state", "state name", "institutions", "sent", "acknowledged", "answered", "overdue", "promises overdue",
        "letters from own mailboxes", "position: d0", "position: d1", "next step", "next step on",
        "letter: accepted by the mail server", "letter: bounced", "letter: approved, waiting",
        "letter: draft, not approved", "letter: refused by the mail server", "letter: in doubt", "letter: held",
        "letter: skipped", "letter: post or form only", "letter: cancelled or suppressed",
        "correspondence: very overdue", "correspondence: overdue", "correspondence: awaiting",
        "correspondence: acknowledged", "correspondence: in dialogue", "correspondence: answered",
        "correspondence: unreachable", "correspondence: closed", "correspondence: not written",
    )  # fmt: skip


def test_another_reader_sees_the_same_cells(logs: Any, path: Path) -> None:
    """Calamine, which reads what LibreOffice and Excel write, finds the same words, numbers and days."""
    write_xlsx(logs.acknowledged(), path)
    (_, head, row) = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("per institution").to_python()
    seen = dict(zip(head, row, strict=True))
    assert seen["answer due"] == date(2026, 3, 30)
    assert seen["acknowledged at (UTC)"] == datetime.fromisoformat("2026-03-02T09:30")
    assert (seen["correspondence"], seen["server code"], seen["answered at (UTC)"]) == ("acknowledged", 250, "")


@pytest.mark.parametrize("mode", [Mode.REHEARSAL, Mode.TO_ME, Mode.LIVE])
def test_each_sheet_says_on_its_first_line_whether_it_is_a_rehearsal(logs: Any, path: Path, mode: Mode) -> None:
    """The first line of a rehearsal says REHEARSAL, that of a live log does not."""
    for sheet in sheets(logs.full(mode), path):
        said = str(sheet["A1"].value)
        assert said.startswith("REHEARSAL: ") is (mode is Mode.REHEARSAL)
        assert said.startswith("TO ME: ") is (mode is Mode.TO_ME)
        assert "spring: log of 2026-03-02 09:30 UTC" in said


def test_the_head_is_frozen_and_can_be_filtered(logs: Any, path: Path) -> None:
    """The line of heads stays in sight; the sum below the states is no part of the filter."""
    per_state, per_institution = sheets(logs.full(), path)

    assert (per_state.freeze_panes, per_institution.freeze_panes) == ("C3", "C3")
    for sheet, rows in ((per_state, per_state.max_row - 1), (per_institution, per_institution.max_row)):
        assert sheet.auto_filter.ref == f"A2:{get_column_letter(sheet.max_column)}{rows}"
        assert all(6 <= one.width <= 64 for one in sheet.column_dimensions.values())


@settings(max_examples=25, deadline=None)
@given(said=st.text(alphabet=st.sampled_from("=+-@＝ \t\n\x00\"'{}_x0041;a") | st.characters(), max_size=12))
@pytest.mark.parametrize("where", ["name", "said"])
def test_no_text_becomes_a_formula_a_link_or_a_number(
    logs: Any, tmp_path_factory: pytest.TempPathFactory, where: str, said: str
) -> None:
    """Whatever a name or a server says is a string cell that holds the very words, without control characters."""
    log = logs.of(logs.standing(Status.REJECTED, "qm-1", **{where: said}))
    _, sheet = sheets(log, tmp_path_factory.getbasetemp() / "any.xlsx")

    cell = cell_of(sheet, "name" if where == "name" else "server's words")
    assert cell.data_type in {"s", "n"}
    assert cell.data_type == "s" or cell.value is None
    assert cell.hyperlink is None
    assert all(char >= " " for char in str(cell.value or ""))


@pytest.mark.parametrize("said", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", " =1", "{=1}", "http://x.example", "007"])
def test_what_looks_like_a_formula_is_kept_word_for_word(logs: Any, path: Path, said: str) -> None:
    """Nothing is put in front of it: a string cell is never run."""
    _, sheet = sheets(logs.of(logs.standing(Status.REJECTED, "qm-1", said=said)), path)
    cell = cell_of(sheet, "server's words")

    assert (cell.value, cell.data_type) == (said, "s")


@pytest.mark.parametrize("said", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n+1"])
def test_no_name_of_a_state_institution_or_demand_becomes_a_formula(
    logs: Any, path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    """Wherever such words stand, in heads too: every cell is a string, without the control characters."""
    monkeypatch.setitem(logs.names(), "QM", said)
    letter, left_out = logs.standing(Status.ACCEPTED, "qm-1", name=said), logs.left_out(SkipReason.EXCLUDED, said)
    for sheet in sheets(logs.of(letter, left_out, matrix=logs.matrix(demand=said)), path):
        seen = [cell for row in sheet for cell in row if cell.value is not None]
        assert {cell.data_type for cell in seen} <= {"s", "n", "d"}
        assert [cell for cell in seen if cell.value == said.strip() or cell.value == f" {said.strip()}"]
        assert all(cell.quotePrefix for row in sheet.iter_rows(min_row=3) for cell in row if starts_a_formula(cell))


def starts_a_formula(cell: Any) -> bool:
    return isinstance(cell.value, str) and cell.value.strip()[:1] in set("=+-@") and cell.value != "-"


def test_a_formula_stays_text_when_somebody_edits_its_cell(logs: Any, path: Path) -> None:
    """The cell's style holds Excel to text; other cells are plain."""
    _, sheet = sheets(logs.of(logs.standing(Status.REJECTED, "qm-1", name="Ministry", said="=1+1")), path)

    assert cell_of(sheet, "server's words").quotePrefix
    assert not cell_of(sheet, "name").quotePrefix


def test_a_cell_that_is_too_long_is_cut_and_shows_it(logs: Any, path: Path) -> None:
    """Excel's limit never drops a cell silently."""
    _, sheet = sheets(logs.of(logs.standing(Status.REJECTED, "qm-1", said="é" * 40_000)), path)

    said = str(cell_of(sheet, "server's words").value)
    assert said.startswith("ééé")
    assert said.endswith("é…")


def test_the_file_names_nobody_and_is_the_same_for_the_same_log(logs: Any, tmp_path: Path) -> None:
    """No author, no machine's clock: the properties are the log's own."""
    one, two = tmp_path / "one.xlsx", tmp_path / "two.xlsx"
    write_xlsx(logs.full(), one)
    write_xlsx(logs.full(), two)
    book = load_workbook(one)

    assert not book.properties.creator
    assert not book.properties.lastModifiedBy
    assert book.properties.created == datetime.fromisoformat("2026-03-02T09:30")
    assert one.read_bytes() == two.read_bytes()
    with zipfile.ZipFile(one) as parts:
        assert not [name for name in parts.namelist() if "external" in name.lower() or "vba" in name.lower()]
