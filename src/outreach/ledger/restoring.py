"""A backup that was put back: what may have left after it was made is in doubt, and its campaigns wait for a person."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import bindparam, delete, func, insert, select, union

from outreach.ledger.changes import Move, move
from outreach.ledger.deeds import record
from outreach.ledger.schema import backup, deed, dispatch, meta, pause, plan
from outreach.ledger.store import Tx
from outreach.ledger.times import moment
from outreach.model.event import EventKind
from outreach.model.ledger import DeedKind, Restored
from outreach.model.status import Status

CHUNK = 500

#: By the backup none of these had left; since then each of them may have.
MAY_HAVE_LEFT = (Status.DRAFT, Status.QUEUED, Status.HELD, Status.CLAIMED, Status.COMMITTED)

_IN = select(dispatch.c.n).where(dispatch.c.status == bindparam("the_status")).order_by(dispatch.c.n).with_for_update()
_COUNTS = select(dispatch.c.status, func.count()).group_by(dispatch.c.status)
_CAMPAIGNS = union(select(dispatch.c.campaign), select(plan.c.campaign)).order_by("campaign")
_PAUSED = select(pause.c.campaign).where(pause.c.state == "")
_PAUSE = insert(pause).values({column.name: bindparam(column.name) for column in pause.columns}).inline()
_MADE_AT = select(backup.c.made_at)
_UNMARK = delete(backup)
_ERA = select(
    meta.c.workspace,
    select(func.count()).select_from(deed).where(deed.c.kind == DeedKind.RESTORED.value).scalar_subquery(),
)


def era(tx: Tx) -> str:
    """Which ledger this is, and how often it was put back: what was kept beside it in another era may have aged."""
    workspace, restored = tx.one(_ERA) or ("", 0)
    return f"{workspace}/{restored}"


def in_this_era(kept: str, now: str) -> bool:
    """Whether what was kept says `now`; older versions said nothing, and are believed while nothing was put back."""
    return kept == now or (not kept and now.endswith("/0"))


def restored(tx: Tx, *, by: str, why: str) -> Restored:
    """Put every letter that may have left in doubt, pause every campaign, and take the mark of the backup away.

    A second time there is nothing to do, and nothing is written.
    """
    counts = {Status(status): int(count) for status, count in tx.all(_COUNTS)}
    made_at = tx.one(_MADE_AT)
    moved = {status: count for status in MAY_HAVE_LEFT if (count := _doubt(tx, status, by=by, why=why))}
    campaigns = [str(campaign) for (campaign,) in tx.all(_CAMPAIGNS)]
    done = Restored(
        moved=moved,
        doubtful=counts.get(Status.IN_DOUBT, 0),
        left={status: count for status, count in counts.items() if status not in {*MAY_HAVE_LEFT, Status.IN_DOUBT}},
        paused=_pause(tx, campaigns, by=by, why=why),
        campaigns=len(campaigns),
        backup_of=moment(made_at[0]) if made_at else None,
    )
    if done.changed:
        tx.run(_UNMARK)
        detail = {"why": why, "letters": sum(moved.values()), "campaigns": list(done.paused)}
        record(tx, DeedKind.RESTORED, who=by, detail=detail)
    return done


def _doubt(tx: Tx, status: Status, *, by: str, why: str) -> int:
    numbers = [n for (n,) in tx.all(_IN, the_status=status.value)]
    for start in range(0, len(numbers), CHUNK):
        for moves in _ways(numbers[start : start + CHUNK], status, by=by, why=why):
            move(tx, moves)
    return len(numbers)


def _ways(numbers: list[int], status: Status, *, by: str, why: str) -> Iterator[list[Move]]:
    """The changes that lead to in doubt. A claim is given back first: its runner's fence holds nothing any more."""
    was = status
    if status is Status.CLAIMED:
        was = Status.QUEUED
        yield [
            Move(n=n, was=status, now=was, kind=EventKind.RELEASED, who=by, detail={"text": "the ledger is a backup"})
            for n in numbers
        ]
    yield [
        Move(
            n=n,
            was=was,
            now=Status.IN_DOUBT,
            kind=EventKind.RESTORED,
            who=by,
            detail={"why": why},
            also={"held": None} if was is Status.HELD else {},
        )
        for n in numbers
    ]


def _pause(tx: Tx, campaigns: list[str], *, by: str, why: str) -> tuple[str, ...]:
    paused = {campaign for (campaign,) in tx.all(_PAUSED)}
    fresh = tuple(campaign for campaign in campaigns if campaign not in paused)
    said = f"restored from a backup: {why}"
    tx.many(_PAUSE, [{"campaign": one, "state": "", "at": tx.now, "who": by, "why": said} for one in fresh])
    return fresh
