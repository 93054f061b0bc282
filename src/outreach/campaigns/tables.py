"""The tables of a campaign file, and the values they become. Every key of the file is named here."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from outreach.campaigns.supporter_tables import SupportersTable
from outreach.campaigns.table import Table
from outreach.campaigns.values import (
    Address,
    Days,
    Encoding,
    Hours,
    Language,
    Limit,
    Line,
    Lines,
    Sheet,
    Slug,
    State,
    TokenAddress,
    Website,
)
from outreach.model.campaign import Chasers, CoOfficial, Demand, Exclusion, Languages, Pace, Recess, Sender, Window

MINUTE, HOUR, DAY = 60, 3600, 86400
MOST_CHASERS = 5  #: more would be no courtesy


class SenderTable(Table):
    """`[sender]`: who writes."""

    name: Line
    organisation: Line
    email: Address
    postal_address: Lines = []
    reply_to: TokenAddress = ""
    bounce_to: TokenAddress = ""
    phone: Line = ""
    website: Website = ""

    def value(self) -> Sender:
        """The sender."""
        return Sender(**{**self.model_dump(), "postal_address": tuple(self.postal_address)})


class ExclusionTable(Table):
    """`[[exclude]]`: a state or one institution that is left out."""

    reason: Line
    state: State = ""
    institution: Line = ""

    def value(self) -> Exclusion:
        """The exclusion."""
        return Exclusion(reason=self.reason, state=self.state, institution=self.institution)


class DemandTable(Table):
    """`[[demand]]`: one thing asked, and of whom."""

    slug: Slug
    title: Line
    states: list[State] = []
    tags: list[Line] = []
    roles: list[Line] = []
    exclude: list[ExclusionTable] = []

    def value(self) -> Demand:
        """The demand."""
        return Demand(
            slug=self.slug,
            title=self.title,
            states=frozenset(self.states),
            tags=frozenset(self.tags),
            roles=frozenset(self.roles),
            exclude=tuple(one.value() for one in self.exclude),
        )


class LanguagesTable(Table):
    """`[languages]`: which language an institution is written in."""

    fallback: Annotated[list[Language], Field(min_length=1)] = ["en"]
    co_official: Literal["first", "all"] = "first"
    by_state: dict[State, Annotated[list[Language], Field(min_length=1)]] = {}

    def value(self) -> Languages:
        """The languages."""
        return Languages(
            fallback=tuple(self.fallback),
            co_official=CoOfficial(self.co_official),
            by_state={state: tuple(languages) for state, languages in self.by_state.items()},
        )


class PaceTable(Table):
    """`[pace]`: how politely letters leave; what is not written is not limited."""

    per_minute: Limit | None = None
    per_hour: Limit | None = None
    per_day: Limit | None = None
    per_domain_per_minute: Limit | None = None
    per_domain_per_hour: Limit | None = None
    per_domain_per_day: Limit | None = None
    per_institution_per_day: Limit | None = None
    office_hours: Hours | None = None
    working_days: bool | None = None
    jitter: Annotated[float, Field(ge=0, le=1)] = 0.0
    connections: Annotated[int, Field(ge=1, le=20)] = 1

    def value(self) -> Pace:
        """The pace."""
        opens, closes = self.office_hours or (None, None)
        return Pace(
            account=_windows(self.per_minute, self.per_hour, self.per_day),
            domain=_windows(self.per_domain_per_minute, self.per_domain_per_hour, self.per_domain_per_day),
            institution=_windows(None, None, self.per_institution_per_day),
            opens=opens,
            closes=closes,
            working_days_only=opens is not None and self.working_days is not False,
            jitter=self.jitter,
            connections=self.connections,
        )


class ChasersTable(Table):
    """`[chasers]`: when whoever stays silent is reminded. Days are working days of the target."""

    after: Annotated[list[Days], Field(min_length=1, max_length=MOST_CHASERS)] = [20, 20]
    very_overdue_after: Days = 40
    extend_on_acknowledgement: Annotated[int, Field(ge=0, le=250)] = 10
    second_contact: bool = True

    def value(self) -> Chasers:
        """The terms."""
        return Chasers(**{**self.model_dump(), "after": tuple(self.after)})


class RecessTable(Table):
    """`[[recess]]`: days on which nobody is expected to answer."""

    first: date = Field(alias="from")
    last: date = Field(alias="to")
    reason: Line
    state: State = ""

    def value(self) -> Recess:
        """The recess."""
        return Recess(first=self.first, last=self.last, reason=self.reason, state=self.state)


class CopiesTable(Table):
    """`[copies]`: a copy of each letter for colleagues."""

    folder: Line = ""


#: For a file without `[pace]`: nobody floods a ministry by leaving a table out.
POLITE = PaceTable.model_construct(
    per_minute=4,
    per_hour=60,
    per_day=200,
    per_domain_per_minute=3,
    per_domain_per_hour=30,
)


def _windows(minute: int | None, hour: int | None, day: int | None) -> tuple[Window, ...]:
    counts = ((minute, MINUTE), (hour, HOUR), (day, DAY))
    return tuple(Window(count=count, seconds=seconds) for count, seconds in counts if count is not None)


class CampaignTable(Table):
    """The whole file."""

    title: Line
    contacts: Annotated[list[Sheet], Field(min_length=1)]
    sender: SenderTable
    demand: Annotated[list[DemandTable], Field(min_length=1)]
    languages: LanguagesTable = LanguagesTable()
    pace: PaceTable = POLITE
    chasers: ChasersTable | None = None
    recess: list[RecessTable] = []
    copies: CopiesTable | None = None
    supporters: SupportersTable | None = None
    exclude: list[ExclusionTable] = []
    columns: dict[Line, Line] = {}
    encoding: Encoding = ""
    facts_as_of: date | None = None
    verified_within_months: Annotated[int, Field(ge=1, le=120)] = 12
    html: bool = True
