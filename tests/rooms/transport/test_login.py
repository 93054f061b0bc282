"""The login: one try, the server's word is heeded, and the secret shows nowhere but on the wire."""

import base64
import io
import logging
import sys
import threading
import traceback

import pytest

from outreach.errors import LoginRefused, TransportError, Unavailable
from outreach.model.receipt import Phase
from outreach.model.server import Secret
from outreach.transport.login import Queue
from outreach.transport.timing import Retry
from servers.mailserver import MailServer
from servers.scripted import DROP, Script, ScriptedServer

USER, CANARY = "campaign@ngo.example", "S3CR3T-canary"
PLAIN = base64.b64encode(f"\0{USER}\0{CANARY}".encode())


def spoken(token):
    """A command that prints this token."""
    return (sys.executable, "-I", "-c", f"print({token!r})")


def b64(text):
    return base64.b64encode(text.encode())


def auth_lines(server):
    """Everything after EHLO and before MAIL or QUIT."""
    lines = server.talks[0].commands[1:]
    return [line for line in lines if line[:4] not in {b"MAIL", b"RCPT", b"DATA", b"QUIT"}]


def test_plain_is_taken_first_and_said_in_one_line(channel):
    """RFC 4616, with UTF-8 for what is not ASCII."""
    with ScriptedServer() as server:
        line = channel(server.address(user=USER, password="pässwörd"))
        line.open()
        line.close()
        server.settle()

    assert auth_lines(server) == [b"AUTH PLAIN " + b64(f"\0{USER}\0pässwörd")]


def test_a_server_that_asks_again_is_answered(channel):
    """Some do not read the answer off the AUTH line."""
    with ScriptedServer(Script(auth="334 ")) as server:
        line = channel(server.address(user=USER, password=CANARY))
        line.open()
        line.close()
        server.settle()

    assert auth_lines(server) == [b"AUTH PLAIN " + PLAIN, PLAIN]


def test_login_is_taken_where_plain_is_not_offered(channel):
    """Two questions, two answers."""
    asking = Script(
        extensions=("AUTH LOGIN CRAM-MD5",), auth="334 VXNlcm5hbWU6", auth_more=["334 UGFzc3dvcmQ6", "235 ok"]
    )
    with ScriptedServer(asking) as server:
        line = channel(server.address(user=USER, password=CANARY))
        line.open()
        line.close()
        server.settle()

    assert auth_lines(server) == [b"AUTH LOGIN", b64(USER), b64(CANARY)]


@pytest.mark.parametrize("user", ["apikey", "AKIAEXAMPLE", "ngo\\campaign"])
def test_a_user_that_is_no_address_is_said_as_it_is(user, channel):
    """yagmail would make an address of Gmail of it, and a relay's key would be refused."""
    with ScriptedServer() as server:
        line = channel(server.address(user=user, password=CANARY))
        line.open()
        line.close()
        server.settle()

    assert auth_lines(server) == [b"AUTH PLAIN " + b64(f"\0{user}\0{CANARY}")]
    assert b"gmail" not in server.received


def test_without_a_password_nobody_is_asked_for_one(channel, monkeypatch):
    """yagmail would look into a keyring, then wait at the terminal: a run in the night would hang."""
    for module in ("getpass.getpass", "builtins.input"):
        monkeypatch.setattr(module, lambda *_: pytest.fail("somebody was asked"))
    with ScriptedServer(Script(auth="535 5.7.8 No")) as server:
        with pytest.raises(LoginRefused):
            channel(server.address(user=USER)).open()
        server.settle()

    assert auth_lines(server) == [b"AUTH PLAIN " + b64(f"\0{USER}\0")]
    assert "keyring" not in sys.modules


def test_without_a_user_nobody_logs_in(channel):
    """A relay on this machine, such as the one of a test."""
    with ScriptedServer() as server:
        line = channel(server.address())
        line.open()
        line.close()
        server.settle()

    assert auth_lines(server) == []


REFUSED = {
    "535": ("535 5.7.8 Username and Password not accepted", LoginRefused),
    "534": ("534 5.7.9 Application-specific password required", LoginRefused),
    "530": ("530 5.7.0 Must issue a STARTTLS command first", LoginRefused),
    "504": ("504 5.5.4 Unrecognized authentication type", LoginRefused),
    "454": ("454 4.7.0 Temporary authentication failure", Unavailable),
    "421": ("421 4.7.0 Too many login attempts", Unavailable),
    "250": ("250 2.0.0 yes, well", Unavailable),
    "drop": (DROP, Unavailable),
    "garbage": (b"come in\r\n", Unavailable),
    "334 for ever": ("334 ", Unavailable),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_login_is_tried_once(what, channel):
    """Three mechanisms are offered: smtplib would try them all and lock the account out."""
    step, kind = REFUSED[what]
    with ScriptedServer(Script(auth=step, auth_more=step)) as server:
        line = channel(server.address(user=USER, password=CANARY), retry=Retry(attempts=3), sleep=pytest.fail)
        with pytest.raises(TransportError) as caught:
            line.open()
        server.settle()

    assert type(caught.value) is kind
    assert caught.value.phase == Phase.LOGIN
    assert caught.value.code == (int(what) if what.isdigit() else 334 if "334" in what else None)
    assert len(server.talks) == 1
    assert len([command for command in server.commands if command.startswith(b"AUTH")]) == 1
    if kind is LoginRefused:
        assert "OUTREACH_SMTP_PASSWORD" in caught.value.todo
        assert "not sent again" in caught.value.todo


@pytest.mark.parametrize("offered", [(), ("AUTH",), ("AUTH CRAM-MD5 GSSAPI",)], ids=["none", "empty", "others"])
def test_a_server_without_our_mechanisms_is_said(offered, channel):
    """With what it does offer, and without a try."""
    with ScriptedServer(Script(extensions=offered)) as server:
        with pytest.raises(Unavailable, match=r"no login at all|CRAM-MD5, GSSAPI"):
            channel(server.address(user=USER, password=CANARY)).open()
        server.settle()

    assert auth_lines(server) == []


@pytest.mark.parametrize("direct", [True, False], ids=["ssl", "starttls"])
@pytest.mark.parametrize("right", [True, False], ids=["right", "wrong"])
def test_a_real_server_decides_on_a_password(right, direct, authority, channel):
    """aiosmtpd, over TLS: 235 or 535."""
    with MailServer(authority.context(), direct=direct, user=USER, password=CANARY) as server:
        password = Secret(CANARY if right else "S3CR3T-wrong")
        line = channel(server.address(ca_file=authority.pem, password=password))
        if right:
            line.open()
        else:
            with pytest.raises(LoginRefused, match="535"):
                line.open()

    assert server.logins == ["PLAIN"]


def test_a_token_opens_the_door(authority, channel, claim, text):
    """XOAUTH2, as Google and Microsoft 365 want it; the command is asked anew for every connection."""
    with MailServer(authority.context(), direct=True, user=USER, token=CANARY) as server:
        line = channel(server.address(ca_file=authority.pem, password=None, token_command=spoken(CANARY)))
        line.open()
        assert line.deliver(claim(), text, lambda: None).accepted
        line.open()
        assert line.deliver(claim(), text, lambda: None).accepted

    assert server.logins == ["XOAUTH2", "XOAUTH2"]
    assert len(server.mails) == 2


def test_a_refused_token_is_heeded(authority, channel):
    """yagmail ignores the answer; the 535 comes only after an empty line to the 334 (Google, Microsoft)."""
    with MailServer(authority.context(), direct=True, user=USER, token=CANARY) as server:
        line = channel(server.address(ca_file=authority.pem, password=None, token_command=spoken("S3CR3T-old")))
        with pytest.raises(LoginRefused, match="535") as caught:
            line.open()

    assert "OUTREACH_SMTP_TOKEN_COMMAND" in caught.value.todo
    assert server.logins == ["XOAUTH2"]


def test_a_token_is_never_given_as_a_password(channel):
    """A server that offers no XOAUTH2 gets no token at all."""
    with ScriptedServer(Script(extensions=("AUTH PLAIN LOGIN",))) as server:
        with pytest.raises(Unavailable, match="XOAUTH2"):
            channel(server.address(user=USER, token_command=spoken(CANARY))).open()
        server.settle()

    assert auth_lines(server) == []


FAILING = {
    "missing": (("/nowhere/at-all",), "could not be started"),
    "empty": (("",), "could not be started"),
    "fails": ((sys.executable, "-I", "-c", f"import sys; sys.exit('{CANARY}')"), "ended with 1"),
    "silent": ((sys.executable, "-I", "-c", ""), "printed nothing"),
    "two lines": (spoken(f"{CANARY}\n{CANARY}"), "no access token"),
    "words": (spoken(f"token: {CANARY}"), "no access token"),
    "not ASCII": (spoken(f"{CANARY}é"), "no access token"),
    "a book": (spoken("x" * 9_000), "no access token"),
    "hangs": ((sys.executable, "-I", "-c", f"print('{CANARY}', flush=True); input()"), None),
}


@pytest.mark.parametrize("what", FAILING)
def test_a_token_command_that_fails_is_said_without_its_output(what, channel, quick):
    """Its output may be the token; nothing has been connected to."""
    command, words = FAILING[what]
    slow = (sys.executable, "-I", "-c", f"import time; print('{CANARY}', flush=True); time.sleep(30)")
    with ScriptedServer() as server:
        server_address = server.address(user=USER, token_command=command if words else slow)
        line = channel(server_address, timeouts=quick(token=5.0 if words else 0.3))
        with pytest.raises(Unavailable, match=words or "did not end") as caught:
            line.open()

    assert caught.value.phase == Phase.LOGIN
    assert "S3CR3T" not in "".join(traceback.format_exception(caught.value))
    assert server.talks == []


LEAKS = {
    "535": Script(auth="535 5.7.8 No"),
    "quotes the command": Script(auth=f"501 5.5.4 Syntax error: AUTH PLAIN {PLAIN.decode()}"),
    "quotes the password": Script(auth=f"535 5.7.8 Password {CANARY} is wrong"),
    "drop": Script(auth=DROP),
    "garbage": Script(auth=b"AUTH PLAIN " + PLAIN + b"\r\n"),
    "garbage after LOGIN": Script(extensions=("AUTH LOGIN",), auth="334 ", auth_more=["334 ", b64(CANARY) + b"\r\n"]),
}


@pytest.mark.parametrize("what", LEAKS)
def test_the_password_shows_in_no_error_log_or_output(what, channel, caplog, capfd):
    """Whatever the server does with it: not in the message, its causes, their reprs, a log at DEBUG, or on stderr."""
    caplog.set_level(logging.DEBUG)
    stream = io.StringIO()
    with ScriptedServer(LEAKS[what]) as server:
        line = channel(server.address(user=USER, password=CANARY))
        with pytest.raises(TransportError) as caught:
            line.open()
        server.settle()
        assert PLAIN in server.received or b64(CANARY) in server.received

    traceback.print_exception(caught.value, file=stream)
    seen = [stream.getvalue(), caplog.text, *capfd.readouterr(), repr(line), repr(vars(line)), repr(caught.value)]
    seen += [repr(vars(error)) for error in causes(caught.value)]
    for text in seen:
        assert CANARY not in text
        assert PLAIN.decode()[:20] not in text
        assert b64(CANARY).decode()[:8] not in text


def causes(error):
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def test_connections_of_one_account_log_in_one_after_the_other_and_a_refusal_is_heard_by_all(channel):
    """A wrong password is tried once, however many connections there are."""
    logins = Queue()
    with ScriptedServer(Script(auth="535 5.7.8 No")) as server:
        lines = [channel(server.address(user=USER, password=CANARY), logins=logins) for _ in range(5)]
        errors = []

        def opens(line):
            with pytest.raises(LoginRefused, match="535") as caught:
                line.open()
            errors.append(caught.value)

        threads = [threading.Thread(target=opens, args=[line]) for line in lines]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        server.settle()

    assert len(errors) == 5
    assert sum(line.startswith(b"AUTH") for line in server.commands) == 1
