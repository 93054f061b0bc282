"""Mails of writers who had not seen the rules: no person is filed as a machine's, and no fewer machines are known."""

import runpy
from collections import Counter
from pathlib import Path
from typing import Any

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


@pytest.mark.parametrize(("mails", "people"), [(UNSEEN, 132), (AGAIN, 144)], ids=["first", "again"])
def test_nobody_is_filed_as_a_machine(mails: list[Any], people: int) -> None:
    """The one error that must not happen. The first set's first run had two ("thank you, noted", in Russian and in
    Arabic); of the second, whose people open with a receipt or a holiday, none."""
    several = [one for one in mails if one.kind == "reply"]
    assert len(several) == people
    assert not {one.name: kind for one in several if (kind := triage_bytes(one.raw).kind.value) != "reply"}


@pytest.mark.parametrize(
    ("mails", "language", "each", "known"),
    [
        *((UNSEEN, language, 6, known) for language, known in sorted(FIRST_RUN.items())),
        *((AGAIN, language, 8, known) for language, known in sorted(AGAIN_RUN.items())),
    ],
    ids=[*(f"first-{one}" for one in sorted(FIRST_RUN)), *(f"again-{one}" for one in sorted(AGAIN_RUN))],
)
def test_as_many_machines_are_known_as_without_a_look_at_them(
    mails: list[Any], language: str, each: int, known: tuple[int, int]
) -> None:
    """`bench/run.sh words` prints how many."""
    machines = [one for one in mails if one.language == language and one.kind != "reply"]
    found = Counter(one.kind for one in machines if triage_bytes(one.raw).kind.value == one.kind)
    assert Counter(one.kind for one in machines) == {"auto_reply": each, "acknowledgement": each}
    assert (found["auto_reply"] >= known[0], found["acknowledgement"] >= known[1]) == (True, True)
