"""The supporters' page as a program of its own: served, written to, confirmed by a mail, sent, told, ended."""

from __future__ import annotations

import email
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from email.policy import default
from pathlib import Path

import pytest

from journeys.conftest import Outreach
from journeys.test_serving import SUPPORTERS
from support.visitors import Visitor

PATIENCE = 60.0  #: seconds until something that has to come is missed
WORDS = "My brother is a journalist, and I am afraid for him every day."


class Served:
    """The page in a process of its own."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace
        command = [sys.executable, "-m", "outreach", "serve", "moratorium", "--port", "0"]
        self.process = subprocess.Popen(
            command, cwd=workspace, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stdout
        first = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", first)
        assert found, first + self.end()[1]
        self.visitor = Visitor(int(found[1]))

    def end(self, number: int = signal.SIGINT) -> tuple[int, str]:
        """Ask it to end; its exit code and all that it said."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out + err

    def link(self, purpose: str, *, but: str = "") -> str:
        """The path of the newest link of that purpose in the outbox, once it is there."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            for text in reversed(mails(self.workspace)):
                found = re.search(rf"http://127\.0\.0\.1:\d+(/moratorium/{purpose}/\S+)", text)
                if found and found[1] != but:
                    return found[1]
            time.sleep(0.05)
        raise AssertionError(f"no link to {purpose}: {self.end()}")


def mails(workspace: Path) -> list[str]:
    """The texts in the rehearsal's outbox, the oldest first."""
    files = [one for one in (workspace / ".outreach/rehearsal/outbox").glob("[cn]*/*") if one.is_file()]
    found = []
    for one in sorted(files, key=lambda one: one.stat().st_mtime_ns):
        mail = email.message_from_bytes(one.read_bytes(), policy=default)
        body = mail.get_body(("plain",))
        found.append(f"{mail['From']}\n{mail['To']}\n{body.get_content() if body else ''}")
    return found


@pytest.fixture
def opened(workspace: Path, outreach: Outreach) -> Path:
    """A workspace whose supporters may write."""
    file = workspace / "campaigns" / "moratorium.toml"
    file.write_text(file.read_text("utf-8") + SUPPORTERS, "utf-8")
    for command in ("plan moratorium", "approve moratorium --yes --by Ada", "send moratorium"):
        assert outreach(*command.split()).code == 0
    assert outreach("supporters", "approve", "moratorium", "--yes", "--by", "Ada").code == 0
    return workspace


@pytest.fixture
def serve(opened: Path) -> Iterator[Callable[[], Served]]:
    running: list[Served] = []

    def begin() -> Served:
        running.append(Served(opened))
        return running[-1]

    yield begin
    for one in running:
        if one.process.poll() is None:
            one.process.kill()
            one.process.communicate()


def write(page: Served, **changed: object) -> None:
    """A person fills the form in, looks, sends, and is thanked."""
    given = {"targets": ["qm-mfa-1"], "words": WORDS, **changed}
    assert page.visitor.preview(**given).status == 200
    assert page.visitor.send(**given).status == 303


def test_from_the_page_to_the_ministry_and_back(serve: Callable[[], Served], opened: Path, outreach: Outreach) -> None:
    """A mail with a link, a button, a letter in the supporter's name, a receipt, and everything erased again."""
    page = serve()
    write(page)
    confirm = page.link("confirm")
    assert not [text for text in mails(opened) if "Ada Person via" in text]
    assert "Thank you" in page.visitor.post(confirm).text
    assert page.visitor.get(confirm).status == 404

    waiting(lambda: "1 accepted" in outreach("send", "moratorium").out)
    (letter,) = [text for text in mails(opened) if WORDS in text and "Ada Person via" in text]
    assert re.search(r"<[a-z2-7]{26}@rehearsal\.example>\n", letter)
    assert "ada@mail.example" not in letter

    manage = page.link("manage")
    assert "accepted by the institution" in page.visitor.get(manage).text
    assert b"ada@mail.example" in page.visitor.post(manage, {"do": "export"}).body
    assert "nothing any more" in page.visitor.post(manage, {"do": "erase-for-good"}).text
    assert page.visitor.get(manage).status == 404
    assert outreach("person", "export", "ada@mail.example").code == 2
    assert page.end()[0] == 0


def test_it_ends_well_and_begins_again(serve: Callable[[], Served], opened: Path) -> None:
    """Ctrl-C and SIGTERM end it with 0 and a word; a link from before works after."""
    page = serve()
    write(page)
    confirm = page.link("confirm")
    code, said = page.end()
    assert (code, "Stopped." in said, "Traceback" in said) == (0, True, False)
    again = serve()
    assert "Thank you" in again.visitor.post(confirm).text
    assert again.end(signal.SIGTERM)[0] == 0


def test_killed_it_has_kept_what_it_thanked_for(serve: Callable[[], Served], opened: Path) -> None:
    """A process that is killed right after the thanks has the letter; the next one mails its link."""
    page = serve()
    write(page, email="killed@mail.example")
    page.process.kill()
    page.process.communicate()
    again = serve()
    assert again.visitor.get(again.link("confirm")).status == 200


def test_it_says_nothing_of_who_visits(serve: Callable[[], Served], opened: Path) -> None:
    """Not a name, an address, or a token on its outputs, whatever the visitor does."""
    page = serve()
    write(page)
    confirm = page.link("confirm")
    page.visitor.get(confirm)
    page.visitor.get("confirm/C4NARY")
    page.visitor.ask("BREW", "C4NARY")
    said = page.end()[1]
    for secret in (confirm.rsplit("/", 1)[1], "C4NARY", "ada@", "Ada", "Townville"):
        assert secret not in said


def waiting(true: Callable[[], bool]) -> None:
    """Until it is true; what never comes fails."""
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.1)
