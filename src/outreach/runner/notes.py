"""What a lane writes into the ledger, and what it does when the ledger does not take it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TypeVar

from outreach.errors import LedgerAway, LedgerBusy, LedgerError
from outreach.model.receipt import Claim, Outcome
from outreach.model.status import Status
from outreach.runner.crew import Crew
from outreach.runner.ports import Ledger

T = TypeVar("T")

#: How long a ledger that is locked or away is waited for, try by try. SQLite has waited half a minute by itself before.
LEDGER_WAITS = tuple(timedelta(seconds=seconds) for seconds in (1, 2, 4, 8, 15))


@dataclass
class Notes:
    """Outcomes wait in `pending` for the next letter's mark: two writes, one fsync."""

    ledger: Ledger
    crew: Crew
    pending: list[Outcome] = field(default_factory=list)

    def mark(self, claim: Claim, date: str) -> None:
        """The mark before the dot, and with it what is pending. Not patient: a letter is on the wire."""
        self.ledger.mark(claim, settle=self.pending, date=date)
        self.pending.clear()

    def settle(self, outcome: Outcome) -> None:
        """How a letter's turn ended; an acceptance is written with the next mark."""
        self.pending.append(outcome)
        if outcome.status is not Status.ACCEPTED:
            self.flush()

    def flush(self) -> None:
        """Write down what is pending. Raises LedgerError when the ledger does not take it for too long."""
        if self.pending:
            self.patiently(lambda: self.ledger.settle(self.pending))
            self.pending.clear()

    def flush_or_rescue(self) -> None:
        """The last chance: what the ledger does not take is kept beside it, and the error says where."""
        if not self.pending:
            return
        try:
            self.ledger.settle(self.pending)
        except LedgerError as error:
            raise self._kept(error) from error
        self.pending.clear()

    def _kept(self, error: LedgerError) -> LedgerError:
        kept = self.ledger.rescue(self.pending)
        names = ", ".join(f"{one.claim.institution} ({one.code} {one.status.value})" for one in self.pending)
        then = f"The answer is kept in {kept}; the next run writes it down." if kept else "Note it: it is kept nowhere."
        return type(error)(
            f"The ledger does not take what the server answered to {names}. {error.found}",
            where=error.where,
            todo=f"{error.todo} {then}".strip(),
        )

    def patiently(self, work: Callable[[], T]) -> T:
        """Do it; a ledger that is locked by another or away is waited for, but not for ever."""
        for span in LEDGER_WAITS:
            try:
                return work()
            except (LedgerBusy, LedgerAway) as error:
                if self.crew.stop.is_set():
                    raise
                self.crew.say(replace(self.crew.sent, reason=error.found))
            self.crew.wait(span)
        return work()
