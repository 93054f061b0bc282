"""A mail's bytes: which of our letters it names, and what kind of mail it is. What strangers wrote is never trusted.

Only the head is parsed, and the head is capped: nested parts and endless headers cost the standard library's parser
minutes or its stack. The rest is searched as it stands, and once more as it reads when quoted-printable lines are
joined and Base64 is undone.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import parseaddr

from outreach.inbox.words import decoded, fit
from outreach.model.evidence import COPY_MARK, MailKind, MailSeen
from outreach.rules.simulation import HEADER

LONGEST_HEAD = 64_000  #: bytes
LONGEST_MAIL = 1_000_000  #: bytes: what comes later is not looked at

_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_SOFT_BREAK = re.compile(rb"=\r?\n")
_BASE64 = re.compile(rb"(?:^[A-Za-z0-9+/]{20,100}={0,2}\r?\n)+(?:[A-Za-z0-9+/]+={0,2}\r?\n?)?", re.MULTILINE)
#: Where an answer, and nothing else, has the id of the letter that it answers.
_THREAD = ("In-Reply-To", "References", "To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
#: The head of a letter that comes back, or a report's word about it (RFC 3464, RFC 8098 3.2.5): at a line's begin only,
#: for in a sentence anybody may name a Message-ID, a provider that was asked about it for one.
_RETURNED = re.compile(rb"(?m)^(?:x-)?(?:original-)?message-id:[ \t]*(?:\r?\n[ \t]+)?(<[^>\r\n]*>)")
_ROBOTS = ("mailer-daemon", "postmaster")
_TO_ME = b"<to-me."  #: how the Message-IDs of copies in the organiser's own box begin


def seen(raw: bytes, *, where: str, ids: Collection[str]) -> MailSeen | None:
    """The mail, when it names one of the letters with these dispatch ids. A simulated one names none."""
    raw = raw[:LONGEST_MAIL]
    text = b"\n".join([raw, _SOFT_BREAK.sub(b"", raw), *_undone(raw)]).lower()
    names = frozenset(one for one in ids if one.encode() in text)
    if not names:
        return None
    end = _END_OF_HEAD.search(raw[:LONGEST_HEAD])
    head = raw[: end.end() if end else LONGEST_HEAD]
    message = BytesHeaderParser(policy=compat32).parsebytes(head)
    if HEADER in message:
        return None
    message_id = _header(message, "Message-ID")
    returned = b" ".join(_RETURNED.findall(text, len(head))).decode("ascii", "replace")
    threads = " ".join(_header(message, name) for name in _THREAD).lower()
    return MailSeen(
        where=where,
        kind=_kind(message, own=any(one in message_id.lower() for one in names)),
        names=names,
        threaded=frozenset(one for one in names if one in threads),
        returned=frozenset(one for one in names if one in returned),
        message_id=fit(message_id),
        sender=_address(message, "From"),
        subject=decoded(_header(message, "Subject")),
        ours=COPY_MARK in message,
        to_me=_TO_ME in text,
        received="Received" in message,
    )


def message_id_of(head: bytes) -> tuple[str, bool]:
    """A head's Message-ID, and whether it is a copy of ours."""
    message = BytesHeaderParser(policy=compat32).parsebytes(head[:LONGEST_HEAD])
    return _header(message, "Message-ID").strip(), COPY_MARK in message


def _kind(message: Message, *, own: bool) -> MailKind:
    if own:
        return MailKind.LETTER
    content = _header(message, "Content-Type").lower()
    box = _address(message, "From").partition("@")[0].lower()
    if "report-type=delivery-status" in content.replace('"', "") or box in _ROBOTS:
        return MailKind.BOUNCE
    # RFC 3834 5, RFC 8098 3; the others are what older programs write.
    robot = _header(message, "Auto-Submitted").strip().lower() not in {"", "no"}
    robot = robot or "disposition-notification" in content or _header(message, "Return-Path").strip() == "<>"
    if robot or any(name in message for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress")):
        return MailKind.AUTO_REPLY
    return MailKind.REPLY


def _header(message: Message, name: str) -> str:
    return str(message.get(name, ""))[:8_000]


def _address(message: Message, name: str) -> str:
    try:
        return fit(parseaddr(_header(message, name)[:2_000])[1])
    except (RecursionError, ValueError, IndexError):  # "((((" and the like
        return ""


def _undone(raw: bytes) -> list[bytes]:
    found = []
    for block in _BASE64.findall(raw):
        try:
            found.append(base64.b64decode(block, validate=False))
        except (binascii.Error, ValueError):
            continue
    return found
