"""Mails of writers who had not seen the rules: no person is filed as a machine's, and no fewer machines are known."""

import runpy
from collections import Counter
from pathlib import Path

import pytest

from outreach.runner.triage import triage_bytes

_SETS = runpy.run_path(str(Path(__file__).with_name("unseen.py")))
UNSEEN, AGAIN = list(_SETS["unseen"]()), list(_SETS["unseen_again"]())
#: Of six each, known in the first run, before the rules had been touched: auto-replies and acknowledgements.
FIRST_RUN = {
    "ar": (4, 5),
    "bg": (6, 4),
    "de": (3, 3),
    "el": (4, 4),
    "en": (6, 2),
    "es": (4, 3),
    "fr": (4, 4),
    "he": (4, 4),
    "it": (5, 3),
    "pt": (5, 3),
    "ru": (3, 3),
    "tr": (4, 5),
}


#: Of eight each, hard ones, as they were known without a look at them.
AGAIN_RUN = {
    "ar": (6, 4),
    "bg": (4, 3),
    "de": (3, 1),
    "el": (5, 4),
    "en": (4, 2),
    "es": (2, 3),
    "fr": (3, 2),
    "he": (5, 3),
    "it": (5, 1),
    "pt": (1, 0),
    "ru": (3, 3),
    "tr": (3, 2),
}


def test_nobody_of_132_is_filed_as_a_machine() -> None:
    """The one error that must not happen; the first run had two ("thank you, noted", in Russian and in Arabic)."""
    people = [one for one in UNSEEN if one.kind == "reply"]
    assert len(people) == 132
    assert not {one.name: kind for one in people if (kind := triage_bytes(one.raw).kind.value) != "reply"}


@pytest.mark.parametrize("language", sorted(FIRST_RUN))
def test_as_many_machines_are_known_as_in_the_first_run(language: str) -> None:
    """`bench/run.sh words` prints how many."""
    machines = [one for one in UNSEEN if one.language == language and one.kind != "reply"]
    found = Counter(one.kind for one in machines if triage_bytes(one.raw).kind.value == one.kind)
    assert Counter(one.kind for one in machines) == {"auto_reply": 6, "acknowledgement": 6}
    auto_replies, acknowledgements = FIRST_RUN[language]
    assert found["auto_reply"] >= auto_replies
    assert found["acknowledgement"] >= acknowledgements


def test_nobody_of_144_who_open_with_a_receipt_or_a_holiday_is_filed_as_a_machine() -> None:
    """Nor was anybody in the first run."""
    people = [one for one in AGAIN if one.kind == "reply"]
    assert len(people) == 144
    assert not {one.name: kind for one in people if (kind := triage_bytes(one.raw).kind.value) != "reply"}


@pytest.mark.parametrize("language", sorted(AGAIN_RUN))
def test_as_many_hard_machines_are_known_as_were_without_a_look_at_them(language: str) -> None:
    """`bench/run.sh words` prints how many."""
    machines = [one for one in AGAIN if one.language == language and one.kind != "reply"]
    found = Counter(one.kind for one in machines if triage_bytes(one.raw).kind.value == one.kind)
    assert Counter(one.kind for one in machines) == {"auto_reply": 8, "acknowledgement": 8}
    auto_replies, acknowledgements = AGAIN_RUN[language]
    assert found["auto_reply"] >= auto_replies
    assert found["acknowledgement"] >= acknowledgements
