"""The bytes of a simulated mail, as mail servers and vacation programs write them; each says that it is simulated."""

from __future__ import annotations

import hashlib
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from outreach.model.inbound import InboundKind
from outreach.model.simulated import Reached, Said, Simulated, Text
from outreach.rules.simulation import HEADER, WORD

DOMAIN = "rehearsal.example"
OPENING = f"{WORD} by outreach demo:"

#: RFC 3463 3.2 and 3.3, with words as mail servers have them.
_FAILURES = {
    InboundKind.BOUNCE_HARD: ("5.1.1", "550 5.1.1 User unknown"),
    InboundKind.BOUNCE_SOFT: ("4.2.2", "452 4.2.2 Mailbox full"),
}


def answer(
    letter: Reached, text: Text, *, at: datetime, sender: str = "", says: tuple[Said, ...] = (), number: int = 0
) -> Simulated:
    """An answer in the letter's thread, or from another `sender` outside of it. `number`: the how manieth to it."""
    machine = text.kind is not InboundKind.REPLY
    mail = _head(letter, sender or letter.box, at, number)
    mail["Subject"] = _filled(text.subject, letter)
    if not sender:
        mail["In-Reply-To"] = letter.message_id
        mail["References"] = letter.message_id
    if machine:
        mail["Auto-Submitted"] = "auto-replied"  # RFC 3834 5
    mail.set_content(f"{OPENING}\n\n{_filled(text.text.strip(), letter)}\n")
    return Simulated(
        institution=letter.institution,
        state=letter.state,
        kind=text.kind,
        envelope_from="" if machine else sender or letter.box,
        sender=sender or letter.box,
        raw=mail.as_bytes(policy=SMTP),
        says=tuple(one for one in says if one.demand in letter.demands),
    )


def report(letter: Reached, kind: InboundKind, *, at: datetime) -> Simulated:
    """A delivery status notification (RFC 3464) that returns the letter's head."""
    status, words = _FAILURES[kind]
    daemon = f"MAILER-DAEMON@{DOMAIN}"
    mail = _head(letter, daemon, at, 0)
    mail["Subject"] = "Undelivered Mail Returned to Sender"
    mail["Auto-Submitted"] = "auto-replied"
    mail["Content-Type"] = 'multipart/report; report-type=delivery-status; boundary="=_simulated"'
    mail.attach(_part("text/plain", f"{OPENING}\n\nYour message could not be delivered.\n\n<{letter.box}>: {words}\n"))
    mail.attach(_status(letter.box, status, words))
    mail.attach(_part("text/rfc822-headers", letter.head.replace(b"\r\n", b"\n").decode("ascii", "replace") + "\n"))
    return Simulated(
        institution=letter.institution,
        state=letter.state,
        kind=kind,
        envelope_from="",
        sender=daemon,
        raw=mail.as_bytes(policy=SMTP),
    )


def _head(letter: Reached, sender: str, at: datetime, number: int) -> EmailMessage:
    mail = EmailMessage()
    mail[HEADER] = "yes"
    mail["From"] = Address(display_name=f"{WORD} {letter.institution}", addr_spec=sender)
    mail["To"] = letter.answer_to
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<simulated.{_digest(letter)[:20]}.{number}@{DOMAIN}>"
    mail["MIME-Version"] = "1.0"
    return mail


def _part(content_type: str, text: str) -> EmailMessage:
    part = EmailMessage()
    part["Content-Type"] = content_type
    part.set_payload(text)
    return part


def _status(box: str, status: str, words: str) -> EmailMessage:
    """The part that machines read: a group of fields for the mail, one for its recipient (RFC 3464 2.1)."""
    mail, recipient, part = EmailMessage(), EmailMessage(), EmailMessage()
    mail["Reporting-MTA"] = f"dns; {DOMAIN}"
    recipient["Final-Recipient"] = f"rfc822; {box}"
    recipient["Action"] = "failed"
    recipient["Status"] = status
    recipient["Diagnostic-Code"] = f"smtp; {words}"
    part["Content-Type"] = "message/delivery-status"
    part.set_payload([mail, recipient])
    return part


def _filled(text: str, letter: Reached) -> str:
    number = f"S-{int(_digest(letter)[:8], 16) % 900_000 + 100_000}"
    return text.replace("{subject}", letter.subject).replace("{number}", number)


def _digest(letter: Reached) -> str:
    return hashlib.sha256(letter.message_id.encode()).hexdigest()
