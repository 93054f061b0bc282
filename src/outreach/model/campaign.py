"""A campaign: who asks what of whom, in which languages, at what pace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum

from outreach.model.problem import Place
from outreach.model.supporter import SupporterTerms


class Mode(StrEnum):
    """Which ledger and which servers: nothing ever crosses from one to another."""

    REHEARSAL = "rehearsal"  #: every envelope is <id>@rehearsal.example, to a server inside this command
    TO_ME = "to-me"  #: real server, every envelope is the organiser's own box
    LIVE = "live"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who writes. `reply_to` and `bounce_to` may hold `{token}`, which becomes the dispatch id."""

    name: str
    organisation: str
    email: str
    postal_address: tuple[str, ...] = ()  #: lines
    reply_to: str = ""  #: "" = email
    bounce_to: str = ""  #: envelope sender; "" = email
    phone: str = ""
    website: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """A state or one institution that is left out, and why."""

    reason: str
    state: str = ""
    institution: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """One thing asked of a state. An empty filter means all; filters that are set must all hold."""

    slug: str
    title: str
    states: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()  #: institutions with any of these
    roles: frozenset[str] = frozenset()
    exclude: tuple[Exclusion, ...] = ()


class CoOfficial(StrEnum):
    """What a state with several official languages gets."""

    FIRST = "first"  #: one letter in the first language that has templates
    ALL = "all"  #: one letter with a part per language that has templates


@dataclass(frozen=True, slots=True, kw_only=True)
class Languages:
    """Which language an institution is written in: its own where templates exist, else the fallback chain."""

    fallback: tuple[str, ...] = ("en",)
    co_official: CoOfficial = CoOfficial.FIRST
    by_state: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  #: overrides sheet and state


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """At most `count` letters in any `seconds` seconds."""

    count: int
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How politely letters leave. Empty tuples and None mean no limit."""

    account: tuple[Window, ...] = ()  #: for the sending account, over all campaigns of the ledger
    domain: tuple[Window, ...] = ()  #: for one recipient domain
    institution: tuple[Window, ...] = ()  #: for one institution
    opens: time | None = None  #: office hours in the target's time zone; None = any hour
    closes: time | None = None
    working_days_only: bool = True  #: the target's working days and public holidays; needs office hours
    jitter: float = 0.0  #: 0..1: a gap is stretched by up to this share
    connections: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Chasers:
    """When whoever stays silent is reminded. Days are working days of the target."""

    after: tuple[int, ...] = (20, 20)  #: one for each reminder: so long after the letter before it
    very_overdue_after: int = 40  #: after the first letter
    extend_on_acknowledgement: int = 10  #: who has acknowledged a letter gets so many days more
    second_contact: bool = True  #: from the second reminder on to the institution's next contact, when it has one


@dataclass(frozen=True, slots=True, kw_only=True)
class Recess:
    """Days on which nobody is expected to answer, the last one included."""

    first: date
    last: date
    reason: str
    state: str = ""  #: "" = every state


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """A checked campaign file. `demands` are in the order in which a letter makes them."""

    slug: str  #: the file's name without .toml
    title: str
    sender: Sender
    contacts: tuple[str, ...]  #: sheets, relative to the workspace
    demands: tuple[Demand, ...]
    languages: Languages = Languages()
    pace: Pace = Pace()
    exclude: tuple[Exclusion, ...] = ()  #: for every demand
    chasers: Chasers | None = (
        None  #: None = the file says nothing of reminders: the usual terms, should one be asked for
    )
    recess: tuple[Recess, ...] = ()
    supporters: SupporterTerms | None = None  #: None = they do not write in this campaign
    columns: Mapping[str, str] = field(default_factory=dict)  #: our field -> the sheet's header
    encoding: str = ""  #: of the CSV sheets; "" = found out
    facts_as_of: date | None = None
    verified_within_months: int = 12
    copies_folder: str = ""  #: the mailbox folder that gets a copy of each letter for colleagues; "" = none
    html: bool = True  #: False = letters are text/plain only
    placeholders: tuple[Place, ...] = ()  #: where REPLACE ME still stands in the file
    path: str = ""  #: the file, relative to the workspace
