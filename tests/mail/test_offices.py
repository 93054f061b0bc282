"""What offices write of themselves is known in every language; with a clause of a person's own it is an answer."""

import email
import runpy
import tomllib
from collections import Counter
from email.policy import default
from pathlib import Path

import pytest

from outreach.runner.triage import triage_bytes

HERE = Path(__file__).parent
second = runpy.run_path(str(HERE / "second.py"))
OFFICES = list(runpy.run_path(str(HERE / "unseen.py"))["offices"]())
PEOPLE = list(second["people"](HERE / "offices" / "people.toml"))
OWN = tomllib.loads((HERE / "offices" / "own.toml").read_text("utf-8"))
#: Of fourteen each: auto-replies and acknowledgements. Of all, 63 and 59 were known before the phrases were widened.
KNOWN = {
    "ar": (13, 14),
    "bg": (14, 14),
    "de": (13, 14),
    "el": (13, 13),
    "en": (10, 11),
    "es": (14, 14),
    "fr": (12, 14),
    "he": (14, 14),
    "it": (14, 14),
    "pt": (12, 13),
    "ru": (13, 14),
    "tr": (13, 12),
}


@pytest.mark.parametrize("language", sorted(KNOWN))
def test_what_offices_write_is_known(language: str) -> None:
    """As many as were seen; `bench/run.sh words` prints them."""
    mails = [one for one in OFFICES if one.language == language]
    found = Counter(one.kind for one in mails if triage_bytes(one.raw).kind.value == one.kind)
    assert Counter(one.kind for one in mails) == {"auto_reply": 14, "acknowledgement": 14}
    auto_replies, acknowledgements = KNOWN[language]
    assert found["auto_reply"] >= auto_replies
    assert found["acknowledgement"] >= acknowledgements


@pytest.mark.parametrize("language", sorted(OWN))
def test_a_sentence_of_ones_own_behind_it_makes_it_an_answer(language: str) -> None:
    """Every mail of the offices with each of twenty sentences, the heads in turn."""
    heads = second["ON_ANSWERS"]
    assert len(OWN[language]) == 20
    wrong = {}
    for number, mail in enumerate(one for one in OFFICES if one.language == language):
        text = email.message_from_bytes(mail.raw, policy=default).get_content().strip()
        for at, own in enumerate(OWN[language]):
            raw = second["written"]("RE: Open letter", f"{text} {own}", heads[(number + at) % len(heads)])
            if (kind := triage_bytes(raw).kind.value) != "reply":
                wrong[f"{text} {own}"] = kind
    assert not wrong


@pytest.mark.parametrize("language", sorted({one.language for one in PEOPLE}))
def test_offices_words_in_a_persons_mouth_are_no_machines(language: str) -> None:
    """ "The border is closed", "the plant will reopen": under every head that may be on it."""
    texts = [one for one in PEOPLE if one.language == language]
    assert len(texts) >= 18 * len(second["ON_ANSWERS"])
    assert not {one.name: kind for one in texts if (kind := triage_bytes(one.raw).kind.value) != "reply"}
