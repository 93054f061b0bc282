"""What states say, through the doors: written down with its source, shown with its sentence, never invented."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

Outreach = Callable[..., Any]
SENTENCE = "Examplia supports an immediate moratorium."


@pytest.fixture
def planned(workspace: Path, outreach: Outreach) -> Path:
    """A rehearsal in which letters are planned, and a letter that came by post."""
    assert outreach("plan", "moratorium").code == 0
    (workspace / "answer.txt").write_text("Dear Ms Quill,\nExamplia supports an\nimmediate moratorium.\n", "utf-8")
    (workspace / "scan.pdf").write_bytes(b"%PDF-1.4 not to be read here")
    return workspace


def by_post(outreach: Outreach, *more: object, position: str = "supports", quote: str = SENTENCE) -> Any:
    words = ("position", "moratorium", "QM", "moratorium", position, "--quote", quote, "--by", "Ana")
    return outreach(*words, *(more or ("--kind", "post", "--file", "answer.txt")))


def exported(outreach: Outreach, *more: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(outreach("positions", "moratorium", "--format", "json", *more).out)
    return found


def test_a_position_is_shown_with_its_sentence_source_and_hash(planned: Path, outreach: Outreach) -> None:
    """From the word on paper to the matrix, and every table says REHEARSAL."""
    said = by_post(outreach, "--kind", "post", "--file", "answer.txt", "--on", "2026-01-05")
    assert said.code == 0, said.all
    assert "The quote stands in it." in said.out
    shown = outreach("positions", "moratorium").out
    assert shown.count("REHEARSAL") == 3
    assert SENTENCE in shown
    assert "letter by post of 5 January 2026, answer.txt, SHA-256" in shown
    assert "4 states × 7 demands = 28: 1 supports," in shown


def test_what_is_said_of_a_position_fits_a_terminal(
    planned: Path, outreach: Outreach, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In lines that end between words; the whole hash stands in `show`, on a line that it fits."""
    monkeypatch.setattr("outreach.cli.show.PIPED_WIDTH", 80)
    sha256 = hashlib.sha256((planned / "answer.txt").read_bytes()).hexdigest()
    said = by_post(outreach).out
    assert f"SHA-256 {sha256[:12]}…" in " ".join(said.split())
    shown = outreach("show", "moratorium", "QM", "--brief").out
    assert sha256 in shown
    assert max(map(len, (said + shown).splitlines())) <= 80


BY_POST = ("--kind", "post", "--file", "answer.txt")


def groups(outreach: Outreach) -> dict[str, str]:
    found = json.loads(outreach("due", "moratorium", "--as-if", "2099-03-02", "--format", "json").out)
    return {one["institution"]: one["group"] for one in found["rows"]}


@pytest.fixture
def reminded(planned: Path, outreach: Outreach) -> Path:
    """A reminder to each of the two ministries of Examplia is approved and waits."""
    for words in (("approve", "moratorium", "--yes", "--by", "Ana"), ("send", "moratorium")):
        assert outreach(*words).code == 0
    assert outreach("chase", "moratorium", "--as-if", "2099-03-02").code == 0
    assert outreach("approve", "moratorium", "--yes", "--by", "Ana").code == 0
    return planned


def test_an_answer_that_came_otherwise_asks_whose_it_is(reminded: Path, outreach: Outreach) -> None:
    """Of two ministries none is guessed: both are named, and reminded."""
    said = by_post(outreach)
    assert "By mail these are still silent, and are reminded: qm-mfa-1, qm-trade-1." in said.out
    assert "--from" in said.out
    assert "still silent" not in by_post(outreach, "--kind", "statement", "--url", "https://examplia.example/a").out
    assert groups(outreach)["qm-mfa-1"] == groups(outreach)["qm-trade-1"] == "very_overdue"


@pytest.mark.parametrize("kind", [BY_POST, ("--kind", "phone"), ("--kind", "visit")], ids=lambda words: words[1])
def test_who_answered_otherwise_is_reminded_no_more(reminded: Path, outreach: Outreach, kind: tuple[str, ...]) -> None:
    """The reminder that was approved does not leave, the other one does; taken back, reminders go on."""
    said = by_post(outreach, *kind, "--from", "QM-MFA-1")
    assert "qm-mfa-1 has answered: it is reminded no more." in said.out
    assert ", qm-mfa-1" in outreach("show", "moratorium", "QM", "--brief").out.partition("written down by Ana")[0][-60:]
    assert (groups(outreach)["qm-mfa-1"], groups(outreach)["qm-trade-1"]) == ("answered", "very_overdue")
    before = {one.name for one in (reminded / ".outreach/rehearsal/outbox/new").iterdir()}
    assert outreach("send", "moratorium").code == 0
    sent = [
        one.read_bytes() for one in (reminded / ".outreach/rehearsal/outbox/new").iterdir() if one.name not in before
    ]
    assert [b"qm-trade-1@" in raw for raw in sent if b"To: " in raw and b"qm-" in raw] == [True]
    assert not any(b"qm-mfa-1@" in raw for raw in sent)
    assert '"answered"' in outreach("log", "moratorium", "--format", "json").out
    words = ("position", "moratorium", "QM", "moratorium", "none", "--by", "Ana")
    assert outreach(*words).code == 0
    assert groups(outreach)["qm-mfa-1"] != "answered"


def test_a_mail_that_speaks_for_another_ministry_as_well(reminded: Path, outreach: Outreach) -> None:
    """One mail is one institution's; a person says for whom it speaks, too."""
    mail = f"From: office@mfa.examplia.example\nSubject: Joint answer\n\nDear all,\n\nSIMULATED. {SENTENCE}\n"
    (reminded / "a.eml").write_text(mail)
    assert outreach("collect", "--eml", reminded / "a.eml").code == 0
    assert outreach("tray", "1", "--to", "qm-mfa-1", "--by", "Ana").code == 0
    assert (groups(outreach)["qm-mfa-1"], groups(outreach)["qm-trade-1"]) == ("answered", "very_overdue")
    said = by_post(outreach, "--reply", "1", "--from", "qm-trade-1")
    assert said.code == 0, said.all
    assert "qm-trade-1 has answered: it is reminded no more." in said.out
    assert (groups(outreach)["qm-mfa-1"], groups(outreach)["qm-trade-1"]) == ("answered", "answered")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (
            (*BY_POST, "--from", "bg-mfa-1"),
            "is no institution of Examplia in this campaign. Say one of qm-licensing-1, qm-mfa-1, qm-trade-1",
        ),
        (("--kind", "statement", "--url", "https://examplia.example/a", "--from", "qm-mfa-1"), "Leave --from out"),
    ],
    ids=["of another state", "of a statement"],
)
def test_who_answered_is_one_of_the_state_that_was_written_to(
    planned: Path, outreach: Outreach, more: tuple[str, ...], says: str
) -> None:
    said = by_post(outreach, *more)
    assert said.code == 2
    assert says in " ".join(said.err.split())


def test_a_mail_of_the_tray_is_nobodys_source_before_a_person_has_said_whose_it_is(
    planned: Path, outreach: Outreach
) -> None:
    """It is there, and what to do about it is said."""
    (planned / "a.eml").write_text(f"From: a@b.example\nSubject: x\n\n{SENTENCE}\n")
    assert "1 tray" in outreach("collect", "--eml", planned / "a.eml").out
    said = by_post(outreach, "--reply", "1")
    assert (said.code, "Mail 1 waits in the tray" in said.err, "outreach tray 1 --to" in said.err) == (2, True, True)


def test_the_numbers_of_every_export_agree(planned: Path, outreach: Outreach) -> None:
    """CSV, JSON and workbook have the same cells, and their totals add up."""
    assert by_post(outreach).code == 0
    made = exported(outreach)
    assert sum(made["totals"].values()) == len(made["cells"]) == 28
    lines = outreach("positions", "moratorium", "--format", "csv").out.splitlines()
    assert "REHEARSAL" in lines[0]
    rows = list(csv.DictReader(lines[1:]))
    assert len(rows) == 28
    assert {row["mode"] for row in rows} == {"rehearsal"}
    assert outreach("positions", "moratorium", "--out", "p.xlsx").code == 0
    book = load_workbook("p.xlsx")
    assert book.sheetnames == ["matrix", "positions"]
    for sheet in book:
        assert "REHEARSAL" in sheet["A1"].value
        assert sheet.auto_filter.ref.startswith("A2:")
        assert sheet.freeze_panes in {"C3", "D3"}


def test_a_correction_keeps_the_history(planned: Path, outreach: Outreach) -> None:
    """The newer record counts; --history shows both, in the table and in the exports."""
    by_post(outreach)
    said = outreach("position", "moratorium", "QM", "moratorium", "none", "--by", "Ben", "--note", "misread")
    assert "none (was: supports)" in said.out
    assert SENTENCE not in outreach("positions", "moratorium").out
    shown = outreach("positions", "moratorium", "--history").out
    assert "before: supports" in shown
    assert SENTENCE in shown
    (cell,) = [one for one in exported(outreach, "--history")["cells"] if one["record"]]
    assert (cell["counted_as"], cell["earlier"][0]["by"], cell["record"]["by"]) == ("none", "Ana", "Ben")


def test_a_commitment_becomes_overdue(planned: Path, outreach: Outreach) -> None:
    """A day that was promised and is over is told in the matrix and counted."""
    by_post(outreach, "--kind", "phone", "--on", "2026-01-05", "--due", "2026-02-01")
    assert "supports (OVERDUE by 2026-02-01)" in outreach("positions", "moratorium").out
    assert exported(outreach)["deadlines"] == {"open": 0, "due": 0, "overdue": 1}


def test_the_file_of_a_source_comes_out_as_it_went_in(planned: Path, outreach: Outreach) -> None:
    """Byte for byte, to a new file; a source without a file says so."""
    by_post(outreach, "--kind", "post", "--file", "scan.pdf")
    (cell,) = [one for one in exported(outreach)["cells"] if one["record"]]
    source = cell["record"]["source"]["id"]
    assert outreach("positions", "moratorium", "--source", source, "--out", "again.pdf").code == 0
    assert Path("again.pdf").read_bytes() == Path("scan.pdf").read_bytes()
    assert outreach("positions", "moratorium", "--source", source, "--out", "again.pdf").code == 1
    assert "has no file here" in outreach("positions", "moratorium", "--source", 99, "--out", "x").err
    assert "needs a place" in outreach("positions", "moratorium", "--source", source).err


TOMORROW = date.today() + timedelta(days=2)  # noqa: DTZ011


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--kind", "post"), "Hand in the scan"),
        (("--kind", "statement"), "pages vanish"),
        (("--file", "scan.pdf"), "How did it come?"),
        (("--note", "x"), "needs its source"),
        (("--reply", "7"), "There is no mail 7 in this rehearsal ledger"),
        (("--reply", "7", "--kind", "post"), "belong to others"),
        (("--kind", "post", "--file", "no.pdf"), "cannot be read"),
        (("--kind", "statement", "--url", "javascript:alert(1)"), "no web address"),
        (("--kind", "statement", "--url", "https://user@gov.example/"), "no web address"),
        (("--kind", "phone", "--on", TOMORROW), "still to come"),
        (("--kind", "phone", "--on", "2026-01-05", "--due", "2026-01-04"), "was over when it was said"),
        (("--kind", "phone", "--note", "a\x1b[31mb"), "Control characters"),
        (("--kind", "phone", "--note", "x" * 2001), "2,001 characters"),
    ],
)
def test_what_no_record_may_be_is_refused_with_what_to_do(
    planned: Path, outreach: Outreach, more: tuple[object, ...], words: str
) -> None:
    """Nothing of it is written."""
    said = by_post(outreach, *more)
    assert said.code in {1, 2}
    assert words in said.err
    assert not any(one["record"] for one in exported(outreach)["cells"])


def test_a_quote_that_is_not_in_the_file_is_refused(planned: Path, outreach: Outreach) -> None:
    """Word for word; in a scan, which cannot be read here, the person is told to compare."""
    said = by_post(outreach, quote="Examplia supports a permanent ban.")
    assert said.code == 2
    assert "These words do not stand in answer.txt. Copy the sentence" in said.err
    assert "compare the quote with it yourself" in by_post(outreach, "--kind", "post", "--file", "scan.pdf").out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("QM", "moratorium", "supports", "--by", "Ana"), "needs the sentence"),
        (("QM", "moratorium", "none"), "person's name"),
        (("QM", "moratorium", "none", "--by", "Ana", "--quote", "x"), "no quote and no commitment"),
        (("QM", "world-peace", "none", "--by", "Ana"), "Say one of moratorium, investigation"),
        (("Atlantis", "moratorium", "none", "--by", "Ana"), '"Atlantis" is no state'),
        (("BG", "moratorium", "none", "--by", "Ana"), "a rehearsal invents no position"),
        (("QM", "moratorium", "none", "--by", "Ana", "--live"), "a live campaign keeps no position"),
    ],
)
def test_invented_states_rehearse_and_real_ones_do_not(
    planned: Path, outreach: Outreach, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], words: str
) -> None:
    """And nobody is left to guess what was wrong."""
    said = outreach("position", "moratorium", *arguments)
    assert said.code == 2
    assert words in said.err


def test_a_live_campaign_exports_nothing_of_a_rehearsal(planned: Path, outreach: Outreach) -> None:
    """Another ledger; where it has nothing the matrix is empty and no ledger is made."""
    by_post(outreach)
    made = exported(outreach, "--live")
    assert (made["mode"], made["cells"], made["note"]) == ("live", [], "")
    assert not (planned / ".outreach/live").exists()


def test_the_organisers_page_and_the_story_tell_the_whole_way(planned: Path, outreach: Outreach) -> None:
    """From the sheet to the page: letters, sentence, hash, and no address of the sheet."""
    assert outreach("approve", "moratorium", "--yes", "--by", "Ana").code == 0
    assert outreach("send", "moratorium").code == 0
    by_post(outreach)
    assert outreach("report", "moratorium").code == 2
    said = outreach("report", "moratorium", "--out", "report.html")
    assert said.code == 0, said.all
    page = Path("report.html").read_text("utf-8")
    told = outreach("show", "moratorium", "Examplia").out
    with Path("contacts/example.csv").open(encoding="utf-8", newline="") as file:
        addresses = [row["email"] for row in csv.DictReader(file) if row["email"]]
    for text in (page, told):
        assert "REHEARSAL" in text
        assert SENTENCE in text
        assert "letter by post" in text
        assert not [one for one in addresses if one in text]
    assert "replace me" not in page.casefold()
    assert "accepted by the mail server: 250" in told
    assert "first letter skipped (same box as qm-trade-1)" in told
    assert len(outreach("show", "moratorium", "QM", "--brief").out) < len(told) / 2
    assert outreach("report", "moratorium", "--out", "report.html").code == 1
    assert outreach("report", "moratorium", "--out", "report.html", "--overwrite").code == 0


def test_a_state_without_any_correspondence_is_said_to_have_none(planned: Path, outreach: Outreach) -> None:
    """With what to look at next."""
    said = outreach("show", "moratorium", "QZ")
    assert said.code == 2
    assert "There is nothing between this campaign and Nullaria" in said.err
    assert "outreach log moratorium" in said.err


def test_there_is_no_page_of_a_live_campaign_without_a_plan(planned: Path, outreach: Outreach) -> None:
    """The rehearsal's letters and positions are not shown as if they had been real."""
    by_post(outreach)
    said = outreach("report", "moratorium", "--out", "live.html", "--live")
    assert said.code == 2
    assert "Nothing is planned in this live ledger yet." in said.err
    assert not Path("live.html").exists()
