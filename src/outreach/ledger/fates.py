"""What a new plan makes of a letter that the ledger already has."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any

from sqlalchemy import bindparam, case, exists, false, or_, select

from outreach.ledger.boxes import WAITING
from outreach.ledger.rows import FACTS
from outreach.ledger.schema import dispatch, event, letter
from outreach.ledger.store import Tx
from outreach.model.event import EventKind
from outreach.model.letter import Letter
from outreach.model.status import HeldReason, Status


class Fate(Enum):
    """The answers of `fate`."""

    REDRAFT = auto()  #: still a draft, with other bytes
    RETURN = auto()  #: back to draft, with the new bytes
    SAME = auto()  #: the same bytes: it stays what it is
    STAYS_APPROVED = auto()  #: the new bytes differ; what was approved stands
    STAYS_HELD = auto()  #: waits for a person
    GONE = auto()  #: left or may have left, or was refused at this very address


# A person may drop a letter that is in doubt or held: it is cancelled, and no plan sends it again.
_dropped = exists().where(
    event.c.dispatch_n == dispatch.c.n,
    event.c.became == Status.CANCELLED.value,
    or_(event.c.was == Status.IN_DOUBT.value, event.c.kind == EventKind.SETTLED.value),
)
_OLD = (
    select(
        dispatch.c.n,
        dispatch.c.id,
        dispatch.c.status,
        dispatch.c.held,
        dispatch.c.planned,
        *(dispatch.c[name] for name in FACTS),
        letter.c.envelope_from,
        letter.c.template_sha,
        case((dispatch.c.status == Status.CANCELLED.value, _dropped), else_=false()).label("dropped"),
    )
    .join(letter, letter.c.dispatch_n == dispatch.c.n)
    .where(dispatch.c.n.in_(bindparam("numbers", expanding=True)))
)


def old_rows(tx: Tx, numbers: list[int]) -> dict[str, Any]:
    """What the ledger has of these dispatches, by id."""
    if not numbers:
        return {}
    return {row.id: row for row in tx.find(_OLD, numbers=numbers)}


def fate(old: Any, facts: Mapping[str, Any], new: Letter, *, redraft: bool) -> Fate:
    """Decide for one letter; `facts` are its row's columns as planned now."""
    status = Status(old.status)
    if status in {Status.DRAFT, Status.QUEUED}:
        here = (old.letter_sha, old.recipient, old.envelope_from)
        if here == (new.sha256, facts["recipient"], new.envelope_from):
            return Fate.SAME
        if status is Status.DRAFT:
            return Fate.REDRAFT
        return Fate.RETURN if redraft else Fate.STAYS_APPROVED
    if status is Status.HELD:
        # A plan leaves out what may be renamed: one that names it again has had its answer.
        return Fate.STAYS_HELD if HeldReason(old.held) in WAITING else Fate.RETURN
    if status is Status.CANCELLED:
        return Fate.GONE if old.dropped else Fate.RETURN
    if status is Status.SUPPRESSED:
        return Fate.RETURN
    if status in {Status.REJECTED, Status.BOUNCED} and old.address_norm != facts["address_norm"]:
        return Fate.RETURN
    return Fate.GONE
