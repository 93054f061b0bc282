"""The log per state: where each institution of a plan stands, in words that a table can show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from outreach.model.campaign import Mode
from outreach.model.dispatch import SkipReason
from outreach.model.due import DueGroup
from outreach.model.matrix import Cell, Matrix
from outreach.model.status import Status


class Group(StrEnum):
    """What an institution is counted under: each under exactly one, so that every total adds up."""

    ACCEPTED = "accepted"  #: by the mail server; never "delivered"
    BOUNCED = "bounced"  #: accepted first, then returned
    QUEUED = "queued"  #: approved: waiting for its turn, or having it
    DRAFT = "draft"  #: not approved
    REFUSED = "refused"
    IN_DOUBT = "in doubt"
    HELD = "held"
    SKIPPED = "skipped"
    BY_POST = "post or form only"
    CLOSED = "closed"  #: cancelled, suppressed or anonymised


class ToDo(StrEnum):
    """What a person can do next: a closed list, what cannot wait first."""

    SETTLE_DOUBT = "settle_doubt"
    SETTLE_TRAY = "settle_tray"
    LOOK_AT_ANSWER = "look_at_answer"  #: what may be its answer is not proven
    ASK_PROMISE = "ask_promise"  #: the day of a commitment is over
    FIND_SOURCE = "find_source"  #: a position is on record and nothing proves it
    RECORD = "record"  #: an answer came; its position is not written down
    CHASE = "chase"  #: a reminder is to be prepared, approved or sent
    CALL = "call"  #: every reminder was sent and the answer is overdue, or a usual acknowledgement is missing
    FIND_ADDRESS = "find_address"
    LOOK_AT_HELD = "look_at_held"
    APPROVE = "approve"
    SEND = "send"
    MEND = "mend"  #: the plan leaves it out for something that a person can put right
    ASK_REST = "ask_rest"  #: positions on some demands are known, on others not
    WAIT = "wait"
    WRITE_BY_POST = "write_by_post"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """What a person does next."""

    kind: ToDo
    words: str  #: for people, a few
    on: date | None = None  #: the day from which it is to be done, or until which to wait


NOTHING = NextStep(kind=ToDo.NOTHING, words="-")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """One institution: its letter and what became of it, or why it gets none; what came back, and what is next."""

    state: str
    state_name: str
    institution: str  #: the institution's id
    name: str
    role: str
    group: Group
    status: Status | None = None  #: None = no letter: see `skip`
    skip: SkipReason | None = None  #: why the latest plan has no letter for it
    planned: bool = True  #: False = approved, and left out by a later plan: it does not leave
    words: str  #: the status for people, such as "accepted by the mail server"
    reason: str = ""  #: why it is held, skipped, waiting, refused …: for people
    demands: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    dated: date | None = None  #: the day the letter shows
    sent_at: datetime | None = None  #: when the server accepted it; aware UTC
    attempts: int = 0
    server_code: int | None = None  #: of the last answer
    server_text: str = ""
    recipient: str | None = None  #: in a rehearsal <id>@rehearsal.example
    post: str = ""
    form: str = ""
    correspondence: DueGroup = DueGroup.NOT_WRITTEN  #: of all its letters, reminders too
    acknowledged_at: datetime | None = None  #: when the first acknowledgement came; aware UTC
    answered_at: datetime | None = None  #: when a person answered last; aware UTC
    due: date | None = None  #: the last day on which an answer is in time
    own_letters: int = 0  #: how many supporters have written to it from their own mailboxes
    next: NextStep = NOTHING

    @property
    def overdue(self) -> bool:
        """Whether its answer is."""
        return self.correspondence in {DueGroup.OVERDUE, DueGroup.VERY_OVERDUE}


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRow:
    """One state, or all: its institutions are counted under `counts`, and again under `correspondence`.

    Both add up to `institutions`, and `institutions == sent + not_sent`. The three counts below may overlap:
    whoever has acknowledged and not answered may be overdue.
    """

    state: str  #: "" = all states, or rows that were not read
    state_name: str
    institutions: int  #: 0 = the state is not in the plan; a position of it is on record
    counts: Mapping[Group, int]  #: every group, zeros too
    correspondence: Mapping[DueGroup, int]  #: every group, zeros too
    acknowledged: int  #: institutions that confirmed a letter and have not answered
    answered: int  #: institutions of which a person has answered
    overdue: int  #: institutions whose answer is overdue
    promises_overdue: int  #: commitments whose day is over
    own_letters: int = 0  #: of supporters, from their own mailboxes
    cells: tuple[Cell, ...] = ()  #: its position on each demand of the log; () for all states together
    next: NextStep = NOTHING  #: nothing for all states together

    @property
    def sent(self) -> int:
        """Letters that the mail server took, also those that came back."""
        return self.counts[Group.ACCEPTED] + self.counts[Group.BOUNCED]

    @property
    def not_sent(self) -> int:
        """Not sent yet, refused, in doubt, by post or skipped."""
        return self.institutions - self.sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """One step of a campaign as its ledger has it at one moment. Every institution of the plan has exactly one row."""

    campaign: str
    mode: Mode
    at: datetime  #: aware UTC
    rows: tuple[LogRow, ...]  #: by state and institution
    states: tuple[StateRow, ...]  #: by name: those of the plan, and those of which a position is on record
    total: StateRow  #: their sum
    matrix: Matrix  #: the positions; its demands are those of each state's cells
    statuses: Mapping[Status, int]  #: of the letters; those that occur
    skips: Mapping[SkipReason, int]  #: of the institutions without a letter; those that occur

    @property
    def institutions(self) -> int:
        """How many rows there are; the sum of `counts`, and of `statuses` and `skips` together."""
        return len(self.rows)

    @property
    def counts(self) -> Mapping[Group, int]:
        """Every group, zeros too."""
        return self.total.counts

    @property
    def states_planned(self) -> int:
        """How many states the plan has."""
        return sum(one.institutions > 0 for one in self.states)
