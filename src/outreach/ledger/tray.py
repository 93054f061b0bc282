"""The tray: mail that waits for a person, what the person says of it or of any other, and what is learnt from it."""

from __future__ import annotations

import json
import zlib
from collections import defaultdict
from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, bindparam, delete, select, update

from outreach.errors import UsageError
from outreach.ledger.hearing import stop_chasing
from outreach.ledger.mails import storable
from outreach.ledger.post import learn, note
from outreach.ledger.post_schema import guess, inbound, raw_mail, reference
from outreach.ledger.proposals import addressee, propose, propose_what_it_says
from outreach.ledger.schema import OURS, dispatch, institution
from outreach.ledger.store import Tx
from outreach.ledger.times import moment
from outreach.model.collected import (
    NOT_THEIRS,
    Guess,
    InboundState,
    Match,
    MatchRule,
    Reference,
    ReferenceKind,
    TrayItem,
)
from outreach.model.inbound import Finding, FindingKind, InboundKind, Triage
from outreach.model.proposal import ProposalKind, Proposed
from outreach.rules.silence import why_stopped
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
    inbound.c.person_by,
)
_OF_NOBODY = select(*_SHOWN).where(inbound.c.state != InboundState.MATCHED.value).order_by(inbound.c.id)
_WAITING = _OF_NOBODY.where(inbound.c.person_by.is_(None))
_SET_ASIDE = _OF_NOBODY.where(inbound.c.person_by.is_not(None))
_GUESSES = select(guess).order_by(guess.c.inbound_id, guess.c.rank)
_ONE = (
    select(
        inbound.c.id,
        inbound.c.state,
        inbound.c.reason,
        inbound.c.rule,
        inbound.c.institution,
        inbound.c.sender,
        inbound.c.message_id,
        inbound.c.kind,
        inbound.c.person_kind,
        inbound.c.kind_rule,
        inbound.c.recipient,
        inbound.c.hard,
        inbound.c.findings,
    )
    .where(inbound.c.id == bindparam("id"))
    .with_for_update()
)
_ITS_LETTER = (
    select(dispatch.c.n, dispatch.c.id, dispatch.c.campaign)
    .where(dispatch.c.institution == bindparam("institution"), OURS)
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
    .values({name: bindparam(name) for name in (*_PERSON, "person_kind", "person_by", "person_at")})
)
_ASIDE = (
    update(inbound)
    .where(inbound.c.id == bindparam("the_id"))
    .values({name: bindparam(name) for name in ("person_kind", "person_by", "person_at")})
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
_UNLEARN = delete(reference).where(reference.c.inbound_id == bindparam("id"))
_REPORTS = frozenset({InboundKind.BOUNCE_HARD.value, InboundKind.BOUNCE_SOFT.value})


def waiting(tx: Tx, *, aside: bool) -> list[TrayItem]:
    """Every mail that waits for a person, or that one has set `aside`, with its guesses."""
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
    return [_item(row, guesses) for row in tx.find(_SET_ASIDE if aside else _WAITING)]


def attach(tx: Tx, number: int, to: str, *, by: str, own: Collection[str] = ()) -> str:
    """A person says whose mail it is; the address that this proposes for the institution, "" = none, or of our `own`.

    A mail that is filed under another institution is moved: what was said of it there, and the names that it taught,
    are void, and what it proposed stays. Raises UsageError where there is no such mail or institution, for a mail that
    no institution wrote or a server's report that has its letter, and for a simulated mail outside of a rehearsal.
    """
    row = _mail(tx, number)
    moved = row.state == InboundState.MATCHED.value
    if moved:
        _may_move(row, number, to)
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
    # Whoever set it aside was wrong; and who said of what another had not written that it was no answer, is not.
    verdict = None if moved or row.person_kind == IGNORED else row.person_kind
    said = {"person_kind": verdict, "person_by": storable(by), "person_at": tx.now}
    tx.change(_ATTACH, {"the_id": number, **belongs, **said})
    note(tx, number, "attached", who=by, detail={"was": row.institution or row.state, "institution": to})
    if moved:
        tx.run(_UNLEARN, id=number)
    why = why_stopped(InboundKind(verdict or row.kind or InboundKind.REPLY), proven=True)
    if why is not None:
        stop_chasing(tx, letter.campaign if letter else "", [to], why=why.value, by=storable(by))
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
    found = Match(
        rule=MatchRule.PERSON,
        institution=to,
        campaign=letter.campaign if letter else "",
        dispatch=letter.id if letter else "",
    )
    propose_what_it_says(tx, number, _triage(row), found)
    sender = row.sender.casefold()
    return "" if sender in own else _propose_sender(tx, number, sender, found, by)


def set_aside(tx: Tx, number: int, *, by: str) -> None:
    """A person says that a mail is none of ours: it stays, and is shown no more unless somebody asks for it."""
    row = _mail(tx, number)
    if row.state == InboundState.MATCHED.value:
        todo = f"`outreach verdict {number} other` says that it is no answer."
        raise UsageError("That mail belongs somewhere already.", where=str(number), todo=todo)
    tx.change(_ASIDE, {"the_id": number, "person_kind": IGNORED, "person_by": storable(by), "person_at": tx.now})
    note(tx, number, IGNORED, who=by, detail={"was": row.state})


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
    if row is None:
        todo = "`outreach tray` lists those that wait."
        raise UsageError("There is no mail with that number.", where=str(number), todo=todo)
    return row


def _may_move(row: Any, number: int, to: str) -> None:
    """Raise UsageError where a mail that belongs somewhere has to stay there."""
    if row.rule in NOT_THEIRS:
        whose = "our own" if row.rule == MatchRule.OWN.value else "a supporter's own letter"
        raise UsageError(f"That mail is {whose}: no institution wrote it.", where=str(number))
    if row.institution == to:
        raise UsageError(f"That mail belongs to {to} already.", where=str(number))
    if row.kind in _REPORTS:
        raise UsageError("That mail is a server's report of another's letter: it stays there.", where=str(number))


def _propose_sender(tx: Tx, number: int, sender: str, found: Match, by: str) -> str:
    """Whoever wrote it seems to write for the institution: that is proposed, unless it is known."""
    known = tx.one(_HAS_IT, id=found.institution, address_norm=sender)
    if not sender or known is not None:
        return ""
    its = addressee(tx, found)
    propose(
        tx,
        number,
        Proposed(
            kind=ProposalKind.SENDER,
            campaign=found.campaign,
            institution=found.institution,
            state=its.state,
            now=sender,
            rule="tray",
            by=by,
        ),
    )
    return sender


def _triage(row: Any) -> Triage:
    """The machine's verdict, as it was filed; a mail that could not be read has none, and finds nothing."""
    return Triage(
        kind=InboundKind(row.kind or InboundKind.OTHER),
        rule=row.kind_rule,
        recipient=row.recipient,
        hard=row.hard,
        findings=tuple(
            Finding(kind=FindingKind(one["kind"]), value=one["value"], words=one["words"], rule=one.get("rule", ""))
            for one in json.loads(row.findings)
        ),
    )


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
        aside_by=row.person_by or "",
    )
