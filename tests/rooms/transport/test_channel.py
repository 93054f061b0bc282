"""One connection for many letters: renewed, asked whether it lives, and never used beyond what the server offers."""

import gc
import logging
import socket
import threading
import time
import warnings
from datetime import UTC, datetime

import pytest

from outreach.errors import LoginRefused, OutcomeUnknown, TransportError, Unavailable
from outreach.model.receipt import Phase
from outreach.model.status import HeldReason, Status
from outreach.rules.verdict import judge
from outreach.runner.ports import Channel
from outreach.transport.channel import SmtpChannel
from outreach.transport.timing import Rotation
from servers.scripted import DROP, HANG, Both, Drop, Script, ScriptedServer, Until


class Clock:
    """The real one, that can be moved on."""

    ahead = 0.0

    def __call__(self):
        return time.monotonic() + self.ahead


@pytest.fixture
def clock():
    return Clock()


def nothing():
    """A mark that always succeeds."""


def test_it_is_what_the_runner_asks_for(channel):
    """The protocol of runner.ports, and the account without its password."""
    with ScriptedServer() as server:
        line: Channel = channel(server.address(user="campaign@ngo.example", password="S3CR3T-canary"))

    assert isinstance(line, SmtpChannel)
    assert line.account == f"campaign@ngo.example@127.0.0.1:{server.port}"


def test_many_letters_go_over_one_connection(channel, claim, text):
    """One banner, one EHLO, one login, one QUIT."""
    with ScriptedServer() as server:
        line = channel(server.address(user="campaign@ngo.example", password="p"))
        for n in range(20):
            assert line.deliver(claim(recipient=f"{n}@mfa.example"), text, nothing).accepted
        line.close()
        server.settle()

    assert len(server.mails) == 20
    assert len(server.talks) == 1
    verbs = [command[:4].upper() for command in server.commands]
    assert [verbs.count(verb) for verb in (b"EHLO", b"AUTH", b"QUIT", b"RSET", b"NOOP")] == [1, 1, 1, 0, 0]


def test_no_letter_waits_for_an_acknowledgement_of_the_last_packet(channel):
    """Nagle's algorithm and the delayed ACK cost 44 ms a letter, which goes in two writes."""
    with ScriptedServer() as server:
        line = channel(server.address())
        line.open()
        assert line._connection.wire.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_connection_is_renewed_after_so_many_letters(channel, claim, text):
    """With a QUIT, as providers want it."""
    with ScriptedServer() as server:
        line = channel(server.address(), rotation=Rotation(letters=3))
        for _ in range(7):
            assert line.deliver(claim(), text, nothing).accepted
        line.close()
        server.settle()

    assert len(server.mails) == 7
    assert [talk.commands.count(b"DATA") for talk in server.talks] == [3, 3, 1]
    assert all(talk.commands[-1] == b"QUIT" for talk in server.talks)


@pytest.mark.parametrize(
    ("idle", "talks", "noops"), [(20, 1, 0), (31, 1, 1), (301, 2, 0)], ids=["short", "half a minute", "five minutes"]
)
def test_an_idle_connection_is_asked_or_renewed(idle, talks, noops, channel, claim, text, clock):
    """NOOP after 30 seconds, a new connection after five minutes."""
    with ScriptedServer() as server:
        line = channel(server.address(), clock=clock)
        assert line.deliver(claim(), text, nothing).accepted
        clock.ahead += idle
        assert line.deliver(claim(), text, nothing).accepted
        line.close()
        server.settle()

    assert (len(server.mails), len(server.talks), server.commands.count(b"NOOP")) == (2, talks, noops)


@pytest.mark.parametrize("noop", [DROP, "421 4.4.2 Idle too long", b"???\r\n"], ids=["drop", "421", "garbage"])
def test_a_connection_that_died_while_idle_is_replaced(noop, channel, claim, text, clock):
    """Nothing of the next letter was under way: it goes over the new connection, and nobody need be told."""
    with ScriptedServer(Script(noop=noop), Script()) as server:
        line = channel(server.address(), clock=clock)
        assert line.deliver(claim(), text, nothing).accepted
        clock.ahead += 60
        assert line.deliver(claim(), text, nothing).accepted
        line.close()
        server.settle()

    assert (len(server.mails), len(server.talks)) == (2, 2)


@pytest.mark.parametrize("farewell", [DROP, Both("421 4.4.2 Idle too long", DROP)], ids=["drop", "421"])
def test_a_server_that_hung_up_between_two_letters_costs_no_letter(farewell, channel, claim, text):
    """Also after a moment, when no NOOP is asked: what lies in the socket is looked at first."""
    go = threading.Event()
    leaving = Script(dot=Both("250 2.0.0 Queued", Both(Until(go), farewell)))
    with ScriptedServer(leaving, Script()) as server:
        line = channel(server.address())
        assert line.deliver(claim(), text, nothing).accepted
        go.set()
        server.settle()
        assert line.deliver(claim(), text, nothing).accepted
        line.close()
        server.settle()

    assert (len(server.mails), len(server.talks)) == (2, 2)


def test_a_new_connection_that_is_refused_is_no_letters_fault(channel, claim, text):
    """Renewing may fail as opening may: before MAIL, with nothing delivered."""
    with ScriptedServer(Script(), Script(auth="535 5.7.8 Password changed")) as server:
        line = channel(server.address(user="campaign@ngo.example", password="p"), rotation=Rotation(letters=1))
        assert line.deliver(claim(), text, nothing).accepted
        with pytest.raises(LoginRefused):
            line.deliver(claim(), text, pytest.fail)
        server.settle()

    assert len(server.mails) == 1


def test_a_letter_larger_than_the_server_takes_is_not_offered(channel, claim, text):
    """The answer is the one the server would give; it is held, and the next letter goes."""
    with ScriptedServer(Script(extensions=(f"SIZE {len(text)}",))) as server:
        line = channel(server.address())
        answer = line.deliver(claim(), text + b"x\r\n", pytest.fail)
        assert line.deliver(claim(), text, nothing).accepted
        line.close()
        server.settle()

    verdict = judge(answer, tries=0, now=datetime(2026, 3, 2, tzinfo=UTC))
    assert (answer.phase, answer.code) == (Phase.MAIL, 552)
    assert (verdict.status, verdict.held, verdict.stop) == (Status.HELD, HeldReason.SIZE, False)
    assert [mail.raw for mail in server.mails] == [text]


@pytest.mark.parametrize("offer", ["SIZE", "SIZE 0", "SIZE lots"])
def test_a_server_without_a_limit_takes_every_size(offer, channel, claim, text):
    """RFC 1870 3: no number, or 0, says nothing of a limit; the size is told all the same."""
    with ScriptedServer(Script(extensions=(offer,))) as server:
        line = channel(server.address())
        assert line.deliver(claim(), text, nothing).accepted
        line.close()
        server.settle()

    assert b"MAIL FROM:<campaign@ngo.example> SIZE=%d" % len(text) in server.commands


def test_eight_bit_text_goes_only_where_it_is_taken(channel, claim):
    """Said with BODY=8BITMIME (RFC 6152), or not sent at all."""
    text = "Subject: é\r\n\r\nñ\r\n".encode()
    with ScriptedServer(Script(extensions=("8BITMIME",)), Script(extensions=())) as server:
        taking, not_taking = channel(server.address()), channel(server.address())
        assert taking.deliver(claim(), text, nothing).accepted
        taking.close()
        with pytest.raises(TransportError, match="no 8BITMIME") as caught:
            not_taking.deliver(claim(), text, pytest.fail)
        not_taking.close()
        server.settle()

    assert not isinstance(caught.value, Unavailable | OutcomeUnknown)
    assert b"MAIL FROM:<campaign@ngo.example> BODY=8BITMIME" in server.commands
    assert len(server.mails) == 1
    assert server.talks[1].commands[1:] == [b"QUIT"]


@pytest.mark.parametrize(
    "recipient",
    ["minister@mfa.example", "a@sub.rehearsal.example", "a@notrehearsal.example", "a@rehearsal.example.org"],
)
def test_a_rehearsing_channel_writes_to_nobody_else(recipient, channel, claim, text):
    """Not even to a server that would take it: nothing is connected to."""
    with ScriptedServer() as server:
        line = channel(server.address(), only_domain="rehearsal.example")
        with pytest.raises(TransportError, match="a rehearsal writes to nobody else") as caught:
            line.deliver(claim(recipient=recipient), text, pytest.fail)
        assert server.talks == []
        assert line.deliver(claim(recipient="xa-mfa-1@rehearsal.example"), text, nothing).accepted

    assert not isinstance(caught.value, Unavailable | OutcomeUnknown)
    assert [mail.recipients for mail in server.mails] == [("xa-mfa-1@rehearsal.example",)]


@pytest.mark.parametrize("goodbye", [HANG, DROP, "500 5.5.1 Stay"], ids=lambda step: type(step).__name__)
def test_closing_never_waits_long_and_never_fails(goodbye, channel, quick):
    """Whatever the server does with the QUIT; and closing twice is closing once."""
    with ScriptedServer(Script(quit=goodbye)) as server:
        line = channel(server.address(), timeouts=quick(quit=0.1))
        line.open()
        began = time.monotonic()
        line.close()
        line.close()
        assert time.monotonic() - began < 1.0
        server.settle()

    assert server.commands[-1] == b"QUIT"


def test_a_forgotten_channel_says_nothing_when_it_is_collected(quick):
    """yagmail's own destructor would say QUIT, at any moment and in any thread."""
    with ScriptedServer() as server, warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        line = SmtpChannel(server.address(), timeouts=quick())
        line.open()
        del line
        gc.collect()
        server.settle()

    assert server.commands == [b"ehlo [127.0.0.1]"]


def test_opening_again_replaces_the_connection(channel, claim, text):
    """As after a pause: the old one is closed without a word."""
    with ScriptedServer() as server:
        line = channel(server.address())
        line.open()
        line.open()
        assert line.deliver(claim(), text, nothing).accepted
        line.close()
        server.settle()

    assert [len(talk.commands) for talk in server.talks] == [1, 5]


WORDS = {
    "two lines, the code once": (
        b"550-5.7.26 Not authenticated.\r\n550 5.7.26 See the help.\r\n",
        "5.7.26 Not authenticated. See the help.",
    ),
    "escape sequences": (b"550 5.1.1 \x1b[31mno\x07\x9b such user\r\n", "5.1.1 [31mno � such user"),
    "direction marks": ("550 5.1.1 a\u202eb\u2066c\r\n".encode(), "5.1.1 a b c"),
    "not UTF-8": (b"550 5.1.1 Empf\xe4nger\r\n", "5.1.1 Empf�nger"),
    "very long": (b"550 5.1.1 " + b"x" * 1_500 + b"\r\n", "5.1.1 " + "x" * 393 + "…"),
    "no words": (b"550\r\n", ""),
}


@pytest.mark.parametrize("what", WORDS)
def test_the_servers_words_are_fit_to_be_shown(what, channel, claim, text):
    """One line, capped, without control or direction characters."""
    raw, shown = WORDS[what]
    with ScriptedServer(Script(rcpt=raw)) as server:
        answer = channel(server.address()).deliver(claim(), text, pytest.fail)

    assert (answer.code, answer.text) == (550, shown)


def test_sending_writes_nothing_to_logs_or_the_screen(channel, claim, text, caplog, capfd):
    """yagmail's logger writes to stderr unless it is silenced."""
    caplog.set_level(logging.DEBUG)
    with ScriptedServer(Script(rcpt=["250 ok", "550 5.1.1 no"], quit=Drop())) as server:
        line = channel(server.address(user="campaign@ngo.example", password="S3CR3T-canary"))
        line.deliver(claim(), text, nothing)
        line.deliver(claim(), text, nothing)
        line.close()

    assert [type(handler) for handler in logging.getLogger("yagmail.log").handlers] == [logging.NullHandler]
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")
