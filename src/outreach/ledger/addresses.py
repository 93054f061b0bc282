"""What was learnt about addresses: it belongs to the address, across campaigns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy import bindparam, select

from outreach.ledger.changes import Move, move
from outreach.ledger.schema import address, dispatch
from outreach.ledger.store import Tx
from outreach.ledger.times import moment
from outreach.ledger.upserts import upsert
from outreach.model.contact import AddressFacts
from outreach.model.event import EventKind
from outreach.model.status import Status

_ALL = select(
    address.c.address_norm,
    address.c.verified_on,
    address.c.verified_by,
    address.c.bounced_on,
    address.c.bounced_text,
    address.c.suppressed_on,
    address.c.suppressed_reason,
)


_VERIFIED = ("verified_on", "verified_by")
_BOUNCED = ("bounced_on", "bounced_text")
_SUPPRESSED = ("suppressed_on", "suppressed_reason", "suppressed_by")
_WAITING = (
    select(dispatch.c.n, dispatch.c.status)
    .where(
        (dispatch.c.address_norm == bindparam("address_norm"))
        | ((dispatch.c.address_norm > bindparam("shared")) & (dispatch.c.address_norm < bindparam("beyond"))),
        dispatch.c.status.in_([Status.DRAFT.value, Status.QUEUED.value, Status.HELD.value]),
    )
    .with_for_update()
)


def address_facts(tx: Tx) -> dict[str, AddressFacts]:
    """Everything known, by normalised address."""
    return {
        row[0]: AddressFacts(
            address_norm=row[0],
            verified_on=_day(row[1]),
            verified_by=row[2],
            bounced_on=_day(row[3]),
            bounced_text=row[4],
            suppressed_on=_day(row[5]),
            suppressed_reason=row[6],
        )
        for row in tx.each(_ALL)
    }


def verify_addresses(tx: Tx, addresses: Iterable[str], *, by: str, on: date) -> int:
    """A person found these addresses right on that day; what they said last counts."""
    rows = [{"address_norm": one, "verified_on": on.isoformat(), "verified_by": by} for one in dict.fromkeys(addresses)]
    _learn(tx, _VERIFIED, rows)
    return len(rows)


def learn_bounced(tx: Tx, address_norm: str, text: str) -> None:
    """A server said that the address itself is bad. A shared box's key carries its institution behind a space."""
    today = moment(tx.now).date().isoformat()
    known = {"address_norm": address_norm.partition(" ")[0], "bounced_on": today, "bounced_text": text}
    _learn(tx, _BOUNCED, [known])


def suppress_address(tx: Tx, address_norm: str, *, reason: str, by: str) -> int:
    """The address must not be written to: every letter to it that waits is stopped, and they are counted."""
    today = moment(tx.now).date().isoformat()
    known = {"suppressed_on": today, "suppressed_reason": reason, "suppressed_by": by}
    _learn(tx, _SUPPRESSED, [{"address_norm": address_norm, **known}])
    # A shared box's key is the address, a space and the institution; "!" is the character after the space.
    waiting = tx.find(_WAITING, address_norm=address_norm, shared=f"{address_norm} ", beyond=f"{address_norm}!")
    moves = [
        Move(
            n=row.n,
            was=Status(row.status),
            now=Status.SUPPRESSED,
            kind=EventKind.SUPPRESSED,
            who=by,
            detail={"reason": reason},
            also={"held": None},
        )
        for row in waiting
    ]
    move(tx, moves)
    return len(moves)


def _learn(tx: Tx, names: tuple[str, ...], rows: Sequence[Mapping[str, str]]) -> None:
    tx.many(upsert(address, "address_norm", ("address_norm", *names), names, server=tx.server), rows)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
