"""The rehearsal's own mail server: on this machine, for this command, taking nothing but `@rehearsal.example`."""

from __future__ import annotations

import asyncio
import hmac
import math
import secrets
import threading
import time
from base64 import b64encode
from email.utils import formatdate
from pathlib import Path
from types import TracebackType
from typing import Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from outreach.model.server import Secret, Security, Server
from outreach.transport.maildir import Maildir

HOST = "127.0.0.1"
DOMAIN = "rehearsal.example"
LARGEST = 35_000_000  #: bytes, as most real servers


class RehearsalServer:
    """A context manager: inside it `server` leads to a Maildir at `outbox`; outside nothing listens.

    Each has its own random port, user and password, so that no other program's mail strays in. The `final` server of a
    mail's way puts in front what a mailbox shows of it (RFC 5321 4.4); else each mail is kept byte for byte.
    """

    def __init__(self, outbox: Path, *, domain: str = DOMAIN, final: bool = False) -> None:
        self._maildir = Maildir(outbox)
        self._post = _Post(self._maildir, domain=domain, final=final)
        self._server: Server | None = None

    @property
    def server(self) -> Server:
        """Where and as whom to send, while it runs."""
        if self._server is None:
            raise RuntimeError("the rehearsal server runs inside its `with` block only")
        return self._server

    def maildir_path(self, message_id: str) -> Path | None:
        """The file of one letter, also after the server has stopped."""
        return self._maildir.find(message_id)

    def __enter__(self) -> Self:
        self._house = _House(self._post)
        user, password = self._post.user, Secret(self._post.password)
        self._server = Server(host=HOST, port=self._house.port, security=Security.PLAIN, user=user, password=password)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server = None
        self._house.close()


class _House:
    """An event loop in a thread of its own, with aiosmtpd at its door."""

    def __init__(self, post: _Post) -> None:
        self._post = post
        self._open: set[SMTP] = set()
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda *_: None)  # a client that hangs up is no news
        try:
            self._door = self._loop.run_until_complete(self._loop.create_server(self._talk, HOST, 0))
        except BaseException:
            self._loop.close()
            raise
        self.port = int(self._door.sockets[0].getsockname()[1])
        self._thread = threading.Thread(target=self._loop.run_forever, name="outreach-rehearsal", daemon=True)
        self._thread.start()

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _talk(self) -> SMTP:
        # Neither auth_required nor an authenticator: without TLS the one warns and the other logs a deprecation at
        # every login (aiosmtpd 1.4.6). `_Post` asks for the login itself, and nothing leaves the machine.
        talk = SMTP(
            self._post,
            hostname=DOMAIN,
            ident="rehearsal, nothing leaves this machine",
            data_size_limit=LARGEST,
            auth_require_tls=False,
            auth_exclude_mechanism=["LOGIN"],
            loop=self._loop,
        )
        self._open.add(talk)
        return talk

    async def _hang_up(self) -> None:
        self._door.close()
        for talk in self._open:
            if isinstance(talk.transport, asyncio.WriteTransport):
                talk.transport.abort()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)


class _Post:
    """aiosmtpd's hooks: who may send, to whom, and where it is kept."""

    def __init__(self, maildir: Maildir, *, domain: str, final: bool) -> None:
        self.user = f"rehearsal-{secrets.token_hex(4)}"
        self.password = secrets.token_urlsafe(24)
        self._maildir = maildir
        self._domain = domain
        self._final = final

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name, as below
        self, _talk: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [responses[0], "250-PIPELINING", *responses[1:]]  # it reads line by line anyway

    async def handle_AUTH(  # noqa: N802
        self, _talk: SMTP, session: Session, _envelope: Envelope, given: list[str]
    ) -> str:
        known = b64encode(f"\0{self.user}\0{self.password}".encode()).decode()
        session.authenticated = given[0].upper() == "PLAIN" and hmac.compare_digest(given[-1], known)
        return "235 2.7.0 Go ahead" if session.authenticated else "535 5.7.8 Not the login of this rehearsal"

    async def handle_MAIL(  # noqa: N802
        self, _talk: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, _talk: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address.rpartition("@")[2] != self._domain:
            return f"550 5.7.1 This is a rehearsal: only addresses at {self._domain}"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _talk: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        name = envelope.rcpt_tos[0].rpartition("@")[0]
        trace = _trace(session, envelope) if self._final else b""
        try:
            path = self._maildir.keep(trace + (envelope.original_content or b""), name=name)
        except OSError as error:
            return f"452 4.3.1 Not kept: {error.strerror}"
        return f"250 2.0.0 Kept as {path.name}"


def _trace(session: Session, envelope: Envelope) -> bytes:
    """Return-Path and Received (RFC 5321 4.4)."""
    # Rounded up: within one second an answer must not seem older than its letter.
    sender = (envelope.mail_from or "").strip("<>")  # aiosmtpd 1.4.6 has "<>" for the null one
    came = f"from {session.host_name} by {DOMAIN} with ESMTPA; {formatdate(math.ceil(time.time()), usegmt=True)}"
    return f"Return-Path: <{sender}>\r\nReceived: {came}\r\n".encode("ascii", "replace")
