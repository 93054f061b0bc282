"""Deeds: what people and runners did to a campaign or to the ledger as a whole. Append-only, like the events."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import bindparam, insert, select

from outreach.ledger.schema import deed
from outreach.ledger.store import Tx
from outreach.ledger.times import moment
from outreach.model.event import Deed, DeedKind

_NOTE = insert(deed).values({c.name: bindparam(c.name) for c in deed.columns if c.name != "id"}).inline()
_LAST = (
    select(deed.c.id, deed.c.at, deed.c.kind, deed.c.campaign, deed.c.who, deed.c.detail)
    .order_by(deed.c.id.desc())
    .limit(bindparam("most"))
)


def note_deed(tx: Tx, kind: DeedKind, campaign: str, who: str, detail: Mapping[str, object]) -> None:
    """Write one down; `campaign` "" is the ledger as a whole."""
    text = json.dumps(dict(detail), ensure_ascii=False)
    tx.run(_NOTE, at=tx.now, kind=kind.value, campaign=campaign, who=who, detail=text)


def last_deeds(tx: Tx, most: int) -> list[Deed]:
    """The newest ones, the newest first."""
    return [
        Deed(id=n, at=moment(at), kind=DeedKind(kind), campaign=campaign, by=who, detail=json.loads(detail))
        for n, at, kind, campaign, who, detail in tx.all(_LAST, most=most)
    ]
