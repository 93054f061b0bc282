"""What of an answer goes to others: nobody learns from it who else wrote."""

import pytest

from outreach.rules.passing_on import passed_on
from outreach.runner.triage import book

MARKS = book().marks
SAYS = "we support the moratorium from next year on, and thank all who wrote."


@pytest.mark.parametrize(
    "greeting",
    [
        "Dear Ms Canary,",
        "Sehr geehrte Frau Canary,",
        "Madame Canary,",
        "Αξιότιμη κυρία Κανάρη,",
        "السيدة سارة الكناري،",
        "Dear Ms Canary",
        "Good morning Zoë!",
    ],
)
def test_a_greeting_stays_with_the_one_whom_it_greets(greeting):
    assert passed_on(f"{greeting}\r\n\r\n{SAYS}\r\n\r\nThe Minister", MARKS) == f"{SAYS}\n\nThe Minister"


@pytest.mark.parametrize(
    "text",
    [
        SAYS,
        f"No.\n\n{SAYS}",
        f"We do.\n{SAYS}",
        "Thank you,",
        "In answer to your letter of 2 March on surveillance technology,\nwe say that we support it.",
        "We support it\nfrom next year on.",
    ],
)
def test_what_greets_nobody_is_passed_on_whole(text):
    assert passed_on(text, MARKS) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "From: Campaign <letters@campaign.example>\nSent: 2 March 2026\nTo: Office\nSubject: Letters\n\n- Zoë Canary",
        "-----Original Message-----\nThey are:\n- Zoë Canary, Birdtown",
        "On 2 March 2026, Campaign <letters@campaign.example> wrote:\n\nThey are:\n\n- Zoë Canary, Birdtown\n",
        "> They are:\n> - Zoë Canary, Birdtown\n",
        "\n\nOn 2 March 2026, Campaign <letters@campaign.example> wrote:\n> - Zoë Canary, Birdtown\n",
    ],
)
def test_a_quote_alone_is_nothing_to_pass_on(text):
    """A clerk who only attaches a file sends the names of many back below it."""
    assert passed_on(text, MARKS) == ""


def test_what_stands_between_and_below_quotes_is_passed_on_without_them():
    text = f"> They are:\n> - Zoë Canary\n\n{SAYS}\n\n> - Bo Wagtail\n\nAs to the second, no."
    found = passed_on(text, MARKS)
    assert SAYS in found
    assert "As to the second, no." in found
    assert "Zoë" not in found
    assert "Bo" not in found
