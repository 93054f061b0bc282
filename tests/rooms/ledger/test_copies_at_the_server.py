"""Whatever happens, in whatever order: the server has no letter twice, and what the ledger calls accepted is there."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from outreach.errors import FenceLost
from outreach.model.status import Status
from support.post_office import PostOffice


class ResendsWhatIsInDoubt(PostOffice):
    """A runner that takes a lost answer for a refusal, as many mailers do."""

    after_a_loss = Status.QUEUED


class SendsWithoutTheMark(PostOffice):
    """A runner that sends the dot first and writes afterwards: after a crash its letter looks untouched."""

    def commit(self, hand):
        pass

    def settle(self, hand, status, **said):
        if status in {Status.ACCEPTED, Status.IN_DOUBT}:
            try:
                super().commit(hand)
            except FenceLost:
                return
        super().settle(hand, status, **said)


class SendsWithAnOldFence(PostOffice):
    """A runner that slept past its lease and does not look whether the letter is still its own."""

    def commit(self, hand):
        with suppress(FenceLost):
            super().commit(hand)


@pytest.fixture
def make(place, opened, desk):
    """The desks of a campaign that nobody has begun: two, each with a ledger of its own."""
    other = opened(place)
    count = 0

    def desks():
        nonlocal count
        count += 1
        name = f"spring-{count}"
        return [type(desk)(one, desk.clock, campaign=name) for one in (desk.ledger, other)]

    return desks


def search(machine, make, examples, *, shrink=True):
    """The same examples in every run."""
    phases = set(Phase) if shrink else {Phase.generate}
    run_state_machine_as_test(
        type("Bound", (machine,), {"make": staticmethod(make)}),
        settings=settings(
            max_examples=examples,
            stateful_step_count=50,
            derandomize=True,
            database=None,
            report_multiple_bugs=False,
            phases=phases - {Phase.explain},
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_in_any_order_the_server_has_every_letter_at_most_once(make, place):
    """Plans, approvals, refusals, losses, crashes, late marks and answers, persons who hold, drop and send again.

    After each step: no second copy that no person asked for; what is accepted is there; one status each, as the log
    tells it; nobody of the sheet is forgotten; no institution and no address has two letters.
    """
    search(PostOffice, make, 100 if place.startswith("sqlite") else 20)


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
@pytest.mark.parametrize("broken", [ResendsWhatIsInDoubt, SendsWithoutTheMark, SendsWithAnOldFence])
def test_a_runner_that_breaks_the_protocol_is_found_out(make, broken):
    """The check can fail: each of three known mistakes puts a copy too many on the server, and is seen."""
    with pytest.raises(AssertionError, match=r"is there \d times"):
        search(broken, make, 400, shrink=False)
