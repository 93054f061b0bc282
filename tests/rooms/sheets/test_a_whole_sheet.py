"""A clean sheet gives no alarm; the same sheet with thirty faults has each of them found at its row and column."""

import csv
import io
from pathlib import Path

import pytest

from outreach.model.problem import Severity
from outreach.sheets import SheetRoom

FAULT = Severity.FAULT
ROOT = Path(__file__).parents[3]
STATES = [f"Q{letter}" for letter in "MNOPQRSTUVWXYZ"]
HEADER = [
    *("id", "state", "role", "institution", "institution_local", "city", "website", "email", "email_source"),
    *("email_source_date", "languages", "form_of_address", "timezone", "working_days", "note", "tags", "allow_shared"),
]


def clean_rows():
    """Forty-two institutions of fourteen invented states."""
    rows = []
    for state in STATES:
        for role in ("mfa", "trade_ministry", "licensing_authority"):
            key = f"{state.lower()}-{role}-1"
            rows.append(
                dict(
                    zip(
                        HEADER,
                        [
                            *(key, state, role, f"Ministry, {key}", "Име", "Capital", f"https://{key[:2]}.example"),
                            *(f"office@{key[:2]}-{role.replace('_', '-')}.example", "https://x.example", "2026-01-31"),
                            *("en;fr", "Dear Minister", "Europe/Sofia", "Mon-Fri", "first line\nsecond", "at-risk", ""),
                        ],
                        strict=True,
                    )
                )
            )
    return rows


#: row of the sheet (from 0) -> column, what stands there, code
SEEDED = {
    0: ("state", "Elbonia", "unknown-state"),
    1: ("state", "", "no-state"),
    2: ("state", "Congo", "unknown-state"),
    3: ("institution", "", "no-institution"),
    4: ("email", "office@@x.example", "bad-address"),
    5: ("email", "office.x.example", "bad-address"),
    6: ("email", "office@x example", "bad-address"),
    7: ("email", "<name>-office@x.example", "bad-address"),
    8: ("email", "good@x.example, bad", "bad-address"),
    9: ("email", "o" * 65 + "@x.example", "bad-address"),
    10: ("email", '"a b"@x.example', "bad-address"),
    11: ("email", "a@[127.0.0.1]", "bad-address"),
    12: ("email", "a%b@x.example", "bad-address"),
    13: ("email", "büro@x.example", "bad-address"),
    14: ("email", "@office", "bad-address"),
    15: ("email", "office at x.example", "bad-address"),
    16: ("email", "#REF!", "error-value"),
    17: ("email", "office@x.example\x07", "control-character"),
    18: ("institution", "Ministry\x85Bcc: x", "control-character"),
    19: ("city", "Capital\u2028", "control-character"),
    20: ("institution", "x" * 10_001, "long-value"),
    21: ("timezone", "Sofia", "bad-timezone"),
    22: ("working_days", "sometimes", "bad-working-days"),
    24: ("website", "#N/A", "error-value"),
    25: ("email", "office@ministry", "bad-address"),
    26: ("email", "a@b..example", "bad-address"),
    27: ("form_of_address", "Dear\x1b[31m", "control-character"),
    40: ("id", "qv-licensing_authority-1", "id-conflict"),
    28: ("email", "ｏffice@x.example", "bad-address"),
}
RAGGED = {30: "unquoted, comma", 33: None}
QUOTES = 36


def written(rows, ragged=(), quotes=None):
    """The sheet as text, and the line on which each row begins."""
    lines, at = {}, 2
    out = [",".join(HEADER)]
    for number, row in enumerate(rows):
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerow(row.values())
        line = text.getvalue().removesuffix("\n")
        if number in ragged:
            line = line.rpartition(",")[0] if ragged[number] is None else line.replace("Capital", ragged[number], 1)
        if number == quotes:
            line = line.replace("Capital", '"Capital" city', 1)
        lines[number] = at
        at += line.count("\n") + 1
        out.append(line)
    return "\n".join(out) + "\n", lines


def test_a_clean_sheet_gives_no_alarm(desk):
    """Not even a note."""
    text, lines = written(clean_rows())
    got = desk.text(text)
    assert got.problems == ()
    assert [one.place.row for one in got.contacts] == list(lines.values())


def test_every_seeded_fault_is_found_at_its_row_and_column_and_nothing_else(desk):
    """Thirty-two faults in one sheet, all said at once; the other rows are read as if alone."""
    rows = clean_rows()
    for number, (column, value, _) in SEEDED.items():
        rows[number][column] = value
    rows[3]["institution_local"] = ""
    text, lines = written(rows, RAGGED, QUOTES)
    got = desk.text(text)
    expected = {(lines[number], column, code) for number, (column, _, code) in SEEDED.items()}
    expected |= {(lines[number], "", "ragged-row") for number in RAGGED}
    expected |= {(lines[QUOTES], "", "bad-quotes")}
    # The second line of the row whose quotation marks are broken is left over: a row of its own, and a fault.
    expected |= {(lines[QUOTES] + 1, "", "ragged-row")}
    faults = {(one.place.row, one.place.column, one.code) for one in got.problems if one.severity is FAULT}
    assert faults == expected
    assert {one.severity for one in got.problems} == {FAULT}
    broken = {*SEEDED, *RAGGED, QUOTES} - {8, 21, 22}
    assert [one.place.row for one in got.contacts] == [line for number, line in lines.items() if number not in broken]
    assert got.rows == len(rows) + 1
    assert all(one.todo and one.place.path == "contacts/x.csv" for one in got.problems)


def test_the_authorities_are_read_without_a_fault():
    """136 rows, none lost: 28 with an address, of which two offices share one box; the others by post or form."""
    got = SheetRoom(ROOT).read("contacts/authorities.csv", columns={})
    with (ROOT / "contacts" / "authorities.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert got.rows == len(got.contacts) == len(rows) == 136
    assert [dict(one.fields) for one in got.contacts] == [
        {key: value.strip() for key, value in row.items()} for row in rows
    ]
    assert len({one.institution.id for one in got.contacts}) == 136
    assert sum(one.address is not None for one in got.contacts) == 28
    assert len({one.address_norm for one in got.contacts if one.address}) == 27
    codes = sorted((one.severity.value, one.code) for one in got.problems)
    assert codes == [("note", "no-email")] * 108 + [("note", "unread-date")] * 2 + [("warning", "duplicate-address")]
    assert all(one.source for one in got.contacts if one.address)


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_the_clean_sheet_is_the_same_from_a_workbook(desk, make_ods_table, kind):
    """What is read does not depend on the format."""
    rows = clean_rows()
    if kind == "xlsx":
        got = desk.book(lambda sheet, _: [sheet.append(HEADER), *(sheet.append(list(row.values())) for row in rows)])
    else:
        got = desk.ods(make_ods_table(HEADER, *(list(row.values()) for row in rows)))
    text = desk.text(written(rows)[0])
    assert got.problems == ()
    assert [(one.institution, one.address, dict(one.fields)) for one in got.contacts] == [
        (one.institution, one.address, dict(one.fields)) for one in text.contacts
    ]
