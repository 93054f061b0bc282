"""Whatever supporters, runners and clocks do, in whatever order: each writes once, and nobody is lost or doubled."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from outreach.errors import LedgerError
from outreach.model.action import ActionStatus, Fate, Way
from outreach.model.receipt import Phase
from outreach.model.status import Status
from support.supporters import Crowd

PEOPLE = range(3)
PLACES = ("qm-1", "qm-2")
CAP = 2
people, places = st.sampled_from(PEOPLE), st.sets(st.sampled_from(PLACES), min_size=1).map(sorted)
#: What a copy's or digest's status may be while its action's fate at that target is this one.
AGREES = {
    Fate.WAITING: {Status.DRAFT},
    Fate.QUEUED: {Status.QUEUED, Status.CLAIMED, Status.COMMITTED, Status.IN_DOUBT},
    Fate.SENT: {Status.ACCEPTED, Status.ANONYMISED},
    Fate.FAILED: {Status.REJECTED, Status.CANCELLED, Status.ANONYMISED},
    Fate.DROPPED: {Status.CANCELLED, Status.SUPPRESSED, Status.ANONYMISED},
}


def sent(crowds):
    """Place -> how many wrote to it."""
    return {place: one.sent for place, one in crowds.items() if one.sent}


class Anything(RuleBasedStateMachine):
    """A campaign's supporters in the hands of chance."""

    @initialize()
    def begin(self):
        self.crowd = Crowd(self.make_desk())
        self.crowd.approve(*(self.crowd.target(one, per_day=CAP) for one in PLACES))
        self.actions, self.claims, self.confirmed = {}, [], set()
        self.taken = Counter()  # (person, place) -> letters of theirs that a server has

    @property
    def ledger(self):
        return self.crowd.ledger

    def any_action(self, data):
        return data.draw(st.sampled_from(sorted(self.actions))) if self.actions else None

    @rule(who=people, chosen=places, held=st.booleans())
    def take(self, who, chosen, held):
        new = self.crowd.action(who, *chosen, number=len(self.actions), held="a link" if held else "")
        if self.ledger.take(new):
            self.actions[new.id] = new

    @rule(data=st.data())
    def confirm(self, data):
        pending = [one.id for one in self.ledger.actions("spring", status=ActionStatus.PENDING)]
        if pending:
            one = data.draw(st.sampled_from(pending))
            token = self.crowd.token(one)
            action = self.ledger.confirm(token)
            assert self.ledger.confirm(token) is None
            if action.status is ActionStatus.CONFIRMED:
                self.confirmed.add(one)

    @rule(data=st.data(), release=st.booleans())
    def moderate(self, data, release):
        held = [one.id for one in self.ledger.actions("spring", status=ActionStatus.HELD)]
        if held:
            one = data.draw(st.sampled_from(held))
            assert self.ledger.moderate(one, release=release, by="Ada")
            if release:
                self.confirmed.add(one)

    @rule(data=st.data(), ahead=st.integers(0, 2))
    def flow(self, data, ahead):
        for action, undecided in self.ledger.to_flow("spring", 3):
            assert action.id in self.confirmed
            ways = [data.draw(st.sampled_from(["copy", "digest", "drop"])) for _ in undecided]
            of = {way: [one for one, its in zip(undecided, ways, strict=True) if its == way] for way in set(ways)}
            day = self.crowd.desk.clock.now + timedelta(days=ahead)
            copies = [
                self.crowd.copy(self.actions[action.id], one, day, dated=day.date()) for one in of.get("copy", [])
            ]
            self.crowd.flow(self.actions[action.id], *copies, digests=of.get("digest", ()), dropped=of.get("drop", ()))

    @rule(data=st.data())
    def flow_whatever(self, data):
        """Also what may not flow is asked for: nothing comes of it."""
        one = self.any_action(data)
        if one is not None and one not in self.confirmed:
            before = self.crowd.statuses()
            self.crowd.flow(self.actions[one], *self.actions[one].targets)
            assert self.crowd.statuses() == before

    @rule(place=st.sampled_from(PLACES))
    def digest(self, place):
        several = self.ledger.for_digest("spring", place)
        assert {one.id for one in several} <= self.confirmed
        if several:
            self.crowd.digest(place, actions=several)

    @rule(limit=st.integers(1, 4))
    def claim(self, limit):
        oldest = (self.crowd.desk.clock.now - timedelta(days=7)).date()
        claims = self.crowd.desk.turn(limit=limit, oldest=oldest).claims
        self.claims += claims

    @rule(data=st.data(), end=st.sampled_from(["accepted", "rejected", "later", "lost", "back"]))
    def end(self, data, end):
        if not self.claims:
            return
        claim = self.claims.pop(data.draw(st.integers(0, len(self.claims) - 1)))
        if end == "back":
            self.ledger.release([claim])
            return
        try:
            self.ledger.mark(claim)
        except LedgerError:
            return  # its lease ended
        if end == "accepted":
            self.at_the_server(claim)
            self.ledger.settle([self.outcome(claim)])
        elif end != "lost":
            status = Status.REJECTED if end == "rejected" else Status.QUEUED
            code = 550 if end == "rejected" else 450
            self.ledger.settle([self.outcome(claim, status=status, code=code, phase=Phase.DOT)])

    def at_the_server(self, claim):
        """Whose letter it was: of a copy its sender, of a digest everyone whom it counts."""
        for one in self.actions.values():
            for target in self.ledger.targets_of(one.id):
                if target.dispatch == claim.dispatch:
                    self.taken[one.supporter, target.institution] += 1

    @rule(hours=st.sampled_from([1, 24, 24 * 8]))
    def wait(self, hours):
        self.crowd.desk.clock.tick(hours=hours)
        self.ledger.recover()

    @rule()
    def look(self):
        self.ledger.sent_copies("spring")
        assert self.ledger.sent_copies("spring") == 0
        self.agree()

    @rule(data=st.data())
    def withdraw(self, data):
        one = self.any_action(data)
        if one is not None:
            self.ledger.withdraw(one)

    @rule(data=st.data())
    def settle_doubts(self, data):
        for doubt in self.ledger.doubts("spring"):
            status = data.draw(st.sampled_from([Status.ACCEPTED, Status.QUEUED, Status.CANCELLED]))
            if status is not Status.ACCEPTED or doubt.standing.status is Status.IN_DOUBT:
                self.ledger.settle_by_person([doubt.standing.dispatch.id], status, by="Ada", why="x")

    @rule(who=people)
    def erase(self, who):
        self.ledger.sent_copies("spring")
        before = self.ledger.crowds("spring")
        new = self.crowd.action(who, "qm-1")
        try:
            self.ledger.erase(new.supporter, [new.name, new.email])
        except LedgerError:
            return  # a letter of theirs is being sent
        after = self.ledger.crowds("spring")
        assert sent(after) == sent(before)
        for one in self.ledger.of_person(new.supporter):
            assert (one.status, one.name, one.email, one.words) == (ActionStatus.ERASED, "", "", "")
            self.confirmed.discard(one.id)
        self.ledger.sent_copies("spring")
        self.agree()

    def agree(self):
        """Fates and dispatches say the same."""
        standing = {one.dispatch.id: one.status for one in self.ledger.copies("spring")}
        for action in self.actions:
            for one in self.ledger.targets_of(action):
                if one.dispatch:
                    assert standing[one.dispatch] in AGREES[one.fate], one
                elif one.fate is Fate.QUEUED:
                    assert one.way is Way.DIGEST

    @invariant()
    def each_writes_at_most_once_to_each(self):
        if not hasattr(self, "crowd"):
            return
        assert all(count <= 1 for count in self.taken.values()), self.taken
        wrote = Counter()
        for new in self.actions.values():
            for one in self.ledger.targets_of(new.id):
                wrote[new.supporter, one.institution] += one.fate in {Fate.QUEUED, Fate.SENT, Fate.FAILED}
        assert all(count <= 1 for count in wrote.values()), wrote

    @invariant()
    def nothing_unconfirmed_was_decided(self):
        if not hasattr(self, "crowd"):
            return
        for one in self.ledger.actions("spring", status=ActionStatus.PENDING):
            assert {target.fate for target in self.ledger.targets_of(one.id)} == {Fate.WAITING}

    @invariant()
    def no_target_is_above_its_cap(self):
        if not hasattr(self, "crowd"):
            return
        with self.ledger._store.read() as tx:
            rows = tx.driver.execute("SELECT institution, granted_at FROM attempt WHERE NOT given_back").fetchall()
        for place in PLACES:
            times = sorted(at for its, at in rows if its == place)
            for begin, end in zip(times, times[CAP:], strict=False):
                assert end - begin >= 24 * 3_600_000_000, times


@pytest.fixture
def made(request, place, opened, desk_at, tmp_path):
    """Makes desks, each at an empty ledger."""
    count = 0

    def make():
        nonlocal count
        count += 1
        if place.startswith("sqlite"):
            return desk_at(opened(f"sqlite:///{tmp_path}/box/ledger{count}.db"))
        return desk_at(opened(request.getfixturevalue("postgresql").ledger()))

    return make


def test_in_any_order_each_supporter_writes_once(made, outcome):
    """Fates and dispatches agree, counts stay after erasing, no target is above its cap, nothing unconfirmed flows."""
    run_state_machine_as_test(
        type("Bound", (Anything,), {"make_desk": staticmethod(made), "outcome": staticmethod(outcome)}),
        settings=settings(max_examples=8, stateful_step_count=40, suppress_health_check=list(HealthCheck)),
    )
