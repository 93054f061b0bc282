"""Adoption: a ledger that was moved or copied gets a new holder, and the old one, where it can be reached, is told."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import bindparam, func, select, text

from outreach.errors import LedgerBusy, LedgerError
from outreach.ledger import leases
from outreach.ledger.deeds import record
from outreach.ledger.holder import holder, pass_on, same_place
from outreach.ledger.location import locate
from outreach.ledger.opening import make_ready
from outreach.ledger.schema import IN_FLIGHT, attempt, dispatch, meta
from outreach.ledger.store import Store, Tx
from outreach.ledger.times import length
from outreach.model.campaign import Mode
from outreach.model.ledger import Adopted, DeedKind, Former, Holder

# Only the holder is ever granted an attempt: one that this copy lacks is a letter that may have left without it.
_WHAT = select(meta.c.workspace, select(func.coalesce(func.max(attempt.c.id), 0)).scalar_subquery())
_IN_HAND = select(func.count()).select_from(dispatch).where(text(IN_FLIGHT), dispatch.c.lease_until > bindparam("now"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taker:
    """The copy that wants to be the holder."""

    here: Holder
    workspace: str
    attempts: int
    by: str
    why: str
    busy_timeout: float

    def record(self, tx: Tx, kind: DeedKind, was: Holder) -> None:
        record(tx, kind, who=self.by, detail={"why": self.why, "from": str(was), "to": str(self.here)})


def adopt(store: Store, here: Holder, *, by: str, why: str) -> Adopted:
    """Make `here` the holder. Raises LedgerError where the former one has gone on since, or is sending now.

    The former holder gives up before this one takes over: after a crash in between neither sends.
    """
    if store.file is None:
        raise LedgerError(
            "A ledger on a database server is shared by every computer that has its URL.",
            where=store.where,
            todo="There is nothing to adopt.",
        )
    with store.read() as tx:
        was = holder(tx)
        workspace, attempts = tx.one(_WHAT) or ("", 0)
    if same_place(was, here):
        return Adopted(was=was, now=here, former=Former.GONE)
    taker = _Taker(here=here, workspace=workspace, attempts=attempts, by=by, why=why, busy_timeout=store.busy_timeout)
    former, reason = _told(was, taker)
    with store.write() as tx:
        pass_on(tx, here)
        taker.record(tx, DeedKind.ADOPTED, was)
    return Adopted(was=was, now=here, former=former, reason=reason)


def _told(was: Holder, taker: _Taker) -> tuple[Former, str]:
    """Tell whoever holds it: `was`, or the one to whom that has passed it on since this copy was made."""
    seen = {taker.here}
    while was not in seen:
        seen.add(was)
        if was.host != taker.here.host:
            return Former.AWAY, ""
        try:
            store = _opened(was, taker)
        except LedgerBusy:
            raise
        except (LedgerError, OSError) as error:
            return Former.AWAY, str(error)
        if store is None:
            return Former.GONE, ""
        with closing(store), store.write() as tx:
            _refuse_if_gone_on(tx, was, taker)
            then = holder(tx)
            if same_place(then, was):
                _give_up(tx, was, taker)
                break
        was = then
    return Former.TOLD, ""


def _opened(was: Holder, taker: _Taker) -> Store | None:
    """The ledger that lies at `was`; None when there is none of this workspace but the taker's own file."""
    file = Path(was.path)
    if not file.is_file() or file.samefile(taker.here.path):
        return None
    location = locate(f"sqlite:///{file}")
    store = Store(location, clock=None, busy_timeout=taker.busy_timeout)
    try:
        make_ready(store, location, Mode.LIVE)
        with store.read() as tx:
            workspace, _ = tx.one(_WHAT) or ("", 0)
    except BaseException:
        store.close()
        raise
    if workspace == taker.workspace:
        return store
    store.close()
    return None


def _refuse_if_gone_on(tx: Tx, was: Holder, taker: _Taker) -> None:
    _, attempts = tx.one(_WHAT) or ("", 0)
    if attempts > taker.attempts:
        missing = attempts - taker.attempts
        raise LedgerError(
            f"The ledger at {was} has sent since this copy was made (turns missing here: {missing}).",
            where=taker.here.path,
            todo="Copy it here again while no command runs there, then adopt the new copy. If this one is to stand, "
            "move that file away and run `outreach ledger restored` here before you adopt it.",
        )


def _give_up(tx: Tx, was: Holder, taker: _Taker) -> None:
    """The holder's last writing. Claims whose lease ended are taken back: a runner that wakes up is then too late."""
    (in_hand,) = tx.one(_IN_HAND, now=tx.now) or (0,)
    if in_hand:
        raise LedgerError(
            f"A command has letters of the ledger at {was} in hand: {in_hand}.",
            where=taker.here.path,
            todo="Stop the command that sends there; if it was killed, adopt again in a quarter of an hour.",
        )
    leases.recover(tx, length(leases.LEASE))
    pass_on(tx, taker.here)
    taker.record(tx, DeedKind.GIVEN_UP, was)
