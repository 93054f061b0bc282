"""Faults that people make, one at a time: `check` names each at its row and column, and connects to nothing."""

from __future__ import annotations

import csv
import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Outreach = Callable[..., Any]
SHEET = "contacts/example.csv"
MORATORIUM = "templates/letters/moratorium/en.md"
FRAME = "templates/letters/frame/en.md"

#: What a cell is changed to: (id, row as a spreadsheet counts, column, value)
CELLS = [
    ("address-without-at", 2, "email", "office.mfa.examplia.example"),
    ("address-with-two-ats", 2, "email", "office@@mfa.examplia.example"),
    ("address-with-a-space-in-the-domain", 3, "email", "trade@deutsches museum.example"),
    ("address-with-a-line-break-and-a-command", 2, "email", "a@b.example\r\nDATA"),
    ("address-with-an-extension", 2, "email", "<a@b.example> NOTIFY=NEVER"),
    ("address-with-two-dots", 2, "email", "a@b..example"),
    ("address-that-begins-with-a-dot", 2, "email", ".a@b.example"),
    ("address-of-a-number", 2, "email", "a@[127.0.0.1]"),
    ("address-with-a-local-part-too-long", 2, "email", "x" * 65 + "@b.example"),
    ("address-with-letters-outside-ascii", 2, "email", "müller@b.example"),
    ("address-without-a-domain", 2, "email", "calu at"),
    ("address-is-a-placeholder", 2, "email", "<DG>-access@b.example"),
    ("address-is-a-handle", 2, "email", "@ministry"),
    ("one-address-of-two-is-bad", 5, "email", "good@b.example; bad@"),
    ("state-unknown", 2, "state", "Atlantis"),
    ("state-is-two-states", 2, "state", "Korea"),
    ("state-empty", 4, "state", ""),
    ("state-and-its-name-disagree", 2, "state_name", "Fictivia"),
    ("name-empty", 3, "institution", ""),
    ("name-with-a-bell", 3, "institution", "Ministry\x07 of Trade"),
    ("name-with-a-line-separator", 3, "institution", "Ministry\u2028Bcc: x"),
    ("name-far-too-long", 3, "institution", "M" * 10_001),
    ("timezone-unknown", 3, "timezone", "Europe/Atlantis"),
    ("working-days-unreadable", 3, "working_days", "whenever"),
    ("another-state-in-the-name", 3, "institution", "Ministry of Trade of Bulgaria"),
    ("placeholder-left-in-the-name", 3, "institution", "REPLACE ME"),
    ("id-twice-for-two-states", 5, "id", "qm-mfa-1"),
]

#: (id, file, text that is there or "" to append, what it becomes, what the finding says)
TEMPLATES = [
    ("unknown-name", MORATORIUM, "", "\nDear {{ minister }}\n", "minister"),
    ("unknown-column", MORATORIUM, "", "\n{{ row.no_such_column }}\n", "no_such_column"),
    ("empty-column", MORATORIUM, "", "\n{{ row.institution_local }}\n", "institution_local"),
    ("syntax", MORATORIUM, "", "\n{% if state %}\n", ""),
    ("broken-expression", MORATORIUM, "", "\n{{ state.name }\n", ""),
    ("placeholder", MORATORIUM, "", "\n[your text here]\n", "your"),
    ("todo", MORATORIUM, "", "\nTODO: say more\n", "TODO"),
    ("another-state", MORATORIUM, "", "\nAs Portugal did.\n", "Portugal"),
    ("plain-http-link", MORATORIUM, "", "\n[page](http://org.example/)\n", "http"),
    ("link-shortener", MORATORIUM, "", "\n[page](https://bit.ly/x)\n", "bit.ly"),
    ("remote-image", MORATORIUM, "", "\n![](https://org.example/x.png)\n", ""),
    ("escape-from-the-sandbox", MORATORIUM, "", "\n{{ ''.__class__.__mro__ }}\n", ""),
    ("a-bomb", MORATORIUM, "", "\n{{ 'a' * 10**9 }}\n", ""),
    ("unknown-key-in-the-head", MORATORIUM, "title =", "titel =", "titel"),
    ("head-not-closed", MORATORIUM, "+++", "++", ""),
    ("frame-without-demands", FRAME, "{{ demand.body }}", "", ""),
    ("frame-with-an-unknown-name", FRAME, "{{ salutation }}", "{{ salutaton }}", "salutaton"),
]


@pytest.fixture
def knocked(workspace: Path) -> Iterator[Callable[[], int]]:
    """A server in .env that counts who knocks: check must not."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        with (workspace / ".env").open("a") as env:
            env.write(f"OUTREACH_SMTP_HOST=127.0.0.1\nOUTREACH_SMTP_PORT={listening.getsockname()[1]}\n")

        def count() -> int:
            try:
                connection, _ = listening.accept()
            except BlockingIOError:
                return 0
            connection.close()
            return 1

        yield count


def check(outreach: Outreach) -> tuple[int, list[dict[str, Any]]]:
    said = outreach("check", "moratorium", "--format", "json")
    assert said.out.startswith("{"), said.all
    return said.code, json.loads(said.out)["problems"]


def faults(problems: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in problems if one["severity"] == "fault"]


def change(workspace: Path, row: int, column: str, value: str) -> None:
    with (workspace / SHEET).open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    lines[row - 1][lines[0].index(column)] = value
    with (workspace / SHEET).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines)


def test_the_clean_workspace_has_no_fault_and_no_server_is_asked(
    workspace: Path, outreach: Outreach, knocked: Callable[[], int]
) -> None:
    """No false alarm: what is shipped is clean."""
    code, problems = check(outreach)
    assert (code, faults(problems)) == (0, [])
    assert knocked() == 0


@pytest.mark.parametrize(("row", "column", "value"), [case[1:] for case in CELLS], ids=[case[0] for case in CELLS])
def test_a_bad_cell_is_found_at_its_row_and_column(
    workspace: Path, outreach: Outreach, knocked: Callable[[], int], row: int, column: str, value: str
) -> None:
    """One changed cell: a fault at that row and column, exit 1, and every fault is of that row."""
    change(workspace, row, column, value)
    code, problems = check(outreach)
    found = faults(problems)
    assert code == 1
    assert any((one["path"], one["row"]) == (SHEET, row) and column in one["column"] for one in found), found
    assert {one["path"] for one in found} == {SHEET}
    assert all(one["found"] and one["todo"] for one in found)
    assert knocked() == 0


@pytest.mark.parametrize(
    ("file", "there", "becomes", "says"), [case[1:] for case in TEMPLATES], ids=[case[0] for case in TEMPLATES]
)
def test_a_bad_template_is_found_at_its_line(
    workspace: Path, outreach: Outreach, knocked: Callable[[], int], file: str, there: str, becomes: str, says: str
) -> None:
    """One changed line: a fault that names the template, and the line or the row that shows it; exit 1."""
    path = workspace / file
    text = path.read_text(encoding="utf-8")
    assert there in text
    changed = text.replace(there, becomes, 1) if there else text + becomes
    path.write_text(changed, encoding="utf-8")
    code, problems = check(outreach)
    found = faults(problems)
    assert code == 1
    assert any(says in one["found"] and (file in one["path"] or file in one["found"]) for one in found), found
    assert all(one["row"] > 0 for one in found if one["path"] == file)
    assert knocked() == 0


def test_there_are_forty_seeded_faults() -> None:
    """The promise is at least forty, all different."""
    assert len({case[0] for case in [*CELLS, *TEMPLATES]}) == len([*CELLS, *TEMPLATES]) >= 40
