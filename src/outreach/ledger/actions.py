"""Actions from the form to a confirmed one: taken, moderated, counted, read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import bindparam, func, insert, literal_column, select, update

from outreach.ledger.action_rows import ACTION, action_of, columns_of
from outreach.ledger.notices import want
from outreach.ledger.store import Store, Tx
from outreach.ledger.supporter_schema import WROTE, action, action_target
from outreach.model.action import Action, ActionStatus, Crowd, Fate, NewAction
from outreach.model.notice import NoticeKind

_PENDING = select(action.c.n).where(
    action.c.campaign == bindparam("campaign"),
    action.c.supporter == bindparam("supporter"),
    action.c.status == literal_column("'pending'"),
)
_COLUMNS = tuple(c.name for c in action.columns if c.name not in {"n", "decided_why", "decided_by", "decided_at"})
_TAKE = insert(action).values({name: bindparam(name) for name in _COLUMNS}).returning(action.c.n)
_AIM = (
    insert(action_target)
    .values(
        {name: bindparam(name) for name in ("action_n", "institution", "campaign", "supporter")}
        | {"fate": Fate.WAITING.value}
    )
    .inline()
)
_ALL = select(*ACTION).where(action.c.campaign == bindparam("campaign")).order_by(action.c.n)
_IN_STATUS = _ALL.where(action.c.status == bindparam("status"))
_OF_PERSON = select(*ACTION).where(action.c.supporter == bindparam("supporter")).order_by(action.c.n)
_COUNTS = (
    select(action_target.c.institution, action_target.c.fate, func.count())
    .where(action_target.c.campaign == bindparam("campaign"), literal_column(WROTE))
    .group_by(action_target.c.institution, action_target.c.fate)
)
_WAITING = (
    select(action_target.c.institution, func.count())
    .join(action, action.c.n == action_target.c.action_n)
    .where(
        action_target.c.campaign == bindparam("campaign"),
        action_target.c.fate == literal_column("'waiting'"),
        action.c.status == ActionStatus.CONFIRMED.value,
    )
    .group_by(action_target.c.institution)
)
_DECIDED = ("status", "decided_by", "decided_at", "decided_why")
_DECIDE = (
    update(action)
    .where(action.c.id == bindparam("the_id"), action.c.status == ActionStatus.HELD.value)
    .values({name: bindparam(name) for name in _DECIDED})
)
_LET_GO = (
    update(action_target)
    .where(
        action_target.c.action_n
        == select(action.c.n).where(action.c.id == bindparam("the_id")).scalar_subquery().correlate(None),
        action_target.c.fate == Fate.WAITING.value,
    )
    .values(fate=Fate.DROPPED.value, why=bindparam("the_why"))
)


def take(tx: Tx, new: NewAction, *, confirmation: bool) -> bool:
    """Keep a submitted action and want its confirmation; False where one of the same supporter is pending."""
    tx.alone(f"supporter {new.campaign} {new.supporter}")
    if tx.one(_PENDING, campaign=new.campaign, supporter=new.supporter) is not None:
        return False
    status = ActionStatus.PENDING
    if not confirmation:
        status = ActionStatus.HELD if new.held else ActionStatus.CONFIRMED
    (number,) = tx.one(_TAKE, **columns_of(new, status, tx.now)) or (0,)
    its = {"action_n": number, "campaign": new.campaign, "supporter": new.supporter}
    tx.many(_AIM, [{**its, "institution": one} for one in dict.fromkeys(new.targets)])
    if confirmation:
        want(tx, NoticeKind.CONFIRMATION, number, new.campaign)
    return True


def actions(store: Store, campaign: str, status: ActionStatus | None) -> Iterator[Action]:
    """Actions in the order in which they came, never held whole."""
    query, values = (_ALL, {}) if status is None else (_IN_STATUS, {"status": status.value})
    with store.read() as tx:
        yield from map(action_of, tx.each(query, campaign=campaign, **values))


def of_person(tx: Tx, supporter: str) -> list[Action]:
    """Every action of one supporter, over all campaigns."""
    return [action_of(row) for row in tx.all(_OF_PERSON, supporter=supporter)]


def crowds(tx: Tx, campaign: str) -> dict[str, Crowd]:
    """Institution -> how many wrote to it, by what became of it. Those whose person was erased are still counted."""
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for institution, fate, count in tx.all(_COUNTS, campaign=campaign):
        counts[institution][fate] = count
    for institution, count in tx.all(_WAITING, campaign=campaign):
        counts[institution][Fate.WAITING.value] = count
    return {institution: Crowd(institution=institution, **by_fate) for institution, by_fate in sorted(counts.items())}


def moderate(tx: Tx, identifier: str, *, release: bool, by: str, why: str) -> bool:
    """A person lets a held action go, or refuses it; False when it is not held any more."""
    status = ActionStatus.CONFIRMED if release else ActionStatus.REFUSED
    values = {"status": status.value, "decided_by": by, "decided_at": tx.now, "decided_why": why}
    if not tx.change(_DECIDE, {"the_id": identifier, **values}):
        return False
    if not release:
        tx.run(_LET_GO, the_id=identifier, the_why="refused by a person")
    return True
