"""Mails of strangers: which letter they name and what they are, however they are built."""

from __future__ import annotations

import base64
import quopri
import time
from pathlib import Path

import pytest

from outreach.errors import InboxError
from outreach.inbox import read_mails
from outreach.inbox.mails import seen
from outreach.model.evidence import COPY_MARK, MailKind

ID = "k5rv2mzt3yqhd7k5rv2mzt3yqh"
MESSAGE_ID = f"<o.spring.{ID}@org.example>"
TEXT = f"Your letter {MESSAGE_ID} of 4 March has arrived.\r\n"


def mail(head: str = "", body: str = TEXT) -> bytes:
    return f"From: office@mfa.example\r\nSubject: Your letter\r\n{head}\r\n{body}".encode()


ROWS = [
    ("answer", mail(), MailKind.REPLY),
    ("answer-no", mail("Auto-Submitted: no\r\n"), MailKind.REPLY),
    ("automatic", mail("Auto-Submitted: auto-replied (vacation)\r\n"), MailKind.AUTO_REPLY),
    ("automatic-exchange", mail("X-Auto-Response-Suppress: All\r\n"), MailKind.AUTO_REPLY),
    ("robot", mail().replace(b"office@", b"MAILER-DAEMON@"), MailKind.BOUNCE),
    ("no-return-path", mail("Return-Path: <>\r\n"), MailKind.AUTO_REPLY),
    ("dsn", mail('Content-Type: multipart/report; report-type="delivery-status"; boundary=b\r\n'), MailKind.BOUNCE),
    ("the-letter", mail(f"Message-ID: {MESSAGE_ID}\r\n"), MailKind.LETTER),
]


@pytest.mark.parametrize(("raw", "kind"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_mail_is_known_by_its_head(raw: bytes, kind: MailKind) -> None:
    """Reports, automatic answers (RFC 3834), answers, the letter itself."""
    found = seen(raw, where="INBOX", ids=[ID, "x" * 26])
    assert found is not None
    assert (found.kind, found.names) == (kind, {ID})


def test_a_simulated_mail_is_evidence_of_nothing() -> None:
    """Whatever it names, and whatever it looks like."""
    for name, raw, _ in ROWS:
        assert (
            seen(raw.replace(b"Subject", b"X-Outreach-Simulated: yes\r\nSubject"), where="INBOX", ids=[ID]) is None
        ), name


@pytest.mark.parametrize(
    ("head", "threaded"),
    [
        (f"In-Reply-To: {MESSAGE_ID}\r\n", True),
        (f"References: <1@a.example>\r\n {MESSAGE_ID}\r\n", True),
        (f"To: letters+{ID.upper()}@org.example\r\n", True),
        (f"Delivered-To: letters+{ID}@org.example\r\n", True),
        (f"Reply-To: letters+{ID}@org.example\r\n", False),
    ],
)
def test_an_answer_has_the_id_where_only_an_answer_has_it(head: str, threaded: bool) -> None:
    """In the thread or in its recipient; Reply-To is our own letter's."""
    found = seen(mail(head), where="INBOX", ids=[ID])
    assert found is not None
    assert found.threaded == ({ID} if threaded else set())


@pytest.mark.parametrize(
    ("body", "returned"),
    [
        (f"--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: a\r\nMessage-Id: {MESSAGE_ID}\r\n", True),
        (f"Original-Message-ID: {MESSAGE_ID}\r\n", True),
        (f"X-Original-Message-ID:\r\n {MESSAGE_ID}\r\n", True),
        (quopri.encodestring(b"Message-ID: <o." + b"x" * 60 + MESSAGE_ID[3:].encode()).decode(), True),
        (f"We have no letter with Message-ID: {MESSAGE_ID}.\r\n", False),
        (f"> Message-ID: {MESSAGE_ID}\r\n", False),
        (TEXT, False),
    ],
)
def test_what_comes_back_is_told_from_what_is_merely_named(body: str, returned: bool) -> None:
    """A returned head has the Message-ID at a line's begin; a sentence about it does not."""
    found = seen(mail(body=body), where="INBOX", ids=[ID])
    assert found is not None
    assert found.returned == ({ID} if returned else set())


@pytest.mark.parametrize(
    "body",
    [
        "Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(TEXT.encode() * 9).decode(),
        quopri.encodestring(b"=" * 60 + TEXT.encode()).decode(),
        TEXT.upper(),
    ],
    ids=["base64", "quoted-printable", "capitals"],
)
def test_an_id_is_found_through_the_encodings_of_mail(body: str) -> None:
    """Base64, broken lines, folded case."""
    assert seen(mail(body=body), where="INBOX", ids=[ID]) is not None


def test_copies_of_our_own_are_told() -> None:
    """The mark of a filed copy; whatever is about a copy in the organiser's own box."""
    marked = seen(mail(f"{COPY_MARK}: x\r\nMessage-ID: {MESSAGE_ID}\r\n"), where="Sent", ids=[ID])
    assert marked is not None
    assert marked.ours
    head = f"Message-ID: <to-me.{'z' * 26}@org.example>\r\nReply-To: letters+{ID}@org.example\r\n"
    to_me = seen(mail(head), where="INBOX", ids=[ID])
    assert to_me is not None
    assert to_me.to_me


@pytest.mark.parametrize(
    "raw",
    [
        b"To: " + b"(" * 20_000 + b"\r\nFrom: " + b"(" * 20_000 + b"\r\n\r\n" + TEXT.encode(),
        b"".join(b"X-%d: y\r\n" % n for n in range(50_000)) + b"\r\n" + TEXT.encode(),
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n"
        + b"--a\r\nContent-Type: multipart/mixed\r\n\r\n" * 3_000
        + TEXT.encode(),
        b"Message-ID: <<>>@[[\r\nSubject: =?rot13?q?x?= =?foo-bar?b?eA=?=\r\n\r\n" + TEXT.encode(),
        b"Subject: " + b"=?utf-8?q?a?= " * 20_000 + b"\r\n\r\n" + TEXT.encode(),
        b"From: \xff\xfe\x00\r\nSubject: \x1b[31m\xe2\x80\xae\r\n\r\n" + TEXT.encode(),
        TEXT.encode(),
        (b"A" * 76 + b"\r\n") * 12_000 + TEXT.encode(),
    ],
    ids=["parentheses", "headers", "nested", "charsets", "encoded-words", "bytes", "no-head", "base64"],
)
def test_no_mail_is_too_odd_to_be_looked_at(raw: bytes) -> None:
    """Quickly, without an exception, and with nothing that drives a terminal."""
    begun = time.perf_counter()
    found = seen(raw, where="INBOX", ids=[ID])
    assert time.perf_counter() - begun < 2
    assert found is not None
    assert f"{found.subject}{found.sender}{found.message_id}".isprintable()


def test_mails_are_read_from_files(tmp_path: Path) -> None:
    """Those that name a letter; a file that is none is said."""
    (tmp_path / "answer.eml").write_bytes(mail())
    (tmp_path / "other.eml").write_bytes(mail(body="Hello"))
    (found,) = read_mails([tmp_path / "answer.eml", tmp_path / "other.eml"], [ID])
    assert found.where == "answer.eml"
    with pytest.raises(InboxError, match=r"nowhere\.eml"):
        read_mails([tmp_path / "nowhere.eml"], [ID])
