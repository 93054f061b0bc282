"""Authentication-Results (RFC 8601): our own server's first header counts, and no other."""

import pytest

from outreach.model.collected import MatchRule
from outreach.rules.authentication import NOT_CHECKED, authentication, may_be_forged, proven

OURS = "mx.org.example"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([], NOT_CHECKED),
        ([f"{OURS}; spf=pass smtp.mailfrom=x.example"], "spf=pass"),
        ([f"{OURS} 1; dkim=pass header.d=x.example; spf=fail; dmarc=fail"], "dmarc=fail spf=fail dkim=pass"),
        ([f"{OURS.upper()}; dmarc=pass"], "dmarc=pass"),
        ([f"{OURS}; none"], "none"),
        (["mx.evil.example; dmarc=pass"], NOT_CHECKED),
        ([f"{OURS}.evil.example; dmarc=pass"], NOT_CHECKED),
        ([f"{OURS}; spf=fail", f"{OURS}; spf=pass"], "spf=fail"),
        (["relay.example; spf=pass", f"{OURS}; spf=softfail"], "spf=softfail"),
        ([f"{OURS} (a ; spf=pass (nested) ); spf=fail (dmarc=pass)"], "spf=fail"),
        ([f'{OURS}; auth=pass smtp.auth="a;dmarc=pass"'], "auth=pass"),
        ([f"{OURS}; dkim=fail header.d=a.example; dkim=pass header.d=b.example"], "dkim=pass"),
        ([f'"{OURS}"; dmarc/1 = pass'], "dmarc=pass"),
        (["(((" * 3_000, ";" * 9_000, ""], NOT_CHECKED),
    ],
)
def test_the_first_header_of_our_own_server_counts(values, said):
    """Comments and quoted words hold no results."""
    assert authentication(values, OURS) == said


def test_without_a_server_of_our_own_nothing_is_checked():
    """A value of its own: neither good nor bad."""
    assert authentication(["mx.org.example; dmarc=fail"], "") == NOT_CHECKED
    assert not may_be_forged(NOT_CHECKED)


@pytest.mark.parametrize(
    ("said", "forged"),
    [
        ("dmarc=fail spf=pass", True),
        ("dmarc=pass spf=fail", False),
        ("spf=fail dkim=pass", False),
        ("spf=softfail", True),
        ("spf=fail dkim=none", True),
        ("spf=none dkim=none", False),
        ("dmarc=none spf=fail", True),
        ("none", False),
    ],
)
def test_a_sender_may_be_forged_when_our_server_says_so(said, forged):
    assert may_be_forged(said) == forged


@pytest.mark.parametrize(
    ("rule", "said", "counts"),
    [
        (MatchRule.ADDRESS, NOT_CHECKED, True),
        (MatchRule.THREAD, "dmarc=fail", True),  # a mailing list breaks DMARC, and our id is not to be guessed
        (MatchRule.RETURNED, NOT_CHECKED, True),
        (MatchRule.QUOTED, NOT_CHECKED, True),
        (MatchRule.PERSON, NOT_CHECKED, True),
        (MatchRule.THEIRS, NOT_CHECKED, False),
        (MatchRule.REFERENCE, "spf=pass dkim=pass", False),  # of whatever domain: DMARC alone looks at From
        (MatchRule.SENDER, "none", False),
        (MatchRule.SENDER, "dmarc=pass spf=pass", True),
        (None, NOT_CHECKED, False),
    ],
)
def test_only_our_letters_id_our_server_or_a_person_proves_a_mail(rule, said, counts):
    """Who has a ministry's address in From, or its number in the text, has proved nothing."""
    assert proven(rule, said) == counts
