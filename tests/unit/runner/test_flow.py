"""What flows is written many at a time: a letter that cannot be written holds up none of those before it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from outreach.errors import LetterError
from outreach.inbox import read_message
from outreach.letters import SupporterLetterRoom
from outreach.model.action import Action
from outreach.model.campaign import Mode
from outreach.model.supporter import ApprovedFrame
from outreach.runner.supporters.desk import SupporterDesk
from outreach.runner.supporters.flow import flow
from outreach.runner.supporters.frame import framed
from support.crowd import NOW, ROOT, action, campaign, target


class Letters(SupporterLetterRoom):
    """Cannot write the letter of "Nobody"."""

    def copy(self, dispatch: Any, target: Any, action: Action, campaign: Any, *, mode: Mode) -> Any:
        if action.name == "Nobody":
            raise LetterError("It cannot be written.")
        return super().copy(dispatch, target, action, campaign, mode=mode)


class Book:
    """The ledger's side of flowing, in memory."""

    def __init__(self, *actions: Action) -> None:
        self.waiting = {one.id: one for one in actions}
        self.blocks = 0
        self.queued: list[str] = []
        self.approved: ApprovedFrame | None = None

    def at_once(self) -> AbstractContextManager[None]:
        self.blocks += 1
        return nullcontext()

    def frame(self, campaign: str) -> ApprovedFrame | None:
        return self.approved

    def to_flow(self, campaign: str, most: int) -> Sequence[tuple[Action, Sequence[str]]]:
        return [(one, one.targets) for one in self.waiting.values()][:most]

    def queue_of(self, campaign: str, institution: str) -> int:
        return 0

    def flow(self, action: str, *, copies: Any, **_: Any) -> None:
        del self.waiting[action]
        self.queued += [dispatch.institution for dispatch, _, _ in copies]

    def for_digest(self, campaign: str, institution: str) -> Sequence[Action]:
        return []


def flowing(*names: str) -> tuple[SupporterDesk, Book]:
    book = Book(*(action(number, name=name, targets=("qm-mfa-1",)) for number, name in enumerate(names)))
    desk = SimpleNamespace(
        campaign=campaign(), mode=Mode.REHEARSAL, secret=b"s" * 32, ledger=SimpleNamespace(now=lambda: NOW)
    )
    it = SupporterDesk(desk=desk, book=book, letters=Letters(ROOT), random=bytes, address=str, read=read_message)
    book.approved = ApprovedFrame(frame=framed(it, (target(),)), by="N. N.", at=NOW)
    return it, book


def test_many_actions_are_written_at_once() -> None:
    """One block for two hundred letters would hold up whoever writes: a hundred at a time."""
    it, book = flowing(*(f"Person {number}" for number in range(150)))
    done = flow(it)
    assert (done.actions, done.copies, len(book.queued), book.blocks) == (150, 150, 150, 2)


def test_a_letter_that_cannot_be_written_holds_up_none_before_it() -> None:
    """They are written although the round ends; it, and who came after it, wait."""
    it, book = flowing("Ada", "Ben", "Nobody", "Cleo")
    with pytest.raises(LetterError):
        flow(it)
    assert book.queued == ["qm-mfa-1"] * 2
    assert [one.name for one in book.waiting.values()] == ["Nobody", "Cleo"]
