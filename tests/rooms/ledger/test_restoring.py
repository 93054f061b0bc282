"""A backup that was put back: what may have left since is in doubt, once, and everything waits for a person."""

from collections import Counter

import pytest

from outreach.errors import FenceLost, UnsettledBackup
from outreach.model.campaign import Mode
from outreach.model.problem import Severity
from outreach.model.status import HeldReason, Status

SAID = {"by": "Ana", "why": "the disk broke"}


@pytest.fixture
def everywhere(desk):
    """A letter in each status that it can be in."""
    desk.queue("a1-mfa", "a2-mfa", "a3-mfa", "a4-mfa", "a5-mfa", "a6-mfa", "a7-mfa", "a8-mfa", "a9-mfa")
    claims = desk.claim("a1-mfa", "a2-mfa", "a3-mfa", "a4-mfa")
    for name in ("a2-mfa", "a3-mfa", "a4-mfa"):
        desk.ledger.mark(claims[name])
    desk.force("a3-mfa", Status.ACCEPTED)
    desk.force("a4-mfa", Status.IN_DOUBT)
    desk.force("a5-mfa", Status.CANCELLED)
    desk.force("a6-mfa", Status.CLAIMED, Status.REJECTED)
    desk.ledger.hold([desk.dispatch("a7-mfa").id], HeldReason.BY_HAND)
    desk.force("a8-mfa", Status.SUPPRESSED)
    desk.plan("b1-mfa")
    desk.claims = claims
    return desk


def test_everything_that_may_have_left_is_in_doubt(everywhere):
    """Draft, approved, held, claimed and committed; what left, was refused or taken back stays. The counts add up."""
    done = everywhere.ledger.restored(**SAID)
    assert done.moved == {
        Status.DRAFT: 1,
        Status.QUEUED: 1,
        Status.HELD: 1,
        Status.CLAIMED: 1,
        Status.COMMITTED: 1,
    }
    assert done.doubtful == 1
    left = {Status.ACCEPTED: 1, Status.CANCELLED: 1, Status.REJECTED: 1, Status.SUPPRESSED: 1}
    assert done.left == left
    assert done.letters == 10
    assert everywhere.counts() == Counter({Status.IN_DOUBT: 6, **left})
    assert everywhere.turn().claims == ()


def test_each_letter_says_who_put_it_in_doubt_and_why(everywhere):
    """The last event is RESTORED; a claim was given back before."""
    everywhere.ledger.restored(**SAID)
    assert everywhere.kinds("a1-mfa")[-3:] == ["claimed", "released", "restored"]
    assert everywhere.kinds("a7-mfa")[-2:] == ["held", "restored"]
    (event,) = [
        one
        for one in everywhere.ledger.events(everywhere.campaign, everywhere.dispatch("b1-mfa").id)
        if one.kind == "restored"
    ]
    assert (event.was, event.now, event.by, event.detail) == (
        Status.DRAFT,
        Status.IN_DOUBT,
        "Ana",
        {"why": "the disk broke"},
    )
    assert everywhere.at("a7-mfa").held is None


def test_a_runner_that_had_a_letter_comes_too_late_for_its_mark(everywhere):
    """It closes the connection without the dot."""
    everywhere.ledger.restored(**SAID)
    with pytest.raises(FenceLost):
        everywhere.ledger.mark(everywhere.claims["a1-mfa"])
    assert everywhere.status("a1-mfa") is Status.IN_DOUBT


def test_every_campaign_is_paused_and_the_deed_is_kept(everywhere, desk_at):
    """Letters planned after the backup are unknown to it. A pause that was there before stays as it was said."""
    other = desk_at(everywhere.ledger)
    other.campaign = "autumn"
    other.send("a1-mfa")
    with everywhere.ledger._store.write() as tx:
        tx.driver.execute("INSERT INTO pause (campaign, state, at, who, why) VALUES ('spring', '', 1, 'Bo', 'wait')")
        tx.driver.execute("INSERT INTO pause (campaign, state, at, who, why) VALUES ('autumn', 'AT', 1, 'Bo', 'wait')")
    done = everywhere.ledger.restored(**SAID)
    assert (done.paused, done.campaigns) == (("autumn",), 2)
    with everywhere.ledger._store.read() as tx:
        rows = tx.driver.execute("SELECT campaign, state, who, why FROM pause ORDER BY campaign, state").fetchall()
    assert rows == [
        ("autumn", "", "Ana", "restored from a backup: the disk broke"),
        ("autumn", "AT", "Bo", "wait"),
        ("spring", "", "Bo", "wait"),
    ]
    (deed,) = everywhere.ledger.about().deeds
    assert (deed.kind, deed.campaign, deed.who) == ("restored", "", "Ana")
    assert deed.detail == {"why": "the disk broke", "letters": 5, "campaigns": ["autumn"]}


def test_a_second_time_changes_nothing(everywhere):
    """Same counts, no event, no deed; the sum is still every letter."""
    first = everywhere.ledger.restored(**SAID)
    events = list(everywhere.ledger.events(everywhere.campaign))
    again = everywhere.ledger.restored(**SAID)
    assert first.changed
    assert not again.changed
    assert (again.moved, again.doubtful, again.letters) == ({}, 6, 10)
    assert list(everywhere.ledger.events(everywhere.campaign)) == events
    assert len(everywhere.ledger.about().deeds) == 1


def test_a_ledger_without_letters_has_nothing_to_restore(desk):
    """No campaign, no pause, no deed."""
    done = desk.ledger.restored(**SAID)
    assert not done.changed
    assert done.letters == 0


def test_many_letters_are_put_in_doubt_at_once(desk):
    """More than are written in one go."""
    desk.queue(*(f"x{n}-mfa" for n in range(1201)))
    assert desk.ledger.restored(**SAID).moved == {Status.QUEUED: 1201}
    assert desk.counts() == {Status.IN_DOUBT: 1201}


def test_a_marked_backup_sends_nothing_until_it_is_settled(url, opened, desk_at):
    """On either database: neither asked before a run nor in one; `restored` takes the mark away."""
    desk = desk_at(opened(url, mode=Mode.LIVE))
    desk.queue("bg-mfa")
    with desk.ledger._store.write() as tx:
        tx.driver.execute(f"INSERT INTO backup (id, made_at) VALUES (1, {tx.now})")
    with pytest.raises(
        UnsettledBackup, match=r"backup of 2026-03-02 09:00 UTC.*outreach ledger restored --by NAME --why TEXT"
    ):
        desk.ledger.require_holder()
    with pytest.raises(UnsettledBackup):
        desk.turn()
    (fault,) = desk.ledger.place_problems()
    assert (fault.severity, fault.code) == (Severity.FAULT, "unsettled-backup")
    done = desk.ledger.restored(**SAID)
    assert done.backup_of == desk.clock.now
    desk.ledger.require_holder()
    assert desk.ledger.about().backup_of is None
