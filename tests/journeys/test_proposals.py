"""What mails make us think should change, as a campaigner meets it: proposed, approved, planned; never by itself."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from servers.certificates import Authority
from servers.mailserver import MailServer
from support.accounts import PASSWORD, smtp_settings
from support.world import World

from .test_live import SHEET, verified_today
from .test_what_comes_back import answer, bounce, maildir

Outreach = Callable[..., Any]
OFFICE, CABINET = "office@mfa.examplia.example", "cabinet@mfa.examplia.example"
DESK = "desk@mfa.examplia.example"
LEFT = f"Ms Moss has left the ministry. Please write to {DESK} from now on."


def edit(workspace: Path, old: str, new: str) -> None:
    file = workspace / SHEET
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture
def live(workspace: Path, outreach: Outreach, authority: Authority) -> dict[str, bytes]:
    """A live campaign of which all letters were accepted, by the box that each went to. One ministry has two boxes."""
    file = workspace / "campaigns/moratorium.toml"
    text = re.sub(r"REPLACE ME[^\"\n]*", "Real Organisation", file.read_text(encoding="utf-8"))
    text = re.sub(r"@[a-z.-]*\.example\b", "@organisation.org", text.replace("replace-me.example", "organisation.org"))
    file.write_text(re.sub(r"(?ms)^\[pace\]\n.*?(?=^\[|\Z)", "[pace]\n", text), encoding="utf-8")
    edit(workspace, OFFICE, f"{OFFICE}; {CABINET}")
    with MailServer(authority.context(), direct=True, user="campaign@org.example", password=PASSWORD) as server:
        smtp_settings(workspace, port=server.port, ca=authority.pem)
        verified_today(outreach, workspace)
        for verb, *more in (("plan",), ("approve", "--yes", "--by", "Ana"), ("send",)):
            assert outreach(verb, "moratorium", "--live", *more).code == 0
        return {one.recipients[0]: one.raw for one in server.mails}


def collects(outreach: Outreach, folder: Path, *mails: bytes, live: bool = True) -> str:
    said = outreach("collect", *(["--live"] if live else []), "--maildir", maildir(folder, *mails))
    assert said.code == 0, said.all
    return str(said.out)


def planned(outreach: Outreach, institution: str = "qm-mfa-1") -> tuple[str, str]:
    """The address that the plan has for it, and the note of a check about it."""
    assert outreach("plan", "moratorium", "--live").code == 0
    made = json.loads(outreach("log", "moratorium", "--live", "--format", "json").out)
    (row,) = (one for one in made["rows"] if one["institution"] == institution)
    told = json.loads(outreach("check", "moratorium", "--live", "--format", "json").out)["problems"]
    notes = [one["found"] for one in told if one["code"] in {"approved-address", "approval-overtaken"}]
    return f"{row['status']} {row['reason'] or ''}".strip(), " ".join(notes)


def recipient(outreach: Outreach) -> str:
    shown = outreach("show", "moratorium", "QM", "--live", "--brief").out
    return re.search(r"qm-mfa-1 \(.*\n(?:.*\n)*?To: (\S+)", shown)[1]  # type: ignore[index]


def test_a_bad_address_makes_way_for_the_next_one_once_a_person_says_so(
    live: dict[str, bytes], workspace: Path, outreach: Outreach, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second address stands verified in the sheet: it waits all the same, and then has the letter as a draft."""
    said = collects(outreach, tmp_path / "box", bounce(live[OFFICE]))
    assert "1 proposal waits for you: outreach proposals moratorium --live" in said
    with monkeypatch.context() as terminal:
        terminal.setattr("outreach.cli.show.PIPED_WIDTH", 80)
        assert max(map(len, outreach("proposals", "moratorium", "--live").out.splitlines())) <= 80
    shown = outreach("proposals", "moratorium", "--live").out
    assert f"from    {OFFICE}" in shown
    assert f"to      {CABINET} (its next contact; verified on" in shown
    assert re.search(r"mail \d+ of 2027-01-01, SHA-256 [0-9a-f]{12}…, rule dsn\.failed\.5\.1\.1", shown)
    status, _ = planned(outreach)
    assert status.startswith("bounced")
    assert "its next contact waits for approval" in outreach("plan", "moratorium", "--live").out
    said = outreach("proposals", "moratorium", "--approve", 1, "--by", "Ana", "--live")
    assert said.code == 0, said.all
    assert f"the next letter to qm-mfa-1 goes to {CABINET} (verified on" in said.out
    status, note = planned(outreach)
    assert status.startswith("draft")
    assert f"is written to at {CABINET}" in note
    assert "approved by Ana on" in note
    assert recipient(outreach) == CABINET
    assert outreach("proposals", "moratorium", "--live").out.strip() == "LIVE. Nothing is proposed."


def test_without_another_address_it_says_so_and_one_in_the_sheet_is_enough(
    live: dict[str, bytes], workspace: Path, outreach: Outreach, tmp_path: Path
) -> None:
    """Approving needs an address; a campaigner who replaces the bad one need not approve anything."""
    edit(workspace, f"{OFFICE}; {CABINET}", OFFICE)
    collects(outreach, tmp_path / "box", bounce(live[OFFICE]))
    assert (
        "no other address: find one for its row, or write by post" in outreach("proposals", "moratorium", "--live").out
    )
    said = outreach("proposals", "moratorium", "--approve", 1, "--by", "Ana", "--live")
    assert said.code == 2
    assert f"{SHEET}:2" in said.err
    assert "has no other address" in said.err
    edit(workspace, OFFICE, CABINET)
    verified_today(outreach, workspace)
    assert planned(outreach)[0].startswith("draft")
    assert recipient(outreach) == CABINET


def test_a_new_address_is_written_to_only_once_a_person_has_checked_it(
    live: dict[str, bytes], workspace: Path, outreach: Outreach, tmp_path: Path
) -> None:
    """Approved is not verified, and the old ones do not step in; verified, the letter that bounced goes there."""
    collects(
        outreach, tmp_path / "box", answer(live[OFFICE], LEFT, Auto_Submitted="auto-replied"), bounce(live[OFFICE])
    )
    shown = json.loads(outreach("proposals", "moratorium", "--live", "--format", "json").out)
    numbers = {one["kind"]: one["id"] for one in shown["proposals"]}
    said = outreach("proposals", "moratorium", "--approve", numbers["new_address"], "--by", "Ana", "--live")
    assert f"goes to {DESK} (not verified yet)" in said.out
    assert f"outreach contacts verify {DESK} --sheet FILE --by NAME\n" in said.out
    status, note = planned(outreach)
    assert status.startswith("bounced")
    assert "not in the sheet" in note
    assert "address not verified" in outreach("plan", "moratorium", "--live").out
    assert DESK in outreach("check", "moratorium", "--live").out
    assert outreach("contacts", "verify", DESK, "--sheet", SHEET, "--by", "Bo").code == 0
    assert planned(outreach)[0].startswith("draft")
    assert recipient(outreach) == DESK


def test_an_approval_can_say_that_the_address_was_checked_and_the_sheet_stays_the_authority(
    live: dict[str, bytes], workspace: Path, outreach: Outreach, tmp_path: Path
) -> None:
    """Whoever edits the row afterwards decides, and the check says so; once the row has the address it is the same."""
    collects(
        outreach, tmp_path / "box", answer(live[OFFICE], LEFT, Auto_Submitted="auto-replied"), bounce(live[OFFICE])
    )
    shown = json.loads(outreach("proposals", "moratorium", "--live", "--format", "json").out)["proposals"]
    number = next(one["id"] for one in shown if one["kind"] == "new_address")
    assert outreach("proposals", "moratorium", "--approve", number, "--verified", "--by", "Ana", "--live").code == 0
    planned(outreach)
    assert recipient(outreach) == DESK
    edit(workspace, f"{OFFICE}; {CABINET}", CABINET)
    _, note = planned(outreach)
    assert "was changed after" in note
    assert recipient(outreach) == CABINET
    edit(workspace, CABINET, DESK)
    assert planned(outreach)[1] == ""
    assert recipient(outreach) == DESK


def test_a_reminder_goes_to_the_approved_address(
    live: dict[str, bytes], outreach: Outreach, tmp_path: Path, world: World
) -> None:
    """The first letter arrived and stays; what follows goes where they said, and not before a person agrees."""
    collects(outreach, tmp_path / "box", answer(live[OFFICE], LEFT, Auto_Submitted="auto-replied"))
    world.days(120)

    def reminded() -> str:
        said = outreach("chase", "moratorium", "--live")
        assert said.code == 0, said.all
        return next(line for line in said.out.splitlines() if line.startswith("QM") and "qm-mfa-1" in line)

    assert OFFICE in reminded()
    assert outreach("proposals", "moratorium", "--approve", 1, "--verified", "--by", "Ana", "--live").code == 0
    assert DESK in reminded()
    assert planned(outreach)[0].startswith("accepted")


def test_a_referral_says_which_row_to_add(
    sent_letters: dict[str, bytes], workspace: Path, outreach: Outreach, tmp_path: Path
) -> None:
    """With its columns filled; pasted, it is a target of the next plan."""
    words = "The Ministry of Trade is competent for this matter: exports@trade.examplia.example."
    collects(outreach, tmp_path / "box", answer(sent_letters["qm-mfa-1"], words), live=False)
    refused = outreach("proposals", "moratorium", "--approve", 1, "--by", "Ana")
    assert refused.code == 2
    assert "--id ID --role ROLE" in refused.err
    named = ("--id", "qm-exports-1", "--role", "licensing_authority", "--name", "Export Office")
    said = outreach("proposals", "moratorium", "--approve", 1, "--by", "Ana", *named)
    assert said.code == 0, said.all
    assert f"Add this row to {SHEET}:" in said.out
    row = dict(re.findall(r"(?m)^    (\S+) +(.*\S)", said.out))
    assert (row["id"], row["state"], row["role"]) == ("qm-exports-1", "QM", "licensing_authority")
    assert (row["institution"], row["email"]) == ("Export Office", "exports@trade.examplia.example")
    assert row["email_source"].startswith("mail 1 of 2027-01-01 from qm-mfa-1, SHA-256 ")
    with (workspace / SHEET).open(encoding="utf-8", newline="") as file:
        head = next(csv.reader(file))
    line = io.StringIO()
    csv.DictWriter(line, head).writerow(row)
    with (workspace / SHEET).open("a", encoding="utf-8") as file:
        file.write(line.getvalue())
    assert "qm-exports-1" in outreach("plan", "moratorium").out


@pytest.fixture
def sent_letters(workspace: Path, outreach: Outreach) -> dict[str, bytes]:
    """A rehearsal, sent: its letters by institution."""
    for words in (("plan", "moratorium"), ("approve", "moratorium", "--yes", "--by", "Ana"), ("send", "moratorium")):
        assert outreach(*words).code == 0
    files = (workspace / ".outreach/rehearsal/outbox/new").iterdir()
    return {one.name.split(".")[-2]: one.read_bytes() for one in files}


def test_a_forged_mail_only_proposes_and_says_that_it_is_not_proven(
    live: dict[str, bytes], outreach: Outreach, tmp_path: Path
) -> None:
    """Nothing of it moves a letter, however often it comes; a person may believe it, by name."""
    ours = next(line for line in live[OFFICE].decode().splitlines() if line.lower().startswith("message-id:"))
    forged = answer(live[OFFICE], f"{LEFT}\n> {ours}", In_Reply_To="", From=f"Ministry <{OFFICE}>")
    collects(outreach, tmp_path / "box", forged)
    collects(outreach, tmp_path / "again", forged)
    shown = outreach("proposals", "moratorium", "--live").out
    assert "1 proposal waits for you" in shown
    assert "doubt   not proven: our letter is quoted in it" in shown
    assert planned(outreach) == ("accepted", "")


def test_an_address_of_another_domain_is_pointed_out(
    sent_letters: dict[str, bytes], workspace: Path, outreach: Outreach, tmp_path: Path
) -> None:
    """Also from a mail that is proven: a box may be in somebody else's hands."""
    strange = LEFT.replace(DESK, "desk@elsewhere.example")
    mails = (answer(sent_letters["qm-mfa-1"], LEFT), answer(sent_letters["qm-mfa-1"], strange))
    collects(outreach, tmp_path / "box", *mails, live=False)
    shown = outreach("proposals", "moratorium").out
    assert f"{DESK} (not verified yet)" in shown
    assert "desk@elsewhere.example (not verified yet; elsewhere.example is no domain of its row)" in shown
    edit(workspace, "qm-mfa-1,", "qm-mfa-2,")
    assert (
        "desk@elsewhere.example (not verified yet; it stands in no sheet now)"
        in outreach("proposals", "moratorium").out
    )


def test_a_rehearsals_proposals_are_never_seen_live(
    sent_letters: dict[str, bytes], outreach: Outreach, tmp_path: Path
) -> None:
    """Neither listed nor to be approved there."""
    collects(outreach, tmp_path / "box", answer(sent_letters["qm-mfa-1"], LEFT), live=False)
    assert "1 proposal waits for you" in outreach("proposals", "moratorium").out
    assert "Nothing is proposed" in outreach("proposals", "moratorium", "--live").out
    assert outreach("proposals", "moratorium", "--live", "--approve", 1, "--by", "Ana").code == 2
    approved = outreach("proposals", "moratorium", "--approve", 1, "--by", "Ana")
    assert f"goes to {DESK} (not verified yet)" in approved.out
    assert "contacts verify" not in approved.out  # the live ledger would not know the address
    assert "REHEARSAL" in outreach("proposals", "moratorium", "--format", "csv").out


def test_the_files_have_every_fate_and_no_formula(
    sent_letters: dict[str, bytes], outreach: Outreach, tmp_path: Path
) -> None:
    """A stranger wrote the sentence."""
    words = f'=HYPERLINK("http://evil.example") Ms Moss has left the ministry. Please write to {DESK}.'
    collects(outreach, tmp_path / "box", answer(sent_letters["qm-mfa-1"], words), live=False)
    assert outreach("proposals", "moratorium", "--dismiss", 1, "--reason", "=1+1", "--by", "@Ana").code == 0
    lines = list(csv.reader(io.StringIO(outreach("proposals", "moratorium", "--all", "--format", "csv").out)))
    assert len(lines) == 3
    assert not [cell for line in lines for cell in line if cell.lstrip("\ufeff")[:1] in set("=+-@")]
    made = json.loads(outreach("proposals", "moratorium", "--all", "--format", "json").out)
    (one,) = made["proposals"]
    assert (made["open"], one["fate"], one["settled_by"], one["reason"]) == (0, "dismissed", "@Ana", "=1+1")
    assert json.loads(outreach("proposals", "moratorium", "--format", "json").out)["proposals"] == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--approve", 9, "--by", "Ana"), "There is no proposal 9 in this rehearsal campaign"),
        (("--approve", 1), "Add --by NAME"),
        (("--approve", 1, "--by", " "), "Add --by NAME"),
        (("--dismiss", 1, "--by", "Ana"), "--reason"),
        (("--dismiss", 1, "--reason", "no"), "Add --by NAME"),
        (("--approve", 1, "--dismiss", 1, "--by", "Ana"), "do not go together"),
        (("--by", "Ana"), "Which proposal?"),
        (("--verified",), "belong to --approve"),
        (("--reason", "no"), "belongs to --dismiss"),
        (("--approve", 1, "--by", "Ana", "--id", "x", "--role", "mfa"), "one referral"),
    ],
)
def test_half_a_word_settles_nothing(
    sent_letters: dict[str, bytes], outreach: Outreach, tmp_path: Path, words: tuple[object, ...], says: str
) -> None:
    """One clear message; the proposal waits."""
    collects(outreach, tmp_path / "box", answer(sent_letters["qm-mfa-1"], LEFT), live=False)
    said = outreach("proposals", "moratorium", *words)
    assert said.code == 2
    assert says in said.err
    assert "1 proposal waits for you" in outreach("proposals", "moratorium").out


def test_what_is_settled_is_settled(sent_letters: dict[str, bytes], outreach: Outreach, tmp_path: Path) -> None:
    """By whom and when is said."""
    collects(outreach, tmp_path / "box", answer(sent_letters["qm-mfa-1"], LEFT), live=False)
    assert outreach("proposals", "moratorium", "--approve", 1, "--by", "Ana").code == 0
    for words in (("--approve", 1), ("--dismiss", 1, "--reason", "x")):
        said = outreach("proposals", "moratorium", *words, "--by", "Bo")
        assert said.code == 2
        assert "Proposal 1 is settled: approved by Ana on" in said.err


def test_a_persons_verdict_stops_reminders_and_lets_them_go_on(
    sent_letters: dict[str, bytes], outreach: Outreach, tmp_path: Path
) -> None:
    """Shown with the machine's and its rule; what is due, the reminders and the report go by it."""
    mail = answer(sent_letters["qm-mfa-1"], "I am out of office until Monday.", Auto_Submitted="auto-replied")
    collects(outreach, tmp_path / "box", mail, live=False)

    def group() -> str:
        made = json.loads(outreach("due", "moratorium", "--as-if", "2027-03-01", "--format", "json").out)
        return next(one["group"] for one in made["rows"] if one["institution"] == "qm-mfa-1")  # type: ignore[no-any-return]

    assert group() == "very_overdue"
    assert outreach("chase", "moratorium", "--as-if", "2027-03-01").code == 0
    said = outreach("verdict", 1, "reply", "--by", "Ana", "--reason", "she wrote it herself")
    assert "1 reminder that had not left is taken back" in said.out
    assert group() == "answered"
    shown = outreach("show", "moratorium", "QM", "--brief").out
    assert "mail 1 from qm-mfa-1: an answer\n" in shown
    assert "The program says: an automatic answer (rule " in shown
    assert re.search(r"Ana on .*: an answer\. she wrote it herself", shown)
    assert outreach("verdict", 1, "auto_reply", "--by", "Bo").code == 0
    assert group() == "very_overdue"
    assert "1 new" in outreach("chase", "moratorium", "--as-if", "2027-03-01").out
    assert re.search(r"(?s)Ana on .*Bo on ", outreach("verdict", 1).out)
    for words in (("reply",), ("reply", "--by", " ")):
        assert "Add --by NAME" in outreach("verdict", 1, *words).err
    assert "What is it, then?" in outreach("verdict", 1, "--by", "Ana").err
    assert "no mail with that number" in outreach("verdict", 99).err
