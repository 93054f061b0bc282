"""Supporters with minds of their own: they write, confirm or never do, write again, take back, are forgotten."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from outreach.errors import LedgerError
from outreach.runner.supporters.act import Sent, act
from outreach.runner.supporters.confirm import confirm, look
from outreach.runner.supporters.manage import erase, send_link, withdraw
from outreach.runner.supporters.moderate import held, moderate
from support.public import links
from support.season import Season

CONSENT = "I agree that my letter is sent to the institutions that I have chosen."
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TURNS = timedelta(minutes=10)  #: between two turns of the page
#: What becomes of so many of a hundred.
MINDS = {
    "plain": 60,
    "never": 12,  #: confirms
    "hasty": 5,  #: sends the form twice
    "again": 5,  #: writes and confirms a second time, days later
    "back": 6,  #: takes back soon after confirming
    "late": 4,  #: takes back days later, when something may have left
    "bad": 3,  #: words that a person refuses
    "odd": 3,  #: words that a person lets go
    "forgotten": 2,  #: erases everything soon after confirming, and writes anew
}
_MORE = {"bad": " You are all scoundrels.", "odd": " Read https://news.example.org about it."}


@dataclass
class Soul:
    """One person: what they mean to do, and how far they are."""

    number: int
    mind: str
    targets: tuple[str, ...]
    network: str
    solved: bool
    confirmed: datetime | None = None
    backed: datetime | None = None  #: when they took back, or were forgotten and did not confirm again
    confirms: list[str] = field(default_factory=list)  #: tokens that came by mail
    manages: list[str] = field(default_factory=list)

    @property
    def mark(self) -> str:
        """What stands in their name and place, and nowhere else."""
        return f"N{self.number:05}Q"

    @property
    def email(self) -> str:
        return f"soul.{self.number:05}@home.example"

    @property
    def form(self) -> Mapping[str, Sequence[str]]:
        return {
            "name": [f"Person {self.mark}"],
            "email": [self.email],
            "place": [f"Place {self.mark}"],
            "words": [f"I ask what you do about it, and this is letter {self.number}.{_MORE.get(self.mind, '')}"],
            "targets": list(self.targets),
            "language": ["en"],
            "agreed": ["yes"],
            "quote": ["yes"] if self.number % 2 else [],
        }


class Souls:
    """Everybody, and the hours at which each does something."""

    def __init__(self, season: Season, count: int, targets: Sequence[str], *, days: float) -> None:
        self.season = season
        self.chance = random.Random(17)
        self.turned_away = 0
        self._number = self._seen = 0
        self._agenda: list[tuple[datetime, int, Callable[[], None]]] = []
        self._turned = season.clock.now
        self._forms = 0
        self._news = False
        minds = [mind for mind, share in MINDS.items() for _ in range(share)]
        self.all = [_soul(number, self.chance.choice(minds), tuple(targets)) for number in range(count)]
        self._by_email = {one.email: one for one in self.all}
        together = season.clock.now
        for one in self.all:
            alone = season.clock.now + self.chance.random() * days * DAY
            together = together if one.number % 50 else alone
            self._at(alone if one.solved else together, self.writes, one)

    def _at(self, when: datetime, what: Callable[[Soul], None], whom: Soul) -> None:
        self._number += 1
        heapq.heappush(self._agenda, (when, self._number, lambda: what(whom)))

    def _after(self, least: float, most: float, what: Callable[[Soul], None], whom: Soul) -> None:
        """So many hours from now."""
        self._at(self.season.clock.now + self.chance.uniform(least, most) * HOUR, what, whom)

    def live(self) -> None:
        """Whoever's hour has come does what they mean to do; then the page takes its turn, and mail is read."""
        now = self.season.clock.now
        while self._agenda and self._agenda[0][0] <= now:
            heapq.heappop(self._agenda)[2]()
            self._news = True
        if self._news and now - self._turned >= TURNS:
            self._turned, self._news = now, False
            self.season.turn()
            self.read()

    # what they do

    def writes(self, one: Soul) -> None:
        taken = act(self.season.it, one.form, self._sent(one.network, solved=one.solved), consent=CONSENT)
        if taken.faults or taken.busy:  # the page is closed, or crowded: tomorrow
            self.turned_away += 1
            self._after(20, 30, self.writes, one)
            return
        if one.mind == "hasty":
            act(self.season.it, one.form, self._sent(_network(one.number + 1_000_000), solved=True), consent=CONSENT)
        if one.mind != "never":
            one.confirms.clear()
            self._after(1, 100, self.confirms, one)

    def _sent(self, network: str, *, solved: bool) -> Sent:
        """A form that was opened just now, and is sent once."""
        self._forms += 1
        until = self.season.clock.now + HOUR
        return Sent(form=f"{self._forms}", until=until, network=network, solved=solved)

    def confirms(self, one: Soul) -> None:
        """Looks at the link, which changes nothing, and presses the button, which works once."""
        (token, *_) = one.confirms
        assert look(self.season.it, token) is not None
        assert confirm(self.season.it, token) is not None
        assert confirm(self.season.it, token) is None
        first, one.confirmed, one.backed = one.confirmed is None, one.confirmed or self.season.clock.now, None
        if first and one.mind == "again":
            self._after(30, 200, self.writes, one)
        if first and one.mind in {"back", "forgotten"}:
            self._after(0.1, 40, self.asks, one)
        if first and one.mind == "late":
            self._after(60, 500, self.asks, one)

    def asks(self, one: Soul) -> None:
        """Asks for a link to their own data, and uses it later."""
        one.manages.clear()
        send_link(self.season.it, one.email, network=_network(one.number + 2_000_000))
        self._after(1, 3, self.leaves, one)

    def leaves(self, one: Soul) -> None:
        if one.mind != "forgotten":
            assert withdraw(self.season.it, one.manages[0]) is not None
            one.backed = self.season.clock.now
            return
        self.season.resolve()  # what is in doubt then is nobody's letter any more
        try:
            assert erase(self.season.it, one.manages[0])
        except LedgerError:  # a letter is being sent right now, or its runner was killed
            self._after(0.5, 2, self.leaves, one)
            return
        one.backed = self.season.clock.now
        self._after(20, 60, self.writes, one)

    def moderated(self) -> None:
        """A person looks at what is held."""
        for one in held(self.season.it):
            release = "scoundrels" not in one.words
            moderate(self.season.it, [one.id], release=release, by="Ana", why="" if release else "an insult")

    def read(self) -> None:
        """Everybody reads what has come to them."""
        for mail in self.season.mails[self._seen :]:
            one = self._by_email.get(mail.recipients[0])
            if one is not None:
                one.confirms += [link.rpartition("/")[2] for link in links(mail.raw, "confirm")]
                one.manages += [link.rpartition("/")[2] for link in links(mail.raw, "manage")]
        self._seen = len(self.season.mails)


def _soul(number: int, mind: str, targets: tuple[str, ...]) -> Soul:
    """A tenth share networks in fives, and have no JavaScript: a person looks at three of each five."""
    shared = number % 50 < 5
    network = _network(3_000_000 + number // 50) if shared else _network(number)
    return Soul(number=number, mind=mind, targets=targets, network=network, solved=not shared)


def _network(number: int) -> str:
    return f"2001:db8:{number >> 16:x}:{number & 0xFFFF:x}::1"
