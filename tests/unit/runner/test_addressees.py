"""What a campaign file says of its addressees is held against the sheets."""

from __future__ import annotations

import pytest

from outreach.model.campaign import Campaign, Demand, Exclusion, Sender
from outreach.model.contact import Contact, Institution
from outreach.model.problem import Severity
from outreach.runner.addressees import addressee_problems

SENDER = Sender(name="Ana", organisation="Org", email="ana@org.example")


def campaign(*demands: Demand, exclude: tuple[Exclusion, ...] = ()) -> Campaign:
    return Campaign(
        slug="c",
        title="C",
        path="campaigns/c.toml",
        sender=SENDER,
        contacts=("a.csv",),
        demands=demands,
        exclude=exclude,
    )


def contact(identifier: str, state: str, role: str, *tags: str) -> Contact:
    it = Institution(id=identifier, state=state, role=role, name="N", tags=frozenset(tags))
    return Contact(institution=it, address=None, address_norm="", rank=0)


SHEET = (contact("qm-1", "QM", "mfa", "nso-named"), contact("qn-1", "QN", "trade_ministry"))
FITTING = Demand(
    slug="fits",
    title="T",
    states=frozenset({"QM", "QN"}),
    roles=frozenset({"mfa"}),
    tags=frozenset({"nso-named"}),
    exclude=(Exclusion(reason="why", institution="qn-1"), Exclusion(reason="why", state="QO")),
)


@pytest.mark.parametrize(
    ("demand", "key", "word"),
    [
        (Demand(slug="d", title="T", roles=frozenset({"mfa", "trade_minstry"})), "demand[1].roles", "trade_minstry"),
        (Demand(slug="d", title="T", tags=frozenset({"nso-nmed"})), "demand[1].tags", "nso-nmed"),
        (Demand(slug="d", title="T", states=frozenset({"QM", "QP"})), "demand[1].states", "QP"),
        (Demand(slug="d", title="T", states=frozenset({"QN"}), roles=frozenset({"mfa"})), "demand[1]", '"d"'),
        (
            Demand(slug="d", title="T", exclude=(Exclusion(reason="why", institution="qm-l"),)),
            "demand[1].exclude[1].institution",
            "qm-l",
        ),
    ],
    ids=["role", "tag", "state", "together-nobody", "exclusion-of-a-demand"],
)
def test_a_word_that_fits_no_institution_is_a_warning_at_its_key(demand: Demand, key: str, word: str) -> None:
    """A mistyped role leaves ministries out, a mistyped exclusion writes to one that was to be left out."""
    (found,) = addressee_problems(campaign(demand), SHEET)
    assert (found.severity, found.place.path, found.place.column) == (Severity.WARNING, "campaigns/c.toml", key)
    assert word in found.found
    assert found.todo


def test_a_sheet_without_a_role_is_told_so() -> None:
    """The word that stands for no role is nowhere in the sheet: to list it explains nothing."""
    bodies = (contact("qm-1", "QM", "authority"),)
    asked = Demand(slug="d", title="T", roles=frozenset({"mfa"}))
    (found,) = addressee_problems(campaign(asked), bodies, roleless=["contacts/a.csv"])
    assert 'No column of contacts/a.csv is for the role: add one with the header "role"' in found.todo
    assert '"authority"' not in str(found)


def test_an_exclusion_from_everything_that_names_nobody_is_a_warning() -> None:
    """The institution that it means would get its letter."""
    (found,) = addressee_problems(campaign(FITTING, exclude=(Exclusion(reason="why", institution="qm-2"),)), SHEET)
    assert found.place.column == "exclude[1].institution"


def test_words_that_fit_are_no_alarm() -> None:
    """Nor is the exclusion of a state that the sheets do not hold: it does what it says."""
    assert addressee_problems(campaign(FITTING), SHEET) == []


def test_without_any_institution_nothing_is_said() -> None:
    """Why the sheets could not be read is said already."""
    assert addressee_problems(campaign(Demand(slug="d", title="T", roles=frozenset({"x"}))), ()) == []
