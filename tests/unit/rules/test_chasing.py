"""Whom a reminder goes to, and whom it never goes to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from outreach.model.campaign import Campaign, Chasers, Demand, Exclusion, Mode, Sender
from outreach.model.contact import AddressFacts, Contact, Institution
from outreach.model.dispatch import Plan, SkipReason, Thread
from outreach.rules.chasing import FollowUp
from outreach.rules.planning import Circumstances, make_plan

TODAY = date(2026, 11, 23)
THREAD = Thread(subject="An ask", first=date(2026, 10, 1), last=date(2026, 10, 1), message_ids=("<a@b.example>",))
CAMPAIGN = Campaign(
    slug="spring",
    title="Spring",
    sender=Sender(name="Ana", organisation="Org", email="ana@org.example"),
    contacts=("contacts/a.csv",),
    demands=tuple(Demand(slug=slug, title=slug) for slug in ("stop", "look", "publish")),
)


def contacts(institution: str, *addresses: str, shared: bool = False) -> list[Contact]:
    it = Institution(id=institution, state=institution[:2].upper(), role="mfa", name=institution)
    return [
        Contact(institution=it, address=one or None, address_norm=one, rank=rank, allow_shared=shared)
        for rank, one in enumerate(addresses)
    ]


def follow(*written: str, **changed: object) -> FollowUp:
    return replace(FollowUp(thread=THREAD, demands=("stop", "look"), written=written), **changed)


def chased(*rows: list[Contact], follow_ups: dict[str, FollowUp], step: int = 1, **given: object) -> Plan:
    people = [one for row in rows for one in row]
    facts = {one.address_norm: AddressFacts(address_norm=one.address_norm, verified_on=TODAY) for one in people}
    campaign = given.pop("campaign", CAMPAIGN)
    circumstances = Circumstances(
        **{
            "mode": Mode.LIVE,
            "step": step,
            "today": TODAY,
            "secret": b"s",
            "facts": facts,
            "languages": lambda it, demands: ("en",),
            "clock": lambda it: ("UTC", "k"),
            "follow_ups": follow_ups,
            **given,
        }
    )
    return make_plan(campaign, people, circumstances)


TWO = contacts("bg-mfa-1", "one@bg.example", "two@bg.example")


@pytest.mark.parametrize(
    ("step", "written", "to"),
    [
        (1, ("one@bg.example",), "one@bg.example"),
        (1, ("two@bg.example",), "two@bg.example"),  # the first could not be used then
        (2, ("one@bg.example", "one@bg.example"), "two@bg.example"),
        (3, ("one@bg.example", "one@bg.example", "two@bg.example"), "two@bg.example"),  # no third one
        (1, ("gone@bg.example",), "one@bg.example"),
    ],
)
def test_the_second_reminder_goes_to_a_contact_that_had_none_yet(step, written, to):
    """The first stays where the letter went."""
    (planned,) = chased(TWO, follow_ups={"bg-mfa-1": follow(*written)}, step=step).planned
    assert (planned.dispatch.recipient, planned.dispatch.step, planned.thread) == (to, step, THREAD)


def test_a_campaign_may_keep_to_one_contact():
    """`second_contact = false`."""
    campaign = replace(CAMPAIGN, chasers=Chasers(second_contact=False))
    given = {"bg-mfa-1": follow("one@bg.example", "one@bg.example")}
    (planned,) = chased(TWO, follow_ups=given, step=2, campaign=campaign).planned
    assert planned.dispatch.recipient == "one@bg.example"


def test_in_a_rehearsal_the_contacts_come_in_turn():
    """Its letters went to boxes of its own, so the sheet's order tells."""
    for step, rank in ((1, 0), (2, 1), (3, 1)):
        (planned,) = chased(TWO, follow_ups={"bg-mfa-1": follow()}, step=step, mode=Mode.REHEARSAL).planned
        assert planned.contact.rank == rank


def test_a_contact_that_bounced_is_passed_over():
    """As in every plan; without another one nobody is written to."""
    facts = {"one@bg.example": AddressFacts(address_norm="one@bg.example", verified_on=TODAY, bounced_on=TODAY)}
    alone = contacts("bg-mfa-1", "one@bg.example")
    (skipped,) = chased(alone, follow_ups={"bg-mfa-1": follow("one@bg.example")}, facts=facts).skipped
    assert skipped.reason is SkipReason.BOUNCED


def test_whoever_is_not_followed_is_skipped_with_its_reason():
    """Every institution stands in the plan, here too."""
    made = chased(
        TWO,
        contacts("fr-mfa-1", "one@fr.example"),
        contacts("jp-mfa-1", ""),
        follow_ups={"bg-mfa-1": follow("one@bg.example")},
        not_chased={"fr-mfa-1": "a person has answered"},
    )
    assert made.institutions == 3
    assert [(one.institution, one.reason, one.detail) for one in made.skipped] == [
        ("fr-mfa-1", SkipReason.NOT_CHASED, "a person has answered"),
        ("jp-mfa-1", SkipReason.NOT_CHASED, "no letter was accepted yet"),
    ]


def test_a_box_whose_reader_has_answered_for_another_institution_is_left_alone():
    """Never to someone who has answered; a box that is shared on purpose speaks for each of its institutions."""
    alone = contacts("bg-trade-1", "desk@bg.example")
    given = {"bg-trade-1": follow("desk@bg.example")}
    (skipped,) = chased(alone, follow_ups=given, quiet=frozenset({"desk@bg.example"})).skipped
    assert skipped.reason is SkipReason.NOT_CHASED
    assert "has answered for another institution" in skipped.detail
    shared = contacts("bg-trade-1", "desk@bg.example", shared=True)
    assert chased(shared, follow_ups=given, quiet=frozenset({"desk@bg.example"})).planned
    other = contacts("bg-trade-1", "desk@bg.example", "own@bg.example")
    (planned,) = chased(other, follow_ups=given, quiet=frozenset({"desk@bg.example"})).planned
    assert planned.dispatch.recipient == "own@bg.example"


def test_the_next_contact_is_nobody_whom_another_institutions_letter_went_to():
    """It would get two letters of one campaign: the institution's own contact is reminded again."""
    given = {"bg-mfa-1": follow("one@bg.example", "one@bg.example")}
    (planned,) = chased(TWO, follow_ups=given, step=2, taken={"two@bg.example": "bg-trade-1"}).planned
    assert planned.dispatch.recipient == "one@bg.example"
    alone = contacts("bg-mfa-1", "two@bg.example")
    (skipped,) = chased(alone, follow_ups=given, step=2, taken={"two@bg.example": "bg-trade-1"}).skipped
    assert (skipped.reason, skipped.detail) == (SkipReason.SAME_BOX, "same box as bg-trade-1")


def test_a_reminder_restates_what_was_asked_and_still_applies():
    """Not what the campaign asks since, nor what it does not ask any more."""
    given = {"bg-mfa-1": follow("one@bg.example")}
    (planned,) = chased(TWO, follow_ups=given).planned
    assert planned.dispatch.demands == ("stop", "look")
    out = Exclusion(institution="bg-mfa-1", reason="Answered by phone.")
    fewer = replace(CAMPAIGN, demands=(CAMPAIGN.demands[0], replace(CAMPAIGN.demands[1], exclude=(out,))))
    (planned,) = chased(TWO, follow_ups=given, campaign=fewer).planned
    assert planned.dispatch.demands == ("stop",)
    (skipped,) = chased(TWO, follow_ups=given, campaign=replace(CAMPAIGN, exclude=(out,))).skipped
    assert (skipped.reason, skipped.detail) == (SkipReason.EXCLUDED, "Answered by phone.")


def test_a_reminder_speaks_the_first_letters_language_where_it_can():
    """Else a language is chosen anew."""
    (planned,) = chased(TWO, follow_ups={"bg-mfa-1": follow("one@bg.example", languages=("bg",))}).planned
    assert planned.dispatch.languages == ("bg",)
    (planned,) = chased(TWO, follow_ups={"bg-mfa-1": follow("one@bg.example")}).planned
    assert planned.dispatch.languages == ("en",)


@pytest.mark.parametrize(
    ("step", "written", "to"),
    [
        (1, ("one@bg.example",), "new@bg.example"),
        (2, ("one@bg.example", "new@bg.example"), "two@bg.example"),
        (3, ("one@bg.example", "new@bg.example", "two@bg.example"), "two@bg.example"),
    ],
)
def test_an_approved_address_has_the_next_reminder_and_then_stands_in_line(step, written, to):
    """Once it had a letter, the campaign's own order goes on."""
    row = contacts("bg-mfa-1", "new@bg.example", "one@bg.example", "two@bg.example")
    given = {"bg-mfa-1": follow(*written)}
    (planned,) = chased(row, follow_ups=given, step=step, fronts={"bg-mfa-1": "new@bg.example"}).planned
    assert planned.dispatch.recipient == to


def test_a_reminder_does_not_pass_an_address_that_waits_for_a_person():
    """Bad, and its next contact not approved; or approved, and verified by nobody yet."""
    known = {one: AddressFacts(address_norm=one, verified_on=TODAY) for one in ("one@bg.example", "two@bg.example")}
    bad = known | {"one@bg.example": replace(known["one@bg.example"], bounced_on=TODAY, bounced_text="550")}
    unverified = {"two@bg.example": known["two@bg.example"]}
    for facts, why in ((bad, SkipReason.BOUNCED), (unverified, SkipReason.UNVERIFIED)):
        stops = {"bg-mfa-1": {"one@bg.example": "its next contact waits"}}
        follow_ups = {"bg-mfa-1": follow("one@bg.example")}
        (skipped,) = chased(TWO, follow_ups=follow_ups, facts=facts, stops=stops).skipped
        assert skipped.reason is why
        assert skipped.detail.endswith("; its next contact waits")
        (planned,) = chased(TWO, follow_ups=follow_ups, facts=facts).planned
        assert planned.dispatch.recipient == "two@bg.example"
