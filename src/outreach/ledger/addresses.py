"""What was learnt about addresses: it belongs to the address, across campaigns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Executable, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from outreach.ledger.changes import Move, move
from outreach.ledger.schema import address, dispatch
from outreach.ledger.store import Tx
from outreach.ledger.times import moment
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


def _learn(*names: str) -> Mapping[bool, Executable]:
    """Write these columns of an address that may be new: for PostgreSQL (True) and SQLite (False)."""
    values: dict[str, Any] = {name: bindparam(name) for name in ("address_norm", *names)}
    return {
        server: insert(address)
        .values(values)
        .on_conflict_do_update(index_elements=["address_norm"], set_={name: bindparam(name) for name in names})
        .inline()
        for server, insert in ((True, postgresql.insert), (False, sqlite.insert))
    }


_VERIFIED = _learn("verified_on", "verified_by")
_BOUNCED = _learn("bounced_on", "bounced_text")
_SUPPRESSED = _learn("suppressed_on", "suppressed_reason", "suppressed_by")
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
    tx.many(_VERIFIED[tx.server], rows)
    return len(rows)


def learn_bounced(tx: Tx, address_norm: str, text: str) -> None:
    """A server said that the address itself is bad. A shared box's key carries its institution behind a space."""
    tx.run(
        _BOUNCED[tx.server],
        address_norm=address_norm.partition(" ")[0],
        bounced_on=moment(tx.now).date().isoformat(),
        bounced_text=text,
    )


def suppress_address(tx: Tx, address_norm: str, *, reason: str, by: str) -> int:
    """The address must not be written to: every letter to it that waits is stopped, and they are counted."""
    tx.run(
        _SUPPRESSED[tx.server],
        address_norm=address_norm,
        suppressed_on=moment(tx.now).date().isoformat(),
        suppressed_reason=reason,
        suppressed_by=by,
    )
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


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
