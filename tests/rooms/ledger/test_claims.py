"""Claims: who may send what now. One letter, one runner, one fence; the pace counts what was granted."""

import threading
from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from outreach.errors import FenceLost, LedgerBusy
from outreach.ledger.choosing import Asked
from outreach.ledger.claims import claim
from outreach.model.calendar import WorkCalendar
from outreach.model.campaign import Pace, Window
from outreach.model.receipt import Phase
from outreach.model.status import HeldReason, Status


def test_a_claim_carries_the_frozen_letter(desk):
    """The very bytes that were approved, with the envelope, the fence and the tries so far."""
    desk.queue("bg-mfa")
    dispatch, letter = desk.pair("bg-mfa")
    turn = desk.turn()
    (claim,) = turn.claims
    assert (claim.raw, claim.envelope_from, claim.message_id) == (letter.raw, letter.envelope_from, letter.message_id)
    assert (claim.dispatch, claim.recipient, claim.institution, claim.state) == (
        dispatch.id,
        dispatch.recipient,
        "bg-mfa",
        "BG",
    )
    assert (claim.fence, claim.tries) == (1, 0)
    assert (turn.waiting, turn.next_at, turn.reason) == (0, None, "")
    event = list(desk.ledger.events("spring"))[-1]
    assert (event.kind, event.by, event.detail) == ("claimed", "r1", {"fence": 1, "account": "a@mail.example"})


def test_only_approved_letters_are_claimed(desk):
    """Drafts and held ones are not; nor is the same letter claimed twice, nor another campaign's."""
    desk.queue("bg-mfa", "fr-mfa")
    desk.plan("bg-mfa", "fr-mfa", "gr-mfa")
    desk.ledger.hold([desk.dispatch("fr-mfa").id], HeldReason.BY_HAND)
    other = type(desk)(desk.ledger, desk.clock, campaign="autumn")
    other.queue("it-mfa")
    assert set(desk.claim()) == {"bg-mfa"}
    assert desk.turn().claims == ()
    assert set(other.claim()) == {"it-mfa"}


@pytest.mark.parametrize(
    ("only", "found"),
    [
        pytest.param(["bg"], {"bg-mfa", "bg-trade"}, id="a state, in small letters"),
        pytest.param(["BG", "FR"], {"bg-mfa", "bg-trade", "fr-mfa"}, id="two states"),
        pytest.param(["BG-TRADE"], {"bg-trade"}, id="an institution, in capitals"),
        pytest.param(["Österreich-1"], {"Österreich-1"}, id="not ASCII"),
        pytest.param(["zz"], set(), id="nobody"),
    ],
)
def test_a_selection_is_by_state_or_institution(desk, only, found):
    """In whatever case it is typed; what waits is counted in the selection."""
    desk.queue("bg-mfa", "bg-trade", "fr-mfa", "Österreich-1")
    turn = desk.turn(limit=1, only=only)
    assert turn.waiting == max(0, len(found) - 1)
    assert {one.institution for one in (*turn.claims, *desk.turn(only=only).claims)} == found


def test_a_limit_leaves_the_others_for_the_next_turn(desk):
    """They may follow at once."""
    desk.queue(*(f"bg-{number}" for number in range(5)))
    turn = desk.turn(limit=2)
    assert (len(turn.claims), turn.waiting, turn.next_at) == (2, 3, desk.clock.now)
    assert len(desk.turn(limit=9).claims) == 3


def test_a_letter_that_waited_too_long_is_drafted_anew(desk):
    """It shows a day: after a week it goes back to draft, with the reason, and is not sent."""
    desk.plan("bg-mfa", desk.pair("fr-mfa", dated=date(2026, 2, 20)))
    desk.approve()
    assert set(desk.claim(oldest=date(2026, 2, 23))) == {"bg-mfa"}
    assert desk.status("fr-mfa") is Status.DRAFT
    event = list(desk.ledger.events("spring", desk.dispatch("fr-mfa").id))[-1]
    assert (event.kind, event.detail) == ("returned", {"why": "dated 2026-02-20, too long ago"})


def test_a_deferred_letter_waits_for_its_hour(desk, outcome):
    """Not before; the turn says when, and the claim how often it was tried."""
    desk.queue("bg-mfa")
    later = desk.clock.now + timedelta(minutes=20)
    claim = desk.claim()["bg-mfa"]
    desk.ledger.settle([outcome(claim, status=Status.QUEUED, code=450, phase=Phase.RCPT, next_at=later)])
    turn = desk.turn()
    assert (turn.claims, turn.waiting, turn.next_at) == ((), 1, later)
    assert turn.reason
    desk.plan("bg-mfa", "fr-mfa", "gr-mfa")
    desk.approve()
    assert desk.turn(limit=1).next_at == desk.clock.now
    assert desk.turn(limit=1).next_at == later
    desk.clock.tick(minutes=20)
    again = desk.claim()["bg-mfa"]
    assert (again.fence, again.tries) == (2, 1)


def test_the_pace_of_an_account_counts_every_campaign_and_survives_reopening(place, opened, clock, desk):
    """Two in any hour: the third waits, also for another campaign, another runner and a reopened ledger."""
    pace = Pace(account=(Window(count=2, seconds=3600),))
    desk.queue("bg-mfa", "fr-mfa", "gr-mfa")
    other = type(desk)(desk.ledger, clock, campaign="autumn")
    other.queue("it-mfa")
    (first,) = desk.turn(pace=pace).claims  # an account's letters are spaced: one at a time
    desk.accept(first)
    clock.tick(minutes=30)
    (second,) = other.turn(pace=pace).claims
    other.accept(second)
    clock.tick(minutes=15)
    again = type(desk)(opened(place), clock)
    turn = again.turn(pace=pace, runner="r2")
    assert (turn.claims, turn.waiting) == ((), 2)
    assert turn.next_at == clock.now + timedelta(minutes=15)
    assert "a@mail.example" not in turn.reason
    assert "2 per hour" in turn.reason
    clock.tick(minutes=15)
    assert len(again.turn(pace=pace, runner="r2").claims) == 1
    assert len(again.turn(pace=pace, account="other@mail.example").claims) == 1


@pytest.mark.parametrize("window", ["domain", "institution"])
def test_a_domain_and_an_institution_get_no_more_from_two_accounts_than_from_one(desk, desk_at, window):
    """A ministry must not get a day's letters twice because somebody changed the login; the account's own are apart."""
    other = replace(desk_at(desk.ledger), campaign="autumn")
    pace = Pace(account=(Window(count=1, seconds=60),), **{window: (Window(count=1, seconds=86_400),)})
    for one in (desk, other):
        one.queue("bg-mfa", "fr-mfa") if window == "institution" else one.queue("bg-mfa")
    assert len(desk.turn(pace=pace, account="a@mail.example").claims) == 1
    turn = other.turn(pace=pace, account="b@mail.example")
    if window == "domain":
        assert (turn.claims, turn.next_at) == ((), desk.clock.now + timedelta(days=1))
    else:
        assert [one.institution for one in turn.claims] == ["fr-mfa"]


def test_a_released_letter_does_not_count_against_the_pace(desk):
    """It never reached MAIL: its place in the window is free again; one that was refused keeps its place."""
    pace = Pace(account=(Window(count=1, seconds=3600),))
    desk.queue("bg-mfa", "fr-mfa")
    (claim,) = desk.turn(pace=pace).claims
    assert desk.turn(pace=pace).claims == ()
    desk.ledger.release([claim])
    assert desk.kinds("bg-mfa")[-1] == "released"
    (again,) = desk.turn(pace=pace).claims
    assert (again.institution, again.fence) == ("bg-mfa", 2)


@pytest.mark.parametrize(
    ("phase", "free"), [(Phase.CONNECT, True), (Phase.LOGIN, True), (Phase.MAIL, False), (Phase.RCPT, False)]
)
def test_only_what_ended_before_mail_is_given_back(desk, outcome, phase, free):
    """The server saw the others: it counts them, and so do we."""
    pace = Pace(account=(Window(count=1, seconds=3600),))
    desk.queue("bg-mfa")
    (claim,) = desk.turn(pace=pace).claims
    desk.ledger.settle([outcome(claim, status=Status.QUEUED, code=421, phase=phase, charged=False)])
    assert bool(desk.turn(pace=pace).claims) is free


def test_a_full_domain_lets_the_others_pass(desk):
    """The pace of one recipient domain holds up nobody else, however long the line before them."""
    crowd = [desk.pair(f"bg-{number}", address_norm=f"{number}@Same.example") for number in range(700)]
    desk.plan(*crowd, desk.pair("fr-mfa", address_norm="x@other.example"))
    desk.approve()
    pace = Pace(domain=(Window(count=3, seconds=60),))
    turn = desk.turn(pace=pace)
    assert [one.institution for one in turn.claims] == ["bg-0", "bg-1", "bg-2", "fr-mfa"]
    assert (turn.waiting, turn.next_at) == (697, desk.clock.now + timedelta(minutes=1))
    assert "same.example" in turn.reason


def test_closed_offices_are_passed_over_and_asked_again_when_they_open(desk):
    """Letters go where it is office hours now, from behind any number of closed ones."""
    desk.queue(*(f"bg-{number}" for number in range(600)), "fr-mfa")
    day = {"weekdays": frozenset(range(7))}
    calendars = {
        "BG|Europe/Paris|": WorkCalendar(key="BG", timezone="UTC", opens=time(10), closes=time(12), **day),
        "FR|Europe/Paris|": WorkCalendar(key="FR", timezone="UTC", opens=time(8), closes=time(12), **day),
    }
    pace = Pace(account=(Window(count=60, seconds=60),), opens=time(8), closes=time(12))
    turn = desk.turn(calendars=calendars, pace=pace)
    assert [one.institution for one in turn.claims] == ["fr-mfa"]
    assert (turn.waiting, turn.next_at) == (600, desk.clock.now + timedelta(hours=1))
    desk.clock.tick(hours=1)
    turn = desk.turn(calendars=calendars, pace=pace)
    assert [one.institution for one in turn.claims] == ["bg-0"]
    assert turn.next_at == desk.clock.now + timedelta(seconds=1)


def test_an_ended_lease_gives_the_letter_to_another_runner(desk, outcome):
    """The late runner finds its fence old: no mark, no outcome, no release of its own changes anything."""
    desk.queue("bg-mfa")
    late = desk.claim(runner="r1")["bg-mfa"]
    desk.clock.tick(minutes=14)
    assert desk.claim(runner="r2") == {}
    desk.clock.tick(minutes=1)
    mine = desk.claim(runner="r2")["bg-mfa"]
    assert mine.fence == late.fence + 1
    with pytest.raises(FenceLost):
        desk.ledger.mark(late)
    desk.ledger.release([late])
    desk.ledger.settle([outcome(late), outcome(late, status=Status.REJECTED, code=550, phase=Phase.RCPT)])
    assert desk.status("bg-mfa") is Status.CLAIMED
    desk.ledger.mark(mine)
    assert desk.status("bg-mfa") is Status.COMMITTED


def test_a_runner_past_its_lease_does_not_mark_even_when_nobody_took_over(desk):
    """Recovered and waiting again: the old fence is worth nothing."""
    desk.queue("bg-mfa")
    late = desk.claim()["bg-mfa"]
    desk.clock.tick(minutes=15)
    assert desk.ledger.recover() == (1, 0)
    with pytest.raises(FenceLost):
        desk.ledger.mark(late)
    with pytest.raises(FenceLost):
        desk.ledger.mark(replace(late, row=0))
    assert desk.status("bg-mfa") is Status.QUEUED


def test_recovery_tells_the_safe_from_the_doubtful(desk):
    """Claimed goes back to queued, committed is in doubt; what is still leased stays."""
    desk.queue("bg-mfa", "fr-mfa", "gr-mfa")
    claims = desk.claim("bg-mfa", "fr-mfa")
    desk.ledger.mark(claims["fr-mfa"])
    desk.clock.tick(minutes=5)
    desk.claim("gr-mfa")
    desk.clock.tick(minutes=10)
    assert desk.ledger.recover() == (1, 1)
    assert desk.counts() == {Status.QUEUED: 1, Status.IN_DOUBT: 1, Status.CLAIMED: 1}
    assert desk.ledger.recover() == (0, 0)
    assert desk.claim("fr-mfa") == {}


def test_the_mark_renews_the_lease(desk):
    """The dot may take ten minutes to be answered: the letter is not in doubt before its lease ends anew."""
    desk.queue("bg-mfa")
    claim = desk.claim()["bg-mfa"]
    desk.clock.tick(minutes=14)
    desk.ledger.mark(claim)
    desk.clock.tick(minutes=14)
    assert desk.ledger.recover() == (0, 0)
    desk.clock.tick(minutes=1)
    assert desk.ledger.recover() == (0, 1)


def test_a_letter_that_cost_three_runners_is_held_and_the_others_go_on(desk):
    """Only the letter that each of them had in hand is suspected, not the batch behind it."""
    names = ["bg-1", "bg-2", "bg-3", "bg-4"]
    desk.queue(*names)
    for crash in range(3):
        assert set(desk.claim(runner=f"r{crash}")) == set(names)
        desk.clock.tick(minutes=15)
        assert desk.ledger.recover() == ((4, 0) if crash < 2 else (3, 0))
    assert desk.at("bg-1").held is HeldReason.REPEATED_CRASH
    assert desk.counts() == {Status.HELD: 1, Status.QUEUED: 3}
    claims = desk.claim()
    assert set(claims) == {"bg-2", "bg-3", "bg-4"}


def test_nobody_is_suspected_when_the_runner_died_after_a_mark(desk):
    """The marked letter was in hand, and is in doubt; those behind it had not been begun."""
    desk.queue("bg-1", "bg-2", "bg-3", "bg-4", "bg-5")
    for marked in ("bg-1", "bg-2", "bg-3"):
        claims = desk.claim()
        desk.ledger.mark(claims[marked])
        desk.clock.tick(minutes=15)
        desk.ledger.recover()
    assert desk.counts() == {Status.IN_DOUBT: 3, Status.QUEUED: 2}


def test_nobody_is_suspected_while_a_marked_letter_of_the_turn_has_its_lease(desk):
    """The mark renewed it: the runner was at that letter last, the one behind it had not been begun."""
    desk.queue("bg-1", "bg-2", "bg-3", "bg-behind")
    for marked in ("bg-1", "bg-2", "bg-3"):
        claims = desk.claim(marked, "bg-behind")
        desk.clock.tick(minutes=10)
        desk.ledger.mark(claims[marked])
        desk.clock.tick(minutes=5)
        assert desk.ledger.recover() == (1, 0)
        desk.clock.tick(minutes=10)
        assert desk.ledger.recover() == (0, 1)
    assert desk.status("bg-behind") is Status.QUEUED


def test_runners_in_threads_never_get_the_same_letter(place, opened, desk):
    """Six at once, each over its own ledger or a shared one: every letter exactly once, none left."""
    desk.queue(*(f"bg-{number}" for number in range(300)))
    ledgers = [opened(place, clock=None) for _ in range(3)]
    got, faults = [], []
    start = threading.Barrier(6)

    def run(number):
        own = type(desk)(ledgers[number % 3], desk.clock)
        try:
            start.wait()
            for _ in range(200):
                claims = own.turn(limit=7, runner=f"r{number}").claims
                for claim in claims:
                    own.accept(claim)
                got.extend(one.institution for one in claims)
                if not claims and desk.counts()[Status.QUEUED] == 0:
                    return
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert sorted(got) == sorted(f"bg-{number}" for number in range(300))
    assert desk.counts() == {Status.ACCEPTED: 300}


def asked(desk, pace=None, limit=2):
    given = {"runner": "r1", "account": "a@mail.example", "calendars": {}, "limit": limit}
    return Asked(campaign=desk.campaign, pace=pace or Pace(), **given)


def test_two_claims_never_count_the_same_window(place, opened, desk):
    """While one claim of a paced account is being written, another waits for it: no window is granted twice."""
    pace = Pace(domain=(Window(count=2, seconds=60),))
    desk.queue(*(f"bg-{number}" for number in range(20)))
    other = type(desk)(opened(place, busy_timeout=0.05), desk.clock)
    with desk.ledger._store.write() as tx:
        assert len(claim(tx, asked(desk, pace, limit=9), lease=60_000_000).claims) == 2
        with pytest.raises(LedgerBusy):
            other.turn(pace=pace)
    assert other.turn(pace=pace).claims == ()


def test_on_a_server_two_runners_claim_side_by_side(postgresql, opened, clock, desk):
    """Without a pace nobody waits: the second gets the next letters, not none and not the same."""
    place = postgresql.ledger()
    own, other = (type(desk)(opened(place, busy_timeout=0.05), clock) for _ in range(2))
    own.queue(*(f"bg-{number}" for number in range(5)))
    with own.ledger._store.write() as tx:
        mine = claim(tx, asked(own), lease=60_000_000).claims
        theirs = other.turn(limit=2).claims
    assert [one.institution for one in (*mine, *theirs)] == ["bg-0", "bg-1", "bg-2", "bg-3"]


def test_letters_that_a_plan_may_change_are_not_claimed(place, opened, desk):
    """On PostgreSQL a runner passes them over and asks again soon; on SQLite it waits for the plan."""
    desk.queue("bg-mfa")
    other = type(desk)(opened(place, busy_timeout=0.05), desk.clock)
    with desk.ledger.planning("spring", 0) as book:
        if desk.ledger._store.server:
            turn = other.turn()
            assert (turn.claims, turn.waiting) == ((), 1)
            assert turn.next_at > desk.clock.now
        else:
            with pytest.raises(LedgerBusy):
                other.turn()
        book.keep([desk.dispatch("bg-mfa").id])
        book.finish()
    assert set(other.claim()) == {"bg-mfa"}


def test_what_a_plan_left_out_is_not_sent(desk):
    """It stays approved until the next approval cancels it; a plan that names it again lets it go."""
    desk.queue("bg-mfa", "fr-mfa")
    desk.plan("fr-mfa")
    turn = desk.turn()
    assert ([one.institution for one in turn.claims], turn.waiting) == (["fr-mfa"], 0)
    assert not desk.at("bg-mfa").planned
    desk.plan("bg-mfa", "fr-mfa")
    assert set(desk.claim()) == {"bg-mfa"}
