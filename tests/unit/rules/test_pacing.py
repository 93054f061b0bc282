"""Who may leave now: windows, spacing, office hours, and clocks that jump."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.errors import CampaignError
from outreach.model.calendar import WorkCalendar
from outreach.model.campaign import Pace, Window
from outreach.rules.pacing import Candidate, Cap, Grant, Granted, grant

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
SECOND = timedelta(seconds=1)

JAPAN = WorkCalendar(key="JP/Asia/Tokyo/Mon-Fri", timezone="Asia/Tokyo", opens=time(9), closes=time(16))
BULGARIA = WorkCalendar(key="BG/Europe/Sofia/Mon-Fri", timezone="Europe/Sofia", opens=time(9), closes=time(16))
OFFICES = {calendar.key: calendar for calendar in (JAPAN, BULGARIA)}


def letter(number: int, *, institution: str = "", domain: str = "", calendar: str = "") -> Candidate:
    return Candidate(
        dispatch=f"d{number}",
        institution=institution or f"i{number}",
        domain=domain or f"d{number}.example",
        calendar=calendar,
    )


def before(seconds: float, *, institution: str = "earlier", domain: str = "earlier.example") -> Granted:
    return Granted(at=MONDAY - seconds * SECOND, institution=institution, domain=domain)


def ask(
    candidates: Sequence[Candidate],
    pace: Pace,
    *,
    granted: Sequence[Granted] = (),
    now: datetime = MONDAY,
    limit: int = 100,
    calendars: Mapping[str, WorkCalendar] = OFFICES,
) -> Grant:
    return grant(candidates, granted=granted, now=now, pace=pace, calendars=calendars, limit=limit)


def run(
    candidates: Sequence[Candidate],
    pace: Pace,
    *,
    start: datetime = MONDAY,
    late: Sequence[float] = (0.0,),
    limit: int = 100,
    granted: Sequence[Granted] = (),
) -> list[tuple[Candidate, datetime]]:
    """A runner that asks whenever it was told to, or `late` seconds after, until all letters are gone."""
    waiting, gone = list(candidates), []
    record, now, turn = list(granted), start, 0
    while waiting:
        answer = ask(waiting, pace, granted=record, now=now, limit=limit)
        going = [one for one in waiting if one.dispatch in answer.dispatches]
        waiting = [one for one in waiting if one.dispatch not in answer.dispatches]
        gone += [(one, now) for one in going]
        record += [Granted(at=now, institution=one.institution, domain=one.domain) for one in going]
        assert going or (answer.next_at is not None and answer.next_at > now), "a turn that gives nothing must move on"
        if answer.next_at is not None:
            now = answer.next_at + late[turn % len(late)] * SECOND
        turn += 1
    return gone


def most_in_a_window(times: Sequence[datetime], window: Window) -> int:
    """The largest number of moments in any half-open stretch: it is largest where one begins at a moment."""
    length = timedelta(seconds=window.seconds)
    return max(sum(begin <= at < begin + length for at in times) for begin in times)


windows = st.lists(
    st.builds(Window, count=st.integers(1, 7), seconds=st.sampled_from([1, 7, 60, 90, 3600])), max_size=2
).map(tuple)


@settings(max_examples=60)
@given(
    pace=st.builds(Pace, account=windows, domain=windows, institution=windows, jitter=st.sampled_from([0.0, 0.3])),
    shape=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=25),
    late=st.lists(st.floats(0, 40, allow_nan=False), min_size=1, max_size=4),
    limit=st.integers(1, 30),
)
def test_no_window_of_any_kind_is_ever_above_its_limit(
    pace: Pace, shape: list[tuple[int, int]], late: list[float], limit: int
) -> None:
    """Whatever the pace, the letters and the runner's delays: account, domain and institution keep every window."""
    letters = [letter(n, institution=f"i{i}", domain=f"{d}.example") for n, (i, d) in enumerate(shape)]
    gone = run(letters, pace, late=late, limit=limit)
    assert sorted(one.dispatch for one, _ in gone) == sorted(one.dispatch for one in letters)
    lanes = [(pace.account, [at for _, at in gone])]
    lanes += [(pace.domain, [at for one, at in gone if one.domain == name]) for name in {c.domain for c in letters}]
    lanes += [
        (pace.institution, [a for c, a in gone if c.institution == name]) for name in {c.institution for c in letters}
    ]
    for limits, times in lanes:
        assert all(most_in_a_window(times, window) <= window.count for window in limits)


@settings(max_examples=60)
@given(
    pace=st.builds(Pace, account=windows, domain=windows, institution=windows, jitter=st.sampled_from([0.0, 0.5])),
    shape=st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 2), st.sampled_from(["", *OFFICES])), min_size=1, max_size=12
    ),
    earlier=st.lists(st.tuples(st.floats(0, 4000), st.integers(0, 3), st.integers(0, 2)), max_size=20),
)
def test_next_at_is_the_first_moment_at_which_a_letter_may_go(
    pace: Pace, shape: list[tuple[int, int, str]], earlier: list[tuple[float, int, int]]
) -> None:
    """At `next_at` one is granted; a moment before none is."""
    letters = [letter(n, institution=f"i{i}", domain=f"{d}.example", calendar=c) for n, (i, d, c) in enumerate(shape)]
    granted = [before(s, institution=f"i{i}", domain=f"{d}.example") for s, i, d in earlier]
    answer = ask(letters, pace, granted=granted, limit=0)
    assert answer.dispatches == ()
    assert answer.next_at is not None
    assert ask(letters, pace, granted=granted, now=answer.next_at).dispatches
    if answer.next_at > MONDAY:
        assert answer.reason
        assert not ask(letters, pace, granted=granted, now=answer.next_at - timedelta(microseconds=1)).dispatches


@pytest.mark.parametrize(
    ("account", "gap"),
    [
        pytest.param([(6, 60)], 10.0, id="6 per minute"),
        pytest.param([(7, 60)], 8.571428, id="7 per minute, which does not divide"),
        pytest.param([(100, 3600), (6, 60)], 36.0, id="the hour is slower than the minute"),
        pytest.param([(6, 60), (500, 86400)], 10.0, id="a day's quota does not space what the minute spaces"),
        pytest.param([(500, 86400)], 172.8, id="a day's quota alone does"),
    ],
)
def test_letters_of_an_account_are_evenly_spaced(account: list[tuple[int, int]], gap: float) -> None:
    """Every gap is at least the window's share and hardly more."""
    pace = Pace(account=tuple(Window(count=count, seconds=seconds) for count, seconds in account))
    times = [at for _, at in run([letter(n) for n in range(30)], pace)]
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    assert all(gap <= found < gap + 0.001 for found in gaps)


def test_a_pause_is_not_followed_by_a_burst() -> None:
    """After an idle day, a claim of ten gets one letter, and the next has to wait its gap."""
    pace = Pace(account=(Window(count=6, seconds=60),))
    answer = ask([letter(n) for n in range(20)], pace, granted=[before(86400)], limit=10)
    assert answer.dispatches == ("d0",)
    assert answer.next_at == MONDAY + 10 * SECOND
    assert answer.reason == "pace of the account (6 per minute)"


@pytest.mark.parametrize(
    "account",
    [
        pytest.param([(6, 60)], id="6 per minute"),
        pytest.param([(1, 7)], id="1 per 7 seconds"),
        pytest.param([(6, 60), (200, 3600)], id="minute and hour"),
        pytest.param([(20, 60), (100, 3600), (160, 7200)], id="with a quota over two hours"),
    ],
)
def test_an_open_lane_is_used_to_95_per_cent(account: list[tuple[int, int]]) -> None:
    """Over many letters, with a runner that wakes 50 ms late each time."""
    pace = Pace(account=tuple(Window(count=count, seconds=seconds) for count, seconds in account))
    letters = [letter(n) for n in range(600)]
    waiting, granted, now = letters, [], MONDAY
    while waiting:
        answer = ask(waiting[:5], pace, granted=granted[-250:], now=now)
        granted += [Granted(at=now, institution="i", domain="x.example") for _ in answer.dispatches]
        waiting = waiting[len(answer.dispatches) :]
        now = (answer.next_at or now) + 0.05 * SECOND
    elapsed = (granted[-1].at - granted[0].at).total_seconds()
    slowest = min(window.count / window.seconds for window in pace.account)
    assert (len(letters) - 1) / (elapsed * slowest) >= 0.95


def test_jitter_stretches_gaps_and_never_shortens_them() -> None:
    """Gaps lie between the even one and its stretched length, differ, and are the same on a second run."""
    pace = Pace(account=(Window(count=6, seconds=60),), jitter=0.5)
    letters = [letter(n) for n in range(60)]
    times = [at for _, at in run(letters, pace)]
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    assert all(10 <= gap <= 15 for gap in gaps)
    assert len(set(gaps)) > 50
    assert 12 < sum(gaps) / len(gaps) < 13
    assert [at for _, at in run(letters, pace)] == times


def test_without_limits_letters_go_in_their_order_up_to_the_limit() -> None:
    """All that were asked for, and the rest may be asked for at once."""
    letters = [letter(n) for n in range(50)]
    answer = ask(letters, Pace(), limit=20)
    assert answer.dispatches == tuple(f"d{n}" for n in range(20))
    assert (answer.next_at, answer.reason) == (MONDAY, "")
    assert ask(letters, Pace(), limit=50) == Grant(dispatches=tuple(f"d{n}" for n in range(50)), next_at=None)
    assert ask([], Pace()) == Grant(dispatches=(), next_at=None)


def test_a_closed_office_does_not_hold_the_others() -> None:
    """At 17:00 in Tokyo Sofia is served, and Tokyo is told to come back in the morning."""
    letters = [letter(n, calendar=JAPAN.key if n < 10 else BULGARIA.key) for n in range(12)]
    answer = ask(letters, Pace())
    assert answer.dispatches == ("d10", "d11")
    assert answer.next_at == datetime(2026, 3, 3, 0, tzinfo=UTC)
    assert answer.reason == "office hours of JP"


def test_a_full_domain_does_not_hold_the_others() -> None:
    """Two per hour for one domain: the third waits, another domain's letter goes."""
    pace = Pace(domain=(Window(count=2, seconds=3600),))
    letters = [letter(n, domain="example.org") for n in range(3)] + [letter(3, domain="other.example")]
    answer = ask(letters, pace)
    assert answer.dispatches == ("d0", "d1", "d3")
    assert answer.next_at == MONDAY + 3600 * SECOND
    assert answer.reason == "pace of example.org (2 per hour)"


def test_an_institution_has_a_pace_of_its_own() -> None:
    """One letter a day for an institution, whatever its domain."""
    pace = Pace(institution=(Window(count=1, seconds=86400),))
    answer = ask([letter(0, institution="qm-mfa-1")], pace, granted=[before(60, institution="qm-mfa-1")])
    assert answer.dispatches == ()
    assert answer.next_at == MONDAY + (86400 - 60) * SECOND
    assert answer.reason == "pace of qm-mfa-1 (1 per day)"


def test_a_letter_a_window_ago_is_outside_the_window() -> None:
    """Half-open: exactly `seconds` later there is room, a microsecond earlier there is not."""
    pace = Pace(domain=(Window(count=1, seconds=60),))
    here, earlier = letter(0, domain="example.org"), before(60, domain="example.org")
    assert ask([here], pace, granted=[earlier]).dispatches == ("d0",)
    assert not ask([here], pace, granted=[earlier], now=MONDAY - timedelta(microseconds=1)).dispatches


def test_what_frees_late_and_opens_later_waits_for_the_office() -> None:
    """The account frees in seconds, the office opens tomorrow: the reason is the office."""
    answer = ask([letter(0, calendar=JAPAN.key)], Pace(account=(Window(count=6, seconds=60),)), granted=[before(1)])
    assert answer.reason == "office hours of JP"
    assert answer.next_at == datetime(2026, 3, 3, 0, tzinfo=UTC)


def test_an_unknown_calendar_is_always_open() -> None:
    """A dispatch whose key nobody has a calendar for is not held for ever."""
    assert ask([letter(0, calendar="XX/nowhere/Mon")], Pace()).dispatches == ("d0",)


@pytest.mark.parametrize("back", [1, 30, 59, 61, 600, 86400], ids=lambda seconds: f"{seconds} s back")
@pytest.mark.parametrize("kind", ["account", "domain"])
def test_a_clock_put_back_grants_one_window_at_most_and_is_not_stuck(back: int, kind: str) -> None:
    """Six letters were granted in the last minute, then the clock jumps back: the wait is less than two minutes."""
    minute = Window(count=6, seconds=60)
    pace = Pace(account=(minute,)) if kind == "account" else Pace(domain=(minute,))
    granted = [before(10 * n, institution=f"e{n}", domain="example.org") for n in range(6)]
    letters = [letter(n, domain="example.org") for n in range(40)]
    now = MONDAY - back * SECOND
    first = ask(letters, pace, granted=granted, now=now)
    assert len(first.dispatches) <= 6
    assert first.next_at is not None
    assert first.next_at <= now + 60 * SECOND
    gone = run(letters, pace, start=now, granted=granted)
    assert gone[0][1] - now < 120 * SECOND
    assert most_in_a_window([at for _, at in gone], minute) <= 6


def test_a_limit_of_nothing_is_an_error() -> None:
    """A window that lets nothing go would hold every letter for ever without a word."""
    with pytest.raises(CampaignError, match="0 per minute"):
        ask([letter(0)], Pace(account=(Window(count=0, seconds=60),)))


def test_a_long_queue_is_decided_without_looking_at_all_of_it_twice() -> None:
    """20,000 letters without limits: each office is asked once, whatever the number of its letters."""

    class Counting(dict[str, WorkCalendar]):
        asked = 0

        def get(self, key: str, default: object = None) -> WorkCalendar | None:  # type: ignore[override]
            self.asked += 1
            return super().get(key)

    calendars = Counting(OFFICES)
    letters = [letter(n, calendar=(JAPAN, BULGARIA)[n % 2].key) for n in range(20_000)]
    answer = ask(letters, Pace(), calendars=calendars, limit=20_000)
    assert len(answer.dispatches) == 10_000
    assert calendars.asked == 2


def test_what_was_let_go_in_a_day_is_looked_at_once_and_not_for_every_domain() -> None:
    """5,000 earlier letters to as many domains: only the two that are asked about get windows of their own."""

    class Counting(tuple[Window, ...]):
        __slots__ = ()
        read = 0

        def __iter__(self):  # type: ignore[no-untyped-def]
            Counting.read += 1
            return super().__iter__()

    pace = Pace(domain=Counting([Window(count=1, seconds=86400)]))
    granted = [before(n, domain=f"d{n}.example") for n in range(1, 5001)]
    answer = ask([letter(1), letter(2), letter(9000)], pace, granted=granted)
    assert answer.dispatches == ("d9000",)
    assert answer.next_at == MONDAY + (86400 - 2) * SECOND
    assert Counting.read < 20


class TestCaps:
    """Supporters' letters: a cap of the target's own beside the windows of the pace."""

    def copy(self, number: int, institution: str) -> Candidate:
        return Candidate(dispatch=f"d{number}", institution=institution, domain="x.example", calendar="", crowd=True)

    def ask(self, cap: Cap, pace: Pace = Pace(), granted: Sequence[Granted] = ()) -> Grant:
        copies = [self.copy(number, "qm") for number in range(3)]
        return grant(copies, granted=granted, now=MONDAY, pace=pace, calendars={}, limit=100, caps={"qm": cap})

    @pytest.mark.parametrize(("got", "going"), [(0, 2), (1, 1), (2, 0), (5, 0)])
    def test_no_more_than_the_cap_goes(self, got: int, going: int) -> None:
        """What was got counts; the next may go when the oldest that counts has left the window."""
        answer = self.ask(Cap(most=2, got=got, free_at=MONDAY + timedelta(hours=3)))
        assert len(answer.dispatches) == going
        wait = timedelta(hours=3) if got >= 2 else timedelta(hours=24)
        assert answer.next_at == MONDAY + wait
        assert answer.reason == "supporters' letters to qm (2 per day)"

    def test_the_institutions_window_is_the_campaigns_own(self) -> None:
        """Neither uses up the other's turn; account and domain count all."""
        once = Window(count=1, seconds=86_400)
        own = Granted(at=MONDAY - SECOND, institution="qm", domain="y.example")
        cap = Cap(most=9, got=0, free_at=MONDAY)
        assert len(self.ask(cap, Pace(institution=(once,)), [own]).dispatches) == 3
        theirs = Granted(at=MONDAY - SECOND, institution="qm", domain="x.example", crowd=True)
        free = ask([letter(1, institution="qm")], Pace(institution=(once,)), granted=[theirs])
        assert free.dispatches == ("d1",)
        assert self.ask(cap, Pace(domain=(once,)), [theirs]).dispatches == ()
        assert self.ask(cap, Pace(account=(once,)), [theirs]).dispatches == ()
