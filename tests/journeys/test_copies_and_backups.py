"""A second computer, last week's backup, a synced folder: none of them sends a letter again."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from outreach.ledger import holder, mounts
from servers.scripted import DROP, Both, Script, ScriptedServer, Until

Outreach = Callable[..., Any]
Approved = Callable[[Path, int, int], Path]

OK = "250 2.0.0 Queued"
SEND = ("send", "moratorium", "--live")
SAID = ("--by", "Ana", "--why", "the laptop was stolen", "--yes")


@pytest.fixture
def approved(workspace: Path, outreach: Outreach) -> Callable[[int, int], Path]:
    """Makes so many approved live letters, to be sent to the server at this port."""

    def make(letters: int, port: int) -> Path:
        file = workspace / "campaigns/moratorium.toml"
        text = re.sub(r"REPLACE ME[^\"\n]*", "Real Organisation", file.read_text(encoding="utf-8"))
        text = re.sub(r"@[a-z.-]*\.example\b", "@organisation.org", text.replace("replace-me.example", "x.org"))
        text = re.sub(r"(?ms)^\[pace\]\n.*?(?=^\[|\Z)", "[pace]\n", text)
        file.write_text(text, encoding="utf-8")
        rows = [f"qm-mfa-{n},QM,mfa,Ministry {n},office@m{n}.examplia.example,en" for n in range(letters)]
        sheet = "\n".join(["id,state,role,institution,email,languages", *rows])
        (workspace / "contacts/example.csv").write_text(sheet + "\n", encoding="utf-8")
        secret = [one for one in (workspace / ".env").read_text().splitlines() if one.startswith("OUTREACH_SECRET")]
        server = ["OUTREACH_SMTP_HOST=127.0.0.1", f"OUTREACH_SMTP_PORT={port}", "OUTREACH_SMTP_SECURITY=plain"]
        (workspace / ".env").write_text("\n".join([*secret, *server]) + "\n")
        for command in (
            ("contacts", "verify", "--all", "--sheet", "contacts/example.csv", "--by", "Ana"),
            ("plan", "moratorium", "--live", "--quiet"),
            ("approve", "moratorium", "--live", "--yes", "--by", "Ana"),
        ):
            said = outreach(*command)
            assert said.code == 0, said.all
        return workspace

    return make


def copies(server: ScriptedServer) -> Counter[str]:
    """How many mails the server holds for each box."""
    server.settle()
    return Counter(mail.recipients[0] for mail in server.mails)


def once(letters: int) -> Counter[str]:
    return Counter(f"office@m{n}.examplia.example" for n in range(letters))


def statuses(outreach: Outreach) -> Counter[str]:
    made = json.loads(outreach("log", "moratorium", "--live", "--format", "json").out)
    return Counter(one["status"] for one in made["rows"])


def faults(outreach: Outreach) -> set[str]:
    found = json.loads(outreach("check", "moratorium", "--live", "--format", "json").out)
    return {one["code"] for one in found["problems"] if one["severity"] == "fault"}


def test_a_copied_workspace_is_refused_until_it_is_adopted_and_then_the_old_one_is(
    approved: Callable[[int, int], Path], outreach: Outreach, tmp_path: Path
) -> None:
    """Half is sent at the one place and half at the other: every letter once, and the old place says where to go."""
    with ScriptedServer() as server:
        old = approved(6, server.port)
        assert outreach(*SEND, "--limit", 2).code == 0
        new = tmp_path / "new laptop"
        shutil.copytree(old, new)
        refused = outreach("-w", new, *SEND)
        assert refused.code == 1
        assert f"held by {old.resolve()}/.outreach/live/live.db" in refused.err
        assert f"outreach -w '{new}' ledger adopt --by NAME --why TEXT" in refused.err
        assert len(copies(server)) == 2
        adopted = outreach("-w", new, "ledger", "adopt", *SAID)
        assert adopted.code == 0, adopted.all
        assert "The ledger there knows" in adopted.out
        back = outreach(*SEND)
        assert back.code == 1
        assert f"held by {new.resolve()}/.outreach/live/live.db" in back.err
        assert "not-the-holder" in faults(outreach)
        assert outreach("-w", new, *SEND).code == 0
        assert copies(server) == once(6)


def test_a_copy_lists_what_is_in_doubt_and_settles_nothing(
    approved: Callable[[int, int], Path], outreach: Outreach, tmp_path: Path
) -> None:
    """Settled in the copy it would still be in doubt where it is sent from, and a person would think it done."""
    with ScriptedServer(Script(dot=DROP)) as server:
        old = approved(1, server.port)
        outreach(*SEND, "--limit", 1)
        new = tmp_path / "copy"
        shutil.copytree(old, new)
        assert "1 letter is in doubt" in outreach("-w", new, "resolve", "moratorium", "--live").out
        word = ("resolve", "moratorium", "--all", "--live", "--drop", "--by", "Ana", "--why", "over")
        refused = outreach("-w", new, *word)
        assert (refused.code, "from a copy" in refused.err) == (1, True), refused.all
        assert "1 letter is in doubt" in outreach("-w", new, "resolve", "moratorium", "--live").out
        assert outreach(*word).code == 0


@pytest.mark.parametrize(
    "words",
    [
        ("pause", "moratorium", "--by", "Ana", "--why", "the government resigned"),
        ("go", "moratorium", "--by", "Ana"),
        ("tray", "1", "--ignore", "--by", "Ana", "--live"),
        ("tray", "1", "--to", "qm-mfa-0", "--by", "Ana", "--live"),
        ("verdict", "1", "reply", "--by", "Ana", "--live"),
        ("proposals", "moratorium", "--approve", "1", "--by", "Ana", "--live"),
    ],
    ids=["pause", "go", "set aside", "settle", "verdict", "approve a proposal"],
)
def test_what_a_person_says_in_a_copy_is_refused(
    approved: Callable[[int, int], Path], outreach: Outreach, tmp_path: Path, words: tuple[str, ...]
) -> None:
    """It would not be heard where letters are sent, and a person would think it done."""
    shutil.copytree(approved(1, 1), tmp_path / "copy")
    said = outreach("-w", tmp_path / "copy", *words)
    assert (said.code, "nobody hears there what is said in it" in said.err) == (1, True), said.all
    assert outreach("pause", "moratorium", "--by", "Ana").code == 0


def test_a_copy_of_a_place_that_went_on_is_not_adopted(
    approved: Callable[[int, int], Path], outreach: Outreach, tmp_path: Path
) -> None:
    """It would send again what the other has sent since; exit 1, and what to do."""
    with ScriptedServer() as server:
        old = approved(3, server.port)
        shutil.copytree(old, tmp_path / "copy")
        assert outreach(*SEND).code == 0
        said = outreach("-w", tmp_path / "copy", "ledger", "adopt", *SAID)
        assert said.code == 1
        assert "has sent since this copy was made (turns missing here: 3)" in said.err
        assert outreach("-w", tmp_path / "copy", *SEND).code == 1
        assert copies(server) == once(3)


def test_another_computer_is_told_what_nobody_else_can_tell(
    approved: Callable[[int, int], Path], outreach: Outreach, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other host cannot be reached: the person answers for it. No answer, or no, changes nothing."""
    with ScriptedServer() as server:
        approved(2, server.port)
        monkeypatch.setattr(holder.socket, "gethostname", lambda: "laptop-2")
        assert outreach(*SEND).code == 1
        for answer in ("", "n\n"):
            monkeypatch.setattr(sys, "stdin", io.StringIO(answer))
            said = outreach("ledger", "adopt", "--by", "Ana", "--why", "a new laptop")
            assert said.code == 1
            assert "Nothing adopted." in said.out
        assert outreach(*SEND).code == 1
        monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
        said = outreach("ledger", "adopt", "--by", "Ana", "--why", "a new laptop")
        assert said.code == 0
        assert "see to it that nothing is sent from it any more" in said.out
        assert outreach("ledger", "adopt", *SAID).out.startswith("LIVE. Nothing to adopt")
        assert outreach(*SEND).code == 0
        assert copies(server) == once(2)
    shown = outreach("ledger", "show", "--live").out
    assert "on laptop-2" in shown
    assert re.search(r"adopted +Ana .*a new laptop", shown)


def test_a_backup_taken_while_sending_and_put_back_sends_nothing_twice(
    approved: Callable[[int, int], Path], outreach: Outreach, tmp_path: Path
) -> None:
    """Taken with a letter on the wire; put back it is refused, then settled: in doubt is what had not left by then."""
    taken = threading.Event()
    with ScriptedServer(Script(dot=[OK, OK, OK, Both(Until(taken), OK), OK])) as server:
        folder = approved(10, server.port)
        sending = subprocess.Popen(
            [sys.executable, "-m", "outreach", *SEND], stdout=subprocess.PIPE, text=True, env=os.environ.copy()
        )
        deadline = time.monotonic() + 30
        while len(server.mails) < 4 and time.monotonic() < deadline:
            time.sleep(0.01)
        backup = tmp_path / "monday.db"
        said = outreach("ledger", "backup", backup)
        taken.set()
        out, _ = sending.communicate(timeout=30)
        assert said.code == 0, said.all
        assert sending.returncode == 0, out
        assert copies(server) == once(10)
        assert outreach("ledger", "backup", backup).code == 1

        live = folder / ".outreach/live/live.db"
        shutil.copy(backup, live)
        refused = outreach(*SEND)
        assert refused.code == 1
        assert "This is a backup of" in refused.err
        assert "outreach ledger restored --by NAME --why TEXT" in refused.err
        assert "unsettled-backup" in faults(outreach)
        restored = outreach("ledger", "restored", "--by", "Ana", "--why", "the disk broke", "--yes")
        assert restored.code == 0, restored.all
        assert "10 letters = 7 in doubt now (was 6 claimed, 1 committed)" in restored.out
        assert "+ 0 in doubt before + 3 as they were (3 accepted)" in restored.out
        assert "Paused: moratorium." in restored.out
        assert "outreach go CAMPAIGN" in restored.out
        assert statuses(outreach) == {"accepted": 3, "in_doubt": 7}
        again = outreach("ledger", "restored", "--by", "Ana", "--why", "the disk broke", "--yes")
        assert again.out.splitlines()[-1].startswith("Nothing to do: 10 letters = 0 in doubt now + 7 in doubt before")
        assert "restored from a backup: the disk broke" in outreach(*SEND).err
        assert outreach("go", "moratorium", "--by", "Ana").code == 0
        assert outreach(*SEND).code == 0
        assert outreach("plan", "moratorium", "--live", "--quiet").code == 0
        assert outreach(*SEND).code == 0
        assert copies(server) == once(10)


@pytest.mark.parametrize("verb", ["adopt", "restored"])
def test_a_deed_needs_a_name_and_a_reason(workspace: Path, outreach: Outreach, verb: str) -> None:
    """Exit 2, before anything is asked or done."""
    assert "--by NAME" in outreach("ledger", verb, "--why", "x", "--yes").err
    assert "--why TEXT" in outreach("ledger", verb, "--by", "Ana", "--yes").err
    assert outreach("ledger", verb, "--by", " ", "--why", "x", "--yes").code == 2
    assert not (workspace / ".outreach/live").exists()


def test_no_answer_restores_nothing(workspace: Path, outreach: Outreach, monkeypatch: pytest.MonkeyPatch) -> None:
    """A script says --yes."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    said = outreach("ledger", "restored", "--by", "Ana", "--why", "x")
    assert said.code == 1
    assert "Nobody answered" in said.out
    assert "Nothing changed." in said.out


def test_the_ledger_shows_where_it_is(workspace: Path, outreach: Outreach) -> None:
    """A rehearsal's and the live one's, each at its place."""
    for flags, mode in (((), "rehearsal"), (("--live",), "live")):
        said = outreach("ledger", "show", *flags)
        assert said.code == 0, said.all
        assert f".outreach/{mode}/{mode}.db" in said.out
        assert re.search(r"schema +\d{4}", said.out)
        assert re.search(r"a backup +no", said.out)


def test_a_workspace_on_a_share_cannot_send_live(
    workspace: Path, outreach: Outreach, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`check --live` names it as a fault, `send --live` refuses; a rehearsal goes on."""
    table = tmp_path / "mountinfo"
    table.write_text(
        f"1 0 8:1 / / rw - ext4 /dev/sda rw\n2 1 0:2 / {workspace.resolve()} rw - cifs //nas.example/x rw\n"
    )
    monkeypatch.setattr(mounts, "MOUNTINFO", table)
    monkeypatch.setattr(mounts.sys, "platform", "linux")
    assert "network-disk" in faults(outreach)
    refused = outreach(*SEND)
    assert refused.code == 1
    assert 'network file system ("cifs")' in refused.err
    assert outreach("plan", "moratorium").code == 0


def test_a_synced_folder_is_a_warning_of_the_live_check(workspace: Path, outreach: Outreach) -> None:
    """The rehearsal's check says nothing of it."""
    (workspace / ".stfolder").mkdir()
    assert "Syncthing seems to sync" in outreach("check", "moratorium", "--live").out
    assert "Syncthing" not in outreach("check", "moratorium").out
