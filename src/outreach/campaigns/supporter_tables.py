"""`[supporters]` of a campaign file: what the page says, whom supporters may write to, and what those learn of them."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from outreach.campaigns.table import Table
from outreach.campaigns.values import Address, Language, Limit, Line, State, fault
from outreach.model.supporter import Delivery, Exposure, PageText, ReplyTo, SupporterTerms, TargetRule

LONGEST_TEXT = 10_000  #: characters
LONGEST_KEPT = 730  #: days
_ORIGIN = re.compile(r"https://[a-z0-9.-]+(?::[0-9]{1,5})?|http://(?:localhost|127\.0\.0\.1)(?::[0-9]{1,5})?")


def _text(value: str) -> str:
    text = value.strip()
    if not text:
        raise fault("empty", "This is empty.", "Write it.")
    return text


def _site(value: str) -> str:
    site = value.rstrip("/")
    if not re.fullmatch(_ORIGIN.pattern + r"|(?:" + _ORIGIN.pattern + r")(?:/[A-Za-z0-9._~-]+)+", site):
        raise fault(
            "bad-site", f'"{value}" is no address of a page.', 'It begins with https://, such as "https://act.example".'
        )
    return site


def _origin(value: str) -> str:
    if not _ORIGIN.fullmatch(value):
        raise fault("bad-origin", f'"{value}" is no origin.', 'Write it without a path, such as "https://ngo.example".')
    return value


def _network(value: str) -> str:
    try:
        return str(ipaddress.ip_network(value))
    except ValueError:
        raise fault("bad-network", f'"{value}" is no network.', 'Write it as "127.0.0.1/32".') from None


Text = Annotated[str, AfterValidator(_text), Field(max_length=LONGEST_TEXT)]
Site = Annotated[Line, AfterValidator(_site)]
Origin = Annotated[Line, AfterValidator(_origin)]
Network = Annotated[Line, AfterValidator(_network)]


class PageTextTable(Table):
    """`[supporters.text.en]`: what the page says in one language."""

    title: Line
    why: Text
    suggestion: Text
    hints: list[Line] = []

    def value(self) -> PageText:
        """The text."""
        return PageText(**{**self.model_dump(), "hints": tuple(self.hints)})


class TargetTable(Table):
    """`[[supporters.target]]`: what holds for some targets."""

    states: list[State] = []
    tags: list[Line] = []
    roles: list[Line] = []
    institutions: list[Line] = []
    exposure: Literal["names", "counts", "none"] | None = None
    delivery: Literal["individual", "drip", "digest"] | None = None
    per_day: Limit | None = None
    suppressed: Line = ""

    def value(self) -> TargetRule:
        """The rule."""
        return TargetRule(
            states=frozenset(self.states),
            tags=frozenset(self.tags),
            roles=frozenset(self.roles),
            institutions=frozenset(self.institutions),
            exposure=Exposure(self.exposure) if self.exposure else None,
            delivery=Delivery(self.delivery) if self.delivery else None,
            per_day=self.per_day,
            suppressed=self.suppressed,
        )


class SupportersTable(Table):
    """`[supporters]`: supporters may send personalised copies."""

    site: Site
    contact: Address
    text: Annotated[dict[Language, PageTextTable], Field(min_length=1)]
    exposure: Literal["names", "counts", "none"] = "names"
    at_risk_tags: list[Line] = ["at-risk"]
    delivery: Literal["individual", "drip", "digest"] = "individual"
    per_day: Limit = 20
    longest_queue: Annotated[int, Field(ge=1, le=365)] = 30
    reply_to: Literal["alias", "supporter"] = "alias"
    most_targets: Annotated[int, Field(ge=1, le=50)] = 5
    forms_per_hour: Annotated[int, Field(ge=1, le=100_000)] = 500
    embed: list[Origin] = []
    keep_days: Annotated[int, Field(ge=1, le=LONGEST_KEPT)] = 28
    own_mail_days: Annotated[int, Field(ge=0, le=LONGEST_KEPT)] = 30
    blocked_words: list[Line] = []
    proxies: list[Network] = []
    target: list[TargetTable] = []

    def value(self) -> SupporterTerms:
        """The terms."""
        return SupporterTerms(
            site=self.site,
            contact=self.contact,
            texts={language: one.value() for language, one in self.text.items()},
            exposure=Exposure(self.exposure),
            at_risk_tags=frozenset(self.at_risk_tags),
            delivery=Delivery(self.delivery),
            per_day=self.per_day,
            longest_queue=self.longest_queue,
            reply_to=ReplyTo(self.reply_to),
            most_targets=self.most_targets,
            forms_per_hour=self.forms_per_hour,
            embed=tuple(self.embed),
            keep_days=self.keep_days,
            own_mail_days=self.own_mail_days,
            blocked_words=tuple(self.blocked_words),
            proxies=tuple(self.proxies),
            rules=tuple(one.value() for one in self.target),
        )
