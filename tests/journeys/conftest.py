"""A workspace and a command line to walk through it, as a campaigner would."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.world import World

REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def all(self) -> str:
        return self.out + self.err


Outreach = Callable[..., Said]


@pytest.fixture
def outreach(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Outreach:
    """Run one command of the command line in this process."""
    from outreach.cli.app import run

    def command(*args: object) -> Said:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["outreach", *map(str, args)])
        code = 0
        try:
            run()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        printed = capsys.readouterr()
        return Said(code=code, out=printed.out, err=printed.err)

    return command


@pytest.fixture
def workspace(tmp_path: Path, outreach: Outreach, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder made by `outreach init`, which is the current one."""
    folder = tmp_path / "campaign"
    assert outreach("init", folder).code == 0
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """Days that a test moves, and a ledger that hears what it says."""
    made = World()
    made.move_clocks(monkeypatch)
    return made
