"""Ten thousand letters of one account over weeks of a moved clock: the windows hold over all that left the house."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from outreach.ledger import SqlLedger, open_ledger
from outreach.model.campaign import Mode, Pace, Window
from outreach.model.dispatch import Dispatch
from outreach.model.status import Status
from support.fleet import Fates, Fleet, Left, above, without_fsync
from support.moved_clock import BEGIN, Book, Clock, _letter

MINUTE, HOUR, DAY = 60, 3600, 86400
ACCOUNT = (Window(count=10, seconds=MINUTE), Window(count=120, seconds=HOUR), Window(count=400, seconds=DAY))
DOMAIN = (Window(count=2, seconds=MINUTE), Window(count=6, seconds=HOUR))
INSTITUTION = (Window(count=1, seconds=DAY),)


def letters(book: Book, campaign: str, count: int, chance: random.Random) -> Iterable[Dispatch]:
    """Some thirty large domains, of which the larger ones have to wait, and many small ones; in no order."""
    who = list(range(count))
    chance.shuffle(who)
    for number in range(count):
        large = int(30 * chance.random() ** 1.3)
        domain = f"d{large}.example" if chance.random() < 0.9 else f"small{number % 300}.example"
        address = f"{campaign}.{number}@{domain}"
        yield book.dispatch(
            f"qm-{who[number]:05}",
            id=f"{campaign}{number:05}".ljust(26, "x"),
            campaign=campaign,
            recipient=address,
            address_norm=address,
        )


def queue(ledger: SqlLedger, campaign: str, dispatches: Iterable[Dispatch]) -> None:
    with ledger.planning(campaign, 0) as book:
        book.draft((one, _letter(one)) for one in dispatches)
        book.finish()
    ledger.approve(campaign, 0, digest=ledger.drafts_digest(campaign, 0), by="Ana")


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    without_fsync(monkeypatch)
    return f"sqlite:///{tmp_path}/ledger.db"


def fill(url: str, clock: Clock, **campaigns: int) -> None:
    book, chance = Book(url, clock=clock), random.Random(7)
    for campaign, count in campaigns.items():
        queue(book.ledger, campaign, letters(book, campaign, count, chance))
    book.close()


def statuses(url: str, clock: Clock, *campaigns: str) -> Counter[Status]:
    with open_ledger(url, mode=Mode.LIVE, clock=clock) as ledger:
        return Counter(one.status for campaign in campaigns for one in ledger.standings(campaign))


def by(left: Sequence[Left], name: str) -> dict[str, list[datetime]]:
    found = defaultdict(list)
    for one in left:
        found[getattr(one, name)].append(one.at)
    return found


@pytest.mark.timeout(300)  # half a minute on a quiet machine
def test_ten_thousand_letters_keep_every_window_over_restarts_kills_and_pauses(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two campaigns, three runners, hundreds of deaths with a letter in hand, three pauses of hours: none is too many.

    What counts is what reached the server as MAIL; every half-open window of account, domain and institution is looked
    at wherever it may begin. No letter is there twice, and each stands where its runner's end has put it.
    """
    monkeypatch.setattr("outreach.ledger.choosing.PAGE", 50)  # quicker, and a claim has to turn pages
    clock = Clock()
    fill(url, clock, spring=5000, autumn=5000)
    fleet = Fleet(
        url=url,
        clock=clock,
        pace=Pace(account=ACCOUNT, domain=DOMAIN, institution=INSTITUTION, jitter=0.2),
        fates=Fates(claimed=500, mail=500, marked=500, answered=500, stopped=1000),
        takes=(2.0, 60.0, 120.0, 240.0),
        away=(1.0, 20.0, 300.0, 2000.0),
        seed=11,
        pauses=[(BEGIN + timedelta(days=day, hours=1), timedelta(hours=5)) for day in (1, 4, 9)],
    )
    fleet.run(["spring", "autumn", "spring"])
    stands = statuses(url, clock, "spring", "autumn")
    assert stands.total() == 10_000
    assert set(stands) <= {Status.ACCEPTED, Status.IN_DOUBT, Status.HELD}
    assert stands[Status.IN_DOUBT] == fleet.ended["marked"] + fleet.ended["answered"]
    assert max(fleet.copies.values()) == 1
    assert min(fleet.ended.values()) > 20
    everything = [one.at for one in fleet.left]
    assert [above(everything, window) for window in ACCOUNT] == [[], [], []]
    for limits, name in ((DOMAIN, "domain"), (INSTITUTION, "institution")):
        for who, times in by(fleet.left, name).items():
            assert [above(times, window) for window in limits] == [[]] * len(limits), who
    gaps = [(later - at).total_seconds() for at, later in pairwise(sorted(everything))]
    assert min(gaps) >= HOUR / 120  # at the spacing of the hour, right after a pause too
    assert sum(gap > 4 * HOUR for gap in gaps) >= 3
    assert len(fleet.left) / ((clock.now - BEGIN) / timedelta(days=1)) > 350


def test_an_open_lane_is_used_to_95_per_cent_by_runners_that_come_and_go(url: str) -> None:
    """No office hours, no jitter: four runners of two campaigns, stopped and begun anew, leave hardly a gap unused."""
    clock = Clock()
    fill(url, clock, spring=600, autumn=600)
    window = Window(count=20, seconds=MINUTE)
    fleet = Fleet(
        url=url,
        clock=clock,
        pace=Pace(account=(window, Window(count=1200, seconds=HOUR))),
        fates=Fates(stopped=10_000),
        takes=(0.1, 1.0, 5.0),
        away=(0.5, 5.0, 30.0),
        seed=3,
    )
    fleet.run(["spring", "autumn", "spring", "autumn"])
    times = sorted(one.at for one in fleet.left)
    assert statuses(url, clock, "spring", "autumn") == {Status.ACCEPTED: 1200}
    assert fleet.ended["stopped"] > 60
    assert above(times, window) == []
    assert (len(times) - 1) / ((times[-1] - times[0]).total_seconds() / 3.0) >= 0.95


def test_the_check_of_a_window_finds_one_letter_too_many() -> None:
    """Half-open and at every position: the fourth letter a microsecond inside is found, at the edge it is not."""
    third = Window(count=3, seconds=MINUTE)
    inside = [BEGIN + timedelta(seconds=one) for one in (0, 50, 55, 59.999999)]
    assert above(inside, third) == [BEGIN]
    assert above([*inside[:3], BEGIN + timedelta(minutes=1)], third) == []
