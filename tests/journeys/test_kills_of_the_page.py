"""The page is killed again and again while people write and confirm: what was confirmed flows, and nothing twice."""

from __future__ import annotations

import http.client
import random
import re
import sqlite3
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from support.public import (
    COMMAND,
    Page,
    Person,
    confirmations,
    lay_out,
    links,
    open_to_all,
    outbox,
    plain,
    read,
    served,
    until,
)
from support.visitors import Got

Outreach = Callable[..., Any]
KILLS = 10
CLIENTS = 6
PEOPLE = 60  #: fewer than one campaign takes in an hour
NAMED = re.compile(r"Person N[0-9]{3}Q")


def person(number: int) -> Person:
    return Person(
        name=f"Person N{number:03}Q",
        email=f"person.{number}@home.example",
        words=f"I ask what you do about it, and this is letter {number}.",
        targets=("qm-mfa-1", "qo-mfa-1"),
    )


class Crowd:
    """People who write and confirm over a door that is shut in their faces, and try again."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.over = threading.Event()
        self.lock = threading.Lock()
        self.waiting = [person(number) for number in range(PEOPLE)]
        self.written: set[str] = set()
        self.whose: dict[str, str] = {}  #: link -> name
        self.tried: set[str] = set()  #: whose button was pressed
        self.confirmed: set[str] = set()  #: who was told so
        self.wrong: list[str] = []

    def writer(self) -> None:
        while not self.over.is_set():
            with self.lock:
                one = self.waiting.pop(0) if self.waiting else None
            if one is None:
                return
            got = self.insist(lambda one=one: self.page.write(one))  # type: ignore[misc]
            if got is not None:
                self.expect(got, 303)
                self.written.add(one.name)

    def confirmer(self) -> None:
        done: set[str] = set()
        while not self.over.is_set():
            for link in set(confirmations(self.page.folder)) - done:
                name = self.name_of(link)
                if name not in self.written:
                    continue  # they may have to send their form again
                self.tried.add(name)
                first = True
                while not self.over.is_set():
                    with suppress(OSError, http.client.HTTPException):
                        got = self.page.follow(link)
                        self.expect(got, *((200,) if first else (200, 404)))
                        if got.status == 200:
                            self.confirmed.add(name)
                        done.add(link)
                        break
                    first = False
                    time.sleep(0.05)
            time.sleep(0.2)

    def name_of(self, link: str) -> str:
        if link not in self.whose:
            got = self.insist(lambda: self.page.visitor().get("/" + link.split("/", 3)[3]))
            if got is not None and self.expect(got, 200):
                self.whose[link] = NAMED.findall(got.text)[0]
        return self.whose.get(link, "")

    def insist(self, ask: Callable[[], Got]) -> Got | None:
        while not self.over.is_set():
            with suppress(OSError, http.client.HTTPException, AssertionError):
                return ask()
            time.sleep(0.05)
        return None

    def expect(self, got: Got, *statuses: int) -> bool:
        if got.status not in statuses:
            self.wrong.append(f"{got.status}: {got.text[:300]}")
        return got.status in statuses


@pytest.mark.timeout(300)  # most of it starts servers
def test_what_was_confirmed_flows_once_whenever_the_page_is_killed(
    workspace: Path, outreach: Outreach, tmp_path: Path
) -> None:
    """Ten kills at random moments, letters sent meanwhile: who was told 200 has one copy and one receipt.

    But for a receipt that a killed page had in hand: it may have left, and no receipt is sent twice.
    """
    lay_out(workspace, terms="per_day = 1000")
    open_to_all(outreach)
    chance = random.Random(5)
    with served(workspace) as page:
        crowd = Crowd(page)
        threads = [threading.Thread(target=crowd.writer) for _ in range(CLIENTS - 1)]
        threads += [threading.Thread(target=crowd.confirmer), threading.Thread(target=_sender, args=(crowd,))]
        for one in threads:
            one.start()
        time.sleep(chance.uniform(0.5, 3.0))
        page.kill()
    kills = 1
    while kills < KILLS:
        with served(workspace, port=page.port) as again:
            time.sleep(chance.uniform(0.3, 4.0))
            again.kill()
        kills += 1
    with served(workspace, port=page.port):
        until(lambda: not crowd.waiting or None, 60)
        until(lambda: _quiet(workspace, crowd), 60)
        crowd.over.set()
        for one in threads:
            one.join(60)
            assert not one.is_alive()
    assert crowd.wrong == []
    assert len(crowd.confirmed) > PEOPLE / 2
    for _ in range(2):
        assert outreach("send", "public").code == 0
    lost = _in_hand(workspace)
    assert len(lost) <= KILLS
    with served(workspace):
        until(lambda: crowd.confirmed - lost <= set(_of(workspace, "Your letter has been sent")) or None, 60)

    copies = _of(workspace, "letter from a member")
    listed = _of(workspace, "letters from members")
    assert set(copies.values()) == {1}
    assert crowd.confirmed <= set(copies) <= crowd.tried
    assert set(listed.values()) == {1}  # the day's digest; who came later is in tomorrow's
    assert set(listed) <= set(copies)
    status = outreach("supporters", "status", "public").out
    counted = re.search(r"QO .* +(\d+) +(\d+) +(\d+) +(\d+) *\n", status)
    assert counted is not None, status
    assert counted.groups() == ("0", str(len(copies) - len(listed)), str(len(listed)), "0")
    asked = Counter(crowd.whose[link] for link in confirmations(workspace))
    assert max(asked.values()) == 1
    assert max(_of(workspace, "Your letter has been sent").values()) == 1


def _in_hand(workspace: Path) -> set[str]:
    """Whose receipt a page had in hand when it was killed."""
    query = (
        "SELECT name FROM action JOIN notice ON action_n = action.n WHERE kind = 'receipt' AND notice.status = 'going'"
    )
    with closing(sqlite3.connect(workspace / ".outreach/rehearsal/rehearsal.db")) as ledger:
        return {name for (name,) in ledger.execute(query)}


def _sender(crowd: Crowd) -> None:
    """Somebody sends what has come so far, over and over."""
    while not crowd.over.is_set():
        done = subprocess.run(
            [COMMAND, "-w", crowd.page.folder, "send", "public"], capture_output=True, text=True, check=False
        )
        if done.returncode:
            crowd.wrong.append(done.stdout + done.stderr)
        time.sleep(1.0)


def _quiet(workspace: Path, crowd: Crowd) -> bool | None:
    """Everybody has written, and every mail to confirm that has come was followed."""
    found = confirmations(workspace)
    time.sleep(4.0)
    return (
        len(confirmations(workspace)) == len(found) and {crowd.whose.get(one) for one in found} <= crowd.tried
    ) or None


def _of(workspace: Path, subject: str) -> Counter[str]:
    """Whom the mails with this subject name, and in how many of them."""
    found: Counter[str] = Counter()
    for one in outbox(workspace):
        if subject in str(read(one)["Subject"]) and not links(one, "confirm"):
            found.update(set(NAMED.findall(" ".join(plain(one).split()))))
    return found
