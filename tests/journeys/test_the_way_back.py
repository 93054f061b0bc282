"""What a ministry does with a supporter's letter comes back to that person: an answer, a failure, or nothing."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.public import Page, Person, confirmations, lay_out, open_to_all, outbox, plain, read, served, until

Outreach = Callable[..., Any]
ADA = Person(name="Ada Canary", email="ada@home.example", targets=("qm-mfa-1",))
BO = Person(name="Bo Wagtail", email="bo@home.example", targets=("qm-mfa-1",))
CY = Person(name="Cy Sparrow", email="cy@home.example", targets=("qo-mfa-1",))
DI = Person(name="Di Plover", email="di@home.example", targets=("qo-mfa-1",))
A_TURN = 4.0  #: seconds: longer than the page waits between two


@pytest.fixture
def sent(workspace: Path, outreach: Outreach) -> Path:
    """Four have written, two with copies and two in one digest; everything has been sent and receipted."""
    lay_out(workspace)
    open_to_all(outreach)
    with served(workspace) as page:
        for one in (ADA, BO, CY, DI):
            assert page.write(one).status == 303
        for link in until(lambda: found if len(found := confirmations(workspace)) == 4 else None):
            assert page.follow(link).status == 200
    assert outreach("send", "public").code == 0
    with served(workspace):
        until(lambda: len(mails(workspace, "Your letter has been sent")) == 4 or None)
    return workspace


def mails(workspace: Path, subject: str) -> list[bytes]:
    return [one for one in outbox(workspace) if subject in str(read(one)["Subject"])]


def letter(workspace: Path, whose: str) -> bytes:
    """The copy in which this person writes."""
    (found,) = [one for one in outbox(workspace) if str(read(one)["From"]).startswith(f"{whose} via")]
    return found


def digest(workspace: Path) -> bytes:
    (found,) = [one for one in mails(workspace, "letters from members") if "Fictivia" in plain(one)]
    return found


def answer(to: bytes, body: str, **more: str) -> bytes:
    head = {
        "Received": "from mx by mx.rights-network.example; Fri, 01 Jan 2027 10:00:00 +0000",
        "From": "Clerk <office@mfa.examplia.example>",
        "To": str(read(to)["Reply-To"]),
        "Date": "Fri, 01 Jan 2027 10:00:00 +0000",
        "Message-ID": f"<{abs(hash(body))}@examplia.example>",
        "Subject": f"Re: {read(to)['Subject']}",
        "In-Reply-To": str(read(to)["Message-ID"]),
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    return "".join([*(f"{name}: {value}\n" for name, value in head.items() if value), "\n", body, "\n"]).encode()


def bounce(to: bytes) -> bytes:
    body = (
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        f"Final-Recipient: rfc822; {str(read(to)['To']).rpartition('<')[2].rstrip('>')}\nAction: failed\n"
        f"Status: 5.1.1\n\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {read(to)['Message-ID']}\n\n--b--"
    )
    kind = 'multipart/report; report-type=delivery-status; boundary="b"'
    return answer(to, body, From="MAILER-DAEMON@mx.example", In_Reply_To="", Content_Type=kind, MIME_Version="1.0")


def collect(outreach: Outreach, folder: Path, *several: bytes) -> str:
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for number, one in enumerate(several):
        (folder / "new" / f"{number}.here").write_bytes(one)
    said = outreach("collect", "--maildir", folder)
    assert said.code == 0, said.all
    return str(said.out)


def told(workspace: Path, subject: str, count: int) -> list[bytes]:
    """The mails with that subject once there are so many, and no more after another turn."""

    def there(_: Page) -> list[bytes] | None:
        found = mails(workspace, subject)
        return found if len(found) >= count else None

    with served(workspace) as page:
        if count:
            until(lambda: there(page))
        time.sleep(A_TURN)
    found = mails(workspace, subject)
    assert len(found) == count
    return found


@pytest.mark.parametrize("sender", ["office@mfa.examplia.example", "minister.cabinet@mfa.examplia.example"])
@pytest.mark.timeout(120)
def test_an_answer_to_a_copy_is_its_writers_alone(sent: Path, outreach: Outreach, tmp_path: Path, sender: str) -> None:
    """Matched by our Message-ID, whoever of the ministry wrote it; told once, to nobody else; reminders stop."""
    copy = letter(sent, ADA.name)
    quoted = "\n".join(f"> {line}" for line in plain(copy).splitlines())
    words = "Dear Ada Canary, we support the moratorium and will say so in public."
    said = collect(outreach, tmp_path / "box", answer(copy, f"{words}\n\n{quoted}", From=sender))
    assert "1 matched" in said, said
    (notice,) = told(sent, "There is an answer", 1)
    text = " ".join(plain(notice).split())
    assert "we support the moratorium" in text.replace("> ", "")
    assert ADA.words not in text.replace("> ", "")
    due = outreach("due", "public", "--all", "--format", "csv").out
    assert re.search(r"qm-mfa-1.*answered", due), due
    ahead = outreach("chase", "public").all
    assert "qm-mfa-1" not in ahead


@pytest.mark.timeout(120)
def test_an_answer_to_a_digest_is_for_those_whom_it_counts(sent: Path, outreach: Outreach, tmp_path: Path) -> None:
    """Each of them, once, without the list that the answer quotes."""
    quoted = "\n".join(f"> {line}" for line in plain(digest(sent)).splitlines())
    said = collect(
        outreach,
        tmp_path / "box",
        answer(digest(sent), f"We take note, and look into licences.\n\n{quoted}", From="contact@fictivia.example"),
    )
    assert "1 matched" in said, said
    for one in told(sent, "There is an answer", 2):
        assert "look into licences" in " ".join(plain(one).split())
        assert CY.name not in plain(one)
        assert DI.name not in plain(one)


@pytest.mark.timeout(120)
def test_a_bounce_is_told_once_and_an_automatic_reply_never(sent: Path, outreach: Outreach, tmp_path: Path) -> None:
    """The copy that came back says so to its writer; that somebody is on leave is no news."""
    away = answer(
        letter(sent, BO.name), "I am out of the office until Monday.", Auto_Submitted="auto-replied", Subject="Away"
    )
    said = collect(outreach, tmp_path / "box", bounce(letter(sent, ADA.name)), away)
    assert "2 matched" in said, said
    (notice,) = told(sent, "could not be delivered", 1)
    assert "Ministry of Foreign Affairs" in plain(notice)
    assert mails(sent, "There is an answer") == []
    status = outreach("supporters", "status", "public").out
    assert re.search(r"QM +Ministry of Foreign Affairs +0 +0 +1 +1", status), status
