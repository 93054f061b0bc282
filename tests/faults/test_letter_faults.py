"""The rows of the fault table that are the letter's or its address's fault: that letter alone meets them."""

import re
from datetime import timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise

import pytest

from outreach.errors import Paused
from outreach.model.status import HeldReason, Status
from outreach.rules.verdict import GIVE_UP
from outreach.runner import pause as verbs
from servers.scripted import Script, ScriptedServer
from support.moved_clock import BEGIN, names
from support.real_lines import REFUSED, SECOND_TRY, SENT, WAITING, Fate, Scene

OK = {"mail": "250 2.1.0 OK", "rcpt": "250 2.1.5 OK", "data": "354 Go ahead", "dot": "250 2.0.0 Queued"}
FIRST, *OTHERS = LETTERS = names(4)
HELD = Fate(Status.HELD, copies=0, tries=1)


def first_meets(phase: str, reply: str, extensions: tuple[str, ...]) -> Script:
    """The first letter is answered so, the others are taken."""
    return Script(**{phase: [reply, OK[phase]]}, extensions=extensions)


GREY = [
    pytest.param("rcpt", "450 4.2.0 Greylisted, come again in 300 seconds", id="450-at-rcpt"),
    pytest.param("rcpt", "450 Requested mail action not taken", id="450-bare-at-rcpt"),
    pytest.param("rcpt", "451 4.7.1 Please try again later", id="451-4.7.1-at-rcpt"),
    pytest.param("data", "451 4.7.1 Greylisting in action", id="451-4.7.1-at-data"),
    pytest.param("dot", "451 4.7.1 Greylisted", id="451-4.7.1-after-the-dot"),
]


@pytest.mark.parametrize(("phase", "reply"), GREY)
def test_greylisting_is_answered_with_the_same_envelope_after_five_minutes(
    scene: Scene, extensions: tuple[str, ...], phase: str, reply: str
) -> None:
    """The others do not wait; the second try says the same MAIL and RCPT and is the only copy."""
    scene.book.queue(*LETTERS)
    with ScriptedServer(first_meets(phase, reply, extensions), Script(extensions=extensions)) as server:
        done = scene.send(server.address())
        scene.check_none_left(server, {FIRST: SECOND_TRY} | dict.fromkeys(OTHERS, SENT))
    assert (done.accepted, done.deferred, done.left) == (4, 0, 0)
    assert [one for _, one in scene.tried] == [*LETTERS, FIRST]
    once, again = scene.tries_of(FIRST)
    assert timedelta(minutes=5) <= again - once <= timedelta(minutes=8)
    assert _envelopes(server, FIRST) == [_envelopes(server, FIRST)[0]] * 2


def test_a_greylisted_letter_goes_the_next_day_when_the_run_ended_before(scene: Scene) -> None:
    """Another run, another connection, another day in its Date line: the same envelope, and one copy."""
    scene.book.queue(*LETTERS)
    scene.hours.stop_at = BEGIN + timedelta(minutes=2)
    with ScriptedServer(first_meets(*GREY[0].values, ()), Script()) as server:
        done = scene.send(server.address())
        assert (done.accepted, done.deferred, done.left) == (3, 1, 0)
        scene.hours.stop_at = None
        scene.book.clock.move(hours=26)
        assert scene.send(server.address()).accepted == 1
        scene.check_none_left(server, {FIRST: SECOND_TRY} | dict.fromkeys(OTHERS, SENT))
    sizes = re.compile(rb" SIZE=\d+")
    once, again = (sizes.sub(b"", one) for one in _envelopes(server, FIRST))
    assert once == again
    dates = [parsedate_to_datetime(mail.raw.split(b"\r\n")[0][6:].decode()) for mail in server.mails]
    assert [date.day for date in dates] == [BEGIN.day] * 3 + [BEGIN.day + 1]


FULL = [
    pytest.param("rcpt", "452 4.2.2 The account is over quota", id="452-4.2.2-at-rcpt"),
    pytest.param("rcpt", "552 5.2.2 Mailbox full", id="552-5.2.2-at-rcpt"),
    pytest.param("dot", "552 5.2.2 Mailbox full", id="552-5.2.2-after-the-dot"),
]


@pytest.mark.parametrize(("phase", "reply"), FULL)
def test_a_full_mailbox_is_tried_every_few_hours_and_given_up_after_five_days(
    scene: Scene, phase: str, reply: str
) -> None:
    """The run goes on for those days; then the letter is rejected, and the server has no copy of it."""
    scene.book.queue(*LETTERS)
    with ScriptedServer(first_meets(phase, reply, ()), Script(**{phase: reply})) as server:
        done = scene.send(server.address())
        tries = scene.tries_of(FIRST)
        given_up = Fate(Status.REJECTED, copies=0, tries=len(tries))
        scene.check_none_left(server, {FIRST: given_up} | dict.fromkeys(OTHERS, SENT))
    assert (done.accepted, done.rejected, done.left) == (3, 1, 0)
    spans = [then - now for now, then in pairwise(tries)]
    assert timedelta(hours=2) <= min(spans)
    assert max(spans) <= timedelta(hours=4)
    assert 0.9 * GIVE_UP <= tries[-1] - tries[0] <= 1.1 * GIVE_UP
    assert scene.book.ledger.address_facts() == {}


def test_a_full_mailbox_that_is_emptied_gets_its_letter_once(scene: Scene) -> None:
    """On the third day: one copy, and the tries before it are remembered."""
    scene.book.queue(*LETTERS)
    full = Script(rcpt="552 5.2.2 Mailbox full")
    with ScriptedServer(first_meets("rcpt", "552 5.2.2 Mailbox full", ()), *[full] * 15, Script()) as server:
        assert scene.send(server.address()).accepted == 4
        scene.check_none_left(server, {FIRST: Fate(Status.ACCEPTED, 1, 17)} | dict.fromkeys(OTHERS, SENT))
    assert scene.tries_of(FIRST)[-1] - BEGIN > timedelta(days=2)


BAD_ADDRESS = [
    pytest.param("rcpt", "550 5.1.1 The account does not exist", id="550-5.1.1"),
    pytest.param("rcpt", "550 5.1.10 RecipientNotFound", id="550-5.1.10"),
    pytest.param("rcpt", "550 5.1.2 Bad destination system", id="550-5.1.2"),
    pytest.param("dot", "550 5.1.1 User unknown", id="550-5.1.1-after-the-dot"),
]


@pytest.mark.parametrize(("phase", "reply"), BAD_ADDRESS)
def test_a_bad_address_is_rejected_and_learnt_and_the_next_letters_go(
    scene: Scene, extensions: tuple[str, ...], phase: str, reply: str
) -> None:
    """One connection carries on, and the address is known as bounced with the server's words."""
    scene.book.queue(*LETTERS)
    with ScriptedServer(first_meets(phase, reply, extensions)) as server:
        done = scene.send(server.address())
        scene.check_none_left(server, {FIRST: REFUSED} | dict.fromkeys(OTHERS, SENT))
    assert (done.accepted, done.rejected, done.left) == (3, 1, 0)
    assert (len(server.talks), scene.pauses()) == (1, [])
    (learnt,) = scene.book.ledger.address_facts().values()
    assert learnt.address_norm == f"office@{FIRST}.example"
    assert (learnt.bounced_on, learnt.bounced_text) == (BEGIN.date(), reply[4:])


POLICY = [
    pytest.param("rcpt", "550 5.7.1 Message rejected", id="550-5.7.1"),
    pytest.param("dot", "554 5.7.1 Spam message rejected", id="554-5.7.1"),
    pytest.param("dot", "550 5.7.26 Unauthenticated email is not accepted", id="550-5.7.26"),
    pytest.param("dot", "550 5.7.515 Access denied, sending domain", id="550-5.7.515"),
]


@pytest.mark.parametrize(("phase", "reply"), POLICY)
def test_three_refusals_of_policy_in_a_row_pause_the_campaign_until_somebody_says_go(
    scene: Scene, extensions: tuple[str, ...], phase: str, reply: str
) -> None:
    """Those three are rejected, the rest waits over a restart and a week; after `go` each goes once."""
    some = names(8)
    scene.book.queue(*some)
    with ScriptedServer(Script(**{phase: [OK[phase], reply]}, extensions=extensions)) as server:
        done = scene.send(server.address())
        fates = {some[0]: SENT} | dict.fromkeys(some[1:4], REFUSED) | dict.fromkeys(some[4:], WAITING)
        scene.check_none_left(server, fates)
    assert (done.accepted, done.rejected, done.left) == (1, 3, 4)
    assert "3 refusals of policy in a row" in done.reason
    assert reply[4:] in done.reason
    scene.book.clock.move(days=6)
    with ScriptedServer(Script(extensions=extensions)) as healed:
        with pytest.raises(Paused, match="3 refusals of policy in a row"):
            scene.send(healed.address())
        assert healed.talks == []
        verbs.go(scene.book.ledger, "spring", "", by="Ana")
        assert scene.send(healed.address()).accepted == 4
        healed.settle()
        scene.check([*server.mails, *healed.mails], fates | dict.fromkeys(some[4:], SENT))
    assert scene.book.ledger.address_facts() == {}


def test_more_than_one_refusal_of_policy_in_twenty_pauses_the_campaign(scene: Scene) -> None:
    """Of fifty letters three, never two in a row; ten are left and wait."""
    some = names(60)
    scene.book.queue(*some)
    bad = {10, 30, 49}
    answers = ["554 5.7.1 Spam" if number in bad else OK["dot"] for number in range(60)]
    with ScriptedServer(Script(dot=answers)) as server:
        done = scene.send(server.address())
        fates = {one: REFUSED if number in bad else SENT if number < 50 else WAITING for number, one in enumerate(some)}
        scene.check_none_left(server, fates)
    assert "3 of the last 50 letters refused by policy" in done.reason


def test_a_letter_larger_than_the_server_takes_is_held_before_a_word_of_it_is_said(scene: Scene) -> None:
    """SIZE was in the answer to EHLO: no MAIL. It waits for a person, the others go."""
    scene.book.queue(*LETTERS)
    size = len(scene.book.ledger.letter(scene.book.dispatch(FIRST).id).raw)
    with ScriptedServer(Script(extensions=(f"SIZE {size}",))) as server:  # without room for the Date line
        done = scene.send(server.address())
        scene.check_none_left(server, dict.fromkeys(LETTERS, HELD))
    assert (done.held, done.left) == (4, 0)
    assert {one[:4].upper() for one in server.commands} == {b"EHLO", b"QUIT"}


@pytest.mark.parametrize(
    ("phase", "reply", "fate"),
    [
        pytest.param("mail", "552 5.3.4 Message size exceeds fixed limit", HELD, id="552-5.3.4-at-mail"),
        pytest.param("data", "552 5.3.4 Too big", HELD, id="552-5.3.4-at-data"),
        pytest.param("dot", "552 5.3.4 Too big after all", REFUSED, id="552-5.3.4-after-the-dot"),
    ],
)
def test_552_5_3_4_is_the_letters_fault_alone(
    scene: Scene, extensions: tuple[str, ...], phase: str, reply: str, fate: Fate
) -> None:
    """Before the mark it is held for a person; behind the mark the table has no way back to held, so it is rejected."""
    scene.book.queue(*LETTERS)
    with ScriptedServer(first_meets(phase, reply, extensions)) as server:
        done = scene.send(server.address())
        scene.check_none_left(server, {FIRST: fate} | dict.fromkeys(OTHERS, SENT))
    assert (done.accepted, done.held + done.rejected, done.left) == (3, 1, 0)
    (standing, *_) = scene.book.ledger.standings("spring")
    assert standing.held is (HeldReason.SIZE if fate is HELD else None)


def _envelopes(server: ScriptedServer, institution: str) -> list[bytes]:
    """MAIL and RCPT of each try of one letter, as they were on the wire."""
    said = server.commands
    rcpt = f"RCPT TO:<office@{institution}.example>".encode()
    return [said[at - 1] + b" " + one for at, one in enumerate(said) if one == rcpt]
