"""The rows of the fault table about names, routes and the wire itself: no letter is charged for the network."""

import socket
from datetime import timedelta

import pytest

from outreach.errors import Unavailable
from outreach.model.server import Security, Server
from outreach.transport.timing import Retry
from servers.relay import Relay
from servers.scripted import Both, Script, ScriptedServer, Until
from support.moved_clock import names
from support.real_lines import QUICK, SENT, WAITING, Doing, Fate, Scene, Status

LETTERS = names(6)
MINUTE = timedelta(minutes=1)
CONNECTIONS = pytest.mark.parametrize("connections", [1, 3], ids=["one", "three"])


def plain(port: int, host: str = "127.0.0.1") -> Server:
    return Server(host=host, port=port, security=Security.PLAIN)


@CONNECTIONS
@pytest.mark.parametrize("errno", [socket.EAI_NONAME, socket.EAI_AGAIN], ids=["no-such-name", "no-answer-now"])
def test_a_name_that_is_not_found_ends_a_run_that_never_connected(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, errno: int, connections: int
) -> None:
    """A slip in the settings is not waited out; the next run, with the name there, sends all."""
    scene.book.queue(*LETTERS)
    with ScriptedServer() as server:
        with monkeypatch.context() as patch:
            patch.setattr(socket, "getaddrinfo", _refusing(errno))
            with pytest.raises(Unavailable, match="was not found"):
                scene.send(plain(server.port, "smtp.org.example"), connections=connections, retry=Retry(attempts=3))
        scene.check_none_left(server, dict.fromkeys(LETTERS, WAITING))
        assert scene.pauses() == []
        assert scene.send(server.address(), connections=connections).accepted == 6
        scene.check_none_left(server, dict.fromkeys(LETTERS, SENT))


def test_a_name_that_is_lost_in_the_middle_is_waited_for(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a connection that worked: a minute, two, four; then the name is there again."""
    scene.book.queue(*LETTERS)
    real, refuse = socket.getaddrinfo, _refusing(socket.EAI_AGAIN)
    asked = []

    def unsteady(*given: object, **more: object) -> object:
        asked.append(given)
        return refuse() if 3 <= len(asked) <= 4 else real(*given, **more)

    monkeypatch.setattr(socket, "getaddrinfo", unsteady)  # asked twice for each connection in clear
    with ScriptedServer(Script(mail=["250 OK", "421 4.3.2 Busy"]), Script()) as server:
        assert scene.send(server.address()).accepted == 6
        scene.check_none_left(server, dict.fromkeys(LETTERS, SENT))
    assert [round(one / MINUTE) for one in scene.pauses()] == [1 + 1 + 2, 1]  # at last the one put off


@CONNECTIONS
def test_a_port_where_nothing_listens_ends_a_run_that_never_connected(scene: Scene, connections: int) -> None:
    """After some tries within seconds; every letter is queued, and goes when there is a server."""
    scene.book.queue(*LETTERS)
    with ScriptedServer() as server, Relay(server.port) as relay:
        relay.cut()
        with pytest.raises(Unavailable, match="Nothing listens there"):
            scene.send(plain(relay.port), connections=connections, retry=Retry(attempts=3))
        scene.check_none_left(server, dict.fromkeys(LETTERS, WAITING))
        relay.restore()
        assert scene.send(plain(relay.port), connections=connections).accepted == 6
        scene.check_none_left(server, dict.fromkeys(LETTERS, SENT))


@CONNECTIONS
@pytest.mark.parametrize("phase", ["mail", "rcpt", "data", "body", "dot"])
def test_a_network_that_goes_away_in_the_middle_is_waited_for(scene: Scene, phase: str, connections: int) -> None:
    """Ten minutes without it: only letters behind their dot are in doubt; all others go once when it is back."""
    some = names(30)
    scene.book.queue(*some)
    good = {"mail": "250 OK", "rcpt": "250 OK", "data": "354 Go ahead", "body": b"", "dot": "250 2.0.0 Queued"}[phase]
    with ScriptedServer() as server, Relay(server.port) as relay:
        gone = Both(Until(Doing(relay.cut)), good)
        server._scripts = (Script(**{phase: [good, good, gone]}), Script())
        back = scene.book.clock.now + timedelta(minutes=10)
        scene.hours.meanwhile = lambda: relay.restore() if scene.book.clock.now >= back else None
        done = scene.send(plain(relay.port), connections=connections)
        doubtful = set(scene.book.at(Status.IN_DOUBT))
        fates = {one: Fate(Status.IN_DOUBT, 1, 1) if one in doubtful else SENT for one in some}
        scene.check_none_left(server, fates | {one: _as_found(server, one) for one in doubtful})
    assert done.accepted + done.in_doubt == 30
    assert len(doubtful) <= connections
    assert (phase == "dot") <= len(doubtful)
    # A cut in the text may be felt only behind the mark: text and mark fit into the buffers on the way.
    assert connections > 1 or phase == "body" or len(doubtful) == (phase == "dot")
    assert scene.pauses()[0] >= timedelta(minutes=5)


def test_a_network_that_stays_away_ends_the_run_after_an_hour_with_every_letter_queued(scene: Scene) -> None:
    """Six tries, each after twice the time; nothing is charged, and the next run sends the rest."""
    scene.book.queue(*LETTERS)
    with ScriptedServer() as server, Relay(server.port) as relay:
        server._scripts = (Script(mail=["250 OK", Both(Until(Doing(relay.cut)), "250 OK")]), Script())
        with pytest.raises(Unavailable, match="Nothing listens there"):
            scene.send(plain(relay.port), timeouts=QUICK)
        scene.check_none_left(server, {LETTERS[0]: SENT} | dict.fromkeys(LETTERS[1:], WAITING))
        relay.restore()
        assert scene.send(plain(relay.port)).accepted == 5
        scene.check_none_left(server, dict.fromkeys(LETTERS, SENT))


def _as_found(server: ScriptedServer, institution: str) -> Fate:
    """In doubt, with the copy that the server has or has not: when the wire is cut, the dot may be on either side."""
    server.settle()
    copies = sum(mail.recipients == (f"office@{institution}.example",) for mail in server.mails)
    assert copies <= 1
    return Fate(Status.IN_DOUBT, copies, 1)


def _refusing(errno: int):
    def refuse(*_: object, **__: object) -> None:
        raise socket.gaierror(errno, "not found")

    return refuse
