"""The authorities of a rehearsal: real states say nothing of their own, and all that is said says it is simulated."""

import csv
from collections import Counter
from datetime import UTC, datetime

import pytest

from outreach.campaigns.repertoire import FOLDER, SHEET, load_repertoire
from outreach.inbox import read_message
from outreach.model.inbound import FindingKind, InboundKind
from outreach.model.simulated import Reached
from outreach.rules.authorities import MACHINES, SHARES, answers, habit
from outreach.rules.quotes import stands_in
from outreach.rules.simulation import HEADER, opens_simulated
from outreach.rules.triage import triage
from outreach.runner.triage import book
from outreach.states import find_state
from support.repository import ROOT

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
REPERTOIRE = load_repertoire()
DEMANDS = frozenset(said.demand for script in REPERTOIRE.scripts for said in script.says)
LANGUAGES = sorted({language for _, language in REPERTOIRE.stock})
with (ROOT / "contacts" / "authorities.csv").open(encoding="utf-8", newline="") as file:
    REAL = [(row["id"], row["state"]) for row in csv.DictReader(file)]
with (FOLDER / SHEET).open(encoding="utf-8", newline="") as file:
    INVENTED = {row["id"]: row for row in csv.DictReader(file)}


def reached(institution, state, *, languages=("en",), demands=DEMANDS):
    box = f"{institution}@rehearsal.example"
    message_id = f"<o.spring.{institution}@org.example>"
    return Reached(
        institution=institution,
        state=state,
        languages=languages,
        demands=demands,
        box=box,
        answer_to="Ada Example <letters@org.example>",
        subject="Surveillance: request for your position",
        message_id=message_id,
        head=f"To: {box}\r\nSubject: Surveillance\r\nMessage-ID: {message_id}".encode(),
    )


def heard(institution, state, **more):
    return list(answers(reached(institution, state, **more), REPERTOIRE, at=AT))


def test_an_authority_of_a_real_state_says_nothing_of_its_own():
    """Every institution of the shipped sheet, and one named as an invented one is: a machine's words, or none."""
    said = [mail for one in [*REAL, *((name, "DE") for name in INVENTED)] for mail in heard(*one)]
    assert said
    stock = {text.text for text in REPERTOIRE.stock.values()}
    for mail in said:
        assert mail.kind in MACHINES
        assert not mail.says
        if mail.kind in {InboundKind.AUTO_REPLY, InboundKind.ACKNOWLEDGEMENT}:
            words = read_message(mail.raw).text.partition("\n\n")[2].strip()
            assert any(words.startswith(one.partition("{")[0]) and len(words) < len(one) + 20 for one in stock)
    assert {kind for kind, _ in REPERTOIRE.stock} == {InboundKind.AUTO_REPLY, InboundKind.ACKNOWLEDGEMENT}
    assert InboundKind.REPLY not in MACHINES


def test_most_stay_silent_and_a_rehearsal_can_be_repeated():
    """By the institution's id alone; of a thousand about as many as the shares say."""
    drawn = Counter(habit(f"{number}") for number in range(1000))
    assert drawn[None] > 600
    for kind, share in SHARES:
        assert 5 * share < drawn[kind] < 15 * share + 10
    assert [heard(*one) for one in REAL] == [heard(*one) for one in REAL]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_answers_of_machines_are_read_as_what_they_are(language):
    """Bounces, automatic replies and acknowledgements with their number, in each language, through our own reader."""
    by_habit = {habit(f"m-{number}"): f"m-{number}" for number in range(300)}
    for kind in MACHINES:
        name = by_habit[kind]
        [mail] = heard(name, "XA", languages=(language,))
        message = read_message(mail.raw)
        verdict = triage(message, book())
        assert (mail.kind, verdict.kind) == (kind, kind), message.text
        if kind is InboundKind.ACKNOWLEDGEMENT:
            assert [one for one in verdict.findings if one.kind is FindingKind.REFERENCE], message.text
        if kind in {InboundKind.BOUNCE_HARD, InboundKind.BOUNCE_SOFT}:
            assert verdict.rule.startswith("dsn.")
            assert verdict.recipient == f"{name}@rehearsal.example"
            assert f"o.spring.{name}@org.example" in message.returned


def test_every_mail_says_that_it_is_simulated():
    """The head, the sender's name, and the first word of the text."""
    mails = [mail for one in [*REAL, *((name, row["state"]) for name, row in INVENTED.items())] for mail in heard(*one)]
    for mail in mails:
        message = read_message(mail.raw)
        assert message.headers[HEADER.lower()] == ("yes",)
        assert opens_simulated(message.text)
        assert message.sender_name.startswith("SIMULATED ")
        assert message.sender.endswith(".example")
    assert len({read_message(mail.raw).message_id for mail in mails}) == len(mails)
    assert all(not mail.envelope_from for mail in mails if mail.kind in MACHINES)


@pytest.mark.parametrize("script", REPERTOIRE.scripts, ids=lambda one: f"{one.institution}-{one.text.kind}")
def test_a_script_is_of_an_invented_institution_and_its_quotes_stand_in_it(script):
    """In the package's own sheet; read as what it is; through the words that a person would copy."""
    row = INVENTED[script.institution]
    assert find_state(row["state_name"]) == row["state"]
    assert "QM" <= row["state"] <= "QZ"
    assert row["email"].endswith(".example")
    [mail] = [one for one in heard(script.institution, row["state"]) if one.kind is script.text.kind]
    message = read_message(mail.raw)
    assert triage(message, book()).kind is script.text.kind
    assert all(stands_in(one.quote, message.text) for one in script.says)
    assert bool(script.says) == (script.text.kind is InboundKind.REPLY)
    assert bool(message.in_reply_to) != bool(script.sender)


def test_what_was_not_asked_is_not_answered():
    """Without its demand an invented state does as any other: no position comes of it."""
    for name, row in INVENTED.items():
        assert not [one for one in heard(name, row["state"], demands=frozenset({"another"})) if one.says]
