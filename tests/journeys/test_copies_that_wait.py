"""Supporters' letters that wait: for their day, which is no fault, or for a person who looks at another frame."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.public import Person, confirmations, lay_out, open_to_all, outbox, plain, read, served, until

Outreach = Callable[..., Any]
BY = ("--yes", "--by", "Ana")
HEAD = "email,name,targets,agreed on,agreed to,proof,words\n"
WORDS = "My pupils' parents are journalists and are afraid."


def signed(workspace: Path, outreach: Outreach, *numbers: int) -> None:
    """These have signed on paper: nobody asks them to confirm."""
    rows = [f"p{one}@home.example,Person N{one},qm-mfa-1,2026-11-20,I agree,paper {one},{WORDS}\n" for one in numbers]
    (workspace / "contacts/signed.csv").write_text(HEAD + "".join(rows))
    said = outreach("supporters", "import", "public", "contacts/signed.csv", "--without-confirmation", "paper", *BY[1:])
    assert said.code == 0, said.all


def copies(workspace: Path) -> list[str]:
    """The texts of what has come from supporters."""
    return [plain(one) for one in outbox(workspace) if " via " in str(read(one)["From"])]


@pytest.fixture
def waiting(workspace: Path, outreach: Outreach) -> Path:
    """Seven have signed, and three a day may go: four wait for tomorrow and the day after."""
    lay_out(workspace, terms="per_day = 3")
    open_to_all(outreach)
    signed(workspace, outreach, *range(7))
    said = outreach("send", "public")
    assert said.code == 0, said.all
    assert len(copies(workspace)) == 3
    assert re.search(
        r"3 accepted by the mail server, 4 not sent yet\. They wait: the day of supporters' letters has not come\. "
        r"The next may go on \d\d \w+, 00:00 UTC; send again then\.",
        said.out,
    )
    return workspace


def test_to_wait_for_their_day_is_no_fault(waiting: Path, outreach: Outreach) -> None:
    """A rehearsal does not wait until then; it says when, ends with 0, and again when it is asked again."""
    said = outreach("send", "public")
    assert (said.code, "Stopped" in said.all) == (0, False)
    assert "0 accepted by the mail server, 4 not sent yet. They wait" in said.out
    assert len(copies(waiting)) == 3


def test_nothing_goes_within_a_frame_that_has_changed_and_what_waits_is_made_anew(
    waiting: Path, outreach: Outreach
) -> None:
    """A template was mended, and more may go a day: no letter leaves before a person has looked, none as it was."""
    template = waiting / "templates/letters/supporter/en.md"
    template.write_text(template.read_text().replace("I would be grateful", "This is new. I would be grateful"))
    lay_out(waiting, terms="per_day = 50")
    said = outreach("send", "public")
    assert (said.code, len(copies(waiting))) == (0, 3)
    assert "Supporters' letters wait" in said.out
    assert "outreach supporters approve public" in said.out
    assert outreach("supporters", "approve", "public", *BY).code == 0
    said = outreach("send", "public")
    assert "Of supporters: 4 letters" in said.out
    several = copies(waiting)
    assert ["This is new." in " ".join(one.split()) for one in several] == [False] * 3 + [True] * 4
    assert len({re.findall(r"Person N\d", one)[0] for one in several}) == 7


def test_who_was_forgotten_before_the_letter_went_may_write_again(waiting: Path, outreach: Outreach) -> None:
    """Their letter goes, once; whose letter had gone does not write twice."""
    had_gone = {one for text in copies(waiting) for one in re.findall(r"Person N(\d)", text)}
    both = min({*map(str, range(7))} - had_gone), min(had_gone)
    for one in both:
        assert outreach("person", "erase", f"p{one}@home.example", "--yes").code == 0
    lay_out(waiting, terms="per_day = 50")
    assert outreach("supporters", "approve", "public", *BY).code == 0
    with served(waiting) as page:
        for one in both:
            who = Person(name=f"Person N{one} again", email=f"p{one}@home.example", targets=("qm-mfa-1",))
            assert page.write(who).status == 303
        for link in until(lambda: found if len(found := confirmations(waiting)) == 2 else None):
            assert page.follow(link).status == 200
    assert outreach("send", "public").code == 0
    assert [re.findall(r"N(\d) again", one) for one in copies(waiting) if "again" in one] == [[both[0]]]
