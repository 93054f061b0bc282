"""One runner as a process: stopped, continued, and listened to when it has ended."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parents[1]


def environ() -> dict[str, str]:
    """A child's: it finds these modules, and what guards the tests guards it."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(TESTS), os.environ.get("PYTHONPATH")]))}


class Runner:
    """`python -m torture.life`, as ordered."""

    def __init__(self, **orders: Any) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "torture.life", json.dumps(orders)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environ(),
        )

    def stop(self) -> None:
        """SIGSTOP, and it has stopped."""
        self.process.send_signal(signal.SIGSTOP)
        self.stopped()

    def stopped(self, seconds: float = 30) -> None:
        """Wait until it has stopped, by us or by itself."""
        deadline = time.monotonic() + seconds
        while not os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WNOHANG):
            if self.process.poll() is not None:
                raise AssertionError(f"it ended instead of stopping: {self.process.communicate()}")
            assert time.monotonic() < deadline, "it never stopped"
            time.sleep(0.002)

    def go_on(self) -> None:
        """SIGCONT."""
        self.process.send_signal(signal.SIGCONT)

    def end(self, seconds: float = 60) -> dict[str, Any]:
        """What it says at its end, without a word on stderr."""
        said, complained = self.process.communicate(timeout=seconds)
        assert not complained, complained
        assert self.process.returncode in {0, 1}, said
        found: dict[str, Any] = json.loads(said)
        assert ("error" in found) == bool(self.process.returncode)
        return found

    def kill(self) -> None:
        """Leave nothing behind."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


def until(happens: Callable[[], object], seconds: float = 30) -> None:
    """Look until it has happened."""
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.005)
