"""A campaign that is stopped in a hurry, and goes on: by command, by a file, by Ctrl-C, over several connections."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from servers.scripted import Dribble, Script, ScriptedServer

Outreach = Callable[..., Any]
SEND = ("send", "moratorium", "--live")
SLOW = Script(dot=Dribble(b"250 2.0.0 Queued\r\n", gap=0.005))  #: some 90 ms a letter


@pytest.fixture
def ready(workspace: Path, outreach: Outreach) -> Iterator[tuple[Path, ScriptedServer]]:
    """Twelve approved live letters at no pace, and a slow server to take them."""
    file = workspace / "campaigns/moratorium.toml"
    text = re.sub(r"REPLACE ME[^\"\n]*", "Real Organisation", file.read_text(encoding="utf-8"))
    text = re.sub(r"@[a-z.-]*\.example\b", "@organisation.org", text)
    text = re.sub(r"(?ms)^\[pace\]\n.*?(?=^\[|\Z)", "[pace]\nconnections = 1\n", text)
    file.write_text(text, encoding="utf-8")
    rows = [
        f"q{'mn'[n % 2]}-mfa-{n},Q{'MN'[n % 2]},mfa,Ministry {n},office@m{n}.examplia.example,en" for n in range(12)
    ]
    sheet = "\n".join(["id,state,role,institution,email,languages", *rows])
    (workspace / "contacts/example.csv").write_text(sheet + "\n", encoding="utf-8")
    with ScriptedServer(SLOW) as server:
        lines = [line for line in (workspace / ".env").read_text().splitlines() if line.startswith("OUTREACH_SECRET")]
        lines += ["OUTREACH_SMTP_HOST=127.0.0.1", f"OUTREACH_SMTP_PORT={server.port}", "OUTREACH_SMTP_SECURITY=plain"]
        (workspace / ".env").write_text("\n".join(lines) + "\n")
        on = time.strftime("%Y-%m-%d")
        for words in (
            ("contacts", "verify", "--all", "--sheet", "contacts/example.csv", "--by", "Ana", "--on", on),
            ("plan", "moratorium", "--live"),
            ("approve", "moratorium", "--live", "--yes", "--by", "Ana"),
        ):
            said = outreach(*words)
            assert said.code == 0, said.all
        yield workspace, server


def begun(*words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "outreach", *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def until(true: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.01)


def copies(server: ScriptedServer) -> Counter[str]:
    return Counter(recipient for mail in server.mails for recipient in mail.recipients)


def test_pause_stops_a_run_that_is_on_and_go_lets_the_same_run_go_on(
    ready: tuple[Path, ScriptedServer], outreach: Outreach
) -> None:
    """Within one letter; the run says by whom and why, waits, and ends by itself when all is sent."""
    _, server = ready
    run = begun(*SEND)
    until(lambda: len(server.mails) >= 3)
    said = outreach("pause", "moratorium", "--by", "Ana", "--why", "a court decided today")
    assert said.code == 0, said.all
    assert re.search(r"moratorium stands still: [1-9] approved letters wait", said.out)
    assert "Next: outreach go moratorium" in said.out
    soon = len(server.mails) + 1
    time.sleep(0.5)
    assert len(server.mails) <= soon
    said = outreach("go", "moratorium", "--by", "Ana")
    assert "may go on (paused by Ana" in said.out
    out, err = run.communicate(timeout=60)
    assert run.returncode == 0, err
    assert "paused by Ana: a court decided today" in out
    assert copies(server) == dict.fromkeys(copies(server), 1)
    assert len(copies(server)) == 12


def test_a_slip_in_the_campaign_file_keeps_nobody_from_stopping_it(
    ready: tuple[Path, ScriptedServer], outreach: Outreach
) -> None:
    """Whoever corrects it while it is sent must be able to stop it; the secret is not needed for that, either."""
    folder, server = ready
    file = folder / "campaigns/moratorium.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text + '\ntitle = "no end', encoding="utf-8")
    said = outreach("pause", "campaigns/moratorium.toml", "--by", "Ana", "--why", "a slip")
    assert (said.code, "moratorium stands still: 12 approved letters wait." in said.out) == (0, True), said.all
    file.write_text(text, encoding="utf-8")
    assert "paused by Ana" in outreach(*SEND).err
    assert outreach("go", "moratorium", "--by", "Ana").code == 0
    assert len(server.mails) == 0


def test_a_ledger_that_knows_no_letter_says_that_others_may_go_on(workspace: Path, outreach: Outreach) -> None:
    """A workspace that came without its ledger, as a clone does: whoever stops it there has stopped nothing."""
    said = outreach("pause", "moratorium", "--by", "Ana", "--why", "the government resigned")
    assert (said.code, "this ledger has no letter of moratorium" in said.out) == (0, True), said.all
    assert outreach("plan", "moratorium").code == 0
    assert "no letter of" not in outreach("pause", "moratorium", "--rehearsal", "--by", "Ana", "--why", "x").out


def test_one_state_is_named_as_people_name_it(ready: tuple[Path, ScriptedServer], outreach: Outreach) -> None:
    """By code or name; a slip of the pen is refused; the log and the run say what stands still."""
    _, server = ready
    assert outreach("pause", "moratorium", "Atlantis", "--by", "Ana").code == 2
    assert outreach("pause", "moratorium", "qm", "--by", "Ana", "--why", "elections").code == 0
    said = outreach(*SEND)
    assert "6 accepted" in said.out
    assert "6 not sent yet. Stopped: QM paused" in said.out
    assert said.code == 1
    log = outreach("log", "moratorium", "--live")
    assert "QM paused by Ana" in log.out
    assert "elections" in log.out
    assert outreach("go", "moratorium", "QM", "--by", "Ana").code == 0
    assert outreach(*SEND).code == 0
    assert sorted(copies(server).values()) == [1] * 12


def test_a_file_named_stop_stops_every_run_within_one_letter(
    ready: tuple[Path, ScriptedServer], outreach: Outreach
) -> None:
    """Whoever can make a file can stop it; while it is there no run begins."""
    folder, server = ready
    run = begun(*SEND)
    until(lambda: len(server.mails) >= 2)
    (folder / "STOP").touch()
    soon = len(server.mails) + 1
    out, err = run.communicate(timeout=30)
    assert run.returncode == 1, err
    assert "the file STOP is there" in out
    assert len(server.mails) <= soon
    said = outreach(*SEND)
    assert (said.code, "STOP" in said.err, "remove it" in said.err) == (2, True, True)
    (folder / "STOP").unlink()
    assert outreach(*SEND).code == 0
    assert sorted(copies(server).values()) == [1] * 12


@pytest.mark.parametrize("signals", [1, 2], ids=["once", "twice"])
def test_ctrl_c_ends_all_connections(ready: tuple[Path, ScriptedServer], outreach: Outreach, signals: int) -> None:
    """Once: the letters in flight are finished. Twice: they are dropped, and what was at its last gap is in doubt."""
    folder, server = ready
    file = folder / "campaigns/moratorium.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("connections = 1", "connections = 3"), encoding="utf-8")
    run = begun(*SEND)
    until(lambda: len(server.mails) >= 4)
    run.send_signal(signal.SIGINT)
    if signals == 2:
        assert run.stderr is not None
        while "Stopping; a letter in flight is finished first" not in run.stderr.readline():
            pass
        run.send_signal(signal.SIGINT)
    _, err = run.communicate(timeout=30)
    assert "Traceback" not in err
    assert len(server.talks) == 3
    doubtful = "in doubt" in outreach("log", "moratorium", "--live").out
    if signals == 1:
        assert run.returncode == 0
        assert outreach(*SEND).code == 0
        assert sorted(copies(server).values()) == [1] * 12
    else:
        assert run.returncode == 130
        assert doubtful
        outreach(*SEND)
        assert max(copies(server).values()) == 1
    assert not (folder / ".outreach/live/answers.rescue").exists()
