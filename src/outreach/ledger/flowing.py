"""From confirmed actions to letters: copies and digests are queued in the name of who approved the frame.

That nobody writes twice to an institution is held by three rules of uniqueness in the database: a copy's sender is the
supporter's key, at one institution and at one address, and a supporter has one action that wrote to an institution, be
it by a copy or in a digest. They hold after erasing, too. What would break one is no error but TWICE.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, func, literal_column, or_, select, update

from outreach.errors import ApprovalError, LedgerError
from outreach.ledger.action_rows import ACTION, action_of
from outreach.ledger.changes import AFRESH, Move, begin, correct, move
from outreach.ledger.frames import goes_to, still_approved
from outreach.ledger.frozen import freeze, freeze_again
from outreach.ledger.retreat import cancel
from outreach.ledger.rows import facts
from outreach.ledger.schema import THEIRS, dispatch
from outreach.ledger.store import Tx
from outreach.ledger.supporter_schema import COPY, DIGEST, UNCOUNTED, WROTE, action, action_target
from outreach.ledger.times import micros
from outreach.model.action import Action, Fate, Way
from outreach.model.dispatch import Dispatch
from outreach.model.event import EventKind
from outreach.model.letter import Letter
from outreach.model.status import Status
from outreach.model.supporter import ApprovedFrame

_CONFIRMED = action.c.status == literal_column("'confirmed'")
_FLOWING = (
    select(action_target.c.action_n)
    .join(action, action.c.n == action_target.c.action_n)
    .where(
        action_target.c.campaign == bindparam("campaign"),
        action_target.c.fate == literal_column("'waiting'"),
        _CONFIRMED,
    )
    .group_by(action_target.c.action_n)
    .order_by(action_target.c.action_n)
    .limit(bindparam("most"))
)
_NUMBERED = select(*ACTION).where(action.c.n.in_(bindparam("numbers", expanding=True))).order_by(action.c.n)
_UNDECIDED = select(action_target.c.action_n, action_target.c.institution).where(
    action_target.c.action_n.in_(bindparam("numbers", expanding=True)), action_target.c.fate == Fate.WAITING.value
)
_QUEUED = select(func.count()).where(
    dispatch.c.campaign == bindparam("campaign"),
    dispatch.c.institution == bindparam("institution"),
    dispatch.c.status == literal_column("'queued'"),
    THEIRS,
    dispatch.c.sender >= literal_column("'supporter:'"),
)
_LOCKED = (
    select(action.c.n, action.c.supporter, action.c.campaign)
    .where(action.c.id == bindparam("id"), _CONFIRMED)
    .with_for_update()
)
_ITS = select(action_target.c.institution, action_target.c.dispatch_n).where(
    action_target.c.action_n == bindparam("n"), action_target.c.fate == Fate.WAITING.value
)
# By the person alone: of a campaign or an institution there may be a hundred thousand rows.
_OTHERS = select(action.c.n).where(action.c.supporter == bindparam("supporter"), action.c.n != bindparam("n"))
_WROTE = select(action_target.c.institution, action_target.c.campaign).where(
    action_target.c.action_n.in_(bindparam("numbers", expanding=True)),
    or_(literal_column(WROTE), action_target.c.dispatch_n.is_not(None)),
)
_POINTED = exists().where(action_target.c.dispatch_n == dispatch.c.n)
_THERE = (
    select(dispatch.c.n, dispatch.c.id, dispatch.c.institution, dispatch.c.status, _POINTED.label("pointed"))
    .where(
        dispatch.c.campaign == bindparam("campaign"),
        dispatch.c.step == literal_column("0"),
        dispatch.c.sender == bindparam("sender"),
        or_(dispatch.c.institution == bindparam("institution"), dispatch.c.address_norm == bindparam("address_norm")),
    )
    .with_for_update(of=dispatch)
)
_DRAFT = (
    select(dispatch.c.n)
    .where(dispatch.c.n == bindparam("n"), dispatch.c.status == Status.DRAFT.value)
    .with_for_update()
)
_MADE = select(dispatch.c.n).where(dispatch.c.id == bindparam("id"))
_DECIDE = (
    update(action_target)
    .where(
        action_target.c.action_n == bindparam("the_action"),
        action_target.c.institution == bindparam("the_institution"),
        action_target.c.fate == Fate.WAITING.value,
    )
    .values({name: bindparam(name) for name in ("fate", "way", "why", "dispatch_n")})
)
_FOR_DIGEST = (
    select(*ACTION)
    .join(action_target, action_target.c.action_n == action.c.n)
    .where(
        action_target.c.campaign == bindparam("campaign"),
        action_target.c.institution == bindparam("institution"),
        literal_column("action_target.fate = 'queued' AND action_target.way = 'digest'"),
        action_target.c.dispatch_n.is_(None),
        _CONFIRMED,
    )
    .order_by(action_target.c.action_n)  # and so by the index of those who are not counted yet
)
_ON_ITS_WAY = (
    select(dispatch.c.n)
    .where(
        dispatch.c.campaign == bindparam("campaign"),
        dispatch.c.institution == bindparam("institution"),
        dispatch.c.step == literal_column("0"),  # with it the index leads to the sender, past a hundred thousand copies
        dispatch.c.status.in_([Status.QUEUED.value, Status.CLAIMED.value, Status.COMMITTED.value]),
        THEIRS,
        dispatch.c.sender >= literal_column("'digest:'"),
        dispatch.c.sender < literal_column("'digest;'"),
    )
    .limit(1)
)
_COUNT_IN = (
    update(action_target)
    .where(
        action_target.c.action_n
        == select(action.c.n).where(action.c.id == bindparam("the_id"), _CONFIRMED).scalar_subquery(),
        action_target.c.institution == bindparam("the_institution"),
        literal_column(UNCOUNTED),
    )
    .values(dispatch_n=bindparam("the_dispatch"))
)

Copies = Sequence[tuple[Dispatch, Letter, datetime | None]]


def to_flow(tx: Tx, campaign: str, most: int) -> list[tuple[Action, tuple[str, ...]]]:
    """Confirmed actions with the targets for which nothing is decided yet, the oldest first."""
    numbers = [n for (n,) in tx.all(_FLOWING, campaign=campaign, most=most)]
    if not numbers:
        return []
    undecided: dict[int, set[str]] = defaultdict(set)
    for row in tx.find(_UNDECIDED, numbers=numbers):
        undecided[row.action_n].add(row.institution)
    found = []
    for row in tx.find(_NUMBERED, numbers=numbers):
        one = action_of(row)
        found.append((one, tuple(name for name in one.targets if name in undecided[row.n])))
    return found


def queue_of(tx: Tx, campaign: str, institution: str) -> int:
    """How many copies to this institution are queued and have not left."""
    (count,) = tx.one(_QUEUED, campaign=campaign, institution=institution) or (0,)
    return int(count)


def flow(
    tx: Tx,
    identifier: str,
    copies: Copies,
    digests: Mapping[str, str],
    dropped: Mapping[str, str],
    frame: ApprovedFrame,
) -> None:
    """Decide for an action's targets. Nothing happens to an action that is not confirmed; ApprovalError under an older
    frame.
    """
    tx.alone(f"supporters {frame.frame.campaign}")
    row = tx.one(_LOCKED, id=identifier)
    if row is None:
        return
    if not still_approved(tx, frame):
        raise ApprovalError(
            "Another supporters' frame was approved in between: nothing was queued under the old one.",
            where=frame.frame.campaign,
            todo="Run the command once more.",
        )
    number, supporter, campaign = row
    undecided = {row.institution: row.dispatch_n for row in tx.find(_ITS, n=number)}
    before = _written_before(tx, number, supporter, campaign)
    for one, its_letter, not_before in copies:
        _require_inside(one, frame, campaign=campaign, sender=COPY + supporter)
        if one.institution in undecided:
            fate, n = Fate.TWICE, None
            if one.institution not in before:
                n = _queue(tx, one, its_letter, frame, not_before, mine=undecided[one.institution])
                fate = Fate.TWICE if n is None else Fate.QUEUED
            _decide(tx, number, one.institution, fate, None if n is None else Way.COPY, dispatch_n=n)
    for institution, why in digests.items():
        if institution in undecided:
            twice = institution in before
            fate = Fate.TWICE if twice else Fate.QUEUED
            _decide(tx, number, institution, fate, None if twice else Way.DIGEST, why="" if twice else why)
            _forgo(tx, undecided[institution], why=why)
    for institution, why in dropped.items():
        if institution in undecided:
            _decide(tx, number, institution, Fate.DROPPED, None, why=why)
            _forgo(tx, undecided[institution], why=why)


def for_digest(tx: Tx, campaign: str, institution: str) -> list[Action]:
    """Confirmed actions that the next digest to this institution counts, the oldest first; none while one waits."""
    if _on_its_way(tx, campaign, institution):
        return []
    return [action_of(row) for row in tx.all(_FOR_DIGEST, campaign=campaign, institution=institution)]


class NotAsItWas(Exception):
    """Undoes a digest whose supporters are not those that it counts."""


def digest(tx: Tx, one: Dispatch, its_letter: Letter, actions: Sequence[str], frame: ApprovedFrame) -> bool:
    """Queue a digest that counts exactly these actions; False where that day's was made, or the frame is another.

    Raises NotAsItWas, for the transaction to be undone, where one of the actions was taken back since.
    """
    tx.alone(f"supporters {one.campaign}")
    _require_inside(one, frame, campaign=one.campaign, sender=one.sender)
    if not one.sender.startswith(DIGEST):
        raise ValueError(f"{one.sender} is no digest's sender")
    if not actions or not still_approved(tx, frame) or _on_its_way(tx, one.campaign, one.institution):
        return False
    n = _queue(tx, one, its_letter, frame, None, mine=None)
    if n is None:
        return False
    counted = [{"the_id": each, "the_institution": one.institution, "the_dispatch": n} for each in actions]
    if tx.many(_COUNT_IN, counted) != len(set(actions)):
        raise NotAsItWas
    return True


def _on_its_way(tx: Tx, campaign: str, institution: str) -> bool:
    """Whether an earlier digest has not left: after a weekend there is one letter, not three."""
    return tx.one(_ON_ITS_WAY, campaign=campaign, institution=institution) is not None


def _require_inside(one: Dispatch, frame: ApprovedFrame, *, campaign: str, sender: str) -> None:
    """A letter that the frame does not cover is a mistake of the caller."""
    target = next((each for each in frame.frame.targets if each.institution == one.institution), None)
    here = (one.campaign, frame.frame.campaign, one.step, one.sender)
    known = target is not None and goes_to(target, recipient=one.recipient, identifier=one.id)
    if not known or here != (campaign, campaign, 0, sender):
        raise ValueError(f"the letter {one.id} to {one.institution} is outside the approved frame")


def _written_before(tx: Tx, number: int, supporter: str, campaign: str) -> set[str]:
    """The institutions to which another action of the same supporter wrote."""
    others = [n for (n,) in tx.all(_OTHERS, supporter=supporter, n=number)]
    found = tx.find(_WROTE, numbers=others) if others else []
    return {row.institution for row in found if row.campaign == campaign}


def _queue(
    tx: Tx, one: Dispatch, its_letter: Letter, frame: ApprovedFrame, not_before: datetime | None, *, mine: int | None
) -> int | None:
    """Queue a copy or digest; its number, None where its sender has written there. What never left is made anew."""
    there = tx.find(
        _THERE,
        campaign=one.campaign,
        sender=one.sender,
        institution=one.institution,
        address_norm=one.address_norm,
    )
    if any(old.institution != one.institution for old in there):
        return None  # two institutions read the same box
    now = facts(one, its_letter.sha256)
    if not there:
        row = {"id": one.id, "campaign": one.campaign, "step": 0, "sender": one.sender, "institution": one.institution}
        begin(tx, [row | now])
        freeze(tx, [its_letter])
        (n,) = tx.one(_MADE, id=one.id) or (0,)
    else:
        old = there[0]
        n, status = int(old.n), Status(old.status)
        if old.id != one.id:
            raise LedgerError(
                f'A letter to "{one.institution}" stands under another id.',
                where=tx.where,
                todo="The ids are keyed by OUTREACH_SECRET: put the secret back with which this ledger was begun.",
            )
        if n == mine and status is not Status.DRAFT:
            return n  # it may have left, and is settled as any letter
        if n != mine and (status is not Status.CANCELLED or old.pointed):
            return None
        freeze_again(tx, [(n, its_letter)])
        _redraft(tx, n, status, now)
    begins = 0 if not_before is None else micros(not_before)
    detail = {"frame": frame.frame.digest}
    move(
        tx,
        [
            Move(
                n=n,
                was=Status.DRAFT,
                now=Status.QUEUED,
                kind=EventKind.QUEUED,
                who=frame.by,
                detail=detail,
                also={"next_at": begins},
            )
        ],
    )
    return int(n)


def _forgo(tx: Tx, n: int | None, *, why: str) -> None:
    """The copy that an action had before it was decided anew does not go: it loses its words."""
    if n is not None and tx.one(_DRAFT, n=n) is not None:
        cancel(tx, n, Status.DRAFT, why=why)


def _redraft(tx: Tx, n: int, status: Status, now: Mapping[str, Any]) -> None:
    if status is Status.DRAFT:
        correct(tx, [(n, {**AFRESH, **now})])
        return
    why = {"why": "made anew"}
    move(tx, [Move(n=n, was=status, now=Status.DRAFT, kind=EventKind.RETURNED, detail=why, also={**AFRESH, **now})])


def _decide(
    tx: Tx, number: int, institution: str, fate: Fate, way: Way | None, *, why: str = "", dispatch_n: int | None = None
) -> None:
    tx.run(
        _DECIDE,
        the_action=number,
        the_institution=institution,
        fate=fate.value,
        way=way.value if way else None,
        why=why,
        dispatch_n=dispatch_n,
    )
