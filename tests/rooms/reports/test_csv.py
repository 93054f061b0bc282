"""The log as CSV, read again."""

from __future__ import annotations

import csv
import io
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.model.campaign import Mode
from outreach.model.dispatch import SkipReason
from outreach.model.log import Log
from outreach.model.status import Status
from outreach.reports import write_csv
from outreach.reports.cells import csv_cell

DANGEROUS = "=+-@＝＋－＠﹦﹢﹣﹫−"


def text_of(log: Log) -> str:
    out = io.StringIO(newline="")
    write_csv(log, out)
    return out.getvalue()


def read(log: Log, *, notes: int = 0) -> list[dict[str, str]]:
    lines = text_of(log).removeprefix("\ufeff").splitlines(keepends=True)[notes:]
    return list(csv.DictReader(lines))


def would_run(cell: str) -> bool:
    """Whether a spreadsheet that skips blanks, quotes and separators meets a formula."""
    for char in cell:
        if char in DANGEROUS:
            return True
        if not (char.isspace() or char in '"`;,|' or unicodedata.category(char) == "Cf"):
            return False
    return False


def test_the_csv_has_one_line_per_institution_and_its_statuses_add_up(logs: Any) -> None:
    """Read again, the file counts what the log counts."""
    log = logs.full()
    rows = read(log)

    assert len(rows) == log.institutions
    assert [row["institution"] for row in rows] == [row.institution for row in log.rows]
    assert sum(row["status"] == "accepted by the mail server" for row in rows) == log.statuses[Status.ACCEPTED] == 1
    assert sum(row["reason"].startswith("no e-mail") for row in rows) == log.skips[SkipReason.NO_EMAIL] == 1


def test_a_line_says_what_went_what_came_back_what_was_said_and_what_is_next(logs: Any) -> None:
    """Times are ISO 8601 in UTC; lists are comma-separated."""
    (row,) = read(logs.acknowledged(), notes=1)

    assert row == {
        "state": "QM",
        "state name": "Quimera",
        "institution": "qm-trade-1",
        "name": "Ministry of Trade",
        "role": "trade_ministry",
        "status": "accepted by the mail server",
        "reason": "",
        "accepted at (UTC)": "2026-03-01T08:15:30+00:00",
        "correspondence": "acknowledged",
        "acknowledged at (UTC)": "2026-03-02T09:30:00+00:00",
        "answered at (UTC)": "",
        "answer due": "2026-03-30",
        "next step": "wait until 2026-03-31",
        "next step on": "2026-03-31",
        "letters from own mailboxes": "0",
        "position: d0": "supports (by 2026-06-01)",
        "position: d1": "not asked",
        "server code": "250",
        "server's words": "2.0.0 queued",
        "attempts": "1",
        "demands": "moratorium, investigation",
        "languages": "en",
        "letter dated": "2026-03-01",
        "recipient": "qm-trade-1@rehearsal.example",
        "post": "",
        "form": "",
        "mode": "rehearsal",
    }


@pytest.mark.parametrize(
    ("mode", "word"),
    [pytest.param(Mode.REHEARSAL, "REHEARSAL", id="rehearsal"), pytest.param(Mode.TO_ME, "TO ME", id="to-me")],
)
def test_the_first_line_says_when_nothing_reached_a_state(logs: Any, mode: Mode, word: str) -> None:
    """The note stands before the heads, and every line carries the mode."""
    log = logs.full(mode)
    first, *_ = csv.reader(text_of(log).removeprefix("\ufeff").splitlines(keepends=True))

    assert len(first) == 1
    assert first[0].startswith(word)
    assert {row["mode"] for row in read(log, notes=1)} == {mode.value}


def test_a_live_csv_begins_with_its_heads(logs: Any) -> None:
    """Nothing stands before the heads of a live log."""
    assert text_of(logs.full()).startswith('\ufeff"state","state name"')


def test_every_cell_is_quoted_and_the_file_is_utf8_with_a_mark(logs: Any, tmp_path: Path) -> None:
    """Excel reads the file as UTF-8 and splits it nowhere else."""
    path = tmp_path / "log.csv"
    write_csv(logs.of(logs.standing(Status.ACCEPTED, "qm-1", name="Ministère de l’Économie, Québec")), path)
    data = path.read_bytes()

    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\xef\xbb\xbf") == 1
    lines = data.decode("utf-8-sig").split("\r\n")
    assert all(line.startswith('"') and line.endswith('"') for line in lines if line)
    assert "Ministère de l’Économie, Québec" in lines[1]


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param('=HYPERLINK("http://x.example")', id="equals"),
        pytest.param("+1", id="plus"),
        pytest.param("-1", id="minus"),
        pytest.param("@SUM(A1)", id="at"),
        pytest.param("\t=1", id="tab"),
        pytest.param("\r=1", id="carriage return"),
        pytest.param("\n=1", id="line feed"),
        pytest.param(" =1", id="space"),
        pytest.param("\u00a0=1", id="no-break space"),
        pytest.param("\ufeff=1", id="byte order mark"),
        pytest.param("\u200b=1", id="zero-width space"),
        pytest.param("\x00=1", id="NUL"),
        pytest.param("＝1+1", id="full-width equals"),
        pytest.param("＋1", id="full-width plus"),
        pytest.param("－1", id="full-width minus"),
        pytest.param("＠SUM", id="full-width at"),
        pytest.param('"=1', id="quote"),
        pytest.param(";=1", id="semicolon"),
        pytest.param(",=1", id="comma"),
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_gets_an_apostrophe(cell: str) -> None:
    """Each known way to begin a formula begins with ' instead."""
    assert csv_cell(cell).startswith("'")


def test_a_formula_after_a_semicolon_gets_an_apostrophe_too() -> None:
    """Where the list separator is a semicolon, a cell begins after it."""
    assert csv_cell("no such user; =1+1") == "no such user; '=1+1"
    assert csv_cell("Ministry; Trade") == "Ministry; Trade"


@pytest.mark.parametrize(
    "said", ["Ministry of Trade", "550 5.1.1 <x>: unknown user", "a = b", "1-2", "’s-Gravenhage", ""]
)
def test_plain_text_stays_as_it_is(said: str) -> None:
    """Only what could run is changed."""
    assert csv_cell(said) == said


@given(
    said=st.text(
        alphabet=st.sampled_from(DANGEROUS + " \t\r\n\x00\x85\u2028\ufeff'\";,|aé1") | st.characters(), max_size=12
    )
)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_no_text_becomes_a_formula_whatever_the_separator(logs: Any, said: str, separator: str) -> None:
    """Whatever a name or a server says: opened with any list separator, no cell runs; the line stays one line."""
    log = logs.of(
        logs.standing(Status.REJECTED, "qm-1", name=said, said=said),
        logs.left_out(SkipReason.EXCLUDED, "qm-2", name=said, detail=said, post=said),
        matrix=logs.matrix(demand=said),
    )
    lines = text_of(log).removeprefix("\ufeff").split("\r\n")

    assert len(lines) == 1 + 2 + 1
    for row in csv.reader(lines, delimiter=separator):
        for cell in row:
            assert not would_run(cell)
            assert not any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in cell)
