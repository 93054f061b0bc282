"""Whole processes, timed from outside: start-up, work and end."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LAUNCH = Path(__file__).with_name("launch.py")
PROJECT = LAUNCH.parent.parent
CACHE = Path(
    os.environ.get("OUTREACH_BENCH_CACHE")
    or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "outreach-bench"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a command took. Several in a row add up; the peak is that of the largest process."""

    wall: float  #: seconds
    cpu: float  #: seconds, user and system, of the command and its children
    peak: float  #: MB
    failed: str = ""  #: the command and the end of what it printed
    printed: str = ""

    def __add__(self, other: Run) -> Run:
        return Run(
            wall=self.wall + other.wall,
            cpu=self.cpu + other.cpu,
            peak=max(self.peak, other.peak),
            failed=self.failed or other.failed,
        )


def run(command: Sequence[object], *, env: Mapping[str, str] | None = None, quiet: bool = False) -> Run:
    """Run a command to its end. What it prints is kept, `quiet` only what it prints as errors."""
    words = [str(word) for word in command]
    with tempfile.TemporaryDirectory() as folder:
        figures, output = Path(folder, "figures"), Path(folder, "output")
        with output.open("wb") as fh:
            subprocess.run(
                [sys.executable, "-I", "-S", str(LAUNCH), str(figures), *words],
                env=environment(env or {}),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL if quiet else fh,
                stderr=fh,
                check=False,
            )
        printed = output.read_text(errors="replace")
        if not figures.exists():
            return Run(wall=0, cpu=0, peak=0, failed=f"{words[0]} cannot be started: {printed[-600:]}")
        wall, cpu, peak, code = figures.read_text().split()
    failed = "" if code == "0" else f"{' '.join(words)} ended with {code}: {printed[-1500:]}"
    return Run(wall=float(wall), cpu=float(cpu), peak=int(peak) / 1024, failed=failed, printed=printed)


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """The same for everybody: nothing of the user's own settings, compiled files used as after an installation."""
    kept = {key: value for key, value in os.environ.items() if key in {"PATH", "TMPDIR", "TZ"}}
    home = CACHE / "home"
    home.mkdir(parents=True, exist_ok=True)
    return {**kept, "HOME": str(home), "LANG": "C.UTF-8", **more}
