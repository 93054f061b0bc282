"""The log as a campaigner reads it: what went, what came back, what was said and what is next, in every format."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from outreach.ledger.store import Tx
from outreach.model.inbound import InboundKind
from support.world import World

Outreach = Callable[..., Any]
COUNTS = ("sent", "acknowledged", "answered", "overdue")


@pytest.fixture
def sent(world: World, workspace: Path, outreach: Outreach) -> World:
    """The letters of the invented states are out, in a rehearsal."""
    for command in ("plan", "approve", "send"):
        more = ["--yes", "--by", "Ada"] if command == "approve" else []
        assert outreach(command, "example", *more).code == 0
    return world


def exported(outreach: Outreach, *more: object) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(outreach("log", "example", "--format", "json", *more).out)
    return made


def next_steps(outreach: Outreach) -> dict[str, str]:
    return {row["institution"]: row["next_step"]["words"] for row in exported(outreach)["rows"]}


def test_the_log_follows_the_correspondence_with_a_state(sent: World, outreach: Outreach) -> None:
    """Waiting, acknowledged, late, reminded, answered, written down: each has its word and what to do."""
    assert re.fullmatch(r"wait until \d{4}-\d\d-\d\d", next_steps(outreach)["qm-mfa-1"])
    sent.hears("qm-trade-1", InboundKind.ACKNOWLEDGEMENT)
    sent.days(50)
    made = exported(outreach)
    rows = {row["institution"]: row for row in made["rows"]}
    assert (rows["qm-mfa-1"]["correspondence"], rows["qm-mfa-1"]["next_step"]["kind"]) == ("overdue", "chase")
    assert rows["qm-trade-1"]["acknowledged_at"]
    assert rows["qm-licensing-1"]["correspondence"] == "not_written"
    assert made["answers"]["acknowledged"] == 1
    assert made["answers"]["overdue"] == 9
    assert outreach("chase", "example").code == 0
    assert next_steps(outreach)["qm-mfa-1"] == "approve reminder 1"
    assert outreach("approve", "example", "--yes", "--by", "Ada").code == 0
    assert next_steps(outreach)["qm-mfa-1"] == "send reminder 1"
    sent.hears("qm-mfa-1")
    assert next_steps(outreach)["qm-mfa-1"] == "answer received: write down its position"
    (examplia,) = [one for one in exported(outreach)["states"] if one["state"] == "QM"]
    assert (examplia["answered"], examplia["next_step"]["kind"]) == (1, "record")


def test_the_log_the_list_of_the_silent_and_the_page_agree(sent: World, workspace: Path, outreach: Outreach) -> None:
    """One institution stands in one place, wherever it is looked at; the parts add up to the plan."""
    sent.hears("qm-mfa-1")
    sent.hears("qo-mfa-1", InboundKind.ACKNOWLEDGEMENT)
    sent.days(50)
    made = exported(outreach)
    due = json.loads(outreach("due", "example", "--format", "json").out)
    assert {row["institution"]: row["correspondence"] for row in made["rows"]} == {
        row["institution"]: row["group"] for row in due["rows"]
    }
    assert made["answers"]["correspondence"] == due["totals"]
    assert sum(due["totals"].values()) == made["institutions"] == 11
    assert outreach("report", "example", "--out", "page.html").code == 0
    page = Path("page.html").read_text("utf-8")
    for state in made["states"]:
        (line,) = re.findall(rf"<code>{state['state']}</code></th>\n((?:<td class=\"number.*\n)+)", page)
        numbers = [int(one) for one in re.findall(r">(\d+)<", line)]
        assert [numbers[index] for index in (2, 5, 6, 7)] == [state[count] for count in COUNTS]


def test_every_format_has_the_position_on_every_demand(sent: World, workspace: Path, outreach: Outreach) -> None:
    """A column for each demand; the state's position stands on each of its lines, and in the table in a few words."""
    said = outreach("position", "example", "QM", "moratorium", "supports", "--quote", "We do.", "--by", "Ana",
                    "--kind", "phone", "--on", "2026-01-05")  # fmt: skip
    assert said.code == 0, said.all
    made = exported(outreach)
    slugs = [one["slug"] for one in made["demands"]]
    assert slugs == ["moratorium", "licence-review", "revoke-nso-licences"]
    assert [state["positions"]["moratorium"]["counted_as"] for state in made["states"]].count("supports") == 1
    rows = list(csv.DictReader(outreach("log", "example", "--format", "csv").out.splitlines()[1:]))
    assert {row["position: moratorium"] for row in rows if row["state"] == "QM"} == {"supports"}
    assert outreach("log", "example", "--out", "log.xlsx").code == 0
    for sheet in load_workbook("log.xlsx"):
        heads = [cell.value for cell in sheet[2]]
        assert [one for one in heads if str(one).startswith("position: ")] == [f"position: {slug}" for slug in slugs]
    table = outreach("log", "example").out
    assert "1 supports of 3" in table
    assert "Their answers: 9 awaiting, 2 not written." in table


def test_the_log_asks_the_ledger_as_often_for_many_as_for_few(
    workspace: Path, outreach: Outreach, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One question per thing, none per row: with forty institutions as with four."""
    asked: list[str] = []

    def counted(name: str) -> Any:
        real = getattr(Tx, name)

        def question(self: Tx, statement: Any, **values: Any) -> Any:
            asked.append(name)
            return real(self, statement, **values)

        return question

    counts = []
    for many in (4, 40):
        sheet = ["id,state,institution,role,email"]
        sheet += [f"qm-mfa-{number},QM,Ministry {number},mfa,m{number}@gov.example" for number in range(many)]
        (workspace / "contacts" / "example.csv").write_text("\n".join(sheet), "utf-8")
        for command in ("plan", "approve", "send"):
            assert outreach(command, "example", *(["--yes", "--by", "Ada"] if command == "approve" else [])).code == 0
        with monkeypatch.context() as patch:
            for name in ("one", "find", "each"):
                patch.setattr(Tx, name, counted(name))
            asked.clear()
            assert f"{many} institutions of 1 state" in outreach("log", "example").out
            counts.append(len(asked))
    assert counts[0] == counts[1] > 5
