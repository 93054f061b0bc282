"""The rehearsal's server: takes its own letters, keeps them where only we can read them, and is gone afterwards."""

import logging
import os
import socket
import stat
import threading
import warnings
from dataclasses import replace

import pytest

from outreach.errors import LoginRefused
from outreach.model.server import Secret, Security
from outreach.transport.maildir import Maildir
from outreach.transport.rehearsal import RehearsalServer

BOX = "k5rv2mzt3yqhd7@rehearsal.example"


@pytest.fixture
def outbox(tmp_path):
    return tmp_path / "var" / "rehearsal" / "outbox"


@pytest.fixture
def letter(claim):
    return claim(recipient=BOX)


def files(outbox):
    return sorted(path for path in outbox.rglob("*") if path.is_file())


def nothing():
    """A mark that always succeeds."""


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o277], ids=oct)
def test_a_letter_is_kept_byte_for_byte_where_only_we_can_read_it(umask, outbox, channel, letter, text):
    """Folders 0700 and files 0600 whatever the umask; with PIPELINING, over a plain socket to this machine."""
    outbox.parent.mkdir(parents=True)
    before = os.umask(umask)
    try:
        with RehearsalServer(outbox) as rehearsal:
            line = channel(rehearsal.server, only_domain="rehearsal.example")
            answer = line.deliver(letter, text, nothing)
            line.close()
    finally:
        os.umask(before)

    [path] = files(outbox)
    assert answer.accepted
    assert answer.text == f"2.0.0 Kept as {path.name}"
    assert path.parent == outbox / "new"
    assert path.name.endswith(".k5rv2mzt3yqhd7.eml")
    assert path.read_bytes() == text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in (outbox, *(outbox / name for name in ("tmp", "new", "cur"))):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_an_older_outbox_is_closed_to_others(outbox):
    """A folder that was made before, more widely open, is closed."""
    outbox.mkdir(parents=True, mode=0o755)
    Maildir(outbox)
    assert stat.S_IMODE(outbox.stat().st_mode) == 0o700


def test_it_tells_where_and_as_whom_to_send(outbox):
    """This machine only, another port and login each time, and a repr that keeps the secret."""
    with RehearsalServer(outbox) as one, RehearsalServer(outbox) as two:
        servers = [one.server, two.server]

    assert {(server.host, server.security) for server in servers} == {("127.0.0.1", Security.PLAIN)}
    for value in ("port", "user", "password"):
        assert getattr(servers[0], value) != getattr(servers[1], value)
    assert servers[0].password.reveal() not in repr(servers[0])


@pytest.mark.parametrize(
    "recipient", ["minister@mfa.example", "a@sub.rehearsal.example", "a@notrehearsal.example"], ids=str
)
def test_a_foreign_recipient_is_refused(recipient, outbox, channel, claim, letter, text):
    """Even without the channel's own guard; the rehearsal's letters still go."""
    with RehearsalServer(outbox) as rehearsal:
        line = channel(rehearsal.server)
        answer = line.deliver(claim(recipient=recipient), text, pytest.fail)
        assert line.deliver(letter, text, nothing).accepted
        line.close()

    assert (answer.phase, answer.code) == ("rcpt", 550)
    assert len(files(outbox)) == 1


@pytest.mark.parametrize("changed", [{"password": Secret("guess")}, {"user": "somebody"}], ids=["password", "user"])
def test_another_login_is_refused(changed, outbox, channel):
    """A stray program on this machine leaves nothing in the outbox."""
    with RehearsalServer(outbox) as rehearsal, pytest.raises(LoginRefused, match="535"):
        channel(replace(rehearsal.server, **changed)).open()


def test_without_a_login_no_letter_is_taken(outbox, channel, letter, text):
    """530 at MAIL."""
    with RehearsalServer(outbox) as rehearsal:
        answer = channel(replace(rehearsal.server, user="")).deliver(letter, text, pytest.fail)

    assert (answer.phase, answer.code) == ("mail", 530)
    assert files(outbox) == []


def test_a_letter_that_cannot_be_kept_is_not_acknowledged(outbox, channel, letter, text):
    """No 250 without the bytes on the disk: here the folder is gone."""
    with RehearsalServer(outbox) as rehearsal:
        line = channel(rehearsal.server)
        line.open()
        (outbox / "new").rmdir()
        answer = line.deliver(letter, text, nothing)
        line.close()

    assert (answer.phase, answer.code) == ("dot", 452)
    assert files(outbox) == []


def test_a_letter_whose_mark_failed_is_not_kept(outbox, channel, letter, text):
    """The connection closes without the dot."""

    def fail():
        raise OSError("disk full")

    with RehearsalServer(outbox) as rehearsal, pytest.raises(OSError, match="disk full"):
        channel(rehearsal.server).deliver(letter, text, fail)

    assert files(outbox) == []


def test_a_letter_is_found_by_its_message_id(outbox, channel, letter):
    """So that a command can say where to look; also when the server has stopped."""
    mail = "Subject: x\r\nMessage-ID: <o.{}@ngo.example>\r\n\r\nMessage-ID: <o.9@ngo.example>\r\n"
    texts = {n: mail.format(n).encode() for n in range(3)}
    with RehearsalServer(outbox) as rehearsal:
        line = channel(rehearsal.server)
        for text in texts.values():
            assert line.deliver(letter, text, nothing).accepted
        line.close()

    for n, text in texts.items():
        assert rehearsal.maildir_path(f"<o.{n}@ngo.example>").read_bytes() == text
    assert rehearsal.maildir_path("o.1@ngo.example") == Maildir(outbox).find("<o.1@ngo.example>")
    assert rehearsal.maildir_path("<o.9@ngo.example>") is None


def test_no_file_name_leaves_the_folder(outbox):
    """Whatever a recipient is called."""
    kept = Maildir(outbox).keep(b"Subject: x\r\n\r\n", name="../../etc/passwd\n" + "x" * 500)
    assert kept.parent == outbox / "new"
    assert kept.name.isascii()
    assert len(kept.name) < 160


@pytest.mark.parametrize("trouble", [None, RuntimeError, KeyboardInterrupt], ids=str)
def test_afterwards_nothing_listens_and_nothing_runs(trouble, outbox, channel, letter, text):
    """Stopped with the command, also when it fails, with a connection still open; no warning, no log, no thread."""
    logging.getLogger("asyncio").setLevel(logging.DEBUG)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            with RehearsalServer(outbox) as rehearsal:
                port = rehearsal.server.port
                line = channel(rehearsal.server)
                line.deliver(letter, text, nothing)
                if trouble:
                    raise trouble
        except (RuntimeError, KeyboardInterrupt):
            assert trouble
    line.close()

    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
    assert "outreach-rehearsal" not in {thread.name for thread in threading.enumerate()}
    assert [str(one.message) for one in caught] == []
    with pytest.raises(RuntimeError):
        _ = rehearsal.server


def test_a_whole_campaign_goes_through(outbox, channel, claim, text):
    """Several connections' worth of letters, each kept once."""
    with RehearsalServer(outbox) as rehearsal:
        line = channel(rehearsal.server, only_domain="rehearsal.example")
        for n in range(150):
            assert line.deliver(claim(recipient=f"xa-{n}@rehearsal.example"), text, nothing).accepted
        line.close()

    assert len({path.name.split(".")[-2] for path in files(outbox)}) == len(files(outbox)) == 150
