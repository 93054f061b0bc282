"""Ids: keyed, stable, and surviving a new sheet."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.model.campaign import Mode
from outreach.model.contact import Contact, Institution, KnownInstitution
from outreach.model.problem import Place
from outreach.rules.identity import dispatch_id, identify, network_key, supporter_key

SECRET = b"a secret of these tests"


def contact(
    identifier: str = "", *, state: str = "QM", role: str = "mfa", name: str = "Ministry", address: str = ""
) -> Contact:
    it = Institution(id=identifier, state=state, role=role, name=name)
    return Contact(
        institution=it, address=address or None, address_norm=address, place=Place(path="contacts/a.csv", row=2)
    )


def known(
    identifier: str, *, name: str = "Ministry", role: str = "mfa", address: str = "", present: bool = True
) -> KnownInstitution:
    return KnownInstitution(
        id=identifier, state="QM", role=role, name=name, address_norm=address, sheet="contacts/a.csv", present=present
    )


def an_id(**changes: object) -> str:
    base = {"mode": Mode.LIVE, "campaign": "c", "step": 0, "institution": "qm-mfa-1", "sender": "campaign"}
    return dispatch_id(SECRET, **{**base, **changes})  # type: ignore[arg-type]


def test_a_dispatch_id_is_26_characters_that_survive_case_folding() -> None:
    """Mail servers fold the case of local parts; the id must come back as it went."""
    it = an_id()
    assert len(it) == 26
    assert set(it) <= set(string.ascii_lowercase + "234567")


def test_each_part_of_the_identity_changes_the_id_and_nothing_else_does() -> None:
    """Mode, campaign, step, institution, sender and secret make a dispatch; a second call makes the same one."""
    others = {
        an_id(mode=Mode.REHEARSAL),
        an_id(campaign="d"),
        an_id(step=1),
        an_id(institution="qm-mfa-2"),
        an_id(sender="s1"),
        dispatch_id(b"other", mode=Mode.LIVE, campaign="c", step=0, institution="qm-mfa-1", sender="campaign"),
    }
    assert len(others | {an_id()}) == 7
    assert an_id() == an_id()


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_no_two_divisions_of_the_same_text_share_an_id(a: str, b: str, c: str, d: str) -> None:
    """Joining must not let one field's end pass for the next one's beginning."""
    if (a, b) != (c, d) and "\0" not in a + b + c + d:
        assert an_id(institution=a, sender=b) != an_id(institution=c, sender=d)


def test_a_sheets_own_id_stands() -> None:
    """Whatever the sheet calls an institution is what it is called."""
    assert identify([contact("my-own")], []).contacts[0].institution.id == "my-own"


def test_rows_without_an_id_get_state_role_and_ordinal() -> None:
    """Two bodies of one state and role are told apart by their ordinal."""
    rows = [contact(name="One", role="licensing_authority"), contact(name="Two", role="licensing_authority")]
    assert [one.institution.id for one in identify(rows, []).contacts] == ["qm-licensing-1", "qm-licensing-2"]


def test_two_addresses_of_one_institution_share_its_id() -> None:
    """The same state, role and name is the same institution."""
    rows = [contact(name="One", address="a@one.example"), contact(name="one ", address="b@one.example")]
    assert {one.institution.id for one in identify(rows, []).contacts} == {"qm-mfa-1"}


def test_reordering_a_sheet_changes_no_id() -> None:
    """The ordinal is remembered by the ledger, not counted anew."""
    remembered = [known("qm-mfa-1", name="One"), known("qm-mfa-2", name="Two")]
    rows = [contact(name="Two"), contact(name="One")]
    found = identify(rows, remembered)
    assert [one.institution.id for one in found.contacts] == ["qm-mfa-2", "qm-mfa-1"]
    assert found.renamed == ()


def test_a_new_name_at_the_same_address_is_the_same_institution() -> None:
    """A ministry renamed with its box kept needs nobody's decision."""
    remembered = [known("qm-mfa-1", name="Old", address="box@one.example")]
    found = identify([contact(name="New", address="box@one.example")], remembered)
    assert found.contacts[0].institution.id == "qm-mfa-1"
    assert found.renamed == ()


def test_a_vanished_and_a_new_row_of_one_state_and_role_wait_for_a_person() -> None:
    """It may be the same body under a new name: writing to both would double the letter."""
    found = identify([contact("new-id", name="New")], [known("old-id", name="Old")])
    assert [(one.vanished.id, one.new) for one in found.renamed] == [("old-id", "new-id")]


@pytest.mark.parametrize(
    ("gone", "came"), [(["o1"], ["n1", "n2"]), (["o1", "o2"], ["n1"]), (["o1", "o2"], ["n1", "n2"])]
)
def test_where_several_vanished_or_came_all_of_them_wait(gone: list[str], came: list[str]) -> None:
    """Nobody knows which is which: one that is left over may be the one that had its letter."""
    found = identify([contact(one, name=one) for one in came], [known(one, name=one) for one in gone])
    assert {one.vanished.id for one in found.renamed} == set(gone)
    assert {one.new for one in found.renamed} == set(came)


def test_a_renamed_pair_says_where_the_new_one_stands_and_whose_its_id_is() -> None:
    """A person has to find the row, and an id of the sheet can only be changed there."""
    for identifier, own in (("my-own", True), ("", False)):
        (found,) = identify([contact(identifier, name="New")], [known("old", name="Old")]).renamed
        assert (found.name, found.place, found.own_id) == ("New", Place(path="contacts/a.csv", row=2), own)


def test_a_new_row_of_another_role_is_only_new() -> None:
    """A trade ministry that comes does not replace a foreign ministry that goes."""
    found = identify([contact("new-id", role="trade_ministry")], [known("old-id")])
    assert found.renamed == ()


def test_institutions_of_other_sheets_have_not_vanished() -> None:
    """Only a sheet that was read can show that a row is gone."""
    elsewhere = KnownInstitution(id="old", state="QM", role="mfa", name="Old", sheet="contacts/other.csv")
    assert identify([contact("new")], [elsewhere]).renamed == ()


def test_an_institution_that_is_here_under_its_own_name_gives_its_id_to_nobody() -> None:
    """A new body at an old one's address is a new institution while the old one stands in the sheet."""
    remembered = [known("qm-mfa-1", name="A", address="box@one.example")]
    rows = [contact(name="B", address="box@one.example"), contact(name="A", address="box@one.example")]
    assert [one.institution.id for one in identify(rows, remembered).contacts] == ["qm-mfa-2", "qm-mfa-1"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ana@People.example", "ana@people.EXAMPLE", True),
        (" ana@people.example ", "ana@people.example", True),
        ("ana+x@people.example", "ana@people.example", False),
        ("ana@people.example", "ana@other.example", False),
        ("anä@people.example", "ana\u0308@people.example", True),
    ],
)
def test_a_supporter_is_one_person_however_the_address_is_spelled(one, other, same):
    """And nothing of the address stands in the key."""
    first, second = supporter_key(b"secret", one), supporter_key(b"secret", other)
    assert (first == second) is same
    assert re.fullmatch(r"[a-z2-7]{26}", first)
    assert supporter_key(b"another", one) != first


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.254", True),
        ("192.0.2.1", "192.0.3.1", False),
        ("::ffff:192.0.2.1", "192.0.2.7", True),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("nonsense", "", True),
        ("nonsense", "192.0.2.1", False),
    ],
)
def test_a_network_is_a_24_or_a_64(one, other, same):
    assert (network_key(b"secret", one) == network_key(b"secret", other)) is same
