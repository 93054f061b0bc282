"""Which queued letters may leave now: the pace of account, domain and institution, and the target's office hours.

In no `seconds` seconds do more letters leave than a window's `count`: windows slide and are half-open, so the letter
that comes exactly `seconds` after another is outside its window. Within the account's windows letters are evenly
spaced, so a pause is not followed by a burst.

The clock may be put back, and grants then stand in the future. Such a grant counts as one made now; but ahead by a
whole window or more it can only be the clock's mistake, and that window does not count it. So the wait stays in
proportion to the window (less than two of it), and what leaves too early is at most one window's letters.

Supporters' copies and digests count for account and domain as every letter does. For the institution they have a cap of
their own, so many in any 24 hours: they and the campaign's own letters do not use up each other's turn.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter

from outreach.errors import CampaignError
from outreach.model.calendar import WorkCalendar
from outreach.model.campaign import Pace, Window
from outreach.rules.calendar import next_open

DAY = timedelta(hours=24)  #: the window of a target's cap
_HOUR = 3600
_NO_WORD = r"\W"  # a calendar's key begins with its state
_when, _domain, _institution = attrgetter("at"), attrgetter("domain"), attrgetter("institution")
_PERIODS = {1: "second", 60: "minute", _HOUR: "hour", 24 * _HOUR: "day", 7 * 24 * _HOUR: "week"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A queued letter that is due."""

    dispatch: str
    institution: str
    domain: str
    calendar: str  #: key into `calendars`; a missing key means always open
    crowd: bool = False  #: a supporter's copy or a digest: its institution's cap holds, and not the pace's window


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """A letter that was let go earlier and was not given back."""

    at: datetime  #: aware UTC
    institution: str
    domain: str
    ours: bool = True  #: by the account that asks; what others let go counts for domains and institutions alone
    crowd: bool = False  #: a supporter's copy or a digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """How many supporters' letters an institution takes in any 24 hours, and how many it got in the last ones."""

    most: int
    got: int
    free_at: datetime  #: aware UTC: when there is room for one more; of no account while `got` is less than `most`


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Who may go now, and when to ask again for the rest."""

    dispatches: tuple[str, ...]
    next_at: datetime | None  #: when the first of the others may go; None when there are none
    reason: str = ""  #: what that one waits for, in words


def grant(
    candidates: Sequence[Candidate],
    *,
    granted: Sequence[Granted],
    now: datetime,
    pace: Pace,
    calendars: Mapping[str, WorkCalendar],
    limit: int,
    caps: Mapping[str, Cap] | None = None,
) -> Grant:
    """Decide for `candidates` in their order; `granted` are the grants of the longest window, of all accounts.

    `caps` are those of the institutions of all candidates that are supporters' letters.

    A candidate whose office is closed or whose domain is full is passed over. With a pace for the account at most one
    letter goes at a time. `next_at` is `now` when only `limit` holds the others back.
    """
    now = now.astimezone(UTC)
    record = Record(pace, granted, caps or {})
    offices = Offices(calendars)
    most = min(limit, 1) if pace.account else limit
    going, waiting = _choose(candidates, record, offices, now, most)
    if not waiting:
        return Grant(dispatches=going, next_at=None)
    next_at, reason = _first(waiting, record, offices, now)
    return Grant(dispatches=going, next_at=next_at, reason=reason)


def _choose(
    candidates: Sequence[Candidate], record: Record, offices: Offices, now: datetime, most: int
) -> tuple[tuple[str, ...], Sequence[Candidate]]:
    """Who goes now, each counted in `record`, and the others in their order."""
    if most < 1 or record.account_free(now) > now:
        return (), candidates
    going: list[str] = []
    passed: list[Candidate] = []
    for position, candidate in enumerate(candidates):
        if offices.opening(candidate.calendar, now) == now and record.free(candidate, now) == now:
            record.add(now, candidate.institution, candidate.domain, crowd=candidate.crowd)
            going.append(candidate.dispatch)
            if len(going) == most:
                return tuple(going), [*passed, *candidates[position + 1 :]]
        else:
            passed.append(candidate)
    return tuple(going), passed


def _first(waiting: Sequence[Candidate], record: Record, offices: Offices, now: datetime) -> tuple[datetime, str]:
    """When the first of those that wait may go, and what it waits for."""
    soonest = record.account_free(now)  # nobody goes before
    chosen = waiting[0]
    best = offices.opening(chosen.calendar, record.free(chosen, now))
    for candidate in waiting:
        if best == soonest:
            break
        moment = offices.opening(candidate.calendar, record.free(candidate, now))
        if moment < best:
            best, chosen = moment, candidate
    if best == now:
        return best, ""
    if best > record.free(chosen, now):
        return best, f"office hours of {re.split(_NO_WORD, chosen.calendar, maxsplit=1)[0]}"
    return best, record.reason(chosen, now)


class Offices:
    """The targets' office hours, each question asked once."""

    def __init__(self, calendars: Mapping[str, WorkCalendar]) -> None:
        self._calendars = calendars
        self._known: dict[tuple[str, datetime], datetime] = {}

    def opening(self, calendar: str, at: datetime) -> datetime:
        """The first moment from `at` on at which the office is open; `at` for a calendar nobody knows."""
        asked = (calendar, at)
        answer = self._known.get(asked)
        if answer is None:
            known = self._calendars.get(calendar)
            answer = self._known[asked] = at if known is None else next_open(known, at)
        return answer


class Record:
    """The letters let go so far, as each window of a pace counts them.

    A day's letters may be thousands and a claim asks about a handful of them: those of a domain or an institution are
    looked up when one asks.
    """

    def __init__(self, pace: Pace, granted: Sequence[Granted] = (), caps: Mapping[str, Cap] | None = None) -> None:
        self._pace = pace
        self._caps = caps or {}
        self._more: Counter[str] = Counter()  #: supporters' letters since the caps were looked up
        self._granted: Sequence[Granted] = ()
        if granted and (pace.account or pace.domain or pace.institution):
            self._granted = sorted(granted, key=_when)
        earlier = [one for one in self._granted if one.ours] if pace.account else ()
        self._account = _Lane(pace.account, earlier, jitter=pace.jitter, spaced=True)
        self._domains = _Lanes(pace.domain, self._granted, _domain)
        own = [one for one in self._granted if not one.crowd] if pace.institution else ()
        self._institutions = _Lanes(pace.institution, own, _institution)

    def add(self, at: datetime, institution: str, domain: str, *, crowd: bool = False) -> None:
        """Count a letter."""
        if self._pace.account:
            self._account.add(at, institution)
        self._domains.add(at, domain)
        if crowd:
            self._more[institution] += 1
        else:
            self._institutions.add(at, institution)

    def account_free(self, now: datetime) -> datetime:
        """The first moment from `now` on at which the account's windows have room."""
        return self._account.free(now)[0] if self._pace.account else now

    def free(self, candidate: Candidate, now: datetime) -> datetime:
        """The first moment from `now` on at which every window has room for this letter."""
        moment = self.account_free(now)
        if candidate.crowd:
            moment = max(moment, self._cap_free(candidate.institution, now))
        for lane in (self._domains.of(candidate.domain), self._institution(candidate)):
            if lane is not None:
                moment = max(moment, lane.free(now)[0])
        return moment

    def _institution(self, candidate: Candidate) -> _Lane | None:
        return None if candidate.crowd else self._institutions.of(candidate.institution)

    def _cap_free(self, institution: str, now: datetime) -> datetime:
        cap = self._caps[institution]
        if cap.got + self._more[institution] < cap.most:
            return now
        return max(now, cap.free_at) if cap.got >= cap.most else now + DAY

    def reason(self, candidate: Candidate, now: datetime) -> str:
        """Which window lets this letter wait the longest, in words."""
        if candidate.crowd and self._cap_free(candidate.institution, now) == self.free(candidate, now):
            return f"supporters' letters to {candidate.institution} ({self._caps[candidate.institution].most} per day)"
        lanes = (
            ("the account", self._account if self._pace.account else None),
            (candidate.domain, self._domains.of(candidate.domain)),
            (candidate.institution, self._institution(candidate)),
        )
        waits = [(*lane.free(now), whose) for whose, lane in lanes if lane is not None]
        _, window, whose = max(waits, key=lambda wait: wait[0])
        return f"pace of {whose} ({_words(window)})" if window else ""


class _Lanes:
    """A lane for each domain, or each institution, that got a letter: made when it is first asked for."""

    def __init__(self, windows: Sequence[Window], granted: Sequence[Granted], name: Callable[[Granted], str]) -> None:
        _some(windows)
        self._windows = windows
        self._granted = granted
        self._name = name
        self._earlier: dict[str, list[Granted]] | None = None
        self._lanes: dict[str, _Lane] = {}

    def add(self, at: datetime, name: str) -> None:
        if self._windows:
            lane = self.of(name)
            if lane is None:
                lane = self._lanes[name] = _Lane(self._windows)
            lane.add(at)

    def of(self, name: str) -> _Lane | None:
        """None for one that got no letter."""
        if not self._windows:
            return None
        lane = self._lanes.get(name)
        if lane is None and (earlier := self._by_name().get(name)):
            lane = self._lanes[name] = _Lane(self._windows, earlier)
        return lane

    def _by_name(self) -> dict[str, list[Granted]]:
        if self._earlier is None:
            self._earlier = {}
            for one in self._granted:
                self._earlier.setdefault(self._name(one), []).append(one)
        return self._earlier


class _Lane:
    """What one account, domain or institution got, oldest first."""

    def __init__(
        self, windows: Sequence[Window], earlier: Sequence[Granted] = (), *, jitter: float = 0.0, spaced: bool = False
    ) -> None:
        _some(windows)
        self._windows = [(window, timedelta(seconds=window.seconds)) for window in windows]
        self._times = [one.at for one in earlier]
        self._seeds = [one.institution for one in earlier]
        self._spacing = _spacing(windows) if spaced and windows else None
        self._jitter = jitter
        self._asked: datetime | None = None  #: the last question since `add`, for every letter of a lane asks the same
        self._answer: tuple[datetime, Window | None] = (datetime.min, None)  # noqa: DTZ901  never given

    def add(self, at: datetime, seed: str = "") -> None:
        place = bisect_right(self._times, at)
        self._times.insert(place, at)
        self._seeds.insert(place, seed)
        self._asked = None

    def free(self, now: datetime) -> tuple[datetime, Window | None]:
        """The first moment from `now` on with room for one more, and the window that lets it wait."""
        if now != self._asked:
            self._answer, self._asked = self._free(now), now
        return self._answer

    def _free(self, now: datetime) -> tuple[datetime, Window | None]:
        moment, cause = now, None
        for window, length in self._windows:
            begin = bisect_right(self._times, now - length)
            end = bisect_left(self._times, now + length, begin)
            if end - begin >= window.count:
                # Once this one has left the window, `count - 1` are in it.
                leaves = min(self._times[end - window.count], now) + length
                if leaves > moment:
                    moment, cause = leaves, window
        if self._spacing is not None:
            spaced = self._after_the_last(now, self._spacing)
            if spaced > moment:
                moment, cause = spaced, self._spacing
        return moment, cause

    def _after_the_last(self, now: datetime, window: Window) -> datetime:
        last = bisect_left(self._times, now + timedelta(seconds=window.seconds)) - 1
        if last < 0:
            return now
        # Rounded up: a gap a microsecond short would let a window's last letter wait for its first.
        gap = -(-window.seconds * 1_000_000 // window.count)
        stretch = 1 + self._jitter * _fraction(self._seeds[last])
        return min(self._times[last], now) + timedelta(microseconds=round(gap * stretch))


def _some(windows: Sequence[Window]) -> None:
    """A window that lets nothing go would hold every letter for ever without a word."""
    for window in windows:
        if window.count < 1:
            raise CampaignError(
                f"{_words(window)} lets nothing go.", where="pace", todo="Give a number of 1 or more, or no limit."
            )


def _spacing(windows: Sequence[Window]) -> Window:
    """The window whose letters are spaced evenly: of those up to an hour the one that allows the slowest pace.

    A day's limit is a quota: spread over the night it would leave two thirds of it unused in office hours. It sets the
    spacing only when there is no shorter window.
    """
    short = [window for window in windows if window.seconds <= _HOUR]
    return max(short or windows, key=lambda window: window.seconds / window.count)


def _fraction(seed: str) -> float:
    """A number from 0 to 1 that is always the same for this seed.

    The seed is the institution that was written to last, whose letter the gap follows. Were it the next letter's own,
    the one with the smallest number of thousands would always go first and nothing would be stretched.
    """
    return int.from_bytes(hashlib.blake2b(seed.encode(), digest_size=4).digest()) / 2**32


def _words(window: Window) -> str:
    period = _PERIODS.get(window.seconds)
    return f"{window.count} per {period}" if period else f"{window.count} per {window.seconds} seconds"
