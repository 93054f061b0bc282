"""What the runner needs of the rooms for what comes back: mail, evidence, answers. The consumer owns the interface."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Protocol

from outreach.model.campaign import Mode
from outreach.model.collected import (
    Batch,
    Bookmark,
    Filed,
    PostTotals,
    RawMail,
    Reference,
    ReferenceKind,
    Returned,
    TrayItem,
    Written,
)
from outreach.model.contact import KnownInstitution
from outreach.model.document import Document
from outreach.model.dossier import HeardMail
from outreach.model.evidence import FolderLook, LogLook, MailSeen
from outreach.model.heard import Heard
from outreach.model.inbound import InboundKind, InboundMessage, Triage
from outreach.model.proposal import NewRuling, Proposal
from outreach.model.simulated import Simulated
from outreach.model.verdict import Judged


class Post(Protocol):
    """The ledger, seen from the mail that comes back."""

    mode: Mode

    def known_institutions(self) -> list[KnownInstitution]: ...
    def written(self) -> Sequence[Written]:
        """Every letter, in plan order: what answers are recognised by."""

    def newest_mail(self) -> int:
        """The number of the mail that was filed last, 0 = none was."""

    def bookmark(self, source: str) -> Bookmark: ...
    def keep(self, source: str, several: Sequence[RawMail]) -> frozenset[str]:
        """Keep the bytes of mails, before anything is made of them; which of them were filed before."""

    def raw_mail(self, sha256: str) -> bytes | None: ...
    def mail_hashes(self, campaign: str) -> Mapping[int, frozenset[str]]:
        """Mail -> the hash of its bytes, and of what they were before a person was taken out of them.

        Of every mail that was heard from the campaign's institutions.
        """

    def unread_mails(self, most: int) -> Sequence[RawMail]:
        """Mails that were kept and not filed: whoever kept them ended in between."""

    def file_mails(self, source: str, several: Sequence[Filed], after: Bookmark | None = None) -> frozenset[str]:
        """File mails with all that follows, and how far their source has been read; which of them were new."""

    def references(
        self, wanted: Sequence[tuple[ReferenceKind, str]]
    ) -> Mapping[tuple[ReferenceKind, str], Sequence[Reference]]: ...
    def supporter_campaigns(self) -> Sequence[str]:
        """Those in which a person has let supporters write."""

    def own_writers(self, those: Sequence[str]) -> Collection[str]:
        """Which of these keyed hashes are of people who have sent a letter from their own mailbox."""

    def expire_own_letters(self, campaign: str, keep: timedelta) -> int: ...
    def now(self) -> datetime: ...
    def expire(
        self, campaign: str, *, now: datetime, unconfirmed: timedelta, overdue: timedelta, keep: timedelta
    ) -> int:
        """Take back what did not leave, and forget supporters whose time is up; how many of their actions."""

    def in_tray(self, after: int, most: int) -> Sequence[tuple[int, str, bytes]]:
        """Mails of the tray that no person has settled, from a number on: number, hash, bytes."""

    def rematch(self, several: Sequence[Filed]) -> int: ...
    def pending(self, after: int, most: int) -> Sequence[tuple[int, str, bytes]]:
        """Reports whose letter was in a runner's hand when they came: number, hash, bytes."""

    def follow(self, number: int, report: Returned) -> bool: ...
    def post_totals(self) -> PostTotals: ...
    def tray(self, *, aside: bool = False) -> Sequence[TrayItem]: ...
    def attach(self, number: int, to: str, *, by: str, own: Collection[str] = ()) -> str:
        """A person says whose mail it is; the address that this proposes for the institution. Raises UsageError."""

    def set_aside(self, number: int, *, by: str) -> None: ...
    def judge(self, number: int, kind: InboundKind, *, by: str, why: str = "") -> int:
        """A person says what a mail is; how many reminders that stops. Raises UsageError."""

    def judged(self, number: int) -> Judged: ...
    def proposals(self, campaign: str = "") -> Sequence[Proposal]:
        """Every proposal for the institutions of a campaign, or of all, settled or not, the oldest first."""

    def settle_proposals(self, rulings: Sequence[NewRuling], *, verified: bool, today: date) -> None:
        """A person's word on each, all or none; `verified`: they checked the addresses, too. Raises UsageError."""


class Answers(Protocol):
    """What came back, of a campaign: as far as it has been collected."""

    def heard(self, campaign: str) -> Sequence[Heard]:
        """All that was heard from the campaign's institutions, the oldest first."""

    def mail(self, campaign: str, identifier: int) -> HeardMail | None:
        """One of them with its words."""

    def mails(self, campaign: str, state: str) -> Sequence[HeardMail]:
        """Those of one state's institutions with their words, the oldest first."""

    def hashes(self, campaign: str) -> Mapping[int, frozenset[str]]:
        """Mail id -> every hash that its raw bytes have or had, of every mail that is kept."""


class Mailbox(Protocol):
    """A mailbox, opened when it is first asked. Every question may raise InboxError; none leaves a trace."""

    inbox: str  #: the folder where answers arrive

    def sent_folders(self) -> Sequence[str]:
        """Where the provider keeps what was sent, as far as that can be told."""

    def copies(self, folder: str, message_ids: Collection[str]) -> FolderLook: ...
    def naming(self, folder: str, ids: Collection[str], *, since: date) -> Sequence[MailSeen]:
        """Mails in the folder, from that day on, that name a letter by its dispatch id."""

    def append(self, folder: str, raw: bytes, at: datetime) -> None:
        """File a mail, as seen, with the day and hour `at`."""

    def close(self) -> None: ...


class Papers(Protocol):
    """Files that a person hands in as evidence. Raises InboxError for one that cannot be read."""

    def logs(self, paths: Sequence[Path], message_ids: Collection[str]) -> LogLook: ...
    def mails(self, paths: Iterable[Path], ids: Collection[str]) -> Sequence[MailSeen]: ...
    def document(self, path: Path) -> Document:
        """A file as the source of a position."""


class Source(Protocol):
    """Where mail lies: a mailbox's folder, a Maildir, an mbox, files. Read, and left as it was."""

    name: str  #: the same for the same mails: how far it was read is remembered by it
    gone: int  #: mails that somebody took away while we read

    def read(self, since: Bookmark) -> Iterator[Batch]:
        """The mails behind the bookmark, a batch at a time. Raises InboxError, also after some batches."""


class Postman(Protocol):
    """Takes the authorities' answers to the mailbox of a rehearsal."""

    def deliver(self, mails: Iterable[Simulated]) -> None:
        """Hand over each. Raises TransportError for the first that is not taken."""


class Interpreter(Protocol):
    """What a mail's bytes say and mean. May raise anything: hostile mail is quarantined."""

    def read(self, raw: bytes) -> InboundMessage: ...
    def triage(self, message: InboundMessage) -> Triage: ...
