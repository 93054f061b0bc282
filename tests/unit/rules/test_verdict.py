"""What a server's answer means: the fault list of the protocol, as one table."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.errors import LoginRefused, OutcomeUnknown, TransportError, Unavailable
from outreach.model.receipt import Answer, Phase
from outreach.model.status import HeldReason, Status, may_become
from outreach.rules.verdict import GIVE_UP, LONGEST_PAUSE, LONGEST_WAIT, Fault, fault_of, judge, judge_loss

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MAIL, RCPT, DATA, BODY, DOT = Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.BODY, Phase.DOT
TALK = (MAIL, RCPT, DATA, BODY, DOT)

#: The server's words as servers say them, and whose fault they are.
TABLE = [
    # The account's or the server's trouble
    ("421 in MAIL", MAIL, 421, "4.3.2 Service shutting down", Fault.CHANNEL),
    ("421 in RCPT", RCPT, 421, "4.7.0 Too many errors", Fault.CHANNEL),
    ("421 after the dot", DOT, 421, "4.4.2 Timeout", Fault.CHANNEL),
    ("421 beats a full mailbox", RCPT, 421, "4.2.2 Mailbox full", Fault.CHANNEL),
    ("454 TLS or login for now", MAIL, 454, "4.7.0 Temporary authentication failure", Fault.CHANNEL),
    ("454 Amazon SES rate", DOT, 454, "Throttling failure: Maximum sending rate exceeded.", Fault.CHANNEL),
    ("432 Microsoft 365 connections", MAIL, 432, "4.3.2 Concurrent connections limit exceeded.", Fault.CHANNEL),
    ("432 Microsoft 365 threads", DOT, 432, "4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded", Fault.CHANNEL),
    ("451 4.7.x", DOT, 451, "4.7.500 Server busy", Fault.CHANNEL),
    ("450 Gmail 4.7.28", DOT, 450, "4.7.28 Unusual rate of unsolicited mail", Fault.CHANNEL),
    ("452 disk full", MAIL, 452, "4.3.1 Insufficient system storage", Fault.CHANNEL),
    ("452 disk full, bare", RCPT, 452, "Requested action not taken: insufficient system storage", Fault.CHANNEL),
    ("452 too many recipients", RCPT, 452, "4.5.3 Too many recipients", Fault.CHANNEL),
    ("530 no login", MAIL, 530, "5.7.0 Authentication required", Fault.LOGIN),
    ("534 app password wanted", MAIL, 534, "5.7.9 Application-specific password required", Fault.LOGIN),
    ("535 bad login", MAIL, 535, "5.7.8 Username and Password not accepted", Fault.LOGIN),
    ("550 Gmail daily limit", RCPT, 550, "5.4.5 Daily user sending limit exceeded.", Fault.QUOTA),
    ("554 Microsoft 365 quota", DOT, 554, "5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException",
     Fault.QUOTA),
    ("554 Microsoft 365 our own box is full", DOT, 554,
     "5.2.2 mailbox full; STOREDRV.Submission.Exception:QuotaExceededException.MapiExceptionQuotaExceeded",
     Fault.QUOTA),
    ("550 Microsoft 365 throttled", MAIL, 550, "5.2.252 Sender throttled due to continuous send as denied errors.",
     Fault.QUOTA),
    ("454 Amazon SES day", DOT, 454, "Throttling failure: Daily message quota exceeded.", Fault.QUOTA),
    ("554 a provider's own words", RCPT, 554, "5.7.1 Recipient address rejected: You have exceeded your quota",
     Fault.QUOTA),
    ("550 sender unknown to it", MAIL, 550, "5.1.0 Sender rejected", Fault.SENDER),
    ("553 sender not owned", MAIL, 553, "5.7.1 Sender address rejected: not owned by user", Fault.SENDER),
    ("550 sender, said at RCPT", RCPT, 550, "5.1.8 Sender address rejected: Domain not found", Fault.SENDER),
    ("554 send as denied", DOT, 554, "5.2.252 SendAsDenied; a@x.example not allowed to send as b@x.example",
     Fault.SENDER),
    ("554 Amazon SES sandbox", DOT, 554, "Message rejected: Email address is not verified.", Fault.SENDER),
    # Come again
    ("450 greylisted, postgrey", RCPT, 450, "4.2.0 <x@y.example>: Recipient address rejected: Greylisted",
     Fault.GREYLISTED),
    ("451 greylisted, 4.7.1", RCPT, 451, "4.7.1 Please try again later", Fault.GREYLISTED),
    ("451 greylisted at DATA", DATA, 451, "4.7.1 Greylisting in action, please come back later", Fault.GREYLISTED),
    ("451 graylisted, American", RCPT, 451, "Graylisted - wait 300 seconds", Fault.GREYLISTED),
    ("450 at RCPT, bare", RCPT, 450, "Requested mail action not taken: mailbox unavailable", Fault.GREYLISTED),
    ("450 Gmail, box receives too fast", RCPT, 450,
     "4.2.1 The user you are trying to contact is receiving mail at a rate that prevents delivery", Fault.GREYLISTED),
    ("451 local error", DOT, 451, "4.3.0 Error: queue file write error", Fault.DEFERRED),
    ("450 in DATA", DATA, 450, "try later", Fault.DEFERRED),
    ("442, which no RFC knows", RCPT, 442, "hm", Fault.DEFERRED),
    ("452 mailbox full", RCPT, 452, "4.2.2 The email account that you tried to reach is over quota",
     Fault.MAILBOX_FULL),
    ("552 mailbox full", RCPT, 552, "5.2.2 Mailbox full", Fault.MAILBOX_FULL),
    ("552 mailbox full after the dot", DOT, 552, "5.2.2 Mailbox full", Fault.MAILBOX_FULL),
    ("552 mailbox full, bare", RCPT, 552, "Requested mail action aborted: exceeded storage allocation",
     Fault.MAILBOX_FULL),
    # Too large
    ("552 size known before", MAIL, 552, "5.3.4 the server takes 1,000 bytes, the letter has 2,000 (not sent)",
     Fault.SIZE),
    ("552 size, RFC 1870", MAIL, 552, "Message size exceeds fixed limit", Fault.SIZE),
    ("552 size, Gmail", DOT, 552, "5.2.3 Your message exceeded the size limits", Fault.SIZE),
    ("552 size, bare", DOT, 552, "Error: Too much mail data: message too large", Fault.SIZE),
    # The address
    ("550 nobody there", RCPT, 550, "5.1.1 The email account that you tried to reach does not exist", Fault.ADDRESS),
    ("550 Exchange, nobody there", RCPT, 550, "5.1.10 RecipientNotFound", Fault.ADDRESS),
    ("550 no such domain", RCPT, 550, "5.1.2 Bad destination system address", Fault.ADDRESS),
    ("550 nobody there, after the dot", DOT, 550, "5.1.1 User unknown", Fault.ADDRESS),
    ("501 bad address", RCPT, 501, "5.1.3 Bad recipient address syntax", Fault.ADDRESS),
    ("550 box disabled", RCPT, 550, "5.2.1 Mailbox disabled", Fault.ADDRESS),
    ("550 Microsoft 365, nobody there", RCPT, 550, "5.4.1 Recipient address rejected: Access denied", Fault.ADDRESS),
    ("550 nobody there, without codes", RCPT, 550, "No such user here", Fault.ADDRESS),
    ("550 nobody there, another way", RCPT, 550, "<x@y.example>: recipient doesn't exist", Fault.ADDRESS),
    ("556 takes no mail", RCPT, 556, "5.1.10 Null MX", Fault.ADDRESS),
    # Policy
    ("550 policy", RCPT, 550, "5.7.1 Message rejected", Fault.POLICY),
    ("554 policy after the dot", DOT, 554, "5.7.1 Spam message rejected", Fault.POLICY),
    ("550 Gmail, not authenticated", DOT, 550, "5.7.26 Unauthenticated email from x.example", Fault.POLICY),
    ("550 Microsoft, not authenticated", DOT, 550, "5.7.515 Access denied, sending domain", Fault.POLICY),
    ("552 attachment", DOT, 552, "5.7.0 This message was blocked because its content presents a potential issue",
     Fault.POLICY),
    ("554 policy, without codes", DOT, 554, "Message looks like spam", Fault.POLICY),
    # For good, and nobody's in particular
    ("550 without a reason", RCPT, 550, "Requested action not taken", Fault.REFUSED),
    ("554 without a reason", DOT, 554, "Transaction failed", Fault.REFUSED),
    ("503 out of step", DATA, 503, "5.5.1 Bad sequence of commands", Fault.REFUSED),
    ("an enhanced code that contradicts the code counts for nothing", DOT, 550, "2.1.1 what", Fault.REFUSED),
]  # fmt: skip

#: What each fault does: status, charged, address_bad, channel_pause, stop, policy, and the first wait in minutes.
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
EFFECTS = {
    Fault.LOGIN: (Status.QUEUED, False, False, None, True, False, None),
    Fault.SENDER: (Status.QUEUED, False, False, None, True, False, None),
    Fault.QUOTA: (Status.QUEUED, False, False, HOUR, False, False, (60, 60)),
    Fault.CHANNEL: (Status.QUEUED, False, False, MINUTE, False, False, (5, 5)),
    Fault.GREYLISTED: (Status.QUEUED, True, False, None, False, False, (5, 7.5)),
    Fault.DEFERRED: (Status.QUEUED, True, False, None, False, False, (15, 30)),
    Fault.MAILBOX_FULL: (Status.QUEUED, True, False, None, False, False, (120, 180)),
    Fault.ADDRESS: (Status.REJECTED, True, True, None, False, False, None),
    Fault.POLICY: (Status.REJECTED, True, False, None, False, True, None),
    Fault.REFUSED: (Status.REJECTED, True, False, None, False, False, None),
}

answers = st.builds(Answer, phase=st.sampled_from(TALK), code=st.integers(400, 599), text=st.text(max_size=40))


@pytest.mark.parametrize(("phase", "code", "text", "fault"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_every_refusal_is_somebodys_fault_and_has_that_faults_effect(phase, code, text, fault):
    """Letter's, address's and account's faults are told apart; only the letter's own count as tries."""
    answer = Answer(phase=phase, code=code, text=text)

    verdict = judge(answer, tries=0, now=NOW, dispatch="d1")

    assert fault_of(answer) is fault
    if fault is Fault.SIZE:
        gone = phase is DOT
        assert verdict.status is (Status.REJECTED if gone else Status.HELD)
        assert verdict.held is (None if gone else HeldReason.SIZE)
        return
    status, charged, address_bad, pause, stop, policy, wait = EFFECTS[fault]
    assert (verdict.status, verdict.charged, verdict.address_bad) == (status, charged, address_bad)
    assert (verdict.channel_pause, verdict.stop, verdict.policy) == (pause, stop, policy)
    if wait is None:
        assert verdict.next_at is None
    else:
        assert timedelta(minutes=wait[0]) <= verdict.next_at - NOW <= timedelta(minutes=wait[1])


@pytest.mark.parametrize("code", [250, 251])
def test_only_a_250_after_the_dot_is_acceptance(code):
    """The same code in an earlier phase is no verdict on a letter at all."""
    assert judge(Answer(phase=DOT, code=code, text="2.0.0 queued"), tries=3, now=NOW).status is Status.ACCEPTED
    with pytest.raises(ValueError, match="no refusal"):
        judge(Answer(phase=RCPT, code=code, text="2.1.5 OK"), tries=0, now=NOW)


@given(answers, st.integers(0, 60), st.text(max_size=5))
def test_every_verdict_is_a_way_the_status_table_knows(answer, tries, dispatch):
    """From claimed before the mark, from claimed or committed with the body, from committed after the mark."""
    verdict = judge(answer, tries=tries, now=NOW, dispatch=dispatch)

    assert verdict.status is not Status.ACCEPTED
    assert may_become(Status.COMMITTED if answer.phase in {BODY, DOT} else Status.CLAIMED, verdict.status)
    assert verdict.next_at is None or (verdict.status is Status.QUEUED and verdict.next_at > NOW)
    assert (verdict.held is not None) is (verdict.status is Status.HELD)
    assert not (verdict.stop and verdict.charged)


@given(answers, st.integers(0, 60), st.text(max_size=5))
def test_the_same_question_has_the_same_answer(answer, tries, dispatch):
    """Jitter comes from the letter and its tries: no chance, no clock."""
    assert judge(answer, tries=tries, now=NOW, dispatch=dispatch) == judge(
        answer, tries=tries, now=NOW, dispatch=dispatch
    )


def test_waits_double_up_to_four_hours_and_differ_between_letters():
    """20, 40, 80, 160 minutes ± a fifth, then at most four hours."""
    answer = Answer(phase=DOT, code=451, text="4.3.0 later")
    for tries, minutes in enumerate([20, 40, 80, 160, 240, 240]):
        waits = {judge(answer, tries=tries, now=NOW, dispatch=f"d{n}").next_at - NOW for n in range(50)}
        assert len(waits) > (40 if minutes < 240 else 20)
        assert timedelta(minutes=minutes) * 0.8 <= min(waits)
        assert max(waits) <= min(timedelta(minutes=minutes) * 1.2, LONGEST_WAIT)


@pytest.mark.parametrize(
    "text", ["4.3.0 later", "4.2.2 over quota", "4.2.0 Greylisted"], ids=["deferred", "mailbox full", "greylisted"]
)
def test_after_five_days_a_letter_is_given_up(text):
    """By the first try's date when it is known, else by what so many waits add up to; never in the fault of others."""
    answer = Answer(phase=RCPT, code=450, text=text)
    last = next(tries for tries in range(100) if judge(answer, tries=tries, now=NOW).status is Status.REJECTED)

    assert 28 <= last <= 36
    assert "5 days" in judge(answer, tries=last, now=NOW).reason
    assert not judge(answer, tries=last, now=NOW).address_bad
    assert judge(answer, tries=3, now=NOW, since=NOW - GIVE_UP).status is Status.REJECTED
    assert judge(answer, tries=99, now=NOW, since=NOW - GIVE_UP / 2).status is Status.QUEUED
    assert judge(Answer(phase=RCPT, code=421, text=text), tries=last, now=NOW).status is Status.QUEUED


@pytest.mark.parametrize(("troubles", "minutes"), [(0, 1), (1, 2), (3, 8), (7, 128), (8, 240), (500, 240)])
def test_the_accounts_pause_doubles_up_to_four_hours(troubles, minutes):
    """For answers and for losses alike."""
    said = judge(Answer(phase=MAIL, code=421, text=""), tries=0, now=NOW, troubles=troubles)
    lost = judge_loss(Unavailable("gone", phase=Phase.CONNECT), now=NOW, troubles=troubles)

    assert said.channel_pause == lost.channel_pause == min(timedelta(minutes=minutes), LONGEST_PAUSE)


@pytest.mark.parametrize(
    ("error", "status", "pauses", "stops", "waits"),
    [
        (Unavailable("no name", phase=Phase.CONNECT), Status.QUEUED, True, False, False),
        (Unavailable("554", phase=Phase.CONNECT, code=554), Status.QUEUED, True, False, False),
        (Unavailable("454", phase=Phase.LOGIN, code=454), Status.QUEUED, True, False, False),
        (Unavailable("drop", phase=MAIL), Status.QUEUED, True, False, True),
        (Unavailable("drop", phase=RCPT), Status.QUEUED, True, False, True),
        (Unavailable("drop", phase=DATA), Status.QUEUED, True, False, True),
        (Unavailable("drop", phase=BODY), Status.QUEUED, True, False, True),
        (OutcomeUnknown("drop", phase=DOT), Status.IN_DOUBT, True, False, False),
        (LoginRefused("535", phase=Phase.LOGIN, code=535), Status.QUEUED, False, True, False),
        (TransportError("bad address", phase=RCPT), Status.HELD, False, False, False),
    ],
    ids=lambda value: f"{type(value).__name__} {value.phase}" if isinstance(value, TransportError) else None,
)  # fmt: skip
def test_a_loss_means_what_its_phase_says(error, status, pauses, stops, waits):
    """Before the mark the letter may go again, after it never by itself; nothing of it counts as a try."""
    verdict = judge_loss(error, now=NOW)

    assert (verdict.status, verdict.channel_pause is not None, verdict.stop) == (status, pauses, stops)
    assert (verdict.next_at is not None) is waits
    assert verdict.charged is (status in {Status.IN_DOUBT, Status.HELD})
