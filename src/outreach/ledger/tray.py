"""The tray: mail that waits for a person, what the person says, and what is learnt from it after approval."""

from __future__ import annotations

import zlib
from collections import defaultdict
from typing import Any

from sqlalchemy import Select, bindparam, select, update

from outreach.errors import UsageError
from outreach.ledger.hearing import stop_chasing
from outreach.ledger.mails import storable
from outreach.ledger.post import learn, note
from outreach.ledger.post_schema import guess, inbound, learnt_address, raw_mail
from outreach.ledger.schema import dispatch, institution
from outreach.ledger.store import Tx
from outreach.ledger.times import moment
from outreach.ledger.upserts import insert_new
from outreach.model.collected import (
    Guess,
    InboundState,
    LearntAddress,
    MatchRule,
    Reference,
    ReferenceKind,
    TrayItem,
)
from outreach.model.inbound import InboundKind
from outreach.rules.simulation import REASON

IGNORED = "ignored"

_SHOWN = (
    inbound.c.id,
    inbound.c.state,
    inbound.c.reason,
    inbound.c.sha256,
    inbound.c.sender,
    inbound.c.subject,
    inbound.c.received_at,
    inbound.c.dated,
    inbound.c.kind,
    inbound.c.authentication,
)
_WAITING = (
    select(*_SHOWN)
    .where(inbound.c.state != InboundState.MATCHED.value, inbound.c.person_by.is_(None))
    .order_by(inbound.c.id)
)
_GUESSES = select(guess).order_by(guess.c.inbound_id, guess.c.rank)
_ONE = (
    select(
        inbound.c.id,
        inbound.c.state,
        inbound.c.reason,
        inbound.c.sender,
        inbound.c.person_by,
        inbound.c.message_id,
        inbound.c.kind,
    )
    .where(inbound.c.id == bindparam("id"))
    .with_for_update()
)
_ITS_LETTER = (
    select(dispatch.c.n, dispatch.c.id, dispatch.c.campaign)
    .where(dispatch.c.institution == bindparam("institution"))
    .order_by(dispatch.c.step.desc(), dispatch.c.n.desc())
    .limit(1)
)
_BY_ID = select(dispatch.c.n, dispatch.c.id, dispatch.c.campaign).where(
    dispatch.c.id.in_(bindparam("those", expanding=True))
)
_GUESSED = select(guess.c.dispatch).where(
    guess.c.inbound_id == bindparam("id"), guess.c.institution == bindparam("institution"), guess.c.dispatch != ""
)
_KNOWN = select(institution.c.id).where(institution.c.id == bindparam("id"))
_HAS_IT = _KNOWN.where(institution.c.address_norm == bindparam("address_norm"))
_PERSON = ("state", "rule", "score", "keyed", "campaign", "institution", "dispatch_n")
_ATTACH = (
    update(inbound)
    .where(inbound.c.id == bindparam("the_id"))
    .values({name: bindparam(name) for name in (*_PERSON, "person_by", "person_at")})
)
_ASIDE = (
    update(inbound)
    .where(inbound.c.id == bindparam("the_id"))
    .values({name: bindparam(name) for name in ("person_kind", "person_by", "person_at")})
)
_LEARNT = select(
    learnt_address.c.address_norm,
    learnt_address.c.institution,
    learnt_address.c.proposed_by,
    learnt_address.c.approved_by,
    learnt_address.c.inbound_id,
).order_by(learnt_address.c.proposed_at, learnt_address.c.address_norm)
_APPROVE = (
    update(learnt_address)
    .where(learnt_address.c.address_norm == bindparam("the_address"), learnt_address.c.approved_by.is_(None))
    .values(approved_by=bindparam("approved_by"), approved_at=bindparam("approved_at"))
)
_OPEN = (
    select(inbound.c.sha256, raw_mail.c.packed)
    .join(raw_mail, raw_mail.c.sha256 == inbound.c.sha256)
    .where(inbound.c.id > bindparam("after"))
    .order_by(inbound.c.id)
    .limit(bindparam("most"))
    .add_columns(inbound.c.id)
)
_IN_TRAY = _OPEN.where(inbound.c.state == InboundState.TRAY.value, inbound.c.person_by.is_(None))
_PENDING = _OPEN.where(inbound.c.pending)


def waiting(tx: Tx) -> list[TrayItem]:
    """Every mail that waits for a person, with its guesses."""
    guesses: dict[int, list[Guess]] = defaultdict(list)
    for row in tx.find(_GUESSES):
        one = Guess(
            institution=row.institution,
            campaign=row.campaign,
            dispatch=row.dispatch,
            score=row.score / 1000,
            why=row.why,
        )
        guesses[row.inbound_id].append(one)
    return [_item(row, guesses) for row in tx.find(_WAITING)]


def attach(tx: Tx, number: int, to: str, *, by: str) -> str:
    """A person says whose mail it is; the address that this proposes for the institution, "" = none.

    Raises UsageError where there is no such mail or institution, and for a simulated mail outside of a rehearsal.
    """
    row = _mail(tx, number)
    if row.state == InboundState.QUARANTINED.value and row.reason == REASON:
        raise UsageError(
            "A rehearsal wrote that mail: it belongs to nobody.",
            where=str(number),
            todo=f"Set it aside: `outreach tray {number} --ignore --by NAME --live`.",
        )
    guessed = [one.dispatch for one in tx.find(_GUESSED, id=number, institution=to)]
    letters = tx.find(_BY_ID, those=guessed) if guessed else []
    letter = next(iter(letters or tx.find(_ITS_LETTER, institution=to)), None)
    if letter is None and tx.one(_KNOWN, id=to) is None:
        todo = "The log and the sheets name them: `outreach log CAMPAIGN --detail`."
        raise UsageError(f'There is no institution "{to}" in this ledger.', todo=todo)
    belongs = {
        "state": InboundState.MATCHED.value,
        "rule": MatchRule.PERSON.value,
        "score": 1000,
        "keyed": False,
        "campaign": letter.campaign if letter else None,
        "institution": to,
        "dispatch_n": letter.n if letter else None,
    }
    tx.change(_ATTACH, {"the_id": number, **belongs, "person_by": storable(by), "person_at": tx.now})
    note(tx, number, "attached", who=by, detail={"was": row.state, "institution": to})
    if row.kind in {None, InboundKind.REPLY.value}:
        why = "a person has answered"
        stop_chasing(tx, letter.campaign if letter else "", [to], why=why, by=storable(by))
    if row.message_id:
        value = row.message_id.strip("<> ").lower()
        one = Reference(
            kind=ReferenceKind.MESSAGE_ID,
            value=value,
            institution=to,
            campaign=letter.campaign if letter else "",
            dispatch=letter.id if letter else "",
        )
        learn(tx, [(number, one)])
    return _propose(tx, number, row.sender.casefold(), to, by)


def set_aside(tx: Tx, number: int, *, by: str) -> None:
    """A person says that a mail is none of ours: it stays, and is shown no more."""
    row = _mail(tx, number)
    tx.change(_ASIDE, {"the_id": number, "person_kind": IGNORED, "person_by": storable(by), "person_at": tx.now})
    note(tx, number, IGNORED, who=by, detail={"was": row.state})


def learnt(tx: Tx) -> list[LearntAddress]:
    """Every address that a settled guess has proposed, approved or not."""
    return [
        LearntAddress(
            address=row.address_norm,
            institution=row.institution,
            proposed_by=row.proposed_by,
            approved_by=row.approved_by or "",
            inbound=row.inbound_id,
        )
        for row in tx.find(_LEARNT)
    ]


def approve(tx: Tx, address: str, *, by: str) -> int:
    """A person approves what was learnt of an address; how many proposals that were."""
    values = {"the_address": address.casefold(), "approved_by": storable(by), "approved_at": tx.now}
    return tx.change(_APPROVE, values)


def in_tray(tx: Tx, after: int, most: int) -> list[tuple[int, str, bytes]]:
    """Mails of the tray that no person has settled, a few at a time: number, hash, bytes."""
    return _opened(tx, _IN_TRAY, after, most)


def pending(tx: Tx, after: int, most: int) -> list[tuple[int, str, bytes]]:
    """Reports whose letter was in a runner's hand when they came."""
    return _opened(tx, _PENDING, after, most)


def _opened(tx: Tx, query: Select[Any], after: int, most: int) -> list[tuple[int, str, bytes]]:
    return [(row[2], row[0], zlib.decompress(row[1])) for row in tx.all(query, after=after, most=most)]


def _mail(tx: Tx, number: int) -> Any:
    row = next(iter(tx.find(_ONE, id=number)), None)
    if row is None or row.state == InboundState.MATCHED.value:
        found = "There is no mail with that number." if row is None else "That mail belongs somewhere already."
        raise UsageError(found, where=str(number), todo="`outreach tray` lists those that wait.")
    return row


def _propose(tx: Tx, number: int, sender: str, to: str, by: str) -> str:
    known = tx.one(_HAS_IT, id=to, address_norm=sender)
    if not sender or known is not None:
        return ""
    names = ("address_norm", "institution", "inbound_id", "proposed_by", "proposed_at")
    values = (storable(sender), to, number, storable(by), tx.now)
    tx.change(insert_new(learnt_address, names, server=tx.server), dict(zip(names, values, strict=True)))
    return sender


def _item(row: Any, guesses: dict[int, list[Guess]]) -> TrayItem:
    at = row.received_at if row.received_at is not None else row.dated
    return TrayItem(
        id=row.id,
        state=InboundState(row.state),
        reason=row.reason,
        sha256=row.sha256,
        sender=row.sender,
        subject=row.subject,
        received_at=None if at is None else moment(at),
        kind=row.kind or "",
        authentication=row.authentication,
        guesses=tuple(guesses.get(row.id, ())),
    )
