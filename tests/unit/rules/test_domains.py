"""Whose a domain is: ministries side by side under a suffix, mail providers, states."""

import pytest

from outreach.rules.domains import aligned, domain_of, is_provider, owner, same_owner, state_of


@pytest.mark.parametrize(
    ("domain", "whose"),
    [
        ("mfa.gov.bg", "mfa.gov.bg"),
        ("mail.mfa.gov.bg", "mfa.gov.bg"),
        ("gov.bg", ""),
        ("bg", ""),
        ("", ""),
        ("diplomatie.gouv.fr", "diplomatie.gouv.fr"),
        ("sre.gob.mx", "sre.gob.mx"),
        ("mfa.go.ke", "mfa.go.ke"),
        ("bafa.bund.de", "bafa.bund.de"),
        ("eda.admin.ch", "eda.admin.ch"),
        ("ec.europa.eu", "ec.europa.eu"),
        ("fcdo.gov.uk", "fcdo.gov.uk"),
        ("international.gc.ca", "international.gc.ca"),
        ("state.gov", "state.gov"),
        ("esteri.it", "esteri.it"),
        ("MAIL.Esteri.IT.", "esteri.it"),
    ],
)
def test_the_owner_is_what_stands_before_the_suffix(domain, whose):
    assert owner(domain) == whose


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("mail.mfa.gov.bg", "mfa.gov.bg", True),
        ("trade.gov.bg", "mfa.gov.bg", False),
        ("gov.bg", "gov.bg", False),
        ("gmail.com", "gmail.com", False),
        ("yahoo.co.uk", "yahoo.co.uk", False),
    ],
)
def test_neighbours_under_a_suffix_and_at_a_provider_are_strangers(one, other, same):
    assert same_owner(one, other) == same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("ngo.org.za", "ngo.org.za", True),
        ("ngo.org.za", "bounces.ngo.org.za", True),
        ("ngo.org.za", "other.org.za", False),
        ("posteo.de", "posteo.de", True),
        ("localhost", "localhost", True),
        ("", "ngo.example", False),
    ],
)
def test_one_domain_or_one_organisation_is_aligned(one, other, same):
    """As a mail server sees it, for which a provider is an organisation, too."""
    assert aligned(one, other) == same


def test_providers_are_known_under_every_suffix():
    assert all(map(is_provider, ("gmail.com", "yahoo.com.br", "hotmail.fr", "gmx.de", "abv.bg")))
    assert not any(map(is_provider, ("mfa.gov.bg", "esteri.it", "com", "")))


def test_a_top_domain_says_the_state():
    assert [state_of(one) for one in ("mfa.gov.bg", "fcdo.gov.uk", "x.example", "bg")] == ["BG", "GB", "", ""]
    assert domain_of("A@MFA.gov.bg.") == "mfa.gov.bg"
