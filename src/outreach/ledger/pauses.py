"""What stands still: a campaign or one state of it until a person says go, and an account that its server sent away."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from functools import lru_cache

from sqlalchemy import Delete, bindparam, delete, exists, insert, or_, select

from outreach.errors import Paused
from outreach.ledger.deeds import record
from outreach.ledger.schema import account, dispatch, pause
from outreach.ledger.store import Tx
from outreach.ledger.times import length, moment
from outreach.ledger.upserts import upsert
from outreach.model.ledger import DeedKind
from outreach.model.pause import Pause, Rest

FARTHEST = timedelta(hours=6)  #: no server's "later" is farther away; what is comes of a clock that was put back

_OF_CAMPAIGN = pause.c.campaign == bindparam("the_campaign")
_PAUSES = (
    select(pause.c.campaign, pause.c.state, pause.c.at, pause.c.who, pause.c.why)
    .where(_OF_CAMPAIGN)
    .order_by(pause.c.state)
)
_HERE = select(pause.c.state).where(_OF_CAMPAIGN, pause.c.state == bindparam("state"))
_PAUSE = insert(pause).values({column.name: bindparam(column.name) for column in pause.columns}).inline()
#: Of a letter that is about to get its mark. The table is nearly always empty, so this costs a look and no more.
_STOPPED = select(pause.c.state, pause.c.who, pause.c.why).join(
    dispatch,
    (dispatch.c.campaign == pause.c.campaign)
    & or_(pause.c.state == "", pause.c.state == dispatch.c.state)
    & (dispatch.c.n == bindparam("n")),
)
NOT_STOPPED = ~exists().where(
    pause.c.campaign == dispatch.c.campaign, or_(pause.c.state == "", pause.c.state == dispatch.c.state)
)
_RESTS = select(account.c.account, account.c.rests_until, account.c.troubles, account.c.why)
_REST_OF = _RESTS.where(account.c.account == bindparam("the_account"))
_WAKE = delete(account).where(
    account.c.account == bindparam("the_account"),
    or_(account.c.rests_until <= bindparam("now"), account.c.rests_until > bindparam("farthest")),
)
_WAKE_ALL = delete(account)


def pauses(tx: Tx, campaign: str) -> list[Pause]:
    """What stands still in a campaign; the pause of the whole campaign first."""
    return [
        Pause(campaign=slug, state=state, at=moment(at), by=who, why=why)
        for slug, state, at, who, why in tx.all(_PAUSES, the_campaign=campaign)
    ]


def set_pause(tx: Tx, campaign: str, state: str, *, by: str, why: str) -> bool:
    """Let no further letter go; False = it stood still already."""
    tx.alone(f"pause {campaign}")
    if tx.one(_HERE, the_campaign=campaign, state=state) is not None:
        return False
    tx.run(_PAUSE, campaign=campaign, state=state, at=tx.now, who=by, why=why)
    record(tx, DeedKind.PAUSED, campaign=campaign, who=by, detail={"state": state, "why": why})
    return True


def lift_pauses(tx: Tx, campaign: str, states: Collection[str] | None, *, by: str) -> list[Pause]:
    """Let letters go again: of these states, or of all with the campaign's own pause (None); what was lifted."""
    lifted = [one for one in pauses(tx, campaign) if states is None or one.state in states]
    for one in lifted:
        tx.run(_lift(), the_campaign=campaign, the_state=one.state)
        record(tx, DeedKind.WENT_ON, campaign=campaign, who=by, detail={"state": one.state})
    return lifted


@lru_cache(maxsize=1)
def _lift() -> Delete:
    return delete(pause).where(_OF_CAMPAIGN, pause.c.state == bindparam("the_state"))


def refuse_stopped(tx: Tx, n: int) -> None:
    """Raise Paused when this letter's campaign or state stands still: its mark must not be made."""
    found = tx.one(_STOPPED, n=n)
    if found is not None:
        state, who, why = found
        raise Paused(f"{state or 'The campaign'} was paused by {who}: {why}.", where=tx.where)


def rest_of(tx: Tx, name: str) -> Rest | None:
    """How an account rests, or has rested without a letter accepted since."""
    found = tx.one(_REST_OF, the_account=name)
    return None if found is None else Rest(account=found[0], until=moment(found[1]), troubles=found[2], why=found[3])


def resting(tx: Tx, until: int) -> bool:
    """Whether an account rests that was told to rest until then."""
    return tx.now < until <= tx.now + length(FARTHEST)


def set_rest(tx: Tx, name: str, span: int, *, why: str) -> Rest:
    """Leave an account alone. Several connections that meet one trouble are one trouble, not several."""
    tx.alone(f"account {name}")
    old = tx.one(_REST_OF, the_account=name)
    until, troubles = tx.now + span, 1
    if old is not None:
        rests = resting(tx, old[1])
        troubles = old[2] if rests else old[2] + 1
        until = max(until, old[1]) if rests else until
    values = {"rests_until": until, "troubles": troubles, "why": why, "changed_at": tx.now}
    statement = upsert(account, "account", ("account", *values), tuple(values), server=tx.server)
    tx.run(statement, account=name, **values)
    return Rest(account=name, until=moment(until), troubles=troubles, why=why)


def wake(tx: Tx, name: str) -> None:
    """A letter was accepted: the account's troubles are over, unless another connection has just met one."""
    tx.run(_WAKE, the_account=name, now=tx.now, farthest=tx.now + length(FARTHEST))


def wake_all(tx: Tx, *, by: str) -> list[Rest]:
    """A person says go: no account rests any more; those that did."""
    rests = [
        Rest(account=name, until=moment(until), troubles=troubles, why=why)
        for name, until, troubles, why in tx.all(_RESTS)
        if until > tx.now
    ]
    tx.run(_WAKE_ALL)
    for one in rests:
        record(tx, DeedKind.WOKEN, who=by, detail={"account": one.account})
    return rests
