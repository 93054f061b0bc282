"""Postfix's smtp-sink on a loopback port: takes every letter, and counts them."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

PROGRAM = shutil.which("smtp-sink", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or "smtp-sink"
STARTS = 5.0  #: seconds


class Sink:
    """A running smtp-sink; `accepted()` is how many letters it has answered with 250. It may keep them to look at.

    With `stamps` it is noted when the first letter and the last were counted.
    """

    def __init__(self, *, keep: bool = False, stamps: bool = False) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="outreach-sink-"))
        self._keep = keep
        self._stamps = stamps
        self._times: list[tuple[float, int]] = []  # when, and how many letters by then
        self.port = _free_port()

    def __enter__(self) -> Self:
        self._folder.chmod(0o777)  # smtp-sink does not run as root
        command = [PROGRAM, "-c", *(["-d", str(self._folder / "letter.")] if self._keep else [])]
        command += ["-u", "nobody"] if os.geteuid() == 0 else []
        self._counters = (self._folder / "counters").open("wb")
        out = subprocess.PIPE if self._stamps else self._counters
        self._process = subprocess.Popen(
            [*command, f"127.0.0.1:{self.port}", "1000"], stdout=out, stderr=subprocess.STDOUT, cwd="/"
        )
        if self._stamps:
            threading.Thread(target=self._note, daemon=True).start()
        ends = time.monotonic() + STARTS
        while not self._answers():
            if time.monotonic() > ends or self._process.poll() is not None:
                self.__exit__(None, None, None)
                raise SystemExit(f"smtp-sink did not start on port {self.port}")
            time.sleep(0.02)
        return self

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 0.5) as one:
                return one.recv(3) == b"220"
        except OSError:
            return False

    def _note(self) -> None:
        assert self._process.stdout is not None
        rest = b""
        while data := os.read(self._process.stdout.fileno(), 65_536):
            now = time.perf_counter()
            rest = (rest + data)[-200:]
            if found := re.findall(rb"mesg=(\d+)", rest):
                self._times.append((now, int(found[-1])))

    def span(self) -> float:
        """Seconds from the first letter to the last."""
        time.sleep(0.05)
        first = next(at for at, count in self._times if count)
        last = next(at for at, count in self._times if count == self._times[-1][1])
        return last - first

    def accepted(self) -> int:
        """How many letters have had their 250."""
        time.sleep(0.05)  # the counters are written after the answer
        if self._stamps:
            return self._times[-1][1] if self._times else 0
        found = re.findall(rb"mesg=(\d+)", (self._folder / "counters").read_bytes()[-400:])
        return int(found[-1]) if found else 0

    def kept(self) -> list[bytes]:
        """The letters, with the lines that smtp-sink puts before each."""
        return [path.read_bytes() for path in sorted(self._folder.glob("letter.*"))]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(10)
        self._counters.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
