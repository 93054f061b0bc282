"""Copies: after a live letter was accepted, a copy for colleagues in a folder of the mailbox. Never evidence of itself.

Sending never waits for it and never fails by it: what could not be filed is said, and tried again the next time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from email.utils import format_datetime

from outreach.errors import InboxError
from outreach.model.campaign import Mode
from outreach.model.evidence import COPY_MARK
from outreach.model.filing import Unfiled
from outreach.runner.answer_ports import Mailbox
from outreach.runner.desk import Desk

BATCH = 50
MARK = f"{COPY_MARK}: filed by outreach; no evidence of sending\r\n".encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """What became of the copies."""

    appended: int = 0  #: by us
    there: int = 0  #: that lay in the folder already
    trouble: str = ""  #: why not all of them

    def __bool__(self) -> bool:
        return bool(self.appended or self.there or self.trouble)


def file_copies(
    desk: Desk, mailbox: Mailbox, *, limit: int | None = None, enough: Callable[[], bool] = lambda: False
) -> Filed:
    """File a copy of each accepted live letter that has none, at most `limit` and until it is `enough`.

    A crash between filing and writing it down leaves no second copy: the folder is looked into first.
    """
    folder = desk.campaign.copies_folder
    appended = there = 0
    if not folder or desk.mode is not Mode.LIVE:
        return Filed()
    try:
        while not enough():
            room = BATCH if limit is None else min(BATCH, limit - appended - there)
            letters = desk.ledger.unfiled(desk.campaign.slug, room) if room > 0 else []
            if not letters:
                break
            look = mailbox.copies(folder, [one.message_id for one in letters])
            lying = look.theirs | look.ours
            for one in letters:
                if enough():
                    break
                if one.message_id in lying:
                    there += 1
                else:
                    mailbox.append(folder, copy_of(desk, one), one.sent_at or desk.ledger.now())
                    appended += 1
                desk.ledger.filed(one.dispatch, folder)
    except InboxError as error:
        return Filed(appended=appended, there=there, trouble=str(error))
    return Filed(appended=appended, there=there)


def copy_of(desk: Desk, one: Unfiled) -> bytes:
    """The bytes as they went, the Date line in front, and before it the mark that says whose copy it is."""
    date = one.date_header or f"Date: {format_datetime((one.sent_at or desk.ledger.now()).replace(microsecond=0))}"
    return MARK + f"{date}\r\n".encode() + one.raw
