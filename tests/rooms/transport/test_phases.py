"""One letter, phase by phase, against a server that follows a script: what comes back, and what the server holds."""

import threading
from datetime import UTC, datetime

import pytest

from outreach.errors import OutcomeUnknown, TransportError, Unavailable
from outreach.model.receipt import Answer, Phase
from outreach.model.status import Status
from outreach.rules.verdict import judge, judge_loss
from outreach.transport.envelope import sealed
from servers.scripted import DEAF, DROP, HANG, RESET, Both, Dribble, Endless, Script, ScriptedServer, Until

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EXTENSIONS = ("SIZE 10000000", "8BITMIME")
LONG_LINE = b"250 " + b"x" * 20_000 + b"\r\n"

REFUSALS = {
    "4xx": "451 4.3.0 Later",
    "5xx": "550 5.1.1 No such user",
    "421": Both("421 4.3.2 Closing", DROP),
    "421 that stays": "421 4.7.0 Later",
}
LOSSES = {
    "drop": (DROP, "closed the connection"),
    "reset": (RESET, "the connection broke"),
    "silence": (HANG, "not answer in time"),
    "a byte now and then": (Dribble(b"250 2.0.0 " + b"z" * 100), "not answer in time"),
    "no digits": (b"ok whatever\r\n", "'ok whatever', which is no SMTP reply"),
    "two digits": (b"25 ok\r\n", "no SMTP reply"),
    "a code of nobody's": (b"999 ok\r\n", "no SMTP reply"),
    "another code on the second line": (b"250-one\r\n550 two\r\n", "no SMTP reply"),
    "20 kB in a line": (LONG_LINE, "more than 2000 bytes"),
    "no end of the line": (Endless(b"250 " + b"x" * 996), "more than 2000 bytes"),
    "no end of the lines": (Endless(b"250-and\r\n"), "more than 50 lines"),
    "354 out of place": (b"354 go ahead\r\n", "answered 354"),
    "half a line": (Both(b"25", DROP), "closed the connection"),
}
PHASES = (Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.DOT)
STATUS = {
    ("mail", "4xx"): Status.QUEUED,
    ("rcpt", "4xx"): Status.QUEUED,
    ("data", "4xx"): Status.QUEUED,
    ("dot", "4xx"): Status.QUEUED,
    ("mail", "5xx"): Status.QUEUED,  # the server has seen nothing but our sender: the run stops, the letter waits
    ("rcpt", "5xx"): Status.REJECTED,
    ("data", "5xx"): Status.REJECTED,
    ("dot", "5xx"): Status.REJECTED,
    ("mail", "421"): Status.QUEUED,
    ("rcpt", "421"): Status.QUEUED,
    ("data", "421"): Status.QUEUED,
    ("dot", "421"): Status.QUEUED,
    **{(phase, "421 that stays"): Status.QUEUED for phase in ("mail", "rcpt", "data", "dot")},
}


@pytest.fixture(params=[True, False], ids=["pipelining", "lockstep"])
def extensions(request):
    return (*EXTENSIONS, "PIPELINING") if request.param else EXTENSIONS


@pytest.fixture
def marks():
    return []


def test_an_accepted_letter_is_at_the_server_once_and_byte_for_byte(extensions, channel, claim, text, marks):
    """Leading dots included; the mark was made once, before the answer."""
    with ScriptedServer(Script(extensions=extensions)) as server:
        line = channel(server.address())
        answer = line.deliver(claim(), text, lambda: marks.append(len(server.mails)))
        line.close()
        server.settle()

    assert answer == Answer(phase=Phase.DOT, code=250, text="2.0.0 Queued")
    assert marks == [0]
    [mail] = server.mails
    assert (mail.sender, mail.recipients, mail.raw) == ("campaign@ngo.example", ("minister@mfa.example",), text)
    assert server.talks[0].commands[1:] == [
        b"MAIL FROM:<campaign@ngo.example> SIZE=%d" % len(text),
        b"RCPT TO:<minister@mfa.example>",
        b"DATA",
        b"QUIT",
    ]


@pytest.mark.parametrize("kind", REFUSALS)
@pytest.mark.parametrize("phase", PHASES, ids=str)
def test_a_refusal_is_an_answer_and_the_next_letter_goes(phase, kind, extensions, channel, claim, text, marks):
    """Whatever the phase and the code, the refused letter is nowhere and the next one is there once."""
    refuse_once = [REFUSALS[kind], getattr(Script(), phase)]
    with ScriptedServer(Script(extensions=extensions, **{phase: refuse_once}), Script()) as server:
        line = channel(server.address())
        answer = line.deliver(claim(), text, lambda: marks.append("mark"))
        assert server.mails == []
        next_answer = line.deliver(claim(recipient="next@mfa.example"), text, lambda: None)
        line.close()
        server.settle()

    verdict = judge(answer, tries=0, now=NOW)
    assert (answer.phase, str(answer.code)[0]) == (phase, kind[0])
    assert verdict.status is STATUS[phase, kind]
    assert verdict.stop is ((phase, kind) == (Phase.MAIL, "5xx"))
    assert marks == (["mark"] if phase is Phase.DOT else [])
    assert next_answer.accepted
    assert [mail.recipients for mail in server.mails] == [("next@mfa.example",)]
    assert len(server.talks) == (2 if "421" in kind else 1)


@pytest.mark.parametrize(
    ("phase", "kind"),
    [
        pytest.param(phase, kind, id=f"{phase}-{kind}")
        for phase in PHASES
        for kind in LOSSES
        if (phase, kind) != (Phase.DATA, "354 out of place")
    ],
)
def test_a_loss_means_what_its_phase_says(phase, kind, extensions, channel, claim, text, marks, quick):
    """Before the mark: nothing at the server, and the letter may go again. After it: in doubt, here with one copy."""
    short = quick(**{phase: 0.15}) if kind in {"silence", "a byte now and then"} else quick()
    step, words = LOSSES[kind]
    with ScriptedServer(Script(extensions=extensions, keeps=True, **{phase: step})) as server:
        line = channel(server.address(), timeouts=short)
        with pytest.raises(TransportError, match=words) as caught:
            line.deliver(claim(), text, lambda: marks.append("mark"))
        line.close()
        server.settle()

    gone = phase is Phase.DOT
    assert type(caught.value) is (OutcomeUnknown if gone else Unavailable)
    assert caught.value.phase == phase
    assert judge_loss(caught.value, now=NOW).status is (Status.IN_DOUBT if gone else Status.QUEUED)
    assert marks == (["mark"] if gone else [])
    assert len(server.mails) == (1 if gone else 0)


@pytest.mark.parametrize("act", [DROP, RESET], ids=["drop", "reset"])
def test_a_server_that_hangs_up_in_the_text_has_nothing(act, extensions, channel, claim, marks):
    """A long text, so that the connection breaks while it is being written."""
    long = b"Subject: long\r\n\r\n" + b"A line of a letter that never ends.\r\n" * 200_000
    with ScriptedServer(Script(extensions=extensions, body=act)) as server:
        line = channel(server.address())
        with pytest.raises(Unavailable) as caught:
            line.deliver(claim(), long, lambda: marks.append("mark"))
        server.settle()

    assert caught.value.phase == Phase.BODY
    assert (server.mails, marks) == ([], [])


def test_a_server_that_takes_no_more_bytes_is_left_at_the_deadline(channel, claim, quick):
    """The deadline is for the whole text: no trickle of acknowledgements keeps it open."""
    long = b"Subject: long\r\n\r\n" + b"A line of a letter that never ends.\r\n" * 250_000
    with ScriptedServer(Script(body=DEAF, extensions=EXTENSIONS)) as server:
        line = channel(server.address(), timeouts=quick(body=0.2, slowest=10**9))
        with pytest.raises(Unavailable) as caught:
            line.deliver(claim(), long, pytest.fail)

    assert caught.value.phase == Phase.BODY
    assert server.mails == []


def test_a_refusal_in_the_middle_of_the_text_is_an_answer_and_no_mark_goes(extensions, channel, claim, text, marks):
    """What came before the mark cannot be the answer to it."""
    early = Both(b"354 go\r\n552 5.3.4 Too big after all\r\n", HANG)
    with ScriptedServer(Script(extensions=extensions, data=early)) as server:
        line = channel(server.address())
        answer = line.deliver(claim(), text, lambda: marks.append("mark"))
        server.settle()

    assert (answer.phase, answer.code) == (Phase.BODY, 552)
    assert judge(answer, tries=0, now=NOW).status is Status.REJECTED
    assert sealed(text).startswith(server.received.partition(b"DATA\r\n")[2])
    assert server.mails == []


def test_an_acceptance_that_came_before_the_mark_is_nonsense(extensions, channel, claim, text):
    """A 250 that lay in wait would have been taken for the answer, whatever the answer was."""
    with ScriptedServer(Script(extensions=extensions, data=b"354 go\r\n250 2.0.0 Queued\r\n")) as server:
        line = channel(server.address())
        with pytest.raises(Unavailable) as caught:
            line.deliver(claim(), text, pytest.fail)
        server.settle()

    assert caught.value.phase == Phase.BODY
    assert server.mails == []


def test_a_connection_that_breaks_while_the_mark_is_made_is_no_doubt(extensions, channel, claim, text):
    """The end-of-data mark has not gone, so the letter may go again."""
    marking = threading.Event()

    def mark():
        marking.set()
        server.settle()

    with ScriptedServer(Script(extensions=extensions, body=Both(Until(marking), DROP))) as server:
        line = channel(server.address())
        with pytest.raises(Unavailable) as caught:
            line.deliver(claim(), text, mark)

    assert marking.is_set()
    assert caught.value.phase == Phase.BODY
    assert server.mails == []


class DiskFull(Exception):
    """As the ledger's commit may raise it."""


@pytest.mark.parametrize("error", [DiskFull, KeyboardInterrupt], ids=lambda kind: kind.__name__)
def test_when_the_mark_cannot_be_made_the_server_gets_no_letter(error, extensions, channel, claim, text):
    """The exception goes on to the caller, the connection is closed without the dot, and the channel lives on."""

    def fail():
        raise error

    with ScriptedServer(Script(extensions=extensions)) as server:
        line = channel(server.address())
        with pytest.raises(error):
            line.deliver(claim(), text, fail)
        server.settle()
        assert server.mails == []
        assert server.talks[0].commands[-1] == b"DATA"  # not even a QUIT: it would be text
        assert b"QUIT" not in server.talks[0].received
        assert line.deliver(claim(), text, lambda: None).accepted
        line.close()
        server.settle()

    assert len(server.mails) == 1


@pytest.mark.parametrize("refused", ["mail", "rcpt"])
def test_a_go_ahead_in_spite_of_a_refusal_never_becomes_an_empty_mail(refused, channel, claim, text, marks):
    """With PIPELINING the DATA is under way when the refusal comes (RFC 2920 3.1): hang up, send nothing."""
    with ScriptedServer(Script(**{refused: "550 5.1.1 No"}, strict=False), Script()) as server:
        line = channel(server.address())
        answer = line.deliver(claim(), text, lambda: marks.append("mark"))
        assert line.deliver(claim(recipient="next@mfa.example"), text, lambda: None).accepted
        line.close()
        server.settle()

    assert (answer.phase, answer.code) == (refused, 550)
    assert marks == []
    assert [mail.recipients for mail in server.mails] == [("next@mfa.example",)]
    assert server.talks[0].received.endswith(b"DATA\r\n")


@pytest.mark.parametrize("phase", ["mail", "rcpt"])
def test_a_refusal_stands_when_the_connection_breaks_after_it(phase, channel, claim, text):
    """The server's words are kept: with PIPELINING some hang up after the first refusal."""
    with ScriptedServer(Script(**{phase: Both("550 5.7.1 Go away", DROP)})) as server:
        answer = channel(server.address()).deliver(claim(), text, pytest.fail)
        server.settle()

    assert (answer.phase, answer.code, answer.text) == (phase, 550, "5.7.1 Go away")


@pytest.mark.parametrize("reply", [DROP, "500 5.5.1 What?"], ids=["drop", "500"])
def test_a_reset_that_fails_costs_the_connection_and_not_the_answer(reply, extensions, channel, claim, text):
    """The refusal is the letter's answer; the next letter takes a new connection."""
    refusing = Script(extensions=extensions, rcpt="550 5.1.1 No", data="503 5.5.1 No", rset=reply)
    with ScriptedServer(refusing, Script()) as server:
        line = channel(server.address())
        assert line.deliver(claim(), text, pytest.fail).code == 550
        assert line.deliver(claim(), text, lambda: None).accepted
        line.close()
        server.settle()

    assert (len(server.mails), len(server.talks)) == (1, 2)


def test_an_answer_that_comes_late_is_waited_for(channel, claim, text, quick):
    """Ten minutes are allowed after the dot: here the answer takes longer than every other deadline."""
    slow = Dribble(b"250 2.0.0 Queued\r\n", gap=0.03)
    with ScriptedServer(Script(dot=slow, extensions=EXTENSIONS)) as server:
        line = channel(server.address(), timeouts=quick(mail=0.3, rcpt=0.3, data=0.3, body=0.3))
        assert line.deliver(claim(), text, lambda: None).accepted
        line.close()
        server.settle()

    assert len(server.mails) == 1
