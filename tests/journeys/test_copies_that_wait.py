"""Supporters' letters that wait: for their day, which is no fault, or for a person who looks at another frame."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from outreach.model.action import Fate
from outreach.model.campaign import Mode
from outreach.office import Office
from outreach.runner.supporters.desk import SupporterDesk
from outreach.runner.supporters.flow import Flowed
from outreach.runner.supporters.turn import turn
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


def changed(waiting: Path, outreach: Outreach, terms: str) -> str:
    """The terms change; nothing goes before a person has approved them. What the next run says then."""
    lay_out(waiting, terms=terms)
    before = len(outbox(waiting))
    said = outreach("send", "public")
    assert (said.code, len(outbox(waiting))) == (0, before)
    assert "Supporters' letters wait" in said.out
    assert "outreach supporters approve public" in said.out
    assert outreach("supporters", "approve", "public", *BY).code == 0
    said = outreach("send", "public")
    assert said.code == 0, said.all
    return str(said.out)


@pytest.mark.parametrize("mended", [True, False], ids=["a template, too", "terms alone"])
def test_nothing_goes_within_a_frame_that_has_changed_and_what_waits_is_made_anew(
    waiting: Path, outreach: Outreach, mended: bool
) -> None:
    """No letter leaves before a person has looked, and then each as the new frame has it."""
    template = waiting / "templates/letters/supporter/en.md"
    if mended:
        template.write_text(template.read_text().replace("I would be grateful", "This is new. I would be grateful"))
    assert "Of supporters: 4 letters" in changed(waiting, outreach, "per_day = 50")
    several = copies(waiting)
    assert len({re.findall(r"Person N\d", one)[0] for one in several}) == len(several) == 7
    assert sorted("This is new." in " ".join(one.split()) for one in several) == [False] * 3 + [mended] * 4


def test_whoever_may_not_be_named_any_more_is_not(waiting: Path, outreach: Outreach) -> None:
    """The letters that wait become a count, and no draft of them is left with a name."""
    before = set(outbox(waiting))
    assert "0 letters and 1 digest" in changed(waiting, outreach, 'per_day = 4\nexposure = "counts"')
    (digest,) = [plain(one) for one in outbox(waiting) if one not in before]
    assert "4 people have asked us" in " ".join(digest.split())
    assert "Person N" not in digest
    with place(waiting).desk("public", Mode.REHEARSAL) as desk:
        kept = [desk.ledger.letter(one.dispatch.id) for one in place(waiting).supporters(desk).book.copies("public")]
    assert sum(b"Person N" in one.raw for one in kept if one) == 3


def test_a_turn_of_the_page_outlives_an_approval_in_its_midst(workspace: Path, outreach: Outreach) -> None:
    """Somebody approves another frame while letters flow: the page goes on, and the next turn begins with it."""
    lay_out(workspace)
    open_to_all(outreach)
    signed(workspace, outreach, 1)
    with place(workspace).desk("public", Mode.REHEARSAL) as desk:
        it = place(workspace).supporters(desk)
        assert turn(replace(it, book=Overtaken(it)), None).flowed == Flowed(closed=True)  # type: ignore[arg-type]
        assert [one.fate for one in it.book.targets_of(next(it.book.actions("public")).id)] == [Fate.WAITING]


def place(workspace: Path) -> Office:
    return Office(root=workspace, environ={}, today=datetime.now().astimezone().date())


class Overtaken:
    """A supporters' book at which somebody approves another frame just before the first letter is decided."""

    def __init__(self, it: SupporterDesk) -> None:
        self.it = it

    def __getattr__(self, name: str) -> Any:
        return getattr(self.it.book, name)

    def flow(self, *args: Any, **given: Any) -> None:
        approved = self.it.book.frame("public")
        assert approved is not None
        self.it.book.approve_frame(replace(approved.frame, digest="another"), by="Bo")
        self.it.book.flow(*args, **given)


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
