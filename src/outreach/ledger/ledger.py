"""The ledger of one mode: `runner.ports.Ledger`, each verb one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Self

from outreach.errors import LedgerError
from outreach.ledger import addresses as boxes
from outreach.ledger import approvals, filing, hearing, institutions, leases, positions, reading, restoring
from outreach.ledger import claims as turns
from outreach.ledger import doubts as waiting
from outreach.ledger import outcomes as ends
from outreach.ledger.choosing import Asked, granted_since
from outreach.ledger.correspondence import Correspondence
from outreach.ledger.frozen import frozen_letter
from outreach.ledger.location import locate, prepare
from outreach.ledger.mounts import refuse_network_disk
from outreach.ledger.opening import make_ready
from outreach.ledger.plans import SqlPlanBook
from outreach.ledger.rescue import Rescue
from outreach.ledger.still import StillLedger
from outreach.ledger.store import Store
from outreach.ledger.supporting import Supporting
from outreach.ledger.times import length, micros, moment
from outreach.ledger.whole import WholeLedger
from outreach.model.calendar import WorkCalendar
from outreach.model.campaign import Mode, Pace
from outreach.model.contact import AddressFacts, Contact, KnownInstitution
from outreach.model.correspondence import NotChased
from outreach.model.dispatch import Skipped, Standing
from outreach.model.event import Event
from outreach.model.evidence import Doubt, Evidence
from outreach.model.filing import Unfiled
from outreach.model.heard import Heard
from outreach.model.letter import Letter
from outreach.model.position import NewPosition, Stated
from outreach.model.receipt import Claim, Outcome, Turn
from outreach.model.status import HeldReason, Status
from outreach.rules.pacing import Granted


def open_ledger(
    url: str,
    *,
    mode: Mode,
    clock: Callable[[], datetime] | None = None,
    busy_timeout: float = 30.0,
    lease: timedelta = leases.LEASE,
    rescue: Path | None = None,
    stands_for: Path | None = None,
) -> SqlLedger:
    """Open a ledger, made or migrated first where it must be.

    `clock` takes the place of the database's own. `rescue` is the file for answers that a full or lost database does
    not take; beside a SQLite file when it is not named. `stands_for` is the file that this empty one takes the place of
    while somebody only looks: what is said of the ledger's place is said of that one. Raises LedgerError,
    LedgerBusy or LedgerTooNew; a ledger of another mode is refused, and a live one on a network file system.
    """
    location = locate(url)
    if location.file is not None:
        if mode is Mode.LIVE:
            refuse_network_disk(stands_for or location.file)
        prepare(location.file)
    store = Store(location, clock=clock, busy_timeout=busy_timeout)
    try:
        secret = make_ready(store, location, mode)
    except BaseException:
        store.close()
        raise
    if rescue is None and location.file is not None:
        rescue = location.file.with_name(f"{location.file.name}.rescue")
    made = SqlLedger(store, mode=mode, secret=secret, lease=lease, rescue=Rescue(rescue))
    made.file = stands_for or location.file
    return made


class SqlLedger(Correspondence, WholeLedger, StillLedger, Supporting):
    """One mode's database. Threads may share it: writes queue up on SQLite, and run side by side on PostgreSQL."""

    def __init__(self, store: Store, *, mode: Mode, secret: str, lease: timedelta, rescue: Rescue) -> None:
        self.mode = mode
        self._rescue = rescue
        self._store = store
        self._secret = secret
        self._lease = length(lease)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def now(self) -> datetime:
        """The database's clock, aware UTC."""
        if not self._store.server:
            return moment(self._store.here())
        with self._store.read() as tx:
            return moment(tx.now)

    def secret(self) -> str:
        """A random secret kept in this ledger."""
        return self._secret

    def close(self) -> None:
        """Give the database back."""
        self._rescue.tidy()
        self._store.close()

    # institutions and addresses

    def known_institutions(self) -> list[KnownInstitution]:
        """Every institution that earlier plans saw."""
        with self._store.read() as tx:
            return institutions.known_institutions(tx)

    def remember_institutions(self, sheet: str, contacts: Sequence[Contact], *, waiting: Collection[str] = ()) -> None:
        """What a sheet holds now; `waiting` are the vanished and the new that a person has not settled yet."""
        with self._store.write() as tx:
            institutions.remember_institutions(tx, sheet, contacts, waiting)

    def same_institution(self, old: str, new: str) -> None:
        """A person says that `new` is `old` renamed."""
        with self._store.write() as tx:
            institutions.same_institution(tx, old, new)

    def forget_institution(self, old: str) -> None:
        """A person says that `old` is gone for good."""
        with self._store.write() as tx:
            institutions.forget_institution(tx, old)

    def address_facts(self) -> Mapping[str, AddressFacts]:
        """What was learnt about addresses, by normalised address."""
        with self._store.read() as tx:
            return boxes.address_facts(tx)

    def verify_addresses(self, addresses: Iterable[str], *, by: str, on: date) -> int:
        """A person found these addresses right on that day."""
        with self._store.write() as tx:
            return boxes.verify_addresses(tx, addresses, by=by, on=on)

    def suppress_address(self, address_norm: str, *, reason: str, by: str) -> int:
        """The address must not be written to; how many waiting letters that stops."""
        with self._store.write() as tx:
            return boxes.suppress_address(tx, address_norm, reason=reason, by=by)

    # plan and approval

    @contextmanager
    def planning(self, campaign: str, step: int, *, redraft: bool = False) -> Iterator[SqlPlanBook]:
        """Write a plan in one transaction: all of it or, when the block raises, nothing."""
        with self._store.write() as tx:
            tx.alone(f"plan {campaign} {step}")
            book = SqlPlanBook(tx, campaign, step, redraft=redraft)
            yield book
            if not book.finished:
                raise LedgerError("The plan was not finished: nothing was written.", where=self._store.where)

    def drafts_digest(self, campaign: str, step: int) -> str:
        """What an approval of the drafts as they are now must name."""
        with self._store.read() as tx:
            return approvals.drafts_digest(tx, campaign, step)

    def approve(self, campaign: str, step: int, *, digest: str, by: str) -> tuple[int, int]:
        """Queue every draft, cancel vanished approved ones: (queued, cancelled). ApprovalError on another digest."""
        with self._store.write() as tx:
            tx.alone(f"plan {campaign} {step}")
            return approvals.approve(tx, campaign, step, digest=digest, by=by)

    def return_to_draft(self, dispatches: Iterable[str], *, why: str) -> int:
        """Take letters that have not left back to draft; how many there were."""
        with self._store.write() as tx:
            return approvals.return_to_draft(tx, dispatches, why=why)

    def hold(self, dispatches: Iterable[str], reason: HeldReason, *, why: str = "", by: str = "") -> int:
        """Let drafts and approved letters wait for a person; how many there were."""
        with self._store.write() as tx:
            return approvals.hold(tx, dispatches, reason, why=why, by=by)

    def stop_chasing(self, campaign: str, institutions: Collection[str], *, why: str, by: str = "") -> int:
        """Cancel every chaser of these institutions that has not left; how many there were."""
        with self._store.write() as tx:
            return hearing.stop_chasing(tx, campaign, institutions, why=why, by=by)

    # reading

    def heard(self, campaign: str) -> list[Heard]:
        """All that was heard from the institutions of a campaign, the oldest first."""
        with self._store.read() as tx:
            return hearing.heard(tx, campaign)

    def unread(self) -> list[Heard]:
        """What waits for a person, and may be an answer of these institutions."""
        with self._store.read() as tx:
            return hearing.unread(tx)

    def standings(self, campaign: str, step: int | None = None) -> Iterator[Standing]:
        """Every letter of the campaign's own in plan order, as one moment saw them."""
        return reading.standings(self._store, campaign, step)

    def skipped(self, campaign: str, step: int) -> list[Skipped]:
        """Who gets no letter in the current plan, and why."""
        with self._store.read() as tx:
            return reading.skipped_institutions(tx, campaign, step)

    def letter(self, dispatch: str) -> Letter | None:
        """A frozen letter, byte for byte."""
        with self._store.read() as tx:
            return frozen_letter(tx, dispatch)

    def events(self, campaign: str, dispatch: str | None = None) -> Iterator[Event]:
        """The log of a campaign's own letters or of one dispatch, in the order in which it was written."""
        return reading.events(self._store, campaign, dispatch)

    # letters in doubt or held

    def doubts(self, campaign: str) -> list[Doubt]:
        """Every letter that is in doubt or held, in plan order."""
        with self._store.read() as tx:
            return waiting.doubts(tx, campaign)

    def record_evidence(self, doubt: Doubt, evidence: Collection[Evidence]) -> int:
        """Write down what was found, once; how much of it was new."""
        with self._store.write() as tx:
            return waiting.record(tx, doubt, evidence)

    def settle_by_evidence(self, doubt: Doubt, now: Status, evidence: Collection[Evidence]) -> bool:
        """Out of doubt by proof; False when somebody was quicker."""
        with self._store.write() as tx:
            return waiting.settle_by_evidence(tx, doubt, now, evidence)

    def settle_by_person(self, dispatches: Iterable[str], now: Status, *, by: str, why: str) -> dict[str, Status]:
        """Out of doubt or of being held by a person's word, all or none; where each is then. Others are left out."""
        with self._store.write() as tx:
            settled = {one: waiting.settle_by_person(tx, one, now, by=by, why=why) for one in dispatches}
            return {one: where for one, where in settled.items() if where is not None}

    # copies for colleagues

    def unfiled(self, campaign: str, limit: int) -> list[Unfiled]:
        """Accepted letters of which no copy is known to lie in a folder, the oldest first."""
        with self._store.read() as tx:
            return filing.unfiled(tx, campaign, limit)

    def filed(self, dispatch: str, folder: str) -> None:
        """A copy of this letter lies in that folder."""
        with self._store.write() as tx:
            filing.filed(tx, dispatch, folder)

    # what states say

    def record_position(self, new: NewPosition, content: bytes | None = None) -> int:
        """Append a record, with its source's file; its number. What stood in its cell before stays in the history.

        Whoever answered otherwise than by mail is reminded no more: the chasers that have not left are cancelled.
        """
        with self._store.write() as tx:
            number = positions.record(tx, new, content)
            if new.institution:
                why = NotChased.ANSWERED.value
                hearing.stop_chasing(tx, new.campaign, [new.institution], why=why, by=new.by)
            return number

    def positions(self, campaign: str) -> list[Stated]:
        """Every record of a campaign, the oldest first."""
        with self._store.read() as tx:
            return positions.stated(tx, campaign)

    def source_file(self, source: int) -> tuple[str, bytes] | None:
        """A source's file and its name, its hash looked at again; None = there is none."""
        with self._store.read() as tx:
            return positions.content(tx, source)

    def erase_source_file(self, source: int) -> bool:
        """Take a source's file away for good; its hash stays. False = there was none."""
        with self._store.write() as tx:
            return positions.erase(tx, source)

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
    ) -> Turn:
        """Recover ended leases, send stale letters back to draft, and claim what the pace lets go now.

        Without `supporters` their copies and digests wait. Raises NotTheHolder or UnsettledBackup: a copy grants
        nothing, even to a run that began before it was one.
        """
        asked = Asked(
            campaign=campaign,
            runner=runner,
            account=account,
            pace=pace,
            calendars=calendars,
            limit=limit,
            only=only,
            oldest=oldest,
            crowd=supporters,
        )
        with self._store.write() as tx:
            self._require_holder(tx)
            leases.recover(tx, self._lease)
            return turns.claim(tx, asked, lease=self._lease)

    def granted(self, since: datetime) -> list[Granted]:
        """What was let go since then and not given back, over all accounts."""
        with self._store.read() as tx:
            return granted_since(tx, micros(since))

    def mark(self, claim: Claim, *, settle: Sequence[Outcome] = (), date: str = "") -> None:
        """Make `committed` durable, and earlier outcomes with it. FenceLost, LedgerBusy, LedgerError: no dot then."""
        with self._store.write() as tx:
            ends.mark(tx, claim, settle, lease=self._lease, date=date)

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Write down how claims ended; a second time, or too late, it changes nothing."""
        if outcomes:
            with self._store.write() as tx:
                ends.settle(tx, outcomes)

    def release(self, claims: Sequence[Claim]) -> None:
        """Give claims back before MAIL: they do not count against the pace."""
        if claims:
            with self._store.write() as tx:
                ends.release(tx, claims)

    def recover(self) -> tuple[int, int]:
        """Leases that ended: (claimed back to queued, committed to in doubt). Rescued outcomes are written first."""
        with self._store.write() as tx:
            era = restoring.era(tx)
            for one in self._rescue.read():
                ends.settle_kept(tx, one.outcome, aged=not restoring.in_this_era(one.era, era))
            found = leases.recover(tx, self._lease)
        self._rescue.make_ready(era)
        return found

    def rescue(self, outcomes: Sequence[Outcome]) -> str:
        """Keep outcomes that the database does not take, for the next `recover`; where they are, or "" = nowhere."""
        return self._rescue.keep(outcomes)

    def streak(self, campaign: str, most: int) -> list[bool]:
        """How the newest finished letters ended, the newest first: True = refused by policy. Since the last `go`."""
        with self._store.read() as tx:
            return reading.streak(tx, campaign, most)
