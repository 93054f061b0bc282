"""Guesses: the letters that had left when a mail was written are those it may answer."""

from datetime import UTC, datetime, timedelta

from outreach.model.collected import Written
from outreach.model.contact import KnownInstitution
from outreach.model.inbound import InboundMessage
from outreach.rules.guessing import Book, attaches, guesses

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)


def written(step, left_at):
    return Written(
        dispatch=f"letter-{step}",
        campaign="spring",
        step=step,
        institution="qm-mfa-1",
        institution_name="Ministry of Foreign Affairs",
        state="QM",
        address="office@mfa.examplia.example",
        subject="Re: A moratorium on such tools" if step else "A moratorium on such tools",
        left_at=left_at,
    )


def test_a_reminder_that_waits_hides_no_letter_that_an_answer_may_be_for():
    """It has the first letter's subject, and nobody can have answered it yet."""
    book = Book(written={one.dispatch: one for one in (written(0, AT), written(1, None))})
    mail = InboundMessage(
        sha256="",
        size=0,
        headers={},
        sender="office@mfa.examplia.example",
        subject="Re: A moratorium on such tools",
        date=AT + timedelta(days=30),
    )
    found = guesses(mail, book)
    assert attaches(found)
    assert found[0].dispatch == "letter-0"


def test_a_further_address_of_the_sheet_is_the_institutions_own():
    """A mail from its press office is not taken for the other ministry's of that domain."""
    press = "press@examplia.example"
    known = [
        KnownInstitution(
            id="qm-trade-1", state="QM", role="trade_ministry", name="T", address_norm="t@examplia.example"
        ),
        KnownInstitution(
            id="qm-mfa-1",
            state="QM",
            role="mfa",
            name="M",
            address_norm="m@examplia.example",
            further=frozenset({press}),
        ),
    ]
    letter = written(0, AT)
    mail = InboundMessage(sha256="", size=0, headers={}, sender=press, subject=letter.subject, date=AT)
    first, second = guesses(mail, Book(written={letter.dispatch: letter}, institutions=known))
    assert (first.institution, second.institution) == ("qm-mfa-1", "qm-trade-1")
    assert first.why.startswith("its address")
