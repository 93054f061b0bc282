"""Leases that ended: the runner is gone. What it had not marked is queued again; what it had is in doubt.

A lease that ends in twice its length or later can only come of a clock that was put back. It counts as ended: the fence
stops a runner that is still there, and a letter must not be stuck for as long as the clock was ahead. (Once its length
is not enough: on a server another transaction may have claimed a moment after this one looked at the clock.)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import bindparam, literal_column, or_, select

from outreach.ledger.changes import Move, move
from outreach.ledger.schema import attempt, dispatch
from outreach.ledger.store import Tx
from outreach.model.event import EventKind
from outreach.model.status import HeldReason, Status

LEASE = timedelta(minutes=15)  #: how long a claim holds; the mark begins it anew
CRASHES = 3  #: runners that one letter may cost before it waits for a person

_IN_FLIGHT = dispatch.c.status.in_([literal_column("'claimed'"), literal_column("'committed'")])
_ENDED = (
    select(dispatch.c.n, dispatch.c.status, dispatch.c.crashes, dispatch.c.fence)
    .where(_IN_FLIGHT, or_(dispatch.c.lease_until <= bindparam("now"), dispatch.c.lease_until > bindparam("latest")))
    .with_for_update(skip_locked=True)
)
_TURN = select(attempt.c.id, attempt.c.runner, attempt.c.granted_at).where(
    attempt.c.dispatch_n == bindparam("n"), attempt.c.fence == bindparam("fence")
)
_MARKED = (
    select(attempt.c.runner, attempt.c.granted_at)
    .join(dispatch, (attempt.c.dispatch_n == dispatch.c.n) & (attempt.c.fence == dispatch.c.fence))
    .where(dispatch.c.status == literal_column("'committed'"), _IN_FLIGHT)
)


@dataclass(frozen=True, slots=True)
class _Ended:
    """A letter whose lease ended, and the turn in which its runner had claimed it."""

    n: int
    was: Status
    crashes: int
    attempt: int
    runner: str
    granted_at: int

    @property
    def turn(self) -> tuple[str, int]:
        return self.runner, self.granted_at


def recover(tx: Tx, lease: int) -> tuple[int, int]:
    """(claimed back to queued, committed to in doubt). A letter that cost three runners is held."""
    rows = tx.all(_ENDED, now=tx.now, latest=tx.now + 2 * lease)
    if not rows:
        return 0, 0
    ended = []
    for n, status, crashes, fence in rows:
        turn = tx.one(_TURN, n=n, fence=fence)
        if turn is not None:
            ended.append(_Ended(n, Status(status), crashes, *turn))
    suspects = _suspects(tx, ended)
    moves = [_recovered(one, suspect=one.n in suspects) for one in ended]
    move(tx, moves)
    statuses = [one.now for one in moves]
    return statuses.count(Status.QUEUED), statuses.count(Status.IN_DOUBT)


def _suspects(tx: Tx, ended: list[_Ended]) -> set[int]:
    """The letters that the runners had in hand: of each turn the first that was neither marked nor finished.

    A runner takes its turn's letters in order, so the ones behind it had not been begun. Blaming them all would hold
    a whole batch after three power cuts. If a letter of the turn is marked, that one was in hand, and is in doubt.
    """
    marked = set(tx.all(_MARKED))
    first: dict[tuple[str, int], int] = {}
    for one in sorted(ended, key=lambda one: one.attempt):
        if one.turn not in marked:
            first.setdefault(one.turn, one.n)
    return set(first.values())


def _recovered(one: _Ended, *, suspect: bool) -> Move:
    if one.was is Status.COMMITTED:
        return Move(
            n=one.n,
            was=Status.COMMITTED,
            now=Status.IN_DOUBT,
            kind=EventKind.IN_DOUBT,
            who=one.runner,
            detail={"text": "the runner ended before the server's answer was written down"},
        )
    crashed = one.crashes + suspect
    if crashed >= CRASHES:
        return Move(
            n=one.n,
            was=Status.CLAIMED,
            now=Status.HELD,
            kind=EventKind.HELD,
            who=one.runner,
            detail={"reason": HeldReason.REPEATED_CRASH.value},
            also={"crashes": crashed, "held": HeldReason.REPEATED_CRASH.value},
        )
    return Move(
        n=one.n,
        was=Status.CLAIMED,
        now=Status.QUEUED,
        kind=EventKind.RELEASED,
        who=one.runner,
        detail={"text": "the runner's lease ended"},
        also={"crashes": crashed, "held": None},
    )
