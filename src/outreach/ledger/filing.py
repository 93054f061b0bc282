"""Copies for colleagues: which letters have none yet, and where those that have one lie."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import bindparam, insert, literal_column, select

from outreach.errors import LedgerError

from outreach.ledger.schema import OURS, dispatch, event, filed as table, letter  # isort: skip
from outreach.ledger.store import Tx
from outreach.ledger.times import moment
from outreach.model.filing import Unfiled

_UNFILED = (
    select(
        dispatch.c.n,
        dispatch.c.id,
        dispatch.c.institution,
        dispatch.c.sent_at,
        letter.c.message_id,
        letter.c.raw,
    )
    .join(letter, letter.c.dispatch_n == dispatch.c.n)
    .outerjoin(table, table.c.dispatch_n == dispatch.c.n)
    .where(
        dispatch.c.campaign == bindparam("campaign"),
        OURS,  # supporters' names are not spread to a folder that erasing does not reach
        dispatch.c.status == literal_column("'accepted'"),
        table.c.dispatch_n.is_(None),
    )
    .order_by(dispatch.c.n)
    .limit(bindparam("size"))
)
_DETAILS = select(event.c.detail).where(event.c.dispatch_n == bindparam("n")).order_by(event.c.id.desc())
_NUMBER = select(dispatch.c.n).where(dispatch.c.id == bindparam("id")).with_for_update()
_THERE = select(table.c.folder).where(table.c.dispatch_n == bindparam("n"))
_FILE = insert(table).values({name: bindparam(name) for name in ("dispatch_n", "folder", "at")}).inline()


def unfiled(tx: Tx, campaign: str, limit: int) -> list[Unfiled]:
    """Accepted letters of which no copy is known to lie in a folder, the oldest first."""
    return [_unfiled(tx, row) for row in tx.find(_UNFILED, campaign=campaign, size=limit)]


def filed(tx: Tx, identifier: str, folder: str) -> None:
    """A copy of this letter lies in that folder; said twice, the first stands."""
    row = tx.one(_NUMBER, id=identifier)
    if row is None:
        raise LedgerError(f'There is no letter "{identifier}".', where=tx.where)
    if tx.one(_THERE, n=row[0]) is None:
        tx.run(_FILE, dispatch_n=row[0], folder=folder, at=tx.now)


def _unfiled(tx: Tx, row: Any) -> Unfiled:
    dates = (json.loads(detail).get("date", "") for (detail,) in tx.all(_DETAILS, n=row.n))
    date = next(filter(None, dates), "")
    return Unfiled(
        dispatch=row.id,
        institution=row.institution,
        message_id=row.message_id,
        raw=row.raw,
        date_header=f"Date: {date.removeprefix('Date: ')}" if date else "",
        sent_at=None if row.sent_at is None else moment(row.sent_at),
    )
