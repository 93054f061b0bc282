"""Rows at fault: they stop the plan, or are left out by name and stand in every sum."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Outreach = Callable[..., Any]
SHEET = "contacts/example.csv"


def rows(workspace: Path) -> list[dict[str, str]]:
    with (workspace / SHEET).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(workspace: Path, lines: list[dict[str, str]]) -> None:
    with (workspace / SHEET).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)


def break_rows(workspace: Path, *numbers: int) -> None:
    lines = rows(workspace)
    for number in numbers:
        lines[number]["email"] = "office@@ministry.example"
    write(workspace, lines)


def test_a_row_at_fault_stops_the_plan(workspace: Path, outreach: Outreach) -> None:
    """Nothing is written, and the way out is named."""
    break_rows(workspace, 0)
    said = outreach("plan", "moratorium")
    assert said.code == 1
    assert "--skip-bad-rows" in said.out
    assert outreach("log", "moratorium").code == 2


def faults(outreach: Outreach) -> list[dict[str, Any]]:
    told = json.loads(outreach("check", "moratorium", "--format", "json").out)
    return [one for one in told["problems"] if one["severity"] == "fault"]


def test_a_column_that_is_not_there_is_one_fault(workspace: Path, outreach: Outreach) -> None:
    """A slip of the template, in each of its letters: how many they are is said, and a row to look at."""
    with (workspace / "templates/letters/moratorium/en.md").open("a", encoding="utf-8") as file:
        file.write("\n{{ row.minster }}\n")
    (found,) = faults(outreach)
    assert (found["code"], found["path"], found["row"]) == ("missing-column", SHEET, 2)
    assert f"So in 8 letters, the first that of {SHEET}:2." in found["found"]
    said = outreach("plan", "moratorium").out
    assert said.count("row.minster") == 1
    assert "Nothing was planned: 1 fault" in said


def test_an_empty_cell_is_a_fault_of_its_own_row(workspace: Path, outreach: Outreach) -> None:
    """Each has to be filled: one alone would hide the others."""
    write(workspace, [{**line, "unit": ""} for line in rows(workspace)])
    with (workspace / "templates/letters/moratorium/en.md").open("a", encoding="utf-8") as file:
        file.write("\n{{ row.unit }}\n")
    assert len({one["row"] for one in faults(outreach)}) == 8


def test_a_demand_without_a_letter_is_one_fault(workspace: Path, outreach: Outreach) -> None:
    """That nobody it goes to can be written to follows from it, state after state."""
    (workspace / "templates/letters/moratorium/en.md").unlink()
    (found,) = faults(outreach)
    assert found["code"] == "missing-template"


def test_a_demand_in_a_language_without_a_frame_still_stops_the_plan(workspace: Path, outreach: Outreach) -> None:
    """Of the templates that is a warning: whoever can be written to in no language must be told."""
    letters = workspace / "templates/letters/moratorium"
    (letters / "en.md").rename(letters / "xh.md")
    assert {one["code"] for one in faults(outreach)} == {"missing-language"}


def test_rows_left_out_stand_in_the_plan_the_log_and_every_sum(workspace: Path, outreach: Outreach) -> None:
    """Nobody is forgotten: a row that could not be read is an institution that gets no letter."""
    break_rows(workspace, 0, 4)
    count = len(rows(workspace))
    said = outreach("plan", "moratorium", "--skip-bad-rows")
    assert said.code == 0
    assert f"{count} institutions = " in said.out
    told = json.loads(outreach("log", "moratorium", "--format", "json").out)
    assert told["institutions"] == len(told["rows"]) == count
    assert {one["institution"] for one in told["rows"]} >= {f"{SHEET}:2", f"{SHEET}:6"}
    assert "rows that were not read" in outreach("log", "moratorium").out


def test_leaving_out_a_row_does_not_take_back_an_approved_letter(workspace: Path, outreach: Outreach) -> None:
    """A cell that breaks after the approval stops the plan even with --skip-bad-rows; the letter is still sent."""
    assert outreach("plan", "moratorium").code == 0
    assert outreach("approve", "moratorium", "--yes", "--by", "Ana").code == 0
    institution = rows(workspace)[0]["id"]
    break_rows(workspace, 0)
    said = outreach("plan", "moratorium", "--skip-bad-rows")
    assert said.code == 1
    assert institution in said.out
    assert outreach("send", "moratorium", "--only", institution).code == 0
    assert any((workspace / ".outreach/rehearsal/outbox/new").iterdir())


def test_a_sheet_that_lost_its_rows_cancels_nothing(workspace: Path, outreach: Outreach) -> None:
    """A sheet with a header alone is a fault, not an empty plan."""
    assert outreach("plan", "moratorium").code == 0
    head = (workspace / SHEET).read_text(encoding="utf-8").splitlines()[0]
    (workspace / SHEET).write_text(head + "\n", encoding="utf-8")
    assert outreach("plan", "moratorium").code == 1
    assert "draft" in outreach("approve", "moratorium", "--yes", "--by", "Ana").out


@pytest.mark.parametrize("ids", [True, False], ids=["with-ids", "without-ids"])
def test_an_institution_in_two_sheets_is_a_fault_that_names_both_rows(
    workspace: Path, outreach: Outreach, ids: bool
) -> None:
    """Whichever row came first would count, by the order of the files."""
    lines = rows(workspace) if ids else [{**line, "id": ""} for line in rows(workspace)]
    write(workspace, lines)
    other = workspace / "contacts/other.csv"
    other.write_text(f"{','.join(lines[-1])}\n{','.join(lines[-1].values())}\n", encoding="utf-8")
    file = workspace / "campaigns/moratorium.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(f'["{SHEET}"]', f'["{SHEET}", "contacts/other.csv"]'), encoding="utf-8")
    told = json.loads(outreach("check", "moratorium", "--format", "json").out)
    (found,) = [one for one in told["problems"] if one["severity"] == "fault"]
    assert found["code"] == "institution-twice"
    assert f"{SHEET}:{len(lines) + 1} and contacts/other.csv:2" in found["found"]


def test_a_sheet_that_cannot_be_read_is_not_called_empty(workspace: Path, outreach: Outreach) -> None:
    """One fault, and the right one: filling a full sheet would help nobody."""
    with (workspace / "campaigns/moratorium.toml").open("a", encoding="utf-8") as file:
        file.write('\n[columns]\nstate = "Land"\n')
    told = json.loads(outreach("check", "moratorium", "--format", "json").out)
    assert [one["code"] for one in told["problems"] if one["severity"] == "fault"] == ["missing-column"]


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        pytest.param(
            b"xyz,state,email\nA,QM,a@a.example\nB,QN,b@b.example\n", ["missing-column"], id="a-column-renamed"
        ),
        pytest.param(b"a,b\nA,QM\n", ["no-header"], id="no-header"),
        pytest.param("state,name\nQM,Bücher\n".encode() + b"QN,B\xfccher\n", ["mixed-encodings"], id="not-read"),
    ],
)
def test_a_sheet_of_which_no_row_is_read_is_no_row_to_leave_out(
    workspace: Path, outreach: Outreach, content: bytes, codes: list[str]
) -> None:
    """Its fault stands in a row, too; --skip-bad-rows would forget everybody in it, and take their letters back."""
    assert outreach("plan", "moratorium").code == 0
    (workspace / SHEET).write_bytes(content)
    said = outreach("plan", "moratorium", "--skip-bad-rows")
    assert said.code == 1
    assert "--skip-bad-rows" not in said.out
    told = json.loads(outreach("check", "moratorium", "--format", "json").out)
    assert [one["code"] for one in told["problems"] if one["severity"] == "fault"] == codes
    log = json.loads(outreach("log", "moratorium", "--format", "json").out)
    assert log["statuses"] == {"draft": 10}


def test_a_workspace_with_a_question_mark_in_its_path_keeps_its_ledgers_inside(
    tmp_path: Path, outreach: Outreach, monkeypatch: Any
) -> None:
    """A path is a path, not a URL: nothing lands beside the workspace."""
    folder = tmp_path / "p ace?d #1 %41"
    assert outreach("init", folder).code == 0
    monkeypatch.chdir(folder)
    assert outreach("plan", "moratorium").code == 0
    assert (folder / ".outreach/rehearsal/rehearsal.db").is_file()
    assert [one.name for one in tmp_path.iterdir()] == [folder.name]
