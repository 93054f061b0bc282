"""How far a run is, or how it ended."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from outreach.model.status import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """How far a run is, or how it ended."""

    accepted: int = 0
    rejected: int = 0
    deferred: int = 0
    in_doubt: int = 0
    held: int = 0
    left: int = 0  #: queued letters of this selection that have not had their turn
    until: datetime | None = None  #: when the next one may go: while waiting, or where the run did not want to wait
    reason: str = ""  #: with `until`: for what they wait; at the end without it: why the run stopped early
    last: str = ""  #: the institution that was just written to
    elsewhere: int = 0  #: at the end: letters of this selection that another command has, or had when it was killed
    stale: int = 0  #: at the end: drafts that show a day too long ago, and must be planned and approved anew

    @property
    def tried(self) -> int:
        """Letters that had their turn in this run; one that was put off and came again is one letter."""
        return self.accepted + self.rejected + self.deferred + self.in_doubt + self.held

    def after(self, status: Status, institution: str, *, again: bool = False) -> Sent:
        """One more letter had its turn and is now `status`; `again`: it had been put off before."""
        counted = {
            "accepted": self.accepted + (status is Status.ACCEPTED),
            "rejected": self.rejected + (status is Status.REJECTED),
            "deferred": self.deferred + (status is Status.QUEUED) - again,
            "in_doubt": self.in_doubt + (status is Status.IN_DOUBT),
            "held": self.held + (status is Status.HELD),
        }
        left = self.left if again else max(0, self.left - 1)
        return replace(self, **counted, left=left, last=institution, until=None, reason="")
