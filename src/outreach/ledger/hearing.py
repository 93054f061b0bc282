"""What was heard from institutions, and what a person's answer stops."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import bindparam, select

from outreach.errors import Answered
from outreach.ledger.changes import Move, move
from outreach.ledger.schema import dispatch
from outreach.ledger.store import Tx
from outreach.model.event import EventKind
from outreach.model.heard import Heard
from outreach.model.inbound import InboundKind
from outreach.model.status import Status

_WAITING = (Status.DRAFT.value, Status.QUEUED.value, Status.HELD.value)
_CHASERS = (
    select(dispatch.c.n, dispatch.c.status)
    .where(
        dispatch.c.campaign == bindparam("campaign"),
        dispatch.c.step > 0,
        dispatch.c.institution.in_(bindparam("institutions", expanding=True)),
        dispatch.c.status.in_(_WAITING),
    )
    .with_for_update()
)
_WHOSE = select(dispatch.c.campaign, dispatch.c.institution).where(dispatch.c.n == bindparam("n"))


def heard(tx: Tx, campaign: str) -> list[Heard]:  # noqa: ARG001
    """All that was heard from the institutions of a campaign, the oldest first. Inbound mail has no table yet."""
    return []


def has_answered(tx: Tx, campaign: str, institution: str) -> bool:
    """Whether a person of this institution has answered, from whatever address."""
    return any(one.institution == institution and one.kind is InboundKind.REPLY for one in heard(tx, campaign))


def stop_chasing(tx: Tx, campaign: str, institutions: Collection[str], *, why: str, by: str) -> int:
    """Cancel every chaser of these institutions that has not left; how many there were.

    Whoever records a person's answer calls it in the same transaction.
    """
    if not institutions:
        return 0
    rows = tx.find(_CHASERS, campaign=campaign, institutions=sorted(set(institutions)))
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
    """Raise Answered when a person of the letter's institution has answered: a chaser must not get its mark."""
    found = tx.one(_WHOSE, n=n)
    if found is not None and has_answered(tx, *found):
        raise Answered(f'"{found[1]}" has answered: its reminder does not go out.', where=tx.where)
