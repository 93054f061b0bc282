"""Every rewriting of the table through the reader and the rules: each by its name, and what they come to together."""

import pytest

from outreach.inbox.message import read_message
from outreach.inbox.packs import packs
from outreach.model.collected import KEYED, MatchRule
from outreach.model.inbound import InboundKind
from outreach.rules.phrasebook import phrasebook
from outreach.rules.returned import returned
from outreach.rules.triage import triage
from support.rewritings import OURS, PATTERNS, SAMPLE, TOKEN, book, built, matched

#: What may carry a match, by the word of the table. Nothing else than our own id, where mail programs put it, is keyed.
CARRIES = {
    "token": KEYED,
    "message-id": KEYED | {MatchRule.THEIRS},
    "thread": {MatchRule.THEIRS},
    "reference": {MatchRule.REFERENCE},
    "quoted": {MatchRule.RETURNED, MatchRule.QUOTED},
    "sender": {MatchRule.SENDER, None},
    "none": {None},
}


@pytest.mark.parametrize("pattern", PATTERNS, ids=[pattern["name"] for pattern in PATTERNS])
def test_a_rewritten_answer_is_where_it_belongs(pattern):
    """What is sure is of the right letter; a guess has the right one first; all else waits for a person."""
    found = matched(pattern)
    assert found.rule in CARRIES[pattern["way"]], found
    if pattern["expect"] == "exact":
        assert (found.institution, found.dispatch) == (OURS, TOKEN)
    if pattern["expect"] == "guess":
        assert (found.guesses[0].institution, found.guesses[0].dispatch) == (OURS, TOKEN)


def test_the_table_as_a_whole():
    """Precision at least 99.5 %, recall at least 95 %: a wrong attachment costs more than a mail in the tray.

    Of what is attached, how much is right; of what has a letter, how much is attached to it or has it as first guess.
    """
    found = {pattern["name"]: matched(pattern) for pattern in PATTERNS}
    expected = {pattern["name"]: pattern["expect"] for pattern in PATTERNS}
    attached = [name for name, one in found.items() if one.rule is not None]
    right = [name for name in attached if found[name].institution == OURS and expected[name] != "tray"]
    first = [name for name, one in found.items() if one.rule is None and one.guesses[:1] and expected[name] == "guess"]
    right_first = [name for name in first if found[name].guesses[0].institution == OURS]
    have_a_letter = [name for name, one in expected.items() if one != "tray"]
    assert len(right) / len(attached) >= 0.995
    assert (len(right) + len(right_first)) / len(have_a_letter) >= 0.95


def test_the_book_is_large_enough_to_be_wrong():
    """Some fifty other letters have the same subject: a match at random would be seen."""
    known = book({})
    assert len(known.written) == len(known.letters) == 56
    assert {one.subject for one in known.written.values()} == {SAMPLE["subject"]}


def test_no_rewriting_moves_a_letter_but_a_standard_report():
    """Whatever else names our id, also a receipt or an attached mail: it is filed, and the letter stays as it is."""
    judge = phrasebook(packs())
    moving = set()
    for pattern in PATTERNS:
        message = read_message(built(pattern, SAMPLE))
        if returned(message, matched(pattern), triage(message, judge)) is not None:
            moving.add(pattern["name"])
    assert moving == {"dsn-returns-headers", "dsn-original-envelope-id"}


def test_what_stands_out_of_sight_is_not_keyed():
    """Links, the other alternative, attached files: whoever has them may have them from anybody."""
    hidden = {"token-only-in-a-link", "plain-part-is-a-stub", "attached-letter-in-base64", "attached-as-a-text"}
    rules = {pattern["name"]: matched(pattern).rule for pattern in PATTERNS if pattern["name"] in hidden}
    assert rules == dict.fromkeys(hidden, MatchRule.QUOTED)


@pytest.mark.parametrize("name", ["read-receipt", "read-receipt-that-names-no-type"])
def test_a_read_receipt_is_neither_answer_nor_bounce(name):
    """It belongs to the letter (RFC 8098); the institution has still not answered, and its address is good."""
    pattern = next(one for one in PATTERNS if one["name"] == name)
    verdict = triage(read_message(built(pattern, SAMPLE)), phrasebook(packs()))
    assert (matched(pattern).institution, verdict.kind) == (OURS, InboundKind.OTHER)
