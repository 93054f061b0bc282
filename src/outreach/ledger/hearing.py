"""What was heard from institutions, and what a person's answer stops."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, time
from itertools import groupby

from sqlalchemy import bindparam, func, or_, select, text

from outreach.errors import Answered
from outreach.ledger.changes import Move, move
from outreach.ledger.positions import stated
from outreach.ledger.post_schema import CAME_AT, WAITING, guess, inbound
from outreach.ledger.schema import dispatch, institution
from outreach.ledger.store import Tx
from outreach.ledger.supporter_schema import redacted
from outreach.ledger.times import moment
from outreach.model.collected import NOT_THEIRS, Guess, InboundState, MatchRule
from outreach.model.event import EventKind
from outreach.model.heard import Heard
from outreach.model.inbound import STOPPING, InboundKind
from outreach.model.status import Status
from outreach.rules.authentication import proven
from outreach.rules.guessing import may_be_of
from outreach.rules.positions import answered
from outreach.rules.simulation import REASON

NOON = time(12)  #: of a call or a letter by post only the day is known
_WAITING = (Status.DRAFT.value, Status.QUEUED.value, Status.HELD.value)
_CHASERS_OF_ALL = (
    select(dispatch.c.n, dispatch.c.status)
    .where(
        dispatch.c.step > 0,
        dispatch.c.institution.in_(bindparam("institutions", expanding=True)),
        dispatch.c.status.in_(_WAITING),
    )
    .with_for_update()
)
_CHASERS = _CHASERS_OF_ALL.where(dispatch.c.campaign == bindparam("campaign"))
_KIND = func.coalesce(inbound.c.person_kind, inbound.c.kind, InboundKind.REPLY.value)
_HEARD = (
    select(
        inbound.c.id,
        inbound.c.institution,
        select(institution.c.state).where(institution.c.id == inbound.c.institution).scalar_subquery().label("state"),
        _KIND.label("kind"),
        CAME_AT.label("at"),
        inbound.c.message_id,
        inbound.c.sha256,
        inbound.c.subject,
        inbound.c.sender,
        inbound.c.reason,
        inbound.c.rule,
        inbound.c.kind.label("machine"),
        inbound.c.kind_rule,
        inbound.c.person_by,
        inbound.c.person_kind,
        inbound.c.authentication,
    )
    .where(
        or_(inbound.c.campaign == bindparam("campaign"), inbound.c.campaign.is_(None)),
        inbound.c.institution.is_not(None),
        inbound.c.state == InboundState.MATCHED.value,
        inbound.c.rule.not_in(sorted(rule.value for rule in NOT_THEIRS)),
        _KIND.in_([kind.value for kind in InboundKind]),
    )
    .order_by(CAME_AT, inbound.c.id)
)
#: What waits for a person and may be an answer, with the guesses whose it is. What could not be read counts as one.
_UNREAD = (
    select(inbound.c.id, guess.c.institution, guess.c.score, _KIND.label("kind"))
    .add_columns(CAME_AT.label("at"), inbound.c.sender, inbound.c.authentication)
    .join(guess, guess.c.inbound_id == inbound.c.id)
    .where(
        text(WAITING),  # in the words of the index
        inbound.c.person_by.is_(None),
        _KIND.in_(sorted(STOPPING)),
    )
    .order_by(CAME_AT, inbound.c.id, guess.c.rank)
)
_REDACTED = select(redacted.c.was_sha256, redacted.c.sha256).order_by(redacted.c.at)
_WHOSE = select(dispatch.c.campaign, dispatch.c.institution).where(dispatch.c.n == bindparam("n"))


def heard(tx: Tx, campaign: str) -> list[Heard]:
    """All that was heard from a campaign's institutions, by mail or otherwise, the oldest first."""
    return sorted([*mails(tx, campaign), *_otherwise(tx, campaign)], key=lambda one: one.at)


def _otherwise(tx: Tx, campaign: str) -> list[Heard]:
    """Answers by post, telephone or visit, or in another's mail, of which a person has written down who gave them."""
    found = []
    for one in answered(stated(tx, campaign)):
        day = one.source.taken_on if one.source else one.at.date()
        found.append(
            Heard(
                id=0,
                institution=one.institution,
                state=one.state,
                kind=InboundKind.REPLY,
                at=min(one.at, datetime.combine(day, NOON, tzinfo=UTC)),
                person=one.by,
            )
        )
    return list({(one.institution, one.at): one for one in found}.values())


def mails(tx: Tx, campaign: str) -> list[Heard]:
    """What came by mail; a person's verdict before the machine's.

    A mail that no machine could read and that a person has attached counts as an answer. What a person has attached to
    an institution without a letter speaks for every campaign.
    """
    return [
        Heard(
            id=row.id,
            institution=row.institution,
            state=row.state or "",
            kind=InboundKind(row.kind),
            at=moment(row.at),
            message_id=row.message_id,
            subject=row.subject,
            sender=row.sender.casefold(),
            rehearsal=row.reason == REASON,
            matched=MatchRule(row.rule) if row.rule else None,
            machine=InboundKind(row.machine) if row.machine else None,
            why=row.kind_rule,
            person=row.person_by or "",
            authentication=row.authentication,
            proven=row.person_kind is not None or proven(MatchRule(row.rule), row.authentication),
        )
        for row in tx.find(_HEARD, campaign=campaign)
    ]


def hashes(tx: Tx, campaign: str) -> dict[int, frozenset[str]]:
    """Mail -> the hash of its bytes, and of what they were before a person was taken out, of every mail in `heard`."""
    had: dict[str, frozenset[str]] = {}
    for was, now in tx.all(_REDACTED):
        had[now] = had.get(now, frozenset()) | had.get(was, frozenset()) | {was}
    return {row.id: had.get(row.sha256, frozenset()) | {row.sha256} for row in tx.find(_HEARD, campaign=campaign)}


def unread(tx: Tx) -> list[Heard]:
    """What waits in the tray, or cannot be read, and may be an answer of these; until a person has looked at it.

    Whose it is is not known, and less so which letter it answers: it speaks for every campaign.
    """
    found = []
    for _, several in groupby(tx.find(_UNREAD), key=lambda row: row.id):
        rows = list(several)
        its = may_be_of([Guess(institution=row.institution, score=row.score / 1000, why="") for row in rows])
        found += [
            Heard(
                id=row.id,
                institution=row.institution,
                state="",
                kind=InboundKind(row.kind),
                at=moment(row.at),
                sender=row.sender.casefold(),
                authentication=row.authentication,
                proven=False,
            )
            for row in rows
            if row.institution in its
        ]
    return found


def is_stopped(tx: Tx, campaign: str, institution: str) -> bool:
    """Whether what came from this institution, from whatever address, or what may have come, stops its reminders."""
    said = (*heard(tx, campaign), *unread(tx))
    return any(one.institution == institution and one.kind in STOPPING for one in said)


def stop_chasing(tx: Tx, campaign: str, institutions: Collection[str], *, why: str, by: str) -> int:
    """Cancel every chaser of these institutions that has not left; how many there were. `campaign` "" = of every one.

    Whoever records a person's answer calls it in the same transaction.
    """
    if not institutions:
        return 0
    query = _CHASERS if campaign else _CHASERS_OF_ALL
    named = {"campaign": campaign} if campaign else {}
    rows = tx.find(query, **named, institutions=sorted(set(institutions)))
    move(
        tx,
        [
            Move(
                n=row.n,
                was=Status(row.status),
                now=Status.CANCELLED,
                kind=EventKind.CANCELLED,
                who=by,
                detail={"why": why},
                also={"held": None},
            )
            for row in rows
        ],
    )
    return len(rows)


def refuse_answered(tx: Tx, n: int) -> None:
    """Raise Answered when a person of the letter's institution has, or may have: a chaser must not get its mark."""
    found = tx.one(_WHOSE, n=n)
    if found is not None and is_stopped(tx, *found):
        raise Answered(f'"{found[1]}" has answered: its reminder does not go out.', where=tx.where)
