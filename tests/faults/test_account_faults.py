"""The rows of the fault table that are the account's trouble: the channel rests, no letter is charged, each goes once.

Each row with one connection and with three that meet the incident at the same moment: they rest once, not thrice.
Across restarts and runners: tests/unit/runner/test_standing_still.py.
"""

from datetime import timedelta

import pytest

from outreach.errors import LoginRefused, TransportError
from servers.certificates import Authority
from servers.scripted import Both, Script, ScriptedServer, Step, Until
from support.moved_clock import names
from support.real_lines import GRACE, SENT, WAITING, Meeting, Scene

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LETTERS = names(9)
LOGIN = {"user": "campaign@org.example", "password": "S3CR3T-canary"}

REST = [
    pytest.param("banner", "421 4.3.2 Too many connections", MINUTE, id="421-in-banner"),
    pytest.param("mail", "421 4.3.2 Service shutting down", MINUTE, id="421-at-mail"),
    pytest.param("rcpt", "421 4.7.0 Too many errors", MINUTE, id="421-at-rcpt"),
    pytest.param("data", "421 4.3.0 Not now", MINUTE, id="421-at-data"),
    pytest.param("dot", "421 4.4.2 Timeout", MINUTE, id="421-after-the-dot"),
    pytest.param("rcpt", "451 4.7.500 Server busy", MINUTE, id="451-4.7.x-at-rcpt"),
    pytest.param("dot", "451 4.7.0 Slow down", MINUTE, id="451-4.7.x-after-the-dot"),
    pytest.param("mail", "452 4.3.1 Insufficient system storage", MINUTE, id="452-4.3.1-at-mail"),
    pytest.param("rcpt", "452 4.5.3 Too many recipients", MINUTE, id="452-4.5.3-at-rcpt"),
    pytest.param("mail", "454 4.7.0 Temporary authentication failure", MINUTE, id="454-at-mail"),
    pytest.param("auth", "454 4.7.0 Temporary authentication failure", MINUTE, id="454-at-login"),
    pytest.param("rcpt", "550 5.4.5 Daily user sending limit exceeded", HOUR, id="550-5.4.5-quota"),
    pytest.param("dot", "450 4.7.28 Unusual rate of mail", MINUTE, id="450-4.7.28-quota"),
    pytest.param("mail", "432 4.3.2 Concurrent connections limit exceeded", MINUTE, id="432-4.3.2-quota"),
    pytest.param("dot", "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException", HOUR,
                 id="554-5.2.0-quota"),
    pytest.param("banner", "554 5.3.2 No service here", MINUTE, id="554-banner"),
]  # fmt: skip


@pytest.mark.parametrize("connections", [1, 3], ids=["one", "three"])
@pytest.mark.parametrize(("phase", "reply", "pause"), REST)
def test_the_account_rests_once_and_every_letter_goes_once(
    scene: Scene, extensions: tuple[str, ...], phase: str, reply: str, pause: timedelta, connections: int
) -> None:
    """Nobody tries anything while it rests; then a new connection, and no letter was charged for it."""
    scene.book.queue(*LETTERS)
    meet = 1 if phase == "auth" else connections  # logins go one after the other
    incident = Both(Until(Meeting(meet)), reply)
    offers = (*extensions, "AUTH PLAIN")
    troubled = [Script(**{phase: incident}, extensions=offers)] * connections
    with ScriptedServer(*troubled, Script(extensions=offers)) as server:
        done = scene.send(server.address(**LOGIN), connections=connections)
        scene.check_none_left(server, dict.fromkeys(LETTERS, SENT))
    assert (done.accepted, done.left, done.deferred) == (9, 0, 0)
    assert len(server.talks) == 2 * connections
    first = scene.pauses()[0]
    assert pause - GRACE <= first <= pause + GRACE
    told = [one.reason for one in scene.book.said if one.until]
    assert any(reply[4:] in one for one in told), told
    assert b"S3CR3T" not in b"".join(one.encode() for one in told)


@pytest.mark.parametrize("connections", [1, 3], ids=["one", "three"])
def test_a_rest_is_doubled_when_the_incident_comes_again_and_begins_anew_after_a_letter(
    scene: Scene, connections: int
) -> None:
    """One, two, four minutes, however many connections meet each incident; a letter that goes makes it one again."""
    scene.book.queue(*LETTERS)
    scripts = []
    for _ in range(3):
        scripts += [Script(mail=Both(Until(Meeting(connections)), "421 4.3.2 Busy"))] * connections
    again = Script(mail=["250 2.1.0 OK", Both(Until(Meeting(connections)), "421 4.3.2 Busy")])
    with ScriptedServer(*scripts, *[again] * connections, Script()) as server:
        scene.send(server.address(), connections=connections)
        scene.check_none_left(server, dict.fromkeys(LETTERS, SENT))
    rests = [round(one / MINUTE) for one in scene.pauses()]
    assert rests[:4] == [1, 2, 4, 1]


@pytest.mark.parametrize("connections", [1, 3], ids=["one", "three"])
def test_an_incident_that_does_not_end_ends_the_run_with_every_letter_queued(scene: Scene, connections: int) -> None:
    """After half an hour of rests it gives up; nothing was sent, nothing charged; the next run sends all."""
    scene.book.queue(*LETTERS)
    with ScriptedServer(Script(mail="421 4.3.2 Busy")) as server:
        with pytest.raises(TransportError, match="421"):
            scene.send(server.address(), connections=connections)
        scene.check_none_left(server, dict.fromkeys(LETTERS, WAITING))
    assert len(scene.tried) <= 6 * connections
    scene.book.clock.move(hours=4)
    with ScriptedServer() as server:
        assert scene.send(server.address(), connections=connections).accepted == 9
        scene.check_none_left(server, dict.fromkeys(LETTERS, SENT))


NO_LOGIN = [
    pytest.param("auth", "535 5.7.8 Username and Password not accepted", LoginRefused, id="535-at-login"),
    pytest.param("auth", "530 5.7.0 Must issue a STARTTLS command first", LoginRefused, id="530-at-login"),
    pytest.param("auth", "534 5.7.9 Application-specific password required", LoginRefused, id="534-at-login"),
    pytest.param("mail", "530 5.7.0 Authentication required", TransportError, id="530-at-mail"),
    pytest.param("mail", "535 5.7.3 Authentication unsuccessful", TransportError, id="535-at-mail"),
]


@pytest.mark.parametrize("connections", [1, 3], ids=["one", "three"])
@pytest.mark.parametrize(("phase", "reply", "error"), NO_LOGIN)
def test_a_refused_login_ends_the_run_at_once(
    scene: Scene, phase: str, reply: str, error: type[Exception], connections: int, capfd: pytest.CaptureFixture[str]
) -> None:
    """One try over all connections, nothing is waited for, all letters queued, the secret told nowhere."""
    scene.book.queue(*LETTERS)
    logins = 1 if phase == "auth" else connections
    refused = Both(Until(Meeting(logins)), reply)
    with ScriptedServer(Script(**{phase: refused})) as server:
        with pytest.raises(error, match=reply[:3]) as caught:
            scene.send(server.address(**LOGIN), connections=connections)
        scene.check_none_left(server, dict.fromkeys(LETTERS, WAITING))
    assert len([one for one in server.commands if one.startswith(b"AUTH")]) == logins
    assert len(server.talks) <= connections
    assert scene.pauses() == []
    assert "S3CR3T" not in str(caught.value) + "".join(capfd.readouterr())


@pytest.mark.parametrize("connections", [1, 3], ids=["one", "three"])
def test_a_login_that_is_refused_in_the_middle_ends_the_run_and_what_went_has_gone(
    scene: Scene, connections: int
) -> None:
    """After 421 each connection logs in anew; now the password is wrong: one try over all of them, then the end."""
    scene.book.queue(*LETTERS)
    meeting = Meeting(connections)
    good = Script(mail=["250 2.1.0 OK", Both(Until(meeting), "421 4.3.2 Busy")])
    with ScriptedServer(*[good] * connections, Script(auth="535 5.7.8 Changed")) as server:
        with pytest.raises(LoginRefused):
            scene.send(server.address(**LOGIN), connections=connections)
        server.settle()
        went = {mail.recipients[0].split("@")[1].removesuffix(".example") for mail in server.mails}
        scene.check_none_left(server, {one: SENT if one in went else WAITING for one in LETTERS})
    assert len(went) == connections
    logins = [sum(one.startswith(b"AUTH") for one in talk.commands) for talk in server.talks]
    assert logins[:connections] == [1] * connections
    assert sum(logins) == connections + 1
    assert len(logins) <= 2 * connections


@pytest.mark.parametrize("connections", [1, 3], ids=["one", "three"])
def test_454_to_starttls_is_waited_for_and_never_gone_around(
    scene: Scene, authority: Authority, connections: int
) -> None:
    """No plain fallback: before TLS nothing but EHLO and STARTTLS was on the wire; a minute later all goes over TLS."""
    scene.book.queue(*LETTERS)
    reply: Step = Both(Until(Meeting(connections)), "454 4.7.0 TLS not available due to temporary reason")
    offers = ("STARTTLS", "AUTH PLAIN")
    scripts = [Script(starttls=reply, extensions=offers)] * connections
    with ScriptedServer(*scripts, Script(extensions=offers), tls=authority.context()) as server:
        given = server.address(ca_file=authority.pem, **LOGIN)
        assert scene.send(given, connections=connections).accepted == 9
        scene.check_none_left(server, dict.fromkeys(LETTERS, SENT))
    refused, taken = server.talks[:connections], server.talks[connections:]
    assert {tuple(one[:4].upper() for one in talk.commands) for talk in refused} == {(b"EHLO", b"STAR")}
    assert all(talk.encrypted for talk in taken)
    assert [round(one / MINUTE) for one in scene.pauses()[:1]] == [1]
