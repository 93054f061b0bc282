"""A real mail server (aiosmtpd) with TLS and logins, which keeps what it accepts in a list."""

import asyncio
import base64
import ssl
import threading
from dataclasses import dataclass
from typing import Self

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from outreach.model.server import Secret, Security, Server

HOST = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class Kept:
    """An accepted mail."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    user: str


class MailServer:
    """A context manager. It takes letters over TLS only, and from its one user only."""

    def __init__(self, tls: ssl.SSLContext, *, direct: bool, user: str, password: str = "", token: str = "") -> None:
        self.mails: list[Kept] = []
        self.logins: list[str] = []  #: the mechanism of each login that was tried
        self._tls = tls
        self._direct = direct
        self._user = user
        self._password = password
        self._token = token
        self._talks: list[SMTP] = []

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda *_: None)
        made = self._loop.create_server(self._talk, HOST, 0, ssl=self._tls if self._direct else None)
        self._server = self._loop.run_until_complete(made)
        self.port = self._server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def address(self, *, ca_file: str, **more) -> Server:
        """How to reach it."""
        security = Security.SSL if self._direct else Security.STARTTLS
        known = {"user": self._user, "password": Secret(self._password)}
        return Server(host=HOST, port=self.port, security=security, ca_file=ca_file, **known | more)

    def _talk(self) -> SMTP:
        talk = SMTP(
            self,
            hostname="real.example",
            tls_context=None if self._direct else self._tls,
            require_starttls=not self._direct,
            auth_require_tls=not self._direct,  # it does not count TLS from the first byte
            authenticator=self._knows,
            loop=self._loop,
        )
        self._talks.append(talk)
        return talk

    async def _stop(self) -> None:
        self._server.close()
        for talk in self._talks:
            if talk.transport is not None:
                talk.transport.abort()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    def _knows(self, talk, session, envelope, mechanism, given) -> AuthResult:
        self.logins.append(mechanism)
        known = isinstance(given, LoginPassword) and given == (self._user.encode(), self._password.encode())
        return AuthResult(success=known, handled=False, auth_data=given)  # handled: the client would wait for ever

    async def auth_XOAUTH2(self, talk: SMTP, args: list[str]) -> AuthResult:
        """Google's and Microsoft's way: a refusal is a 334 with the reason, then 535 after an empty line."""
        self.logins.append("XOAUTH2")
        wanted = f"user={self._user}\x01auth=Bearer {self._token}\x01\x01"
        if base64.b64decode(args[1]).decode() == wanted:
            return AuthResult(success=True, handled=False, auth_data=LoginPassword(self._user.encode(), b""))
        answer = await talk.challenge_auth(b'{"status":"400","schemes":"Bearer"}')
        assert answer == b""
        return AuthResult(success=False, handled=False)

    async def handle_MAIL(self, talk, session, envelope, address, options) -> str:
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        return "250 2.1.0 OK"

    async def handle_DATA(self, talk, session, envelope) -> str:
        user = session.auth_data.login.decode()
        recipients = tuple(envelope.rcpt_tos)
        self.mails.append(Kept(sender=envelope.mail_from, recipients=recipients, raw=envelope.content, user=user))
        return "250 2.0.0 Kept"
