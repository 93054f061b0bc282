"""A mailbox over IMAP: what lies in its folders, read without leaving a trace; and one verb that files a copy.

Folders are opened with EXAMINE and read with BODY.PEEK (RFC 3501 6.3.2, 6.4.5): nothing becomes seen, moved or gone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from typing import Any, Self

from imap_tools import AND, H, MailMessageFlags
from imap_tools.errors import ImapToolsError, MailboxAppendError, MailboxFetchError, MailboxFolderSelectError
from imap_tools.utils import check_command_status

from outreach.errors import InboxError
from outreach.inbox.connect import Box, Line, Patience, close, connect
from outreach.inbox.mails import LONGEST_HEAD, LONGEST_MAIL, message_id_of, seen
from outreach.inbox.words import fit
from outreach.model.evidence import FolderLook, MailSeen
from outreach.model.server import Mailbox

MOST = 50  #: mails that one search may find and we look at: the newest
_SENT_FLAG = "\\sent"  #: RFC 6154
#: For servers that mark no folder as the one of sent mail.
_SENT_NAMES = ("sent", "sent items", "sent messages", "inbox.sent", "[gmail]/sent mail")


class ImapMailbox:
    """`runner.answer_ports.Mailbox` over IMAP: opened when it is first asked, closed at the end. For one thread."""

    def __init__(
        self,
        place: Mailbox,
        *,
        patience: Patience | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.inbox = place.folder
        self._server = place.server
        self._patience = patience or Patience()
        self._sleep = sleep
        self._open: tuple[Box, Line] | None = None
        self._examined = ""
        self.uidvalidity = 0  #: of the folder that was examined last

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Say good-bye, if there is a connection."""
        opened, self._open, self._examined = self._open, None, ""
        if opened is not None:
            box, line = opened
            with suppress(InboxError, ImapToolsError), line.patient(2.0):
                box.logout()
            close(box.client)

    def sent_folders(self) -> list[str]:
        """Where the provider keeps what was sent: as it says itself, else by the usual names."""
        with self._talking() as box:
            there = box.folder.list()
        marked = [one.name for one in there if _SENT_FLAG in {flag.lower() for flag in one.flags}]
        return marked or [one.name for one in there if one.name.lower() in _SENT_NAMES][:1]

    def copies(self, folder: str, message_ids: Collection[str]) -> FolderLook:
        """Which of these letters lie in the folder. Raises InboxError, also for a folder that is not there."""
        self.look_anew()  # what came since the last look must count
        theirs: set[str] = set()
        ours: set[str] = set()
        for message_id in message_ids:
            with self.examining(folder) as box:
                for head in _parts(box, AND(header=H("Message-ID", message_id)), f"HEADER]<0.{LONGEST_HEAD}>"):
                    found, marked = message_id_of(head)
                    if found == message_id:  # a search finds parts of words as well
                        (ours if marked else theirs).add(message_id)
        return FolderLook(folder=folder, theirs=frozenset(theirs), ours=frozenset(ours))

    def naming(self, folder: str, ids: Collection[str], *, since: date) -> list[MailSeen]:
        """Mails in the folder, from that day on, that name a letter by its dispatch id. Raises InboxError."""
        self._examined = ""
        mails: dict[bytes, MailSeen] = {}
        for one in ids:
            with self.examining(folder) as box:
                for raw in _parts(box, AND(text=one, date_gte=since), f"]<0.{LONGEST_MAIL}>"):
                    mail = seen(raw, where=folder, ids=ids)
                    if mail is not None:
                        mails[raw] = mail
        return list(mails.values())

    def append(self, folder: str, raw: bytes, at: datetime) -> None:
        """File a mail as seen, with the day and hour `at`. Raises InboxError, also for a folder that is not there."""
        with self._talking() as box:
            try:
                box.append(raw, folder, dt=at, flag_set=[MailMessageFlags.SEEN])
            except MailboxAppendError as error:
                raise self._no_folder(box, folder, error) from None

    @contextmanager
    def _talking(self) -> Iterator[Box]:
        """Ask something; whatever fails closes the connection, and the next question opens another one."""
        box, line = self._open or connect(self._server, patience=self._patience, sleep=self._sleep)
        self._open = box, line
        try:
            with line.patient(self._patience.whole):
                try:
                    yield box
                except ImapToolsError as error:
                    raise InboxError(
                        f"The mailbox says no: {fit(_answer(error))}.", where=line.where, todo="Try again later."
                    ) from None
        except BaseException:
            self._open, self._examined = None, ""
            close(box.client)
            raise

    def look_anew(self) -> None:
        """The next look into a folder sees what has come into it since."""
        self._examined = ""

    @contextmanager
    def examining(self, folder: str, *, validity: int | None = None) -> Iterator[Box]:
        """The folder, opened read-only. Raises InboxError, also where its UIDVALIDITY is another than expected."""
        with self._talking() as box:
            if self._examined != folder:
                try:
                    box.folder.set(folder, readonly=True)
                except MailboxFolderSelectError as error:
                    raise self._no_folder(box, folder, error) from None
                self._examined = folder
                said = box.client.response("UIDVALIDITY")[1][0]
                self.uidvalidity = int(said) if said else 0
            if validity not in {None, self.uidvalidity}:
                raise InboxError("The mailbox counts its mails anew.", where=folder, todo="Try again.") from OSError()
            yield box

    def _no_folder(self, box: Box, folder: str, error: ImapToolsError) -> InboxError:
        names = ", ".join(sorted(fit(one.name) for one in box.folder.list())[:30])
        return InboxError(
            f'The folder "{fit(folder)}" cannot be used: {fit(_answer(error))}.',
            where=f"{self._server.host}:{self._server.port}",
            todo=f"There are: {names}.",
        )


def _parts(box: Box, criteria: AND, part: str) -> Iterator[bytes]:
    """This part of the newest mails that a search finds."""
    for uid in box.uids(criteria, charset=None)[-MOST:]:
        answer = box.client.uid("FETCH", uid, f"(BODY.PEEK[{part})")
        check_command_status(answer, MailboxFetchError)
        yield from _literals(answer[1])


def _literals(data: Sequence[Any]) -> Iterator[bytes]:
    """The bytes in an answer to FETCH: imaplib gives them as the second of a pair."""
    return (bytes(one[1]) for one in data if isinstance(one, tuple))


def _answer(error: ImapToolsError) -> str:
    """The server's own words."""
    result = getattr(error, "command_result", None)
    said = result[1][0] if result and result[1] else b""
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else "it gives no reason"
