"""The whole way without --live, through the doors."""

from __future__ import annotations

import csv
import json
import mailbox
import re
import shutil
import stat
from collections.abc import Callable
from datetime import date
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path
from typing import Any

import openpyxl
import pytest

Outreach = Callable[..., Any]
REPOSITORY = Path(__file__).parents[2]


def letters(workspace: Path) -> list[bytes]:
    outbox = workspace / ".outreach/rehearsal/outbox"
    return [path.read_bytes() for path in sorted((outbox / "new").iterdir())]


def sheet(workspace: Path) -> list[dict[str, str]]:
    with (workspace / "contacts/example.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def go_through(outreach: Outreach, *, campaign: str = "moratorium") -> None:
    assert outreach("plan", campaign).code == 0
    assert outreach("approve", campaign, "--yes", "--by", "Ana").code == 0
    assert outreach("send", campaign).code == 0


def test_a_new_workspace_has_no_faults_and_goes_the_whole_way(workspace: Path, outreach: Outreach) -> None:
    """What `init` makes works at once, and every table of the way says REHEARSAL."""
    for command in (
        ("check", "moratorium"),
        ("plan", "moratorium"),
        ("preview", "moratorium"),
        ("approve", "moratorium", "--yes", "--by", "Ana"),
        ("send", "moratorium"),
        ("log", "moratorium"),
    ):
        said = outreach(*command)
        assert said.code == 0, (command, said.all)
        assert "REHEARSAL" in said.out, command


@pytest.mark.usefixtures("workspace")
def test_a_plan_counts_the_warnings_that_check_says(outreach: Outreach) -> None:
    """Its table is not pushed below the fold each time; --all says them where they were said before."""
    told = json.loads(outreach("check", "moratorium", "--format", "json").out)["problems"]
    count = sum(one["severity"] == "warning" for one in told)
    said = outreach("plan", "moratorium")
    assert said.out.startswith(f"{count} warnings: outreach check moratorium shows them.\n\nREHEARSAL")
    assert "warning " not in said.out
    assert outreach("plan", "moratorium", "--all").out.count("\nwarning ") == count - 1
    assert outreach("chase", "moratorium").out.startswith("REHEARSAL")  # no step, no letter to warn of


def test_what_was_previewed_is_what_arrives_but_for_the_date(workspace: Path, outreach: Outreach) -> None:
    """The frozen bytes and the outbox differ by the one Date line in front (and what the receiving server adds)."""
    assert outreach("plan", "moratorium").code == 0
    plan = [row["id"] for row in sheet(workspace)]
    previews = {}
    for institution in plan:
        said = outreach("preview", "moratorium", "--to", institution, "--format", "eml")
        if said.code == 0:
            previews[institution] = said.out.replace("\r\n", "\n")
    assert outreach("approve", "moratorium", "--yes", "--by", "Ana").code == 0
    assert outreach("send", "moratorium").code == 0
    arrived = {}
    for raw in letters(workspace):
        message = message_from_bytes(raw, policy=SMTP)
        arrived[message["To"].addresses[0].username] = raw.decode().replace("\r\n", "\n")
    assert len(previews) == len(arrived) > 0
    for institution, preview in previews.items():
        assert preview in arrived[institution]
        added = arrived[institution].replace(preview, "")
        assert re.search(r"(?m)^Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}$", added)


@pytest.mark.parametrize("who_says", ["campaign", "template"])
def test_facts_older_than_six_months_are_pointed_out(workspace: Path, outreach: Outreach, who_says: str) -> None:
    """The campaign's word of when they were looked at, or, when it says nothing, that of the oldest template."""
    file = workspace / "campaigns/moratorium.toml"
    template = workspace / "templates/letters/investigation/en.md"
    day, words = re.compile(r"(?m)^facts_as_of = .*$"), "facts are as of 2020-02-29, more than 6 months ago"
    today = f"facts_as_of = {date.today()}"  # noqa: DTZ011 the command's own day
    old = "facts_as_of = 2020-02-29"
    file.write_text(day.sub(today, file.read_text("utf-8")), "utf-8")
    template.write_text(day.sub(old, template.read_text("utf-8")), "utf-8")
    assert words not in outreach("check", "moratorium").out
    file.write_text(day.sub(old if who_says == "campaign" else "", file.read_text("utf-8")), "utf-8")
    said = outreach("check", "moratorium")
    assert said.code == 0
    assert words in said.out
    assert words in outreach("plan", "moratorium", "--all").out


def test_a_preview_of_somebody_left_out_says_why(workspace: Path, outreach: Outreach) -> None:
    """No letter is no answer to "what do they get?"."""
    assert outreach("plan", "moratorium").code == 0
    said = outreach("preview", "moratorium", "--to", "QM-licensing-1")
    assert said.code == 2
    assert "qm-licensing-1 is left out: same box as qm-trade-1" in said.all
    assert "left out:" not in outreach("preview", "moratorium", "--to", "ZZ").all


def test_an_approval_with_nothing_left_to_do_does_not_say_send(workspace: Path, outreach: Outreach) -> None:
    """After the last letter there is nothing to approve and nothing to send."""
    go_through(outreach)
    said = outreach("approve", "moratorium", "--yes", "--by", "Ana")
    assert "No drafts to approve; none is waiting." in said.out
    assert "outreach send" not in said.out


def test_no_real_address_is_in_a_rehearsals_letters_log_or_ledger_queue(workspace: Path, outreach: Outreach) -> None:
    """The sheet's addresses show in the plan alone: envelopes, To and log carry <id>@rehearsal.example."""
    addresses = {row["email"] for row in sheet(workspace) if row["email"]}
    assert addresses
    planned = outreach("plan", "moratorium", "--all").out
    go_through(outreach)
    everything = b"".join(letters(workspace)).decode() + outreach("log", "moratorium", "--detail").out
    everything += outreach("log", "moratorium", "--format", "json").out
    for address in addresses:
        assert address in planned
        assert address not in everything
    for raw in letters(workspace):
        assert message_from_bytes(raw, policy=SMTP)["To"].addresses[0].domain == "rehearsal.example"


def test_a_page_or_a_mail_is_previewed_alone_and_called_a_rehearsal(workspace: Path, outreach: Outreach) -> None:
    """To a file goes one letter and nothing else; the banner, and how many more there are, are said beside it."""
    assert outreach("plan", "moratorium").code == 0
    for form, starts in (("html", "<!doctype html"), ("eml", "from: ")):
        said = outreach("preview", "moratorium", "--to", "QN", "--format", form)
        assert said.code == 0
        assert said.out.lower().startswith(starts)
        assert said.out.lower().count(starts) == 1
        assert said.out == outreach("preview", "moratorium", "--to", "qn-mfa-1", "--format", form).out
        assert said.err.splitlines() == [
            "REHEARSAL: nothing leaves this machine. qn-mfa-1",
            "This is qn-mfa-1. For another say --to qn-trade-1, qn-licensing-1.",
        ]


def test_the_shipped_sheet_is_rehearsed_whole(outreach: Outreach, tmp_path: Path, monkeypatch: Any) -> None:
    """135 letters and one box that stands twice are the 136 rows; no real address is in any of the letters.

    The demo's own letters, to invented states, are beside them.
    """
    for folder in ("campaigns", "contacts", "templates"):
        shutil.copytree(REPOSITORY / folder, tmp_path / folder)
    monkeypatch.chdir(tmp_path)
    said = outreach("demo")
    assert said.code == 0, said.all
    assert "136 institutions = 135 letters planned + 1 skipped (1 same box)." in said.out
    assert "same box as bg-trade-1" in said.out
    with (tmp_path / "contacts/authorities.csv").open(encoding="utf-8", newline="") as file:
        addresses = re.findall(r"[\w.+-]+@[\w.-]+\w", " ".join(row["email"] for row in csv.DictReader(file)))
    assert len(addresses) >= 28
    sent = letters(tmp_path)
    to = {message_from_bytes(raw, policy=SMTP)["To"].addresses[0].addr_spec for raw in sent}
    invented = {one for one in to if re.match("q[m-z]-", one)}
    assert (len(sent), len(to - invented), len(invented)) == (141, 135, 6)
    assert all(one.endswith("@rehearsal.example") for one in to)
    everything = b"".join(sent).decode() + (tmp_path / ".outreach/rehearsal/log-moratorium.csv").read_text("utf-8-sig")
    assert not [one for one in addresses if one in everything]


def test_sending_twice_sends_nothing_twice(workspace: Path, outreach: Outreach) -> None:
    """A second run, a second plan and approval, and a third run leave the outbox as it was."""
    go_through(outreach)
    once = letters(workspace)
    assert "Nothing approved is waiting" in outreach("send", "moratorium").out
    go_through(outreach)
    assert letters(workspace) == once


def test_a_preview_says_how_many_it_does_not_show_and_how_to_see_them(workspace: Path, outreach: Outreach) -> None:
    """The first of the plan by itself, a state by its name in any language, by its code, or an institution."""
    assert outreach("check", "moratorium").out.endswith("\nNext: outreach plan moratorium\n")
    assert outreach("plan", "moratorium").code == 0
    said = outreach("preview", "moratorium")
    assert said.out.endswith("── the first of 10 letters; for others say --to STATE, such as --to QN\n")
    named = outreach("preview", "moratorium", "--to", "Specimenia")
    assert named.out.endswith("── 3 letters\n")
    assert named.out == outreach("preview", "moratorium", "--to", "qn").out
    assert outreach("approve", "moratorium", "--yes", "--by", "Ana").code == 0
    assert "3 accepted" in outreach("send", "moratorium", "--only", "Specimenia").out


def test_a_plan_says_what_its_letters_wait_for(workspace: Path, outreach: Outreach) -> None:
    """Drafts for an approval, approved ones for the sending, and whoever planned again after that for nothing."""
    steps = ("preview moratorium, then outreach approve moratorium", "send moratorium", "log moratorium")
    commands = ((), ("approve", "moratorium", "--yes", "--by", "Ana"), ("send", "moratorium"))
    for step, command in zip(steps, commands, strict=True):
        if command:
            assert outreach(*command).code == 0
        assert outreach("plan", "moratorium").out.endswith(f"\nNext: outreach {step}\n")


def test_a_limited_run_goes_on_where_it_stopped(workspace: Path, outreach: Outreach) -> None:
    """--limit and --only choose; what is left is sent by the next run, each letter once."""
    assert outreach("plan", "moratorium").code == 0
    assert outreach("approve", "moratorium", "--yes", "--by", "Ana").code == 0
    said = outreach("send", "moratorium", "--limit", "2")
    assert (said.code, len(letters(workspace))) == (0, 2)
    assert "not sent yet" in said.out
    assert outreach("send", "moratorium").code == 0
    ids = [message_from_bytes(raw, policy=SMTP)["Message-ID"] for raw in letters(workspace)]
    assert len(ids) == len(set(ids)) > 2


def test_only_sends_to_the_state_that_was_named(workspace: Path, outreach: Outreach) -> None:
    """--only QM writes to QM's institutions alone."""
    assert outreach("plan", "moratorium").code == 0
    assert outreach("approve", "moratorium", "--yes", "--by", "Ana").code == 0
    assert outreach("send", "moratorium", "--only", "qm").code == 0
    names = {message_from_bytes(raw, policy=SMTP)["To"].addresses[0].username[:2] for raw in letters(workspace)}
    assert names == {"qm"}


def test_nothing_can_be_sent_without_an_approval(workspace: Path, outreach: Outreach) -> None:
    """Drafts do not leave; what is missing is said."""
    assert outreach("plan", "moratorium").code == 0
    said = outreach("send", "moratorium")
    assert "Nothing approved is waiting" in said.out
    assert said.out.endswith("Next: outreach preview moratorium, then outreach approve moratorium\n")
    assert not (workspace / ".outreach/rehearsal/outbox/new").exists() or letters(workspace) == []


def test_the_outbox_and_the_ledger_are_for_their_owner_only(workspace: Path, outreach: Outreach) -> None:
    """Folders 0700 and files 0600, whatever the umask."""
    go_through(outreach)
    for path in [workspace / ".outreach", *(workspace / ".outreach").rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path


def test_the_log_adds_up_in_every_format(workspace: Path, outreach: Outreach, tmp_path: Path) -> None:
    """Table, CSV, JSON and XLSX tell of every institution of the sheet exactly once."""
    go_through(outreach)
    rows = len({row["id"] for row in sheet(workspace)})
    told = json.loads(outreach("log", "moratorium", "--format", "json").out)
    assert (told["institutions"], len(told["rows"])) == (rows, rows)
    assert outreach("log", "moratorium", "--out", tmp_path / "log.csv").code == 0
    assert "REHEARSAL" in (tmp_path / "log.csv").read_text(encoding="utf-8-sig")
    assert outreach("log", "moratorium", "--out", tmp_path / "log.xlsx").code == 0
    book = openpyxl.load_workbook(tmp_path / "log.xlsx")
    assert any("REHEARSAL" in str(cell.value) for sheet in book for line in sheet.iter_rows() for cell in line)
    again = outreach("log", "moratorium", "--out", tmp_path / "log.csv")
    assert again.code != 0
    assert "--overwrite" in again.err


def test_a_maildir_reader_can_open_the_outbox(workspace: Path, outreach: Outreach) -> None:
    """The outbox is a Maildir that any mail program reads."""
    go_through(outreach)
    box = mailbox.Maildir(workspace / ".outreach/rehearsal/outbox", create=False)
    assert len(box) == len(letters(workspace)) > 0
    assert all(message["Subject"] for message in box)
