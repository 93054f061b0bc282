"""Lists of supporters as they come: each row is read rightly, or told of at its row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest

from outreach.errors import SheetError
from outreach.model.signature import SignatureRows
from outreach.sheets.signatures import read_signatures

HEAD = ("email", "name", "place", "targets", "agreed on", "agreed to", "proof", "quote", "contact again")
ROW = ("ada@home.example", "Ada Person", "Town", "qm-mfa-1; QN", "2026-10-01", "I agree.", "sheet 7", "yes", "no")

Reads = Callable[..., SignatureRows]


@pytest.fixture
def reads(tmp_path: Path) -> Reads:
    def read(raw: bytes, name: str = "list.csv") -> SignatureRows:
        (tmp_path / name).write_bytes(raw)
        return read_signatures(tmp_path, name)

    return read


def csv(*rows: tuple[str, ...], by: str = ",", head: tuple[str, ...] = HEAD) -> str:
    return "".join(by.join(one) + "\r\n" for one in (head, *rows))


def changed(**fields: str) -> tuple[str, ...]:
    given = dict(zip(HEAD, ROW, strict=True)) | {name.replace("_", " "): value for name, value in fields.items()}
    return tuple(given[name] for name in HEAD)


@pytest.mark.parametrize(
    "raw",
    [
        csv(ROW).encode(),
        csv(ROW, by=";").replace("qm-mfa-1; QN", '"qm-mfa-1; QN"').encode(),
        b"\xef\xbb\xbf" + csv(ROW).encode(),
        csv(ROW, by="\t").encode("utf-16"),
        ("A list of the partner,,\r\n\r\n" + csv(ROW)).encode(),
        csv(
            ROW, head=("E-mail", "Full name", "City", "Target", "Signed on", "Consent text", "Source", "x", "y")
        ).encode(),
    ],
    ids=["commas", "semicolons", "bom", "tabs in utf-16", "a line above", "other words"],
)
def test_a_row_is_read_whatever_the_file_is_like(reads: Reads, raw: bytes) -> None:
    found = reads(raw)
    assert found.problems == ()
    (one,) = found.signatures
    assert (one.email, one.name, one.place, one.agreed_to, one.proof) == (
        "ada@home.example",
        "Ada Person",
        "Town",
        "I agree.",
        "sheet 7",
    )
    assert tuple(each.strip() for each in one.targets) == ("qm-mfa-1", "QN")
    assert one.agreed_on == date(2026, 10, 1)


def test_a_workbook_is_read_with_its_days_as_days(reads: Reads, tmp_path: Path) -> None:
    """A cell that is a day is one, and one that is text is read as such."""
    book = openpyxl.Workbook()
    book.active.append(HEAD)
    book.active.append([*ROW[:4], datetime.combine(date(2026, 10, 1), time.min), *ROW[5:]])
    book.active.append([*changed(email="bo@home.example")])
    book.active.append([*ROW[:4], date(2026, 10, 2), *ROW[5:]])
    book.save(tmp_path / "made.xlsx")
    found = reads((tmp_path / "made.xlsx").read_bytes(), "list.xlsx")
    assert found.problems == ()
    assert [one.agreed_on for one in found.signatures] == [date(2026, 10, 1), date(2026, 10, 1), date(2026, 10, 2)]
    assert [one.place_in_sheet.row for one in found.signatures] == [2, 3, 4]


@pytest.mark.parametrize(
    "missing", ["email", "name", "targets", "agreed on", "agreed to", "proof"], ids=lambda one: one.replace(" ", "-")
)
def test_without_a_column_that_is_needed_nothing_is_read(reads: Reads, missing: str) -> None:
    at = HEAD.index(missing)
    raw = csv((*ROW[:at], *ROW[at + 1 :]), head=(*HEAD[:at], *HEAD[at + 1 :]))
    with pytest.raises(SheetError, match=missing if missing != "email" else "header"):
        reads(raw.encode())


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (changed(agreed_on="1.10.2026"), "no-agreed_on"),
        (changed(agreed_on="2026-13-01"), "no-agreed_on"),
        (changed(agreed_on="soon"), "no-agreed_on"),
        (changed(agreed_on=""), "no-agreed_on"),
        (changed(email=""), "no-email"),
        (changed(name=" "), "no-name"),
        (changed(targets=""), "no-targets"),
        (changed(agreed_to=""), "no-agreed_to"),
        (changed(proof=""), "no-proof"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_row_that_cannot_be_taken_is_told_at_its_place_and_the_others_are_read(
    reads: Reads, row: tuple[str, ...], code: str
) -> None:
    found = reads(csv(ROW, row, changed(email="bo@home.example")).encode())
    assert [one.email for one in found.signatures] == ["ada@home.example", "bo@home.example"]
    assert [(one.code, one.place.row) for one in found.problems] == [(code, 3)]


def test_empty_rows_are_no_rows(reads: Reads) -> None:
    found = reads((csv(ROW) + ",,,,,,,,\r\n\r\n" + ",".join(ROW) + "\r\n").encode())
    assert len(found.signatures) == 2
    assert found.problems == ()


def test_whoever_answers_no_has_not_agreed(reads: Reads) -> None:
    found = reads(csv(ROW, changed(quote="no", contact_again="yes")).encode())
    assert [(one.quote, one.contact_again) for one in found.signatures] == [(True, False), (False, True)]
