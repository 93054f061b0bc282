"""A person lets drafts go, holds them, takes them back: only what was shown, and in their name."""

import pytest

from outreach.errors import ApprovalError
from outreach.model.status import HeldReason, Status


def test_an_approval_queues_what_was_shown(desk):
    """Every draft of the step, in the person's name, with the digest; drafts of other steps stay."""
    digest = desk.plan("bg-mfa", "fr-mfa").digest
    desk.step = 1
    desk.plan("bg-mfa")
    assert desk.ledger.approve("spring", 0, digest=digest, by="Ada") == (2, 0)
    assert desk.counts() == {Status.QUEUED: 2, Status.DRAFT: 1}
    event = next(one for one in desk.ledger.events("spring") if one.kind == "queued")
    assert (event.by, event.was, event.now, event.detail) == ("Ada", "draft", "queued", {"digest": digest})


def test_an_approval_of_other_drafts_is_refused(desk):
    """Somebody planned again in between: nothing is queued, and the sentence says what to do."""
    digest = desk.plan("bg-mfa").digest
    desk.plan("bg-mfa", "fr-mfa")
    with pytest.raises(ApprovalError, match="planned again"):
        desk.ledger.approve("spring", 0, digest=digest, by="Ada")
    assert desk.counts() == {Status.DRAFT: 2}


def test_nothing_to_approve_is_no_fault(desk):
    """An empty set of drafts has a digest too."""
    assert desk.approve() == (0, 0)


def test_more_drafts_than_one_chunk_are_queued(desk):
    """1,200 letters in one approval."""
    desk.plan(*(f"bg-{number}" for number in range(1200)))
    assert desk.approve() == (1200, 0)
    assert desk.counts() == {Status.QUEUED: 1200}


def test_letters_go_back_to_draft_unless_they_left(desk):
    """Queued, held and cancelled ones return and have not been tried; one that is on its way stays."""
    desk.queue("bg-mfa", "fr-mfa", "gr-mfa", "it-mfa")
    desk.claim("it-mfa")
    desk.ledger.hold([desk.dispatch("fr-mfa").id], HeldReason.BY_HAND, by="Ada")
    desk.force("gr-mfa", Status.CANCELLED)
    names = ["bg-mfa", "fr-mfa", "gr-mfa", "it-mfa"]
    ids = [desk.dispatch(name).id for name in names]
    assert desk.ledger.return_to_draft([*ids, *ids, "nobody"], why="the template changed") == 3
    assert desk.counts() == {Status.DRAFT: 3, Status.CLAIMED: 1}
    assert desk.at("fr-mfa").held is None
    event = list(desk.ledger.events("spring", ids[0]))[-1]
    assert (event.kind, event.detail) == ("returned", {"why": "the template changed"})


def test_a_held_letter_is_not_sent(desk):
    """It waits for a person, with its reason; on its way it cannot be held."""
    desk.queue("bg-mfa", "fr-mfa")
    desk.claim("fr-mfa")
    ids = [desk.dispatch(name).id for name in ("bg-mfa", "fr-mfa")]
    assert desk.ledger.hold(ids, HeldReason.STALE_ADDRESS, why="two years old", by="Ada") == 1
    assert desk.at("bg-mfa").held is HeldReason.STALE_ADDRESS
    assert desk.claim() == {}
    event = list(desk.ledger.events("spring", ids[0]))[-1]
    assert (event.by, event.detail) == ("Ada", {"reason": "stale-address", "why": "two years old"})
