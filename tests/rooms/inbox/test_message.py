"""A mail's bytes are read within caps, or the mail goes into quarantine: nothing else ever happens."""

from __future__ import annotations

import random
import time
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.errors import InboxError, QuarantinedMail
from outreach.inbox.message import LARGEST, read_body, read_message
from outreach.inbox.packs import packs
from outreach.inbox.unseen import LONGEST_UNSEEN
from outreach.rules.clues import clues
from outreach.rules.phrasebook import phrasebook
from outreach.rules.triage import triage

BOOK = phrasebook(packs())


def _nested(depth: int) -> bytes:
    head = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth))
    return b"From: a@gov.example\n" + head + b"\nthe innermost words\n"


def _report() -> bytes:
    return (
        b"From: MAILER-DAEMON@mx.example\nReturn-Path: <>\nSubject: Undelivered Mail\n"
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=B\n\n--B\n\n"
        b"could not be delivered to <x@gov.example>: 550 5.1.1 User unknown\n--B\n"
        b"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        b"Final-Recipient: rfc822; x@gov.example\nAction: failed\nStatus: 5.1.1\n--B\n"
        b"Content-Type: message/rfc822\n\nFrom: us@campaign.example\nMessage-ID: <1@campaign.example>\n\n"
        b"Excellency\n--B--\n"
    )


def _answer() -> bytes:
    mail = EmailMessage()
    mail["From"] = "Büro <office@gov.example>"
    mail["To"] = "replies@campaign.example"
    mail["Subject"] = "Re: Brief: Überwachung"
    mail["In-Reply-To"] = "<1@campaign.example>"
    mail.set_content("Vielen Dank.\n\nAm 3. Mai 2026 schrieb Anna <a@campaign.example>:\n> Exzellenz\n")
    mail.add_alternative("<p>Vielen Dank.<blockquote>Exzellenz</blockquote>", subtype="html")
    mail.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="../../etc/cron.d/Antwort.pdf")
    return mail.as_bytes()


HOSTILE = {
    "nothing at all": b"",
    "no head": b"\n\nwords",
    "no body": b"Subject: x",
    "nul": b"\x00" * 1000,
    "3,000 nested multiparts": _nested(3_000),
    "20,000 brackets in an address": b"From: " + b"(" * 20_000 + b"\nTo: " + b"<" * 20_000 + b"\n\nx",
    "100,000 fields": b"X: y\n" * 100_000 + b"\nx",
    "one field of 2 MB": b"Subject: " + b"a b " * 500_000 + b"\n\nx",
    "20,000 encoded words": b"Subject: " + b"=?utf-8?q?a?= " * 20_000 + b"\n\nx",
    "20,000 addresses": b"To: " + b"a@b.example, " * 20_000 + b"\n\nx",
    "10,000 parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 10_000,
    "a boundary that nobody uses": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--c\n\nx\n" * 10_000,
    "an unknown charset": b"Content-Type: text/plain; charset=foo-bar\n\n\xff\xfe words",
    "a charset with NUL": b'Content-Type: text/plain; charset="u\x00tf"\n\n\xff words',
    "rot13": b"Content-Type: text/plain; charset=rot13\n\n\xff words",
    "punycode": b"Content-Type: text/plain; charset=punycode\n\n" + b"a-\xff" * 5_000,
    "idna": b"Content-Type: text/plain; charset=idna\n\n" + b"xn--a\xff" * 5_000,
    "unicode_escape": b"Content-Type: text/plain; charset=unicode_escape\n\n\\xzz \\d \xff",
    "a broken Message-ID": b"Message-ID: <<>>@[[\nReferences: <<<>>> <\n\nx",
    "Base64 of nothing": b"Content-Transfer-Encoding: base64\n\n====\n=A=\n\xff",
    "HTML 5,000 deep": b"Content-Type: text/html\n\n" + b"<div>" * 5_000 + b"words" + b"<blockquote>" * 5_000,
    "HTML with a declaration": b"Content-Type: text/html\n\n<?xml version='1.0' encoding='x'?><p>words",
    "an endless comment": b"Content-Type: text/html\n\n" + b"<!--" * 50_000,
    "a date of the year 99999": b"Date: Mon, 3 May 99999999999 10:00:00 +9999\n\nx",
    "On … wrote: without end": b"Subject: Re: x\n\n" + b"On Monday, " * 40_000 + b"wrote:\n",
    "40,000 quoted heads": b"\n" + b"From: a\nSent: b\nTo: c\n" * 40_000,
    "40,000 rules": b"\n" + b"-- \n" * 40_000,
    "`<` alone": b"Content-Type: text/html\n\n" + b"<" * 400_000,
    "links without end": b"Content-Type: text/html\n\n" + b"<a href=" * 50_000,
    "a link of 400 kB": b"Content-Type: text/html\n\n<a href='" + b"a" * 400_000,
    "scripts that never end": b"Content-Type: text/html\n\n" + b"<script>" * 50_000,
    "200 mails attached": b"Content-Type: multipart/mixed; boundary=b\n\n"
    + (b"--b\nContent-Type: application/octet-stream; name=a.eml\n\n" + b"a\x00\xff" * 30_000 + b"\n") * 200,
    "200 texts attached": b"Content-Type: multipart/mixed; boundary=b\n\n"
    + (b"--b\nContent-Disposition: attachment\n\n" + b"\xe9 words +" * 10_000 + b"\n") * 200,
    "dashes": b"From: MAILER-DAEMON@x.example\nSubject: undeliverable\n\n" + (b"-" * 400 + b"\n") * 500,
    "at signs": b"From: MAILER-DAEMON@x.example\nSubject: undeliverable\n\nnot delivered " + b"a@" * 20_000,
    "spaces": b"From: MAILER-DAEMON@x.example\nSubject: undeliverable\n\n" + b" " * 100_000 + b"x",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_mail_is_read_within_a_second(name: str) -> None:
    """The attacks of which the standard library's parser dies, and some on our own patterns: bounded time, no crash."""
    begun = time.perf_counter()
    message = read_message(HOSTILE[name])
    triage(message, BOOK)
    clues(message, frozenset())
    assert len(message.unseen) <= LONGEST_UNSEEN
    read_body(HOSTILE[name])
    assert time.perf_counter() - begun < 5.0  # a second on a quiet machine


def test_a_giant_goes_into_quarantine() -> None:
    """25 MB: more is never read, and it is told as an InboxError that names its size."""
    with pytest.raises(QuarantinedMail, match="25,000,001 bytes") as told:
        read_message(b"x" * (LARGEST + 1))
    assert isinstance(told.value, InboxError)


@settings(max_examples=300)
@given(st.binary(max_size=3_000))
def test_any_bytes_are_read(raw: bytes) -> None:
    """Whatever arrives, the mail and its verdict are values."""
    triage(read_message(raw), BOOK)
    triage(read_body(raw), BOOK)


@pytest.mark.parametrize("seed", range(8))
def test_mutations_of_good_mail_are_read(seed: int) -> None:
    """Bytes flipped, cut out, doubled and swapped, 250 times each seed: no crash."""
    dice = random.Random(seed)
    for _ in range(250):
        raw = bytearray(dice.choice([_report(), _answer()]))
        for _ in range(dice.randint(1, 12)):
            at, to = sorted(dice.randrange(len(raw)) for _ in range(2)) if len(raw) > 1 else (0, 0)
            raw[at:to] = dice.choice([b"", raw[at:to] * 2, bytes([dice.randrange(256)]), b"\n", b"--B", b'"', b"=?"])
            raw = raw or bytearray(b"x")
        triage(read_message(bytes(raw)), BOOK)


def test_an_answer_is_read_as_a_reader_sees_it() -> None:
    """Subject and names decoded, the plain text, the ids, and attachments by a harmless name."""
    mail = read_message(_answer())
    assert (mail.sender, mail.sender_name) == ("office@gov.example", "Büro")
    assert mail.subject == "Re: Brief: Überwachung"
    assert mail.in_reply_to == ("<1@campaign.example>",)
    assert mail.recipients == ("replies@campaign.example",)
    assert mail.text.startswith("Vielen Dank.")
    assert [(one.name, one.content_type) for one in mail.attachments] == [("Antwort.pdf", "application/pdf")]
    assert not mail.defects


def test_a_report_is_read_with_the_letter_that_came_back() -> None:
    """RFC 3464 2.2 and 2.3, and the head of our letter, with its Message-ID."""
    mail = read_message(_report())
    assert mail.report_fields == {"reporting-mta": "dns; mx.example"}
    assert [one.fields["status"] for one in mail.report] == ["5.1.1"]
    assert "<1@campaign.example>" in mail.returned


def test_a_receipt_is_read_by_its_fields() -> None:
    """RFC 8098 3.1; nothing of it is a delivery status."""
    raw = (
        b"Content-Type: multipart/report; report-type=disposition-notification; boundary=B\n\n--B\n\nwas read\n"
        b"--B\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; x@gov.example\n"
        b"Original-Message-ID: <1@campaign.example>\nDisposition: manual-action/MDN-sent-manually; displayed\n--B--\n"
    )
    mail = read_message(raw)
    assert mail.receipt["original-message-id"] == "<1@campaign.example>"
    assert (mail.report, mail.report_fields) == ((), {})


@pytest.mark.parametrize(
    ("kind", "inside"),
    [
        ("text/html", b"<p>see <a href = 'x:SECRET'>here</a>"),
        ("text/html", b"<p hidden>SEC&#82;ET</p>"),
        ("text/html", b"<img src='data:" + b"A" * 300_000 + b"'>SECRET"),
        ("text/plain; name=a.txt\nContent-Disposition: attachment", b"SECRET"),
        ("message/rfc822", b"Message-ID: <SECRET>"),
        ("application/octet-stream; name=Brief.EML", b"Message-ID: <SECRET>"),
        ("application/pkcs7-mime; name=x", b"0\x80\x06\x09SECRET\x00\x00"),
        ("application/octet-stream; name=letter.msg", "SECRET".encode("utf-16-le")),
        ("application/ms-tnef; name=winmail.dat", b"\x78\x9f\x3e\x22SECRET\x00"),
    ],
    ids=["link", "HTML", "behind a picture", "text", "mail", "named .eml", "S/MIME", "Outlook's UTF-16", "TNEF"],
)
def test_what_no_reader_sees_at_once_is_kept_apart(kind: str, inside: bytes) -> None:
    """It can be searched, and never becomes the mail's text."""
    raw = b"Content-Type: multipart/mixed; boundary=B\n\n--B\n\nYes.\n--B\nContent-Type: %b\n\n%b\n--B--\n"
    mail = read_message(raw % (kind.encode(), inside))
    assert "SECRET" in mail.unseen
    assert mail.text == "Yes."


def test_other_attachments_are_not_searched() -> None:
    """A PDF or a picture is nobody's text."""
    raw = b"Content-Type: application/pdf; name=a.pdf\nContent-Disposition: attachment\n\n%PDF SECRET"
    assert read_message(raw).unseen == ""


def test_html_alone_becomes_text_with_its_quotes_marked() -> None:
    """Tags gone, and what a mail program puts into a blockquote begins with ">"."""
    raw = b"Content-Type: text/html\n\n<p>Yes.</p><blockquote type=cite><p>Will you?<br>Please.</blockquote>"
    assert read_message(raw).text.split("\n") == ["Yes.", "", "> Will you?", "> Please."]


@pytest.mark.parametrize(
    ("charset", "raw", "words"),
    [
        ("windows-1251", "Здравейте".encode("cp1251"), "Здравейте"),
        ("koi8-r", "Здравствуйте".encode("koi8-r"), "Здравствуйте"),
        ("iso-8859-7", "Καλημέρα".encode("iso-8859-7"), "Καλημέρα"),
        ("iso-8859-8-i", "שלום".encode("iso-8859-8"), "שלום"),
        ("windows-1256", "مرحبا".encode("cp1256"), "مرحبا"),
        ("iso-8859-1", b"\x93quoted\x94", "“quoted”"),  # WHATWG: Latin-1 is Windows-1252 in the wild
        ("us-ascii", "naïve".encode(), "naïve"),
        ("no-such", "naïve".encode(), "naïve"),
    ],
)
def test_charsets_of_many_scripts_are_read(charset: str, raw: bytes, words: str) -> None:
    """Also those that lie, or that nobody knows."""
    assert read_message(b"Content-Type: text/plain; charset=" + charset.encode() + b"\n\n" + raw).text == words
