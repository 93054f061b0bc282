"""Sheets and templates change between plan, approval and sending; approved letters never change silently."""

from __future__ import annotations

import csv
from collections.abc import Callable
from email import message_from_bytes
from email.policy import SMTP
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


def sent(workspace: Path) -> dict[str, bytes]:
    outbox = workspace / ".outreach/rehearsal/outbox/new"
    found = {}
    for path in outbox.iterdir() if outbox.exists() else ():
        raw = path.read_bytes()
        found[message_from_bytes(raw, policy=SMTP)["To"].addresses[0].username] = raw
    return found


def approve(outreach: Outreach) -> None:
    assert outreach("approve", "moratorium", "--yes", "--by", "Ana").code == 0


@pytest.fixture
def approved(workspace: Path, outreach: Outreach) -> Path:
    assert outreach("plan", "moratorium").code == 0
    approve(outreach)
    return workspace


def test_a_changed_template_leaves_an_approved_letter_as_it_was(approved: Path, outreach: Outreach) -> None:
    """The plan says that approved letters would read differently; what is sent is what was approved."""
    template = approved / "templates/letters/moratorium/en.md"
    template.write_text(template.read_text(encoding="utf-8") + "\nA sentence nobody approved.\n", encoding="utf-8")
    said = outreach("plan", "moratorium")
    assert "would now read differently" in said.out
    assert "nothing then, nothing now" not in said.out
    assert said.out.endswith(
        "To send the new words: outreach plan moratorium --redraft\nNext: outreach send moratorium\n"
    )
    assert outreach("send", "moratorium").code == 0
    assert sent(approved)
    assert not any(b"nobody approved" in raw for raw in sent(approved).values())


def test_redraft_takes_changed_letters_back_for_a_new_approval(approved: Path, outreach: Outreach) -> None:
    """With --redraft the changed letters wait as drafts; after a new approval the new words are sent."""
    template = approved / "templates/letters/moratorium/en.md"
    template.write_text(template.read_text(encoding="utf-8") + "\nA sentence approved anew.\n", encoding="utf-8")
    assert outreach("plan", "moratorium", "--redraft").code == 0
    assert outreach("send", "moratorium").code == 0
    assert not any(b"approved anew" in raw for raw in sent(approved).values())
    approve(outreach)
    assert outreach("send", "moratorium").code == 0
    assert any(b"approved anew" in raw for raw in sent(approved).values())


def test_a_reordered_sheet_changes_nothing(approved: Path, outreach: Outreach) -> None:
    """Order is not identity."""
    write(approved, rows(approved)[::-1])
    said = outreach("plan", "moratorium")
    assert said.code == 0
    assert "differently" not in said.out
    assert " new" not in said.out.partition("Against the last plan")[2]


def test_a_row_added_is_a_new_draft_and_the_others_stay(approved: Path, outreach: Outreach) -> None:
    """Only the new institution needs an approval."""
    lines = rows(approved)
    extra = {**lines[0], "id": "qp-mfa-9", "state": "QP", "state_name": "Placeholdia", "email": "box@added.example"}
    write(approved, [*lines, extra])
    said = outreach("plan", "moratorium")
    assert "1 new (qp-mfa-9)" in said.out


def test_a_plan_names_what_differs_from_the_last(workspace: Path, outreach: Outreach) -> None:
    """Nobody compares a hundred letters to find the two that changed; of a first plan nothing is named."""
    assert "10 new." in outreach("plan", "moratorium").out
    lines = rows(workspace)
    write(workspace, [{**line, "city": "Elsewhere"} if line["id"] == "qn-mfa-1" else line for line in lines[1:]])
    said = outreach("plan", "moratorium").out
    assert "1 changed (qn-mfa-1), 8 unchanged, 1 no longer planned, drafts cancelled (qm-mfa-1)." in said


def test_a_removed_row_is_cancelled_by_the_next_approval(approved: Path, outreach: Outreach) -> None:
    """An approved letter whose row is gone is said by the plan and cancelled with the approval, not sent."""
    lines = rows(approved)
    gone = lines[0]["id"]
    write(approved, lines[1:])
    assert "no longer planned" in outreach("plan", "moratorium").out
    approve(outreach)
    assert outreach("send", "moratorium").code == 0
    assert gone not in sent(approved)
    assert len(sent(approved)) > 0


def test_a_changed_address_of_an_unsent_letter_moves_it(workspace: Path, outreach: Outreach) -> None:
    """An unsent letter follows its institution's address; one that was sent is not sent again."""
    assert outreach("plan", "moratorium").code == 0
    approve(outreach)
    lines = rows(workspace)
    first = next(line for line in lines if line["email"])
    assert outreach("send", "moratorium", "--only", first["id"]).code == 0
    once = sent(workspace)
    for line in lines:
        if line["email"]:
            line["email"] = "moved-" + line["email"]
    write(workspace, lines)
    assert outreach("plan", "moratorium").code == 0
    approve(outreach)
    assert outreach("send", "moratorium").code == 0
    assert sent(workspace)[first["id"]] == once[first["id"]]


def test_a_vanished_and_a_new_institution_wait_until_a_person_says(workspace: Path, outreach: Outreach) -> None:
    """ "Renamed?" is asked, nothing is written to either, and the answer settles it."""
    assert outreach("plan", "moratorium").code == 0
    lines = rows(workspace)
    old = lines[0]["id"]
    lines[0] = {**lines[0], "id": "brand-new", "institution": "Ministry of Other Affairs", "email": "o@other.example"}
    write(workspace, lines)
    said = outreach("plan", "moratorium")
    assert "renamed?" in said.all
    approve(outreach)
    assert outreach("send", "moratorium").code == 0
    assert not {"brand-new", old} & set(sent(workspace))
    assert outreach("contacts", "gone", old).code == 0
    assert outreach("plan", "moratorium").code == 0
    approve(outreach)
    assert outreach("send", "moratorium").code == 0
    assert "brand-new" in sent(workspace)


def without_ids(lines: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{name: cell for name, cell in line.items() if name != "id"} for line in lines]


def test_a_renamed_institution_is_the_one_that_had_its_letter(workspace: Path, outreach: Outreach) -> None:
    """A person says that it is the same: it keeps its old id, and no second letter is planned."""
    lines = without_ids(rows(workspace))
    write(workspace, lines)
    assert outreach("plan", "moratorium").code == 0
    approve(outreach)
    assert outreach("send", "moratorium").code == 0
    once = sent(workspace)
    lines[0] = {**lines[0], "institution": "Ministry of Other Affairs", "email": "o@other.example"}
    write(workspace, lines)
    assert "outreach contacts same qm-mfa-1 qm-mfa-2" in outreach("plan", "moratorium").out
    assert outreach("contacts", "same", "qm-mfa-1", "qm-mfa-2").code == 0
    said = outreach("plan", "moratorium")
    assert "renamed?" not in said.all
    approve(outreach)
    assert outreach("send", "moratorium").code == 0
    assert sent(workspace) == once


def test_an_institution_with_an_id_of_its_own_is_renamed_in_the_sheet(workspace: Path, outreach: Outreach) -> None:
    """`same` cannot change what the sheet says; it names the row, and the old id there settles it."""
    assert outreach("plan", "moratorium").code == 0
    lines = rows(workspace)
    old = lines[0]["id"]
    lines[0] = {**lines[0], "id": "brand-new", "institution": "Ministry of Other Affairs"}
    write(workspace, lines)
    (asked,) = [line for line in outreach("check", "moratorium").out.splitlines() if "renamed?" in line]
    assert "contacts/example.csv:2" in asked
    assert f"write {old} into its id" in asked
    said = outreach("contacts", "same", old, "brand-new")
    assert said.code != 0
    assert "contacts/example.csv:2" in said.all
    assert f"write {old} into its id" in said.all
    write(workspace, [{**lines[0], "id": old}, *lines[1:]])
    assert "renamed?" not in outreach("plan", "moratorium").all


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (("gone", "qm-mfa-1"), "stands here"),
        (("same", "qm-mfa-1", "qn-mfa-1"), "stands here"),
        (("same", "qm-mfa-2", "qm-mfa-1"), "stands here"),
        (("gone", "qm-mfa-2"), "stands here"),
        (("same", "qn-mfa-1", "qm-mfa-2"), "not the same"),
    ],
    ids=["gone-but-here", "two-that-stand-in-the-sheet", "the-wrong-way-round", "gone-but-new", "of-two-states"],
)
def test_an_answer_that_cannot_be_right_is_refused(
    workspace: Path, outreach: Outreach, answer: tuple[str, ...], says: str
) -> None:
    """Taking one ministry for another would write twice to the one and never to the other."""
    lines = without_ids(rows(workspace))
    write(workspace, lines)
    assert outreach("plan", "moratorium").code == 0
    if says == "not the same":
        lines = [line for line in lines if line["institution"] != "Ministry of Foreign Relations"]
        lines[0] = {**lines[0], "institution": "Ministry of Other Affairs", "email": "o@other.example"}
    elif "qm-mfa-2" in answer:
        lines[0] = {**lines[0], "institution": "Ministry of Other Affairs", "email": "o@other.example"}
    write(workspace, lines)
    assert outreach("plan", "moratorium").code == 0
    said = outreach("contacts", *answer)
    assert said.code != 0
    assert says in said.all
    assert "contacts/example.csv:" in said.all


@pytest.mark.parametrize("answer", [("gone", "qm-mfa-1"), ("same", "qm-mfa-1", "qo-mfa-1")], ids=["gone", "same"])
def test_nobody_is_gone_while_a_sheet_cannot_be_read(
    workspace: Path, outreach: Outreach, answer: tuple[str, ...]
) -> None:
    """A header with a slip makes everybody vanish; whoever is said to be gone then would lose an approved letter."""
    assert outreach("plan", "moratorium").code == 0
    assert outreach("approve", "moratorium", "--yes", "--by", "Ana").code == 0
    sheet = workspace / SHEET
    whole = sheet.read_text(encoding="utf-8")
    sheet.write_text(whole.replace("institution", "Behoerde der", 1), encoding="utf-8")
    said = outreach("contacts", *answer)
    assert said.code != 0
    assert "cannot be read" in said.all
    assert "outreach check" in said.all
    sheet.write_text(whole, encoding="utf-8")
    assert outreach("plan", "moratorium").code == 0
    assert "0 letters" not in outreach("send", "moratorium").out
    assert "qm-mfa-1" in sent(workspace)


def test_an_approval_names_the_drafts_that_were_shown(workspace: Path, outreach: Outreach) -> None:
    """Drafts that change between the showing and the yes are not approved: the digest differs."""
    from datetime import date

    from outreach.errors import ApprovalError
    from outreach.model.campaign import Mode
    from outreach.office import Office
    from outreach.runner.approve import approvable
    from outreach.runner.approve import approve as run_approve

    assert outreach("plan", "moratorium").code == 0
    with Office(root=workspace, environ={}, today=date.today()).desk("moratorium", Mode.REHEARSAL) as desk:  # noqa: DTZ011
        shown = approvable(desk)
    template = workspace / "templates/letters/moratorium/en.md"
    template.write_text(template.read_text(encoding="utf-8") + "\nSlipped in.\n", encoding="utf-8")
    assert outreach("plan", "moratorium").code == 0
    with (
        Office(root=workspace, environ={}, today=date.today()).desk("moratorium", Mode.REHEARSAL) as desk,  # noqa: DTZ011
        pytest.raises(ApprovalError),
    ):
        run_approve(desk, digest=shown.digest, by="Ana")


def test_a_second_campaigns_own_ids_make_no_letter_of_the_first_anew(workspace: Path, outreach: Outreach) -> None:
    """The first sheet has no ids; the second gives the id that was made for it to a body that it calls otherwise."""
    mine = "state,institution,role,email\nQO,Ministère de la mer,mfa,contact@diplomatie.fictivia.example\n"
    (workspace / "contacts/mine.csv").write_text(mine, encoding="utf-8")
    campaign = (workspace / "campaigns/moratorium.toml").read_text(encoding="utf-8")
    (workspace / "campaigns/mine.toml").write_text(campaign.replace(SHEET, "contacts/mine.csv"), encoding="utf-8")
    assert outreach("plan", "mine").code == 0
    assert outreach("approve", "mine", "--yes", "--by", "Ana").code == 0
    assert outreach("send", "mine").code == 0
    assert list(sent(workspace)) == ["qo-mfa-1"]
    assert "qo-mfa-1 " in outreach("plan", "moratorium").out
    assert "Against the last plan: 1 already sent or under way." in outreach("plan", "mine").out
