"""What `.env` and the environment say, as the commands tell of it."""

from __future__ import annotations

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
