"""Where the correspondence with one institution stands, and what follows (docs/glossary.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Correspondence(StrEnum):
    """The condition of everything between the campaign and one institution: a closed list."""

    NOT_WRITTEN = "not_written"  #: no letter of ours is known to have been accepted and not returned
    AWAITING = "awaiting"  #: written to, its time is not up
    ACKNOWLEDGED = "acknowledged"  #: "we have received your letter", and its time is not up
    OVERDUE = "overdue"  #: its time is up
    IN_DIALOGUE = "in_dialogue"  #: a person has answered, and it went on: they or we wrote again
    ANSWERED = "answered"  #: a person has answered
    UNREACHABLE = "unreachable"  #: all that we sent came back, and there is no other contact
    CLOSED = "closed"  #: the campaign leaves it out now, or it asked us to stop


class NotChased(StrEnum):
    """Why no reminder goes to an institution today: a closed list, in the words a table shows."""

    NOT_WRITTEN = "no letter was accepted yet"
    ANSWERED = "a person has answered"
    UNPROVEN = "what may be its answer is not proven"
    NOT_DUE = "its time is not up"
    RECESS = "in recess"
    IN_DOUBT = "its last letter is in doubt"
    NO_MORE = "every reminder was sent"
    UNREACHABLE = "its letters came back"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One of our letters that has left, or may have left."""

    step: int  #: 0 is the first letter
    at: datetime | None  #: when the server accepted it, aware; None = not known whether it did
    bounced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """How long an institution has been silent, and what follows. Days are those of its own calendar."""

    status: Correspondence
    very: bool = False  #: overdue for so long that the campaign calls it very overdue
    since: datetime | None = None  #: aware; of the letter, acknowledgement or answer that brought it here
    due: date | None = None  #: the last day on which an answer is in time
    overdue_from: date | None = None  #: the first working day after it
    very_overdue_from: date | None = None
    next_step: int | None = None  #: the reminder that follows; None = none does
    next_on: date | None = None  #: from this working day on
    unreceipted: bool = False  #: it acknowledged every letter before the last, and not the last: did that one arrive?
    why_not: NotChased | None = None  #: why not today; None = it may be chased

    @property
    def chase(self) -> bool:
        """Whether the next reminder may be prepared today."""
        return self.why_not is None
