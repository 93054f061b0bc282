"""A copy for the organiser: the same letter, another To and Message-ID."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import SMTP

import pytest

from outreach.rules.redirect import redirect

LETTER = (
    b'From: "Ana, Org" <ana@org.example>\r\nTo: "Ministry of\r\n Examples" <m@x.example>\r\nSubject: Hello\r\n'
    b"Message-ID: <o.c.abc@org.example>\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n\r\nTo: this stays\r\nMessage-ID: this too\r\n"
)


def test_only_to_and_message_id_of_the_head_change() -> None:
    """Folded headers are replaced whole; lines of the body that look alike stay."""
    turned = redirect(LETTER, to="ana@org.example", message_id="<to-me.x@org.example>")
    was, now = message_from_bytes(LETTER, policy=SMTP), message_from_bytes(turned, policy=SMTP)
    assert (now["To"], now["Message-ID"]) == ("ana@org.example", "<to-me.x@org.example>")
    assert [(k, v) for k, v in now.items() if k not in {"To", "Message-ID"}] == [
        (k, v) for k, v in was.items() if k not in {"To", "Message-ID"}
    ]
    assert turned.partition(b"\r\n\r\n")[2] == LETTER.partition(b"\r\n\r\n")[2]


def test_a_letter_without_the_headers_is_refused() -> None:
    """What cannot be redirected for certain is not sent."""
    with pytest.raises(ValueError, match="exactly one To"):
        redirect(b"Subject: x\r\n\r\nbody\r\n", to="a@b.example", message_id="<x@b.example>")
