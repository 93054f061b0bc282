"""A mail server that has a letter on the disk before it says 250: a file with a line for each, and it never forgets.

It dawdles in every phase, so that a runner can be killed in all of them; most of all between the disk and the answer.
"""

import contextlib
import hashlib
import os
import random
import re
import signal
import socket
import threading
import time
from pathlib import Path

_MESSAGE_ID = re.compile(rb"^Message-ID: (\S+)", re.MULTILINE | re.IGNORECASE)
HOST = "127.0.0.1"


class Mailbox:
    """Serves `listener` until SIGTERM; for a process of its own."""

    def __init__(self, listener: socket.socket, file: Path, *, seed: int, dawdle: float, alive: int) -> None:
        self._alive = alive  #: a pipe that ends with those whom we serve
        self._listener = listener
        self._file = os.open(file, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        self._seed = seed
        self._dawdle = dawdle  #: seconds; a phase takes up to so much longer

    def serve(self) -> None:
        """Take connections until told to stop; whoever is still connected then is heard to the end."""
        threading.Thread(target=self._end_with_them, daemon=True).start()
        talking: list[threading.Thread] = []
        with contextlib.suppress(_Stop):
            signal.signal(signal.SIGTERM, _stop)
            while True:
                sock, _ = self._listener.accept()
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                chance = random.Random(self._seed * 100_000 + len(talking))
                talk = _Talk(sock, self._file, chance, self._dawdle)
                talking.append(threading.Thread(target=talk.run, daemon=True))
                talking[-1].start()
        for one in talking:
            one.join(10)

    def _end_with_them(self) -> None:
        os.read(self._alive, 1)
        os._exit(1)


class _Stop(Exception):
    pass


def _stop(*_: object) -> None:
    raise _Stop


class _Talk:
    """One connection."""

    def __init__(self, sock: socket.socket, file: int, chance: random.Random, dawdle: float) -> None:
        self._sock = sock
        self._lines = sock.makefile("rb")
        self._file = file
        self._chance = chance
        self._dawdle = dawdle
        self._hello = [b"mailbox.example", b"8BITMIME", b"SIZE 1000000"]
        if chance.random() < 0.5:
            self._hello.append(b"PIPELINING")

    def run(self) -> None:
        with contextlib.suppress(OSError), self._sock, self._lines:
            self._say(b"220 mailbox.example ESMTP")
            while line := self._lines.readline():
                if not self._do(line[:4].upper()):
                    return

    def _do(self, verb: bytes) -> bool:
        """Answer one command; False = it was the last."""
        if verb == b"EHLO":
            lines = [b"250-" + one for one in self._hello]
            self._say(b"\r\n".join([*lines[:-1], lines[-1].replace(b"-", b" ", 1)]))
        elif verb == b"DATA":
            self._say(b"354 Go ahead")
            return self._text()
        else:
            self._say(b"221 Bye" if verb == b"QUIT" else b"250 OK")
        return verb != b"QUIT"

    def _text(self) -> bool:
        text = bytearray()
        while (line := self._lines.readline()) != b".\r\n":
            if not line.endswith(b"\r\n"):
                return False  # gone before the end-of-data mark: nothing is kept (RFC 5321 4.1.1.4)
            text += line.removeprefix(b".")
        self._wait()
        date, _, letter = bytes(text).partition(b"\r\n")
        assert date.startswith(b"Date: ")
        name = _MESSAGE_ID.search(letter)
        assert name
        os.write(self._file, name[1] + b" " + hashlib.sha256(letter).hexdigest().encode() + b"\n")
        os.fsync(self._file)
        self._wait()
        self._say(b"250 2.0.0 Queued")
        return True

    def _say(self, line: bytes) -> None:
        self._wait()
        self._sock.sendall(line + b"\r\n")

    def _wait(self) -> None:
        """Half of the steps are done at once, the others take a while."""
        share = self._chance.random() * 2 - 1
        if share > 0:
            time.sleep(share * self._dawdle)


def listening() -> socket.socket:
    """A listener on a free port of loopback."""
    return socket.create_server((HOST, 0), backlog=64)


def kept(file: Path) -> list[tuple[str, str]]:
    """Message-ID and hash of every letter that the server holds, in the order in which they came."""
    lines = file.read_text("ascii").splitlines() if file.exists() else []
    return [(name, digest) for name, digest in (line.split(" ") for line in lines)]
