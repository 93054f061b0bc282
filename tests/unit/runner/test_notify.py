"""What a mail to a supporter is about: their own letters, not those of others; one that fails stops no other."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from outreach.inbox import read_message
from outreach.letters import LetterRoom, SupporterLetterRoom
from outreach.model.action import Action, ActionTarget, Fate, Way
from outreach.model.campaign import Mode
from outreach.model.notice import OVERDUE, NoticeEnd, NoticeKind, NoticeTurn
from outreach.model.receipt import Answer, Phase
from outreach.model.supporter import ApprovedFrame, Frame
from outreach.runner.supporters.desk import SupporterDesk
from outreach.runner.supporters.notify import Notified, notify
from support.crowd import NOW, ROOT, action, campaign, dispatch, target

LETTERS = SupporterLetterRoom(ROOT)
OTHERS = [action(1), action(2, name="Canaryname", place="Canaryplace")]
COPY = LETTERS.copy(dispatch(), target(), action(), campaign(), mode=Mode.REHEARSAL)
OTHER = LETTERS.copy(
    dispatch(institution="qm-trade-1", institution_name="Ministry of Trade"),
    target(institution="qm-trade-1", name="Ministry of Trade"),
    action(),
    campaign(),
    mode=Mode.REHEARSAL,
)
DIGEST = LETTERS.digest(dispatch(), target(), OTHERS, 2, campaign(), mode=Mode.REHEARSAL)
FATES = (
    ActionTarget(action="action-1", institution="qm-mfa-1", fate=Fate.SENT, way=Way.COPY, dispatch="copy", sent_at=NOW),
    ActionTarget(
        action="action-1", institution="qm-trade-1", fate=Fate.SENT, way=Way.DIGEST, dispatch="digest", sent_at=NOW
    ),
    ActionTarget(action="action-1", institution="qm-export-1", fate=Fate.QUEUED, way=Way.COPY),
)


class Book:
    """The ledger's side of notices, in memory; the same sentences as `SupporterBook`."""

    def __init__(self, *turns: NoticeTurn) -> None:
        self.turns = list(turns)
        self.ends: list[NoticeEnd] = []

    def at_once(self) -> AbstractContextManager[None]:
        return nullcontext()

    def next_notice(self, campaign: str) -> NoticeTurn | None:
        return self.turns.pop(0) if self.turns else None

    def settle_notice(self, number: int, end: NoticeEnd, **_: Any) -> None:
        self.ends.append(end)

    def issue(self, *_: Any, **__: Any) -> None:
        """Any token will do."""

    def targets_of(self, action: str) -> Any:
        return FATES

    def frame(self, campaign: str) -> ApprovedFrame:
        targets = (target(), target(institution="qm-trade-1", name="Ministry of Trade"))
        return ApprovedFrame(frame=Frame(campaign=campaign, digest="", targets=targets), by="N. N.", at=NOW)


def sent(
    *kinds: tuple[NoticeKind, str], after: timedelta = timedelta(0), actions: Sequence[Action] = (), mail: Any = None
) -> tuple[list[str], Notified, Book]:
    """The texts that left for these notices, of one supporter or of several, and what became of each."""
    whose = [*actions, *[action()] * len(kinds)]
    book = Book(*(replace(_turn(kind, key), action=one) for (kind, key), one in zip(kinds, whose, strict=False)))
    read, raws = LetterRoom(ROOT), []
    known = {"copy": COPY, "other": OTHER, "digest": DIGEST}
    desk = SimpleNamespace(
        campaign=campaign(),
        mode=Mode.REHEARSAL,
        letters=read,
        ledger=SimpleNamespace(now=lambda: NOW + after, letter=known.get),
        answers=SimpleNamespace(mail=lambda campaign, number: mail),
    )
    it = SupporterDesk(desk=desk, book=book, letters=LETTERS, random=bytes, address=str, read=read_message)  # type: ignore[arg-type]

    def deliver(claim: Any, body: bytes, mark: Any) -> Answer:
        raws.append(body)
        return Answer(phase=Phase.DOT, code=250, text="OK")

    done = notify(it, SimpleNamespace(deliver=deliver))  # type: ignore[arg-type]
    return [" ".join(read.text(raw).split()) for raw in raws], done, book


def test_an_answer_to_several_names_none_of_them_to_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole name and the address, but for one's own; what is a word of others' as well stays. Looked for once."""
    readers = [
        action(1),
        action(2, name="Zoë  Canary", email="zoe@people.example"),
        action(3, name="Fair Trade", email="fair@people.example"),
    ]
    looked: list[str] = []
    monkeypatch.setattr(Book, "readers", lambda self, campaign, mail: looked.append(mail) or readers, raising=False)
    monkeypatch.setattr(Book, "is_commonplace", lambda self, one, before: one == "Fair Trade", raising=False)
    says = "We thank all. As NOOR SAMPLE and Zoë\nCanary (zoe@people.example) say, fair trade needs rules."
    heard = SimpleNamespace(text=says, heard=SimpleNamespace(institution="qm-mfa-1"))
    turns = ((NoticeKind.ANSWER, "7"), (NoticeKind.ANSWER, "7"))
    (first, second), _, _ = sent(*turns, actions=readers, mail=heard)
    assert "As NOOR SAMPLE and [erased] ([erased]) say, fair trade needs rules." in first.replace("> ", "")
    assert "As [erased] and Zoë Canary (zoe@people.example) say, fair trade needs rules." in second.replace("> ", "")
    assert looked == ["7"]


def _turn(kind: NoticeKind, key: str) -> NoticeTurn:
    return NoticeTurn(number=1, kind=kind, key=key, action=action(), tries=0, made_at=NOW)


def test_a_receipt_shows_no_digest_and_so_nobody_else() -> None:
    """A digest may name others: who is counted in it learns that it left, and not who else wrote."""
    (text,), _, _ = sent((NoticeKind.RECEIPT, ""))
    assert "on 25 November 2026. It went to: - Ministry of Foreign Affairs, Examplia You were counted" in text
    assert "for everybody who wrote. It went to: - Ministry of Trade, Examplia" in text
    assert "Still to be sent: - qm-export-1" in text
    assert "I teach at a school." in text
    assert "Canary" not in text


def test_a_receipt_of_several_letters_tells_them_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each under the institution that got it, with its state."""
    fates = [replace(one, dispatch=to, way=Way.COPY) for one, to in zip(FATES, ("copy", "other"), strict=False)]
    monkeypatch.setattr(Book, "targets_of", lambda self, action: fates)
    (text,), _, _ = sent((NoticeKind.RECEIPT, ""))
    first, second = (
        text.rindex(f"- {name}, Examplia > ") for name in ("Ministry of Foreign Affairs", "Ministry of Trade")
    )
    assert text.count("I teach at a school.") == 2
    assert first < text.index("I teach at a school.") < second < text.rindex("I teach at a school.")


def test_what_time_took_back_was_not_taken_back_by_its_writer() -> None:
    """The notice's key says which it was."""
    (late,), _, _ = sent((NoticeKind.WITHDRAWN, OVERDUE))
    (theirs,), _, _ = sent((NoticeKind.WITHDRAWN, ""))
    assert ("within half a year" in late, "You have taken" in late) == (True, False)
    assert ("within half a year" in theirs, "You have taken" in theirs) == (False, True)


def test_a_confirmation_says_how_long_its_link_works() -> None:
    """From now on, in days: a reminder's is shorter."""
    (first,), _, _ = sent((NoticeKind.CONFIRMATION, ""), after=timedelta(seconds=3))
    assert "Ministry of Foreign Affairs, Examplia - Ministry of Trade, Examplia" in first
    assert "The link works for 7 days." in first
    (again,), _, _ = sent((NoticeKind.REMINDER, ""), after=timedelta(days=3, seconds=3))
    assert "The link works for 4 days." in again


def test_a_mail_that_cannot_be_written_stops_no_other() -> None:
    """The answer is gone from the ledger: that notice has failed, and the next one leaves."""
    texts, done, book = sent((NoticeKind.ANSWER, "7"), (NoticeKind.DATA, ""))
    assert len(texts) == 1
    assert book.ends == [NoticeEnd.FAILED, NoticeEnd.SENT]
    assert (done.sent, done.failed) == (1, 1)
