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

HOST = "OUTREACH_SMTP_HOST"
PORT = "OUTREACH_SMTP_PORT"
USER = "OUTREACH_SMTP_USER"
PASSWORD = "OUTREACH_SMTP_PASSWORD"  # noqa: S105 - the name of a setting
SECURITY = "OUTREACH_SMTP_SECURITY"
TOKEN_COMMAND = "OUTREACH_SMTP_TOKEN_COMMAND"  # noqa: S105 - the name of a setting
CA_FILE = "OUTREACH_SMTP_CA_FILE"
DATABASE_URL = "OUTREACH_DATABASE_URL"
SECRET = "OUTREACH_SECRET"  # noqa: S105 - the name of a setting
MAIL_KEYS = (HOST, PORT, USER, PASSWORD, SECURITY, TOKEN_COMMAND, CA_FILE)
KEYS = (*MAIL_KEYS, DATABASE_URL, SECRET)
#: Read before `.env` is found: they work in the environment only.
ENVIRONMENT_ONLY = ("OUTREACH_WORKSPACE",)

USUAL_PORTS = {Security.SSL: 465, Security.STARTTLS: 587}


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

    @property
    def port(self) -> int | None:
        """The port; None when it is not set or no port."""
        text = self.text(PORT)
        return int(text) if re.fullmatch(r"[0-9]{1,5}", text) and 0 < int(text) < 65536 else None

    @property
    def chosen(self) -> Security | None:
        """The protection that was chosen; None when none was, or none that we know."""
        text = self.text(SECURITY).lower()
        return Security(text) if text in set(Security) else None

    @property
    def security(self) -> Security:
        """The protection that counts: as chosen, else by the port."""
        by_port = Security.SSL if self.port == USUAL_PORTS[Security.SSL] else Security.STARTTLS
        return self.chosen or by_port

    @property
    def token_command(self) -> tuple[str, ...]:
        """The command in words; empty when it is not set or cannot be split."""
        try:
            return tuple(shlex.split(self.text(TOKEN_COMMAND)))
        except ValueError:
            return ()

    @property
    def ca_file(self) -> Path:
        """The certificate file, relative to the workspace unless it is absolute."""
        return self.root / self.text(CA_FILE)


def is_loopback(host: str) -> bool:
    """Whether a server's name or address is this computer's own."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
