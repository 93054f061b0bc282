"""Who holds which address in a step, while a plan hands them out: two institutions may swap theirs in one plan.

A letter that has not left gives its address up to the one that is planned there now; until the plan names its own new
address it holds none. Letters that left, may have left or are approved keep theirs: a second letter to it is refused.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from sqlalchemy import bindparam, select

from outreach.errors import LedgerError
from outreach.ledger.changes import correct
from outreach.ledger.schema import dispatch
from outreach.ledger.store import Query, Tx
from outreach.model.dispatch import CAMPAIGN_SENDER
from outreach.model.status import HeldReason, Status

#: What a person must settle first: a plan leaves these alone.
WAITING = frozenset({HeldReason.BY_HAND, HeldReason.REPEATED_CRASH, HeldReason.MODERATION})
_FREE = frozenset({Status.DRAFT, Status.CANCELLED, Status.SUPPRESSED, Status.REJECTED, Status.BOUNCED})

# Campaign and step are not asked for: the newest letters are in no statistics, and PostgreSQL would rather walk through
# the whole step than look up two hundred addresses.
_HOLDER = select(
    dispatch.c.n,
    dispatch.c.campaign,
    dispatch.c.step,
    dispatch.c.id,
    dispatch.c.institution,
    dispatch.c.sender,
    dispatch.c.address_norm,
    dispatch.c.status,
    dispatch.c.held,
)
# The sender is bound, not spelled out: else PostgreSQL walks through the index of the plan. Supporters' copies to one
# institution may be thousands.
_OURS = dispatch.c.sender == bindparam("sender")
_BY_ADDRESS = _HOLDER.where(dispatch.c.address_norm.in_(bindparam("addresses", expanding=True)), _OURS)
_BY_INSTITUTION = _HOLDER.where(dispatch.c.institution.in_(bindparam("institutions", expanding=True)), _OURS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An address that the plan gives to a dispatch."""

    id: str
    institution: str
    sender: str
    address_norm: str


class Boxes:
    """The addresses of one campaign and step during one plan."""

    def __init__(self, tx: Tx, campaign: str, step: int, *, redraft: bool) -> None:
        self._tx = tx
        self._here = (campaign, step)
        self._redraft = redraft
        self._given_up: dict[str, tuple[str, str, str]] = {}  # id -> institution, address, status

    def take(self, wanted: Sequence[Wanted], planned: Container[str]) -> None:
        """Free these addresses for those who are written next. LedgerError when one is another letter's for good.

        `planned` are all dispatches that this plan has named so far, those of `wanted` among them.
        """
        if not wanted:
            return
        mine: dict[tuple[str, str], Wanted] = {}
        for one in wanted:
            other = mine.setdefault((one.sender, one.address_norm), one)
            if other.id != one.id:
                self._two(one.address_norm, other.institution, one.institution)
        self._one_letter_each(wanted)
        writing = {one.id for one in wanted}
        moving: list[Any] = []
        for holder in self._holders(_BY_ADDRESS, addresses=[key[1] for key in mine]):
            taker = mine.get((holder.sender, holder.address_norm))
            if taker is None or taker.id == holder.id:
                continue
            if holder.id not in writing and (holder.id in planned or not self._may_give_up(holder)):
                self._two(holder.address_norm, taker.institution, holder.institution, holder.status)
            moving.append(holder)
        for holder in moving:
            self._given_up[holder.id] = (holder.institution, holder.address_norm, holder.status)
        correct(self._tx, [(holder.n, {"address_norm": f"given up by {holder.id}"}) for holder in moving])
        for one in wanted:
            self._given_up.pop(one.id, None)

    def settle(self) -> None:
        """At the plan's end: an approved or held letter that was not planned anew cannot have lost its address."""
        for institution, address, status in self._given_up.values():
            if Status(status) not in _FREE:
                self._two(address, "another institution", institution, status)

    def _one_letter_each(self, wanted: Sequence[Wanted]) -> None:
        ids = {(one.sender, one.institution): one.id for one in wanted}
        for holder in self._holders(_BY_INSTITUTION, institutions=[key[1] for key in ids]):
            if ids.get((holder.sender, holder.institution), holder.id) != holder.id:
                raise LedgerError(
                    f'"{holder.institution}" has a letter of this step under another id.',
                    where=self._tx.where,
                    todo="The ids are keyed by OUTREACH_SECRET: put the secret back with which this ledger was begun.",
                )
        if len(ids) != len(wanted):
            raise LedgerError("One institution is planned twice in one step.", where=self._tx.where)

    def _holders(self, query: Query, **several: list[str]) -> list[Any]:
        found = self._tx.find(query, **several, sender=CAMPAIGN_SENDER)
        return [one for one in found if (one.campaign, one.step) == self._here]

    def _may_give_up(self, holder: Any) -> bool:
        status = Status(holder.status)
        if status is Status.HELD:
            return HeldReason(holder.held) not in WAITING | {HeldReason.RENAMED}
        return status in _FREE or (status is Status.QUEUED and self._redraft)

    def _two(self, address: str, one: str, other: str, status: str = "") -> NoReturn:
        standing = f" ({status})" if status else ""
        raise LedgerError(
            f'Two letters of one step would go to "{address}": to "{one}" and to "{other}"{standing}.',
            where=self._tx.where,
            todo="Give one of them its own address, or mark the box as shared in the sheet; "
            "an approved letter moves only when the plan may redraft it.",
        )
