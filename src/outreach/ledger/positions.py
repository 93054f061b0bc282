"""What states say, record by record, and the files that prove it, each kept once and compressed."""

from __future__ import annotations

import hashlib
import zlib
from datetime import date
from typing import Any

from sqlalchemy import bindparam, insert, null, select, update

from outreach.errors import LedgerError
from outreach.ledger.schema import position, source
from outreach.ledger.store import Tx
from outreach.ledger.times import moment
from outreach.model.position import NewPosition, Position, Source, SourceKind, Stated

LARGEST = 10_000_000  #: bytes of a file

_WORDS = ("kind", "sha256", "name", "url", "taken_on", "inbound")
_KEEP = insert(source).values({name: bindparam(name) for name in (*_WORDS, "content")}).returning(source.c.id)
_LIKE = (
    select(source.c.id, source.c.content.is_not(null()), *(source.c[name] for name in _WORDS))
    .where(source.c.sha256 == bindparam("the_sha"))
    .order_by(source.c.id)
)
_PUT_BACK = update(source).where(source.c.id == bindparam("the_id")).values(content=bindparam("content"))
_ERASE = update(source).where(source.c.id == bindparam("the_id")).values(content=null())
_CONTENT = select(source.c.sha256, source.c.name, source.c.content).where(source.c.id == bindparam("the_id"))
_RECORD = (
    insert(position)
    .values({column.name: bindparam(column.name) for column in position.columns if column.name != "id"})
    .returning(position.c.id)
)
_ALL = (
    select(
        position.c.id,
        position.c.campaign,
        position.c.state,
        position.c.demand,
        position.c.position,
        position.c.quote,
        position.c.who,
        position.c.at,
        position.c.due_on,
        position.c.note,
        position.c.institution,
        position.c.source_id,
        source.c.kind,
        source.c.sha256,
        source.c.name,
        source.c.url,
        source.c.taken_on,
        source.c.inbound,
        source.c.content.is_not(null()).label("kept"),
    )
    .outerjoin(source, source.c.id == position.c.source_id)
    .where(position.c.campaign == bindparam("the_campaign"))
    .order_by(position.c.id)
)


def record(tx: Tx, new: NewPosition, content: bytes | None) -> int:
    """Append a record, and keep its source; its number. `content` is the source's file, and has the source's hash."""
    source_id = None if new.source is None else _kept(tx, new.source, content)
    made = tx.one(
        _RECORD,
        campaign=new.campaign,
        state=new.state,
        demand=new.demand,
        position=new.position.value,
        quote=new.quote,
        source_id=source_id,
        who=new.by,
        at=tx.now,
        due_on=None if new.due_on is None else new.due_on.isoformat(),
        note=new.note,
        institution=new.institution,
    )
    assert made is not None  # noqa: S101  RETURNING returns
    return int(made[0])


def stated(tx: Tx, campaign: str) -> list[Stated]:
    """Every record of a campaign, the oldest first."""
    return [_stated(row) for row in tx.find(_ALL, the_campaign=campaign)]


def content(tx: Tx, source_id: int) -> tuple[str, bytes] | None:
    """A source's file and its name; None = there is none. Raises LedgerError when it is not what was put in."""
    found = tx.one(_CONTENT, the_id=source_id)
    if found is None or found[2] is None:
        return None
    sha256, name, packed = found
    try:
        raw = zlib.decompress(packed)
    except zlib.error:
        raw = b""
    if hashlib.sha256(raw).hexdigest() != sha256:
        raise LedgerError(
            f"The file of source {source_id} is not the one that was put in.",
            where=tx.where,
            todo="Restore the last backup, or record the position again with its file.",
        )
    return name, raw


def erase(tx: Tx, source_id: int) -> bool:
    """Take a source's file away; its hash stays. False = there was none."""
    found = tx.one(_CONTENT, the_id=source_id)
    return found is not None and found[2] is not None and tx.run(_ERASE, the_id=source_id) == 1


def _kept(tx: Tx, its: Source, content: bytes | None) -> int:
    """The number of this source: one letter that answers five demands is kept once."""
    if content is not None and (len(content) > LARGEST or hashlib.sha256(content).hexdigest() != its.sha256):
        raise ValueError("the file is too large, or not the one of the hash")
    words = {
        "kind": its.kind.value,
        "sha256": its.sha256,
        "name": its.name,
        "url": its.url,
        "taken_on": its.taken_on.isoformat(),
        "inbound": its.inbound,
    }
    packed = None if content is None else zlib.compress(content)
    tx.alone(f"source {its.sha256}")
    for number, kept, *said in tx.all(_LIKE, the_sha=its.sha256):
        if said == list(words.values()):
            if packed is not None and not kept:
                tx.run(_PUT_BACK, the_id=number, content=packed)
            return int(number)
    made = tx.one(_KEEP, content=packed, **words)
    assert made is not None  # noqa: S101  RETURNING returns
    return int(made[0])


def _stated(row: Any) -> Stated:
    its = None
    if row.source_id is not None:
        its = Source(
            id=row.source_id,
            kind=SourceKind(row.kind),
            taken_on=date.fromisoformat(row.taken_on),
            sha256=row.sha256,
            name=row.name,
            url=row.url,
            inbound=row.inbound,
            kept=bool(row.kept),
        )
    return Stated(
        id=row.id,
        campaign=row.campaign,
        state=row.state,
        demand=row.demand,
        position=Position(row.position),
        quote=row.quote,
        source=its,
        by=row.who,
        at=moment(row.at),
        due_on=None if row.due_on is None else date.fromisoformat(row.due_on),
        note=row.note,
        institution=row.institution,
    )
