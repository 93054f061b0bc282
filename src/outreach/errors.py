"""Every error a user may see, in one tree.

    OutreachError                  where, what was found, what to do next
    ├── UsageError                 the command line (exit 2)
    ├── SettingsError              .env, environment, workspace
    ├── CampaignError              a campaign file; carries every fault at once
    ├── SheetError                 a contact sheet that cannot be opened at all
    ├── LetterError                a letter that cannot be rendered; carries its problems
    ├── ApprovalError              what was shown is no longer what is there
    ├── LedgerError                the database
    │   ├── IllegalTransition      a status change that the table does not allow
    │   ├── FenceLost              another runner holds this letter now: close without the dot
    │   ├── Paused                 this letter's campaign or state stands still: close without the dot
    │   ├── Answered               a person has answered since: this chaser must not go; close without the dot
    │   ├── LedgerBusy             locked by another process longer than we wait
    │   ├── LedgerAway             the database cannot be reached now
    │   ├── LedgerTooNew           written by a newer outreach
    │   ├── NotTheHolder           a copy, or moved: another computer or path holds it; `ledger adopt`
    │   ├── UnsettledBackup        a backup that was put back: `ledger restored` comes first
    │   └── NetworkDisk            SQLite for live sending on a disk that other computers share
    ├── InboxError                 the mailbox (IMAP), or a file of mails or of a server's log
    │   └── QuarantinedMail        a mail that is kept and counted, but not read
    └── TransportError             the mail server or the way to it
        ├── LoginRefused           535, 534, 530: stop the run at once
        ├── Unavailable            nothing was delivered; the letter may be tried again
        └── OutcomeUnknown         lost after the end-of-data mark: in doubt, never sent again by itself

A message says where, what was found and what to do next; it never holds a secret.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from outreach.model.problem import Problem


class OutreachError(Exception):
    """The root: `where: found` and, after it, what to do next."""

    def __init__(self, found: str, *, where: str = "", todo: str = "") -> None:
        self.found = found
        self.where = where
        self.todo = todo
        super().__init__(found)

    def __str__(self) -> str:
        head = f"{self.where}: {self.found}" if self.where else self.found
        return f"{head} {self.todo}" if self.todo else head


class UsageError(OutreachError):
    """The command line asks for something that does not exist or does not go together."""


class SettingsError(OutreachError):
    """A setting is missing, malformed or readable by others."""


class _WithProblems(OutreachError):
    def __init__(self, found: str, *, where: str = "", todo: str = "", problems: Sequence[Problem] = ()) -> None:
        super().__init__(found, where=where, todo=todo)
        self.problems = tuple(problems)


class CampaignError(_WithProblems):
    """A campaign file with faults; `problems` holds all of them."""


class SheetError(_WithProblems):
    """A sheet that cannot be opened or is refused whole (a bomb, a wrong format)."""


class LetterError(_WithProblems):
    """A letter that cannot be rendered; `problems` say at which template line and sheet row."""


class ApprovalError(OutreachError):
    """The drafts changed since they were shown, or may not be approved."""


class LedgerError(OutreachError):
    """The ledger cannot be read or written."""


class IllegalTransition(LedgerError):
    """A status change outside `model.status.TRANSITIONS`."""


class FenceLost(LedgerError):
    """The claim is no longer ours: its lease ended and another runner has it."""


class LedgerBusy(LedgerError):
    """Another process kept the ledger locked longer than we wait."""


class Paused(LedgerError):
    """Somebody stopped the campaign or the state while this letter was on its way."""


class Answered(LedgerError):
    """A person of the institution has answered while its chaser was on its way."""


class LedgerAway(LedgerError):
    """The database cannot be reached now: its server is away, or the line to it."""


class LedgerTooNew(LedgerError):
    """The ledger's schema is newer than this program."""


class NotTheHolder(LedgerError):
    """The ledger is held by another computer or path: nothing is sent from this one."""


class UnsettledBackup(LedgerError):
    """The ledger is a backup: what left after it was made is unknown to it, so nothing is sent."""


class NetworkDisk(LedgerError):
    """SQLite's locks and its log do not hold on a network file system: no live ledger there."""


class InboxError(OutreachError):
    """What arrived, or what a server wrote down, cannot be read, or the mailbox takes no copy."""


class QuarantinedMail(InboxError):
    """A mail that is kept and counted, but not read: too large."""


class TransportError(OutreachError):
    """The mail server, or the way to it. `phase` is a `model.receipt.Phase` value."""

    def __init__(
        self, found: str, *, where: str = "", todo: str = "", phase: str = "", code: int | None = None, text: str = ""
    ) -> None:
        super().__init__(found, where=where, todo=todo)
        self.phase = phase
        self.code = code  #: the server's reply code, if it gave one
        self.text = text  #: the server's words, capped and stripped of control characters


class LoginRefused(TransportError):
    """The server refused the login for good (535, 534, 530): one try, then stop."""


class Unavailable(TransportError):
    """The connection failed before the end-of-data mark: the server cannot have delivered (RFC 5321 4.1.1.4)."""


class OutcomeUnknown(TransportError):
    """The connection failed after the end-of-data mark and before the answer (RFC 1047)."""
