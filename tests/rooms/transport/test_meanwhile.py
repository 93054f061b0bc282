"""What is done while the server is at work: it delays nothing, and changes no letter's fate."""

import threading

import pytest

from outreach.errors import TransportError
from outreach.model.receipt import Phase
from servers.scripted import Both, Script, ScriptedServer, Until

EXTENSIONS = ("SIZE 10000000", "8BITMIME")


@pytest.fixture(params=[True, False], ids=["pipelining", "lockstep"])
def extensions(request):
    return (*EXTENSIONS, "PIPELINING") if request.param else EXTENSIONS


def test_it_is_done_when_the_server_has_been_asked_and_before_its_answer(extensions, channel, claim, text):
    """The server answers MAIL, and later the mark, only when it was done: twice a letter."""
    asked, handed_over = threading.Event(), threading.Event()
    turns = iter([asked.set, handed_over.set])
    order = []
    script = Script(
        extensions=extensions,
        mail=Both(Until(asked), "250 2.1.0 OK"),
        dot=Both(Until(handed_over), "250 2.0.0 Queued"),
    )
    with ScriptedServer(script) as server:
        line = channel(server.address())

        def meanwhile() -> None:
            order.append("meanwhile")
            next(turns)()

        line.meanwhile = meanwhile
        answer = line.deliver(claim(), text, lambda: order.append("mark"))

    assert answer.accepted
    assert order == ["meanwhile", "mark", "meanwhile"]


def test_what_it_raises_before_the_mark_ends_the_letter_without_a_mark(extensions, channel, claim, text):
    """The server gets no letter."""
    with ScriptedServer(Script(extensions=extensions)) as server:
        line = channel(server.address())
        line.meanwhile = lambda: 1 / 0
        with pytest.raises(ZeroDivisionError):
            line.deliver(claim(), text, pytest.fail)
        server.settle()

    assert server.mails == []


def test_what_it_raises_behind_the_mark_keeps_nobody_from_the_answer(extensions, channel, claim, text):
    """The letter is with the server: the answer is read, and the connection takes the next one."""
    marked = []
    with ScriptedServer(Script(extensions=extensions)) as server:
        line = channel(server.address())
        line.meanwhile = lambda: 1 / 0 if marked else None
        assert line.deliver(claim(), text, lambda: marked.append(1)).accepted
        marked.clear()
        assert line.deliver(claim(dispatch="b"), text, lambda: None).accepted
        line.close()
        server.settle()

    assert (len(server.mails), len(server.talks)) == (2, 1)


def test_a_letter_that_was_looked_at_before_goes_as_any_other(channel, claim, text):
    """To its own recipient and byte for byte, also when another one was looked at in between, or the bytes changed."""
    letters = [text, text.replace(b"Excellency", b"Honour"), text + b".\r\n"]
    claims = [claim(dispatch=f"d{n}", recipient=f"r{n}@mfa.example") for n in range(3)]
    with ScriptedServer() as server:
        line = channel(server.address())
        line.foresee(claims[0], letters[0])
        line.deliver(claims[0], letters[0], lambda: None)
        line.foresee(claims[2], letters[2])
        line.deliver(claims[1], letters[1], lambda: None)
        line.foresee(claims[2], b"Date: of an hour ago\r\n" + letters[2])
        line.deliver(claims[2], letters[2], lambda: None)
        line.close()
        server.settle()

    assert [(mail.recipients, mail.raw) for mail in server.mails] == [
        ((one.recipient,), raw) for one, raw in zip(claims, letters, strict=True)
    ]


def test_a_letter_that_must_not_go_is_refused_in_its_own_turn(channel, claim, text):
    """Looking at it ahead raises nothing: the one that is on the wire has nothing to do with it."""
    with ScriptedServer() as server:
        line = channel(server.address())
        line.foresee(claim(), b"Subject: a\r\n\r\na\nb\r\n")
        line.foresee(claim(recipient="a b@mfa.example"), text)
        with pytest.raises(TransportError, match="not an address") as caught:
            line.deliver(claim(recipient="a b@mfa.example"), text, pytest.fail)
        assert server.talks == []

    assert caught.value.phase == Phase.RCPT
