"""A stand-in: headers, threading, text and a standard report. The reader with all caps takes its place."""

from __future__ import annotations

import hashlib
import re
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses, parseaddr, parsedate_to_datetime

from outreach.inbox.words import decoded
from outreach.model.inbound import InboundMessage, ReportedRecipient

_IDS = re.compile(r"<[^<>\s]+>")
_CAP = 64_000
_TO = ("to", "cc", "delivered-to", "x-original-to", "envelope-to")


def read_message(raw: bytes) -> InboundMessage:
    """Read a mail. What it raises is the collector's to quarantine."""
    message = message_from_bytes(raw)
    headers: dict[str, tuple[str, ...]] = {}
    for name, value in message.items():
        key = name.lower()
        headers[key] = (*headers.get(key, ()), " ".join(str(value)[:8_000].split()))
    plain, html, report, returned = "", "", [], ""
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            report = [_fields(one) for one in part.get_payload() if isinstance(one, Message)]
        elif kind in {"message/rfc822", "text/rfc822-headers"} and not returned:
            inner = part.get_payload()
            returned = str(inner[0] if isinstance(inner, list) else inner)[:_CAP]
        elif kind == "text/plain" and not plain and not part.get_filename():
            plain = _text(part)
        elif kind == "text/html" and not html:
            html = re.sub(r"<[^>]*>", " ", _text(part))
    sender_name, sender = parseaddr(headers.get("from", ("",))[0])
    local, _, domain = sender.rpartition("@")
    to = [value for name in _TO for value in headers.get(name, ())]
    try:
        date = parsedate_to_datetime(headers.get("date", ("",))[0])
    except ValueError:
        date = None
    return InboundMessage(
        sha256=hashlib.sha256(raw).hexdigest(),
        size=len(raw),
        headers=headers,
        message_id=headers.get("message-id", ("",))[0],
        in_reply_to=tuple(_IDS.findall(" ".join(headers.get("in-reply-to", ())))),
        references=tuple(_IDS.findall(" ".join(headers.get("references", ())))),
        sender=f"{local}@{domain.lower()}" if domain else "",
        sender_name=decoded(sender_name),
        recipients=tuple(address for _, address in getaddresses(to) if address),
        subject=decoded(headers.get("subject", ("",))[0]),
        date=date if date is not None and date.tzinfo else None,
        text=plain or html,
        report_fields=report[0] if report else {},
        report=tuple(ReportedRecipient(fields=one) for one in report[1:]),
        returned=returned,
    )


def _fields(part: Message) -> dict[str, str]:
    return {name.lower(): " ".join(str(value).split()) for name, value in part.items()}


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return payload.decode(part.get_content_charset("utf-8"), "replace") if isinstance(payload, bytes) else ""
