"""Lines as wide as a mail's, and back."""

from hypothesis import given
from hypothesis import strategies as st

from outreach.rules.wrapping import unwrapped, wrap


def test_a_letter_flows_as_wide_as_the_page():
    """What was wrapped is one paragraph again; addresses, lists and signatures keep their lines."""
    wrapped = (
        "Ministry\nState\n\n"
        "On this day, a number of civil society organisations wrote a long open\nletter to all, and it said so.\n\n"
        "- one\n- two, which is so long that it does not fit into one line of a mail,\n  and goes on\n\nAda\nTown"
    )
    assert unwrapped(wrapped) == (
        "Ministry\nState\n\n"
        "On this day, a number of civil society organisations wrote a long open letter to all, and it said so.\n\n"
        "- one\n- two, which is so long that it does not fit into one line of a mail, and goes on\n\nAda\nTown"
    )


@given(st.lists(st.text("abc", min_size=1, max_size=30), min_size=1, max_size=60))
def test_every_paragraph_flows_as_it_was_written(words):
    """Also one with a line that is exactly as wide as a mail's."""
    paragraph = " ".join(words)
    assert unwrapped(wrap(paragraph, "", "").replace("\r\n", "\n")) == paragraph
