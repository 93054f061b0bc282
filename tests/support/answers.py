"""Letters and answers for the tests of matching: two states, three ministries, one mail program after another."""

from __future__ import annotations

from datetime import UTC, datetime

from outreach.inbox.message import read_message
from outreach.model.collected import Written
from outreach.model.contact import KnownInstitution
from outreach.rules.guessing import Book

LEFT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SUBJECT = "A moratorium on the export of intrusive surveillance tools"
TOKENS = {
    "bg-mfa": "k5rv2mzt3yqhd7k5rv2mzt3yqh",
    "bg-trade": "a2bcd3efgh4ijkl5mnop6qrst7",
    "at-mfa": "zzyx2wvut3srqp4onml5kjih6g",
    "si-mfa": "m2n3o4p5q6r7stuvwxyzabcdef",
    "si-trade": "b7c6d5e4f3g2hijklmnopqrstu",
}
_INSTITUTIONS = (
    ("bg-mfa", "BG", "Ministry of Foreign Affairs of Bulgaria", "office@mfa.gov.bg"),
    ("bg-trade", "BG", "Ministry of Trade of Bulgaria", "exports@trade.gov.bg"),
    ("at-mfa", "AT", "Federal Ministry for European Affairs", "post@mfa.gv.at"),
    ("si-mfa", "SI", "Ministry of Foreign Affairs of Slovenia", "gp.mfa@gov.si"),
    ("si-trade", "SI", "Ministry of the Economy of Slovenia", "gp.trade@gov.si"),
)


def book(**more) -> Book:
    """What the ledger knows: one letter to each."""
    written = [
        Written(
            dispatch=TOKENS[identifier],
            campaign="spring",
            step=0,
            institution=identifier,
            institution_name=name,
            state=state,
            address=address,
            subject=SUBJECT,
            left_at=LEFT,
        )
        for identifier, state, name, address in _INSTITUTIONS
    ]
    known = [
        KnownInstitution(id=identifier, state=state, role="mfa", name=name, address_norm=address)
        for identifier, state, name, address in _INSTITUTIONS
    ]
    return Book(written={one.dispatch: one for one in written}, institutions=known, **more)


def message_id(institution: str) -> str:
    return f"<o.spring.{TOKENS[institution]}@org.example>"


def mail(body: str = "Your letter is being dealt with.", **headers: str):
    """A mail, read as any other; an empty header is left out."""
    head = {
        "Received": "from mx by mx.org.example; Tue, 03 Mar 2026 10:00:00 +0000",
        "From": "Somebody <somebody@elsewhere.example>",
        "To": "letters@org.example",
        "Date": "Tue, 03 Mar 2026 09:59:00 +0000",
        "Message-ID": "<77@elsewhere.example>",
        "Subject": "Re: your letter",
        "Content-Type": "text/plain; charset=utf-8",
    }
    head |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{name}: {value}" for name, value in head.items() if value]
    return read_message("\r\n".join([*lines, "", body]).encode())


def report(final: str, *, returned: str, action: str = "failed", status: str = "5.1.1", **headers: str):
    """A standard report about one address; `returned` is the head that comes back."""
    body = (
        "--b\r\nContent-Type: text/plain\r\n\r\nI am sorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {final}\r\nAction: {action}\r\nStatus: {status}\r\n"
        "Diagnostic-Code: smtp; 550 no such user\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n{returned}\r\n\r\n--b--\r\n"
    )
    given = {
        "From": "MAILER-DAEMON@mx.example",
        "Subject": "Undelivered Mail Returned to Sender",
        "Content-Type": 'multipart/report; report-type=delivery-status; boundary="b"',
        **headers,
    }
    return mail(body, **given)
