"""The authorities' way to our mailbox: real SMTP, from anybody and from nobody, on this machine alone."""

import mailbox
import stat
import time
from email.utils import parsedate_to_datetime

import pytest

from outreach.errors import TransportError
from outreach.model.inbound import InboundKind
from outreach.model.simulated import Simulated
from outreach.transport.postman import Postman
from outreach.transport.rehearsal import RehearsalServer

RAW = b"X-Outreach-Simulated: yes\r\nFrom: a@b.example\r\nSubject: Re: x\r\n\r\nSIMULATED\r\n.\r\n..and so on\r\n"


def mail(raw=RAW, envelope_from="office@mfa.example"):
    return Simulated(
        institution="qm-mfa-1",
        state="QM",
        kind=InboundKind.REPLY,
        envelope_from=envelope_from,
        sender="a@b.example",
        raw=raw,
    )


def deliver(folder, *mails):
    with RehearsalServer(folder, final=True) as server, Postman(server.server) as postman:
        postman.deliver(mails)


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_mails_arrive_with_what_the_last_server_on_the_way_writes(tmp_path):
    """Return-Path and Received in front (RFC 5321 4.4), the rest byte for byte; a machine's has the null sender."""
    folder = tmp_path / "answers"
    deliver(folder, mail(), mail(envelope_from=""))
    first, second = (path.read_bytes() for path in files(folder))
    assert first.startswith(b"Return-Path: <office@mfa.example>\r\nReceived: from [127.0.0.1] by rehearsal.example")
    assert second.startswith(b"Return-Path: <>\r\nReceived: ")
    for raw in (first, second):
        head, _, rest = raw.partition(b" GMT\r\n")
        assert head.count(b"\r\n") == 1
        assert rest == RAW
    assert len(mailbox.Maildir(folder, create=False)) == 2


def test_no_answer_seems_older_than_its_letter(tmp_path):
    """Received has whole seconds; they are rounded up."""
    before = time.time()
    deliver(tmp_path / "answers", mail())
    [path] = files(tmp_path / "answers")
    received = path.read_bytes().splitlines()[1].decode().rpartition("; ")[2]
    assert parsedate_to_datetime(received).timestamp() >= before


def test_only_we_can_read_them(tmp_path):
    """Folders 0700, files 0600."""
    folder = tmp_path / "answers"
    deliver(folder, mail())
    for path in (folder, *folder.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_a_mail_that_could_carry_a_second_one_is_not_sent(tmp_path):
    """A bare line end; those before it have arrived."""
    with pytest.raises(TransportError, match="a line that does not end in CRLF"):
        deliver(tmp_path / "answers", mail(), mail(RAW.replace(b"SIMULATED\r\n", b"SIMULATED\n")))
    assert len(files(tmp_path / "answers")) == 1


def test_a_mailbox_that_takes_nothing_is_said(tmp_path):
    """With whose answer it was."""
    with (
        RehearsalServer(tmp_path / "answers", domain="elsewhere.example", final=True) as server,
        Postman(server.server) as postman,
        pytest.raises(TransportError, match="did not take it: 550") as error,
    ):
        postman.deliver([mail()])
    assert error.value.where == "the answer of qm-mfa-1"


def test_outside_its_block_the_postman_goes_nowhere(tmp_path):
    """No connection is kept open."""
    with RehearsalServer(tmp_path / "answers", final=True) as server:
        postman = Postman(server.server)
        with postman:
            postman.deliver([mail()])
        with pytest.raises(RuntimeError, match="with"):
            postman.deliver([mail()])
