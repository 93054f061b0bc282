"""Bounces: the standard report, what servers write instead of it, and what only looks like one. All synthetic."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from outreach.inbox.message import read_message
from outreach.inbox.packs import packs
from outreach.model.inbound import InboundKind, Triage
from outreach.rules.phrasebook import phrasebook
from outreach.rules.triage import triage

BOOK = phrasebook(packs())
WHO = "minister@trade.example"


def _judged(mail: str) -> Triage:
    return triage(read_message(mail.encode()), BOOK)


def _report(fields: str, *, head: str = "From: MAILER-DAEMON@mx.example", text: str = "See below.") -> str:
    return f"""{head}
To: us@campaign.example
Subject: Delivery Status Notification (Failure)
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

{text}
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

{fields}
--B
Content-Type: message/rfc822

From: us@campaign.example
To: {WHO}
Subject: Open letter

Excellency
--B--
"""


def _plain(text: str, *, sender: str = "MAILER-DAEMON@mx.example", subject: str = "Undelivered mail") -> str:
    return f"From: {sender}\nTo: us@campaign.example\nSubject: {subject}\n\n{text}\n"


def _multipart(report: str) -> str:
    return f"From: a@gov.example\nContent-Type: multipart/report; report-type={report}; boundary=B\n\n--B\n\nok\n--B--"


REPORTS = [
    # what it shows, the fields, hard, final
    ("RFC 3463 X.1.1", "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 User unknown", True, True),
    ("RFC 3463 X.1.2", "Action: failed\nStatus: 5.1.2", True, True),
    ("RFC 3463 X.1.6", "Action: failed\nStatus: 5.1.6\nDiagnostic-Code: smtp; 551 not our user", True, True),
    ("RFC 7505 null MX", "Action: failed\nStatus: 5.1.10", True, True),
    ("X.2.1 alone: it takes nothing now", "Action: failed\nStatus: 5.2.1", False, True),
    ("X.2.2 with a 5", "Action: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 5.2.2 Mailbox full", False, True),
    ("size", "Action: failed\nStatus: 5.3.4\nDiagnostic-Code: smtp; 552 5.3.4 Message too large", False, True),
    (
        "a block that says 5.1.1",
        "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 blocked by Example RBL",
        False,
        True,
    ),
    ("DMARC", "Action: failed\nStatus: 5.7.26\nDiagnostic-Code: smtp; 550 5.7.26 fails DMARC policy", False, True),
    ("reverse DNS", "Action: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 554 Reverse DNS failed", False, True),
    ("RFC 3464 2.3.3 delayed", "Action: delayed\nStatus: 4.4.1\nDiagnostic-Code: smtp; timed out", False, False),
    ("given up, with a 4", "Action: failed\nStatus: 4.4.7\nDiagnostic-Code: smtp; message expired", False, True),
    (
        "Exchange's words",
        "Action: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp;550 RESOLVER.ADR.RecipNotFound; not found",
        True,
        True,
    ),
    ("no action at all", "Status: 5.1.1", True, True),
    ("another word for given up", "Action: expired\nStatus: 4.4.7", False, True),
    ("another word for failed", "Action: Failure\nStatus: 5.1.1", True, True),
    ("another word for delayed", "Action: delay\nStatus: 4.4.1", False, False),
    ("words after the code, in brackets", "Action: failed (bad destination)\nStatus: 5.1.1 (bad mailbox)", True, True),
]


@pytest.mark.parametrize(("shows", "fields", "hard", "final"), REPORTS)
def test_a_standard_report_says_whose_address_and_whether_it_is_bad(
    shows: str, fields: str, hard: bool, final: bool
) -> None:
    """RFC 3464: the words decide, then the code's detail, never its first digit."""
    verdict = _judged(_report(f"Final-Recipient: rfc822; {WHO}\n{fields}"))
    assert verdict.kind is (InboundKind.BOUNCE_HARD if hard else InboundKind.BOUNCE_SOFT), verdict.rule
    assert (verdict.recipient, verdict.hard, verdict.final) == (WHO, hard, final)
    assert verdict.rule.startswith("dsn.")


def test_the_address_that_we_wrote_to_counts_not_the_one_it_was_forwarded_to() -> None:
    """RFC 3464 2.3.1: Original-Recipient is ours."""
    fields = (
        f"Original-Recipient: rfc822;{WHO}\nFinal-Recipient: rfc822; x@other.example\nAction: failed\nStatus: 5.1.1"
    )
    assert _judged(_report(fields)).recipient == WHO


def test_gmail_says_in_the_text_what_its_fields_leave_out() -> None:
    """Gmail: Status 5.0.0 and no diagnostic code, "Address not found" beside it."""
    text = f"** Address not found **\n\nYour message wasn't delivered to {WHO} because the address couldn't be found."
    assert _judged(_report(f"Final-Recipient: rfc822; {WHO}\nAction: failed\nStatus: 5.0.0", text=text)).hard is True


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_a_report_of_success_is_no_bounce(action: str) -> None:
    """RFC 3464 2.3.3."""
    verdict = _judged(_report(f"Final-Recipient: rfc822; {WHO}\nAction: {action}\nStatus: 2.0.0"))
    assert verdict.kind is InboundKind.OTHER


def test_a_receipt_of_reading_is_neither_bounce_nor_answer() -> None:
    """RFC 8098."""
    mail = _multipart("disposition-notification")
    assert _judged(mail).kind is InboundKind.OTHER


def _receipt(kind: str, *, text: str = "was read", head: str = "Subject: Read: your letter") -> str:
    return f"""From: a@gov.example
{head}
Content-Type: multipart/{kind}; boundary=B

--B

{text}
--B
Content-Type: message/disposition-notification

Final-Recipient: rfc822; {WHO}
Original-Message-ID: <1@campaign.example>
Disposition: automatic-action/MDN-sent-automatically; deleted
--B--"""


@pytest.mark.parametrize("kind", ["report", "report; report-type=receipt"])
def test_a_receipt_that_says_its_type_wrongly_is_one_by_its_part(kind: str) -> None:
    """RFC 6522 wants report-type; the part itself says what it is, and a receipt must not end the reminders."""
    verdict = _judged(_receipt(kind))
    assert (verdict.kind, verdict.rule) == (InboundKind.OTHER, "mdn")


def test_a_receipt_within_a_persons_mail_is_an_attachment() -> None:
    """Only multipart/report is a machine's, and only its receipt says what the mail answers."""
    mail = _receipt("mixed", text="Somebody sent us this receipt. We shall answer.")
    assert _judged(mail).kind is InboundKind.REPLY
    assert read_message(mail.encode()).receipt == {}


def test_a_mailbox_that_rejects_by_a_receipt_is_a_bounce() -> None:
    """Dovecot's form of Sieve's reject (RFC 5429): a disposition notification which says that nothing arrived."""
    verdict = _judged(
        _receipt(
            "report; report-type=disposition-notification",
            text=f"Your message to <{WHO}> was automatically rejected:\nQuota exceeded",
            head="Return-Path: <>\nSubject: Automatically rejected mail",
        )
    )
    assert (verdict.kind, verdict.recipient) == (InboundKind.BOUNCE_SOFT, WHO)


def test_an_abuse_report_is_a_complaint() -> None:
    """RFC 5965."""
    mail = _multipart("feedback-report")
    assert _judged(mail).kind is InboundKind.COMPLAINT


def test_a_person_who_forwards_a_report_is_no_bounce() -> None:
    """A report within a person's mail is an attachment."""
    inner = _report(f"Final-Recipient: rfc822; {WHO}\nAction: failed\nStatus: 5.1.1")
    mail = (
        "From: clerk@gov.example\nSubject: Fwd: Delivery Status Notification (Failure)\n"
        f"Content-Type: multipart/mixed; boundary=C\n\n--C\n\nThis came to us by mistake, I think.\n--C\n"
        f"Content-Type: message/rfc822\n\n{inner}\n--C--\n"
    )
    assert _judged(mail).kind is InboundKind.REPLY


TOLD = [tuple(one.values()) for one in tomllib.loads(Path(__file__).with_name("told.toml").read_text("utf-8"))["told"]]


@pytest.mark.parametrize(("family", "sender", "subject", "hard", "final", "text"), TOLD, ids=[one[0] for one in TOLD])
def test_a_server_that_writes_no_report_is_understood(
    family: str, sender: str, subject: str, hard: bool, final: bool, text: str
) -> None:
    """Each family's own words: whose address, bad or not, given up or not."""
    verdict = _judged(_plain(text, sender=sender, subject=subject))
    assert verdict.rule.startswith("bounce."), verdict.rule
    assert (verdict.recipient, verdict.hard, verdict.final) == (WHO, hard, final), verdict.rule


SEVERAL = f"""This is the mail system at host mx.example.

<{WHO}>: host mx.trade.example said: 550 5.1.1 User unknown

<other@trade.example>: host mx.trade.example said: 552 5.2.2 Mailbox full
"""


def test_of_several_recipients_each_has_its_own_reason() -> None:
    """qmail, Postfix and Exim list them one below the other; what is said of another one counts for nothing."""
    verdict = _judged(_plain(SEVERAL))
    assert (verdict.recipient, verdict.hard) == (WHO, True), verdict.rule
    other = _judged(
        _plain(
            SEVERAL.replace("550 5.1.1 User unknown", "554 5.7.1 Spam").replace(
                "552 5.2.2 Mailbox full", "550 5.1.1 User unknown"
            )
        )
    )
    assert (other.recipient, other.hard) == (WHO, False), other.rule


AFTER = [
    # what was said, whether the address is bad
    ("550 Unknown user (in reply to RCPT TO command)", True),
    ("550 Unknown user (in reply to end of DATA command)", False),
    ("550 5.1.1 Unknown user (in reply to end of DATA command)", True),
    ("554 This user doesn't have an account here (in reply to end of DATA command)", True),
    ("550 5.2.1 User unknown", False),
    ("550 5.2.1 User unknown (in reply to RCPT TO command)", True),
]


@pytest.mark.parametrize(("said", "hard"), AFTER)
def test_who_was_accepted_is_not_unknown(said: str, hard: bool) -> None:
    """RFC 5321 3.3: after RCPT the server refuses the letter; RFC 3463 X.2.1: the box is there."""
    verdict = _judged(_plain(f"This is the mail system at host mx.example.\n\n<{WHO}>: host mx said: {said}"))
    assert (verdict.recipient, verdict.hard) == (WHO, hard), verdict.rule


def test_exims_own_field_is_enough() -> None:
    """X-Failed-Recipients, from Exim and Gmail, whatever the words are."""
    mail = f"X-Failed-Recipients: {WHO}\n" + _plain("We have no such box.", sender="x@mx.example", subject="Your mail")
    verdict = _judged(mail)
    assert (verdict.kind, verdict.recipient) == (InboundKind.BOUNCE_HARD, WHO), verdict.rule


NOT = tomllib.loads(Path(__file__).with_name("not_come_back.toml").read_text("utf-8"))


@pytest.mark.parametrize("one", NOT["person"], ids=[one["subject"] for one in NOT["person"]])
def test_a_person_who_speaks_of_a_bounce_is_read(one: dict[str, str]) -> None:
    """Under a bounce's own subject, with its codes, from a postmaster's box: it stays an answer."""
    verdict = _judged(_plain(one["text"], sender=one["sender"], subject=one["subject"]))
    assert verdict.kind is InboundKind.REPLY, verdict.rule


@pytest.mark.parametrize("one", NOT["machine"], ids=[one["subject"] for one in NOT["machine"]])
def test_an_automatic_reply_is_no_bounce(one: dict[str, str]) -> None:
    """RFC 3834 3.3: the empty sender is a mail system's and theirs."""
    head = "Return-Path: <>\nAuto-Submitted: auto-replied\n"
    verdict = _judged(head + _plain(one["text"], sender=one["sender"], subject=one["subject"]))
    assert not verdict.rule.startswith(("bounce.", "dsn.")), verdict.rule


def test_a_postmasters_own_answer_is_an_answer() -> None:
    """RFC 5321 4.5.1: a person reads postmaster's mail, and may write."""
    text = "Dear colleagues, I have looked into your question about our gateway. The minister uses another one."
    assert _judged(_plain(text, sender="postmaster@gov.example", subject="Re: Your question")).kind is InboundKind.REPLY


STRANGE = ("\n" * 6_000 + "-" * 6_000, "-" * 100_000, "* " * 50_000, "a" * 100_000, "a@" * 50_000, "@(" * 50_000)


@pytest.mark.parametrize("words", STRANGE, ids=["lines and dashes", "dashes", "stars", "a word", "addresses", "marks"])
@pytest.mark.parametrize("who", ["MAILER-DAEMON@mx.example", "postmaster@mx.example"])
def test_a_strange_mail_is_judged_all_the_same(who: str, words: str) -> None:
    """A pattern whose parts may match the same would look at some thousands of them for hours."""
    mail = f"From: {who}\nReturn-Path: <>\nSubject: Notice\n\nA word\n{words}\nx\n"
    assert _judged(mail).kind in InboundKind
