"""The mark before the dot, and how claims end: durable, once, and only for the fence that has the letter."""

from dataclasses import replace
from datetime import timedelta

import pytest

from outreach.errors import FenceLost, IllegalTransition
from outreach.model.receipt import Phase
from outreach.model.status import HeldReason, Status


@pytest.fixture
def claim(desk):
    desk.queue("bg-mfa")
    return desk.claim()["bg-mfa"]


def test_an_accepted_letter_says_what_the_server_said(desk, claim, outcome):
    """Committed before the dot, accepted after the answer, with code, words, time and the Date line that was sent."""
    desk.ledger.mark(claim)
    assert desk.status("bg-mfa") is Status.COMMITTED
    desk.clock.tick(seconds=2)
    desk.ledger.settle([outcome(claim)])
    at = desk.at("bg-mfa")
    assert (at.status, at.server_code, at.server_text) == (Status.ACCEPTED, 250, "2.0.0 queued as 4F3C")
    assert (at.sent_at, at.changed_at, at.attempts) == (desk.clock.now, desk.clock.now, 1)
    event = list(desk.ledger.events("spring"))[-1]
    assert (event.kind, event.was, event.now) == ("sent", "committed", "accepted")
    assert event.detail == {
        "fence": 1,
        "phase": "dot",
        "code": 250,
        "text": "2.0.0 queued as 4F3C",
        "date": "Mon, 02 Mar 2026 09:00:00 +0000",
    }
    assert desk.kinds("bg-mfa") == ["drafted", "queued", "claimed", "committed", "sent"]


def test_one_write_marks_a_letter_and_settles_the_one_before(desk, outcome):
    """Two facts, one transaction: both or, when the fence is lost, neither."""
    desk.queue("bg-mfa", "fr-mfa", "gr-mfa")
    claims = desk.claim()
    desk.ledger.mark(claims["bg-mfa"])
    desk.ledger.mark(claims["fr-mfa"], settle=[outcome(claims["bg-mfa"])])
    assert (desk.status("bg-mfa"), desk.status("fr-mfa")) == (Status.ACCEPTED, Status.COMMITTED)
    desk.ledger.release([claims["gr-mfa"]])
    with pytest.raises(FenceLost, match='"gr-mfa" is no longer ours'):
        desk.ledger.mark(claims["gr-mfa"], settle=[outcome(claims["fr-mfa"])])
    assert desk.status("fr-mfa") is Status.COMMITTED


def test_a_mark_is_made_once(desk, claim):
    """The second time the letter is not claimed any more."""
    desk.ledger.mark(claim)
    with pytest.raises(FenceLost):
        desk.ledger.mark(claim)


@pytest.mark.parametrize("known", [True, False], ids=["with its row", "by its id"])
def test_a_claim_is_found_by_its_row_or_its_id(desk, claim, outcome, known):
    """A claim that came another way than from this ledger's own turn works all the same."""
    claim = claim if known else replace(claim, row=0)
    desk.ledger.mark(claim)
    desk.ledger.settle([outcome(claim)])
    assert desk.status("bg-mfa") is Status.ACCEPTED


SETTLED = [
    pytest.param(True, Status.ACCEPTED, 250, Phase.DOT, "sent", id="accepted"),
    pytest.param(False, Status.QUEUED, 450, Phase.RCPT, "deferred", id="greylisted"),
    pytest.param(True, Status.QUEUED, 451, Phase.DOT, "deferred", id="deferred after the dot"),
    pytest.param(False, Status.QUEUED, None, Phase.BODY, "released", id="connection lost in the body"),
    pytest.param(False, Status.REJECTED, 550, Phase.RCPT, "rejected", id="refused"),
    pytest.param(True, Status.REJECTED, 554, Phase.DOT, "rejected", id="refused after the dot"),
    pytest.param(True, Status.IN_DOUBT, None, Phase.DOT, "in_doubt", id="connection lost after the dot"),
    pytest.param(False, Status.HELD, 552, Phase.MAIL, "held", id="too large"),
    pytest.param(True, Status.HELD, 552, Phase.DOT, "held", id="too large, said after the dot"),
]


@pytest.mark.parametrize(("marked", "status", "code", "phase", "kind"), SETTLED)
def test_an_outcome_is_written_once(desk, claim, outcome, marked, status, code, phase, kind):
    """Said again, it changes nothing: no event, no try, no word."""
    if marked:
        desk.ledger.mark(claim)
    said = outcome(claim, status=status, code=code, phase=phase, text="words")
    desk.ledger.settle([said])
    at, kinds = desk.at("bg-mfa"), desk.kinds("bg-mfa")
    assert (at.status, kinds[-1], at.attempts, at.server_code, at.server_text) == (status, kind, 1, code, "words")
    desk.ledger.settle([said, said])
    assert (desk.at("bg-mfa"), desk.kinds("bg-mfa")) == (at, kinds)


def test_a_letter_refused_for_its_size_is_held_for_it(desk, claim, outcome):
    """Also after the mark, where the table has a stop on the way."""
    desk.ledger.mark(claim)
    desk.ledger.settle([outcome(claim, status=Status.HELD, code=552)])
    assert desk.at("bg-mfa").held is HeldReason.SIZE
    assert desk.kinds("bg-mfa")[-2:] == ["deferred", "held"]


def test_a_holding_outcome_may_name_its_reason(desk, claim, outcome):
    """Something in the letter itself."""
    desk.ledger.settle([outcome(claim, status=Status.HELD, code=None, held=HeldReason.BY_HAND, phase=Phase.RCPT)])
    assert desk.at("bg-mfa").held is HeldReason.BY_HAND


def test_what_the_account_or_the_network_did_is_not_charged(desk, claim, outcome):
    """Tries count towards giving up: only the letter's own."""
    desk.ledger.settle([outcome(claim, status=Status.QUEUED, code=421, phase=Phase.MAIL, charged=False)])
    assert desk.at("bg-mfa").attempts == 0
    again = desk.claim()["bg-mfa"]
    desk.ledger.settle([outcome(again, status=Status.QUEUED, code=450, phase=Phase.RCPT)])
    assert desk.at("bg-mfa").attempts == 1
    assert desk.claim()["bg-mfa"].tries == 1


def test_an_unmarked_letter_cannot_have_been_accepted(desk, claim, outcome):
    """Neither accepted nor in doubt without the mark: such an outcome is a mistake, and nothing of it is written."""
    for status in (Status.ACCEPTED, Status.IN_DOUBT):
        with pytest.raises(IllegalTransition):
            desk.ledger.settle([outcome(claim, status=status)])
    assert desk.status("bg-mfa") is Status.CLAIMED
    assert desk.at("bg-mfa").attempts == 0


@pytest.mark.parametrize(
    ("late", "then"), [(Status.ACCEPTED, Status.ACCEPTED), (Status.QUEUED, Status.QUEUED)], ids=["250", "451"]
)
def test_an_answer_that_comes_after_the_lease_settles_the_doubt(desk, claim, outcome, late, then):
    """The server's own answer to this very attempt is the best evidence there is."""
    desk.ledger.mark(claim)
    desk.clock.tick(minutes=15)
    assert desk.ledger.recover() == (0, 1)
    desk.ledger.settle([outcome(claim, status=late, code=250 if late is Status.ACCEPTED else 451)])
    assert desk.status("bg-mfa") is then


def test_a_refusal_that_comes_after_the_lease_is_evidence_for_a_person(desk, claim, outcome):
    """The table has no way from doubt to refused: the words are kept, once, the status stays."""
    desk.ledger.mark(claim)
    desk.clock.tick(minutes=15)
    desk.ledger.recover()
    late = outcome(claim, status=Status.REJECTED, code=550, text="5.7.1 no")
    desk.ledger.settle([late, late])
    at = desk.at("bg-mfa")
    assert (at.status, at.server_code, at.server_text) == (Status.IN_DOUBT, 550, "5.7.1 no")
    assert desk.kinds("bg-mfa")[-2:] == ["in_doubt", "in_doubt"]
    assert desk.kinds("bg-mfa").count("in_doubt") == 2


def test_an_old_outcome_does_not_touch_the_next_attempt(desk, claim, outcome):
    """The same letter, claimed again: the first attempt's answer is not the second's."""
    desk.ledger.release([claim])
    again = desk.claim()["bg-mfa"]
    desk.ledger.mark(again)
    desk.ledger.settle([outcome(claim), outcome(claim, status=Status.QUEUED)])
    desk.ledger.release([claim])
    assert desk.status("bg-mfa") is Status.COMMITTED


@pytest.fixture
def sent_again(desk, claim):
    """In doubt after its runner was gone, and a person has said: send it again."""
    desk.ledger.mark(claim)
    desk.clock.tick(minutes=16)
    desk.ledger.recover()
    desk.ledger.settle_by_person([claim.dispatch], Status.QUEUED, by="Ana", why="nothing arrived")
    assert desk.status("bg-mfa") is Status.QUEUED
    return claim


def test_an_acceptance_that_comes_after_a_person_let_it_go_again_stops_it(desk, sent_again, outcome):
    """The server had it all along: it is accepted, and nobody claims it."""
    desk.ledger.settle([outcome(sent_again)])
    desk.ledger.settle([outcome(sent_again)])
    assert desk.status("bg-mfa") is Status.ACCEPTED
    assert desk.kinds("bg-mfa")[-3:] == ["settled", "in_doubt", "sent"]
    assert "bg-mfa" not in desk.claim()


@pytest.mark.parametrize("then", [Status.DRAFT, Status.HELD])
def test_an_acceptance_stops_a_letter_that_was_put_aside_meanwhile(desk, sent_again, outcome, then):
    """A person let it go again, and it was taken back to draft or held: it would leave a second time later."""
    if then is Status.DRAFT:
        desk.ledger.return_to_draft([sent_again.dispatch], why="its day has passed")
    else:
        desk.ledger.hold([sent_again.dispatch], HeldReason.BY_HAND)
    desk.ledger.settle([outcome(sent_again)])
    assert desk.status("bg-mfa") is Status.ACCEPTED


def test_an_acceptance_said_again_does_not_stop_the_letter_to_the_next_address(desk, claim, outcome):
    """It was accepted, it bounced, and it waits to go to another address: that must not count as sent."""
    desk.accept(claim)
    desk.force("bg-mfa", Status.BOUNCED)
    desk.force("bg-mfa", Status.DRAFT)
    desk.approve()
    desk.ledger.settle([outcome(claim)])
    assert desk.status("bg-mfa") is Status.QUEUED
    assert "bg-mfa" in desk.claim()


def test_a_refusal_that_comes_after_a_backup_was_put_back_is_evidence_alone(desk, claim, outcome):
    """The letter may have left in the time that the ledger has forgotten."""
    desk.ledger.restored(by="Ana", why="the disk broke")
    desk.ledger.settle([outcome(claim, status=Status.QUEUED, code=451, text="later", phase=Phase.RCPT)])
    assert desk.status("bg-mfa") is Status.IN_DOUBT
    assert desk.at("bg-mfa").server_text == "later"


def test_an_acceptance_that_comes_when_another_has_the_letter_is_written_down(desk, sent_again, outcome):
    """It changes no status: the other runner's fence rules. A refusal is not worth a word."""
    again = desk.claim()["bg-mfa"]
    desk.ledger.settle([outcome(sent_again, status=Status.REJECTED, code=554, text="no")])
    assert "evidence" not in desk.kinds("bg-mfa")
    desk.ledger.settle([outcome(sent_again)])
    assert desk.status("bg-mfa") is Status.CLAIMED
    assert desk.kinds("bg-mfa")[-1] == "evidence"
    desk.accept(again)
    desk.ledger.settle([outcome(again)])
    assert desk.kinds("bg-mfa").count("evidence") == 1


def test_a_mark_keeps_the_date_line_that_went_in_front(desk, claim):
    """A letter that is in doubt is known byte for byte, too."""
    desk.ledger.mark(claim, date="Date: Mon, 02 Mar 2026 09:00:00 +0000")
    (marked,) = [one for one in desk.ledger.events("spring") if one.kind.value == "committed"]
    assert marked.detail == {"date": "Mon, 02 Mar 2026 09:00:00 +0000"}


def test_a_bad_address_is_learnt(desk, claim, outcome):
    """It belongs to the address: every later plan of every campaign knows it."""
    desk.ledger.settle(
        [outcome(claim, status=Status.REJECTED, code=550, phase=Phase.RCPT, text="5.1.1 unknown", address_bad=True)]
    )
    facts = desk.ledger.address_facts()["bg-mfa@gov.example"]
    assert (facts.bounced_on, facts.bounced_text) == (desk.clock.now.date(), "5.1.1 unknown")


def test_a_shared_box_is_learnt_by_its_address(desk, outcome):
    """Its key carries the institution; the address alone is bad."""
    desk.plan(desk.pair("bg-mfa", address_norm="box@gov.example bg-mfa", recipient="box@gov.example"))
    desk.approve()
    claim = desk.claim()["bg-mfa"]
    desk.ledger.settle([outcome(claim, status=Status.REJECTED, code=550, phase=Phase.RCPT, address_bad=True)])
    assert set(desk.ledger.address_facts()) == {"box@gov.example"}


def test_nothing_to_settle_or_release_writes_nothing(desk, claim):
    """An empty hand is no transaction."""
    desk.ledger.settle([])
    desk.ledger.release([])
    assert desk.status("bg-mfa") is Status.CLAIMED


def test_a_deferral_sets_the_hour_and_an_acceptance_clears_it(desk, claim, outcome):
    """`next_at` is for what waits."""
    later = desk.clock.now + timedelta(minutes=5, microseconds=7)
    desk.ledger.settle([outcome(claim, status=Status.QUEUED, code=450, phase=Phase.RCPT, next_at=later)])
    assert desk.at("bg-mfa").next_at == later
    desk.clock.tick(minutes=6)
    desk.accept(desk.claim()["bg-mfa"])
    assert desk.at("bg-mfa").next_at is None
