"""What a report makes of a letter, and when an address counts as dead."""

from datetime import UTC, datetime, timedelta

import pytest

from outreach.model.collected import Match, MatchRule, Returned
from outreach.rules.returned import about, is_dead, returned
from outreach.rules.triage import triage
from outreach.runner.triage import book
from support.answers import mail, message_id, report

LEFT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEYED = Match(rule=MatchRule.RETURNED)
HEAD = f"Message-ID: {message_id('bg-mfa')}"


@pytest.mark.parametrize("rule", [MatchRule.QUOTED, MatchRule.THEIRS, MatchRule.REFERENCE, MatchRule.SENDER, None])
def test_only_a_report_that_was_matched_by_a_keyed_id_says_anything(rule):
    one = report("office@mfa.gov.bg", returned=HEAD)
    assert returned(one, Match(rule=rule), triage(one, book())) is None
    assert returned(mail(In_Reply_To=message_id("bg-mfa")), KEYED, triage(mail(), book())) is None
    assert returned(one, KEYED, triage(one, book())).failed


def test_a_report_says_who_failed_and_how():
    one = report("Office@MFA.gov.bg", returned=HEAD)
    said = returned(one, KEYED, triage(one, book()))
    assert (said.addresses, said.hard, said.words) == ({"office@mfa.gov.bg"}, True, "5.1.1 smtp; 550 no such user")
    late = report("office@mfa.gov.bg", returned=HEAD, action="delayed", status="4.4.1")
    assert not returned(late, KEYED, triage(late, book())).failed


@pytest.mark.parametrize(
    ("address", "dated", "dead", "counts"),
    [
        ("office@mfa.gov.bg", LEFT, (), True),
        ("minister@mfa.gov.bg", LEFT, (), True),
        ("minister@mfa.gov.bg", LEFT, ("minister@mfa.gov.bg",), False),
        ("x@trade.gov.bg", LEFT, (), False),
        ("office@mfa.gov.bg", LEFT - timedelta(days=3), (), False),
        ("office@mfa.gov.bg", None, (), True),
        ("", LEFT, (), False),
    ],
    ids=[
        "our address",
        "one behind it",
        "one that died before",
        "another ministry",
        "before it left",
        "no date",
        "nobody",
    ],
)
def test_a_report_is_about_the_attempt_that_counts(address, dated, dead, counts):
    said = Returned(failed=True, addresses=frozenset({address} - {""}), hard=True, words="", dated=dated)
    assert about(said, address="office@mfa.gov.bg", left_at=LEFT, dead=dead) == counts


def days(*several):
    return [LEFT + timedelta(days=one) for one in several]


@pytest.mark.parametrize(
    ("given", "dead"),
    [
        ({"hard": True, "itself": True}, True),
        ({"hard": True, "itself": False, "hards": days(0)}, False),
        ({"hard": True, "itself": False, "hards": days(0, 35)}, True),
        ({"hard": True, "itself": False, "hards": days(0, 36)}, False),
        ({"softs": days(0, 1, 2, 3)}, False),
        ({"softs": days(0, 1, 2, 3, 35)}, True),
        ({"softs": days(0, 10, 20, 30, 40)}, False),
        ({"softs": days(-100, 40, 30, 20, 10, 5)}, True),
    ],
)
def test_an_address_has_patience(given, dead):
    """Bad itself: at once. Behind ours: two within five weeks; for a while: five."""
    assert is_dead(**{"hard": False, "itself": True, "softs": [], "hards": [], **given}) == dead
