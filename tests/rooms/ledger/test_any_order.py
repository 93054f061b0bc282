"""Whatever happens, in whatever order: one status each, the log tells it, and no letter has two lives."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from outreach.errors import FenceLost, LedgerError
from outreach.model.receipt import Outcome, Phase
from outreach.model.status import GONE, HeldReason, Status

NAMES = [f"bg-{number}" for number in range(5)]
names = st.sets(st.sampled_from(NAMES)).map(sorted)


def refold(events):
    """The status of every dispatch by its events alone."""
    now = {}
    for event in events:
        assert now.get(event.dispatch) == event.was, event
        now[event.dispatch] = event.now
    return now


class Anything(RuleBasedStateMachine):
    """A campaign in the hands of chance: planners, approvers, runners that die, clocks that run."""

    @initialize()
    def begin(self):
        self.desk = self.make_desk()
        self.claims = []
        self.marked = Counter()
        self.vouched = Counter()  # evidence or a person said that it had not arrived
        self.step = 0

    @rule(planned=names, text=st.sampled_from("ab"), swap=st.booleans(), redraft=st.booleans())
    def plan(self, planned, text, swap, redraft):
        moved = dict(zip(planned, planned[::-1] if swap else planned, strict=True))
        pairs = [self.desk.pair(one, text, address_norm=f"{moved[one]}@gov.example") for one in planned]
        before = {one.dispatch.id: one for one in self.desk.ledger.standings(self.desk.campaign)}
        try:
            totals = self.desk.plan(*pairs, redraft=redraft)
        except LedgerError as error:
            after = {one.dispatch.id: one for one in self.desk.ledger.standings(self.desk.campaign)}
            if "Two letters" in str(error) and after == before:
                return
            raise
        named = totals.drafted + totals.redrafted + totals.unchanged + totals.changed_since_approval
        assert sorted(named + totals.gone + totals.held) == sorted(pair[0].id for pair in pairs)
        for one in before.values():
            if one.status in GONE:
                assert self.desk.at(one.dispatch.institution) == one or one.status is Status.BOUNCED

    @rule()
    def approve(self):
        self.desk.approve()

    @rule(limit=st.integers(1, 4), only=names)
    def claim(self, limit, only):
        self.claims += self.desk.turn(limit=limit, only=only).claims

    @rule(data=st.data(), settled=st.sampled_from([None, *Status]), code=st.sampled_from([None, 250, 450, 550]))
    def mark(self, data, settled, code):
        if not self.claims:
            return
        claim, other = (data.draw(st.sampled_from(self.claims)) for _ in range(2))
        settle = [] if settled is None else [self.outcome(other, settled, code)]
        before = self.desk.at(other.institution)
        try:
            self.desk.ledger.mark(claim, settle=settle)
        except FenceLost:
            assert self.desk.at(other.institution) == before
        except LedgerError:
            pass  # an outcome that cannot be: said to the caller, and nothing written
        else:
            self.marked[claim.institution] += 1
            self.count_vouched(before)

    @rule(data=st.data(), status=st.sampled_from(list(Status)), code=st.sampled_from([None, 250, 450, 550]))
    def settle(self, data, status, code):
        if not self.claims:
            return
        claim = data.draw(st.sampled_from(self.claims))
        before = self.desk.at(claim.institution)
        try:
            self.desk.ledger.settle([self.outcome(claim, status, code)] * 2)
        except LedgerError:
            assert self.desk.at(claim.institution) == before
        self.count_vouched(before)

    def outcome(self, claim, status, code):
        return Outcome(claim=claim, status=status, code=code, phase=Phase.DOT, address_bad=code == 550)

    def count_vouched(self, before):
        """The server answered that it did not take the letter, or refused it: another sending is no double."""
        after = self.desk.at(before.dispatch.institution)
        if before.status in {Status.COMMITTED, Status.IN_DOUBT} and after.status not in {
            Status.COMMITTED,
            Status.IN_DOUBT,
            Status.ACCEPTED,
        }:
            self.vouched[before.dispatch.institution] += 1

    @rule()
    def release(self):
        self.desk.ledger.release(self.claims)
        self.claims = []

    @rule(minutes=st.sampled_from([1, 16]))
    def wait(self, minutes):
        self.desk.clock.now += timedelta(minutes=minutes)
        self.desk.ledger.recover()

    @rule(some=names, reason=st.sampled_from(list(HeldReason)))
    def hold(self, some, reason):
        self.desk.ledger.hold([self.desk.dispatch(one).id for one in some], reason)

    @rule(some=names)
    def return_to_draft(self, some):
        self.desk.ledger.return_to_draft([self.desk.dispatch(one).id for one in some], why="x")

    @rule(one=st.sampled_from(NAMES))
    def suppress(self, one):
        self.desk.ledger.suppress_address(f"{one}@gov.example", reason="x", by="Ada")

    @invariant()
    def the_log_tells_every_status(self):
        if not hasattr(self, "desk"):
            return
        found = {one.dispatch.id: one.status for one in self.desk.ledger.standings(self.desk.campaign)}
        assert refold(self.desk.ledger.events(self.desk.campaign)) == found
        assert len(found) <= len(NAMES)

    @invariant()
    def every_mark_but_one_was_answered_for(self):
        """Marks are the only way to a sending: each but the last was refused by the server, or never in doubt."""
        if not hasattr(self, "desk"):
            return
        for name, marked in self.marked.items():
            assert marked - self.vouched[name] <= 1


@pytest.fixture
def made(place, opened, desk):
    count = 0

    def make():
        nonlocal count
        count += 1
        return type(desk)(desk.ledger, desk.clock, campaign=f"spring-{count}")

    return make


def test_in_any_order_the_log_tells_every_status(made):
    """Random plans, approvals, claims, marks, outcomes, crashes and second thoughts."""
    run_state_machine_as_test(
        type("Bound", (Anything,), {"make_desk": staticmethod(made)}),
        settings=settings(max_examples=25, stateful_step_count=40, suppress_health_check=list(HealthCheck)),
    )
