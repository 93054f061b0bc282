"""A mail server that does exactly what its script says, phase by phase, over real sockets, and remembers every byte."""

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from outreach.model.server import Secret, Security, Server

HOST = "127.0.0.1"
EXTENSIONS = ("PIPELINING", "SIZE 10000000", "8BITMIME", "AUTH PLAIN LOGIN XOAUTH2")


class Act:
    """Something a server does instead of, or besides, a proper reply."""


@dataclass(frozen=True)
class Drop(Act):
    """Hang up in good order."""


@dataclass(frozen=True)
class Reset(Act):
    """Hang up with a TCP reset."""


@dataclass(frozen=True)
class Hang(Act):
    """Say nothing until the client gives up."""


@dataclass(frozen=True)
class Deaf(Act):
    """Neither read nor speak until the server stops: the client's bytes pile up."""


@dataclass(frozen=True)
class Until(Act):
    """Wait until the test says so."""

    event: threading.Event


@dataclass(frozen=True)
class Dribble(Act):
    """Say this a byte at a time, every `gap` seconds."""

    text: bytes
    gap: float = 0.05


@dataclass(frozen=True)
class Endless(Act):
    """Say this again and again, until the client gives up."""

    text: bytes


@dataclass(frozen=True)
class Both(Act):
    """One step after the other, without waiting for the client in between."""

    first: "Step"
    then: "Step"


#: A line without its CRLF, the very bytes, or an act. A list is used up one by one; its last stays.
Step = str | bytes | Act
Steps = Step | Sequence[Step]

DROP, RESET, HANG, DEAF = Drop(), Reset(), Hang(), Deaf()


@dataclass(frozen=True, kw_only=True)
class Script:
    """What the server does in each phase of one connection."""

    banner: Steps = "220 scripted.example ESMTP"
    extensions: Sequence[str] = EXTENSIONS
    ehlo: Steps = ""  #: "" = 250 with the extensions
    helo: Steps = "250 scripted.example"
    starttls: Steps = "220 2.0.0 Ready to start TLS"
    auth: Steps = "235 2.7.0 Welcome"
    auth_more: Steps = "235 2.7.0 Welcome"  #: to the line after each 334
    mail: Steps = "250 2.1.0 OK"
    rcpt: Steps = "250 2.1.5 OK"
    data: Steps = "354 Go ahead"
    body: Steps = ""  #: with the first bytes of the text; "" = nothing
    dot: Steps = "250 2.0.0 Queued"
    keeps: bool | Sequence[bool | None] | None = None  #: whether a whole mail is kept; None = unless it is refused
    rset: Steps = "250 2.0.0 Forgotten"
    noop: Steps = "250 2.0.0 OK"
    quit: Steps = Both("221 2.0.0 Bye", DROP)
    other: Steps = "500 5.5.1 What?"
    strict: bool = True  #: RCPT after a refused MAIL and DATA without a recipient are refused, whatever the script says


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A mail of which the server saw the end-of-data mark and which it keeps."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes  #: without the dots that were stuffed


@dataclass
class Talk:
    """One connection as the server saw it."""

    received: bytearray = field(default_factory=bytearray)  #: every byte, after decryption
    commands: list[bytes] = field(default_factory=list)  #: every line outside the texts, without CRLF
    encrypted: bool = False


class _Gone(Exception):
    """The connection is over, by us or by the client."""


class ScriptedServer:
    """A context manager. The n-th connection follows the n-th script; the last script stays.

    `tls` with `direct=True` is TLS from the first byte; with `direct=False` it waits for STARTTLS.
    """

    def __init__(self, *scripts: Script, tls: ssl.SSLContext | None = None, direct: bool = False) -> None:
        self.mails: list[Mail] = []
        self.talks: list[Talk] = []
        self._scripts = scripts or (Script(),)
        self._tls = tls
        self._direct = direct
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []
        self._knock: tuple[str, int] | None = None
        self._answered = threading.Event()
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        self._door = threading.Thread(target=self._listen, daemon=True)
        self._door.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        with socket.create_connection(
            (HOST, self.port)
        ):  # wakes accept: closing alone does not, nor everywhere shutdown
            self._door.join(5)
        self._listener.close()
        for sock in self._sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        self._join()

    def settle(self) -> None:
        """Wait until every connection is over: what is kept now is all there will ever be."""
        with socket.socket() as knock:  # connections are accepted in turn: after this one there is none waiting
            knock.bind((HOST, 0))
            self._answered.clear()
            self._knock = knock.getsockname()
            knock.connect((HOST, self.port))
            assert self._answered.wait(10)
        self._join()

    def _join(self) -> None:
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive(), "a client still holds its connection"

    def address(self, *, user: str = "", password: str = "", ca_file: str = "", host: str = HOST, **more) -> Server:
        """How to reach it."""
        security = Security.PLAIN if self._tls is None else Security.SSL if self._direct else Security.STARTTLS
        secret = Secret(password) if password else None
        return Server(
            **{"security": security, "host": host, "port": self.port, "user": user, "password": secret}
            | {"ca_file": ca_file}
            | more
        )

    @property
    def commands(self) -> list[bytes]:
        """Every command of every connection."""
        return [command for talk in self.talks for command in talk.commands]

    @property
    def received(self) -> bytes:
        """Every byte of every connection."""
        return b"".join(bytes(talk.received) for talk in self.talks)

    def _listen(self) -> None:
        while True:
            sock, peer = self._listener.accept()
            if self._stopping.is_set():
                sock.close()
                return
            if peer == self._knock:
                sock.close()
                self._answered.set()
                continue
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            talk = Talk()
            script = self._scripts[min(len(self.talks), len(self._scripts) - 1)]
            self.talks.append(talk)
            self._sockets.append(sock)
            thread = threading.Thread(target=_Session(self, sock, script, talk).run, daemon=True)
            thread.start()
            self._threads.append(thread)


class _Session:
    """One connection."""

    def __init__(self, server: ScriptedServer, sock: socket.socket, script: Script, talk: Talk) -> None:
        self.server = server
        self.sock = sock
        self.script = script
        self.talk = talk
        self.buffer = b""
        self.used: dict[str, int] = {}
        self.sender = ""
        self.recipients: list[str] = []

    def run(self) -> None:
        with contextlib.suppress(_Gone, OSError):
            if self.server._tls is not None and self.server._direct:
                self._encrypt()
            self._do("banner")
            while True:
                self._command(self._line())
        with contextlib.suppress(OSError):
            self.sock.close()

    def _command(self, line: bytes) -> None:
        self.talk.commands.append(line)
        verb = line[:4].upper()
        if verb in {b"MAIL", b"RCPT", b"DATA"}:
            self._transaction(verb, line)
        elif verb == b"EHLO" and not self.script.ehlo:
            self._say(b"".join(_multiline(["scripted.example", *self.script.extensions])))
        elif verb == b"STAR":
            if self._do("starttls").startswith(b"220") and self.server._tls is not None:
                self._encrypt()
        elif verb == b"AUTH":
            reply = self._do("auth")
            while reply.startswith(b"334"):
                self.talk.commands.append(self._line())
                reply = self._do("auth_more")
        else:
            known = {b"EHLO": "ehlo", b"HELO": "helo", b"RSET": "rset", b"NOOP": "noop", b"QUIT": "quit"}
            self._do(known.get(verb, "other"))

    def _transaction(self, verb: bytes, line: bytes) -> None:
        if verb == b"MAIL":
            self.sender, self.recipients = "", []
            if self._do("mail").startswith(b"25"):
                self.sender = _between(line)
        elif self.script.strict and self._out_of_step(verb):
            self._act("503 5.5.1 Out of step")
        elif verb == b"RCPT":
            if self._do("rcpt").startswith(b"25"):
                self.recipients.append(_between(line))
        elif self._do("data").startswith(b"354"):
            self._text()

    def _out_of_step(self, verb: bytes) -> bool:
        return (verb == b"RCPT" and not self.sender) or (verb == b"DATA" and not self.recipients)

    def _text(self) -> None:
        if self.script.body:
            if not self.buffer:
                self._read()
            self._do("body")
        raw = b"\r\n"
        while not raw.endswith(b"\r\n.\r\n"):
            raw += self._line(keep_end=True)
        raw = raw[2:-3].replace(b"\r\n.", b"\r\n")
        step = self._next("dot")
        refused = _said(step)[:1] in {b"4", b"5"}
        keeps = self._next("keeps")
        if keeps if keeps is not None else not refused:
            raw = raw.removeprefix(b".")
            self.server.mails.append(Mail(sender=self.sender, recipients=tuple(self.recipients), raw=raw))
        self._act(step)

    def _do(self, phase: str) -> bytes:
        """Do what the script says for this phase; what was said, for those who have to know."""
        step = self._next(phase)
        self._act(step)
        return _said(step)

    def _next(self, phase: str) -> Any:
        steps: Any = getattr(self.script, phase)
        if steps is None or isinstance(steps, str | bytes | bool | Act):
            return steps
        at = self.used.get(phase, 0)
        self.used[phase] = at + 1
        return steps[min(at, len(steps) - 1)]

    def _act(self, step: Step) -> None:
        match step:
            case str():
                self._say(step.encode() + b"\r\n")
            case bytes():
                self._say(step)
            case Dribble():
                self._dribble(step)
            case Endless():
                self._repeat(step)
            case Both(first, then):
                self._act(first)
                self._act(then)
            case Hang():
                while True:
                    self._read()
            case Until(event):
                assert event.wait(10), "the test never said so"
            case Deaf():
                self.server._stopping.wait()
            case Reset():
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                raise _Gone
            case _:
                raise _Gone

    def _dribble(self, slow: Dribble) -> None:
        for byte in slow.text:
            self._say(bytes([byte]))
            self.server._stopping.wait(slow.gap)

    def _repeat(self, endless: Endless) -> None:
        while not self.server._stopping.is_set():
            self._say(endless.text)

    def _say(self, data: bytes) -> None:
        self.sock.sendall(data)

    def _line(self, *, keep_end: bool = False) -> bytes:
        while b"\r\n" not in self.buffer:
            self._read()
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        return line + b"\r\n" if keep_end else line

    def _read(self) -> None:
        data = self.sock.recv(65_536)
        if not data:
            raise _Gone
        self.talk.received += data
        self.buffer += data

    def _encrypt(self) -> None:
        self.buffer = b""
        self.sock = self.server._tls.wrap_socket(self.sock, server_side=True)
        self.talk.encrypted = True


def _said(step: Step) -> bytes:
    if isinstance(step, Both):
        return _said(step.first) or _said(step.then)
    return step.encode() if isinstance(step, str) else step if isinstance(step, bytes) else b""


def _multiline(lines: Sequence[str]) -> Iterator[bytes]:
    for at, line in enumerate(lines, 1):
        yield f"250{' ' if at == len(lines) else '-'}{line}\r\n".encode()


def _between(line: bytes) -> str:
    return line.partition(b"<")[2].partition(b">")[0].decode()
