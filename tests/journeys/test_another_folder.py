"""A workspace that is named by -w: what a command says comes next works from the same place."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Outreach = Callable[..., Any]
BY = ("--yes", "--by", "Ana")


@pytest.fixture
def elsewhere(tmp_path: Path, outreach: Outreach, monkeypatch: pytest.MonkeyPatch) -> str:
    """A workspace beside the current folder, with a name that a shell takes apart."""
    monkeypatch.chdir(tmp_path)
    assert outreach("init", "our $HOME; letters").code == 0
    return "our $HOME; letters"


def next_of(said: Any) -> list[list[str]]:
    """The commands of the last line, as a shell reads them."""
    assert said.code == 0, said.all
    (line,) = [one for one in said.out.splitlines() if "Next: " in one]
    return [shlex.split(one)[1:] for one in line.partition("Next: ")[2].split(", then ")]


def test_the_next_step_can_be_pasted(elsewhere: str, outreach: Outreach) -> None:
    """From plan to log, each command is what the one before has printed, word for word."""
    preview, approve = next_of(outreach("-w", elsewhere, "plan", "moratorium"))
    assert approve == ["-w", elsewhere, "approve", "moratorium"]
    assert outreach(*preview).code == 0
    (send,) = next_of(outreach(*approve, *BY))
    (log,) = next_of(outreach(*send))
    assert outreach(*log).code == 0
    (chase,) = next_of(outreach("--workspace", elsewhere, "due", "moratorium", "--as-if", "2099-01-02"))
    assert chase == ["-w", elsewhere, "chase", "moratorium", "--as-if", "2099-01-02"]


def test_an_error_names_the_folder_too(elsewhere: str, outreach: Outreach) -> None:
    """What to do about it is a next step like any."""
    said = outreach("-w", elsewhere, "log", "moratorium")
    assert said.code == 2
    (command,) = re.findall(r"`(.*?)`", said.err)
    assert shlex.split(command) == ["outreach", "-w", elsewhere, "plan", "moratorium"]
    assert outreach(*shlex.split(command)[1:]).code == 0


def test_a_folder_of_the_environment_needs_no_word(
    elsewhere: str, outreach: Outreach, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OUTREACH_WORKSPACE holds for the next command, too, and so does the current folder."""
    monkeypatch.setenv("OUTREACH_WORKSPACE", elsewhere)
    assert next_of(outreach("plan", "moratorium"))[1] == ["approve", "moratorium"]
    monkeypatch.delenv("OUTREACH_WORKSPACE")
    monkeypatch.chdir(elsewhere)
    assert next_of(outreach("plan", "moratorium"))[1] == ["approve", "moratorium"]
