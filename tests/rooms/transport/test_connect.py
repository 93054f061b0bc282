"""The way to the server: nothing goes on unless it is the right one, and no server can keep us waiting for ever."""

import socket
import ssl
import threading
import time

import pytest

from outreach.errors import SettingsError, Unavailable
from outreach.model.receipt import Phase
from outreach.model.server import Security, Server
from outreach.transport.connect import Client
from outreach.transport.timing import Retry
from outreach.transport.tls import verifying_context
from outreach.transport.wire import Stalled
from servers.mailserver import MailServer
from servers.scripted import DROP, HANG, Both, Dribble, Endless, Script, ScriptedServer

LOGIN = {"user": "campaign@ngo.example", "password": "S3CR3T-canary"}
DIRECT = [True, False]
WAYS = ["ssl", "starttls"]


@pytest.mark.parametrize("direct", DIRECT, ids=WAYS)
def test_a_letter_goes_over_verified_tls_to_a_real_server(direct, authority, channel, claim, text):
    """Certificate, name and login are right: the server has the letter once, byte for byte, from our user."""
    with MailServer(authority.context(), direct=direct, **LOGIN) as server:
        line = channel(server.address(ca_file=authority.pem))
        line.open()
        answers = [line.deliver(claim(recipient=f"{n}@mfa.example"), text, lambda: None) for n in range(3)]
        line.close()

    assert all(answer.accepted for answer in answers)
    assert [mail.recipients for mail in server.mails] == [(f"{n}@mfa.example",) for n in range(3)]
    assert {(mail.raw, mail.user) for mail in server.mails} == {(text, LOGIN["user"])}
    assert server.logins == ["PLAIN"]


UNTRUSTED = {
    "unknown authority": ("127.0.0.1", False, False, "self-signed certificate in certificate chain|unable to get"),
    "another name": ("elsewhere.example", False, True, "(?i)mismatch|not valid for"),
    "expired": ("127.0.0.1", True, True, "expired"),
}


@pytest.mark.parametrize("direct", DIRECT, ids=WAYS)
@pytest.mark.parametrize("why", UNTRUSTED)
def test_a_server_that_is_not_to_be_trusted_gets_no_login(why, direct, authority, channel):
    """Refused with the reason and what to do; no AUTH and no password was on the wire, in clear or encrypted."""
    host, expired, known, words = UNTRUSTED[why]
    context = authority.context(host, expired=expired)
    with ScriptedServer(Script(extensions=("STARTTLS", "AUTH PLAIN")), tls=context, direct=direct) as server:
        line = channel(server.address(ca_file=authority.pem if known else "", **LOGIN))
        with pytest.raises(Unavailable, match=words) as caught:
            line.open()
        server.settle()

    assert caught.value.phase == Phase.CONNECT
    assert "OUTREACH_SMTP_CA_FILE" in caught.value.todo
    assert b"AUTH" not in server.received.upper()


def test_without_starttls_nothing_is_said_in_clear(authority, channel):
    """The server offers a login before TLS: it is not taken."""
    with ScriptedServer(Script(extensions=("AUTH PLAIN LOGIN",)), tls=authority.context()) as server:
        with pytest.raises(Unavailable, match="does not offer STARTTLS") as caught:
            channel(server.address(ca_file=authority.pem, **LOGIN)).open()
        server.settle()

    assert "OUTREACH_SMTP_SECURITY=ssl" in caught.value.todo
    assert [command[:4].upper() for command in server.commands] == [b"EHLO"]


STARTTLS = {
    "454": ("454 4.7.0 TLS not available", "454"),
    "501": ("501 5.5.4 No parameters", "501"),
    "drop": (DROP, "closed the connection"),
    "words in clear after the go-ahead": (b"220 Go\r\n250-hello\r\n250 AUTH PLAIN\r\n", "plain text|TLS"),
    "no TLS after the go-ahead": (Both("220 Go", DROP), "No TLS connection|No connection"),
}


@pytest.mark.parametrize("what", STARTTLS)
def test_a_starttls_that_goes_wrong_ends_the_connection(what, authority, channel):
    """Refused, interrupted or tampered with (CVE-2021-38371): no login, in clear or behind the tampering."""
    step, words = STARTTLS[what]
    tampered = Script(extensions=("STARTTLS", "AUTH PLAIN"), starttls=step)
    with ScriptedServer(tampered, tls=authority.context()) as server:
        with pytest.raises(Unavailable, match=words):
            channel(server.address(ca_file=authority.pem, **LOGIN)).open()
        server.settle()

    assert b"AUTH" not in server.received.upper()
    assert b"S3CR3T" not in server.received


def test_what_was_offered_in_clear_counts_for_nothing_after_starttls(authority, channel, claim, text):
    """A middle man may have added it (RFC 3207 4.2): PIPELINING, offered only in clear, is not used."""
    with MailServer(authority.context(), direct=False, **LOGIN) as server:
        line = channel(server.address(ca_file=authority.pem))
        line.open()
        assert not line._connection.offers.pipelining
        assert line._connection.offers.largest == 33_554_432
        assert line.deliver(claim(), text, lambda: None).accepted


@pytest.mark.parametrize("addresses", [["192.0.2.1"], ["127.0.0.1", "192.0.2.1"]], ids=["away", "both"])
def test_plain_goes_to_this_machine_only(addresses, channel, monkeypatch):
    """Every address of the name has to be loopback; else nothing is even connected to."""
    infos = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 25)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: infos)
    server = Server(host="mail.example", port=25, security=Security.PLAIN)

    with pytest.raises(Unavailable, match="password in clear") as caught:
        channel(server).open()

    assert caught.value.todo == "Use ssl or starttls."


def test_plain_looks_again_at_whom_it_reached(channel, monkeypatch):
    """The name may point elsewhere a moment later: the peer is asked before the login."""
    with ScriptedServer() as server:
        monkeypatch.setattr(socket.socket, "getpeername", lambda _: ("192.0.2.1", server.port))
        with pytest.raises(Unavailable, match="password in clear"):
            channel(server.address(**LOGIN)).open()
        server.settle()

    assert server.commands == []


BANNERS = {
    "554": ("554 5.3.2 No service", "554", 554),
    "421": (Both("421 4.3.2 Too many connections", DROP), "421", 421),
    "drop": (DROP, "closed the connection", None),
    "garbage": (b"SSH-2.0-OpenSSH_9.2p1\r\n", "no SMTP reply", None),
    "20 kB": (b"220 " + b"x" * 20_000 + b"\r\n", "more than 2000 bytes", None),
    "endless": (Endless(b"220-and\r\n"), "more than 50 lines", None),
    "silence": (HANG, "not answer in time", None),
    "a byte now and then": (Dribble(b"220 " + b"w" * 500), "not answer in time", None),
}


@pytest.mark.parametrize("what", BANNERS)
def test_a_strange_banner_is_no_connection(what, channel, quick):
    """Said in the server's words if it has any; left at the deadline if not."""
    step, words, code = BANNERS[what]
    seconds = 0.2 if words.endswith("time") else 3.0
    with ScriptedServer(Script(banner=step)) as server:
        began = time.monotonic()
        with pytest.raises(Unavailable, match=words) as caught:
            channel(server.address(), timeouts=quick(connect=seconds)).open()
        assert time.monotonic() - began < seconds + 1
        server.settle()

    assert (caught.value.phase, caught.value.code) == (Phase.CONNECT, code)
    assert caught.value.where == f"127.0.0.1:{server.port}"


EHLOS = {
    "421": (Both("421 4.3.2 Closing", DROP), "421"),
    "endless": (Endless(b"250-AND\r\n"), "more than 50 lines"),
    "a byte now and then": (Dribble(b"250 " + b"w" * 500), "not answer in time"),
    "drop": (DROP, "closed the connection"),
    "garbage": (b"hello\r\n", "no SMTP reply"),
}


@pytest.mark.parametrize("what", EHLOS)
def test_a_strange_answer_to_ehlo_is_no_connection(what, channel, quick):
    """Before the login, so that no password goes to it."""
    step, words = EHLOS[what]
    with ScriptedServer(Script(ehlo=step)) as server:
        with pytest.raises(Unavailable, match=words):
            channel(server.address(**LOGIN), timeouts=quick(connect=0.3 if "time" in words else 3.0)).open()
        server.settle()

    assert b"AUTH" not in server.received.upper()


def test_a_refused_ehlo_is_said_in_the_servers_words(authority, channel):
    """Not as a missing STARTTLS, which would lead astray."""
    refusing = Script(ehlo="550 5.7.1 Invalid HELO name")
    with ScriptedServer(refusing, tls=authority.context()) as server:
        line = channel(server.address(ca_file=authority.pem))
        with pytest.raises(Unavailable, match=r"550 .*Invalid HELO name"):
            line.open()


def test_an_old_server_without_ehlo_takes_letters_too(channel, claim, text):
    """HELO, no extensions, one command at a time."""
    with ScriptedServer(Script(ehlo="502 5.5.1 What?")) as server:
        line = channel(server.address())
        assert line.deliver(claim(), text, lambda: None).accepted
        line.close()
        server.settle()

    assert server.commands[2] == b"MAIL FROM:<campaign@ngo.example>"


def test_our_own_name_is_not_told(channel):
    """EHLO gives an address literal (RFC 5321 4.1.3), or what was asked for."""
    with ScriptedServer() as server:
        for name in ("", "mail.ngo.example"):
            line = channel(server.address(), ehlo_name=name)
            line.open()
            line.close()
        server.settle()

    assert [talk.commands[0] for talk in server.talks] == [b"ehlo [127.0.0.1]", b"ehlo mail.ngo.example"]


def unused_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def test_where_nothing_listens_a_few_tries_are_made(channel):
    """Seconds-long retries of the network's faults, each wait longer than the one before."""
    waits = []
    server = Server(host="127.0.0.1", port=unused_port(), security=Security.PLAIN)
    retry = Retry(attempts=4, first=1.0, longest=60.0, jitter=0.5)

    with pytest.raises(Unavailable, match="Nothing listens there") as caught:
        channel(server, retry=retry, sleep=waits.append).open()

    assert "OUTREACH_SMTP_PORT" in caught.value.todo
    assert len(waits) == 3
    for wait, least in zip(waits, (1, 2, 4), strict=True):
        assert least <= wait <= least + 0.5


def test_a_server_that_comes_back_between_two_tries_gets_the_letter(channel, claim, text):
    """The first connection is dropped at the banner."""
    waits = []
    with ScriptedServer(Script(banner=DROP), Script()) as server:
        line = channel(server.address(), retry=Retry(attempts=3), sleep=waits.append)
        assert line.deliver(claim(), text, lambda: None).accepted
        line.close()
        server.settle()

    assert (len(waits), len(server.mails)) == (1, 1)


@pytest.mark.parametrize("script", [Script(banner="554 No"), Script(auth=DROP), Script(banner=b"no\r\n")], ids=str)
def test_what_a_second_try_cannot_help_is_tried_once(script, channel):
    """A server's own words, nonsense, and above all a login."""
    with ScriptedServer(script) as server:
        with pytest.raises(Unavailable):
            channel(server.address(**LOGIN), retry=Retry(attempts=3), sleep=pytest.fail).open()
        server.settle()

    assert len(server.talks) == 1


@pytest.mark.parametrize(
    ("error", "tries"),
    [(socket.gaierror(socket.EAI_NONAME, "unknown"), 1), (socket.gaierror(socket.EAI_AGAIN, "try again"), 3)],
    ids=["unknown", "no answer now"],
)
def test_a_name_that_is_not_found_is_said(error, tries, channel, monkeypatch):
    """There is no name server in a test: the resolver is made to answer."""

    def refuse(*_, **__):
        raise error

    waits = []
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    server = Server(host="smtp.ngo.example", port=465, security=Security.SSL)
    with pytest.raises(Unavailable, match=r'name "smtp\.ngo\.example" was not found') as caught:
        channel(server, retry=Retry(attempts=3), sleep=waits.append).open()

    assert "OUTREACH_SMTP_HOST" in caught.value.todo
    assert len(waits) == tries - 1


def test_a_resolver_that_never_answers_is_left_at_the_deadline(channel, monkeypatch, quick):
    """Name look-up has no timeout of its own; the thread that waits for it is left behind and does no harm."""
    answer = threading.Event()

    def wait(*_, **__):
        answer.wait(10)
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", wait)
    server = Server(host="smtp.ngo.example", port=465, security=Security.SSL)
    try:
        with pytest.raises(Unavailable, match="not answer in time"):
            channel(server, timeouts=quick(connect=0.1)).open()
    finally:
        answer.set()
        for thread in threading.enumerate():
            if thread.name == "outreach-connect":
                thread.join(5)


def test_a_connection_that_comes_too_late_is_closed_and_says_nothing(channel, monkeypatch, quick):
    """The look-up ends after the deadline: the abandoned thread must not log in behind our back."""
    answer, real = threading.Event(), socket.getaddrinfo

    def late(*args, **more):
        answer.wait(10)
        return real(*args, **more)

    with ScriptedServer() as server:
        monkeypatch.setattr(socket, "getaddrinfo", late)
        with pytest.raises(Unavailable, match="not answer in time"):
            channel(server.address(**LOGIN), timeouts=quick(connect=0.1)).open()
        answer.set()
        for thread in threading.enumerate():
            if thread.name == "outreach-connect":
                thread.join(5)
        server.settle()

    assert server.received == b""


def test_a_connection_that_was_given_up_says_nothing_more(quick):
    """As after Ctrl-C, long before the deadline."""
    with ScriptedServer() as server:
        client = Client(server.address(**LOGIN), timeouts=quick(), ehlo_name="[127.0.0.1]", clock=time.monotonic)
        client.drop()
        with pytest.raises(Stalled, match="given up"):
            client.login()
        client.drop()
        server.settle()

    assert server.received == b""


def test_tls_spoken_to_a_server_in_clear_is_explained(authority, channel):
    """The commonest mistake in the settings: ssl for port 587."""
    with ScriptedServer() as server, pytest.raises(Unavailable, match="No TLS connection") as caught:
        channel(server.address(ca_file=authority.pem, security=Security.SSL)).open()

    assert "OUTREACH_SMTP_SECURITY=starttls" in caught.value.todo


@pytest.mark.parametrize("content", [None, "no certificate"], ids=["missing", "not PEM"])
def test_an_authority_that_cannot_be_read_is_a_setting_to_fix(content, channel, tmp_path):
    """Never a reason to go on without it."""
    path = tmp_path / "authority.pem"
    if content:
        path.write_text(content)
    with pytest.raises(SettingsError, match="cannot be read") as caught:
        channel(Server(host="127.0.0.1", port=1, security=Security.SSL, ca_file=str(path))).open()

    assert caught.value.where == "OUTREACH_SMTP_CA_FILE"


def test_an_own_authority_is_added_to_the_systems(authority, channel, tmp_path):
    """`ca_file` widens whom we trust; it does not replace it."""
    plain = ssl.create_default_context()
    more = verifying_context(Server(host="h", port=1, security=Security.SSL, ca_file=authority.pem))

    assert len(more.get_ca_certs()) == len(plain.get_ca_certs()) + 1
    assert (more.check_hostname, more.verify_mode) == (True, ssl.CERT_REQUIRED)
