"""The other side of a rehearsal: simulated authorities answer, a newcomer sees the whole loop, nothing leaks out."""

from __future__ import annotations

import json
import mailbox
import re
import shutil
import stat
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from outreach.cli import show

Outreach = Callable[..., Any]
REPOSITORY = Path(__file__).parents[2]
ANSWERS = Path(".outreach/rehearsal/answers")
QUOTE = "Examplia supports an immediate moratorium on the sale, transfer and use of surveillance technology."


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a newcomer's clone has, as the current folder."""
    for folder in ("campaigns", "contacts", "templates"):
        shutil.copytree(REPOSITORY / folder, tmp_path / folder)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def positions(outreach: Outreach, campaign: str, *more: str) -> list[dict[str, Any]]:
    made = json.loads(outreach("positions", campaign, "--format", "json", *more).out)
    return [one for one in made["cells"] if one["record"]]


def test_the_demo_goes_round_the_whole_loop(checkout: Path, outreach: Outreach) -> None:
    """From the sheet to the matrix; invented states are told apart in every total, and have all positions alone."""
    said = outreach("demo")
    assert said.code == 0, said.all
    steps = re.findall(r"(?m)^(\d+)\. outreach (\w+)", said.out)
    names = ["check", "plan", "approve", "send", "log"]
    names += ["collect", "tray", "tray", "due", "position", "positions", "report"]
    assert steps == [(str(number), name) for number, name in enumerate(names, 1)]
    for line in (
        "Checked 136 rows, 136 institutions, 135 letters: 0 faults",
        "136 institutions = 135 letters planned + 1 skipped (1 same box).",
        "The demo adds 6 institutions of 4 invented states = 6 letters planned + 0 skipped",
        "141 accepted by the mail server.\nOf these 135 are for your own sheets, 6 for the demo's states.",
        "136 institutions of 52 states: 135 accepted by the mail server, 1 skipped.",
        "The demo's invented states beside them: 6 institutions of 4 states: 6 accepted by the mail server.",
        "The demo's invented states beside them: 6 institutions: 1 overdue, 1 acknowledged, 4 answered.",
        f'--quote "{QUOTE}"',
    ):
        assert line in said.out
    assert "The quote stands in it." in " ".join(said.out.split())
    assert "= 0 known + 45 matched + 1 tray + 0 quarantined" in said.out
    found = positions(outreach, "moratorium")
    assert Counter(one["state"] for one in found) == {"QM": 2, "QN": 1, "QO": 1, "QP": 1}
    assert {one["counted_as"] for one in found} == {
        "supports", "partly_supports", "opposes", "not_competent", "noncommittal",
    }  # fmt: skip
    page = Path(".outreach/rehearsal/report-moratorium.html").read_text("utf-8")
    assert QUOTE in page
    assert "REHEARSAL" in page


def test_what_the_demo_prints_is_what_the_commands_print_afterwards(checkout: Path, outreach: Outreach) -> None:
    """The ledger has it all: log, due and show, as typed."""
    demo = outreach("demo").out
    day = re.search(r"due moratorium --as-if (\S+)", demo)
    assert day
    due = json.loads(outreach("due", "moratorium", "--as-if", day[1], "--format", "json").out)
    ours, theirs = re.findall(r"institutions: (\d+) overdue, (\d+) acknowledged", demo)
    assert due["totals"]["overdue"] == int(ours[0]) + int(theirs[0])
    assert due["totals"]["acknowledged"] == int(ours[1]) + int(theirs[1])
    log = json.loads(outreach("log", "moratorium", "--format", "json").out)
    assert log["institutions"] == 142
    told = outreach("show", "moratorium", "QN").out
    assert "SIMULATED: an answer" in told
    assert "ne soutient pas un moratoire" in told


def test_real_states_say_nothing_of_their_own(checkout: Path, outreach: Outreach) -> None:
    """In the mails as they lie there: each is marked, and words of a person come from invented states alone."""
    assert outreach("demo").code == 0
    mails = list(mailbox.Maildir(ANSWERS, create=False))
    assert len(mails) == 46
    for one in mails:
        assert one["X-Outreach-Simulated"] == "yes"
        text = next(part for part in one.walk() if part.get_content_type() == "text/plain")
        assert text.get_payload(decode=True).startswith(b"SIMULATED ")
        if one["Auto-Submitted"] is None:
            assert re.match(r"SIMULATED q[m-p]-", one["From"]), one["From"]
        elif not one["From"].startswith(("SIMULATED qm", "SIMULATED qo")):
            assert "moratorium" not in text.get_payload(decode=True).decode()
    for path in (ANSWERS, *ANSWERS.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_the_tables_of_the_demo_fit_a_narrow_terminal(
    workspace: Path, outreach: Outreach, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looks for the first time has 80 columns: the log leaves out what `outreach log` leaves out there."""
    monkeypatch.setattr(show, "PIPED_WIDTH", 80)
    said = outreach("demo", "example")
    rules = [line for line in said.out.splitlines() if set(line) == {"─"}]
    assert len(rules) >= 6
    assert max(map(len, rules)) <= 80


@pytest.mark.parametrize("campaign", ["example", "moratorium"])
def test_invented_states_of_the_own_sheets_are_not_doubled(workspace: Path, outreach: Outreach, campaign: str) -> None:
    """What `init` makes is about them already: nothing is added, and they answer."""
    said = outreach("demo", campaign)
    assert said.code == 0, said.all
    assert "11 institutions = " in said.out
    assert "The demo adds" not in said.out
    assert "From real states" not in said.out
    assert json.loads(outreach("log", campaign, "--format", "json").out)["institutions"] == 11
    assert {one["state"] for one in positions(outreach, campaign)} == {"QM", "QN", "QO", "QP"}


def test_a_campaign_that_asks_for_something_else_gets_no_position(checkout: Path, outreach: Outreach) -> None:
    """The demo still goes to its end: nobody has said anything about that."""
    file = checkout / "campaigns/moratorium.toml"
    text = file.read_text("utf-8")
    head, _, rest = text.partition("[[demand]]")
    tail = rest[rest.index("# --- Languages") :]
    file.write_text(f'{head}[[demand]]\nslug = "investigation"\ntitle = "An inquiry"\n\n{tail}', "utf-8")
    said = outreach("demo")
    assert said.code == 0, said.all
    assert "outreach position " not in said.out
    assert "Nothing waits for you." in said.out
    assert positions(outreach, "moratorium") == []
    assert "one state's whole story" not in said.out


def test_a_campaign_without_a_letter_for_them_is_rehearsed_without_them(checkout: Path, outreach: Outreach) -> None:
    """Letters in Spanish alone, to states that read it: the demo's states, which do not, bring no fault of theirs."""
    for english in (checkout / "templates").rglob("en.md"):
        english.rename(english.with_name("es.md"))
    sheet = checkout / "contacts/authorities.csv"
    head, *rows = sheet.read_text("utf-8").splitlines(keepends=True)
    sheet.write_text(head + "".join(row for row in rows if row.startswith(("ar-", "mx-"))), "utf-8")
    said = outreach("demo")
    assert said.code == 0, said.all
    assert "The demo adds" not in said.out
    assert "5 institutions of 2 states: 5 accepted by the mail server." in said.out
    assert "No invented state was written to" in said.out


def test_a_rehearsals_answers_are_worth_nothing_live(workspace: Path, outreach: Outreach) -> None:
    """Collected live they are kept and counted, and prove nothing: no match, no status, no position, no export."""
    assert outreach("demo", "moratorium").code == 0
    assert outreach("plan", "moratorium", "--live").code == 0
    said = outreach("collect", "--live", "--maildir", ANSWERS)
    assert said.code == 0, said.all
    assert "8 read = 0 known + 0 matched + 0 tray + 8 quarantined" in said.out
    shown = outreach("tray", "--live").out
    assert shown.count("simulated mail") == 8
    number = re.search(r"(?m)^(\d+) ", shown)
    assert number
    refused = outreach("tray", number[1], "--to", "qm-mfa-1", "--by", "Ana", "--live")
    assert refused.code == 2
    assert "A rehearsal wrote that mail" in refused.err
    words = ("position", "moratorium", "BG", "moratorium", "supports", "--quote", QUOTE, "--by", "Ana", "--live")
    for source in (("--reply", number[1]), ("--kind", "post", "--file", next((ANSWERS / "new").iterdir()))):
        refused = outreach(*words, *source)
        assert refused.code == 2, refused.all
    assert positions(outreach, "moratorium", "--live") == []
    log = outreach("log", "moratorium", "--live", "--format", "json").out
    assert "bounced" not in {one["status"] for one in json.loads(log)["rows"]}
    assert outreach("report", "moratorium", "--live", "--out", "live.html").code == 0
    for export in (log, Path("live.html").read_text("utf-8")):
        assert "SIMULATED" not in export
        assert QUOTE not in export


def test_a_rehearsals_answers_stay_in_the_rehearsal(workspace: Path, outreach: Outreach) -> None:
    """No live ledger is made by a demo; collected once more they change nothing."""
    assert outreach("demo", "moratorium").code == 0
    assert not (workspace / ".outreach/live").exists()
    assert "0 read = 0 known + 0 matched + 0 tray + 0 quarantined" in outreach("collect").out
    first = positions(outreach, "moratorium")
    assert outreach("demo", "moratorium").code == 0
    again = positions(outreach, "moratorium")
    assert outreach("demo", "moratorum").code == 2
    assert positions(outreach, "moratorium") == again
    assert [one["record"]["sentence"] for one in again] == [one["record"]["sentence"] for one in first]
