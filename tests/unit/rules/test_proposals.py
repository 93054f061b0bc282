"""What a mail proposes, and what it never does."""

import pytest

from outreach.model.collected import NOT_THEIRS, MatchRule
from outreach.model.inbound import InboundKind, Triage
from outreach.model.proposal import ProposalKind, Proposed
from outreach.rules.proposals import Addressee, plain_address, proposals
from outreach.rules.triage import triage
from outreach.runner.triage import book
from support.answers import mail

TO = Addressee(
    campaign="spring",
    institution="qm-mfa-1",
    state="QM",
    address="minister@mfa.example",
    ours=frozenset({"letters@org.example"}),
)
LEFT = "Ms Moss has left the ministry. Please write to Desk@MFA.example from now on."


def proposed(body, rule=MatchRule.THREAD, keyed=True, to=TO, **headers):
    return list(proposals(triage(mail(body, **headers), book()), to, rule=rule, keyed=keyed))


def test_who_has_left_proposes_the_address_that_is_named_with_its_sentences():
    """Also an automatic mail; the address often stands in the next sentence."""
    (one,) = proposed(LEFT, Auto_Submitted="auto-replied")
    assert (one.kind, one.institution, one.state, one.campaign) == (
        ProposalKind.NEW_ADDRESS,
        "qm-mfa-1",
        "QM",
        "spring",
    )
    assert (one.was, one.now, one.proven) == ("minister@mfa.example", "Desk@mfa.example", True)
    assert one.words == LEFT
    assert one.rule.startswith("en.contact_change.")


def test_a_referral_proposes_a_target():
    """With the address that it names, or with its sentence alone."""
    (one,) = proposed("The Ministry of Trade is competent for this matter: trade@mti.example.")
    assert (one.kind, one.now) == (ProposalKind.NEW_TARGET, "trade@mti.example")
    (one,) = proposed("The Ministry of Trade is competent for this matter.")
    assert (one.kind, one.now, one.key) == (ProposalKind.NEW_TARGET, "", one.words)


@pytest.mark.parametrize("ends", ["trade@mti.example", "its minister"])
def test_several_sentences_that_name_nobody_are_one_proposal(ends):
    """And none beside one that names somebody."""
    first, second = "We are not competent for this matter.", "The Ministry of Trade is competent for this matter: "
    (one,) = proposed(f"{first}\n\n{second}{ends}.")
    assert one.kind is ProposalKind.NEW_TARGET
    assert (one.now, first in one.words) == ((ends, False) if "@" in ends else ("", True))


@pytest.mark.parametrize(
    "said", ["minister@mfa.example", "Minister@MFA.example", "letters@org.example", "LETTERS@org.example"]
)
def test_the_address_that_was_written_to_and_our_own_are_no_news(said):
    """A quote of our letter has both: the sentence stays, for a person to read."""
    (one,) = proposed(f"Ms Moss has left the ministry. Please write to {said} from now on.")
    assert one.now == ""


@pytest.mark.parametrize("rule", [None, *sorted(NOT_THEIRS)])
def test_a_mail_of_nobody_and_our_own_propose_nothing(rule):
    """Whoever they may be of, a person says first."""
    assert proposed(LEFT, rule=rule, keyed=False) == []


@pytest.mark.parametrize("rule", [one for one in MatchRule if one not in NOT_THEIRS])
def test_only_a_keyed_mail_is_proof(rule):
    """Anybody may write the words; only who had the letter has its id."""
    keyed = rule in {MatchRule.ADDRESS, MatchRule.THREAD, MatchRule.RETURNED}
    (one,) = proposed(LEFT, rule=rule, keyed=keyed)
    assert one.proven is keyed


@pytest.mark.parametrize(
    ("kind", "recipient", "to", "count"),
    [
        (InboundKind.BOUNCE_HARD, "minister@mfa.example", TO.address, 1),
        (InboundKind.BOUNCE_HARD, "Minister@MFA.example", TO.address, 1),
        (InboundKind.BOUNCE_HARD, "", TO.address, 1),
        (InboundKind.BOUNCE_HARD, "other@mfa.example", TO.address, 0),
        (InboundKind.BOUNCE_HARD, "", "", 0),
        (InboundKind.BOUNCE_SOFT, "minister@mfa.example", TO.address, 0),
        (InboundKind.AUTO_REPLY, "", TO.address, 0),
    ],
)
def test_an_informal_bounce_proposes_the_next_contact_only_for_the_address_that_was_written_to(
    kind, recipient, to, count
):
    """A soft one proposes nothing: it has patience."""
    verdict = Triage(kind=kind, rule="bounce.exim.unknown", recipient=recipient, hard=kind is InboundKind.BOUNCE_HARD)
    addressee = Addressee(campaign="spring", institution="qm-mfa-1", state="QM", address=to)
    found = list(proposals(verdict, addressee, rule=MatchRule.QUOTED, keyed=False))
    assert [(one.kind, one.was, one.proven) for one in found] == [(ProposalKind.NEXT_CONTACT, to, False)] * count


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("Desk@MFA.example", "Desk@mfa.example"),
        ("'desk@mfa.example'.", "desk@mfa.example"),
        ("o'brien+x@mfa.example", "o'brien+x@mfa.example"),
        ("=cmd@mfa.example", ""),
        ("+1@mfa.example", ""),
        ("-desk@mfa.example", ""),
        ("desk@mfa", ""),
        ("desk@-mfa.example", ""),
        ("d\u0435sk@mfa.example", ""),  # a Cyrillic letter among Latin ones
        ("desk@mf\u0430.example", ""),
        ("desk mfa.example", ""),
        ("", ""),
    ],
)
def test_only_a_plain_address_is_taken(said, plain):
    """What looks like another, or like a formula, a person types."""
    assert plain_address(said) == plain


def test_two_that_say_the_same_share_their_key():
    """An address by itself; a bad one by the verification that it refutes."""
    base = {"campaign": "spring", "institution": "qm-mfa-1", "state": "QM", "was": "a@b.example"}
    one = Proposed(kind=ProposalKind.NEW_ADDRESS, now="Desk@mfa.example", words="x", **base)
    other = Proposed(kind=ProposalKind.NEW_ADDRESS, now="desk@mfa.example", words="y", **base)
    assert one.key == other.key
    first = Proposed(kind=ProposalKind.NEXT_CONTACT, since="2026-01-01", words="x", **base)
    again = Proposed(kind=ProposalKind.NEXT_CONTACT, since="2026-02-01", words="x", **base)
    assert first.key != again.key
