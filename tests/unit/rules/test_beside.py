"""Whose a mail is that came where supporters' own letters are copied to: theirs, the institution's, or nobody knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from outreach.model.collected import (
    EXACT,
    KEYED,
    NOT_THEIRS,
    PROVEN,
    Copied,
    MatchRule,
    Reference,
    ReferenceKind,
    Written,
)
from outreach.model.contact import KnownInstitution
from outreach.model.inbound import InboundKind, InboundMessage, ReportedRecipient
from outreach.rules.beside import copied_to
from outreach.rules.guessing import Book
from outreach.rules.matching import match

COPY, OTHER_COPY = "c" * 26, "d" * 26  #: ids at which copies come
OURS = "l" * 26  #: of our letter to the first institution


def written(dispatch: str, institution: str, address: str) -> Written:
    return Written(
        dispatch=dispatch,
        campaign="spring",
        step=0,
        institution=institution,
        institution_name="Ministry of Foreign Affairs",
        state="QM",
        address=address,
        subject="A moratorium on surveillance technology: request for your position",
        left_at=datetime(2026, 3, 2, tzinfo=UTC),
    )


BOOK = Book(
    written={
        OURS: written(OURS, "qm-mfa-1", "office@mfa.examplia.example"),
        "m" * 26: written("m" * 26, "qo-mfa-1", "contact@fictivia.example"),
    },
    institutions=[
        KnownInstitution(
            id="qm-mod-1", state="QM", role="mod", name="Ministry of Defence", address_norm="mod@mod.examplia.example",
            sheet="x", present=True,
        )
    ],
    learnt={"press@foreign.examplia.example": "qm-mfa-1"},
    own=frozenset({"letters@org.example"}),
    copied={
        COPY: Copied(campaign="spring", institution="qm-mfa-1"),
        OTHER_COPY: Copied(campaign="spring", institution="qo-mfa-1"),
    },
)  # fmt: skip
#: As a mail program sends what the page gives it.
OWN = InboundMessage(
    sha256="",
    size=0,
    headers={},
    message_id="<1@home.example>",
    sender="ada@home.example",
    recipients=("office@mfa.examplia.example", f"letters+{COPY}@org.example"),
    subject="Targeted surveillance technology: letter from a member of the public",
    text="Your Excellency, I ask you to support it.",
)
#: Replied to by everybody's button.
ANSWER = replace(
    OWN,
    message_id="<2@mfa.examplia.example>",
    sender="clerk@mfa.examplia.example",
    recipients=("ada@home.example", f"letters+{COPY}@org.example"),
    subject=f"Re: {OWN.subject}",
    in_reply_to=("<1@home.example>",),
    references=("<1@home.example>",),
)
ELSEWHERE = (f"letters+{COPY}@org.example",)


def found(
    message: InboundMessage, *, kind: InboundKind = InboundKind.REPLY, known: bool = False, said: str = ""
) -> Any:
    copied = copied_to(message, BOOK)
    return match(message, BOOK, {}, authentication=said, copied=copied, kind=kind, known=known)


def changed(one: InboundMessage, **fields: Any) -> InboundMessage:
    return replace(one, **fields)


@pytest.mark.parametrize(
    ("message", "known", "rule"),
    [
        pytest.param(OWN, False, MatchRule.SUPPORTER, id="a letter"),
        pytest.param(OWN, True, MatchRule.SUPPORTER, id="another of the same person"),
        pytest.param(
            changed(OWN, recipients=("Minister@MFA.examplia.example", ELSEWHERE[0])), False, MatchRule.SUPPORTER,
            id="to another box of the institution",
        ),
        pytest.param(
            changed(OWN, recipients=(*OWN.recipients, "ada@home.example")), False, MatchRule.SUPPORTER,
            id="a copy to oneself",
        ),
        pytest.param(changed(OWN, sender="ada@gmail.example"), False, MatchRule.SUPPORTER, id="from a provider"),
        pytest.param(
            changed(OWN, subject=f"[EXTERNAL] {OWN.subject}"), False, MatchRule.SUPPORTER, id="marked by a gateway"
        ),
        pytest.param(ANSWER, False, MatchRule.BESIDE, id="the institution's answer to all"),
        pytest.param(
            changed(ANSWER, in_reply_to=(), references=(), subject="Your letter"), False, MatchRule.BESIDE,
            id="its answer, written anew",
        ),
        pytest.param(
            changed(ANSWER, sender="press@foreign.examplia.example"), False, MatchRule.BESIDE, id="an approved address"
        ),
        pytest.param(
            changed(ANSWER, sender="ada@home.example", recipients=("clerk@mfa.examplia.example", ELSEWHERE[0])), True,
            MatchRule.SUPPORTER, id="the supporter goes on",
        ),
        pytest.param(
            changed(ANSWER, sender="cy@elsewhere.example", recipients=("clerk@mfa.examplia.example", ELSEWHERE[0])),
            False, None, id="a stranger goes on: perhaps a clerk at another domain",
        ),
        pytest.param(
            changed(ANSWER, sender="ada@home.example", recipients=ELSEWHERE), True, None,
            id="the supporter hands something on to us alone: perhaps the answer",
        ),
        pytest.param(changed(OWN, recipients=ELSEWHERE), False, None, id="to us alone"),
        pytest.param(
            changed(OWN, recipients=("office@mfa.examplia.example", f"letters+{'x' * 26}@org.example")), False, None,
            id="an id of nobody's",
        ),
        pytest.param(
            changed(OWN, recipients=("contact@fictivia.example", ELSEWHERE[0])), False, None,
            id="to another institution",
        ),
        pytest.param(
            changed(OWN, sender="mod@mod.examplia.example"), False, None, id="another institution writes"
        ),
        pytest.param(changed(OWN, sender=""), False, None, id="nobody wrote it"),
        pytest.param(
            changed(OWN, headers={"auto-submitted": ("auto-replied",)}), False, None, id="a machine wrote it"
        ),
        pytest.param(
            changed(OWN, report=(ReportedRecipient(fields={"action": "failed"}),)), False, None, id="a report"
        ),
        pytest.param(
            changed(OWN, recipients=(*OWN.recipients, f"letters+{OTHER_COPY}@org.example")), False,
            MatchRule.SUPPORTER, id="two copies: the one whose institution it goes to",
        ),
        pytest.param(
            changed(OWN, sender="letters@org.example"), False, MatchRule.OWN, id="we wrote it ourselves"
        ),
        pytest.param(
            changed(ANSWER, references=(f"<{OURS}@org.example>",)), False, MatchRule.THREAD,
            id="it answers our own letter, too",
        ),
        pytest.param(
            changed(ANSWER, sender="cy@elsewhere.example", recipients=(f"letters+{OURS}@org.example", *ELSEWHERE)),
            False, MatchRule.ADDRESS, id="it came to our letter's address, too",
        ),
    ],
)  # fmt: skip
def test_whose_it_is(message: InboundMessage, known: bool, rule: MatchRule | None) -> None:
    """A supporter's begins a correspondence and goes to the institution; the institution's is known by its sender."""
    one = found(message, known=known)
    assert one.rule is rule
    if rule in {MatchRule.SUPPORTER, MatchRule.BESIDE}:
        assert (one.institution, one.campaign, one.dispatch, one.keyed) == ("qm-mfa-1", "spring", "", False)


@pytest.mark.parametrize("message", [OWN, ANSWER])
def test_what_may_be_forged_is_for_a_person(message: InboundMessage) -> None:
    """With the institution as a guess, and why."""
    one = found(message, said="dmarc=fail")
    assert one.rule is None
    assert [each.institution for each in one.guesses] == ["qm-mfa-1"]
    assert "supporters" in one.guesses[0].why


@pytest.mark.parametrize("kind", InboundKind)
def test_what_an_institution_says_of_a_letter_that_was_not_ours(kind: InboundKind) -> None:
    """That a supporter's letter came back, or was a nuisance, says nothing of ours: a person reads it."""
    counts = {InboundKind.REPLY, InboundKind.ACKNOWLEDGEMENT, InboundKind.AUTO_REPLY, InboundKind.OTHER}
    assert found(ANSWER, kind=kind).rule is (MatchRule.BESIDE if kind in counts else None)


def test_in_a_rehearsal_the_institutions_address_may_hold_our_letters_id() -> None:
    """A letter to it is no answer to ours."""
    address = f"{OURS}@rehearsal.example"
    book = replace(BOOK, written={OURS: written(OURS, "qm-mfa-1", address)})
    message = replace(OWN, recipients=(address, f"{COPY}@rehearsal.example"))
    copied = copied_to(message, book)
    assert match(message, book, {}, copied=copied, kind=InboundKind.REPLY).rule is MatchRule.SUPPORTER
    assert match(message, book, {}, kind=InboundKind.REPLY).rule is MatchRule.ADDRESS, "without the copy it would be"


def test_in_a_rehearsal_our_address_is_at_the_institutions_domain() -> None:
    """What goes to us alone goes to no institution there either."""
    book = replace(BOOK, written={OURS: written(OURS, "qm-mfa-1", "qm-mfa-1@rehearsal.example")})
    letter = replace(OWN, recipients=("qm-mfa-1@rehearsal.example", f"{COPY}@rehearsal.example"))
    alone = replace(letter, recipients=(f"{COPY}@rehearsal.example", "friend@home.example"))
    rules = [match(one, book, {}, copied=copied_to(one, book), known=True).rule for one in (letter, alone)]
    assert rules == [MatchRule.SUPPORTER, None]


def test_a_mail_that_came_elsewhere_is_no_copy() -> None:
    """An id in a text is quoted by whoever passes a letter on."""
    passed_on = replace(OWN, recipients=("letters@org.example",), text=f"Cc: letters+{COPY}@org.example")
    assert copied_to(passed_on, BOOK) == ()


@pytest.mark.parametrize("known", [False, True])
def test_what_a_supporter_passes_on_is_for_a_person(known: bool) -> None:
    """Also where it came to us alone, and names our letter or their thread, as an answer does that is handed on."""
    plain = replace(OWN, recipients=("letters@org.example",), subject=f"Fwd: {OWN.subject}")
    quotes = replace(plain, text=f"> Message-ID: <{OURS}@org.example>")
    thread = replace(plain, references=("<9@mfa.examplia.example>",))
    kind, value = ReferenceKind.MESSAGE_ID, "9@mfa.examplia.example"
    learnt = {(kind, value): [Reference(kind=kind, value=value, institution="qm-mfa-1", campaign="spring")]}
    for message, rule in ((quotes, MatchRule.QUOTED), (thread, MatchRule.THEIRS)):
        one = match(message, BOOK, learnt, known=known)
        assert one.rule is (None if known else rule)
        assert [each.institution for each in one.guesses] == (["qm-mfa-1"] if known else [])
    theirs = replace(thread, sender="clerk@mfa.examplia.example")
    assert match(theirs, BOOK, learnt, known=known).rule is MatchRule.THEIRS, "an institution is no supporter"
    answers = replace(plain, in_reply_to=(f"<{OURS}@org.example>",))
    assert match(answers, BOOK, learnt, known=known).rule is MatchRule.THREAD


def test_neither_proves_or_teaches_anything() -> None:
    """The id is known to everybody who has seen the page."""
    assert not {MatchRule.SUPPORTER, MatchRule.BESIDE} & (KEYED | PROVEN | EXACT)
    assert {MatchRule.OWN, MatchRule.SUPPORTER} == NOT_THEIRS
