"""Own words: helped, not policed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.rules.own_words import similarity, why_held

SUGGESTION = """I am writing to you about surveillance technology that is used against journalists and defenders.
I ask your Government to support a moratorium until human rights rules are in place, and to tell me its position."""


def test_the_suggestion_itself_is_wholly_similar_whatever_its_case_and_line_ends():
    assert similarity(SUGGESTION.upper().replace("\n", "\r\n\r\n"), SUGGESTION) == 1.0


def test_words_of_ones_own_are_not_similar():
    own = "My brother is a reporter. Since last spring his telephone has been listened to, and nobody answers for it."
    assert similarity(own, SUGGESTION) == 0.0


def test_an_added_sentence_lowers_it_by_its_share():
    mixed = SUGGESTION + " My brother is a reporter, one of those whose telephone was listened to for months."
    assert 0.5 < similarity(mixed, SUGGESTION) < 0.8


@pytest.mark.parametrize("text", ["", "   ", "…", "!!!"])
def test_nothing_is_similar_to_nothing(text):
    assert similarity(text, SUGGESTION) == 0.0


@given(st.text(max_size=200), st.text(max_size=200))
def test_it_is_always_a_share(one, other):
    assert 0.0 <= similarity(one, other) <= 1.0


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("Please read https://bad.example now.", "holds a link"),
        ("Please read bad-site.com now.", "holds a link"),
        ("Please <b>read</b> this.", "holds markup"),
        ("Write to my cousin at cousin@people.example.", "holds an e-mail address"),
        ("Call +49 (30) 123 456 78 at night.", "holds a long number"),
        ("Stop!!!!!!!!!!!!", "repeats one character"),
        ("YOU MUST STOP THIS AT ONCE AND WITHOUT ANY FURTHER DELAY, DO YOU HEAR", "is written in capitals"),
        ("You are an Idiót and you know it.", 'holds "idiot"'),
    ],
)
def test_a_person_looks_at_what_the_rules_hold(words, why):
    assert why_held(name="Ana", place="Exampletown", words=words, blocked=["idiot"]) == why


@pytest.mark.parametrize(
    "words",
    [
        SUGGESTION,
        "In 2021, 146 organisations asked for a moratorium. I ask for it too.",
        "The idiotic thing is that nobody answers.",
        "НАТО and UN are names in capitals; the rest of this letter is written as usual.",
        "أطلب من حكومتكم دعم الوقف الاختياري إلى أن توضع قواعد لحقوق الإنسان.",
    ],
)
def test_ordinary_letters_go_without_a_look(words):
    assert why_held(name="Ana", place="Exampletown", words=words, blocked=["idiot"]) == ""


def test_a_blocked_word_is_found_in_a_name():
    assert why_held(name="Idiot", place="X", words="A letter.", blocked=["idiot"]) == 'holds "idiot"'
