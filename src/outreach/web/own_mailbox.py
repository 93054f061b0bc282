"""A letter for the supporter's own mail program: a `mailto:` link where it is short enough, and a file."""

from __future__ import annotations

import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import quote

from starlette.responses import Response

from outreach.runner.supporters.own_mailbox import OwnLetter
from outreach.web.headers import CLOSED

LONGEST_LINK = 1_800  #: characters: Windows hands no more than some 2,000 to a mail program


def mail_link(letter: OwnLetter) -> str | None:
    """The letter as a `mailto:` link (RFC 6068); None for one that would be cut off on its way."""
    body = letter.text.replace("\n", "\r\n")
    parts = (f"{name}={quote(value, safe='')}" for name, value in _parts(letter, body))
    link = f"mailto:{quote(letter.to, safe='@')}?{'&'.join(parts)}"
    return link if len(link) <= LONGEST_LINK else None


def mail_file(letter: OwnLetter, name: str) -> Response:
    """The letter as a file that mail programs open as one that is not sent yet (`X-Unsent`)."""
    message = EmailMessage(policy=SMTP)
    message["X-Unsent"] = "1"
    message["From"] = Address(letter.name, addr_spec=letter.email)
    message["To"] = Address(addr_spec=letter.to)
    message["Cc"] = Address(addr_spec=letter.cc)
    message["Subject"] = letter.subject
    message.set_content(letter.text)
    headers = {**CLOSED, "Content-Disposition": f'attachment; filename="{_safe(name)}.eml"'}
    return Response(message.as_bytes(), media_type="message/rfc822", headers=headers)


def _parts(letter: OwnLetter, body: str) -> list[tuple[str, str]]:
    return [("cc", letter.cc), ("subject", letter.subject), ("body", body)]


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "-", name)[:60] or "letter"
