"""The rows of the fault table about TLS and AUTH, and the happy paths beside them: a real server with both.

Who is not to be trusted gets no letter and no password, and no letter is charged for it.
"""

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from outreach.errors import LoginRefused, Unavailable
from outreach.model.server import Secret
from servers.certificates import Authority, self_signed
from servers.mailserver import MailServer
from servers.scripted import DROP, Both, Script, ScriptedServer
from support.moved_clock import names
from support.real_lines import SENT, WAITING, Scene

LOGIN = {"user": "campaign@org.example", "password": "S3CR3T-canary"}
LETTERS = names(6)
WAYS = pytest.mark.parametrize("direct", [True, False], ids=["ssl", "starttls"])
BOTH = ("STARTTLS", "AUTH PLAIN LOGIN", "PIPELINING")


@WAYS
@pytest.mark.parametrize("connections", [1, 3], ids=["one", "three"])
def test_over_verified_tls_and_after_one_login_each_letter_goes_once(
    scene: Scene, authority: Authority, direct: bool, connections: int
) -> None:
    """A real server (aiosmtpd): one login for each connection, and every letter from our user, byte for byte."""
    some = names(40)
    scene.book.queue(*some)
    with MailServer(authority.context(), direct=direct, **LOGIN) as server:
        done = scene.send(server.address(ca_file=authority.pem), connections=connections)
    assert (done.accepted, done.left) == (40, 0)
    scene.check(server.mails, dict.fromkeys(some, SENT))
    assert {mail.user for mail in server.mails} == {LOGIN["user"]}
    assert server.logins == ["PLAIN"] * connections


@WAYS
def test_a_real_server_that_refuses_the_login_gets_no_letter(scene: Scene, authority: Authority, direct: bool) -> None:
    """One try; with the right password afterwards all letters go."""
    scene.book.queue(*LETTERS)
    with MailServer(authority.context(), direct=direct, **LOGIN) as server:
        wrong = server.address(ca_file=authority.pem, password=Secret("guess"))
        with pytest.raises(LoginRefused):
            scene.send(wrong)
        scene.check(server.mails, dict.fromkeys(LETTERS, WAITING))
        assert server.logins == ["PLAIN"]
        assert scene.send(server.address(ca_file=authority.pem)).accepted == 6
    scene.check(server.mails, dict.fromkeys(LETTERS, SENT))


CERTIFICATES: dict[str, tuple[Callable[[Authority, Path], ssl.SSLContext], bool, str]] = {
    "expired": (lambda authority, _: authority.context(expired=True), True, "expired"),
    "wrong-host": (lambda authority, _: authority.context("elsewhere.example"), True, "(?i)mismatch|not valid for"),
    "self-signed": (lambda _, folder: self_signed(folder), False, "self-signed certificate"),
    "unknown-authority": (lambda authority, _: authority.context(), False, "self-signed certificate in|unable to get"),
}


@WAYS
@pytest.mark.parametrize("connections", [1, 3], ids=["one", "three"])
@pytest.mark.parametrize("what", CERTIFICATES)
def test_a_certificate_that_is_not_to_be_trusted_ends_the_run_before_a_login(
    scene: Scene, authority: Authority, tmp_path: Path, what: str, direct: bool, connections: int
) -> None:
    """No AUTH and no password was on the wire, encrypted or not; all letters are queued and not charged."""
    make, known, words = CERTIFICATES[what]
    scene.book.queue(*LETTERS)
    with ScriptedServer(Script(extensions=BOTH), tls=make(authority, tmp_path), direct=direct) as server:
        given = server.address(ca_file=authority.pem if known else "", **LOGIN)
        with pytest.raises(Unavailable, match=words):
            scene.send(given, connections=connections)
        scene.check_none_left(server, dict.fromkeys(LETTERS, WAITING))
    assert b"AUTH" not in server.received.upper()
    assert b"S3CR3T" not in server.received
    assert scene.pauses() == []


TAMPERED = {
    "STARTTLS-not-offered": (Script(extensions=("AUTH PLAIN LOGIN",)), "does not offer STARTTLS"),
    "plaintext-after-220": (Script(extensions=BOTH, starttls=b"220 Go\r\n250-x\r\n250 AUTH PLAIN\r\n"), "plain text"),
    "reply-after-220": (Script(extensions=BOTH, starttls=b"220 Go\r\n235 2.7.0 Welcome\r\n"), "plain text"),
    "no-TLS-after-220": (Script(extensions=BOTH, starttls=Both("220 Go", DROP)), "No TLS connection|No connection"),
    "501-to-STARTTLS": (Script(extensions=BOTH, starttls="501 5.5.4 No parameters"), "501"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_a_starttls_that_is_taken_away_or_tampered_with_is_no_way_to_send(
    scene: Scene, authority: Authority, what: str
) -> None:
    """The server offers a login in clear all the same: it is not taken, whatever it costs. 454: test_account_faults."""
    script, words = TAMPERED[what]
    scene.book.queue(*LETTERS)
    with ScriptedServer(script, tls=authority.context()) as server:
        with pytest.raises(Unavailable, match=words):
            scene.send(server.address(ca_file=authority.pem, **LOGIN))
        scene.check_none_left(server, dict.fromkeys(LETTERS, WAITING))
    assert b"AUTH" not in server.received.upper()
    assert b"MAIL" not in server.received.upper()
    assert b"S3CR3T" not in server.received


def test_a_login_offered_before_tls_is_taken_after_it(scene: Scene, authority: Authority) -> None:
    """In clear nothing but EHLO and STARTTLS; EHLO is said again, and only then AUTH, over TLS."""
    scene.book.queue(*LETTERS)
    with ScriptedServer(Script(extensions=BOTH), tls=authority.context()) as server:
        assert scene.send(server.address(ca_file=authority.pem, **LOGIN)).accepted == 6
        scene.check_none_left(server, dict.fromkeys(LETTERS, SENT))
    (talk,) = server.talks
    assert [one[:4].upper() for one in talk.commands[:4]] == [b"EHLO", b"STAR", b"EHLO", b"AUTH"]
    assert talk.encrypted
