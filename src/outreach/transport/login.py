"""AUTH: one mechanism, one try."""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from outreach.errors import LoginRefused, TransportError, Unavailable
from outreach.model.receipt import Phase
from outreach.model.server import Secret, Server
from outreach.transport.words import said

GO_ON = 334
WELCOME = 235


@dataclass(frozen=True, slots=True, repr=False)
class _Talk:
    """What we say: with the mechanism's name, and to each 334 after it."""

    mechanism: str
    first: str
    then: tuple[str, ...]


class Queue:
    """The logins of one account's connections, one after the other.

    What the first was refused for no other tries again: a wrong password, tried by twenty at once, locks the account.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._refused: LoginRefused | None = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for the others, then log in. Raises LoginRefused when one of them was refused."""
        with self._turn:
            if self._refused is not None:
                raise self._refused.with_traceback(None)
            try:
                yield
            except LoginRefused as error:
                self._refused = error
                raise


def log_in(smtp: Any, server: Server, token: Secret | None) -> None:
    """Authenticate over the open connection. Raises LoginRefused or Unavailable.

    Not `smtplib.SMTP.login`: it tries every mechanism in turn, so one wrong password counts three times towards the
    provider's lock-out. Not yagmail's OAuth2: it ignores the server's answer.
    """
    talk = _talk(server, token, offered=smtp.esmtp_features.get("auth", "").upper().split())
    code, words = smtp.docmd("AUTH", f"{talk.mechanism} {talk.first}".rstrip())
    for step in talk.then:
        if code != GO_ON:
            break
        code, words = smtp.docmd(step)
    if code != WELCOME:
        secrets = [secret.reveal() for secret in (server.password, token) if secret]
        raise _refused(server, code, said(words.split(b"\n"), hide=[talk.first, *talk.then, *secrets]))


def _talk(server: Server, token: Secret | None, *, offered: list[str]) -> _Talk:
    if token is not None:
        if "XOAUTH2" in offered:
            both = _base64(f"user={server.user}\x01auth=Bearer {token.reveal()}\x01\x01")
            return _Talk("XOAUTH2", both, ("",))  # a 334 carries the error; the empty line asks for the refusal
        raise _no_way(server, offered, "with a token (XOAUTH2)")
    password = server.password.reveal() if server.password else ""
    if "PLAIN" in offered:
        both = _base64(f"\0{server.user}\0{password}")
        return _Talk("PLAIN", both, (both,))  # some servers ask again instead of reading it off the AUTH line
    if "LOGIN" in offered:
        return _Talk("LOGIN", "", (_base64(server.user), _base64(password)))
    raise _no_way(server, offered, "with a password (PLAIN or LOGIN)")


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode("ascii")


def _no_way(server: Server, offered: list[str], how: str) -> Unavailable:
    offers = f"it offers {', '.join(offered)}" if offered else "it offers no login at all on this connection"
    return Unavailable(
        f"The server takes no login {how}: {offers}.",
        where=f"{server.host}:{server.port}",
        todo="Check OUTREACH_SMTP_PORT and OUTREACH_SMTP_SECURITY with the provider's instructions.",
        phase=Phase.LOGIN,
    )


def _refused(server: Server, code: int, text: str) -> TransportError:
    where, phase = f"{server.host}:{server.port}", Phase.LOGIN
    if code >= 500:
        what = "OUTREACH_SMTP_TOKEN_COMMAND" if server.token_command else "OUTREACH_SMTP_PASSWORD"
        return LoginRefused(
            f'The server refused the login: {code} "{text}".',
            where=where,
            todo=f"Fix OUTREACH_SMTP_USER or {what}, then run the command again; sent letters are not sent again.",
            phase=phase,
            code=code,
            text=text,
        )
    return Unavailable(
        f'The server does not log us in now: {code} "{text}".',
        where=where,
        todo="Try again in a few minutes; nothing was sent.",
        phase=phase,
        code=code,
        text=text,
    )
