"""What people and runners did to a campaign or to the ledger as a whole: append-only, as the database sees to."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import bindparam, insert, select

from outreach.ledger.schema import deed
from outreach.ledger.store import Tx
from outreach.ledger.times import moment
from outreach.model.ledger import Deed, DeedKind

_NOTE = insert(deed).values({c.name: bindparam(c.name) for c in deed.columns if c.name != "id"}).inline()
_LATEST = (
    select(deed.c.at, deed.c.kind, deed.c.campaign, deed.c.who, deed.c.detail)
    .order_by(deed.c.id.desc())
    .limit(bindparam("many"))
)


def record(tx: Tx, kind: DeedKind, *, who: str, detail: Mapping[str, object], campaign: str = "") -> None:
    """Write a deed down, in the transaction that does it."""
    tx.run(_NOTE, at=tx.now, kind=kind.value, campaign=campaign, who=who, detail=json.dumps(detail, ensure_ascii=False))


def latest(tx: Tx, many: int) -> tuple[Deed, ...]:
    """The last deeds, newest first."""
    return tuple(
        Deed(at=moment(at), kind=DeedKind(kind), campaign=campaign, who=who, detail=json.loads(detail))
        for at, kind, campaign, who, detail in tx.all(_LATEST, many=many)
    )
