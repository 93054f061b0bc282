"""The power goes at any moment: what the server has is in the ledger's copy, marked, and never to be sent again."""

import os
import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from outreach.ledger import SqlLedger, open_ledger
from outreach.model.campaign import Mode
from servers.scripted import ScriptedServer
from torture.campaigns import CAMPAIGN, approved, opened
from torture.copies import Moment, torn, watched
from torture.life import live
from torture.reckoning import refolded
from torture.troubles import no_mark

LETTERS = 60
MAY_BE_THERE = {"committed", "accepted", "in_doubt"}


def copied(file: Path) -> list[list[Moment]]:
    """A run in batches and one letter by letter, over real sockets, copied at each beginning and end of a commit."""
    url = f"sqlite:///{file}"
    approved(url, LETTERS)
    with ScriptedServer() as server:

        def there() -> frozenset[str]:
            return frozenset(recipient for mail in list(server.mails) for recipient in mail.recipients)

        with watched(file, there, checkpoint=40) as first:
            live(url, server.port, limit=LETTERS // 2)
        with watched(file, there, checkpoint=40) as second:
            live(url, server.port, singly=True)
        assert len(there()) == LETTERS
    return [first, second]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the ledger lies: a copy anywhere else would have to be adopted before it sends."""
    return tmp_path_factory.mktemp("power") / "ledger.db"


@pytest.fixture(scope="module")
def runs(place: Path) -> list[list[Moment]]:
    """Copied once for all that look at it."""
    return copied(place)


@pytest.fixture(scope="module")
def moments(runs: list[list[Moment]]) -> list[Moment]:
    """Those of both runs."""
    return [moment for run in runs for moment in run]


def faults(moment: Moment, folder: Path) -> list[str]:
    """Letters that would go a second time, and letters that are called accepted without being there."""
    found = moment.statuses(folder)
    assert len(found) == LETTERS
    again = [f"{box} is {found[box]}, and there" for box in moment.there if found[box] not in MAY_BE_THERE]
    accepted = {box for box, status in found.items() if status == "accepted"}
    never = [f"{box} is accepted, and not there" for box in accepted - moment.there]
    return again + never


def test_the_power_goes_at_a_commit(moments: list[Moment], tmp_path: Path) -> None:
    """At each of them the database is whole, and every letter that the server has is marked."""
    assert len(moments) > 2 * LETTERS
    assert max(len(one.there) for one in moments) == LETTERS
    assert not [fault for one in moments for fault in faults(one, tmp_path)]


def test_without_the_mark_the_copies_show_letters_that_would_go_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check can fail: when the mark is durable only with the answer, it is missing in a copy."""
    monkeypatch.setattr(SqlLedger, "mark", SqlLedger.mark)  # so that they are put back
    monkeypatch.setattr(SqlLedger, "settle", SqlLedger.settle)
    no_mark()
    found = [fault for run in copied(tmp_path / "ledger.db") for one in run for fault in faults(one, tmp_path)]
    assert any("and there" in fault for fault in found)
    assert not any("not there" in fault for fault in found)


def test_the_power_goes_while_the_log_or_the_database_is_written(runs: list[list[Moment]], tmp_path: Path) -> None:
    """Half a commit is no commit, and half a checkpoint costs nothing: the last commit before stands."""
    seed = int.from_bytes(os.urandom(4))
    chance = random.Random(seed)
    pairs = [pair for run in runs for pair in pairwise(run)]
    assert sum(before.database != after.database for before, after in pairs) > 3, "no checkpoint was seen"
    for copy in (copy for before, after in pairs for copy in torn(before, after, chance)):
        found = copy.statuses(tmp_path)
        assert {found[box] for box in copy.there} <= MAY_BE_THERE, seed


def test_after_the_power_came_back_each_letter_is_there_once_or_in_doubt(moments: list[Moment], place: Path) -> None:
    """The real ledger opens a copy, recovers it and sends the rest: with what had gone before, nobody gets two."""
    for moment in moments[:: len(moments) // 8]:
        moment.write(place)
        url = f"sqlite:///{place}"
        with ScriptedServer() as server:
            later = datetime.now(UTC) + timedelta(minutes=16)
            with open_ledger(url, mode=Mode.LIVE, clock=lambda later=later: later) as ledger:
                ledger.recover()
            live(url, server.port)
            server.settle()
            now = [recipient for mail in server.mails for recipient in mail.recipients]
        assert len(now) == len(set(now))
        assert not moment.there & set(now)
        with opened(url) as ledger:
            standings = list(ledger.standings(CAMPAIGN))
            assert not refolded(standings, ledger.events(CAMPAIGN))
        in_doubt = {one.dispatch.recipient for one in standings if one.status == "in_doubt"}
        assert len(in_doubt) <= 1
        assert moment.there | set(now) | in_doubt == {one.dispatch.recipient for one in standings}
        assert {one.status.value for one in standings} <= {"accepted", "in_doubt"}


def test_every_connection_waits_for_the_disk(tmp_path: Path) -> None:
    """What the other tests take for granted: a commit is on the disk when it returns (synchronous = FULL or EXTRA)."""
    asked: list[int] = []

    def asks(driver: object, *_: object) -> None:
        asked.append(driver.execute("PRAGMA synchronous").fetchone()[0])

    url = f"sqlite:///{tmp_path}/ledger.db"
    event.listen(Engine, "checkout", asks)
    try:
        approved(url, 3)
        with ScriptedServer() as server:
            live(url, server.port)
    finally:
        event.remove(Engine, "checkout", asks)
    assert asked
    assert min(asked) >= 2
