"""From a sent letter to the tray and back, as a campaigner types it: Maildir, mbox, saved mails, a real mailbox."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from servers.certificates import Authority
from servers.dovecot import PASSWORD, Dovecot
from support.accounts import imap_settings

Outreach = Callable[..., Any]


@pytest.fixture
def sent(workspace: Path, outreach: Outreach) -> Path:
    """A rehearsal of the shipped campaign, sent."""
    for words in (("plan", "moratorium"), ("approve", "moratorium", "--yes", "--by", "Ana"), ("send", "moratorium")):
        assert outreach(*words).code == 0
    return workspace


def letters(workspace: Path) -> dict[str, bytes]:
    """What was sent, by institution."""
    files = (workspace / ".outreach/rehearsal/outbox/new").iterdir()
    return {one.name.split(".")[-2]: one.read_bytes() for one in files}


def header(raw: bytes, name: str) -> str:
    found = re.search(rf"(?im)^{name}: (.*(?:\r?\n[ \t].*)*)".encode(), raw)
    assert found
    return " ".join(found[1].decode().split())


def answer(to: bytes, body: str = "We shall look into it.", **more: str) -> bytes:
    head = {
        "Received": "from mx by mx.org.example; Fri, 01 Jan 2027 10:00:00 +0000",
        "From": "Clerk <clerk@examplia.example>",
        "To": "letters@org.example",
        "Date": "Fri, 01 Jan 2027 10:00:00 +0000",
        "Message-ID": f"<{abs(hash(body))}@examplia.example>",
        "Subject": "Re: your letter",
        "In-Reply-To": header(to, "Message-ID"),
    }
    head |= {name.replace("_", "-"): value for name, value in more.items()}
    return "".join([*(f"{name}: {value}\n" for name, value in head.items() if value), "\n", body, "\n"]).encode()


def bounce(letter: bytes, *, status: str = "5.1.1") -> bytes:
    body = (
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        f"Final-Recipient: rfc822; {header(letter, 'To').rpartition('<')[2].rstrip('>')}\nAction: failed\n"
        f"Status: {status}\n\n--b\nContent-Type: text/rfc822-headers\n\n"
        f"Message-ID: {header(letter, 'Message-ID')}\n\n--b--"
    )
    kind = 'multipart/report; report-type=delivery-status; boundary="b"'
    return answer(letter, body, From="MAILER-DAEMON@mx.example", In_Reply_To="", Content_Type=kind, MIME_Version="1.0")


def maildir(folder: Path, *mails: bytes) -> Path:
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for number, one in enumerate(mails):
        (folder / "new" / f"{number}.here").write_bytes(one)
    return folder


def test_answers_find_their_letters_and_the_rest_is_in_the_tray(sent: Path, outreach: Outreach, tmp_path: Path) -> None:
    """Counted by where they went; the second time nothing changes; a person settles what is left."""
    its = letters(sent)
    one, other, *_ = sorted(its)
    broken = answer(its[one], "x", Content_Type="text/plain; charset=foo-bar", In_Reply_To="")
    box = maildir(
        tmp_path / "box",
        answer(its[one], "Yes."),
        bounce(its[other]),
        answer(its[one], "Who are you?", In_Reply_To=""),
        broken,
    )
    said = outreach("collect", "--maildir", box)
    assert said.code == 0, said.all
    assert re.search(r"4 read = 0 known \+ 2 matched \+ \d tray \+ \d quarantined", said.out)
    assert re.search(r"The ledger: 4 in = 2 matched \+ \d tray \+ \d quarantined\.", said.out)
    assert "New by kind: 1 came back for good, 1 answer." in said.out
    assert "New in the tray, if they are for you: 2 answers." in said.out
    assert "Next: outreach tray" in said.out
    again = outreach("collect", "--maildir", box)
    assert "0 read = 0 known" in again.out
    listed = outreach("log", "moratorium", "--format", "csv", "--detail").out
    assert "bounced" in next(line for line in listed.splitlines() if f'"{other}"' in line)

    shown = outreach("tray").out
    assert "clerk@examplia.example" in shown
    number = re.search(r"(?m)^ *(\d+) .*Re: your letter", shown)
    assert number
    assert outreach("tray", number[1], "--to", one).code == 2
    settled = outreach("tray", number[1], "--to", one, "--by", "Ana")
    assert settled.code == 0, settled.all
    assert "--approve clerk@examplia.example" in settled.out
    assert "clerk@examplia.example" in outreach("tray").out
    assert outreach("tray", "--approve", "clerk@examplia.example", "--by", "Bo").code == 0
    for left in re.findall(r"(?m)^ *(\d+) +\d{4}-|^ *(\d+) .*(?:Error|foo-bar)", outreach("tray").out):
        assert outreach("tray", next(filter(None, left)), "--ignore", "--by", "Ana").code == 0
    assert "Nothing waits for you" in outreach("tray").out


def test_an_mbox_and_saved_mails_are_the_same_mails(sent: Path, outreach: Outreach, tmp_path: Path) -> None:
    """Whatever they are read from, they are filed once."""
    letter = next(iter(letters(sent).values()))
    mail = answer(letter)
    (tmp_path / "a.eml").write_bytes(mail.replace(b"\n", b"\r\n"))
    (tmp_path / "archive").write_bytes(b"From x Fri Jan  1 10:00:00 2027\n" + mail + b"\n")
    assert "1 read = 0 known + 1 matched" in outreach("collect", "--eml", tmp_path / "a.eml").out
    assert "1 read = 1 known + 0 matched" in outreach("collect", "--mbox", tmp_path / "archive").out
    assert "1 read = 1 known" in outreach("collect", "--maildir", maildir(tmp_path / "box", mail)).out


def test_several_saved_mails_are_named_at_once(sent: Path, outreach: Outreach, tmp_path: Path) -> None:
    """`--eml *.eml` reads them all, as `*.eml` does; a campaign's name is asked about, and nothing is read."""
    letter = next(iter(letters(sent).values()))
    files = [tmp_path / f"{number}.eml" for number in range(3)]
    for number, file in enumerate(files):
        file.write_bytes(answer(letter, f"Answer {number}."))
    for strange in (("moratorium",), ("--maildir", tmp_path / "box", files[0])):
        said = outreach("collect", *strange)
        assert said.code == 2
        assert "Write --eml before saved mails" in said.err
    assert "3 read = 0 known + 3 matched" in outreach("collect", "--eml", *files).out
    assert "3 read = 3 known" in outreach("collect", *files).out


def test_what_cannot_be_read_now_is_told_and_the_rest_is_collected(
    sent: Path, outreach: Outreach, tmp_path: Path
) -> None:
    """Exit code 1; no other source suffers."""
    box = maildir(tmp_path / "box", answer(next(iter(letters(sent).values()))))
    said = outreach("collect", "--maildir", tmp_path, "--maildir", box)
    assert said.code == 1
    assert "no Maildir" in said.err
    assert "1 matched" in said.out


def test_hostile_mail_is_kept_and_counted(sent: Path, outreach: Outreach, tmp_path: Path) -> None:
    """Nested without end, 100,000 headers, broken charsets and ids: every one is somewhere, and no run ends."""
    good = answer(next(iter(letters(sent).values())))
    nested = "".join(f'Content-Type: multipart/mixed; boundary="{n}"\n\n--{n}\n' for n in range(3_000))
    hostile = [
        b"From: a@x.example\nMIME-Version: 1.0\n" + nested.encode(),
        b"To: " + b"(" * 20_000 + b"\n\nx\n",
        b"".join(b"X-%d: y\n" % n for n in range(100_000)) + b"\nx\n",
        b"Content-Type: text/plain; charset=foo-bar\n\nx\n",
        b'Content-Type: text/plain; charset="u\0tf"\n\nx\n',
        b"Content-Type: text/plain; charset=rot13\n\nx\n",
        b"Message-ID: <<>>@[[\n\nx\n",
        b"Subject: =?utf-8?b?" + b"=?utf-8?q?" * 20_000 + b"?=\n\nx\n",
        b"References: " + b"<a@b> " * 50_000 + b"\n\nx\n",
        b"",
        b"\0" * 1_000,
        bytes(range(256)) * 50,
        b"Subject: a\r\rb\x1b[31m\n\n" + "\u202e".encode() + b"\n",
        b"From: " + b"a" * 60_000 + b"@" + b"b." * 5_000 + b"\n\n" + b"k5 " * 60_000 + b"\n",
    ]
    said = outreach("collect", "--maildir", maildir(tmp_path / "box", *hostile, good))
    assert said.code == 0, said.all
    assert f"{len(hostile) + 1} read = 0 known + 1 matched" in said.out
    assert "\x1b[31m" not in outreach("tray").out


def test_what_waits_can_be_read_and_had_as_it_came(sent: Path, outreach: Outreach, tmp_path: Path) -> None:
    """Also what was quarantined, with its reason; of a mail that is too large its head says whom to ask."""
    stray = answer(next(iter(letters(sent).values())), "Who are you?\x1b[31m", In_Reply_To="")
    ours = header(letters(sent)["qn-mfa-1"], "Message-ID").encode()
    bad = b"From: a@x.example\nSubject: Our scans\nIn-Reply-To: " + ours + b"\n\n" + 400_000 * (75 * b"x" + b"\n")
    outreach("collect", "--maildir", maildir(tmp_path / "box", stray, bad))
    listed = json.loads("[" + ",".join(re.findall(r"(?m)^(\d+) ", outreach("tray").out)) + "]")
    shown = {number: outreach("tray", str(number)).out for number in listed}
    (its,) = [number for number, said in shown.items() if "Who are you?" in said]
    assert "From: clerk@examplia.example" in shown[its]
    assert "Its sender, says our mail server: not checked." in shown[its]
    assert "\x1b[31m" not in shown[its]
    (other,) = set(listed) - {its}
    assert "From: a@x.example\nSubject: Our scans\n" in shown[other]
    assert "Perhaps 100% qn-mfa-1: its head says so" in shown[other]
    assert f"settle mail {other} in the tray" in outreach("log", "moratorium", "--format", "csv").out
    assert "Quarantined: larger than 25 MB (30,4" in shown[other]
    for number, kept in ((its, stray), (other, bad[: bad.index(b"\n\n") + 2])):
        said = outreach("tray", str(number), "--out", tmp_path / f"{number}.eml")
        assert said.code == 0, said.all
        assert (tmp_path / f"{number}.eml").read_bytes().replace(b"\r\n", b"\n") == kept
    assert outreach("tray", str(its), "--out", tmp_path / f"{its}.eml").code != 0
    assert "No mail with that number waits" in outreach("tray", "99").err


def test_what_was_set_aside_by_a_slip_is_found_again(sent: Path, outreach: Outreach, tmp_path: Path) -> None:
    """Listed with who did so, read, and settled after all: no answer is lost by a wrong number."""
    stray = answer(next(iter(letters(sent).values())), "We agree to a moratorium.", In_Reply_To="")
    outreach("collect", "--maildir", maildir(tmp_path / "box", stray))
    (number,) = re.findall(r"(?m)^(\d+) +\d{4}-", outreach("tray").out)
    assert "tray --ignored" in outreach("tray", number, "--ignore", "--by", "Ana").out
    assert "Nothing waits for you" in outreach("tray").out
    assert re.search(rf"(?m)^{number} .*set aside by Ana", outreach("tray", "--ignored").out)
    shown = outreach("tray", number).out
    assert "Set aside by Ana" in shown
    assert "We agree to a moratorium." in shown
    assert outreach("tray", number, "--ignored").code == 2
    assert outreach("tray", number, "--to", "qn-mfa-1", "--by", "Bo").code == 0
    assert f"mail {number} from qn-mfa-1: an answer" in outreach("show", "moratorium", "QN").out
    assert "set aside by" not in outreach("tray", "--ignored").out


def test_without_answers_a_rehearsal_says_so(workspace: Path, outreach: Outreach) -> None:
    said = outreach("collect")
    assert said.code == 0
    assert "No answers have come yet" in said.out
    live = outreach("collect", "--live")
    assert live.code == 1
    assert "OUTREACH_IMAP_HOST" in live.err


@pytest.mark.parametrize(
    "words",
    [
        ("3", "4"),
        ("--out", "x.eml"),
        ("--to", "x", "--by", "Ana"),
        ("3", "--to", "x", "--ignore", "--by", "Ana"),
        ("--approve", "a@b.example"),
    ],
)
def test_half_a_word_settles_nothing(workspace: Path, outreach: Outreach, words: tuple[str, ...]) -> None:
    said = outreach("tray", *words)
    assert said.code == 2


def test_a_real_mailbox_is_collected_and_left_as_it_was(
    workspace: Path, outreach: Outreach, dovecot: Dovecot, authority: Authority
) -> None:
    """Over TLS, with what our own server found out about the sender; byte for byte, and unseen, afterwards."""
    imap_settings(workspace, port=dovecot.direct, ca=authority.pem, authserv="mx.org.example")
    assert outreach("plan", "moratorium", "--live").code == 0
    head = "Authentication-Results: mx.org.example; dmarc=pass header.from=x.example\r\nFrom: a@x.example\r\n"
    for number in range(3):
        dovecot.put(f"{head}Subject: {number}\r\n\r\nx\r\n".encode())
    before = dovecot.state()
    said = outreach("collect", "--live")
    assert said.code == 0, said.all
    assert "3 read = 0 known + 0 matched + 3 tray + 0 quarantined" in said.out
    after = dovecot.state()
    assert sorted(after.values()) == sorted(before.values())
    assert all(name.endswith(":") for name in after)
    assert "0 read" in outreach("collect", "--live").out
    assert PASSWORD not in said.all


def test_an_answer_that_is_not_proven_ends_nothing_before_a_person_has_looked(
    sent: Path, outreach: Outreach, tmp_path: Path
) -> None:
    """Anybody can write under a ministry's address: its reminder waits, and goes or ends by a person's word."""
    later = ("moratorium", "--as-if", f"{datetime.now(UTC) + timedelta(days=60):%Y-%m-%d}")

    def its() -> Any:
        rows = json.loads(outreach("due", *later, "--all", "--format", "json").out)["rows"]
        return next(row for row in rows if row["institution"] == "qn-trade-1")

    letter = letters(sent)["qn-trade-1"]
    assert "qn-trade-1" in outreach("chase", *later).out
    now = format_datetime(datetime.now(UTC) + timedelta(minutes=1))
    head = {"From": "Economy <economy@gov.specimenia.example>", "Date": now, "Received": f"by mx.example; {now}"}
    forged = tmp_path / "forged.eml"
    forged.write_bytes(answer(letter, "We oppose it.", **head, Subject=header(letter, "Subject"), In_Reply_To=""))
    said = outreach("collect", "--eml", forged)
    assert "1 read = 0 known + 1 matched" in said.out, said.all
    assert "1 answer is not proven" in said.out
    assert (its()["group"], its()["why_not"]) == ("very_overdue", "what may be its answer is not proven")
    assert "qn-trade-1" not in outreach("chase", *later).out
    states = {one["state"]: one for one in json.loads(outreach("log", "moratorium", "--format", "json").out)["states"]}
    assert (states["QN"]["answered"], states["QN"]["next_step"]["kind"]) == (0, "look_at_answer")
    shown = outreach("show", "moratorium", "QN").out
    assert "Not proven: " in shown
    assert "Its sender, says our mail server: not checked." in shown

    number = states["QN"]["next_step"]["words"].split()[3].strip(":")
    assert outreach("verdict", number, "other", "--by", "Ana").code == 0
    assert "qn-trade-1" in outreach("chase", *later).out
    assert "1 reminder that had not left is taken back" in outreach("verdict", number, "reply", "--by", "Ana").out
    assert its()["group"] == "answered"


@pytest.mark.parametrize(
    "head",
    [
        {"From": "Office <office@elsewhere.example>", "Subject": "Our scans"},
        {"From": "Economy <economy@gov.specimenia.example>", "Subject": "Scans", "In-Reply-To": ""},
    ],
    ids=["the thread of our letter", "its own address"],
)
def test_a_mail_that_is_too_large_holds_up_the_reminder_of_whom_its_head_names(
    sent: Path, outreach: Outreach, tmp_path: Path, head: dict[str, str]
) -> None:
    """Until a person has looked: set aside, the reminder goes; settled, it is answered. An approved one comes back."""
    later = ("moratorium", "--as-if", f"{datetime.now(UTC) + timedelta(days=60):%Y-%m-%d}")

    def its() -> Any:
        rows = json.loads(outreach("due", *later, "--all", "--format", "json").out)["rows"]
        return next(row for row in rows if row["institution"] == "qn-trade-1")

    assert "qn-trade-1" in outreach("chase", *later).out
    assert outreach("approve", "moratorium", "--yes", "--by", "Ana").code == 0
    assert its()["under_way"] == "queued"
    now = format_datetime(datetime.now(UTC) + timedelta(minutes=1))
    scans = 400_000 * ("x" * 75 + "\n")
    large = answer(letters(sent)["qn-trade-1"], scans, Date=now, Received=f"by mx.example; {now}", **head)
    said = outreach("collect", "--maildir", maildir(tmp_path / "box", large))
    assert "1 read = 0 known + 0 matched + 0 tray + 1 quarantined" in said.out, said.all
    assert its()["why_not"] == "what may be its answer is not proven"
    assert outreach("send", "moratorium").code == 0
    assert its()["letters"] == 1
    assert "qn-trade-1" not in outreach("chase", *later).out
    (number, *_) = re.findall(r"(?m)^(\d+) ", outreach("tray").out)
    assert f"settle mail {number} in the tray" in outreach("log", "moratorium", "--format", "csv").out

    if "elsewhere" in head["From"]:
        assert outreach("tray", number, "--ignore", "--by", "Ana").code == 0
        assert its()["why_not"] is None
        assert "qn-trade-1" in outreach("chase", *later).out
    else:
        assert outreach("tray", number, "--to", "qn-trade-1", "--by", "Ana").code == 0
        assert its()["group"] == "answered"
