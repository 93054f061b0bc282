"""Pause and go: a person stops a campaign or one state of it, and lets it go on.

It takes the campaign's name and no more: a slip in its file must not keep anybody from stopping it.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from outreach.errors import UsageError
from outreach.model.pause import Pause, Rest
from outreach.model.status import Status
from outreach.runner.ports import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """What a pause did."""

    new: bool  #: False = it stood still already
    waiting: int  #: approved letters that stand still now
    known: bool  #: the ledger has a letter of the campaign; else it may be sent from another one


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """What may go on again."""

    lifted: Sequence[Pause]
    woken: Sequence[Rest]  #: accounts that their server had sent away for a while
    left: Sequence[Pause]  #: what still stands still
    waiting: int  #: approved letters that may go now


def pause(ledger: Ledger, campaign: str, state: str, *, by: str, why: str) -> Stopped:
    """Let no further letter of the campaign, or of one state (its code), go; each runner stops within one letter."""
    if not by.strip() or not why.strip():
        raise UsageError("A pause needs a person's name and a reason.", todo="Add --by NAME --why REASON.")
    ledger.require_holder()  # whoever stops a copy would believe that nothing is sent any more
    new = ledger.pause(campaign, state, by=by.strip(), why=why.strip())
    waiting = _waiting(ledger, campaign, {state} if state else None)
    return Stopped(new=new, waiting=waiting, known=any(True for _ in ledger.standings(campaign)))


def go(ledger: Ledger, campaign: str, state: str, *, by: str) -> Gone:
    """Let the campaign go on, with all its states; or one state. Going on with the campaign wakes every account."""
    if not by.strip():
        raise UsageError("Going on needs a person's name.", todo="Add --by NAME.")
    ledger.require_holder()
    lifted = ledger.go(campaign, {state} if state else None, by=by.strip())
    woken = [] if state else ledger.wake(by=by.strip())
    left = ledger.pauses(campaign)
    still = {one.state for one in left}
    waiting = 0 if "" in still else _waiting(ledger, campaign, None, without=still)
    return Gone(lifted=lifted, woken=woken, left=left, waiting=waiting)


def _waiting(
    ledger: Ledger, campaign: str, states: AbstractSet[str] | None, *, without: AbstractSet[str] = frozenset()
) -> int:
    return sum(
        one.status in {Status.QUEUED, Status.CLAIMED}  # what a runner has in hand stands still as well
        and one.planned
        and (states is None or one.dispatch.state in states)
        and one.dispatch.state not in without
        for one in ledger.standings(campaign)
    )
