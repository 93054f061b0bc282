"""People are never filed as machines; machines are known in every language, as many of them as was seen."""

import runpy
from collections import Counter
from pathlib import Path

import pytest

from outreach.runner.triage import triage_bytes

mails = runpy.run_path(str(Path(__file__).with_name("second.py")))
SECOND = list(mails["second"]())
PEOPLE = list(mails["people"]())


@pytest.mark.parametrize("language", sorted({one.language for one in PEOPLE}))
def test_no_short_answer_is_filed_as_a_machines(language: str) -> None:
    """A receipt and a refusal in one sentence, under every head that may be on it: it stays an answer."""
    wrong = {one.name: kind for one in PEOPLE if one.language == language and (kind := _kind(one.raw)) != "reply"}
    assert not wrong


def test_no_answer_of_the_second_set_is_filed_as_a_machines() -> None:
    """The one error that must not happen."""
    wrong = {one.name: kind for one in SECOND if one.kind == "reply" and (kind := _kind(one.raw)) != "reply"}
    assert not wrong


@pytest.mark.parametrize(("kind", "floor"), [("auto_reply", 82), ("acknowledgement", 85)])
def test_machines_of_the_second_set_are_known(kind: str, floor: int) -> None:
    """Of 96 each; `bench/run.sh words` prints how many, language by language."""
    found = Counter(_kind(one.raw) for one in SECOND if one.kind == kind)
    assert found.total() == 96
    assert found[kind] >= floor


def test_a_subject_alone_makes_no_machine() -> None:
    """A subject that says "Acknowledgement" makes no machine's mail of an answer."""
    for one in PEOPLE:
        if one.name.endswith("-plain"):
            raw = one.raw.replace(b"Subject: RE: Open letter", b"Subject: Re: Acknowledgement of receipt")
            assert _kind(raw) == "reply", one.name


def _kind(raw: bytes) -> str:
    return triage_bytes(raw).kind.value
