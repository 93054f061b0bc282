"""The judge: mails written by somebody who has not read the rules."""

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from outreach.runner.triage import triage_bytes

HERE = Path(__file__).parent
MAILS = sorted(HERE.rglob("*.eml"))


def expected(file: Path) -> dict[str, object]:
    return tomllib.loads(file.with_suffix(".toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", [one for one in MAILS if expected(one)["kind"] == "reply"], ids=lambda one: one.stem)
def test_no_answer_of_a_person_is_filed_as_a_machines(file: Path) -> None:
    """The one error that must not happen."""
    assert triage_bytes(file.read_bytes()).kind.value == "reply"


def test_what_is_called_a_machines_is_one() -> None:
    """In doubt it is a reply; what is called an auto-reply or an acknowledgement is one of the two, or a challenge."""
    machines = {"auto_reply", "acknowledgement", "challenge"}
    found = Counter((str(expected(one)["kind"]), triage_bytes(one.read_bytes()).kind.value) for one in MAILS)
    assert {was for (was, now) in found if now in machines} <= machines
    assert sum(count for (was, now), count in found.items() if was == "auto_reply" and now in machines) > 70
