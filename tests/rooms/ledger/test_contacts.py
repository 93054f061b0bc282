"""What the ledger remembers of institutions and addresses, across plans and campaigns."""

from dataclasses import replace
from datetime import date

import pytest

from outreach.errors import LedgerError
from outreach.model.contact import AddressFacts, Contact, Institution, KnownInstitution
from outreach.model.status import HeldReason, Status


def contact(identifier, name="Ministry", address="a@gov.example", rank=0, role="mfa"):
    institution = Institution(id=identifier, state=identifier[:2].upper(), role=role, name=name)
    return Contact(institution=institution, address=address, address_norm=address or "", rank=rank)


def known(identifier, **more):
    given = {"name": "Ministry", "address_norm": "a@gov.example", "sheet": "eu.csv", "role": "mfa", **more}
    return KnownInstitution(id=identifier, state=identifier[:2].upper(), **given)


def test_a_sheets_institutions_are_remembered(ledger):
    """Each once, with its further addresses; what the sheet says later replaces what it said before."""
    assert ledger.known_institutions() == []
    second = contact("bg-mfa", address="second@gov.example", rank=1)
    ledger.remember_institutions("eu.csv", [second, contact("bg-mfa"), contact("fr-mfa", address=None)])
    assert sorted(ledger.known_institutions(), key=lambda one: one.id) == [
        known("bg-mfa", further=frozenset({"second@gov.example"})),
        known("fr-mfa", address_norm=""),
    ]
    third = contact("bg-mfa", address="third@gov.example", rank=2)
    ledger.remember_institutions("eu.csv", [contact("bg-mfa"), third, contact("fr-mfa", address=None)])
    assert {one.id: set(one.further) for one in ledger.known_institutions()} == {
        "bg-mfa": {"third@gov.example"},
        "fr-mfa": set(),
    }
    ledger.remember_institutions("eu.csv", [contact("bg-mfa", name="Außenministerium"), contact("fr-mfa")])
    assert {(one.name, one.further) for one in ledger.known_institutions()} == {
        ("Außenministerium", frozenset()),
        ("Ministry", frozenset()),
    }


def test_an_institution_that_left_its_sheet_is_not_present(ledger):
    """Only the sheet that was read can say so; one that moved to another sheet is there."""
    ledger.remember_institutions("eu.csv", [contact("bg-mfa"), contact("fr-mfa")])
    ledger.remember_institutions("africa.csv", [contact("na-mfa")])
    ledger.remember_institutions("africa.csv", [contact("fr-mfa"), contact("na-mfa")])
    ledger.remember_institutions("eu.csv", [])
    assert {one.id: (one.sheet, one.present) for one in ledger.known_institutions()} == {
        "bg-mfa": ("eu.csv", False),
        "fr-mfa": ("africa.csv", True),
        "na-mfa": ("africa.csv", True),
    }


def test_who_waits_for_a_person_keeps_waiting(ledger):
    """One vanished and one came: both stay as they are until somebody says whether they are the same."""
    ledger.remember_institutions("eu.csv", [contact("bg-mfa-1")])
    for _ in range(2):
        ledger.remember_institutions("eu.csv", [contact("bg-mfa-2", name="New")], waiting={"bg-mfa-1", "bg-mfa-2"})
        assert ledger.known_institutions() == [known("bg-mfa-1")]


def test_another_sheets_own_id_takes_nobodys_place(ledger):
    """A sheet without ids finds its institution again by name or address, whatever ids another sheet gives."""
    ledger.remember_institutions("eu.csv", [contact("bg-mfa-1"), contact("bg-trade-1", name="Trade", address=None)])
    others = [contact("bg-mfa-1", name="Dienst", address="b@gov.example"), contact("bg-trade-1", "Negoce", None)]
    ledger.remember_institutions("own.csv", others)
    kept = [known("bg-mfa-1"), known("bg-trade-1", name="Trade", address_norm="")]
    assert sorted(ledger.known_institutions(), key=lambda one: one.id) == kept
    ledger.remember_institutions("eu.csv", [])
    ledger.remember_institutions("own.csv", others)
    assert {(one.name, one.sheet) for one in ledger.known_institutions()} == {
        ("Dienst", "own.csv"),
        ("Negoce", "own.csv"),
    }


@pytest.mark.parametrize("waiting", [True, False], ids=["while it waits", "when it was remembered"])
def test_the_same_institution_under_a_new_name(ledger, waiting):
    """The old one has the new one's name and address: by them the next plan finds the old id."""
    ledger.remember_institutions("eu.csv", [contact("bg-mfa-1")])
    ids = {"bg-mfa-1", "bg-mfa-2"} if waiting else set()
    came = contact("bg-mfa-2", name="New", address="new@gov.example")
    press = contact("bg-mfa-2", name="New", address="press@gov.example", rank=1)
    ledger.remember_institutions("eu.csv", [came, press], waiting=ids)
    ledger.same_institution("bg-mfa-1", "bg-mfa-2")
    further = frozenset({"press@gov.example"})
    assert ledger.known_institutions() == [
        known("bg-mfa-1", name="New", address_norm="new@gov.example", further=further, present=waiting)
    ]


def test_an_institution_that_is_gone_for_good(ledger):
    """What came in its place is another one, and no longer waits."""
    ledger.remember_institutions("eu.csv", [contact("bg-mfa-1")])
    ledger.remember_institutions("eu.csv", [contact("bg-mfa-2")], waiting={"bg-mfa-1", "bg-mfa-2"})
    ledger.forget_institution("bg-mfa-1")
    assert ledger.known_institutions() == [known("bg-mfa-1", present=False)]
    ledger.remember_institutions("eu.csv", [contact("bg-mfa-2")])
    assert known("bg-mfa-2") in ledger.known_institutions()


def test_letters_to_an_institution_that_is_gone_are_off(desk):
    """Drafted, approved or held: cancelled, with the reason. What left stays as it is."""
    held, sent = (type(desk)(desk.ledger, desk.clock, campaign=name) for name in ("autumn", "winter"))
    desk.queue("bg-mfa", "fr-mfa")
    held.plan("bg-mfa")
    held.ledger.hold([held.dispatch("bg-mfa").id], HeldReason.RENAMED)
    sent.send("bg-mfa")
    desk.ledger.remember_institutions("eu.csv", [contact("bg-mfa")])
    desk.ledger.forget_institution("bg-mfa")
    assert (desk.status("bg-mfa"), desk.status("fr-mfa")) == (Status.CANCELLED, Status.QUEUED)
    assert (held.status("bg-mfa"), held.at("bg-mfa").held) == (Status.CANCELLED, None)
    assert sent.status("bg-mfa") is Status.ACCEPTED
    assert list(held.ledger.events("autumn"))[-1].detail == {"why": "the institution is gone"}


def test_an_institution_that_nobody_knows_is_named(ledger):
    """With what to do."""
    ledger.remember_institutions("eu.csv", [contact("bg-mfa-1")])
    for call in (
        lambda: ledger.same_institution("bg-mfa-1", "bg-mfa-9"),
        lambda: ledger.same_institution("bg-mfa-9", "bg-mfa-1"),
        lambda: ledger.same_institution("bg-mfa-1", "bg-mfa-1"),
        lambda: ledger.forget_institution("bg-mfa-9"),
    ):
        with pytest.raises(LedgerError, match='No plan has seen an institution "bg-mfa-'):
            call()


def test_a_person_verifies_addresses(ledger):
    """Who and on which day; what was said last counts, and each address counts once."""
    assert (
        ledger.verify_addresses(["a@gov.example", "b@gov.example", "a@gov.example"], by="Ada", on=date(2026, 1, 5)) == 2
    )
    assert ledger.verify_addresses(iter(["a@gov.example"]), by="Åse", on=date(2026, 2, 5)) == 1
    assert ledger.address_facts() == {
        "a@gov.example": AddressFacts(address_norm="a@gov.example", verified_on=date(2026, 2, 5), verified_by="Åse"),
        "b@gov.example": AddressFacts(address_norm="b@gov.example", verified_on=date(2026, 1, 5), verified_by="Ada"),
    }


def test_what_is_learnt_adds_up(desk):
    """A verification does not forget a bounce, nor a suppression either of them."""
    ledger = desk.ledger
    desk.queue("bg-mfa")
    (claim,) = desk.claim().values()
    from outreach.model.receipt import Outcome

    ledger.settle([Outcome(claim=claim, status=Status.REJECTED, code=550, text="5.1.1", address_bad=True)])
    address = "bg-mfa@gov.example"
    ledger.verify_addresses([address], by="Ada", on=date(2026, 3, 9))
    ledger.suppress_address(address, reason="asked us to stop", by="Ada")
    today = desk.clock.now.date()
    assert ledger.address_facts()[address] == AddressFacts(
        address_norm=address,
        verified_on=date(2026, 3, 9),
        verified_by="Ada",
        bounced_on=today,
        bounced_text="5.1.1",
        suppressed_on=today,
        suppressed_reason="asked us to stop",
    )


def test_a_suppressed_address_stops_every_letter_that_waits(desk):
    """In all campaigns, shared boxes too; letters on their way and other addresses stay."""
    box = "first_last@gov.example"
    desk.plan(
        desk.pair("bg-mfa", address_norm=box),
        desk.pair("fr-mfa", address_norm=f"{box} fr-mfa", recipient=box),
        desk.pair("gr-mfa", address_norm="firstXlast@gov.example"),
        desk.pair("it-mfa", address_norm=f"{box}.other"),
    )
    desk.approve()
    other = type(desk)(desk.ledger, desk.clock, campaign="autumn")
    other.plan(other.pair("bg-mfa", address_norm=box))
    third = type(desk)(desk.ledger, desk.clock, campaign="winter")
    third.plan(third.pair("bg-mfa", address_norm=box))
    third.approve()
    third.claim()
    assert desk.ledger.suppress_address(box, reason="asked us to stop", by="Ada") == 3
    assert desk.counts() == {Status.SUPPRESSED: 2, Status.QUEUED: 2}
    assert (other.status("bg-mfa"), third.status("bg-mfa")) == (Status.SUPPRESSED, Status.CLAIMED)
    event = list(other.ledger.events("autumn"))[-1]
    assert (event.kind, event.by, event.detail) == ("suppressed", "Ada", {"reason": "asked us to stop"})


def test_a_suppressed_letter_starts_again_when_it_is_planned_again(desk):
    """The plan asks for the facts of the address; the ledger only obeys."""
    desk.plan("bg-mfa")
    desk.ledger.suppress_address("bg-mfa@gov.example", reason="asked us to stop", by="Ada")
    moved = desk.pair("bg-mfa", address_norm="other@gov.example")
    assert desk.plan(moved).drafted == (moved[0].id,)
    assert desk.at("bg-mfa").dispatch == moved[0]


def test_names_in_every_script_come_back(desk):
    """What a sheet holds is kept to the letter."""
    name = "وزارة الخارجية — Υπουργείο «Εξωτερικών» \u200f'); DROP TABLE dispatch;--"
    pair = desk.pair("bg-mfa", institution_name=name, demands=("moratorium", "licence-review"), languages=())
    desk.plan(pair)
    assert desk.at("bg-mfa").dispatch == pair[0]
    desk.ledger.remember_institutions("mena.csv", [replace(contact("ae-mfa"), institution=institution(name))])
    assert desk.ledger.known_institutions()[0].name == name


def institution(name):
    return Institution(id="ae-mfa", state="AE", role="mfa", name=name)
