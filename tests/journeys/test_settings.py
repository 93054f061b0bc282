"""What `.env` and the environment say, as the commands tell of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Outreach = Callable[..., Any]


def write(workspace: Path, *lines: str) -> None:
    """Add lines to `.env`."""
    with (workspace / ".env").open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


def test_a_secret_that_is_too_short_is_not_said_to_be_missing(
    workspace: Path, outreach: Outreach, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment wins over .env, and is named as the place to mend."""
    monkeypatch.setenv("OUTREACH_SECRET", "short")
    said = outreach("plan", "moratorium", "--live")
    assert said.code == 1
    assert "environment OUTREACH_SECRET: It is shorter than 32 characters." in said.err


def test_no_secret_no_live_letters(workspace: Path, outreach: Outreach) -> None:
    """Said with what makes one."""
    (workspace / ".env").unlink()
    said = outreach("plan", "moratorium", "--live")
    assert said.code == 1
    assert ".env OUTREACH_SECRET: It is not set." in said.err
    assert "outreach init ." in said.err
    assert outreach("init", ".").code == 0
    assert "OUTREACH_SECRET" not in outreach("plan", "moratorium", "--live").all


def test_every_fault_of_the_settings_is_told_at_once(workspace: Path, outreach: Outreach) -> None:
    """A database that cannot be one hides neither the mail server's faults nor the misspelt key; JSON is JSON."""
    write(
        workspace, "OUTREACH_SMTP_PORT=99999", "OUTREACH_SMTP_PASWORD=x", "OUTREACH_DATABASE_URL=mysql://db.example/x"
    )
    said = outreach("check", "moratorium", "--live")
    assert said.code == 1
    for key in ("SMTP_HOST", "SMTP_PORT", "SMTP_USER", "SMTP_PASSWORD", "SMTP_PASWORD", "DATABASE_URL"):
        assert f"OUTREACH_{key}: " in said.out, key
    told = json.loads(outreach("check", "moratorium", "--live", "--format", "json").out)
    assert [one["column"] for one in told["problems"]].count("OUTREACH_DATABASE_URL") == 1


def test_a_rehearsal_is_warned_of_settings_that_would_stop_a_live_run(workspace: Path, outreach: Outreach) -> None:
    """Wrong values and a file that others may read: warnings, and the exit code of no fault."""
    write(workspace, "OUTREACH_SMTP_SECURITY=tls")
    said = outreach("check", "moratorium")
    assert (said.code, "warning .env:" in said.out, "OUTREACH_SMTP_SECURITY" in said.out) == (0, True, True)
    (workspace / ".env").chmod(0o644)
    said = outreach("check", "moratorium")
    assert (said.code, "warning .env: Others on this computer may read" in said.out) == (0, True)
    for command in (
        ("check", "moratorium", "--live"),
        ("plan", "moratorium", "--live"),
        ("send", "moratorium", "--live"),
    ):
        said = outreach(*command)
        assert said.code == 1, command
        assert "chmod 600" in said.all, command


@pytest.mark.parametrize("flag", [(), ("--live",)], ids=["rehearsal", "live"])
def test_a_check_leaves_nothing_behind(workspace: Path, outreach: Outreach, flag: tuple[str, ...]) -> None:
    """No ledger, no folder for one: a workspace that may only be read can be checked."""
    before = sorted(workspace.rglob("*"))
    assert "11 institutions" in outreach("check", "moratorium", *flag).out
    assert sorted(workspace.rglob("*")) == before


def test_the_folder_that_is_no_workspace_is_named_in_full(
    tmp_path: Path, outreach: Outreach, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever stands in the wrong folder reads which; --workspace wins over OUTREACH_WORKSPACE, both over here."""
    monkeypatch.chdir(tmp_path)
    assert f"{tmp_path}: This is no workspace" in outreach("plan", "moratorium").err
    assert outreach("init", "mine").code == 0
    monkeypatch.setenv("OUTREACH_WORKSPACE", str(tmp_path / "gone"))
    assert f"{tmp_path / 'gone'}: There is no such folder" in outreach("plan", "moratorium").err
    assert outreach("--workspace", "mine", "check", "moratorium").code == 0
    monkeypatch.setenv("OUTREACH_WORKSPACE", str(tmp_path / "mine"))
    assert outreach("check", "moratorium").code == 0
