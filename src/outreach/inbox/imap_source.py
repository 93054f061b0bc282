"""An IMAP folder, read in batches from the last UID on: EXAMINE and BODY.PEEK, so that nobody sees that we looked.

A connection that is lost is made anew, and reading goes on behind the last batch that was kept. Another UIDVALIDITY
means that the server counts anew (RFC 3501 2.3.1.1): everything is read once more, and what is known is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from imap_tools.errors import MailboxFetchError, MailboxUidsError
from imap_tools.utils import check_command_status

from outreach.errors import InboxError
from outreach.inbox.connect import Box
from outreach.inbox.mailbox import ImapMailbox
from outreach.inbox.raw import LARGEST_HEAD, head, mail, too_large
from outreach.model.collected import LARGEST_MAIL, Batch, Bookmark, RawMail

MANY = 100  #: mails asked for at once
LARGE = 2_000_000  #: bytes asked for at once; a larger mail is fetched alone, in pieces of this size
SIZES = 500  #: mails whose size is asked for at once
TRIES = 3  #: in a row without anything new; then it is told

_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")


class ImapSource:
    """`runner.answer_ports.Source`: one folder of a mailbox."""

    def __init__(self, mailbox: ImapMailbox, *, account: str) -> None:
        self._mailbox = mailbox
        self._folder = mailbox.inbox
        self.name = f"imap {account}/{self._folder}"
        self.gone = 0  #: mails that somebody took away while we read
        self._fetching = False

    def read(self, since: Bookmark) -> Iterator[Batch]:
        """The mails behind the bookmark. Raises InboxError when the mailbox cannot be read to its end."""
        since = Bookmark(uidvalidity=since.uidvalidity, uid=since.uid)
        failed, many = 0, MANY
        while True:
            try:
                for batch in self._batches(since, many=many, give_up=failed >= TRIES - 1):
                    failed, many = 0, MANY
                    since = batch.after
                    yield batch
            except InboxError as error:
                failed += 1
                if failed >= TRIES or not (self._fetching or error.__cause__):
                    raise  # a login or a folder that is refused is refused again
                many = 1  # if it is one mail's fault, the others come through
            else:
                return

    def _batches(self, since: Bookmark, *, many: int, give_up: bool) -> Iterator[Batch]:
        self._fetching = False
        self._mailbox.look_anew()
        with self._mailbox.examining(self._folder) as box:
            validity = self._mailbox.uidvalidity
            after = since.uid if since.uidvalidity == validity else 0
            uids = _uids(box, after)
        self._fetching = True
        for at in range(0, len(uids), SIZES):
            those = uids[at : at + SIZES]
            with self._examining(validity) as box:
                sizes = _sizes(box, those)
                self._count_gone(box, [uid for uid in those if uid not in sizes])
            groups = list(_groups(those, sizes, many))
            for number, group in enumerate(groups):
                with self._examining(validity) as box:
                    mails = self._fetched(box, group, sizes, give_up=give_up and not number and not at)
                done = group[-1]
                left = sum(uid > done for uid in those) + len(uids) - at - len(those)
                yield Batch(mails=tuple(mails), after=Bookmark(uidvalidity=validity, uid=done), left=left)

    def _examining(self, validity: int) -> Any:
        return self._mailbox.examining(self._folder, validity=validity)

    def _fetched(self, box: Box, uids: Sequence[int], sizes: dict[int, int], *, give_up: bool) -> list[RawMail]:
        there = [uid for uid in uids if uid in sizes]
        if len(there) == 1:
            (uid,) = there
            size = sizes[uid]
            if size > LARGEST_MAIL or give_up:
                lacks = too_large(size) if size > LARGEST_MAIL else "the server does not hand it over"
                return [self._head(box, uid, size, lacks)]
            if size > LARGE:
                return self._in_pieces(box, uid, size)
        found = _bodies(box, there)
        self._count_gone(box, [uid for uid in there if uid not in found])
        return [mail(found[uid], where=self._where(uid)) for uid in there if uid in found]

    def _count_gone(self, box: Box, missing: Sequence[int]) -> None:
        """Mails that did not come are gone, unless the server still has them: then it is asked again."""
        if missing:
            box.client.noop()  # the server may tell of deletions now (RFC 3501 7.4.1)
            if set(missing) & set(_uids(box, missing[0] - 1)):
                raise InboxError("The mailbox does not hand over all mails.", where=self._folder, todo="Try again.")
            self.gone += len(missing)

    def _head(self, box: Box, uid: int, size: int, lacks: str) -> RawMail:
        raw = _bodies(box, [uid], f"HEADER]<0.{LARGEST_HEAD}>").get(uid, b"")
        return head(raw, size=size, where=self._where(uid), lacks=lacks)

    def _in_pieces(self, box: Box, uid: int, size: int) -> list[RawMail]:
        """A large mail; the server's word on its size may be wrong, and its bytes count."""
        raw = bytearray()
        while len(raw) <= LARGEST_MAIL:
            found = _bodies(box, [uid], f"]<{len(raw)}.{LARGE}>")
            if uid not in found:
                self._count_gone(box, [uid])
                return []
            raw += found[uid]
            if len(found[uid]) < LARGE:
                return [mail(bytes(raw), where=self._where(uid))]
        return [head(bytes(raw[:LARGEST_HEAD]), size=size, where=self._where(uid), lacks=too_large(len(raw)))]

    def _where(self, uid: int) -> str:
        return f"{self._folder}, UID {uid}"


def _uids(box: Box, after: int) -> list[int]:
    """Those behind a UID. `n:*` names the last mail even where it is older (RFC 3501 6.4.8)."""
    answer = box.client.uid("SEARCH", f"UID {after + 1}:*")
    check_command_status(answer, MailboxUidsError)
    words = b" ".join(one for one in answer[1] if isinstance(one, bytes)).split()
    return sorted({uid for uid in map(int, words) if uid > after})


def _sizes(box: Box, uids: Sequence[int]) -> dict[int, int]:
    found = {}
    for one in _fetch(box, uids, "(UID RFC822.SIZE)"):
        line = b" ".join(one) if isinstance(one, tuple) else one or b""
        uid, size = _UID.search(line), _SIZE.search(line)
        if uid and size:
            found[int(uid[1])] = int(size[1])
    return {uid: found[uid] for uid in uids if uid in found}


def _bodies(box: Box, uids: Sequence[int], part: str = "]") -> dict[int, bytes]:
    """Literals by UID, which may stand before the literal or behind it."""
    found: dict[int, bytes] = {}
    literal: bytes | None = None
    for one in _fetch(box, uids, f"(UID BODY.PEEK[{part})") if uids else ():
        line = one[0] if isinstance(one, tuple) else one or b""
        if literal is not None and (uid := _UID.search(line)) and not isinstance(one, tuple):
            found[int(uid[1])] = literal
        literal = None
        if isinstance(one, tuple):
            uid = _UID.search(line)
            if uid:
                found[int(uid[1])] = bytes(one[1])
            else:
                literal = bytes(one[1])
    wanted = set(uids)  # a server may tell of others by itself
    return {uid: raw for uid, raw in found.items() if uid in wanted}


def _fetch(box: Box, uids: Sequence[int], what: str) -> Sequence[Any]:
    answer = box.client.uid("FETCH", ",".join(map(str, uids)), what)
    check_command_status(answer, MailboxFetchError)
    return [one for one in answer[1] if one]


def _groups(uids: Sequence[int], sizes: dict[int, int], many: int) -> Iterator[list[int]]:
    """Mails that are asked for at once; those that are gone ride along, so that the bookmark passes them."""
    group: list[int] = []
    total = 0
    for uid in uids:
        size = sizes.get(uid, 0)
        if group and (len(group) >= many or total + size > LARGE):
            yield group
            group, total = [], 0
        group.append(uid)
        total += size
    if group:
        yield group
