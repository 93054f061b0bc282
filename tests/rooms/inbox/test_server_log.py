"""A mail server's log in Postfix's and Exim's own lines: what it says of a letter, and how far it can be trusted."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from outreach.errors import InboxError
from outreach.inbox import read_logs
from outreach.model.evidence import LogState

LETTER = "<o.spring.k5rv2mzt3yqhd7k5rv2mzt3yqh@org.example>"
OTHER = "<o.spring.a2bcd3efgh4ijkl5mnop6qrst7@org.example>"
AT = "Mar  4 09:00:01 mail"

CLEANUP = f"{AT} postfix/cleanup[812]: 4F3C12: message-id={LETTER}"
SMTP = f"{AT} postfix/smtp[815]: 4F3C12: to=<office@mfa.example>, relay=mx.mfa.example[192.0.2.1]:25, delay=1.1, dsn="
REMOVED = f"{AT} postfix/qmgr[99]: 4F3C12: removed"
SENT = f"{SMTP}2.0.0, status=sent (250 2.0.0 Ok: queued as 77)"
EXIM = "2026-03-04 09:00:01 1rhABC-000001-2b"

ROWS = [
    ("sent", [CLEANUP, SENT], LogState.SENT),
    ("deferred", [CLEANUP, f"{SMTP}4.4.1, status=deferred (connect to mx: timed out)"], LogState.DEFERRED),
    ("bounced", [CLEANUP, f"{SMTP}5.1.1, status=bounced (host said: 550 5.1.1 no such user)"], LogState.BOUNCED),
    ("expired", [CLEANUP, f"{SMTP}4.4.1, status=expired, returned to sender"], LogState.BOUNCED),
    ("deferred-then-sent", [CLEANUP, f"{SMTP}4.0.0, status=deferred (later)", SENT, REMOVED], LogState.SENT),
    ("read-and-refused", [CLEANUP, f"{AT} postfix/cleanup[812]: 4F3C12: milter-reject: END-OF-MESSAGE"], LogState.SEEN),
    ("read-and-lost", [CLEANUP, f"{AT} postfix/smtpd[811]: lost connection after DATA from here"], LogState.SEEN),
    ("queue-id-used-again", [CLEANUP, REMOVED, SENT], LogState.SEEN),
    ("queue-id-of-another", [CLEANUP, CLEANUP.replace(LETTER, OTHER[:-2] + "x>"), SENT], LogState.SEEN),
    (
        "long-queue-id",
        [CLEANUP.replace("4F3C12", "4XyZ0q3LkJz2Q"), SENT.replace("4F3C12", "4XyZ0q3LkJz2Q")],
        LogState.SENT,
    ),
    ("another-letter", [CLEANUP.replace(LETTER, OTHER), SENT], None),
    ("a-longer-id", [CLEANUP.replace(".example>", ".example.other>"), SENT], None),
    ("nothing", ["Mar  4 09:00:01 mail postfix/smtpd[1]: connect from here"], None),
    (
        "exim-arrived",
        [f"{EXIM} <= campaign@org.example H=here [127.0.0.1] P=esmtps S=812 id={LETTER[1:-1]}"],
        LogState.ARRIVED,
    ),
    (
        "exim-sent",
        [f"{EXIM} <= a@org.example S=812 id={LETTER[1:-1]}", f'{EXIM} => o@mfa.example R=dns T=smtp C="250 OK"'],
        LogState.SENT,
    ),
    (
        "exim-bounced",
        [f"{EXIM} <= a@org.example S=812 id={LETTER[1:-1]}", f"{EXIM} ** o@mfa.example: 550 no such user"],
        LogState.BOUNCED,
    ),
    (
        "exim-deferred",
        [f"{EXIM} <= a@org.example S=812 id={LETTER[1:-1]}", f"{EXIM} == o@mfa.example R=dns defer (-44)"],
        LogState.DEFERRED,
    ),
    (
        "exim-finished",
        [f"{EXIM} <= a@org.example id={LETTER[1:-1]}", f"{EXIM} Completed", f"{EXIM} ** another"],
        LogState.ARRIVED,
    ),
    (
        "exim-long-id",
        ["2026-03-04 09:00:01 1rhABC-00000001abC-2bcD <= a@org.example id=" + LETTER[1:-1]],
        LogState.ARRIVED,
    ),
]


@pytest.mark.parametrize(("lines", "state"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_letter_is_followed_over_its_queue_id(tmp_path: Path, lines: list[str], state: LogState | None) -> None:
    """From the Message-ID to what became of it; a queue id that belongs to another letter by then says nothing."""
    log = tmp_path / "mail.log"
    log.write_text("\n".join(lines) + "\n")
    line = read_logs([log], [LETTER]).letters.get(LETTER)
    assert (line.state if line else None) is state


def test_each_file_says_which_letters_it_has(tmp_path: Path) -> None:
    """A letter's lines may go over from one file to the next: the oldest is read first, whatever was named first."""
    old, new = tmp_path / "mail.log.1.gz", tmp_path / "mail.log"
    old.write_bytes(gzip.compress(f"{CLEANUP}\n".encode()))
    new.write_text(f"{SENT}\n{CLEANUP.replace(LETTER, OTHER).replace('4F3C12', '5A5A5A')}\n")
    os.utime(old, (1_000_000, 1_000_000))
    look = read_logs([new, old], [LETTER, OTHER])
    assert look.files == ((LETTER,), (OTHER,))
    assert look.letters[LETTER].state is LogState.SENT
    assert "queued as 77" in look.letters[LETTER].words


def test_endless_lines_and_odd_bytes_are_passed_over(tmp_path: Path) -> None:
    """A line of 30 MB costs no memory to speak of, the lines after it are read, and no word drives a terminal."""
    log = tmp_path / "mail.log"
    status = SENT.replace("Ok", "\x1b[31mOk\u202e")
    with log.open("wb") as file:
        file.write(b"x" * 30_000_000 + CLEANUP.encode() + b"\n\xff\xfe\x00\n")
        file.write(f"{CLEANUP}\n{status}\n".encode())
    look = read_logs([log], [LETTER])
    assert look.files == ((LETTER,),)
    assert look.letters[LETTER].state is LogState.SENT
    assert look.letters[LETTER].words.isprintable()


@pytest.mark.parametrize("what", ["missing", "folder", "damaged"])
def test_a_log_that_cannot_be_read_is_said(tmp_path: Path, what: str) -> None:
    """A missing file, a folder, half an archive: where, and what to name instead."""
    log = tmp_path / "mail.log"
    if what == "folder":
        log.mkdir()
    elif what == "damaged":
        log.write_bytes(gzip.compress(b"x" * 100_000)[:60])
    with pytest.raises(InboxError, match=r"mail\.log.*cannot be read"):
        read_logs([log], [LETTER])
