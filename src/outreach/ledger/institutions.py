"""Institutions as earlier plans saw them: what gives a row without an id its old one, and shows that one vanished."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import bindparam, delete, false, insert, select, update

from outreach.errors import LedgerError
from outreach.ledger.changes import Move, move
from outreach.ledger.schema import dispatch, institution, institution_address
from outreach.ledger.store import Tx
from outreach.ledger.upserts import upsert
from outreach.model.contact import Contact, KnownInstitution
from outreach.model.event import EventKind
from outreach.model.status import Status
from outreach.rules.identity import is_another

_KNOWN = select(
    institution.c.id,
    institution.c.state,
    institution.c.role,
    institution.c.name,
    institution.c.address_norm,
    institution.c.sheet,
    institution.c.present,
).where(institution.c.waiting.is_(False))
_OF_SHEET = select(institution.c.id).where(
    institution.c.sheet == bindparam("sheet"), institution.c.present.is_not(False)
)
_VANISHED = update(institution).where(institution.c.id == bindparam("the_id")).values(present=false())
_ONE = select(institution.c.name, institution.c.address_norm).where(institution.c.id == bindparam("id"))
_RENAME = (
    update(institution)
    .where(institution.c.id == bindparam("the_id"))
    .values(name=bindparam("name"), address_norm=bindparam("address_norm"))
)
_UNSENT = (
    select(dispatch.c.n, dispatch.c.status)
    .where(
        dispatch.c.institution == bindparam("institution"),
        dispatch.c.status.in_([Status.DRAFT.value, Status.QUEUED.value, Status.HELD.value]),
    )
    .with_for_update()
)
_DROP = delete(institution).where(institution.c.id == bindparam("id"))
_FURTHER = select(institution_address.c.institution, institution_address.c.address_norm)
_ADD_FURTHER = insert(institution_address)
_DROP_FURTHER = delete(institution_address).where(
    institution_address.c.institution == bindparam("its"), institution_address.c.address_norm == bindparam("box")
)
_INHERIT = (
    update(institution_address)
    .where(institution_address.c.institution == bindparam("new"))
    .values(institution=bindparam("old"))
)
_DROP_ALL_FURTHER = delete(institution_address).where(institution_address.c.institution == bindparam("id"))
_COLUMNS = tuple(column.name for column in institution.columns)
_AGAIN = tuple(name for name in _COLUMNS if name not in {"id", "first_seen"})


def known_institutions(tx: Tx) -> list[KnownInstitution]:
    """Every institution that was in a sheet; not those that came in another's place and wait for a person."""
    further: dict[str, set[str]] = {}
    for its, box in tx.each(_FURTHER):
        further.setdefault(its, set()).add(box)
    return [
        KnownInstitution(
            id=row[0],
            state=row[1],
            role=row[2],
            name=row[3],
            address_norm=row[4],
            further=frozenset(further.get(row[0], ())),
            sheet=row[5],
            present=bool(row[6]),
        )
        for row in tx.each(_KNOWN)
    ]


def remember_institutions(tx: Tx, sheet: str, contacts: Sequence[Contact], waiting: Collection[str]) -> None:
    """What the sheet holds now; its institutions that are not in it any more are no longer present.

    Those that are `waiting` for a person stay as they were: a vanished one present, a new one unknown. So does one of
    another sheet whose id this sheet gives to somebody of another name and address: the other sheet may have no ids,
    and would not find its own again; each of its letters would be written anew.
    """
    elsewhere = {one.id: one for one in known_institutions(tx) if one.present and one.sheet != sheet}
    first: dict[str, Contact] = {}
    for one in contacts:
        kept = first.setdefault(one.institution.id, one)
        if one.rank < kept.rank:
            first[one.institution.id] = one
    rows = [
        {
            "id": one.institution.id,
            "state": one.institution.state,
            "role": one.institution.role,
            "name": one.institution.name,
            "address_norm": one.address_norm,
            "sheet": sheet,
            "present": True,
            "waiting": one.institution.id in waiting,
            "first_seen": tx.now,
            "last_seen": tx.now,
        }
        for one in first.values()
        if one.institution.id not in elsewhere or not is_another(elsewhere[one.institution.id], one)
    ]
    tx.many(upsert(institution, "id", _COLUMNS, _AGAIN, server=tx.server), rows)
    _remember_further(tx, {str(row["id"]): str(row["address_norm"]) for row in rows}, contacts)
    vanished = [one for (one,) in tx.all(_OF_SHEET, sheet=sheet) if one not in first and one not in waiting]
    tx.many(_VANISHED, [{"the_id": one} for one in vanished])


def _remember_further(tx: Tx, first: Mapping[str, str], contacts: Sequence[Contact]) -> None:
    """All addresses of these institutions but the first of each; what the sheet no longer gives them is forgotten."""
    now = {
        (its, one.address_norm)
        for one in contacts
        if (its := one.institution.id) in first and one.address_norm not in {"", first[its]}
    }
    had = {(its, box) for its, box in tx.each(_FURTHER) if its in first}
    tx.many(_DROP_FURTHER, [{"its": its, "box": box} for its, box in sorted(had - now)])
    tx.many(_ADD_FURTHER, [{"institution": its, "address_norm": box} for its, box in sorted(now - had)])


def same_institution(tx: Tx, old: str, new: str) -> None:
    """`new` is `old` under another name: the next plan finds `old` by the name and address that `new` has."""
    came = tx.one(_ONE, id=new)
    _one(tx, old)
    if came is None or old == new:
        raise _unknown(tx, new)
    tx.run(_RENAME, the_id=old, name=came[0], address_norm=came[1])
    tx.run(_DROP_ALL_FURTHER, id=old)
    tx.run(_INHERIT, new=new, old=old)
    tx.run(_DROP, id=new)


def forget_institution(tx: Tx, old: str) -> None:
    """`old` is gone for good: what came in its place is another institution. Its letters that have not left are off."""
    _one(tx, old)
    tx.run(_VANISHED, the_id=old)
    moves = [
        Move(
            n=n,
            was=Status(status),
            now=Status.CANCELLED,
            kind=EventKind.CANCELLED,
            detail={"why": "the institution is gone"},
            also={"held": None},
        )
        for n, status in tx.all(_UNSENT, institution=old)
    ]
    move(tx, moves)


def _one(tx: Tx, identifier: str) -> None:
    if tx.one(_ONE, id=identifier) is None:
        raise _unknown(tx, identifier)


def _unknown(tx: Tx, identifier: str) -> LedgerError:
    return LedgerError(
        f'No plan has seen an institution "{identifier}".',
        where=tx.where,
        todo="Look for its id with `outreach contacts list`, or plan once more.",
    )
