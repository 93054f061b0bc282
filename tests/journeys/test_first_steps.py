"""What a newcomer meets: the demo, the command's own name, folders that are closed, an output that is full."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

Outreach = Callable[..., Any]
COMMAND = Path(sys.executable).with_name("outreach")


def shell(line: str, folder: Path, path: str = "/usr/bin:/bin") -> subprocess.CompletedProcess[str]:
    """What a person types in `folder`."""
    environ = os.environ | {"PATH": path}
    return subprocess.run(["sh", "-c", line], cwd=folder, env=environ, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("known", [True, False], ids=["on-the-path", "elsewhere"])
def test_what_the_demo_advises_can_be_typed_where_it_was_typed(workspace: Path, known: bool) -> None:
    """Each path is there and unbroken, each command runs, also where the shell does not know `outreach` by name."""
    path = f"{COMMAND.parent}:/usr/bin:/bin" if known else "/usr/bin:/bin"
    demo = shell("outreach demo" if known else f"{shlex.quote(str(COMMAND))} demo", workspace, path)
    assert demo.returncode == 0, demo.stderr
    head, _, advice = demo.stdout.rpartition("Where to look next\n")
    assert head.splitlines()[-1] == "REHEARSAL: nothing leaves this machine. "
    told = dict(re.findall(r"(?m)^(\S.*?)  +(\S.*)$", advice))
    assert len(told) == 8
    files = ("the page for organisers", "a letter as it was sent", "the log as a file")
    for what in (*files, "the outbox, a Maildir", "the answers, a Maildir"):
        assert (workspace / told[what]).exists(), what
        assert not Path(told[what]).is_absolute()
    assert told["a letter on the screen"].startswith("outreach " if known else f"{shlex.quote(str(COMMAND))} ")
    assert "REHEARSAL" in shell(told["a letter on the screen"], workspace, path).stdout
    assert "SIMULATED" in shell(told["one state's whole story"], workspace, path).stdout
    made = shell(told["your own campaign"].replace("DIR", "mine"), workspace, path)
    assert "cd mine" in made.stdout
    command = re.search(r"(?m)^  (.+ demo)  ", made.stdout)
    assert command
    assert shell(command[1], workspace / "mine", path).returncode == 0


def test_a_demo_that_is_stopped_says_so_and_ends(
    workspace: Path, outreach: Outreach, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C while it sends: the letter in flight is finished, no log follows, and the exit code is 130."""

    @contextmanager
    def impatient(_desk: object) -> Iterator[Callable[[object], None]]:
        pressed: list[object] = []

        def watch(sent: object) -> None:
            if not pressed:
                pressed.append(sent)
                signal.raise_signal(signal.SIGINT)

        yield watch

    monkeypatch.setattr("outreach.cli.send.progress_for", impatient)
    said = outreach("demo")
    assert said.code == 130
    assert "not sent yet" in said.out
    assert "5. outreach log" not in said.out
    assert "Stopping; a letter in flight is finished first" in said.err
    assert "Interrupted." in said.err
    monkeypatch.undo()
    monkeypatch.chdir(workspace)
    assert outreach("demo").code == 0


def test_init_says_where_it_may_not_look(workspace: Path, outreach: Outreach, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that is closed is named; nothing is written before."""
    closed = workspace / "templates" / "letters"
    shutil.rmtree(closed)
    real = Path.is_dir

    def is_dir(self: Path, **rest: Any) -> bool:
        if self == closed:
            raise PermissionError(13, "Permission denied", str(self))
        return real(self, **rest)

    closed.mkdir()
    monkeypatch.setattr(Path, "is_dir", is_dir)
    said = outreach("init", ".")
    assert said.code == 2
    assert said.err.startswith(f"{closed}: The workspace cannot be written: Permission denied.")
    assert said.out == ""
    assert list(closed.iterdir()) == []


def test_a_second_init_does_not_lead_elsewhere(workspace: Path, outreach: Outreach) -> None:
    """In the folder itself there is no `cd`."""
    said = outreach("init", ".")
    assert said.code == 0
    assert "0 files written" in said.out
    assert "cd " not in said.out


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("check", "Missing argument 'CAMPAIGN'. There are: example, moratorium."),
        ("chase moratorium --as-if 1.3.2027", '"1.3.2027" is no day. Write year, month and day, such as 2027-03-01.'),
        ("position moratorium QM moratorium agrees", "'POSITION': 'agrees' is not one of 'none', 'noncommittal', "),
        ("show moratorium", "Missing argument 'STATE'.\n"),
    ],
)
def test_wrong_usage_is_told_in_plain_words(workspace: Path, outreach: Outreach, typed: str, told: str) -> None:
    """Which campaigns there are, how a day is written, which words are known; none of a library's own."""
    said = outreach(*typed.split())
    assert said.code == 2
    assert told in said.err
    assert "Value error" not in said.err


def test_addresses_are_verified_by_the_name_of_their_state(workspace: Path, outreach: Outreach) -> None:
    """As `show`, `position` and `preview` take it; whoever has no code at hand finds one word for all of them."""
    said = outreach("contacts", "verify", "Specimenia", "--sheet", "contacts/example.csv", "--by", "Ana")
    assert said.out.startswith("3 addresses verified on ")


@pytest.mark.parametrize("group", ["", "contacts", "ledger", "person", "supporters"])
def test_a_list_of_commands_says_of_each_what_it_does(
    outreach: Outreach, monkeypatch: pytest.MonkeyPatch, group: str
) -> None:
    """In whole sentences, on 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    listed = outreach(*group.split(), "--help").out.partition("Commands:\n")[2].partition("\n\n")[0].splitlines()
    assert len(listed) > 1
    assert [line for line in listed if not line.endswith(".") or line.endswith("..") or len(line) > 80] == []


def test_a_command_outside_a_workspace_says_how_one_is_made(
    tmp_path: Path, outreach: Outreach, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the campaign was not named either."""
    monkeypatch.chdir(tmp_path)
    said = outreach("check")
    assert said.code == 2
    assert "Missing argument 'CAMPAIGN'." in said.err
    assert "This is no workspace" in said.err
    assert "outreach init DIR" in said.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("where", [">/dev/full", ">&-"], ids=["full", "closed"])
def test_an_output_that_takes_nothing_is_no_surprise(workspace: Path, where: str) -> None:
    """A full disk is said in one line; a closed output is the caller's own wish."""
    run = shell(f"{shlex.quote(str(COMMAND))} check moratorium {where}", workspace)
    assert "did not expect" not in run.stderr
    assert "Traceback" not in run.stderr
    assert ("Make room" in run.stderr) == (where == ">/dev/full")


@pytest.mark.usefixtures("workspace")
@pytest.mark.parametrize(
    "words",
    [
        ("log", "moratorium"),
        ("due", "moratorium"),
        ("chase", "moratorium"),
        ("positions", "moratorium"),
        ("preview", "moratorium"),
        ("send", "moratorium"),
        ("show", "moratorium", "QM"),
        ("report", "moratorium", "--out", "page.html"),
        ("resolve", "moratorium"),
    ],
    ids=lambda words: words[0],
)
def test_before_a_plan_every_command_says_the_same(outreach: Outreach, words: tuple[str, ...]) -> None:
    """Nothing is planned yet, and how to plan; none points to another that can say no more."""
    said = outreach(*words)
    assert said.code == 2
    assert said.err.strip() == (
        "campaigns/moratorium.toml: Nothing is planned in this rehearsal ledger yet. Run `outreach plan moratorium`."
    )
    assert "Next" not in said.out
