"""What a report makes of a letter, and when an address counts as dead."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


@pytest.mark.parametrize("action", ["failure", "expired", "failed (gave up)"])
def test_an_odd_word_for_failed_moves_the_letter_as_its_verdict_says(action):
    """A report that counts as a bounce says of the letter that it failed."""
    one = report("office@mfa.gov.bg", returned=HEAD, action=action)
    assert returned(one, KEYED, triage(one, book())).failed


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


TIMES = st.lists(st.integers(-200, 200).map(lambda hours: LEFT + timedelta(hours=12 * hours)), max_size=9)


def dead(softs=(), hards=(), verified_on=None):
    return is_dead(hard=False, itself=False, softs=softs, hards=hards, verified_on=verified_on)


def crowded(times, many, span):
    """The same said another way: whether some moment has so many behind it within the span."""
    return any(sum(end - span <= at <= end for at in times) >= many for end in times)


@given(softs=TIMES, hards=TIMES)
def test_patience_is_two_for_good_or_five_for_a_while_in_five_weeks(softs, hards):
    """Of one kind: two kinds are not added up."""
    weeks = timedelta(weeks=5)
    assert dead(softs, hards) == (crowded(softs, 5, weeks) or crowded(hards, 2, weeks))


@given(softs=TIMES, hards=TIMES, data=st.data())
def test_the_order_of_reports_does_not_matter_and_another_one_revives_nobody(softs, hards, data):
    """Mail arrives in any order."""
    before = dead(softs, hards)
    assert dead(data.draw(st.permutations(softs)), data.draw(st.permutations(hards))) == before
    more = data.draw(TIMES)
    assert not before or dead([*softs, *more], [*hards, *more])


@given(softs=TIMES, hards=TIMES, days=st.integers(-90, 90))
def test_a_verification_gives_new_patience(softs, hards, days):
    """What came back before that day counts no more; what came back on it does: nobody knows which was first."""
    on = (LEFT + timedelta(days=days)).date()
    left = [[at for at in times if at.date() >= on] for times in (softs, hards)]
    assert dead(softs, hards, on) == dead(*left)
    assert not dead(softs, hards, (LEFT + timedelta(days=101)).date())


@pytest.mark.parametrize("verified", [None, (LEFT + timedelta(days=30)).date()])
def test_a_report_on_the_address_itself_needs_no_patience(verified):
    assert is_dead(hard=True, itself=True, softs=[], hards=[], verified_on=verified)
    assert not is_dead(hard=True, itself=False, softs=[], hards=[], verified_on=verified)
    assert not is_dead(hard=False, itself=True, softs=[], hards=[], verified_on=verified)
