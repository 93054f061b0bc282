"""From a mail's bytes to what they say, within caps. Whatever the bytes are: it is read, or put into quarantine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from outreach.errors import QuarantinedMail
from outreach.inbox import head
from outreach.inbox.charset import decode
from outreach.inbox.html import text_of
from outreach.inbox.parts import Part, leaves
from outreach.inbox.unseen import unseen
from outreach.model.inbound import Attachment, InboundMessage, ReportedRecipient

LARGEST = 25_000_000  #: bytes
LONGEST_TEXT = 400_000  #: characters
LONGEST_RETURNED = 8_000  #: characters
LONGEST_ADDRESSES = 2_000  #: characters of a field that addresses are looked for in
MOST_REPORTED = 200  #: recipients of one report

_TO = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to")
_STATUS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_RETURNED = frozenset({"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"})
_FEEDBACK = "message/feedback-report"
_RECEIPT = frozenset({"message/disposition-notification", "message/global-disposition-notification"})


def read_message(raw: bytes) -> InboundMessage:
    """The mail as it says itself. Raises QuarantinedMail, and nothing else, for any bytes."""
    _refuse_giants(raw)
    lines = raw.replace(b"\r\n", b"\n")
    if b"\n" not in lines:
        lines = lines.replace(b"\r", b"\n")
    fields, body, whole = head.split(lines)
    parts, defects = leaves(fields, body)
    if not whole:
        defects.append("the head ends without an empty line")
    if not fields:
        defects.append("no head")
    status = [one for part in parts if part.kind in _STATUS for one in blocks(part)]
    return InboundMessage(
        sha256=hashlib.sha256(raw).hexdigest(),
        size=len(raw),
        headers=fields,
        message_id="".join(head.message_ids(fields.get("message-id", ()))[:1]),
        in_reply_to=head.message_ids(fields.get("in-reply-to", ())),
        references=head.message_ids(fields.get("references", ())),
        sender=_first_address(fields, ("from", "sender")),
        sender_name=head.name_before(_first(fields, "from")),
        recipients=tuple(dict.fromkeys(_addresses(fields, _TO))),
        subject=" ".join(_first(fields, "subject").split()),
        date=_date(_first(fields, "date")),
        text=_text(parts)[:LONGEST_TEXT],
        unseen=unseen(parts),
        attachments=tuple(_attachment(part) for part in parts if _is_attachment(part)),
        report_fields=status[0] if status and not _names_somebody(status[0]) else {},
        report=tuple(ReportedRecipient(fields=one) for one in status if _names_somebody(one))[:MOST_REPORTED],
        feedback=next((one for part in parts if part.kind == _FEEDBACK for one in blocks(part)), {}),
        receipt=next((one for part in parts if _is_receipt(part) for one in blocks(part)), {}),
        returned=next((_returned(part) for part in parts if part.kind in _RETURNED), ""),
        defects=tuple(defects),
    )


def read_body(raw: bytes) -> InboundMessage:
    """A body without a head, as somebody saved it. Raises QuarantinedMail."""
    _refuse_giants(raw)
    text = decode(raw[:LONGEST_TEXT], "utf-8").replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return InboundMessage(sha256=hashlib.sha256(raw).hexdigest(), size=len(raw), headers={}, text=text)


def blocks(part: Part) -> list[dict[str, str]]:
    """The groups of fields in a report (RFC 3464 2.1); a field that is said twice counts once."""
    found = []
    for block in part.text.encode("utf-8", "replace").split(b"\n\n"):
        fields = head.split(block.lstrip(b"\n"))[0]
        if fields:
            found.append({name: values[0] for name, values in fields.items()})
        if len(found) > MOST_REPORTED:
            break
    return found


def _refuse_giants(raw: bytes) -> None:
    if len(raw) > LARGEST:
        raise QuarantinedMail(
            f"The mail has {len(raw):,} bytes; more than {LARGEST:,} are not read.",
            todo="Look at it in your mail program.",
        )


def _names_somebody(fields: dict[str, str]) -> bool:
    return any(name in fields for name in ("final-recipient", "original-recipient", "action", "status"))


def _is_receipt(part: Part) -> bool:
    """The mail as a whole is a receipt (RFC 8098 3, RFC 6522 3); a person may attach one."""
    return part.kind in _RECEIPT and part.path == ("multipart/report",)


def _text(parts: Iterable[Part]) -> str:
    """The plain text; of alternatives the HTML only where the plain one is empty (RFC 2046 5.1.4)."""
    plain: list[str] = []
    rich: list[str] = []
    for part in parts:
        if part.attached or part.kind not in {"text/plain", "text/html", "text/enriched", "text/richtext"}:
            continue
        if part.kind == "text/html":
            rich.append(part.text)
        elif said := part.text.strip("\n"):
            plain.append(said)
    if any(one.strip() for one in plain):
        return "\n\n".join(plain)
    return "\n\n".join(text_of(one) for one in rich[:5])


def _is_attachment(part: Part) -> bool:
    return part.attached or not part.kind.startswith(("text/", "message/delivery-status", "message/feedback-report"))


def _attachment(part: Part) -> Attachment:
    return Attachment(name=part.name, content_type=part.kind[:100], size=len(part.data))


def _returned(part: Part) -> str:
    data = part.data[: 2 * LONGEST_RETURNED].lstrip(b"\n")
    return decode(data, part.parameters.get("charset", "")).replace("\x00", "")[:LONGEST_RETURNED]


def _first(fields: head.Fields, name: str) -> str:
    return fields.get(name, ("",))[0][:LONGEST_ADDRESSES]


def _addresses(fields: head.Fields, names: Iterable[str]) -> Iterable[str]:
    return (
        one for name in names for value in fields.get(name, ()) for one in head.addresses(value[:LONGEST_ADDRESSES])
    )


def _first_address(fields: head.Fields, names: Iterable[str]) -> str:
    return next(iter(_addresses(fields, names)), "")


def _date(value: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(value[:200])
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
