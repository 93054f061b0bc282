"""A person's answer takes every reminder back that has not left, at the last moment too."""

from dataclasses import replace

import pytest

from outreach.errors import Answered
from outreach.ledger import hearing
from outreach.model.heard import Heard
from outreach.model.inbound import STOPPING, InboundKind
from outreach.model.position import NewPosition, Position, Source, SourceKind
from outreach.model.receipt import Outcome, Phase
from outreach.model.status import HeldReason, Status


@pytest.fixture
def said(monkeypatch):
    """What was heard, in the place of the query."""
    made = []
    monkeypatch.setattr(hearing, "heard", lambda tx, campaign: list(made))
    return made


@pytest.fixture
def chasers(ledger, desk_at):
    """The desk of the first reminders, after the first letters."""
    desk_at(ledger).send("bg-1", "bg-2", "bg-3", "bg-4")
    made = desk_at(ledger)
    made.step = 1
    return made


def standing(desk, institution):
    (found,) = [one for one in desk.ledger.standings("spring", 1) if one.dispatch.institution == institution]
    return found.status


def reply(desk, institution, kind=InboundKind.REPLY):
    return Heard(id=1, institution=institution, state="BG", kind=kind, at=desk.clock.now)


def test_drafts_approved_and_held_reminders_are_cancelled_and_first_letters_stay(chasers):
    """Of these institutions only, with the reason in the log; nothing twice."""
    chasers.queue("bg-1", "bg-2")
    chasers.plan("bg-1", "bg-2", "bg-3", "bg-4")
    chasers.ledger.hold([chasers.dispatch("bg-2").id], HeldReason.BY_HAND)
    stopped = chasers.ledger.stop_chasing("spring", ["bg-1", "bg-2", "bg-3"], why="a person has answered", by="Ada")
    assert stopped == 3
    assert [standing(chasers, one) for one in ("bg-1", "bg-2", "bg-3")] == [Status.CANCELLED] * 3
    assert standing(chasers, "bg-4") is Status.DRAFT
    assert {one.status for one in chasers.ledger.standings("spring", 0)} == {Status.ACCEPTED}
    (*_, last) = chasers.ledger.events("spring", chasers.dispatch("bg-1").id)
    assert (last.now, last.by, last.detail["why"]) == (Status.CANCELLED, "Ada", "a person has answered")
    assert chasers.ledger.stop_chasing("spring", ["bg-1", "bg-2", "bg-3"], why="x") == 0
    assert chasers.ledger.stop_chasing("spring", [], why="x") == 0
    assert chasers.ledger.stop_chasing("autumn", ["bg-4"], why="x") == 0


def test_a_reminder_gets_no_mark_once_a_person_has_answered(chasers, said):
    """Its claim stays, to be given back; the outcomes that came with the mark are not lost."""
    chasers.queue("bg-1", "bg-2")
    claims = {one.institution: one for one in chasers.turn().claims}
    assert {one.step for one in claims.values()} == {1}
    said.append(reply(chasers, "bg-1"))
    with pytest.raises(Answered, match="bg-1"):
        chasers.ledger.mark(claims["bg-1"])
    assert standing(chasers, "bg-1") is Status.CLAIMED
    back = Outcome(claim=claims["bg-1"], status=Status.QUEUED, phase=Phase.BODY, charged=False)
    chasers.ledger.settle([back])
    assert chasers.ledger.stop_chasing("spring", ["bg-1"], why="a person has answered") == 1
    chasers.ledger.mark(claims["bg-2"])
    assert standing(chasers, "bg-2") is Status.COMMITTED


def test_a_reminder_gets_no_mark_once_a_letter_by_post_was_written_down(chasers):
    """What waits is cancelled at once, what a run has in hand at its mark; taken back, reminders may go again."""
    chasers.queue("bg-1", "bg-2", "bg-3")
    claims = {one.institution: one for one in chasers.turn(limit=2).claims}
    assert list(claims) == ["bg-1", "bg-2"]
    source = Source(kind=SourceKind.PHONE, taken_on=chasers.clock.now.date())
    new = NewPosition(
        campaign="spring",
        state="BG",
        demand="moratorium",
        position=Position.OPPOSES,
        quote="No.",
        source=source,
        by="Ada",
    )
    for one in ("bg-1", "bg-3"):
        chasers.ledger.record_position(replace(new, institution=one))
    assert standing(chasers, "bg-3") is Status.CANCELLED
    with pytest.raises(Answered, match="bg-1"):
        chasers.ledger.mark(claims["bg-1"])
    chasers.ledger.mark(claims["bg-2"])
    heard = chasers.ledger.heard("spring")
    assert {(one.institution, one.kind, one.person) for one in heard} == {
        ("bg-1", InboundKind.REPLY, "Ada"),
        ("bg-3", InboundKind.REPLY, "Ada"),
    }
    assert all(one.at <= chasers.ledger.now() for one in heard)
    none = replace(new, position=Position.NONE, quote="", source=None)
    chasers.ledger.record_position(none)
    assert chasers.ledger.heard("spring") == []


@pytest.mark.parametrize("kind", [InboundKind.UNSUBSCRIBE, InboundKind.COMPLAINT])
def test_a_reminder_gets_no_mark_once_somebody_wants_no_more_letters(chasers, said, kind):
    """Even if it was approved before."""
    chasers.queue("bg-1")
    (claim,) = chasers.turn().claims
    said.append(reply(chasers, "bg-1", kind))
    with pytest.raises(Answered, match="bg-1"):
        chasers.ledger.mark(claim)


@pytest.mark.parametrize("kind", [one for one in InboundKind if one not in STOPPING])
def test_no_other_mail_stops_a_mark(chasers, said, kind):
    """An acknowledgement is no answer."""
    chasers.queue("bg-1")
    (claim,) = chasers.turn().claims
    said.append(reply(chasers, "bg-1", kind))
    chasers.ledger.mark(claim)


def test_a_first_letter_is_not_stopped_by_an_answer(ledger, desk_at, said):
    """A bounced address that was corrected may still get the letter that somebody else answered."""
    desk = desk_at(ledger)
    desk.queue("bg-1")
    said.append(reply(desk, "bg-1"))
    (claim,) = desk.turn().claims
    desk.ledger.mark(claim)


def test_a_cancelled_reminder_can_be_planned_again_when_a_person_corrects_the_verdict(chasers):
    """It was an automatic reply after all."""
    chasers.queue("bg-1")
    chasers.ledger.stop_chasing("spring", ["bg-1"], why="a person has answered")
    chasers.plan("bg-1")
    assert standing(chasers, "bg-1") is Status.DRAFT
