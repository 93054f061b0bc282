"""The settings that there are, as they were given: every value is kept from sight, not the password alone."""

from __future__ import annotations

import ipaddress
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Never

from outreach.model.server import Secret, Security

FOLDER = "OUTREACH_IMAP_FOLDER"
AUTHSERV_ID = "OUTREACH_AUTHSERV_ID"
DATABASE_URL = "OUTREACH_DATABASE_URL"
SECRET = "OUTREACH_SECRET"  # noqa: S105 - the name of a setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One of the two servers of the settings: how its keys are called, and what counts where they are not set."""

    name: str  #: in a sentence
    example: str
    prefix: str
    usual_ports: Mapping[Security, int]
    usual: Security  #: where neither protection nor port says another
    falls_back: str = ""  #: the prefix of the server whose login and certificate authority count otherwise

    def key(self, last: str) -> str:
        """The key that ends so."""
        return self.prefix + last

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(map(self.key, ("HOST", "PORT", "USER", "PASSWORD", "SECURITY", "TOKEN_COMMAND", "CA_FILE")))


SMTP = Door(
    name="mail server",
    example="smtp.ngo.example",
    prefix="OUTREACH_SMTP_",
    usual_ports={Security.SSL: 465, Security.STARTTLS: 587},
    usual=Security.STARTTLS,
)
IMAP = Door(
    name="mailbox",
    example="imap.ngo.example",
    prefix="OUTREACH_IMAP_",
    usual_ports={Security.SSL: 993, Security.STARTTLS: 143},
    usual=Security.SSL,
    falls_back="OUTREACH_SMTP_",
)
MAIL_KEYS = SMTP.keys
BOX_KEYS = (*IMAP.keys, FOLDER)
PASSWORDS = (SMTP.key("PASSWORD"), IMAP.key("PASSWORD"))
KEYS = (*MAIL_KEYS, *BOX_KEYS, AUTHSERV_ID, DATABASE_URL, SECRET)
#: Read before `.env` is found: they work in the environment only.
ENVIRONMENT_ONLY = ("OUTREACH_WORKSPACE",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Settings by key, with the line of `.env` for those that stand there."""

    root: Path  #: the workspace, absolute
    values: Mapping[str, Secret]  #: empty ones are left out
    lines: Mapping[str, int] = field(default_factory=dict)

    def __reduce__(self) -> Never:
        raise TypeError("settings hold secrets: they are not pickled")

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def text(self, key: str) -> str:
        """A setting in the clear; "" when it is not set."""
        return self.values[key].reveal() if key in self.values else ""

    def key(self, door: Door, last: str) -> str:
        """The key that counts for `door`: its own, or the other server's where its own is not set."""
        own, other = door.key(last), door.falls_back + last
        return other if door.falls_back and own not in self and other in self else own

    def login_keys(self, door: Door) -> tuple[str, str]:
        """The keys of password and token command that count: both are of one server."""
        own = door.key("PASSWORD"), door.key("TOKEN_COMMAND")
        if door.falls_back and not any(one in self for one in own):
            other = door.falls_back + "PASSWORD", door.falls_back + "TOKEN_COMMAND"
            return other if any(one in self for one in other) else own
        return own

    def port(self, door: Door) -> int | None:
        """The port; None when it is not set or no port."""
        text = self.text(door.key("PORT"))
        return int(text) if re.fullmatch(r"[0-9]{1,5}", text) and 0 < int(text) < 65536 else None

    def chosen(self, door: Door) -> Security | None:
        """The protection that was chosen; None when none was, or none that we know."""
        text = self.text(door.key("SECURITY")).lower()
        return Security(text) if text in set(Security) else None

    def security(self, door: Door) -> Security:
        """The protection that counts: as chosen, else by the port."""
        by_port = {port: security for security, port in door.usual_ports.items()}
        return self.chosen(door) or by_port.get(self.port(door) or 0, door.usual)

    def token_command(self, door: Door) -> tuple[str, ...]:
        """The command in words; empty when it is not set or cannot be split."""
        try:
            return tuple(shlex.split(self.text(self.login_keys(door)[1])))
        except ValueError:
            return ()

    def ca_file(self, door: Door) -> Path | None:
        """The certificate file, relative to the workspace unless it is absolute; None when none is set."""
        text = self.text(self.key(door, "CA_FILE"))
        return self.root / text if text else None


def is_loopback(host: str) -> bool:
    """Whether a server's name or address is this computer's own."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
