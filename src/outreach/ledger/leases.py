"""Leases that ended: the runner is gone. What it had not marked is queued again; what it had is in doubt."""

from __future__ import annotations

from sqlalchemy import bindparam, literal_column, select

from outreach.ledger.changes import Move, move
from outreach.ledger.schema import attempt, dispatch
from outreach.ledger.store import Row, Tx
from outreach.model.event import EventKind
from outreach.model.status import HeldReason, Status

CRASHES = 3  #: runners that one letter may cost before it waits for a person

_IN_FLIGHT = dispatch.c.status.in_([literal_column("'claimed'"), literal_column("'committed'")])
_ENDED = (
    select(
        dispatch.c.n,
        dispatch.c.status,
        dispatch.c.crashes,
        attempt.c.id.label("attempt"),
        attempt.c.runner,
        attempt.c.granted_at,
    )
    .join(attempt, (attempt.c.dispatch_n == dispatch.c.n) & (attempt.c.fence == dispatch.c.fence))
    .where(_IN_FLIGHT, dispatch.c.lease_until <= bindparam("now"))
    .order_by(attempt.c.id)
    .with_for_update(of=dispatch, skip_locked=True)
)
_MARKED = (
    select(attempt.c.runner, attempt.c.granted_at)
    .join(dispatch, (attempt.c.dispatch_n == dispatch.c.n) & (attempt.c.fence == dispatch.c.fence))
    .where(dispatch.c.status == literal_column("'committed'"), _IN_FLIGHT)
)


def recover(tx: Tx) -> tuple[int, int]:
    """(claimed back to queued, committed to in doubt). A letter that cost three runners is held."""
    ended = tx.all(_ENDED, now=tx.now)
    if not ended:
        return 0, 0
    suspects = _suspects(tx, ended)
    moves = [_recovered(row, suspect=row[0] in suspects) for row in ended]
    move(tx, moves)
    statuses = [one.now for one in moves]
    return statuses.count(Status.QUEUED), statuses.count(Status.IN_DOUBT)


def _suspects(tx: Tx, ended: list[Row]) -> set[object]:
    """The letters that the runners had in hand: of each turn the first that was neither marked nor finished.

    A runner takes its turn's letters in order, so the ones behind it had not been begun. Blaming them all would hold
    a whole batch after three power cuts. If a letter of the turn is marked, that one was in hand, and is in doubt.
    """
    marked = {(runner, granted_at) for runner, granted_at in tx.all(_MARKED)}
    first: dict[object, object] = {}
    for n, _, _, _, runner, granted_at in ended:
        if (runner, granted_at) not in marked:
            first.setdefault((runner, granted_at), n)
    return set(first.values())


def _recovered(row: Row, *, suspect: bool) -> Move:
    n, status, crashes, _, runner, _ = row
    if status == Status.COMMITTED.value:
        return Move(
            n=n,
            was=Status.COMMITTED,
            now=Status.IN_DOUBT,
            kind=EventKind.IN_DOUBT,
            detail={"text": "the runner ended before the server's answer was written down", "runner": runner},
        )
    crashed = crashes + 1 if suspect else crashes
    if crashed >= CRASHES:
        return Move(
            n=n,
            was=Status.CLAIMED,
            now=Status.HELD,
            kind=EventKind.HELD,
            detail={"reason": HeldReason.REPEATED_CRASH.value, "runner": runner},
            also={"crashes": crashed, "held": HeldReason.REPEATED_CRASH.value},
        )
    return Move(
        n=n,
        was=Status.CLAIMED,
        now=Status.QUEUED,
        kind=EventKind.RELEASED,
        detail={"text": "the runner's lease ended", "runner": runner},
        also={"crashes": crashed, "held": None},
    )
