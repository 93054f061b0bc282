"""The ledger as a whole: where it is, who holds it, and what people did to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum, auto

from outreach.model.campaign import Mode
from outreach.model.status import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The one place from which a ledger in a file may send."""

    host: str  #: the computer's name
    path: str  #: the file, absolute and without links

    def __str__(self) -> str:
        return f"{self.path} on {self.host}"


class DeedKind(StrEnum):
    """What people and runners do to a campaign or to the ledger as a whole: a closed list."""

    PAUSED = "paused"
    WENT_ON = "went-on"  #: a pause was lifted
    WOKEN = "woken"  #: a person ended an account's rest
    ADOPTED = "adopted"  #: the ledger got another holder
    GIVEN_UP = "given-up"  #: the same, as the former holder was told
    RESTORED = "restored"  #: the ledger came from a backup


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What a person or a runner did to a campaign or to the ledger as a whole."""

    at: datetime  #: aware UTC, the ledger's clock
    kind: DeedKind
    campaign: str = ""  #: "" = the ledger as a whole
    who: str
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFacts:
    """A ledger as it is now."""

    mode: Mode
    where: str  #: as messages name it, without a password
    shared: bool  #: on a database server: every computer that has its URL may send
    workspace: str  #: a random id; copies of one ledger carry the same
    holder: Holder
    here: Holder
    held_here: bool
    schema: str
    made_at: datetime
    backup_of: datetime | None  #: when this copy was made by `ledger backup`; None = it is no unsettled backup
    deeds: tuple[Deed, ...]  #: the last ones, newest first


class Former(Enum):
    """Whether the place that held a ledger before knows that it does so no more."""

    TOLD = auto()  #: the ledger there refuses to send from now on
    GONE = auto()  #: no ledger of this workspace lies there, or it is this very file
    AWAY = auto()  #: another computer, or a file that cannot be opened: nobody could tell it


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """A ledger that has a new holder."""

    was: Holder
    now: Holder
    former: Former
    reason: str = ""  #: why the former holder could not be told, when it lies on this computer


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What `ledger restored` found and did; `moved`, `doubtful` and `left` are all letters, each counted once."""

    moved: Mapping[Status, int]  #: in doubt now, by the status that they had in the backup
    doubtful: int  #: were in doubt before
    left: Mapping[Status, int]  #: as they were: accepted, refused, bounced, taken back
    paused: tuple[str, ...]  #: campaigns that are paused by this
    campaigns: int  #: all there are
    backup_of: datetime | None  #: when the backup was made, if the ledger was marked as one

    @property
    def letters(self) -> int:
        """Every letter in the ledger."""
        return sum(self.moved.values()) + self.doubtful + sum(self.left.values())

    @property
    def changed(self) -> bool:
        """Whether there was anything to do."""
        return bool(self.moved or self.paused or self.backup_of)
