"""What is left of an action when its person is forgotten: the keyed hash, its fates, and hashes of what there was."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, delete, select, update

from outreach.ledger.action_rows import PERSONAL
from outreach.ledger.changes import Move, move
from outreach.ledger.retreat import empty
from outreach.ledger.schema import dispatch, event
from outreach.ledger.store import Tx
from outreach.ledger.supporter_schema import action, notice, token
from outreach.model.action import ActionStatus
from outreach.model.event import EventKind
from outreach.model.status import Status, may_become

_FORGET = (
    update(action)
    .where(action.c.n == bindparam("the_n"))
    .values(dict.fromkeys(PERSONAL, "") | {"status": ActionStatus.ERASED.value})
)
_NO_TOKENS = delete(token).where(token.c.action_n == bindparam("the_n"))
_NO_NOTICES = delete(notice).where(notice.c.action_n == bindparam("the_n"))
_DOUBTED = select(event.c.id).where(event.c.dispatch_n == bindparam("n"), event.c.was == Status.IN_DOUBT.value).limit(1)
_LETTER = select(dispatch.c.status).where(dispatch.c.n == bindparam("n")).with_for_update()


def forget(tx: Tx, number: int) -> tuple[int, int]:
    """Empty an action of its person; how many notices and tokens went with it."""
    tx.run(_FORGET, the_n=number)
    return tx.run(_NO_NOTICES, the_n=number), tx.run(_NO_TOKENS, the_n=number)


def anonymise(tx: Tx, copies: Iterable[int]) -> int:
    """Remove the letters of copies that a person sent, or never will; how many there were.

    One in doubt may have arrived. It is dropped, as a person may drop it: nobody can look for it any more. One that was
    taken back before it went stays cancelled: whoever writes again has not written before.
    """
    done = 0
    for n in copies:
        (found,) = tx.one(_LETTER, n=n) or (None,)
        if found is None or found == Status.ANONYMISED.value:
            continue
        status = Status(found)
        if status is Status.CANCELLED and tx.one(_DOUBTED, n=n) is None:
            done += empty(tx, n)
            continue
        if not may_become(status, Status.ANONYMISED):
            dropped = {"why": "the supporter is forgotten"}
            cancelled = Move(n=n, was=status, now=Status.CANCELLED, kind=EventKind.CANCELLED, detail=dropped)
            move(tx, [cancelled])
            status = Status.CANCELLED
        also = {"held": None}
        move(tx, [Move(n=n, was=status, now=Status.ANONYMISED, kind=EventKind.ANONYMISED, also=also)])
        done += empty(tx, n)
    return done
