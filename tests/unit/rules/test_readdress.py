"""Where an institution is written to: the sheet's row, and what persons have approved for that row."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from outreach.model.collected import MatchRule
from outreach.model.contact import AddressFacts, Contact, Institution
from outreach.model.proposal import NewRuling, Proposal, ProposalFate, ProposalKind, Proposed
from outreach.rules.readdress import DISMISSED, WAITS, alternative, approved_addresses, readdress, row_of, stops

AT = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
ROW = ("a@x.example", "b@x.example")


def contacts(*addresses, institution="qm-mfa-1"):
    it = Institution(id=institution, state="QM", role="mfa", name="Ministry")
    return [
        Contact(institution=it, address=one or None, address_norm=one, rank=rank) for rank, one in enumerate(addresses)
    ]


def proposal(number, *, kind=ProposalKind.NEW_ADDRESS, fate=ProposalFate.APPROVED, address="", row=ROW, **more):
    given = {"campaign": "spring", "institution": "qm-mfa-1", "state": "QM", "was": "a@x.example", "proven": True}
    ruling = NewRuling(proposal=number, fate=fate, by="Ana", address=address, row=row)
    settled = fate is not ProposalFate.OPEN
    return Proposal(
        id=number,
        at=AT,
        change=Proposed(kind=kind, **{**given, **more}),
        mail=12,
        sha256="a" * 64,
        match=MatchRule.THREAD,
        authentication="not checked",
        ruling=ruling if settled else None,
        ruled_at=AT + timedelta(days=number) if settled else None,
    )


def approved(*pairs, row=ROW):
    several = [proposal(number, address=address, row=row) for number, address in enumerate(pairs, 1)]
    return approved_addresses(several)


def order(found):
    return [one.address for one in sorted(found.contacts, key=lambda one: one.rank)]


def test_an_approved_address_comes_first_and_says_where_it_is_from():
    """It stands for its row, and is nobody's shared box."""
    found = readdress(contacts(*ROW), approved("New@x.example"))
    assert order(found) == ["New@x.example", *ROW]
    (first,) = (one for one in found.contacts if one.address == "New@x.example")
    assert (first.address_norm, first.allow_shared) == ("new@x.example", False)
    assert (first.source, first.source_date) == ("mail 12, approved by Ana on 2026-03-04", date(2026, 3, 4))
    assert found.fronts == {"qm-mfa-1": "new@x.example"}


def test_one_that_the_sheet_has_is_that_one_moved():
    """A next contact: nothing is made."""
    found = readdress(contacts(*ROW), approved("b@x.example"))
    assert order(found) == ["b@x.example", "a@x.example"]
    assert [contact.address for _, contact in found.used] == ["b@x.example"]


def test_the_last_approval_comes_first_and_the_others_behind_it():
    assert order(readdress(contacts(*ROW), approved("c@x.example", "d@x.example"))) == [
        "d@x.example",
        "c@x.example",
        *ROW,
    ]


def test_a_row_that_was_changed_afterwards_counts_alone():
    """Whatever was changed of its addresses; and it is said."""
    for row in (("a@x.example",), ("b@x.example", "a@x.example"), (*ROW, "e@x.example"), ("e@x.example",)):
        found = readdress(contacts(*row), approved("new@x.example"))
        assert order(found) == list(row)
        assert found.fronts == {}
        assert [one.address for one, _ in found.overruled] == ["new@x.example"]


def test_an_approved_address_that_the_sheet_carries_by_now_is_simply_the_same():
    """Nothing to say of it any more."""
    found = readdress(contacts("new@x.example", "b@x.example"), approved("new@x.example"))
    assert order(found) == ["new@x.example", "b@x.example"]
    assert (found.used, found.overruled) == ((), ())


def test_dismissed_and_open_proposals_change_nothing():
    """Nor does what is approved of another kind, or for another institution."""
    several = [
        proposal(1, address="x@x.example", fate=ProposalFate.DISMISSED),
        proposal(2, fate=ProposalFate.OPEN, now="y@x.example"),
        proposal(3, kind=ProposalKind.SENDER, now="z@x.example"),
        proposal(4, address="w@x.example", institution="qm-trade-1"),
    ]
    found = readdress(contacts(*ROW), approved_addresses(several))
    assert list(found.contacts) == contacts(*ROW)


@given(
    rows=st.lists(st.lists(st.sampled_from("abcdef"), max_size=4, unique=True), max_size=4),
    what=st.lists(st.tuples(st.integers(0, 4), st.sampled_from("abcxyz"), st.booleans()), max_size=5),
)
def test_no_contact_is_lost_and_none_of_another_institution_is_touched(rows, what):
    """Whatever is approved: every row keeps its contacts, and gets each approved address once at most."""
    people = [
        one
        for number, row in enumerate(rows)
        for one in contacts(
            *(f"{letter}@{number}.example" for letter in row) if row else ("",), institution=f"i{number}"
        )
    ]
    several = []
    for at, (number, letter, holds) in enumerate(what):
        its = row_of(one for one in people if one.institution.id == f"i{number}")
        row = its if holds else ("gone@x.example",)
        several.append(proposal(at, address=f"{letter}@{number}.example", row=row, institution=f"i{number}"))
    found = readdress(people, approved_addresses(several))
    before = {(one.institution.id, one.address_norm) for one in people}
    after = [(one.institution.id, one.address_norm) for one in found.contacts]
    assert len(after) == len(set(after))
    assert before <= set(after)
    wanted = {(one.institution, one.address_norm) for one, _ in found.used}
    assert set(after) - before <= wanted
    for institution, front in found.fronts.items():
        its = [one for one in found.contacts if one.institution.id == institution]
        assert min(its, key=lambda one: one.rank).address_norm == front


def test_the_next_contact_is_the_first_that_is_not_known_to_be_bad():
    """Never verified is not bad: a person may verify it. Verified after it bounced is good again."""
    several = contacts("", "a@x.example", "b@x.example", "c@x.example", "d@x.example")
    facts = {
        "b@x.example": AddressFacts(address_norm="b@x.example", bounced_on=date(2026, 1, 1)),
        "c@x.example": AddressFacts(address_norm="c@x.example", suppressed_on=date(2026, 1, 1)),
    }
    assert alternative(several, "a@x.example", facts).address == "d@x.example"
    again = AddressFacts(address_norm="b@x.example", bounced_on=date(2026, 1, 1), verified_on=date(2026, 1, 2))
    assert alternative(several, "a@x.example", facts | {"b@x.example": again}).address == "b@x.example"
    assert alternative(several[:2], "a@x.example", {}) is None


def test_what_waits_for_a_person_is_passed_by_nobody():
    """Open and dismissed ones stop; an approved one does not; an approved address stops in its own place."""
    next_contact = ProposalKind.NEXT_CONTACT
    assert stops([proposal(1, kind=next_contact, fate=ProposalFate.OPEN)], {}) == {"qm-mfa-1": {"a@x.example": WAITS}}
    assert stops([proposal(1, kind=next_contact, fate=ProposalFate.DISMISSED)], {}) == {
        "qm-mfa-1": {"a@x.example": DISMISSED}
    }
    assert stops([proposal(1, kind=next_contact)], {}) == {"qm-mfa-1": {}}
    assert stops([], {"qm-mfa-1": "n@x.example"}) == {"qm-mfa-1": {"n@x.example": ""}}


def test_the_last_word_about_an_address_counts():
    """It was approved, verified anew, and failed anew."""
    several = [
        proposal(1, kind=ProposalKind.NEXT_CONTACT),
        proposal(2, kind=ProposalKind.NEXT_CONTACT, fate=ProposalFate.OPEN),
    ]
    assert stops(several, {}) == {"qm-mfa-1": {"a@x.example": WAITS}}


def test_what_is_not_proven_stops_nothing():
    """A forged report must not keep a letter from an institution."""
    assert stops([proposal(1, kind=ProposalKind.NEXT_CONTACT, fate=ProposalFate.OPEN, proven=False)], {}) == {}
