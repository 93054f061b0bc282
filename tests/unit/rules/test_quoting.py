"""What a digest quotes: nobody is found in it."""

import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.model.action import Action, ActionStatus, Consent, Origin
from outreach.rules.quoting import LONGEST, Unquoted, identifies, quotes, why_unquoted

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
OWN = "My neighbour was followed for a year, and the people who did it knew every call that she had made."


def action(words: str = OWN, *, number: int = 0, quote: bool = True, similarity: float = 0.0, **who: str) -> Action:
    person = {"name": "Ana Exemplar", "place": "Exampletown", "email": "ana.exemplar@people.example", **who}
    return Action(
        id=f"a{number}",
        campaign="moratorium",
        supporter=f"s{number}",
        language="en",
        words=words,
        sha256=f"{number:064x}",
        similarity=similarity,
        targets=("qm-mfa-1",),
        consent=Consent(text_sha256="0" * 64, at=NOW, purpose="p", quote=quote),
        origin=Origin.PAGE,
        status=ActionStatus.CONFIRMED,
        held="",
        made_at=NOW,
        confirmed_at=NOW,
        **person,
    )


def test_own_words_of_somebody_who_agreed_are_quoted_on_one_line():
    assert quotes([action(OWN.replace(", ", ",\n\n"))]) == (OWN,)


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (action(), None),
        (action(quote=False), Unquoted.UNASKED),
        (action("I am Ana."), Unquoted.NAMED),
        (action("I am Ana.", quote=False), Unquoted.UNASKED),
        (action(similarity=0.8), Unquoted.OURS),
    ],
)
def test_it_is_told_why_words_are_never_quoted(one, why):
    assert why_unquoted(one) is why
    assert (quotes([one]) == ()) is (why is not None)


@pytest.mark.parametrize(
    "one", [action(quote=False), action(similarity=0.8), action("  ")], ids=["no", "copied", "empty"]
)
def test_words_are_left_out_without_consent_or_without_anything_own(one):
    assert quotes([one]) == ()


@pytest.mark.parametrize(
    "words",
    [
        "I am Ana, and I was followed.",
        "I am ANA and I was followed.",
        "They came to exampletown at night.",
        "They came to Exámpletown at night.",
        "Write to ana.exemplar at the usual place.",
        "Write to other@people.example.",
        "Look at www.ana.example.",
        "Call 030 1234567.",
        "My passport is 123456789.",
        "The Exemplars of this town were followed.",
    ],
)
def test_words_that_say_whose_they_are_are_left_out(words):
    assert quotes([action(words)]) == ()


@pytest.mark.parametrize(
    ("words", "who"),
    [
        ("Γράφω για τον φίλο του Γιώργου.", {"name": "Γιώργος Άλφα"}),
        ("Μένω στην πόλη των Αθηνών.", {"place": "Αθήνα"}),
        ("Мы живём в Москве.", {"place": "Москва"}),
        ("Так сказали Анне вчера.", {"name": "Анна Б"}),
        ("أكتب لكم بسارتي", {"name": "سارة ل"}),
        ("Piszę w imieniu Anny.", {"name": "Anna Q"}),
    ],
)
def test_an_inflected_name_says_whose_the_words_are_too(words, who):
    assert identifies(action(words, **who))


def test_an_ascii_stem_is_looked_for_where_a_word_begins():
    """Else nobody whose name is Mary could be quoted with a remark."""
    assert not identifies(action("I remark it often.", name="Mary Q", place="Nowhereville"))


def test_a_long_text_is_cut_at_the_end_of_a_sentence():
    long = (OWN + " ") * 10
    (quote,) = quotes([action(long)])
    assert len(quote) <= LONGEST
    assert quote.endswith("had made.")


def test_a_text_without_sentences_is_cut_at_a_word():
    (quote,) = quotes([action("word " * 200)])
    assert quote.endswith("word …")
    assert len(quote) <= LONGEST + 2


def test_nobody_is_quoted_twice_with_the_same_words_and_at_most_ten_are():
    several = [action(f"{OWN} Number {chr(97 + n % 26)}{n} of many things.", number=n) for n in range(40)]
    assert len(quotes(several)) == 1
    different = [action(" ".join(f"w{n}x{m}" for m in range(9)), number=n) for n in range(40)]
    assert len(quotes(different)) == 10
    assert quotes(different) == quotes(list(reversed(different)))


_NAMES = st.text(st.characters(categories=("Lu", "Ll", "Lo")), min_size=3, max_size=12)


@given(
    _NAMES,
    st.integers(0, 90),
    st.sampled_from([str.upper, str.lower, str.title, lambda t: unicodedata.normalize("NFD", t)]),
)
def test_a_name_is_found_wherever_and_however_it_stands(name, at, spelled):
    """The canary: for every name, at every place of the words, in every case, composed or not."""
    words = OWN[:at] + spelled(name) + OWN[at:]
    one = action(words, name=name, place="Nowhereville", email="x1y2z3@people.example")
    assert identifies(one)
    assert quotes([one]) == ()
