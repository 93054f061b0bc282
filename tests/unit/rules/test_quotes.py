"""A quote must stand in its source, as a person would compare them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.rules.quotes import stands_in, tidy

MAIL = """Dear Ms Quill,

Examplia “supports” an immediate
moratorium – until rules are in place.  We will
> not comment on
> single licences.
"""


@pytest.mark.parametrize(
    "quote",
    [
        'Examplia "supports" an immediate moratorium - until rules are in place.',
        "Examplia «supports»\n an  immediate\tmoratorium",
        "until rules are in place. We will not comment on single licences",
        "Examplia … rules are in place",
        "Examplia [...] single licences.",
        "Exam\u00adplia",
        "mora\u200btorium",
    ],
)
def test_a_quote_that_stands_there(quote):
    """Line ends, shapes of quotation marks and dashes, quoted lines and gaps do not matter."""
    assert stands_in(quote, MAIL)


@pytest.mark.parametrize(
    "quote",
    [
        "Examplia opposes an immediate moratorium",
        "examplia",
        "support",
        "ground rules",
        "rules are in place … Examplia",
        "in placebo",
        "",
        "…",
        "[...]",
        " – ",
        '"',
    ],
)
def test_a_quote_that_does_not(quote):
    """Other words, another order, a part of a word, or no word at all."""
    assert not stands_in(quote, MAIL)


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("我们支持", "尊敬的女士:我们支持暂停。"),
        ("نؤيد الوقف الفوري", "السيدة كويل،\nنؤيد الوقف\nالفوري للبيع."),
        ("תומכים במורטוריום", "אנו תומכים\u200f במורטוריום."),
        ("soutient l'arrêt", "Le ministère soutient l’arre\u0302t immédiat"),
        ("สนับสนุน", "เราสนับสนุนการระงับ"),
    ],
)
def test_every_script_is_compared(quote, text):
    """Where no blanks part the words none are asked for; composed and decomposed letters are the same."""
    assert stands_in(quote, text)


@given(st.lists(st.text(alphabet="abc é—“", min_size=1), min_size=1, max_size=5), st.data())
def test_whole_words_out_of_a_text_stand_in_it(words, data):
    """Whatever run of words is copied out, with other blanks, is found again."""
    every = [word for text in words for word in text.split()]
    begin = data.draw(st.integers(0, len(every)))
    part = every[begin : data.draw(st.integers(begin, len(every)))]
    found = stands_in(" \n ".join(part), "\t".join(every))
    assert found == any(char.isalnum() for word in part for char in word)


@given(st.text())
def test_a_tidy_sentence_is_one_line_and_stays_as_it_is(text):
    """Kept once or twice makes no difference, and no control of direction is left."""
    made = tidy(text)
    assert tidy(made) == made
    assert not set(made) & set("\n\t\u202e\u2066\u200b")
