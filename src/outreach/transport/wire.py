"""A socket that speaks lines: capped replies, and wall deadlines that a slow server cannot stretch."""

from __future__ import annotations

import math
import re
import select
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

LONGEST_LINE = 2_000  #: bytes; RFC 5321 4.5.3.1.5 says 512, some servers say more
MOST_LINES = 50
CHUNK = 65_536

T = TypeVar("T")
R = TypeVar("R")

_NOT_YET = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_LINE = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?", re.DOTALL)


class Lost(Exception):
    """The connection is of no use any more; the text says why, as the end of a sentence."""


class Stalled(Lost):
    """The server did not answer, or did not take our bytes, before the deadline."""


class Nonsense(Lost):
    """What the server said is not SMTP, or not an answer to what was asked."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply, as it was read."""

    code: int
    lines: Sequence[bytes]


class Wire:
    """One connected socket, plain or TLS. For one thread."""

    def __init__(self, sock: socket.socket, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.sock = sock
        self.private = False  #: what is read may hold a secret that we sent: it is not quoted
        self._clock = clock
        self._buffer = bytearray()

    def until(self, seconds: float) -> float:
        """The deadline that is `seconds` away."""
        return self._clock() + seconds

    def send(self, data: bytes, deadline: float) -> None:
        """Write all of `data` before the deadline. Raises Lost."""
        rest = memoryview(data)
        while rest:
            rest = rest[self._soon(self.sock.send, rest[:CHUNK], select.POLLOUT, deadline) :]

    def reply(self, deadline: float) -> Reply:
        """Read one whole reply before the deadline. Raises Lost."""
        code = b""
        lines: list[bytes] = []
        while len(lines) < MOST_LINES:
            line = self._line(deadline)
            match = _LINE.fullmatch(line)
            if match is None or (code and match[1] != code):
                quoted = "something" if self.private else repr(line[:60].decode("ascii", "replace"))
                raise Nonsense(f"the server said {quoted}, which is no SMTP reply")
            code = match[1]
            lines.append(match[3] or b"")
            if match[2] != b"-":
                return Reply(int(code), lines)
        raise Nonsense(f"the server's reply has more than {MOST_LINES} lines")

    def said_more(self) -> bool:
        """Whether more was read than was asked for."""
        return bool(self._buffer)

    def pending(self) -> bool:
        """Whether the server has said something that was not asked for. Raises Lost when it has hung up."""
        if self._buffer:
            return True
        try:
            self._impatient()
            data = self.sock.recv(CHUNK)
        except _NOT_YET:
            return False
        except OSError as error:
            raise _lost(error) from error
        if not data:
            raise Lost("the server closed the connection")
        self._buffer += data
        return True

    def _line(self, deadline: float) -> bytes:
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > LONGEST_LINE:
                break
            self._fill(deadline)
        if not 0 <= end <= LONGEST_LINE:
            raise Nonsense(f"the server's reply has a line of more than {LONGEST_LINE} bytes")
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line.removesuffix(b"\r")

    def _fill(self, deadline: float) -> None:
        data = self._soon(self.sock.recv, CHUNK, select.POLLIN, deadline)
        if not data:
            raise Lost("the server closed the connection")
        self._buffer += data

    def _soon(self, act: Callable[[T], R], what: T, ready: int, deadline: float) -> R:
        """Do it at once if it can be done, which is mostly so; else wait until the socket is ready. Raises Lost.

        A socket with a timeout is asked whether it is ready before everything that is done with it.
        """
        while True:
            try:
                self._impatient()
                return act(what)
            except _NOT_YET as error:
                self._wait(error, ready, deadline)
            except OSError as error:
                raise _lost(error) from error

    def _impatient(self) -> None:
        if self.sock.gettimeout():
            self.sock.settimeout(0)

    def _wait(self, error: OSError, ready: int, deadline: float) -> None:
        """TLS may have to read before it can write, and the other way round."""
        if isinstance(error, ssl.SSLError):
            ready = select.POLLIN if isinstance(error, ssl.SSLWantReadError) else select.POLLOUT
        asked = select.poll()
        try:
            asked.register(self.sock, ready)
        except ValueError as closed:  # by another thread
            raise Lost("the connection broke") from closed
        asked.poll(math.ceil(self._left(deadline) * 1000))

    def _left(self, deadline: float) -> float:
        left = deadline - self._clock()
        if left <= 0:
            raise Stalled("the server did not answer in time")
        return left


def _lost(error: OSError) -> Lost:
    if isinstance(error, TimeoutError):
        return Stalled("the server did not answer in time")
    if isinstance(error, ConnectionError):
        return Lost("the connection broke")
    return Lost(f"the connection broke ({error.strerror or type(error).__name__})")
