"""A mail server to send through, a mailbox to look into, and the secret that opens them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn


class Security(StrEnum):
    """How the connection is protected. PLAIN is for loopback only."""

    SSL = "ssl"  #: TLS from the first byte, usually port 465
    STARTTLS = "starttls"  #: usually port 587; refused when the server does not offer it
    PLAIN = "plain"


class Secret:
    """A password or token that no repr, str, log line or traceback shows."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself: for the wire only."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __deepcopy__(self, _memo: object) -> Secret:
        return self  # frozen: a copy would only be another place where it lies

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")

    def __hash__(self) -> int:
        return hash(self._value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where and as whom to send."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: Secret | None = None
    token_command: tuple[str, ...] = ()  #: argv; prints an OAuth2 access token: then XOAUTH2
    ca_file: str = ""  #: extra certificate authority, a path; verification is never switched off

    @property
    def account(self) -> str:
        """What the pace of the account is counted by."""
        return f"{self.user or 'nobody'}@{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """Where answers arrive and copies lie (IMAP)."""

    server: Server
    folder: str = "INBOX"  #: where answers arrive
