"""What a mail server holds after a season, against who confirmed and who did not. Every check names what it finds."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from outreach.model.action import Fate
from outreach.model.campaign import Window
from outreach.rules.identity import supporter_key
from servers.scripted import Mail
from support.fleet import above
from support.public import plain, read
from support.season import CAMPAIGN, Season, name_of
from support.souls import Soul, Souls

MARK = re.compile(r"N\d{5}Q")
_COUNT = re.compile(r"(?:(One) person has|([\d,]+) people have) asked us to write to you")
_MORE = re.compile(r"and ([\d,]+) more\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """A letter of supporters at an institution's server."""

    at: datetime
    dispatch: str
    text: str
    counts: int  #: of a digest; 0 = a copy
    marks: frozenset[str]  #: whom it names anywhere, its headers too
    listed: frozenset[str]
    more: int


@dataclass
class Audit:
    """One season's mails, sorted. `targets`: institution -> its address."""

    season: Season
    souls: Souls
    targets: Mapping[str, str]
    came: dict[str, list[Came]] = field(default_factory=dict)
    wrong: defaultdict[str, list[object]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        box = defaultdict(list)
        for at, mail in zip(self.season.mails.times, self.season.mails, strict=True):
            box[mail.recipients[0]].append((at, mail))
        self.private = {one.email: box.pop(one.email, []) for one in self.souls.all}
        for institution, address in self.targets.items():
            (_, own), *theirs = box.pop(address)
            self._expect("own letter first", not MARK.search(own.raw.decode()), institution)
            self.came[institution] = [_came(at, mail) for at, mail in theirs]
        self._expect("nobody else is written to", not box, list(box))

    def _expect(self, what: str, holds: bool, *said: object) -> None:
        if not holds:
            self.wrong[what].append(said)

    # pace

    def caps(self, institution: str, per_day: int, *, since: datetime | None = None) -> None:
        """At no position more than so many in any 24 hours."""
        times = [one.at for one in self.came[institution] if since is None or one.at >= since]
        found = above(times, Window(count=per_day, seconds=86_400))
        self._expect("cap", not found, institution, found[:3])

    def windows(self, windows: Sequence[Window]) -> None:
        times = [one.at for several in self.came.values() for one in several]
        for window in windows:
            self._expect("account's windows", not above(times, window), window)

    def hours(self, institution: str, is_open: Callable[[datetime], bool]) -> None:
        shut = [one.at for one in self.came[institution] if not is_open(one.at)]
        self._expect("office hours", not shut, institution, shut[:3])

    def nothing_between(self, begin: datetime, end: datetime) -> None:
        for institution, several in self.came.items():
            early = [one.at for one in several if begin <= one.at < end]
            self._expect("a frame that nobody approved", not early, institution, early[:3])

    def edition(self, institution: str, words: str, since: datetime) -> None:
        """What came since then has these words, and nothing before."""
        old = [one.at for one in self.came[institution] if (words in one.text) != (one.at >= since)]
        self._expect("the frame's edition", not old, institution, old[:3])

    def nobody_named(self, institution: str, *, since: datetime | None = None) -> None:
        named = [one.marks for one in self.came[institution] if one.marks and (since is None or one.at >= since)]
        self._expect("named where nobody may be", not named, institution, named[:3])

    # people

    def everyone(self) -> None:
        """Each who confirmed and did not take back is at each target once; nobody else is."""
        crowds = self.season.it.book.crowds(CAMPAIGN)
        for institution, several in self.came.items():
            named = Counter(mark for one in several for mark in (one.listed if one.counts else one.marks))
            self._expect("named twice", max(named.values(), default=1) == 1, institution, named.most_common(3))
            members = self._members(institution)
            for one in several:
                if not one.counts:
                    self._expect("one writer a copy", len(one.marks) == 1, institution, one.marks)
                    continue
                held = (one.counts, len(one.listed) + one.more if one.listed else one.counts)
                self._expect("a digest's count", held == (members[one.dispatch],) * 2, institution, held)
            arrived = sum(one.counts or 1 for one in several)
            wanted = sum(self._wrote(soul, institution) for soul in self.souls.all)
            found = crowds[institution]
            self._expect("sums", arrived == wanted == found.sent, institution, arrived, wanted, found)
            self._expect("nothing waits", (found.waiting, found.queued, found.failed) == (0, 0, 0), found)
            for soul in self.souls.all:
                if not self._wrote(soul, institution):
                    self._expect("who did not write", not named[soul.mark], institution, soul)
            if not any(one.counts for one in several):
                continue
            there = {name for one in several if one.counts for name in [one.dispatch]}
            self._expect("each digest arrived", there == set(members) - {""}, institution)

    def _fates(self, soul: Soul, institution: str) -> Iterator[tuple[Fate, str, datetime | None]]:
        book = self.season.it.book
        for action in book.of_person(supporter_key(self.season.it.desk.secret, soul.email)):
            for one in book.targets_of(action.id):
                if one.institution == institution:
                    yield one.fate, one.dispatch, one.sent_at

    def _members(self, institution: str) -> Counter[str]:
        """Digest -> how many actions the ledger counts in it."""
        copies = {one.dispatch for one in self.came[institution] if not one.counts}
        return Counter(
            dispatch
            for soul in self.souls.all
            for fate, dispatch, _ in self._fates(soul, institution)
            if fate is Fate.SENT and dispatch not in copies
        )

    def _wrote(self, soul: Soul, institution: str) -> bool:
        """By what they did; of who took back later, by whether it had left before."""
        if soul.confirmed is None or soul.mind == "bad":
            return False
        if soul.backed is None:
            return True
        sent = [at for fate, _, at in self._fates(soul, institution) if fate is Fate.SENT and at is not None]
        self._expect("taken back in time", all(at <= soul.backed for at in sent), soul, sent)
        return bool(sent)

    def privately(self) -> None:
        """Who never confirmed got what asks for it, without a word of their own; who wrote, one receipt."""
        hidden = [soul for soul in self.souls.all if soul.confirmed is None]
        self._expect("some never confirmed", bool(hidden))
        public = "".join(one.text for several in self.came.values() for one in several)
        for soul in self.souls.all:
            self._expect("an address at an institution", soul.email not in public, soul)
            subjects = Counter(str(read(mail.raw)["Subject"]) for _, mail in self.private[soul.email])
            receipts = sum(count for subject, count in subjects.items() if "has been sent" in subject)
            wrote = any(self._wrote(soul, one) for one in self.targets)
            self._expect("receipts", receipts == wrote or (wrote and soul.mind == "forgotten"), soul, subjects)
        for soul in hidden:
            key = supporter_key(self.season.it.desk.secret, soul.email)
            self._expect("nothing is kept of them", not self.season.it.book.of_person(key), soul)
            mails = [mail for _, mail in self.private[soul.email]]
            self._expect("asked once, and reminded once", len(mails) in {0, 1, 2}, soul, len(mails))
            self._expect("no word of theirs", not any(MARK.search(plain(one.raw)) for one in mails), soul)


def _came(at: datetime, mail: Mail) -> Came:
    text = " ".join(plain(mail.raw).split())
    head = str(read(mail.raw)["From"])
    found = _COUNT.search(text)
    counts = 0 if found is None else 1 if found[1] else int(found[2].replace(",", ""))
    more = _MORE.search(text)
    return Came(
        at=at,
        dispatch=name_of(mail),
        text=f"{head} {text}",
        counts=counts,
        marks=frozenset(MARK.findall(f"{head} {text}")),
        listed=frozenset(re.findall(r"- Person (N\d{5}Q)", text)),
        more=int(more[1].replace(",", "")) if more else 0,
    )
