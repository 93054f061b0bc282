"""What is simulated says so, in its head or with its first word; what a person writes does not become so by chance."""

import pytest

from outreach.inbox import read_message
from outreach.rules.simulation import opens_simulated, simulated

HEAD = b"From: a@b.example\r\nSubject: x\r\n"


@pytest.mark.parametrize(
    ("raw", "is_it"),
    [
        (HEAD + b"X-Outreach-Simulated: yes\r\n\r\nWe agree.\r\n", True),
        (HEAD + b"x-outreach-simulated: no\r\n\r\nWe agree.\r\n", True),
        (HEAD + b"\r\nSIMULATED by outreach demo:\r\n\r\nWe agree.\r\n", True),
        (HEAD + b"\r\n\r\n  SIMULATED\r\n", True),
        (HEAD + b"Content-Type: text/html\r\n\r\n<p><b>SIMULATED</b> We agree.</p>\r\n", True),
        (HEAD + b"\r\nWe agree. This was not SIMULATED.\r\n", False),
        (HEAD + b"\r\nSimulated exercises are held each spring.\r\n", False),
        (HEAD + b"\r\nSIMULATEDLY\r\n", False),
        (HEAD + b"\r\n> SIMULATED by outreach demo:\r\n\r\nWhat is this?\r\n", False),
    ],
    ids=["head", "head-whatever-it-says", "word", "blank", "page", "later", "a-sentence", "longer", "quoted"],
)
def test_a_mail_is_simulated_by_its_head_or_its_first_word(raw, is_it):
    """The head counts whatever stands in it: nobody else writes it."""
    assert simulated(read_message(raw)) is is_it


def test_a_text_without_a_head_is_known_by_its_first_word():
    """As a saved file has it, with the mark that some editors put in front."""
    assert opens_simulated("\ufeffSIMULATED\nWe agree.")
    assert not opens_simulated("")
