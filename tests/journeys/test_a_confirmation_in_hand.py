"""The page is killed with a mail in hand that may have left: a confirmation comes again, once; nothing else does."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from servers.certificates import Authority
from servers.mailserver import MailServer
from support.accounts import PASSWORD, live_public
from support.public import Page, Person, links, open_to_all, served, until

Outreach = Callable[..., Any]
ADA = Person(name="Ada Canary", email="ada@home.example", targets=("qm-mfa-1",))
TURNS = 5.0  #: seconds: longer than the page waits between two


class Silent(MailServer):
    """It keeps what it gets, and while it is `silent` says nothing to that."""

    silent = False

    async def handle_DATA(self, talk: Any, session: Any, envelope: Any) -> str:
        said = await super().handle_DATA(talk, session, envelope)
        while self.silent:
            await asyncio.sleep(0.05)
        return said


@pytest.fixture
def server(authority: Authority) -> Iterator[Silent]:
    with Silent(authority.context(), direct=True, user="campaign@org.example", password=PASSWORD) as server:
        yield server


@pytest.fixture
def live(workspace: Path, outreach: Outreach, server: Silent, authority: Authority) -> Path:
    """A campaign whose letters have left, and whose page may be opened."""
    live_public(workspace, outreach, port=server.port, ca=authority.pem)
    open_to_all(outreach, "--live")
    return workspace


def killed_over(page: Page, server: Silent, purpose: str, count: int) -> None:
    """Kill -9 once the server has so many mails with that link, and before the page has heard its answer."""
    until(lambda: len(found(server, purpose)) == count or None)
    page.kill()
    server.silent = False


def found(server: Silent, purpose: str) -> list[str]:
    return [link for one in list(server.mails) for link in links(one.raw, purpose)]


def later(folder: Path, minutes: int) -> None:
    """So much time passes for what is in hand."""
    with closing(sqlite3.connect(folder / ".outreach/live/live.db")) as ledger, ledger:
        ledger.execute("UPDATE notice SET taken_at = taken_at - ?", (minutes * 60_000_000,))


@pytest.mark.timeout(180)
def test_a_confirmation_in_the_hand_of_a_killed_page_comes_once_more(live: Path, server: Silent) -> None:
    """Minutes later, not days; both links are good, and one confirms for both; killed again, there is no third."""
    with served(live, "--live") as page:
        server.silent = True
        assert page.write(ADA).status == 303
        killed_over(page, server, "confirm", 1)
    with served(live, "--live"):
        time.sleep(TURNS)
        assert len(found(server, "confirm")) == 1  # its command may be alive
    later(live, 5)
    server.silent = True
    with served(live, "--live") as page:
        killed_over(page, server, "confirm", 2)
    later(live, 90)
    with served(live, "--live") as page:
        time.sleep(TURNS)
        first, second = found(server, "confirm")
        assert first != second
        assert page.follow(first).status == 200
        assert page.follow(second).status == 404


@pytest.mark.timeout(180)
def test_no_other_mail_comes_twice(live: Path, server: Silent) -> None:
    """A link to one's data, which its person can ask for again: the server may have it, so it is not sent again."""
    with served(live, "--live") as page:
        assert page.write(ADA).status == 303
        (link,) = until(lambda: found(server, "confirm"))
        assert page.follow(link).status == 200
        server.silent = True
        visitor = page.visitor()
        visitor.post("link", {"email": ADA.email, "stamp": visitor.get("link").field("stamp")})
        killed_over(page, server, "manage", 1)
    later(live, 90)
    with served(live, "--live"):
        time.sleep(TURNS)
    assert len(found(server, "manage")) == 1
