"""Limits: so many of one thing in a sliding window of time, and things that are used up once.

The keys are hashes already: nobody's address stands here.
"""

from __future__ import annotations

from sqlalchemy import bindparam, delete, func, insert, select

from outreach.ledger.store import Tx
from outreach.ledger.supporter_schema import quota, spent

_COUNT = select(func.count()).where(
    quota.c.quota == bindparam("quota"),
    quota.c.key == bindparam("key"),
    quota.c.at > bindparam("since"),
    quota.c.at < bindparam("until"),
)
_SPEND = insert(quota).values({c.name: bindparam(c.name) for c in quota.columns if c.name != "id"}).inline()
_USED = select(spent.c.until).where(spent.c.key == bindparam("key"))
_FORGET = delete(spent).where(spent.c.key == bindparam("the_key"))
_USE = insert(spent).values({c.name: bindparam(c.name) for c in spent.columns}).inline()
_OLD_QUOTAS = delete(quota).where(quota.c.until <= bindparam("now"))
_OLD_SPENT = delete(spent).where(spent.c.until <= bindparam("now"))
_OF_KEY = delete(quota).where(quota.c.key == bindparam("the_key"))


def spend(tx: Tx, name: str, key: str, *, most: int, within: int) -> bool:
    """Count one more; False, and nothing counted, where `most` were in the last `within` microseconds.

    What a clock that was put back left in the future counts as now, unless it is a whole window ahead.
    """
    tx.alone(f"quota {name} {key}")
    if counted(tx, name, key, within=within) >= most:
        return False
    tx.run(_SPEND, quota=name, key=key, at=tx.now, until=tx.now + within)
    return True


def counted(tx: Tx, name: str, key: str, *, within: int) -> int:
    """How many were in the last `within` microseconds."""
    (count,) = tx.one(_COUNT, quota=name, key=key, since=tx.now - within, until=tx.now + within) or (0,)
    return int(count)


def spend_once(tx: Tx, key: str, *, until: int) -> bool:
    """Use something up; False when it was used before and is not forgotten yet."""
    tx.alone(f"spent {key}")
    found = tx.one(_USED, key=key)
    if found is not None:
        if found[0] > tx.now:
            return False
        tx.run(_FORGET, the_key=key)
    tx.run(_USE, key=key, until=until)
    return True


def forget_spent(tx: Tx, now: int) -> int:
    """Remove what counts no more; how many rows."""
    return tx.run(_OLD_QUOTAS, now=now) + tx.run(_OLD_SPENT, now=now)


def forget_quotas_of(tx: Tx, key: str) -> int:
    """Remove all that was counted for one key; how many rows."""
    return tx.run(_OF_KEY, the_key=key)
