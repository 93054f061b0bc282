"""The verbs for what stands still. `SqlLedger` has them beside its own."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from outreach.ledger import pauses as standstill
from outreach.ledger.store import Store
from outreach.ledger.times import length
from outreach.model.pause import Pause, Rest


class StillLedger:
    """Campaigns and states that are paused, accounts that rest."""

    _store: Store

    def pauses(self, campaign: str) -> list[Pause]:
        """What stands still in a campaign; the pause of the whole campaign first."""
        with self._store.read() as tx:
            return standstill.pauses(tx, campaign)

    def pause(self, campaign: str, state: str = "", *, by: str, why: str) -> bool:
        """Let no further letter of the campaign, or of one state, go; False = it stood still already."""
        with self._store.write() as tx:
            return standstill.set_pause(tx, campaign, state, by=by, why=why)

    def go(self, campaign: str, states: Collection[str] | None = None, *, by: str) -> list[Pause]:
        """Lift the pauses of these states, or all of the campaign (None); what was lifted."""
        with self._store.write() as tx:
            return standstill.lift_pauses(tx, campaign, states, by=by)

    def rest(self, account: str, span: timedelta, *, why: str) -> Rest:
        """Leave an account alone for so long, by every runner. What meets an account at rest doubles nothing."""
        with self._store.write() as tx:
            return standstill.set_rest(tx, account, length(span), why=why)

    def rested(self, account: str) -> None:
        """The account's troubles are over."""
        with self._store.write() as tx:
            standstill.wake(tx, account)

    def wake(self, *, by: str) -> list[Rest]:
        """A person lets every account try again at once; those that rested."""
        with self._store.write() as tx:
            return standstill.wake_all(tx, by=by)
