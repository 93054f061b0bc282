"""A letter in doubt, from the lost answer to its settlement: a real mailbox, a log, a saved mail, a person's word."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

from outreach.inbox import ImapMailbox
from outreach.ledger import open_ledger
from outreach.model.campaign import Mode
from outreach.model.status import HeldReason, Status
from servers.dovecot import PASSWORD, USER, Dovecot
from servers.scripted import DROP, Script, ScriptedServer

Outreach = Callable[..., Any]
RESOLVE = ("resolve", "moratorium", "--live")
SEND = ("send", "moratorium", "--live")
BY = ("--by", "Ana", "--why", "I asked them")


class NoWaiting:
    def is_set(self) -> bool:
        return False

    def wait(self, timeout: float | None = None) -> bool:
        return False


def settings(folder: Path, smtp: int, imap: int, ca_file: str, password: str = PASSWORD) -> None:
    lines = [line for line in (folder / ".env").read_text().splitlines() if line.startswith("OUTREACH_SECRET")]
    lines += ["OUTREACH_SMTP_HOST=127.0.0.1", f"OUTREACH_SMTP_PORT={smtp}", "OUTREACH_SMTP_SECURITY=plain"]
    lines += ["OUTREACH_IMAP_HOST=127.0.0.1", f"OUTREACH_IMAP_PORT={imap}", f"OUTREACH_IMAP_CA_FILE={ca_file}"]
    lines += [f"OUTREACH_IMAP_USER={USER}", f"OUTREACH_IMAP_PASSWORD='{password}'"]
    (folder / ".env").write_text("\n".join(lines) + "\n")
    (folder / ".env").chmod(0o600)


@pytest.fixture
def smtp() -> Iterator[ScriptedServer]:
    """Takes the first letter and every later one, and answers nothing to the second."""
    with ScriptedServer(Script(dot=["250 2.0.0 Queued", DROP], keeps=True), Script()) as server:
        yield server


@pytest.fixture
def doubtful(
    workspace: Path,
    outreach: Outreach,
    smtp: ScriptedServer,
    dovecot: Dovecot,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """Three letters sent live: two accepted, the middle one in doubt."""
    monkeypatch.setattr("outreach.cli.send.stop_on_signal", lambda _: nullcontext(NoWaiting()))
    monkeypatch.setattr("outreach.rules.verdict._pause", lambda *_: timedelta(0))
    file = workspace / "campaigns/moratorium.toml"
    text = re.sub(r"REPLACE ME[^\"\n]*", "Real Organisation", file.read_text(encoding="utf-8"))
    text = text.replace("replace-me.example", "organisation.org")
    text = re.sub(r"@[a-z.-]*\.example\b", "@organisation.org", text)
    file.write_text(re.sub(r"(?ms)^\[pace\]\n.*?(?=^\[|\Z)", "[pace]\n", text), encoding="utf-8")
    head = "id,state,role,institution,email,languages"
    rows = [f"qm-mfa-{n},QM,mfa,Ministry {n},office@m{n}.examplia.example,en" for n in range(3)]
    (workspace / "contacts/example.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    settings(workspace, smtp.port, dovecot.direct, dovecot.ca_file)
    for command in (
        ("contacts", "verify", "--all", "--sheet", "contacts/example.csv", "--by", "Ana"),
        ("plan", "moratorium", "--live", "--quiet"),
        ("approve", "moratorium", "--live", "--yes", "--by", "Ana"),
    ):
        said = outreach(*command)
        assert said.code == 0, said.all
    assert outreach(*SEND).code == 1
    assert statuses(outreach) == {"accepted": 2, "in_doubt": 1}
    return workspace


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """A quarter of an hour has passed by the ledger's clock."""
    from outreach.ledger.store import Store

    here = Store.here
    monkeypatch.setattr(Store, "here", lambda self: here(self) + 16 * 60 * 1_000_000)


def statuses(outreach: Outreach) -> Counter[str]:
    log = json.loads(outreach("log", "moratorium", "--live", "--format", "json").out)
    return Counter(one["status"] for one in log["rows"])


def sent(smtp: ScriptedServer) -> dict[str, list[bytes]]:
    """The copies that the server holds, by recipient."""
    smtp.settle()
    found: dict[str, list[bytes]] = {}
    for mail in smtp.mails:
        found.setdefault(mail.recipients[0], []).append(mail.raw)
    return found


def letters(smtp: ScriptedServer) -> tuple[list[bytes], bytes]:
    """The neighbours, and the one in doubt."""
    held = sent(smtp)
    (doubtful,) = held.pop("office@m1.examplia.example")
    return [raw for several in held.values() for raw in several], doubtful


def events(workspace: Path) -> list[tuple[str, str, dict[str, Any]]]:
    with sqlite3.connect(workspace / ".outreach/live/live.db") as ledger:
        rows = ledger.execute("SELECT kind, who, detail FROM event ORDER BY id").fetchall()
    ledger.close()
    return [(kind, who, json.loads(detail)) for kind, who, detail in rows]


def test_a_letter_in_the_folder_of_sent_mail_was_taken(
    doubtful: Path, outreach: Outreach, smtp: ScriptedServer, dovecot: Dovecot
) -> None:
    """Listed with what the server said; looked for; accepted by the proof, which stays in the log; never sent again."""
    listed = outreach(*RESOLVE)
    assert listed.code == 1
    assert "1 letter is in doubt" in listed.out
    assert "qm-mfa-1" in listed.out
    assert "handed over whole" in listed.out
    assert "nothing found yet" in listed.out
    neighbours, letter = letters(smtp)
    for raw in (*neighbours, letter):
        dovecot.put(raw, "Sent")
    before = sorted(dovecot.state().values())
    said = outreach(*RESOLVE, "--look")
    assert said.code == 0, said.all
    assert "qm-mfa-1: accepted: it was taken" in said.out
    assert "No letter is in doubt" in said.out
    assert statuses(outreach) == {"accepted": 3}
    found = [one for one in events(doubtful) if one[0] in {"evidence", "settled"}]
    assert [kind for kind, _, _ in found] == ["evidence", "settled"]
    assert found[-1][1] == "evidence"
    assert found[-1][2]["evidence"][0]["source"] == "folder Sent"
    assert "Nothing approved is waiting" in outreach(*SEND).out
    assert sum(map(len, sent(smtp).values())) == 3
    assert sorted(dovecot.state().values()) == before
    assert all(name.endswith(":") for name in dovecot.state())


def test_a_letter_that_lacks_where_its_neighbours_lie_is_sent_once_more(
    doubtful: Path, outreach: Outreach, smtp: ScriptedServer, dovecot: Dovecot, later: None
) -> None:
    """The same bytes but for the Date line, the same Message-ID, once."""
    neighbours, letter = letters(smtp)
    smtp.mails = [mail for mail in smtp.mails if mail.raw != letter]  # this server had not kept it
    for raw in neighbours:
        dovecot.put(raw, "Sent")
    said = outreach(*RESOLVE, "--look")
    assert said.code == 0, said.all
    assert "sent again by the next `outreach send`" in said.out
    assert outreach(*SEND).code == 0
    assert statuses(outreach) == {"accepted": 3}
    held = sent(smtp)
    assert {len(several) for several in held.values()} == {1}
    (again,) = held["office@m1.examplia.example"]
    assert again.partition(b"\r\n")[2] == letter.partition(b"\r\n")[2]


def test_absence_too_soon_or_without_neighbours_settles_nothing(
    doubtful: Path, outreach: Outreach, smtp: ScriptedServer, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Said why, written down once, and nothing is sent."""
    for raw in letters(smtp)[0]:
        dovecot.put(raw, "Sent")
    said = outreach(*RESOLVE, "--look")
    assert said.code == 1
    assert "15 minutes must have passed" in " ".join(said.out.split())
    dovecot.empty()
    count = len(events(doubtful))
    for _ in range(2):
        assert outreach(*RESOLVE, "--look").code == 1
        assert len(events(doubtful)) == count
    assert statuses(outreach) == {"accepted": 2, "in_doubt": 1}


def test_an_answer_that_names_the_letter_proves_it_and_copies_of_ours_do_not(
    doubtful: Path, outreach: Outreach, smtp: ScriptedServer, dovecot: Dovecot
) -> None:
    """Our own copy in Sent, a mail of our own and the copy in our own box settle nothing; a report does."""
    _, letter = letters(smtp)
    message = message_from_bytes(letter)
    identifier = message["Message-ID"].rpartition(".")[0].rpartition("@")[0].rpartition(".")[2]
    dovecot.put(b"X-Outreach-Copy: filed by outreach\r\n" + letter, "Sent")
    sender = re.search(r"[\w.+-]+@organisation\.org", message["From"])[0]
    dovecot.put(f"From: {sender}\r\nSubject: Look\r\n\r\n{identifier}\r\n".encode())
    dovecot.put(f"Message-ID: <to-me.x@organisation.org>\r\nReply-To: a+{identifier}@b.example\r\n\r\nHi\r\n".encode())
    assert outreach(*RESOLVE, "--look").code == 1
    assert statuses(outreach) == {"accepted": 2, "in_doubt": 1}
    dovecot.put(f"From: MAILER-DAEMON@mx.example\r\n\r\nMessage-ID: {message['Message-ID']}\r\n".encode())
    said = outreach(*RESOLVE, "--look")
    assert said.code == 0, said.all
    assert statuses(outreach) == {"accepted": 3}


def test_a_servers_log_and_a_saved_mail_are_evidence(
    doubtful: Path, outreach: Outreach, smtp: ScriptedServer, tmp_path: Path
) -> None:
    """A log that ends too early proves nothing; proofs against each other settle nothing; and it needs no mailbox."""
    _, letter = letters(smtp)
    message_id = message_from_bytes(letter)["Message-ID"]
    log = tmp_path / "mail.log"
    log.write_text("Mar  4 09:00:01 mail postfix/smtpd[1]: connect\n")
    assert outreach(*RESOLVE, "--mail-log", log).code == 1
    mail = tmp_path / "answer.eml"
    mail.write_text(f"From: office@m1.examplia.example\r\nIn-Reply-To: {message_id}\r\nSubject: Thanks\r\n\r\nYes\r\n")
    said = outreach(*RESOLVE, "--mail-log", log, "--eml", mail)
    assert said.code == 0, said.all
    assert statuses(outreach) == {"accepted": 3}


def test_contradictory_evidence_settles_nothing_and_is_said(
    doubtful: Path, outreach: Outreach, smtp: ScriptedServer, dovecot: Dovecot, tmp_path: Path, later: None
) -> None:
    """The folder lacks it and the log has it: a person decides."""
    neighbours, letter = letters(smtp)
    for raw in neighbours:
        dovecot.put(raw, "Sent")
    message_id = message_from_bytes(letter)["Message-ID"]
    log = tmp_path / "mail.log"
    log.write_text(
        f"Mar  4 09:00:01 mail postfix/cleanup[1]: 4F3C12: message-id={message_id}\n"
        "Mar  4 09:00:02 mail postfix/smtp[1]: 4F3C12: to=<office@m1.examplia.example>, status=sent (250 Ok)\n"
    )
    said = outreach(*RESOLVE, "--look", "--mail-log", log)
    assert said.code == 1
    assert "contradictory" in said.out
    assert statuses(outreach) == {"accepted": 2, "in_doubt": 1}
    assert outreach(*RESOLVE, "qm-mfa-1", "--sent", *BY).code == 0


@pytest.mark.parametrize(
    ("word", "status", "again"), [("--sent", "accepted", 0), ("--resend", "queued", 1), ("--drop", "cancelled", 0)]
)
def test_a_person_settles_with_name_and_reason(
    doubtful: Path, outreach: Outreach, smtp: ScriptedServer, word: str, status: str, again: int
) -> None:
    """Each way once, recorded, and the next run and plan keep to it."""
    said = outreach(*RESOLVE, "qm-mfa-1", word, *BY)
    assert said.code == 0, said.all
    assert statuses(outreach) == Counter(["accepted", "accepted", status])
    assert events(doubtful)[-1] == ("settled", "Ana", {"why": "I asked them"})
    assert outreach("plan", "moratorium", "--live", "--quiet").code == 0
    outreach("approve", "moratorium", "--live", "--yes", "--by", "Ana")
    outreach(*SEND)
    assert len(sent(smtp)["office@m1.examplia.example"]) == 1 + again
    refused = outreach(*RESOLVE, "qm-mfa-1", word, *BY)
    assert refused.code == 2
    assert "in doubt or held" in refused.err


def test_every_letter_in_doubt_can_be_settled_at_once(doubtful: Path, outreach: Outreach) -> None:
    """With --all; accepted letters are not touched."""
    said = outreach(*RESOLVE, "--all", "--drop", *BY)
    assert said.code == 0, said.all
    assert statuses(outreach) == {"accepted": 2, "cancelled": 1}


@pytest.mark.parametrize(
    ("words", "todo"),
    [
        (("qm-mfa-1",), "--sent, --resend or --drop"),
        (("qm-mfa-1", "--sent", "--drop", *BY), "one of them"),
        (("qm-mfa-1", "--sent", "--by", "Ana"), "--why"),
        (("qm-mfa-1", "--sent", "--why", "because"), "--by"),
        (("qm-mfa-1", "--sent", "--by", " ", "--why", " "), "--by"),
        (("--sent", *BY), "--all"),
        (("qm-mfa-1", "--all", "--sent", *BY), "--all"),
        (("qm-mfa-1", "--sent", "--look", *BY), "Look first"),
        (("qm-mfa-0", "--sent", *BY), "nothing was settled"),
        (("qm-mfa-1", "nobody", "--sent", *BY), "nothing was settled"),
    ],
)
def test_a_word_that_is_not_whole_settles_nothing(
    doubtful: Path, outreach: Outreach, words: tuple[str, ...], todo: str
) -> None:
    """Exit 2, with what to add; nothing is written."""
    count = len(events(doubtful))
    said = outreach(*RESOLVE, *words)
    assert said.code == 2, said.all
    assert todo in said.err
    assert len(events(doubtful)) == count


def test_a_wrong_password_and_a_mailbox_that_is_away_are_said_and_settle_nothing(
    doubtful: Path, outreach: Outreach, smtp: ScriptedServer, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 1 with the setting to mend, the list all the same, and no secret."""
    monkeypatch.setitem(ImapMailbox.__init__.__kwdefaults__, "sleep", lambda _: None)
    for imap, password, said_so in (
        (dovecot.direct, "S3CR3T-canary-wrong", "OUTREACH_IMAP_PASSWORD"),
        (1, PASSWORD, "Nothing listens there"),
    ):
        settings(doubtful, smtp.port, imap, dovecot.ca_file, password)
        said = outreach(*RESOLVE, "--look")
        assert said.code == 1
        assert said_so in said.err
        assert "1 letter is in doubt" in said.out
        assert "S3CR3T" not in said.all
    (doubtful / ".env").write_text((doubtful / ".env").read_text().replace("OUTREACH_IMAP", "#OUTREACH_IMAP"))
    said = outreach(*RESOLVE, "--look")
    assert said.code == 1
    assert "OUTREACH_IMAP_HOST" in said.err


def test_a_rehearsal_has_no_mailbox_and_nothing_in_doubt(workspace: Path, outreach: Outreach) -> None:
    """Without --live it lists the rehearsal's, and looks nowhere."""
    assert outreach("plan", "moratorium", "--quiet").code == 0
    said = outreach("resolve", "moratorium")
    assert said.code == 0, said.all
    assert "REHEARSAL" in said.out
    assert outreach("resolve", "moratorium", "--look").code == 2


def test_colleagues_get_a_copy_of_each_letter(
    doubtful: Path, outreach: Outreach, smtp: ScriptedServer, dovecot: Dovecot
) -> None:
    """Byte for byte with the mark in front, as read, once; never evidence of itself; one in doubt gets none."""
    file = doubtful / "campaigns/moratorium.toml"
    file.write_text(file.read_text() + '\n[copies]\nfolder = "Sent"\n')
    neighbours, _ = letters(smtp)
    dovecot.put(neighbours[0], "Sent")
    for said in (outreach(*SEND), outreach(*SEND)):
        assert said.code == 0, said.all
    marked = [raw for raw in dovecot.mails("Sent") if raw.startswith(b"X-Outreach-Copy: ")]
    assert len(dovecot.mails("Sent")) == 2
    (copy,) = marked
    assert copy.replace(b"\r\n", b"\n").partition(b"\n")[2] == neighbours[1].replace(b"\r\n", b"\n")
    assert outreach(*RESOLVE, "--look").code == 1
    assert outreach(*RESOLVE, "--all", "--sent", *BY).code == 0
    assert "1 filed" in outreach(*SEND).out
    assert len(dovecot.mails("Sent")) == 3


def test_a_copy_that_was_filed_and_not_written_down_gets_no_second_one(
    doubtful: Path, outreach: Outreach, dovecot: Dovecot
) -> None:
    """The command died between the two: the folder is looked into first."""
    file = doubtful / "campaigns/moratorium.toml"
    file.write_text(file.read_text() + '\n[copies]\nfolder = "Sent"\n')
    assert "2 filed" in outreach(*SEND).out
    with sqlite3.connect(doubtful / ".outreach/live/live.db") as ledger:
        ledger.execute("DELETE FROM filed")
    ledger.close()
    assert "0 filed, 2 were there already" in outreach(*SEND).out
    assert len(dovecot.mails("Sent")) == 2


def test_a_journal_folder_is_named_by_hand(
    doubtful: Path, outreach: Outreach, smtp: ScriptedServer, dovecot: Dovecot
) -> None:
    """Instead of the folder of sent mail; a name that is wrong is said with those that are right."""
    said = outreach(*RESOLVE, "--look", "--folder", "Nowhere")
    assert said.code == 1
    assert "There are: INBOX, Journal, Sent" in said.err
    dovecot.put(letters(smtp)[1], "Journal")
    said = outreach(*RESOLVE, "--look", "--folder", "Journal")
    assert said.code == 0, said.all
    assert "Looked into Journal" in said.out


def test_a_held_letter_is_listed_and_released_by_a_person(doubtful: Path, outreach: Outreach) -> None:
    """Listed beside those in doubt; --sent is refused, for it was not; --resend lets it go."""
    url = f"sqlite:///{doubtful}/.outreach/live/live.db"
    with open_ledger(url, mode=Mode.LIVE) as ledger:
        (one,) = ledger.doubts("moratorium")
        identifier = one.standing.dispatch.id
        ledger.settle_by_person([identifier], Status.QUEUED, by="Ana", why="nobody has it")
        ledger.hold([identifier], HeldReason.BY_HAND, by="Ana")
    listed = outreach(*RESOLVE)
    assert listed.code == 0
    assert "1 letter held for a person" in listed.out
    assert "held by hand" in listed.out
    refused = outreach(*RESOLVE, "qm-mfa-1", "--sent", *BY)
    assert refused.code == 2
    assert "--resend or --drop" in refused.err
    assert outreach(*RESOLVE, "qm-mfa-1", "--resend", *BY).code == 0
    assert statuses(outreach) == {"accepted": 2, "queued": 1}


def test_a_copy_that_cannot_be_filed_holds_up_no_letter(
    doubtful: Path, outreach: Outreach, smtp: ScriptedServer, dovecot: Dovecot
) -> None:
    """No such folder, or no mailbox at all: said, exit 0, and tried again with the next run."""
    file = doubtful / "campaigns/moratorium.toml"
    text = file.read_text()
    file.write_text(text + '\n[copies]\nfolder = "Elsewhere"\n')
    said = outreach(*SEND)
    assert said.code == 0
    assert '"Elsewhere"' in said.err
    assert "There are: INBOX, Journal, Sent" in said.err
    env = (doubtful / ".env").read_text()
    (doubtful / ".env").write_text(env.replace("OUTREACH_IMAP", "#OUTREACH_IMAP"))
    checked = outreach("check", "moratorium", "--live")
    assert checked.code == 0, checked.all
    assert "Copies are wanted, and no mailbox is set" in checked.out
    said = outreach(*SEND)
    assert said.code == 0
    assert "No copies were filed" in said.err
    (doubtful / ".env").write_text(env)
    file.write_text(text + '\n[copies]\nfolder = "Journal"\n')
    assert "2 filed" in outreach(*SEND).out
    assert len(dovecot.mails("Journal")) == 2
