"""Reading what stands: dispatches, events, the skipped. A long list is one moment's view, never held whole."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import bindparam, select

from outreach.ledger.rows import STANDING, standing
from outreach.ledger.schema import OURS, THEIRS, deed, dispatch, event, skipped
from outreach.ledger.store import Store, Tx
from outreach.ledger.times import moment
from outreach.model.dispatch import Skipped, SkipReason, Standing
from outreach.model.event import Event, EventKind
from outreach.model.ledger import DeedKind
from outreach.model.status import Status

_ALL = (
    select(*STANDING).where(dispatch.c.campaign == bindparam("campaign"), OURS).order_by(dispatch.c.step, dispatch.c.n)
)
_COPIES = select(*STANDING).where(dispatch.c.campaign == bindparam("campaign"), THEIRS).order_by(dispatch.c.n)
_STEP = _ALL.where(dispatch.c.step == bindparam("step"))
_EVENT = (event.c.id, event.c.at, event.c.kind, event.c.was, event.c.became, event.c.who, event.c.detail)
# Not a join: the database would start from the dispatches and sort the whole log.
_EVENTS = select(
    select(dispatch.c.id)
    .where(dispatch.c.n == event.c.dispatch_n, dispatch.c.campaign == bindparam("campaign"), OURS)
    .scalar_subquery(),
    *_EVENT,
).order_by(event.c.id)
_ITS_EVENTS = (
    select(dispatch.c.id, *_EVENT)
    .join(dispatch, dispatch.c.n == event.c.dispatch_n)
    .where(dispatch.c.campaign == bindparam("campaign"), dispatch.c.id == bindparam("id"))
    .order_by(event.c.id)
)
_LAST_GO = (
    select(deed.c.at)
    .where(deed.c.campaign == bindparam("campaign"), deed.c.kind == DeedKind.WENT_ON.value)
    .order_by(deed.c.id.desc())
    .limit(1)
)
_FINISHED = (
    select(event.c.detail)
    .join(dispatch, dispatch.c.n == event.c.dispatch_n)
    .where(
        dispatch.c.campaign == bindparam("campaign"),
        event.c.kind.in_([EventKind.SENT.value, EventKind.REJECTED.value]),
        event.c.at > bindparam("since"),
    )
    .order_by(event.c.id.desc())
    .limit(bindparam("most"))
)
_SKIPPED = (
    select(
        skipped.c.institution,
        skipped.c.institution_name,
        skipped.c.state,
        skipped.c.role,
        skipped.c.reason,
        skipped.c.detail,
        skipped.c.post,
        skipped.c.form,
    )
    .where(skipped.c.campaign == bindparam("campaign"), skipped.c.step == bindparam("step"))
    .order_by(skipped.c.n)
)


def standings(store: Store, campaign: str, step: int | None) -> Iterator[Standing]:
    """Every letter of the campaign's own in plan order, each in exactly one status."""
    with store.read() as tx:
        rows = tx.each(_ALL, campaign=campaign) if step is None else tx.each(_STEP, campaign=campaign, step=step)
        yield from map(standing, rows)


def copies(store: Store, campaign: str) -> Iterator[Standing]:
    """Every copy of a supporter and every digest, in the order in which they were queued."""
    with store.read() as tx:
        yield from map(standing, tx.each(_COPIES, campaign=campaign))


def events(store: Store, campaign: str, identifier: str | None) -> Iterator[Event]:
    """The log in the order in which it was written: of the campaign's own letters, or of one dispatch, whoever's."""
    query, values = (_EVENTS, {}) if identifier is None else (_ITS_EVENTS, {"id": identifier})
    with store.read() as tx:
        for its, number, at, kind, was, became, who, detail in tx.each(query, campaign=campaign, **values):
            if its is None:
                continue  # another campaign's, or a supporter's
            yield Event(
                id=number,
                at=moment(at),
                dispatch=its,
                kind=EventKind(kind),
                was=None if was is None else Status(was),
                now=Status(became),
                by=who,
                detail=json.loads(detail),
            )


def streak(tx: Tx, campaign: str, most: int) -> list[bool]:
    """How the newest finished letters ended, the newest first: True = refused by policy. Since the last `go`."""
    since = tx.one(_LAST_GO, campaign=campaign)
    details = tx.all(_FINISHED, campaign=campaign, since=since[0] if since else 0, most=most)
    return [bool(json.loads(detail).get("policy")) for (detail,) in details]


def skipped_institutions(tx: Tx, campaign: str, step: int) -> list[Skipped]:
    """Who gets no letter in the current plan, in its order."""
    return [
        Skipped(
            institution=row[0],
            institution_name=row[1],
            state=row[2],
            role=row[3],
            reason=SkipReason[row[4]],
            detail=row[5],
            post=row[6],
            form=row[7],
        )
        for row in tx.each(_SKIPPED, campaign=campaign, step=step)
    ]
