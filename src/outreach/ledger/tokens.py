"""Links in our mails: 256 bits each, of which only the hash is kept. A look-up by it is the same work whoever asks."""

from __future__ import annotations

from sqlalchemy import bindparam, insert, null, select, update

from outreach.errors import LedgerError
from outreach.ledger.action_rows import ACTION, action_of
from outreach.ledger.notices import unwant_confirmation
from outreach.ledger.store import Tx
from outreach.ledger.supporter_schema import action, token
from outreach.model.action import Action, ActionStatus, Purpose

_BIND = select(action.c.n, action.c.sha256).where(
    action.c.id == bindparam("id"), action.c.status != ActionStatus.ERASED.value
)
_ISSUE = insert(token).values({c.name: bindparam(c.name) for c in token.columns}).inline()
_FIND = (
    select(*ACTION)
    .join(token, token.c.action_n == action.c.n)
    .where(
        token.c.sha256 == bindparam("sha256"),
        token.c.purpose == bindparam("purpose"),
        token.c.used_at.is_(null()),
        token.c.until > bindparam("now"),
        action.c.status != ActionStatus.ERASED.value,
    )
)
_TO_CONFIRM = _FIND.where(action.c.status == ActionStatus.PENDING.value, token.c.bound == action.c.sha256)
_LOCKED = _TO_CONFIRM.with_for_update()
_USE = update(token).where(token.c.sha256 == bindparam("the_sha256")).values(used_at=bindparam("used_at"))
_CONFIRM = (
    update(action)
    .where(action.c.n == bindparam("the_n"))
    .values(status=bindparam("status"), confirmed_at=bindparam("confirmed_at"))
)
_AGAIN = select(*ACTION).where(action.c.n == bindparam("n"))


def issue(tx: Tx, sha256: str, identifier: str, purpose: Purpose, *, until: int) -> None:
    """Keep a token's hash, bound to the action as it is now. LedgerError where there is no such action any more."""
    found = tx.one(_BIND, id=identifier)
    if found is None:
        raise LedgerError("The action of this link is gone.", where=tx.where, todo="It was erased: send nothing.")
    number, bound = found
    tx.run(_ISSUE, sha256=sha256, action_n=number, purpose=purpose.value, bound=bound, until=until, used_at=None)


def find(tx: Tx, sha256: str, purpose: Purpose) -> Action | None:
    """Whose token this is, while it may be used for this purpose."""
    query = _TO_CONFIRM if purpose is Purpose.CONFIRM else _FIND
    row = tx.one(query, sha256=sha256, purpose=purpose.value, now=tx.now)
    return None if row is None else action_of(row)


def confirm(tx: Tx, sha256: str) -> Action | None:
    """Use a token up: its action is confirmed, or held for a person where it says why."""
    row = tx.one(_LOCKED, sha256=sha256, purpose=Purpose.CONFIRM.value, now=tx.now)
    if row is None:
        return None
    number, held = row[-1], action_of(row).held
    status = ActionStatus.HELD if held else ActionStatus.CONFIRMED
    tx.run(_USE, the_sha256=sha256, used_at=tx.now)
    tx.run(_CONFIRM, the_n=number, status=status.value, confirmed_at=tx.now)
    unwant_confirmation(tx, number)
    return action_of(tx.one(_AGAIN, n=number) or row)
