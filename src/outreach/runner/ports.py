"""What the runner needs of each room; what comes back and supporters have files of their own (answer_ports,
supporter_ports). The consumer owns the interface; `office` hands in who fits.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Protocol

from outreach.model.calendar import WorkCalendar
from outreach.model.campaign import Campaign, Mode, Pace
from outreach.model.contact import AddressFacts, Contact, SheetRows
from outreach.model.dispatch import Dispatch, Planned, PlanTotals, Skipped, Standing
from outreach.model.event import Event
from outreach.model.evidence import Doubt, Evidence
from outreach.model.filing import Unfiled
from outreach.model.heard import Heard
from outreach.model.ledger import Adopted, LedgerFacts, Restored
from outreach.model.letter import Letter
from outreach.model.pause import Pause, Rest
from outreach.model.position import NewPosition, Stated
from outreach.model.problem import Problem
from outreach.model.receipt import Answer, Claim, Outcome, Turn
from outreach.model.status import HeldReason, Status
from outreach.rules.pacing import Granted
from outreach.runner.answer_ports import Post

#: PlanTotals, SheetRows and Turn are values that rooms make: they live in model, where the rooms may see them.
__all__ = [
    "Channel",
    "Ledger",
    "Letters",
    "PlanBook",
    "PlanTotals",
    "SheetRows",
    "Sheets",
    "Turn",
]


class Sheets(Protocol):
    """The sheets room."""

    def read(self, path: str, *, columns: Mapping[str, str], encoding: str = "") -> SheetRows:
        """Read one sheet of the workspace. Raises SheetError when it is refused or cannot be opened."""


class Letters(Protocol):
    """The letters room."""

    def problems(self, campaign: Campaign, *, step: int = 0) -> list[Problem]:
        """Every finding in the templates of this step's letters that shows without a contact."""

    def languages(self, campaign: Campaign, *, step: int = 0) -> Mapping[str, frozenset[str]]:
        """Demand slug -> languages in which both the demand and what stands around it at this step exist."""

    def facts_as_of(self, campaign: Campaign) -> date | None:
        """The day of the oldest facts in the campaign's letters, when one says it."""

    def compose(self, planned: Planned, campaign: Campaign, *, mode: Mode) -> Letter:
        """Render and freeze one letter, dated `planned.dispatch.dated`. Raises LetterError."""

    def text(self, raw: bytes) -> str:
        """The plain-text part of a frozen letter."""

    def html(self, raw: bytes) -> str:
        """The HTML part of a frozen letter, or ""."""


class PlanBook(Protocol):
    """One plan being written, in one transaction."""

    def standing(self, dispatch: str) -> Standing | None:
        """What the ledger has for this dispatch id."""

    def draft(self, letters: Iterable[tuple[Dispatch, Letter]]) -> None: ...
    def keep(self, dispatches: Iterable[str]) -> None:
        """Planned again, but its letter is gone or approved: nothing to render."""

    def skip(self, skipped: Iterable[Skipped]) -> None: ...
    def finish(self) -> PlanTotals: ...


class WholeLedger(Protocol):
    """A ledger seen from outside its letters: what it is, who holds it, its backups."""

    def about(self) -> LedgerFacts: ...
    def require_holder(self) -> None:
        """Raise NotTheHolder or UnsettledBackup where nothing may be sent or settled; other modes are not held."""

    def place_problems(self) -> list[Problem]:
        """What about the place where a live ledger lies keeps it from sending, or should worry a person."""

    def adopt(self, *, by: str, why: str) -> Adopted:
        """Make this computer and path the one holder. Raises LedgerError where the former one has gone on since."""

    def restored(self, *, by: str, why: str) -> Restored:
        """A backup was put back: what may have left after it is in doubt, and every campaign is paused."""

    def back_up(self, to: Path) -> int:
        """Write a copy that is one moment's view to a new file, while others send; how many bytes it has."""


class Ledger(Post, WholeLedger, Protocol):
    """One mode's database. All times are aware UTC by the ledger's own clock."""

    def now(self) -> datetime: ...
    def secret(self) -> str:
        """A random secret kept in this ledger: for rehearsals in a workspace without OUTREACH_SECRET."""

    # institutions and addresses
    def remember_institutions(self, sheet: str, contacts: Sequence[Contact], *, waiting: Collection[str] = ()) -> None:
        """What a sheet holds now; those `waiting` for a person, the vanished and the new, are remembered as such."""

    def same_institution(self, old: str, new: str) -> None:
        """A person says that `new` is `old` renamed: its name and address are remembered as `old`'s."""

    def forget_institution(self, old: str) -> None:
        """A person says that `old` is gone for good."""

    def address_facts(self) -> Mapping[str, AddressFacts]: ...
    def verify_addresses(self, addresses: Iterable[str], *, by: str, on: date) -> int: ...

    # plan and approval
    def planning(self, campaign: str, step: int, *, redraft: bool = False) -> AbstractContextManager[PlanBook]: ...
    def drafts_digest(self, campaign: str, step: int) -> str: ...
    def approve(self, campaign: str, step: int, *, digest: str, by: str) -> tuple[int, int]:
        """Queue every draft, cancel vanished approved ones: (queued, cancelled). ApprovalError on another digest."""

    def hold(self, dispatches: Iterable[str], reason: HeldReason, *, why: str = "", by: str = "") -> int:
        """Let drafts and approved letters wait for a person; the others stay, and are not counted."""

    def return_to_draft(self, dispatches: Iterable[str], *, why: str) -> int: ...

    def stop_chasing(self, campaign: str, institutions: Collection[str], *, why: str, by: str = "") -> int:
        """Cancel every chaser of these institutions that has not left; how many there were."""

    # reading
    def heard(self, campaign: str) -> Sequence[Heard]:
        """All that was heard from the institutions of a campaign, the oldest first."""

    def own_letters(self, campaign: str) -> Mapping[str, int]:
        """Institution -> how many people have written to it from their own mailboxes, each once."""

    def unread(self) -> Sequence[Heard]:
        """What waits for a person, and may be an answer of these institutions."""

    def standings(self, campaign: str, step: int | None = None) -> Iterator[Standing]: ...
    def skipped(self, campaign: str, step: int) -> list[Skipped]: ...
    def letter(self, dispatch: str) -> Letter | None: ...
    def events(self, campaign: str, dispatch: str | None = None) -> Iterator[Event]: ...

    # letters in doubt or held; copies for colleagues
    def doubts(self, campaign: str) -> list[Doubt]: ...
    def record_evidence(self, doubt: Doubt, evidence: Collection[Evidence]) -> int:
        """Write down what was found, once; how much of it was new."""

    def settle_by_evidence(self, doubt: Doubt, now: Status, evidence: Collection[Evidence]) -> bool:
        """Out of doubt by proof; False when somebody was quicker."""

    def settle_by_person(self, dispatches: Iterable[str], now: Status, *, by: str, why: str) -> Mapping[str, Status]:
        """Out of doubt or of being held by a person's word; where each is then. Others are left out."""

    def unfiled(self, campaign: str, limit: int) -> list[Unfiled]:
        """Accepted letters of which no copy is known to lie in a folder, the oldest first."""

    def filed(self, dispatch: str, folder: str) -> None: ...

    # what states say
    def record_position(self, new: NewPosition, content: bytes | None = None) -> int:
        """Append a record, with its source's file; its number. What stood in its cell before stays in the history."""

    def positions(self, campaign: str) -> Sequence[Stated]:
        """Every record of a campaign, the oldest first."""

    def source_file(self, source: int) -> tuple[str, bytes] | None:
        """A source's file and its name, its hash looked at again; None = there is none."""

    # sending
    def claim(
        self,
        campaign: str,
        *,
        runner: str,
        account: str,
        pace: Pace,
        calendars: Mapping[str, WorkCalendar],
        limit: int,
        only: Collection[str] = (),
        oldest: date | None = None,
        supporters: bool = True,
    ) -> Turn: ...
    def granted(self, since: datetime) -> Sequence[Granted]:
        """What was let go since then and not given back, over all accounts: what a forecast begins with."""

    def mark(self, claim: Claim, *, settle: Sequence[Outcome] = (), date: str = "") -> None:
        """Make `committed` durable, and earlier outcomes with it. FenceLost, LedgerBusy, LedgerError: no dot then."""

    def settle(self, outcomes: Sequence[Outcome]) -> None: ...
    def release(self, claims: Sequence[Claim]) -> None:
        """Give claims back before MAIL: they do not count against the pace."""

    def recover(self) -> tuple[int, int]:
        """Leases that ended: (claimed back to queued, committed to in_doubt). Rescued outcomes are written first."""

    def rescue(self, outcomes: Sequence[Outcome]) -> str:
        """Keep outcomes that the database does not take, for the next `recover`; where, or "" = nowhere."""

    def streak(self, campaign: str, most: int) -> Sequence[bool]:
        """How the newest finished letters ended, the newest first: True = refused by policy. Since the last `go`."""

    # standing still
    def pauses(self, campaign: str) -> Sequence[Pause]:
        """What stands still in a campaign; the pause of the whole campaign (state "") first."""

    def pause(self, campaign: str, state: str = "", *, by: str, why: str) -> bool:
        """Let no further letter of the campaign, or of one state, go; False = it stood still already."""

    def go(self, campaign: str, states: Collection[str] | None = None, *, by: str) -> Sequence[Pause]:
        """Lift the pauses of these states, or all of the campaign (None); what was lifted."""

    def rest(self, account: str, span: timedelta, *, why: str) -> Rest:
        """Leave an account alone for so long, by every runner."""

    def rested(self, account: str) -> None:
        """The account's troubles are over."""

    def wake(self, *, by: str) -> Sequence[Rest]:
        """A person lets every account try again at once; those that rested."""

    def close(self) -> None: ...


class Channel(Protocol):
    """One connection to a mail server: opened once, many letters."""

    account: str  #: user@host, without the password: what the pace of the account is counted by
    meanwhile: Callable[[], None]  #: done in `deliver`, each time when the server has been asked and is at work

    def open(self) -> None:
        """Connect, TLS, login. Raises LoginRefused or Unavailable."""

    def refresh(self) -> None:
        """See to it that the open connection still lives, and renew it if not. Raises as `open` does."""

    def deliver(self, claim: Claim, body: bytes, commit: Callable[[], None]) -> Answer:
        """Send in phases; `commit` is called with the body written and before the end-of-data mark goes.

        Whatever `commit` raises closes the connection without the mark.
        Raises Unavailable before the mark, OutcomeUnknown after it.
        """

    def foresee(self, claim: Claim, body: bytes) -> None:
        """Look at the letter that comes next, so that its `deliver` need not. Raises nothing."""

    def abort(self) -> None:
        """Break the connection, from any thread: whoever is in `deliver` loses it at once."""

    def close(self) -> None: ...
