"""The whole correspondence with one state, as a person would tell it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Outreach = Callable[..., Any]


@pytest.fixture
def told(workspace: Path, outreach: Outreach) -> Callable[..., str]:
    """The letters to four invented states are out; what a command tells of Examplia."""
    for words in (("plan", "example"), ("approve", "example", "--yes", "--by", "Ada"), ("send", "example")):
        assert outreach(*words).code == 0

    def show(*more: str) -> str:
        said = outreach("show", "example", "QM", *more)
        assert said.code == 0, said.all
        return str(said.out)

    return show


def letter(workspace: Path, institution: str) -> bytes:
    (found,) = (workspace / ".outreach/rehearsal/outbox/new").glob(f"*.{institution}.eml")
    return found.read_bytes()


def mail(day: str, body: str, *, sender: str, to: bytes = b"", subject: str = "Your letter", **more: str) -> bytes:
    head = {
        "Received": f"from mx by mx.org.example; {day} 10:00:00 +0000",
        "From": sender,
        "To": "letters@org.example",
        "Date": f"{day} 10:00:00 +0000",
        "Message-ID": f"<{len(body)}@examplia.example>",
        "Subject": subject,
    }
    if to:
        found = re.search(rb"(?im)^Message-ID: (\S+)", to)
        assert found
        head["In-Reply-To"] = found[1].decode()
    head |= {name.replace("_", "-"): value for name, value in more.items()}
    return "".join([*(f"{name}: {value}\n" for name, value in head.items()), "\n", body, "\n"]).encode()


def returned(day: str, of: bytes) -> bytes:
    ours = re.search(rb"(?im)^Message-ID: (\S+)", of)
    to = re.search(rb"(?im)^To: .*?([^\s<>]+@rehearsal\.example)", of)
    assert ours
    assert to
    body = (
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        f"Final-Recipient: rfc822; {to[1].decode()}\nAction: failed\nStatus: 5.1.1\n\n"
        f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {ours[1].decode()}\n\n--b--"
    )
    kind = 'multipart/report; report-type=delivery-status; boundary="b"'
    return mail(day, body, sender="MAILER-DAEMON@mx.example", MIME_Version="1.0", Content_Type=kind)


@pytest.fixture
def long(workspace: Path, told: Callable[..., str], outreach: Outreach) -> None:
    """A letter comes back, another is confirmed and answered, a third party writes, and a letter comes by post."""
    trade = letter(workspace, "qm-trade-1")
    several = [
        returned("Fri, 01 Jan 2100", letter(workspace, "qm-mfa-1")),
        mail("Sat, 02 Jan 2100", "We confirm receipt of your letter.", to=trade, sender="desk@mti.examplia.example",
             subject="Confirmation of receipt"),
        mail("Sun, 03 Jan 2100", "Examplia supports an immediate moratorium.", to=trade,
             sender="jd@mti.examplia.example"),
        mail("Mon, 04 Jan 2100", "We shall review all licences.", sender="office@export.examplia.example"),
    ]  # fmt: skip
    for number, one in enumerate(several):
        (workspace / f"{number}.eml").write_bytes(one)
        assert outreach("collect", "--eml", f"{number}.eml").code == 0
    by_post = ("position", "example", "QM", "licence-review", "noncommittal", "--quote", "It is under review.",
               "--kind", "visit", "--on", "2026-01-05", "--by", "Ben")  # fmt: skip
    assert outreach(*by_post).code == 0


def test_everything_stands_in_the_order_in_which_it_happened(long: None, told: Callable[..., str]) -> None:
    """What was said in a meeting, our letters, what came back, and at the end what waits in the tray."""
    heads = [line for line in told("--brief").splitlines() if line.startswith("── ")]
    days = [found[0] for line in heads if (found := re.findall(r"── (\d{4}-\d\d-\d\d)", line))]
    assert days == sorted(days)
    assert [re.sub(r"^── [\d-]+( [\d:]+ UTC)?,? ?", "", line) for line in heads] == [
        "visit, written down by Ben",
        "our letter to qm-mfa-1 (Ministry of Foreign Affairs): bounced",
        "our letter to qm-trade-1 (Ministry of Trade and Industry): accepted by the mail server",
        "mail 1 from qm-mfa-1: came back: the address is bad",
        "mail 2 from qm-trade-1: an acknowledgement: no answer yet",
        "mail 3 from qm-trade-1: an answer",
        "── mail 4 lies in the tray and may be from there: outreach tray",
        "── Positions of Examplia",
    ]


def test_it_begins_with_where_it_stands_and_what_is_next(long: None, told: Callable[..., str]) -> None:
    """Each institution in a line, and the one thing that cannot wait, the same as in the log."""
    _, *stands, next_step = told("--brief").split("\n\n")[0].splitlines()
    assert [line.split(": ", 1)[0].split()[0] for line in stands] == ["qm-licensing-1", "qm-mfa-1", "qm-trade-1"]
    assert stands[0].endswith("not written; first letter skipped (same box as qm-trade-1)")
    assert "unreachable; first letter bounced" in stands[1]
    assert stands[2].endswith("answered; first letter accepted by the mail server")
    assert next_step == "Next: settle mail 4 in the tray"


def test_it_says_why_a_mail_stands_there_and_who_says_what_it_is(
    long: None, told: Callable[..., str], outreach: Outreach
) -> None:
    """The program's verdict with its rule; a person's word under the person's name."""
    story = told("--brief")
    assert (
        "It belongs here: it returns our letter.\n    The program says: came back: the address is bad (rule dsn."
        in story
    )
    assert (
        "It belongs here: it answers our letter.\n    The program says: an acknowledgement: no answer yet (rule en."
        in story
    )
    assert outreach("tray", "4", "--to", "qm-licensing-1", "--by", "Ana").code == 0
    assert "from qm-licensing-1: an answer" in told("--brief")
    assert "It belongs here: Ana says so." in told("--brief")
    assert "in the tray" not in told("--brief")


def test_texts_and_hashes_are_there_unless_somebody_is_in_a_hurry(long: None, told: Callable[..., str]) -> None:
    """--brief leaves them out."""
    assert "We confirm receipt of your letter." in told()
    assert told().count("SHA-256: ") == 3
    assert "We confirm receipt" not in told("--brief")
    assert "SHA-256: " not in told("--brief")
