"""Taking back: what a supporter, or a stale day, undoes as long as no runner has the letter.

A letter that is taken back loses its bytes at once: they name a person, and nobody sends them any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, null, select, update

from outreach.ledger.action_rows import targets_of
from outreach.ledger.changes import Move, correct, move
from outreach.ledger.schema import dispatch, letter
from outreach.ledger.store import Tx
from outreach.ledger.supporter_schema import DIGEST, action, action_target
from outreach.model.action import ActionStatus, ActionTarget, Fate
from outreach.model.event import EventKind
from outreach.model.status import Status

BACK = frozenset({Status.DRAFT, Status.QUEUED, Status.HELD})  #: statuses in which no runner has it, nor had
BY_SUPPORTER = "the supporter has taken it back"

_ACTION = select(action.c.n, action.c.campaign, action.c.status).where(action.c.id == bindparam("id")).with_for_update()
_WITHDRAW = (
    update(action)
    .where(action.c.n == bindparam("the_n"))
    .values(status=ActionStatus.WITHDRAWN.value, decided_at=bindparam("now"))
)
_OPEN = select(action_target.c.institution, action_target.c.dispatch_n).where(
    action_target.c.action_n == bindparam("n"),
    action_target.c.fate.in_([Fate.WAITING.value, Fate.QUEUED.value]),
)
_LETTER = select(dispatch.c.status, dispatch.c.sender).where(dispatch.c.n == bindparam("n")).with_for_update()
_LEAVE = (
    update(action_target)
    .where(action_target.c.action_n == bindparam("the_n"), action_target.c.institution == bindparam("the_institution"))
    .values(fate=Fate.WITHDRAWN.value, why="", dispatch_n=null())
)
_GONE = (
    update(action_target)
    .where(
        action_target.c.dispatch_n == bindparam("the_dispatch"),
        action_target.c.fate == Fate.QUEUED.value,
        action_target.c.action_n.in_(select(action.c.n).where(action.c.status != ActionStatus.CONFIRMED.value)),
    )
    .values(fate=Fate.WITHDRAWN.value, why="", dispatch_n=null())
)
_FREE = (
    update(action_target)
    .where(action_target.c.dispatch_n == bindparam("the_dispatch"), action_target.c.fate == Fate.QUEUED.value)
    .values(dispatch_n=null())
)
_EMPTY = (
    update(letter)
    .where(letter.c.dispatch_n == bindparam("the_dispatch"))
    .values(subject="", raw=bindparam("nothing", type_=letter.c.raw.type))
)


def withdraw(tx: Tx, identifier: str) -> Sequence[ActionTarget]:
    """Take an action back wherever no letter of it is claimed, in doubt or sent; where each target stands then."""
    row = tx.one(_ACTION, id=identifier)
    if row is None:
        return ()
    number, campaign, status = row
    tx.alone(f"supporters {campaign}")
    if ActionStatus(status) in {ActionStatus.PENDING, ActionStatus.CONFIRMED, ActionStatus.HELD}:
        take_back(tx, number, why=BY_SUPPORTER)
    return targets_of(tx, identifier)


def take_back(tx: Tx, number: int, *, why: str) -> None:
    """Withdraw an action, and let it leave its targets as `retreat` does. The clock of what is done with begins."""
    tx.run(_WITHDRAW, the_n=number, now=tx.now)
    retreat(tx, number, why=why)


def retreat(tx: Tx, number: int, *, why: str = BY_SUPPORTER) -> None:
    """Let an action leave every target to which nothing of it has gone. What a runner has is not queued again."""
    for institution, n in tx.all(_OPEN, n=number):
        found = None if n is None else tx.one(_LETTER, n=n)
        if found is not None:
            status, sender = Status(found[0]), found[1]
            if status not in BACK:
                correct(tx, [(n, {"planned": False})])  # it does not go as it is if it comes back: see copies.py
                continue
            if sender.startswith(DIGEST):
                cancel_digest(tx, n, status, why="a supporter has left it")
            else:
                cancel(tx, n, status, why=why)
        tx.run(_LEAVE, the_n=number, the_institution=institution)


def cancel_digest(tx: Tx, n: int, status: Status, *, why: str) -> None:
    """Take a digest back that has not left: the next one counts its supporters, but those who left it meanwhile."""
    cancel(tx, n, status, why=why)
    tx.run(_GONE, the_dispatch=n)
    tx.run(_FREE, the_dispatch=n)


def cancel(tx: Tx, n: int, status: Status, *, why: str) -> None:
    """Cancel a copy or a digest that nobody has in hand, and remove its words."""
    detail = {"why": why}
    move(
        tx,
        [Move(n=n, was=status, now=Status.CANCELLED, kind=EventKind.CANCELLED, detail=detail, also={"held": None})],
    )
    empty(tx, n)


def empty(tx: Tx, n: int) -> int:
    """Remove a letter's bytes and subject; its hash stays. 0 = it has no letter."""
    nothing: Any = b""
    return tx.run(_EMPTY, the_dispatch=n, nothing=nothing)
