"""Signatures from elsewhere, as a campaigner brings them: asked once, or by a person's word not at all."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from support.public import Person, confirmations, lay_out, open_to_all, outbox, plain, read, served, until

Outreach = Callable[..., Any]
HEAD = "email;name;place;targets;agreed on;agreed to;proof;quote\r\n"
ADA = "ada@home.example;Ada Person;Town;qm-mfa-1,Fictivia;2026-10-01;I agree.;sheet 7, line 2;yes\r\n"
BO = "bo@home.example;Bo Person;Town;QM;2026-10-02;I agree.;sheet 7, line 3;no\r\n"
MESSY = (
    "nobody;No Address;Town;QM;2026-10-02;I agree.;sheet 7;no\r\n"
    "cy@home.example;Cy Person;Town;Atlantis;2026-10-02;I agree.;sheet 7;no\r\n"
    "di@home.example;Di Person;Town;QM;2.10.2026;I agree.;sheet 7;no\r\n"
    "ed@home.example;Ed Person;Town;QM;2126-10-02;I agree.;sheet 7;no\r\n"
    "fa@home.example;www.shop.example;Town;QM;2026-10-02;I agree.;sheet 7;no\r\n"
    "ADA@Home.example;Ada Person;Town;QM;2026-10-02;I agree.;sheet 8;no\r\n"
)
IMPORT = ("supporters", "import", "public", "list.csv")


@pytest.fixture
def ready(workspace: Path, outreach: Outreach) -> Path:
    lay_out(workspace)
    open_to_all(outreach)
    (workspace / "list.csv").write_text(HEAD + ADA + BO)
    return workspace


def asked(workspace: Path) -> int:
    return sum("Please confirm" in str(read(one)["Subject"]) for one in outbox(workspace))


@pytest.mark.timeout(120)
def test_a_list_is_asked_to_confirm_once_however_often_it_is_imported(ready: Path, outreach: Outreach) -> None:
    """Before and after they have confirmed; a letter then goes to each institution, once."""
    said = outreach(*IMPORT)
    assert said.code == 0, said.all
    assert "2 persons asked to confirm, 0 known already" in said.out
    assert "0 persons asked to confirm, 2 known already" in outreach(*IMPORT).out
    with served(ready) as page:
        for link in until(lambda: found if len(found := confirmations(ready)) == 2 else None):
            assert page.follow(link).status == 200
    assert "0 persons asked to confirm, 2 known already" in outreach(*IMPORT).out
    assert outreach("send", "public").code == 0
    assert "0 persons asked to confirm, 2 known already" in outreach(*IMPORT).out
    with served(ready):
        until(lambda: sum("has been sent" in str(read(one)["Subject"]) for one in outbox(ready)) == 2 or None)
    assert asked(ready) == 2
    copies = [one for one in outbox(ready) if " via " in str(read(one)["From"])]
    assert sorted(str(read(one)["From"]).partition(" via")[0] for one in copies) == ["Ada Person", "Bo Person"]


def test_each_row_is_taken_or_told_at_its_place(ready: Path, outreach: Outreach) -> None:
    """With the row, what is wrong and what to do; the rows that are right are taken."""
    (ready / "list.csv").write_bytes(("\ufeff" + HEAD + ADA + MESSY + BO).encode())
    said = outreach(*IMPORT)
    assert said.code == 1
    assert "2 persons asked to confirm, 1 known already" in said.out
    for row, words in (
        (3, "is no e-mail address"),
        (4, "names no target"),
        (5, "is no day"),
        (6, "has not come yet"),
        (7, "holds a link"),
    ):
        (line,) = [one for one in said.all.splitlines() if f"list.csv:{row}" in one]
        assert words in line, line
    assert len([one for one in said.all.splitlines() if "list.csv:" in one]) == 5


def test_without_confirmation_somebody_says_so_by_name(ready: Path, outreach: Outreach) -> None:
    """Refused without a name; with one the letters go at once, nobody is mailed, and the proof says who and why."""
    refused = outreach(*IMPORT, "--without-confirmation", "signed on paper in our presence")
    assert refused.code == 2
    assert "--by NAME" in refused.all
    assert "0 confirmed" in outreach("supporters", "status", "public").out
    blank = outreach(*IMPORT, "--without-confirmation", " ", "--by", "Ana")
    assert blank.code == 2, blank.all

    said = outreach(*IMPORT, "--without-confirmation", "signed on paper in our presence", "--by", "Ana")
    assert said.code == 0, said.all
    assert "2 persons confirmed, 0 known already" in said.out
    again = outreach(*IMPORT, "--without-confirmation", "signed on paper in our presence", "--by", "Ana")
    assert "0 persons confirmed, 2 known already" in again.out
    assert outreach("send", "public").code == 0
    assert asked(ready) == 0
    digest = [one for one in outbox(ready) if "letters from members" in str(read(one)["Subject"])]
    assert ["Ada Person, Town" in plain(one) for one in digest] == [True]
    with closing(sqlite3.connect(ready / ".outreach/rehearsal/rehearsal.db")) as ledger:
        proofs = [one for (one,) in ledger.execute("SELECT proof FROM action ORDER BY n")]
    assert proofs == [
        f"sheet 7, line {line}; not asked to confirm, Ana: signed on paper in our presence" for line in (2, 3)
    ]
    data = json.loads(outreach("person", "export", "ada@home.example").out)
    assert "sheet 7, line 2" in json.dumps(data)


@pytest.mark.timeout(60)
def test_who_used_the_page_before_is_not_asked_again(ready: Path, outreach: Outreach) -> None:
    """Neither while they are asked to confirm nor when they have."""
    with served(ready) as page:
        assert page.write(Person(name="Ada Person", email="Ada@home.example", targets=("qm-mfa-1",))).status == 303
        until(lambda: confirmations(ready) or None)
        assert "1 person asked to confirm, 1 known already" in outreach(*IMPORT).out
        assert page.follow(confirmations(ready)[0]).status == 200
    assert "0 persons asked to confirm, 2 known already" in outreach(*IMPORT).out


@pytest.mark.timeout(60)
def test_who_came_by_a_list_is_still_in_its_file_and_erasing_says_so(ready: Path, outreach: Outreach) -> None:
    """The file is the organisers' own and stays as it is; imported once more, nobody who was forgotten is asked."""
    assert outreach(*IMPORT).code == 0
    with served(ready) as page:
        assert page.write(Person(name="Cy Person", email="cy@home.example", targets=("qm-mfa-1",))).status == 303
        until(lambda: len(confirmations(ready)) == 3 or None)
    ada, cy = (outreach("person", "erase", f"{who}@home.example", "--yes") for who in ("ada", "cy"))
    assert (ada.code, cy.code) == (0, 0)
    assert "They came by a list of signatures. Delete their row in that file" in ada.out
    assert "came by a list" not in cy.out
    assert "lists of signatures in your folders" in cy.out
    assert (ready / "list.csv").read_bytes() == (HEAD + ADA + BO).encode()
    assert "0 persons asked to confirm, 2 known already" in outreach(*IMPORT).out
