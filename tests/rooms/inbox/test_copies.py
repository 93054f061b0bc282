"""Copies for colleagues, from a real ledger into a real mailbox: a few at a time, byte for byte, never twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from outreach.inbox import ImapMailbox
from outreach.model.campaign import Mode
from outreach.runner.copies import MARK, Filed, file_copies
from outreach.runner.desk import Desk
from servers.dovecot import Dovecot
from support.moved_clock import Book, Postbox, names


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = Book(f"sqlite:///{tmp_path}/live.db")
    yield made
    made.close()


@pytest.fixture
def box(book: Book) -> Postbox:
    """Five letters have been accepted, a second apart."""
    box = Postbox(book.clock, takes=1.0)
    book.queue(*names(5))
    assert book.run(box).accepted == 5
    return box


def desk(book: Book, folder: str = "Sent", mode: Mode = Mode.LIVE) -> Desk:
    return replace(book.desk, campaign=replace(book.desk.campaign, copies_folder=folder), mode=mode)


def test_copies_are_filed_a_few_at_a_time_until_it_is_enough(
    book: Book, box: Postbox, dovecot: Dovecot, mailbox: ImapMailbox
) -> None:
    """So that a run may do it while it waits: at most `limit`, none when it is enough, and none is left out."""
    assert file_copies(desk(book), mailbox, limit=2) == Filed(appended=2)
    assert file_copies(desk(book), mailbox, enough=lambda: True) == Filed()
    assert not file_copies(desk(book), mailbox, enough=lambda: True)
    assert file_copies(desk(book), mailbox) == Filed(appended=3)
    assert file_copies(desk(book), mailbox) == Filed()
    found = sorted(raw.replace(b"\r\n", b"\n") for raw in dovecot.mails("Sent"))
    assert found == sorted((MARK + body).replace(b"\r\n", b"\n") for body in box.bodies.values())


def test_what_the_provider_keeps_gets_no_second_copy(
    book: Book, box: Postbox, dovecot: Dovecot, mailbox: ImapMailbox
) -> None:
    """Looked for by Message-ID; both kinds are remembered, and not looked for again."""
    dovecot.put(box.bodies["qm-000"], "Sent")
    assert file_copies(desk(book), mailbox) == Filed(appended=4, there=1)
    dovecot.empty()
    assert file_copies(desk(book), mailbox) == Filed()


def test_trouble_is_told_and_the_rest_comes_the_next_time(
    book: Book, box: Postbox, dovecot: Dovecot, mailbox: ImapMailbox
) -> None:
    """No such folder: nothing is filed and nothing raised."""
    failed = file_copies(desk(book, "Elsewhere"), mailbox)
    assert (failed.appended, failed.there) == (0, 0)
    assert "Elsewhere" in failed.trouble
    assert file_copies(desk(book), mailbox).appended == 5


@pytest.mark.parametrize(("folder", "mode"), [("", Mode.LIVE), ("Sent", Mode.REHEARSAL), ("Sent", Mode.TO_ME)])
def test_who_wants_none_gets_none(
    book: Book, box: Postbox, dovecot: Dovecot, mailbox: ImapMailbox, folder: str, mode: Mode
) -> None:
    """Without a folder, and of anything that is not live, there are no copies."""
    assert file_copies(desk(book, folder, mode), mailbox) == Filed()
    assert dovecot.mails("Sent") == []
