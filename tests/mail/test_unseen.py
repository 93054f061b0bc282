"""Mails of a writer who had not seen the rules: no person is filed as a machine's, and no fewer machines are known."""

import runpy
from collections import Counter
from pathlib import Path

import pytest

from outreach.runner.triage import triage_bytes

UNSEEN = list(runpy.run_path(str(Path(__file__).with_name("unseen.py")))["unseen"]())
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
