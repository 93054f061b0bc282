"""The mailbox against a real Dovecot over TLS: what is found, and that nothing shows that somebody looked."""

from __future__ import annotations

import base64
import contextlib
import re
import socket
import threading
import time
import traceback
from datetime import UTC, date, datetime, timedelta
from typing import Self

import pytest

from outreach.errors import InboxError
from outreach.inbox import ImapMailbox
from outreach.inbox.connect import Patience
from outreach.model.evidence import COPY_MARK, MailKind
from outreach.model.server import Mailbox, Secret, Security, Server
from servers.certificates import Authority
from servers.dovecot import PASSWORD, Dovecot

from .conftest import QUICK

ID = "k5rv2mzt3yqhd7k5rv2mzt3yqh"
OTHER = "a2bcd3efgh4ijkl5mnop6qrst7"
MESSAGE_ID = f"<o.spring.{ID}@org.example>"
DAY = date(2026, 3, 1)


def letter(message_id: str = MESSAGE_ID, *, head: str = "") -> bytes:
    lines = f"{head}Date: Wed, 04 Mar 2026 09:00:00 +0000\r\nFrom: Ana <campaign@org.example>\r\n"
    lines += f"To: office@mfa.example\r\nMessage-ID: {message_id}\r\nSubject: A moratorium\r\n\r\nYour Excellency,\r\n"
    return lines.encode()


def bounce(identifier: str = ID) -> bytes:
    return (
        "Return-Path: <>\r\nReceived: from mx.example\r\nFrom: MAILER-DAEMON@mx.example\r\n"
        "To: campaign@org.example\r\nSubject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nI am sorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <o.spring.{identifier}@org.example>\r\n\r\n--b--\r\n"
    ).encode()


def answer(identifier: str = ID) -> bytes:
    return (
        f"From: office@mfa.example\r\nTo: letters+{identifier}@org.example\r\nSubject: =?utf-8?q?Danke_f=C3=BCr?=\r\n"
        "Message-ID: <77@mfa.example>\r\n\r\nWe have received your letter.\r\n"
    ).encode()


def test_a_letter_is_found_by_its_message_id_in_the_folder_that_holds_it(
    dovecot: Dovecot, mailbox: ImapMailbox
) -> None:
    """Exactly that Message-ID, not one that merely contains it."""
    dovecot.put(letter(), "Sent")
    dovecot.put(letter(f"<o.spring.{OTHER}@org.example.other>"), "Sent")
    wanted = [MESSAGE_ID, f"<o.spring.{OTHER}@org.example>"]
    assert mailbox.sent_folders() == ["Sent"]
    look = mailbox.copies("Sent", wanted)
    assert (look.theirs, look.ours) == ({MESSAGE_ID}, set())
    assert not mailbox.copies("Journal", wanted).theirs


def test_our_own_copy_is_told_apart(dovecot: Dovecot, mailbox: ImapMailbox) -> None:
    """By the mark in front; a real one beside it still counts."""
    dovecot.put(letter(head=f"{COPY_MARK}: filed by outreach\r\n"), "Sent")
    look = mailbox.copies("Sent", [MESSAGE_ID])
    assert (look.theirs, look.ours) == (set(), {MESSAGE_ID})
    dovecot.put(letter(), "Sent")
    look = mailbox.copies("Sent", [MESSAGE_ID])
    assert look.theirs == look.ours == {MESSAGE_ID}


def test_mails_that_name_a_letter_are_found_in_heads_and_texts(dovecot: Dovecot, mailbox: ImapMailbox) -> None:
    """A report, an answer to the reply address; mails about something else are not."""
    dovecot.put(bounce())
    dovecot.put(answer())
    dovecot.put(answer("another-thing-altogether-26"))
    found = {one.kind: one for one in mailbox.naming("INBOX", [ID, OTHER], since=DAY)}
    assert set(found) == {MailKind.BOUNCE, MailKind.REPLY}
    assert found[MailKind.REPLY].threaded == {ID}
    assert found[MailKind.REPLY].subject == "Danke für"
    assert found[MailKind.BOUNCE].names == {ID}
    assert found[MailKind.BOUNCE].received


def test_looking_changes_nothing(dovecot: Dovecot, mailbox: ImapMailbox) -> None:
    """No mail is seen, flagged, moved or gone after every kind of question."""
    for folder in ("INBOX", "Sent"):
        dovecot.put(letter(), folder)
        dovecot.put(bounce(), folder)
    before = dovecot.state()
    mailbox.sent_folders()
    mailbox.copies("Sent", [MESSAGE_ID])
    mailbox.naming("INBOX", [ID], since=DAY)
    mailbox.close()
    after = dovecot.state()
    assert [name.partition(":")[2] for name in after] == [""] * 4
    assert sorted(after.values()) == sorted(before.values())


def test_a_copy_is_filed_as_seen_on_its_day(dovecot: Dovecot, mailbox: ImapMailbox) -> None:
    """Byte for byte, with the flag of what is read, and INTERNALDATE as told."""
    at = datetime(2026, 3, 4, 9, 0, 7, tzinfo=UTC)
    raw = letter(head=f"{COPY_MARK}: filed by outreach\r\n")
    mailbox.append("Sent", raw, at)
    assert [one.replace(b"\r\n", b"\n") for one in dovecot.mails("Sent")] == [raw.replace(b"\r\n", b"\n")]
    (name,) = dovecot.state()
    assert name.endswith(":S")
    with mailbox._talking() as box:
        box.folder.set("Sent", readonly=True)
        said = box.client.uid("FETCH", "1:*", "(INTERNALDATE)")[1][0].decode()
    day, hour = said.split('INTERNALDATE "')[1].split()[:2]
    zone = said.split('"')[1].split()[2]
    found = datetime.strptime(f"{day} {hour} {zone}", "%d-%b-%Y %H:%M:%S %z")
    assert abs(found - at) < timedelta(seconds=1)


def test_folders_have_names_in_every_script(dovecot: Dovecot, mailbox: ImapMailbox) -> None:
    """Modified UTF-7 on the wire, words for people."""
    dovecot.put(letter(), "&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-")
    assert mailbox.copies("Отправленные", [MESSAGE_ID]).theirs == {MESSAGE_ID}


def test_a_folder_that_is_not_there_is_said_with_those_that_are(dovecot: Dovecot, mailbox: ImapMailbox) -> None:
    """To look into, and to file into; the connection goes on."""
    for ask in (
        lambda: mailbox.copies("Archive", [MESSAGE_ID]),
        lambda: mailbox.append("Archive", letter(), datetime.now(UTC)),
    ):
        with pytest.raises(InboxError, match=r'"Archive".*There are: INBOX, Journal, Sent'):
            ask()
    assert mailbox.copies("Sent", [MESSAGE_ID]).theirs == set()


@pytest.mark.parametrize("security", [Security.SSL, Security.STARTTLS])
def test_a_server_is_believed_by_its_certificate_alone(dovecot: Dovecot, security: Security) -> None:
    """With the authority it is let in; without it, and by another name, nothing is said to it."""
    with ImapMailbox(dovecot.place(security=security), patience=QUICK) as mailbox:
        assert mailbox.sent_folders() == ["Sent"]
    for wrong in ({"ca_file": ""}, {"host": "localhost"}):
        with (
            ImapMailbox(dovecot.place(security=security, **wrong), patience=QUICK) as mailbox,
            pytest.raises(InboxError, match="not to be trusted") as caught,
        ):
            mailbox.sent_folders()
        assert PASSWORD not in str(caught.value)


class Babbler:
    """Takes one connection after another and says the same to each, a line after each that it hears."""

    def __init__(self, *lines: bytes, gap: float = 0.0) -> None:
        self.heard: list[bytes] = []
        self._lines = lines
        self._gap = gap
        self._stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        socket.create_connection(("127.0.0.1", self.port)).close()
        self._thread.join(10)
        self._listener.close()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            talk, _ = self._listener.accept()
            with talk, contextlib.suppress(OSError), talk.makefile("rb") as hearing:
                for text in self._lines:
                    commands = [one for one in self.heard if b" " in one]  # the answer to a challenge has no tag
                    line = text.replace(b"TAG", commands[-1].partition(b" ")[0] if commands else b"")
                    for byte in line if self._gap else [line]:
                        talk.sendall(bytes([byte]) if self._gap else byte)
                        self._stopping.wait(self._gap)
                    self.heard.append(hearing.readline(4096))


def babbled(server: Babbler, security: Security, patience: Patience = QUICK) -> str:
    """What the mailbox says of such a server."""
    place = Mailbox(
        server=Server(
            host="127.0.0.1", port=server.port, security=security, user="ana", password=Secret(PASSWORD), ca_file=""
        )
    )
    with ImapMailbox(place, patience=patience) as mailbox, pytest.raises(InboxError) as caught:
        mailbox.sent_folders()
    assert PASSWORD not in "".join(traceback.format_exception(caught.value))
    return str(caught.value)


@pytest.mark.parametrize(
    ("lines", "security", "said"),
    [
        pytest.param(
            [b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n"], Security.STARTTLS, "STARTTLS", id="no-starttls"
        ),
        pytest.param(
            [b"* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] welcome\r\n"], Security.STARTTLS, "STARTTLS", id="preauth"
        ),
        pytest.param([b"* BYE too many of you\r\n"], Security.PLAIN, "says no|lost", id="bye"),
        pytest.param([b"220 smtp.example ESMTP\r\n"], Security.PLAIN, "says no|lost", id="another-protocol"),
        pytest.param([b"220 smtp.example ESMTP\r\n"], Security.SSL, "No TLS", id="no-tls"),
        pytest.param([], Security.PLAIN, "lost", id="hangs-up"),
        pytest.param(
            [b"* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] ready\r\n"], Security.PLAIN, "no login", id="no-login"
        ),
    ],
)
def test_a_server_that_is_none_hears_no_password(lines: list[bytes], security: Security, said: str) -> None:
    """Refused with a word on what to mend, and nothing secret has gone over the wire."""
    capability = b"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\nTAG OK done\r\n"
    with Babbler(*lines, *([capability] if lines else [])) as server:
        found = babbled(server, security)
    assert re.search(said, found), found
    assert PASSWORD.encode() not in b"".join(server.heard)


def test_a_server_that_dribbles_is_given_up_at_the_wall_deadline() -> None:
    """A byte now and then keeps no deadline from ending."""
    begun = time.monotonic()
    with Babbler(b"* OK " + b"x" * 1_000, gap=0.05) as server:
        found = babbled(server, Security.PLAIN, Patience(silence=1.0, whole=0.5, attempts=1))
    assert "did not answer in time" in found
    assert time.monotonic() - begun < 3


def test_a_hiccup_is_tried_again_within_seconds() -> None:
    """Two hang-ups are not the end; the third is said."""
    naps: list[float] = []
    place = Mailbox(server=Server(host="127.0.0.1", port=1, security=Security.PLAIN, user="ana"))
    with ImapMailbox(place, sleep=naps.append) as mailbox, pytest.raises(InboxError, match="Nothing listens"):
        mailbox.sent_folders()
    assert len(naps) == 2


def test_a_wrong_password_is_tried_once_and_never_shown(dovecot: Dovecot) -> None:
    """Said with the setting to mend; neither the error nor what it came from holds a secret."""
    log = dovecot.folder / "log"
    before = log.read_text().lower().count("password mismatch")
    wrong = f"{PASSWORD}-wrong"
    with (
        ImapMailbox(dovecot.place(password=wrong), patience=QUICK) as mailbox,
        pytest.raises(InboxError, match="OUTREACH_IMAP_PASSWORD") as caught,
    ):
        mailbox.sent_folders()
    chain = [caught.value, caught.value.__cause__]
    assert PASSWORD not in " ".join(f"{one} {one!r}" for one in chain)
    assert log.read_text().lower().count("password mismatch") == before + 1


def test_a_token_of_a_command_logs_in_by_xoauth2(tmp_path) -> None:
    """The command is run once for a login; what it prints goes as the provider of the mailbox wants it."""
    says = tmp_path / "token"
    says.write_text("S3CR3T-token")
    server = Babbler(
        b"* OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2] ready\r\n",
        b"* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\nTAG OK done\r\n",
        b"+ \r\n",
        b"TAG OK welcome\r\n",
        b'* LIST (\\HasNoChildren \\Sent) "/" "Posted"\r\nTAG OK done\r\n',
    )
    with server:
        reached = Server(
            host="127.0.0.1", port=server.port, security=Security.PLAIN, user="ana", token_command=("cat", str(says))
        )
        with ImapMailbox(Mailbox(server=reached), patience=QUICK) as mailbox:
            assert mailbox.sent_folders() == ["Posted"]
    (said,) = [one.strip() for one in server.heard if one.strip() and b" " not in one]
    assert base64.b64decode(said) == b"user=ana\x01auth=Bearer S3CR3T-token\x01\x01"


def test_a_wrong_authority_file_is_said(dovecot: Dovecot, authority: Authority, tmp_path) -> None:
    """A file that holds no certificate names the setting."""
    (tmp_path / "ca.pem").write_text("nothing")
    place = dovecot.place(ca_file=str(tmp_path / "ca.pem"))
    with ImapMailbox(place, patience=QUICK) as mailbox, pytest.raises(InboxError, match="OUTREACH_IMAP_CA_FILE"):
        mailbox.sent_folders()


def test_a_connection_that_died_is_said_and_the_next_question_opens_another(
    dovecot: Dovecot, mailbox: ImapMailbox
) -> None:
    """Cut in the middle: an error that says so, and no half answer."""
    mailbox.copies("Sent", [MESSAGE_ID])
    mailbox._open[1].hang_up()
    with pytest.raises(InboxError, match="lost"):
        mailbox.copies("Sent", [MESSAGE_ID])
    assert mailbox.copies("Sent", [MESSAGE_ID]).theirs == set()
