"""Where a person may have left a trace beside their own rows: text columns, raw mails, files of sources.

Not looked at is what came from the campaign's own sheets: an official's address stays an official's address.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import Table, bindparam, delete, insert, null, select, update

from outreach.ledger.mails import storable
from outreach.ledger.post_schema import guess, inbound, inbound_event, proposal, raw_mail, reference, ruling
from outreach.ledger.schema import account, deed, dispatch, event, letter, pause, position, source
from outreach.ledger.store import Tx
from outreach.ledger.supporter_schema import notice, redacted
from outreach.rules.redaction import Canaries

#: Table -> its columns of text, those that hold JSON after the others.
_TEXTS: dict[Table, tuple[tuple[str, ...], tuple[str, ...]]] = {
    event: (("who",), ("detail",)),
    dispatch: (("who", "server_text"), ("detail",)),
    letter: (("subject",), ()),
    deed: (("who",), ("detail",)),
    pause: (("why",), ()),
    account: (("why",), ()),
    position: (("quote", "note"), ()),
    source: (("name", "url"), ()),
    notice: (("text",), ()),
    raw_mail: (("place",), ()),
    inbound: (
        ("message_id", "sender", "subject", "authentication", "reason", "recipient", "reply_text"),
        ("findings",),
    ),
    inbound_event: (("who",), ("detail",)),
    guess: (("why",), ()),
    proposal: (("was", "now", "key", "words", "proposed_by"), ()),
    ruling: (("who", "why"), ("detail",)),
}
#: Table -> the column that is a name, and no more: without it the row is nothing.
_NAMES = {reference: "value"}
_MAILS = select(raw_mail.c.sha256, raw_mail.c.packed)
_ONE_MAIL = select(raw_mail).where(raw_mail.c.sha256 == bindparam("the_sha256"))
_KEEP_MAIL = insert(raw_mail).values({c.name: bindparam(c.name) for c in raw_mail.columns}).inline()
_POINT = update(inbound).where(inbound.c.sha256 == bindparam("the_sha256")).values(sha256=bindparam("sha256"))
_DROP_MAIL = delete(raw_mail).where(raw_mail.c.sha256 == bindparam("the_sha256"))
_NOTE = insert(redacted).values({c.name: bindparam(c.name) for c in redacted.columns}).inline()
_FILES = select(source.c.id, source.c.content).where(source.c.content.is_not(None))
_NO_FILE = update(source).where(source.c.id == bindparam("the_id")).values(content=null())


@dataclass(frozen=True, slots=True)
class Traces:
    """What was found."""

    texts: dict[Table, list[dict[str, Any]]] = field(default_factory=dict)  #: key and new text, of each row
    names: dict[Table, list[dict[str, Any]]] = field(default_factory=dict)  #: keys of rows to remove
    mails: list[str] = field(default_factory=list)  #: hashes
    files: list[int] = field(default_factory=list)  #: sources


def search(tx: Tx, canaries: Canaries) -> Traces:
    """Read the whole ledger, a few rows at a time, for what names the person."""
    found = Traces()
    for table in _TEXTS:
        rows = [changed for row in tx.each(_all(table)) if (changed := _changed(table, row, canaries))]
        if rows:
            found.texts[table] = rows
    for table, name in _NAMES.items():
        keys = [column.name for column in table.primary_key]
        named = [
            {f"the_{key}": value for key, value in zip(keys, row, strict=False)}
            for row in tx.each(_named(table, name))
            if canaries.text(row[-1]) != row[-1]
        ]
        if named:
            found.names[table] = named
    found.mails.extend(sha for sha, packed in tx.each(_MAILS) if _is_named(packed, canaries))
    found.files.extend(number for number, packed in tx.each(_FILES) if _is_named(packed, canaries))
    return found


def redact(tx: Tx, found: Traces, canaries: Canaries) -> dict[str, int]:
    """Take the person out of what was found; how much of each there was. The guards must be lifted."""
    for table, rows in found.texts.items():
        for row in rows:
            tx.change(_correction(table, tuple(name for name in row if not name.startswith("the_"))), row)
    for table, rows in found.names.items():
        tx.many(_removal(table), rows)
    for sha256 in found.mails:
        _redact_mail(tx, sha256, canaries)
    for number in found.files:
        tx.run(_NO_FILE, the_id=number)
    texts = sum(map(len, found.texts.values())) + sum(map(len, found.names.values()))
    return {"texts": texts, "mails": len(found.mails), "files": len(found.files)}


def _redact_mail(tx: Tx, sha256: str, canaries: Canaries) -> None:
    """A copy under its own hash, the old hash beside it: the mail is not taken in a second time."""
    row = next(iter(tx.find(_ONE_MAIL, the_sha256=sha256)), None)
    if row is None:
        return
    raw = canaries.mail(zlib.decompress(row.packed))
    new = hashlib.sha256(raw).hexdigest()
    place = storable(canaries.text(row.place))
    tx.change(
        _KEEP_MAIL, {**row._asdict(), "sha256": new, "packed": zlib.compress(raw), "size": len(raw), "place": place}
    )
    tx.run(_POINT, the_sha256=sha256, sha256=new)
    tx.run(_DROP_MAIL, the_sha256=sha256)
    tx.run(_NOTE, was_sha256=sha256, sha256=new, at=tx.now)


def _is_named(packed: bytes, canaries: Canaries) -> bool:
    raw = zlib.decompress(packed)
    return canaries.mail(raw) != raw


def _changed(table: Table, row: tuple[Any, ...], canaries: Canaries) -> dict[str, Any] | None:
    texts, documents = _TEXTS[table]
    keys = [column.name for column in table.primary_key]
    values = dict(zip((*keys, *texts, *documents), row, strict=True))
    changed = {name: now for name in texts if (now := canaries.text(values[name])) != values[name]}
    changed |= {name: now for name in documents if (now := _in_json(values[name], canaries.text)) != values[name]}
    if not changed:
        return None
    if table is proposal and "key" in changed:
        changed["key"] = f"{changed['key']} {values['id']}"  # two that named one person are still two
    return {f"the_{key}": values[key] for key in keys} | changed


def _in_json(text: str, redacted_text: Callable[[str], str]) -> str:
    if redacted_text(text) == text and "\\" not in text:
        return text  # nearly all
    document = json.loads(text)
    changed = _walk(document, redacted_text)
    return text if changed == document else json.dumps(changed, ensure_ascii=False)


def _walk(value: Any, redacted_text: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return redacted_text(value)
    if isinstance(value, list):
        return [_walk(one, redacted_text) for one in value]
    if isinstance(value, dict):
        return {key: _walk(one, redacted_text) for key, one in value.items()}
    return value


@lru_cache(maxsize=32)
def _all(table: Table) -> Any:
    texts, documents = _TEXTS[table]
    return select(*table.primary_key, *(table.c[name] for name in (*texts, *documents)))


@lru_cache(maxsize=8)
def _named(table: Table, name: str) -> Any:
    return select(*table.primary_key, table.c[name].label("named"))


@lru_cache(maxsize=64)
def _correction(table: Table, names: tuple[str, ...]) -> Any:
    return update(table).where(*_keys(table)).values({name: bindparam(name) for name in names})


@lru_cache(maxsize=8)
def _removal(table: Table) -> Any:
    return delete(table).where(*_keys(table))


def _keys(table: Table) -> Iterator[Any]:
    return (column == bindparam(f"the_{column.name}") for column in table.primary_key)
