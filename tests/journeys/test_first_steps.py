"""What a newcomer meets: folders that are closed, an output that is full."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Outreach = Callable[..., Any]
COMMAND = Path(sys.executable).with_name("outreach")


def shell(line: str, folder: Path, path: str = "/usr/bin:/bin") -> subprocess.CompletedProcess[str]:
    """What a person types in `folder`."""
    environ = os.environ | {"PATH": path}
    return subprocess.run(["sh", "-c", line], cwd=folder, env=environ, capture_output=True, text=True, check=False)


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


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("where", [">/dev/full", ">&-"], ids=["full", "closed"])
def test_an_output_that_takes_nothing_is_no_surprise(workspace: Path, where: str) -> None:
    """A full disk is said in one line; a closed output is the caller's own wish."""
    run = shell(f"{shlex.quote(str(COMMAND))} check moratorium {where}", workspace)
    assert "did not expect" not in run.stderr
    assert "Traceback" not in run.stderr
    assert ("Make room" in run.stderr) == (where == ">/dev/full")
