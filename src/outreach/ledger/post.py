"""Filing mails: what was made of each, in one transaction with what follows from it and with the source's bookmark."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from outreach.ledger import mails
from outreach.ledger.copied import note_copied
from outreach.ledger.hearing import stop_chasing
from outreach.ledger.post_schema import guess, inbound, inbound_event, raw_mail, reference
from outreach.ledger.proposals import propose_what_it_says
from outreach.ledger.returns import follow
from outreach.ledger.schema import dispatch
from outreach.ledger.store import Tx
from outreach.ledger.times import micros
from outreach.ledger.upserts import insert_new
from outreach.model.collected import (
    NOT_THEIRS,
    Bookmark,
    Filed,
    Guess,
    InboundState,
    PostTotals,
    Reference,
    ReferenceKind,
)
from outreach.model.inbound import InboundKind
from outreach.rules.authentication import proven
from outreach.rules.guessing import may_be_of
from outreach.rules.silence import why_stopped

_ROW = tuple(c.name for c in inbound.columns if c.name not in {"id", "person_kind", "person_by", "person_at"})
_BELONGS = ("state", "rule", "score", "keyed", "campaign", "institution", "dispatch_n", "pending")
_MATCHED = (
    update(inbound)
    .where(inbound.c.sha256 == bindparam("the_sha256"), inbound.c.state == InboundState.TRAY.value)
    .where(inbound.c.person_by.is_(None))
    .values({name: bindparam(name) for name in _BELONGS})
)
_NUMBERS = select(dispatch.c.id, dispatch.c.n).where(dispatch.c.id.in_(bindparam("those", expanding=True)))
_IDS = select(inbound.c.sha256, inbound.c.id).where(inbound.c.sha256.in_(bindparam("those", expanding=True)))
_GUESS = insert(guess).values({c.name: bindparam(c.name) for c in guess.columns}).inline()
_NO_GUESSES = delete(guess).where(guess.c.inbound_id == bindparam("the_id"))
_NOTE = insert(inbound_event).values({c.name: bindparam(c.name) for c in inbound_event.columns if c.name != "id"})
_REFERENCE = ("kind", "value", "institution", "campaign", "dispatch", "inbound_id")
_LEARNT = select(
    reference.c.kind, reference.c.value, reference.c.institution, reference.c.campaign, reference.c.dispatch
).where(reference.c.value.in_(bindparam("those", expanding=True)))
_BY_STATE = select(inbound.c.state, func.count()).group_by(inbound.c.state)
_KEPT = select(func.count()).select_from(raw_mail)
_ASIDE = select(func.count()).select_from(inbound).where(inbound.c.person_kind == "ignored")


def file(tx: Tx, source: str, several: Sequence[Filed], after: Bookmark | None) -> frozenset[str]:
    """File these mails, and how far their source has been read with them; which of them were new."""
    tx.alone("post")
    known = mails.filed(tx, [one.sha256 for one in several])
    new = {one.sha256: one for one in several if one.sha256 not in known}
    numbers = _dispatch_numbers(tx, new.values())
    tx.many(insert_new(inbound, _ROW, server=tx.server), [_row(tx, one, numbers) for one in new.values()])
    ids = _inbound_ids(tx, new)
    tx.many(_GUESS, [row for sha, one in new.items() for row in _guesses(ids[sha], one.match.guesses)])
    learn(tx, [(ids[sha], each) for sha, one in new.items() for each in one.references])
    for sha, one in new.items():
        _what_follows(tx, ids[sha], one, numbers)
    if after is not None:
        mails.put_bookmark(tx, source, after)
    return frozenset(new)


def rematch(tx: Tx, several: Sequence[Filed]) -> int:
    """Mails of the tray that belong somewhere by what was learnt since; those that a person has settled stay so."""
    tx.alone("post")
    numbers = _dispatch_numbers(tx, several)
    ids = _inbound_ids(tx, [one.sha256 for one in several])
    changed = 0
    for one in several:
        row = _row(tx, one, numbers)
        if not tx.change(_MATCHED, {"the_sha256": one.sha256, **{name: row[name] for name in _BELONGS}}):
            continue
        changed += 1
        number = ids[one.sha256]
        said = {"rule": row["rule"], "institution": one.match.institution, "dispatch": one.match.dispatch}
        note(tx, number, "matched", who="", detail=said)
        tx.run(_NO_GUESSES, the_id=number)
        tx.many(_GUESS, _guesses(number, one.match.guesses))
        learn(tx, [(number, each) for each in one.references])
        _what_follows(tx, number, one, numbers)
    return changed


def _what_follows(tx: Tx, number: int, one: Filed, numbers: Mapping[str, int]) -> None:
    if one.returned is not None and one.match.dispatch in numbers:
        follow(tx, number, numbers[one.match.dispatch], one.returned, rule=one.triage.rule if one.triage else "")
    elif one.triage is not None:
        propose_what_it_says(tx, number, one.triage, one.match)
    note_copied(tx, number, one)
    _heed(tx, one)


def _heed(tx: Tx, one: Filed) -> None:
    """A person's answer takes the reminders back that have not left; what only may be one, until it is looked at."""
    found, waits = one.match, one.state is not InboundState.MATCHED
    kind = one.triage.kind if one.triage is not None else InboundKind.REPLY
    why = why_stopped(kind, proven=not waits and proven(found.rule, one.authentication))
    if why is None or found.rule in NOT_THEIRS:
        return
    whose = may_be_of(found.guesses) if waits else frozenset(filter(None, [found.institution]))
    stop_chasing(tx, "" if waits else found.campaign, whose, why=why.value, by="collect")


def learn(tx: Tx, several: Sequence[tuple[int, Reference]]) -> None:
    """Names that the other side has for a correspondence, each once."""
    rows = [
        {
            "kind": one.kind.value,
            "value": mails.storable(one.value),
            "institution": one.institution,
            "campaign": one.campaign,
            "dispatch": one.dispatch,
            "inbound_id": number,
        }
        for number, one in several
    ]
    tx.many(insert_new(reference, _REFERENCE, server=tx.server), rows)


def references(tx: Tx, wanted: Sequence[tuple[ReferenceKind, str]]) -> dict[tuple[ReferenceKind, str], list[Reference]]:
    """What was learnt of these names."""
    values = {mails.storable(value) for _, value in wanted}
    found: dict[tuple[ReferenceKind, str], list[Reference]] = {}
    for chunk in mails.chunks(sorted(values)):
        for row in sorted(tx.find(_LEARNT, those=chunk)):
            one = Reference(
                kind=ReferenceKind(row.kind),
                value=row.value,
                institution=row.institution,
                campaign=row.campaign,
                dispatch=row.dispatch,
            )
            found.setdefault((one.kind, one.value), []).append(one)
    return found


def note(tx: Tx, number: int, kind: str, *, who: str, detail: Mapping[str, object]) -> None:
    """Write down what was made of a mail."""
    said = json.dumps(detail, ensure_ascii=False)
    tx.run(_NOTE, at=tx.now, inbound_id=number, kind=kind, who=mails.storable(who), detail=mails.storable(said))


def totals(tx: Tx) -> PostTotals:
    """All mail, by where it is."""
    by_state = {InboundState(state): count for state, count in tx.all(_BY_STATE)}
    (kept,) = tx.one(_KEPT) or (0,)
    (aside,) = tx.one(_ASIDE) or (0,)
    return PostTotals(mails=kept, by_state=by_state, ignored=aside)


def _row(tx: Tx, one: Filed, numbers: Mapping[str, int]) -> dict[str, Any]:
    message, found, verdict = one.message, one.match, one.triage
    text = mails.storable
    matched = found.rule is not None
    findings = [asdict(each) for each in verdict.findings] if verdict else []
    return {
        "sha256": one.sha256,
        "filed_at": tx.now,
        "message_id": text(message.message_id) if message else "",
        "sender": text(message.sender) if message else "",
        "subject": text(message.subject) if message else "",
        "dated": micros(message.date) if message and message.date else None,
        "received_at": micros(one.received_at) if one.received_at else None,
        "authentication": text(one.authentication),
        "state": one.state.value,
        "reason": text(one.reason),
        "rule": found.rule.value if found.rule else None,
        "score": round(found.score * 1000) if matched else None,
        "keyed": found.keyed,
        "campaign": found.campaign or None if matched else None,
        "institution": found.institution or None if matched else None,
        "dispatch_n": numbers.get(found.dispatch) if matched else None,
        "kind": verdict.kind.value if verdict else None,
        "kind_rule": text(verdict.rule) if verdict else "",
        "recipient": text(verdict.recipient) if verdict else "",
        "hard": verdict.hard if verdict else None,
        "final": verdict.final if verdict else None,
        "reply_text": text(verdict.reply_text) if verdict else "",
        "findings": text(json.dumps(findings, ensure_ascii=False)),
        "pending": False,
    }


def _guesses(number: int, several: Sequence[Guess]) -> list[dict[str, Any]]:
    return [
        {
            "inbound_id": number,
            "rank": rank,
            "institution": one.institution,
            "campaign": one.campaign,
            "dispatch": one.dispatch,
            "score": round(one.score * 1000),
            "why": mails.storable(one.why),
        }
        for rank, one in enumerate(several)
    ]


def _dispatch_numbers(tx: Tx, several: Any) -> dict[str, int]:
    wanted = sorted({one.match.dispatch for one in several} - {""})
    return {row.id: row.n for chunk in mails.chunks(wanted) for row in tx.find(_NUMBERS, those=chunk)}


def _inbound_ids(tx: Tx, those: Any) -> dict[str, int]:
    return {row.sha256: row.id for chunk in mails.chunks(those) for row in tx.find(_IDS, those=chunk)}
