"""Raw mail, and how far each source has been read. Bytes are kept, packed, before anything is made of them."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import bindparam, select

from outreach.ledger.post_schema import bookmark, bookmark_name, inbound, raw_mail
from outreach.ledger.store import Tx
from outreach.ledger.supporter_schema import redacted
from outreach.ledger.upserts import insert_new, upsert
from outreach.model.collected import Bookmark, RawMail

CHUNK = 500
_LEVEL = 1  #: of zlib: mail is read seldom and arrives in masses
_RAW = tuple(column.name for column in raw_mail.columns)
_FILED = select(inbound.c.sha256).where(inbound.c.sha256.in_(bindparam("those", expanding=True)))
_REDACTED = select(redacted.c.was_sha256.label("sha256")).where(
    redacted.c.was_sha256.in_(bindparam("those", expanding=True))
)
_NEWEST = select(inbound.c.id).order_by(inbound.c.id.desc()).limit(1)
_BOOKMARK = select(bookmark.c.uidvalidity, bookmark.c.uid, bookmark.c.position, bookmark.c.seal).where(
    bookmark.c.source == bindparam("source")
)
_NAMES = select(bookmark_name.c.name).where(bookmark_name.c.source == bindparam("source"))
_PLACE = ("uidvalidity", "uid", "position", "seal", "at")
_BYTES = select(raw_mail.c.packed).where(raw_mail.c.sha256 == bindparam("sha256"))
_UNREAD = (
    select(raw_mail.c.sha256, raw_mail.c.packed, raw_mail.c.size, raw_mail.c.place, raw_mail.c.lacks)
    .outerjoin(inbound, inbound.c.sha256 == raw_mail.c.sha256)
    .where(inbound.c.id.is_(None))
    .order_by(raw_mail.c.sha256)
    .limit(bindparam("most"))
)


def keep(tx: Tx, source: str, mails: Sequence[RawMail]) -> frozenset[str]:
    """Keep the bytes of those that are not there yet; which of all were filed before."""
    tx.alone("post")
    known = filed(tx, [one.sha256 for one in mails])
    rows = [
        {
            "sha256": one.sha256,
            "packed": zlib.compress(one.raw, _LEVEL),
            "size": one.size,
            "lacks": one.lacks,
            "source": source,
            "place": storable(one.where),
            "first_seen": tx.now,
        }
        for one in mails
        if one.sha256 not in known
    ]
    tx.many(insert_new(raw_mail, _RAW, server=tx.server), rows)
    return known


def filed(tx: Tx, those: Sequence[str]) -> frozenset[str]:
    """Which of these have been filed, also those that were redacted since: they are not taken in a second time."""
    found = (
        tx.find(query, those=list(those[at : at + CHUNK]))
        for at in range(0, len(those), CHUNK)
        for query in (_FILED, _REDACTED)
    )
    return frozenset(row.sha256 for rows in found for row in rows)


def raw(tx: Tx, sha256: str) -> bytes | None:
    """A mail as it came over the wire, byte for byte."""
    row = tx.one(_BYTES, sha256=sha256)
    return None if row is None else zlib.decompress(row[0])


def unread(tx: Tx, most: int) -> list[RawMail]:
    """Mails that were kept and not filed: whoever kept them ended in between."""
    return [
        RawMail(sha256=sha256, raw=zlib.decompress(packed), size=size, where=place, lacks=lacks)
        for sha256, packed, size, place, lacks in tx.all(_UNREAD, most=most)
    ]


def newest(tx: Tx) -> int:
    """The number of the mail that was filed last, 0 = none was."""
    row = tx.one(_NEWEST)
    return row[0] if row else 0


def bookmark_of(tx: Tx, source: str) -> Bookmark:
    """How far a source has been read."""
    row = tx.one(_BOOKMARK, source=source)
    names = frozenset(name for (name,) in tx.each(_NAMES, source=source))
    if row is None:
        return Bookmark(names=names)
    return Bookmark(uidvalidity=row[0], uid=row[1], position=row[2], seal=row[3], names=names)


def put_bookmark(tx: Tx, source: str, after: Bookmark) -> None:
    """The source has been read so far; names are added to those before."""
    place = {"uidvalidity": after.uidvalidity, "uid": after.uid, "position": after.position, "seal": after.seal}
    if any(place.values()):
        tx.change(
            upsert(bookmark, "source", ("source", *_PLACE), _PLACE, server=tx.server),
            {"source": source, **place, "at": tx.now},
        )
    rows = [{"source": source, "name": storable(name)} for name in sorted(after.names)]
    tx.many(insert_new(bookmark_name, ("source", "name"), server=tx.server), rows)


def storable(text: str) -> str:
    """Text that both databases take: PostgreSQL has no NUL, and nobody's UTF-8 has half a pair of surrogates."""
    text = text.replace("\0", "\ufffd")
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def chunks(those: Iterable[str]) -> Iterator[list[str]]:
    """In lists that a query takes."""
    several = list(those)
    return (several[at : at + CHUNK] for at in range(0, len(several), CHUNK))
