"""Letters in doubt: what is known of them, what is written down, and the ways out, each with who and why."""

from datetime import timedelta

import pytest

from outreach.model.evidence import Evidence, Says
from outreach.model.status import HeldReason, Status

FOUND = Evidence(source="folder Sent", says=Says.TAKEN, words="the letter lies in it")


@pytest.fixture
def doubtful(desk, clock, outcome):
    """Three letters, a minute apart: the middle one in doubt."""
    desk.queue("bg-mfa", "fr-mfa", "qm-mfa")
    for claim in desk.turn().claims:
        desk.ledger.mark(claim)
        clock.tick(seconds=1)
        lost = {"status": Status.IN_DOUBT, "code": None, "text": "no answer came"}
        desk.ledger.settle([outcome(claim, **lost if claim.institution == "fr-mfa" else {})])
        clock.tick(seconds=59)
    return desk


def one(desk):
    (doubt,) = desk.ledger.doubts(desk.campaign)
    return doubt


def test_a_doubt_is_told_with_its_attempt_and_its_neighbours(doubtful, clock):
    """When the mark was made, as whom it was sent, and which letters the same account's server took around it."""
    doubt = one(doubtful)
    assert doubt.standing.dispatch.institution == "fr-mfa"
    assert doubt.standing.server_text == "no answer came"
    assert doubt.account == "a@mail.example"
    assert doubt.message_id == f"<{doubt.standing.dispatch.id}@org.example>"
    before, after = doubt.neighbours
    assert before.message_id == f"<{doubtful.dispatch('bg-mfa').id}@org.example>"
    assert before.at < doubt.marked_at < after.at
    assert doubt.marked_at == clock.now - timedelta(minutes=2)


def test_neighbours_are_those_the_same_accounts_server_took(doubtful, clock):
    """Another account's, what evidence or a person settled, and all but the nearest are none."""
    doubtful.queue("at-mfa", "be-mfa")
    doubtful.ledger.mark(doubtful.claim("at-mfa")["at-mfa"])
    doubtful.accept(doubtful.claim("be-mfa", account="another@mail.example")["be-mfa"])
    clock.tick(hours=1)
    doubtful.ledger.recover()
    ids = [doubtful.dispatch("at-mfa").id]
    assert doubtful.ledger.settle_by_person(ids, Status.ACCEPTED, by="Ada", why="it was answered")
    assert len(one(doubtful).neighbours) == 2


def test_evidence_is_written_down_once(doubtful):
    """Without a change of status; the same again is nothing new, another word about the same source is."""
    doubt = one(doubtful)
    other = Evidence(source="log mail.log", says=Says.NOTHING, words="its end is missing")
    assert doubtful.ledger.record_evidence(doubt, [FOUND, other]) == 2
    assert doubtful.ledger.record_evidence(doubt, [FOUND, other]) == 0
    changed = Evidence(source="log mail.log", says=Says.TAKEN, words="sent")
    assert doubtful.ledger.record_evidence(doubt, [changed]) == 1
    assert [(it.source, it.says) for it in one(doubtful).evidence] == [
        ("folder Sent", Says.TAKEN),
        ("log mail.log", Says.NOTHING),
        ("log mail.log", Says.TAKEN),
    ]
    assert doubtful.status("fr-mfa") is Status.IN_DOUBT
    assert doubtful.kinds("fr-mfa")[-4:] == ["in_doubt", "evidence", "evidence", "evidence"]


def test_proof_that_it_was_taken_makes_it_sent_when_it_was_sent(doubtful, clock):
    """Accepted at the hour of its attempt, with the proof in the log."""
    doubt = one(doubtful)
    clock.tick(days=2)
    assert doubtful.ledger.settle_by_evidence(doubt, Status.ACCEPTED, [FOUND])
    assert doubtful.at("fr-mfa").sent_at == doubt.marked_at
    *_, event = doubtful.ledger.events("spring", doubt.standing.dispatch.id)
    assert (event.kind, event.by) == ("settled", "evidence")
    assert event.detail == {"evidence": [{"source": FOUND.source, "says": "taken", "words": FOUND.words}]}
    assert doubtful.ledger.doubts("spring") == []


def test_proof_that_it_was_not_taken_sends_the_same_bytes_again(doubtful):
    """Queued at once, under the same Message-ID; in doubt again, the old findings are about another attempt."""
    doubt = one(doubtful)
    letter = doubtful.ledger.letter(doubt.standing.dispatch.id)
    doubtful.ledger.record_evidence(doubt, [FOUND])
    assert doubtful.ledger.settle_by_evidence(doubt, Status.QUEUED, [FOUND])
    (claim,) = doubtful.turn().claims
    assert (claim.raw, claim.message_id) == (letter.raw, letter.message_id)
    doubtful.ledger.mark(claim)
    doubtful.clock.tick(hours=1)
    doubtful.ledger.recover()
    assert one(doubtful).evidence == ()


def test_what_was_found_about_an_earlier_doubt_settles_nothing(doubtful):
    """Somebody settled it in between, and it went out again: another fence, another doubt."""
    doubt = one(doubtful)
    identifier = doubt.standing.dispatch.id
    assert doubtful.ledger.settle_by_person([identifier], Status.QUEUED, by="Ada", why="they have nothing")
    assert not doubtful.ledger.settle_by_evidence(doubt, Status.QUEUED, [FOUND])
    doubtful.ledger.mark(*doubtful.turn().claims)
    doubtful.clock.tick(hours=1)
    doubtful.ledger.recover()
    assert doubtful.status("fr-mfa") is Status.IN_DOUBT
    assert doubtful.ledger.record_evidence(doubt, [FOUND]) == 0
    assert not doubtful.ledger.settle_by_evidence(doubt, Status.QUEUED, [FOUND])
    assert doubtful.status("fr-mfa") is Status.IN_DOUBT


@pytest.mark.parametrize("now", [Status.ACCEPTED, Status.QUEUED, Status.CANCELLED])
def test_a_person_settles_with_a_name_and_a_reason(doubtful, now):
    """Each way out of doubt, once; whatever waits for nobody is left alone."""
    identifiers = [doubtful.dispatch(one).id for one in ("fr-mfa", "bg-mfa")]
    settled = doubtful.ledger.settle_by_person(identifiers, now, by="Ada", why="I telephoned")
    assert settled == {identifiers[0]: now}
    *_, event = doubtful.ledger.events("spring", identifiers[0])
    assert (event.kind, event.by, event.detail, event.now) == ("settled", "Ada", {"why": "I telephoned"}, now)
    assert doubtful.ledger.settle_by_person(identifiers, now, by="Ada", why="again") == {}


def test_a_dropped_letter_is_never_sent_again(doubtful):
    """No plan brings it back, be it dropped out of doubt or out of being held."""
    doubtful.queue("bg-mfa", "fr-mfa", "qm-mfa", "at-mfa")
    dropped = [doubtful.dispatch(one).id for one in ("fr-mfa", "at-mfa")]
    doubtful.ledger.hold(dropped[1:], HeldReason.BY_HAND, by="Ada")
    doubtful.ledger.settle_by_person(dropped, Status.CANCELLED, by="Ada", why="too late now")
    doubtful.queue("bg-mfa", "fr-mfa", "qm-mfa", "at-mfa")
    assert doubtful.status("fr-mfa") is doubtful.status("at-mfa") is Status.CANCELLED
    assert doubtful.turn().claims == ()


def test_a_letter_that_crashed_three_runners_begins_to_count_anew(desk, clock):
    """Released by a person it is sent; another crash is its first again."""
    desk.queue("bg-mfa")
    for _ in range(3):
        desk.turn()
        clock.tick(hours=1)
        desk.ledger.recover()
    (held,) = desk.ledger.doubts("spring")
    assert held.standing.held is HeldReason.REPEATED_CRASH
    ids = [held.standing.dispatch.id]
    assert desk.ledger.settle_by_person(ids, Status.ACCEPTED, by="Ada", why="?") == {}
    assert desk.ledger.settle_by_person(ids, Status.QUEUED, by="Ada", why="the disk was full") == {ids[0]: "queued"}
    desk.turn()
    clock.tick(hours=1)
    desk.ledger.recover()
    assert desk.at("bg-mfa").status is Status.QUEUED
    assert desk.at("bg-mfa").held is None


def test_what_nobody_had_approved_goes_back_to_draft(desk):
    """Held as a draft, released as a draft: an approval is not skipped."""
    desk.plan("bg-mfa", "fr-mfa")
    desk.ledger.hold([desk.dispatch("bg-mfa").id], HeldReason.BY_HAND, by="Ada")
    desk.approve()
    ids = [desk.dispatch("bg-mfa").id]
    assert desk.ledger.settle_by_person(ids, Status.QUEUED, by="Ada", why="ready") == {ids[0]: Status.DRAFT}
    assert desk.status("bg-mfa") is Status.DRAFT


@pytest.mark.parametrize("reason", [HeldReason.RENAMED, HeldReason.STALE_ADDRESS, HeldReason.SIZE])
def test_what_waits_for_more_than_a_word_is_not_released(desk, reason):
    """It can be dropped; sending it takes what its reason asks for."""
    desk.queue("bg-mfa")
    ids = [desk.dispatch("bg-mfa").id]
    desk.ledger.hold(ids, reason)
    assert desk.ledger.settle_by_person(ids, Status.QUEUED, by="Ada", why="?") == {}
    assert desk.ledger.settle_by_person(ids, Status.CANCELLED, by="Ada", why="!") == {ids[0]: "cancelled"}


def test_a_ledger_from_a_backup_does_not_know_its_attempts(doubtful):
    """What was made doubtful by restoring has no attempt; what was in doubt before may have had others since."""
    doubtful.queue("at-mfa")
    assert not one(doubtful).restored
    doubtful.ledger.restored(by="Ada", why="the disk died")
    known, unknown = doubtful.ledger.doubts("spring")
    assert known.restored
    assert unknown.marked_at is None
    assert unknown.neighbours == ()


def test_a_draft_of_a_backup_is_not_sent_without_an_approval(doubtful):
    """Sent again means drafted again; what had been approved is queued."""
    doubtful.queue("at-mfa")
    doubtful.plan("bg-mfa", "fr-mfa", "qm-mfa", "at-mfa", "be-mfa")
    doubtful.ledger.restored(by="Ada", why="the disk died")
    ids = [doubtful.dispatch(name).id for name in ("at-mfa", "be-mfa")]
    settled = doubtful.ledger.settle_by_person(ids, Status.QUEUED, by="Ada", why="they have nothing")
    assert settled == {ids[0]: Status.QUEUED, ids[1]: Status.DRAFT}
    assert doubtful.status("be-mfa") is Status.DRAFT


def test_a_copy_is_filed_once(doubtful):
    """Accepted letters with the Date line that they bore, until a copy of each is known to lie somewhere."""
    first, second = doubtful.ledger.unfiled("spring", 10)
    assert first.date_header == "Date: Mon, 02 Mar 2026 09:00:00 +0000"
    assert first.raw == doubtful.ledger.letter(first.dispatch).raw
    assert first.sent_at == doubtful.at("bg-mfa").sent_at
    doubtful.ledger.filed(first.dispatch, "Sent")
    doubtful.ledger.filed(first.dispatch, "Sent")
    assert doubtful.ledger.unfiled("spring", 10) == [second]
    assert doubtful.ledger.unfiled("autumn", 10) == []


def test_a_letter_that_evidence_settled_has_a_copy_too(doubtful):
    """With the Date line of the outcome that was lost, and the hour of its attempt."""
    doubt = one(doubtful)
    doubtful.ledger.settle_by_evidence(doubt, Status.ACCEPTED, [FOUND])
    found = {it.institution: it for it in doubtful.ledger.unfiled("spring", 10)}
    assert found["fr-mfa"].sent_at == doubt.marked_at
    assert found["fr-mfa"].date_header.startswith("Date: ")
