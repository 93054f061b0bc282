"""Thousands of supporters over weeks of a moved clock: who confirmed is at each target once, and nobody else at all.

`make test` has 150 of them, `make season` 5,000 (SEASON_PEOPLE).
"""

from __future__ import annotations

import os
import random
import re
import time as wall
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays
import pytest
from sqlalchemy import literal, select

from outreach.ledger import SqlLedger
from outreach.model.action import NewAction
from outreach.model.campaign import Window
from servers.scripted import ScriptedServer
from support.fleet import without_fsync
from support.moved_clock import Clock
from support.public import HEADER
from support.season import Season, move_clock
from support.season_audit import Audit
from support.souls import Souls

PEOPLE = int(os.environ.get("SEASON_PEOPLE") or 150)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BEGIN = datetime(2026, 12, 7, 7, 0, tzinfo=UTC)  #: a Monday; holidays are to come
OPENS, CLOSES = time(9), time(16, 30)
WINDOWS = (Window(count=20, seconds=60), Window(count=300, seconds=3600), Window(count=2000, seconds=86_400))
#: Invented ministries; the states lend their calendars alone. One gets copies, one a digest with names, and one, where
#: a name may put somebody in danger, a digest with counts.
COPIES, NAMES, COUNTS = "de-mfa-1", "jp-mfa-1", "eg-mfa-1"
OFFICES = {
    COPIES: ("Europe/Berlin", "Mon-Fri", {0, 1, 2, 3, 4}, ""),
    NAMES: ("Asia/Tokyo", "Mon-Fri", {0, 1, 2, 3, 4}, ""),
    COUNTS: ("Africa/Cairo", "Sun-Thu", {6, 0, 1, 2, 3}, "at-risk"),
}
BOXES = {one: f"box@{one}.example" for one in OFFICES}
SHEET = HEADER + "".join(
    f"{one},{one[:2].upper()},,mfa,An invented ministry,{BOXES[one]},invented,2026-11-02,en,{zone},{week},{tags},\n"
    for one, (zone, week, _, tags) in OFFICES.items()
)
CAMPAIGN = """title = "A moratorium"
contacts = ["contacts/public.csv"]

[sender]
name = "Ada Example, coordinator"
organisation = "Example Rights Network"
email = "letters@rights.internal"
reply_to = "letters+{{token}}@rights.internal"
postal_address = ["1 Example Street", "10000 Exampletown", "Examplia"]

[[demand]]
slug = "moratorium"
title = "An immediate moratorium on the sale, transfer and use of surveillance technology"
roles = ["mfa"]

[languages]
fallback = ["en"]

[pace]
per_minute = 20
per_hour = 300
per_day = 2000
office_hours = "09:00-16:30"
jitter = 0.2

[supporters]
site = "https://act.rights.internal"
contact = "privacy@rights.internal"
per_day = {per_day}
longest_queue = 20
blocked_words = ["scoundrels"]

[supporters.text.en]
title = "Ask your ministry where it stands"
why = "Surveillance technology is sold and used without rules that protect people."
suggestion = "I ask you to support a moratorium until such rules are in place, and to tell me your position."

[[supporters.target]]
states = ["JP"]
delivery = "digest"
{more}"""
NO_NAMES = '\n[[supporters.target]]\nstates = ["DE"]\nexposure = "counts"\n'
EDITION = "This is the second edition."


@dataclass
class Change:
    """A change of the frame: when somebody writes it, and approves it so much later."""

    due: datetime
    waits: timedelta
    write: Callable[[Story], None]
    written: datetime = BEGIN
    approved: datetime = BEGIN


def new_edition(story: Story) -> None:
    for name in ("supporter", "digest"):
        path = story.season.root / f"templates/letters/{name}/en.md"
        path.write_text(path.read_text().replace("would be grateful", f"say: {EDITION} And would be grateful"))


def half_a_day(story: Story) -> None:
    story.lay_out(per_day=story.per_day // 2)


def no_names(story: Story) -> None:
    story.lay_out(per_day=story.per_day // 2, more=NO_NAMES)


@dataclass
class Story:
    """A season with three changes of its frame."""

    season: Season
    souls: Souls
    per_day: int

    def __post_init__(self) -> None:
        self.edition, self.halved, self.hidden = self.changes = [
            Change(BEGIN + 3.2 * DAY, 0.8 * DAY, new_edition),
            Change(BEGIN + 8 * DAY, 0.3 * DAY, half_a_day),
            Change(BEGIN + 16 * DAY, 0.3 * DAY, no_names),
        ]

    def lay_out(self, *, per_day: int, more: str = "") -> None:
        lay_out(self.season.root, self.season.server.port, per_day=per_day, more=more)

    def run(self, days: float) -> None:
        """Run after run of the sender, some killed; each day a person looks at what is held and in doubt."""
        season, clock = self.season, self.season.clock
        looked = clock.now
        while clock.now < BEGIN + days * DAY:
            for one in self.changes:
                self.change(one)
            if clock.now - looked >= DAY:
                looked = clock.now
                season.resolve()
                self.souls.moderated()
                season.open_page()
            until = clock.now + season.chance.uniform(1, 8) * HOUR
            season.send(until)
            while clock.now < until:
                clock.move(minutes=30)
                self.souls.live()

    def change(self, one: Change) -> None:
        """Write it, and approve it, when it is time. The page is served anew each time: it reads files as it begins."""
        now = self.season.clock.now
        if one.written == BEGIN and now >= one.due:
            one.write(self)
            one.written = now
            self.season.open_page()
        elif one.approved == BEGIN < one.written and now >= one.written + one.waits:
            self.season.approve_frame()
            one.approved = now
            self.season.open_page()

    def audit(self) -> dict[str, list[object]]:
        found = Audit(self.season, self.souls, BOXES)
        for one in OFFICES:
            found.caps(one, self.per_day)
            found.caps(one, self.per_day // 2, since=self.halved.approved)
            found.hours(one, lambda at, one=one: is_open(at, one))
            found.edition(one, EDITION, self.edition.approved)
        for change in self.changes:
            found.nothing_between(change.written, change.approved)
        found.windows(WINDOWS)
        found.nobody_named(COUNTS)
        if self.hidden.approved > BEGIN:
            found.nobody_named(COPIES, since=self.hidden.approved)
        found.everyone()
        found.privately()
        return dict(found.wrong)


def lay_out(root: Path, port: int, *, per_day: int, more: str = "") -> None:
    (root / "contacts/public.csv").write_text(SHEET)
    (root / "campaigns/public.toml").write_text(CAMPAIGN.format(per_day=per_day, more=more))
    settings = {"SECRET": "0123456789abcdef" * 4, "SMTP_HOST": "127.0.0.1", "SMTP_PORT": port, "SMTP_SECURITY": "plain"}
    (root / ".env").write_text("".join(f"OUTREACH_{name}={value}\n" for name, value in settings.items()))
    (root / ".env").chmod(0o600)


def is_open(at: datetime, institution: str) -> bool:
    """By the clock and the calendar on the office's own wall, without the code under test."""
    zone, _, days, _ = OFFICES[institution]
    here = at.astimezone(ZoneInfo(zone))
    off = here.date() in holidays.country_holidays(institution[:2].upper(), years=[2026, 2027])
    return here.weekday() in days and not off and OPENS <= here.time() < CLOSES


@pytest.fixture
def story(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Story]]:
    """Lets so many people write over ten days."""
    without_fsync(monkeypatch)
    monkeypatch.setattr("outreach.runner.lane.LOOK_AGAIN", timedelta(minutes=30))  # instead of half a minute
    clock = Clock(BEGIN)
    move_clock(monkeypatch, clock)
    with ScriptedServer() as server:
        told: list[Story] = []

        def begin(people: int, *, dies: float) -> Story:
            per_day = max(4, people // 80)
            lay_out(workspace, server.port, per_day=per_day)
            season = Season(root=workspace, clock=clock, server=server, chance=random.Random(3), dies=dies)
            season.begin(*BOXES.values())
            season.open_page()
            souls = Souls(season, people, tuple(OFFICES), days=10)
            season.meanwhile = souls.live
            told.append(Story(season=season, souls=souls, per_day=per_day))
            return told[-1]

        yield begin
        for one in told:
            one.season.close_page()


@pytest.mark.timeout(300 + PEOPLE)  # 20 seconds on a quiet machine
def test_who_confirmed_is_at_each_target_once_and_nobody_else_at_all(story: Callable[..., Story]) -> None:
    """Caps at every position, hours and holidays, three changes of the frame, runners killed with a letter in hand.

    Some never confirm, take back before and after, write twice, are held, refused or forgotten. Then time runs out, and
    nothing in the ledger's file names anybody any more, while every count stays.
    """
    began = wall.monotonic()
    it = story(PEOPLE, dies=0.03 if PEOPLE > 1000 else 0.12)
    it.run(30)
    assert it.audit() == {}
    season, book = it.season, it.season.it.book
    assert Counter(one.mind for one in it.souls.all).keys() >= {"never", "back", "late", "again", "bad", "forgotten"}
    assert sum(season.killed.values()) > 2
    came = Audit(season, it.souls, BOXES).came
    early = [one for one in came[COPIES] if one.at < it.hidden.written]
    assert {bool(one.counts) for one in early} == {True, False}, "copies, and a digest for whom the queue was too long"
    letters = {one: len(several) for one, several in came.items()}
    print(
        f"{PEOPLE:,} people, {len(season.mails):,} mails, {letters} letters of supporters; {season.runs} runs, killed "
        f"{dict(season.killed)}; {it.souls.turned_away} came again another day; {wall.monotonic() - began:.0f} s"
    )

    before = dict(book.crowds("public"))
    season.clock.move(days=40)
    season.turn()
    assert dict(book.crowds("public")) == before
    season.close_page()
    held = b"".join(one.read_bytes() for one in season.root.rglob("*.db*"))
    assert held
    assert re.findall(rb"N\d{5}Q|soul\.\d{5}@", held) == []


def test_the_audit_finds_a_cap_that_does_not_hold(story: Callable[..., Story], monkeypatch: pytest.MonkeyPatch) -> None:
    """The check can fail: with the cap left out of the claim too many go in a day."""
    monkeypatch.setattr("outreach.ledger.crowding._COUNT", select(literal(0)))
    it = story(60, dies=0.0)
    it.run(12)
    assert "cap" in it.audit()


def test_the_audit_finds_letters_of_people_who_did_not_confirm(
    story: Callable[..., Story], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check can fail: with a hole in the confirmation their letters are at the server."""
    take = SqlLedger.take

    def holed(self: SqlLedger, new: NewAction, *, confirmation: bool = True) -> bool:
        return take(self, new, confirmation=confirmation and new.email not in leaks)

    monkeypatch.setattr(SqlLedger, "take", holed)
    leaks: set[str] = set()
    it = story(60, dies=0.0)
    leaks |= {one.email for one in it.souls.all if one.mind == "never"}
    it.run(12)
    assert {"sums", "who did not write"} <= it.audit().keys()
