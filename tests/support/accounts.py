"""A workspace that writes live: its own sender, and its provider in .env."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from servers import dovecot
from support.public import lay_out

PASSWORD = "S3CR3T-canary"
OURS = "organisation.org"  #: live, nobody writes from a domain of `.example`


def smtp_settings(folder: Path, *, port: int, ca: str, security: str = "ssl", password: str = PASSWORD) -> None:
    """The provider's SMTP server."""
    lines = [
        "OUTREACH_SMTP_HOST=127.0.0.1",
        f"OUTREACH_SMTP_PORT={port}",
        f"OUTREACH_SMTP_SECURITY={security}",
        f"OUTREACH_SMTP_CA_FILE={ca}",
    ]
    if password:
        lines += ["OUTREACH_SMTP_USER=campaign@org.example", f"OUTREACH_SMTP_PASSWORD='{password}'"]
    _write(folder, lines)


def imap_settings(folder: Path, *, port: int, ca: str, authserv: str) -> None:
    """The provider's mailbox, and its name in Authentication-Results."""
    _write(
        folder,
        [
            "OUTREACH_IMAP_HOST=127.0.0.1",
            f"OUTREACH_IMAP_PORT={port}",
            "OUTREACH_IMAP_SECURITY=ssl",
            f"OUTREACH_IMAP_CA_FILE={ca}",
            f"OUTREACH_IMAP_USER={dovecot.USER}",
            f"OUTREACH_IMAP_PASSWORD='{dovecot.PASSWORD}'",
            f"OUTREACH_AUTHSERV_ID={authserv}",
        ],
    )


def own(folder: Path, more: str = "") -> None:
    """The public campaign writes from a domain of its own, with `more` of its sender, at no pace."""
    file = folder / "campaigns/public.toml"
    text = re.sub(r"letters(\S*)@rights-network\.example", rf"letters\1@{OURS}", file.read_text("utf-8"))
    text = re.sub(r"(reply_to = .*\n)", rf"\1{more}", text, count=1)
    file.write_text(text.replace("[languages]", "[pace]\n\n[languages]"), "utf-8")


def live_public(folder: Path, outreach: Callable[..., Any], *, port: int, ca: str) -> None:
    """The public campaign with its own sender, its provider, and every address verified."""
    lay_out(folder)
    own(folder)
    smtp_settings(folder, port=port, ca=ca)
    said = outreach("contacts", "verify", "--all", "--sheet", "contacts/public.csv", "--by", "Ana")
    assert said.code == 0, said.all


def _write(folder: Path, lines: list[str]) -> None:
    """Into .env, which keeps its secret and loses what it had."""
    file = folder / ".env"
    kept = [line for line in file.read_text().splitlines() if line.startswith("OUTREACH_SECRET")]
    file.write_text("\n".join([*kept, *lines]) + "\n")
    file.chmod(0o600)
