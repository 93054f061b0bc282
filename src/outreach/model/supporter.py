"""Supporters: what a campaign allows them, whom they may write to, and what those will learn of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Exposure(StrEnum):
    """What a target learns of the supporters who write to it."""

    NAMES = "names"  #: name and place
    COUNTS = "counts"  #: how many they are and, where they agree, words of theirs that name nobody
    NONE = "none"  #: supporters do not write to it


class Delivery(StrEnum):
    """How the copies of many supporters reach one target."""

    INDIVIDUAL = "individual"  #: each as a letter of its own, as fast as the campaign's pace allows
    DRIP = "drip"  #: each as a letter of its own, so many a day
    DIGEST = "digest"  #: one letter a day for all of them


class ReplyTo(StrEnum):
    """Where a target's answer to a copy goes."""

    ALIAS = "alias"  #: to the campaign, which passes it on: the supporter's address appears nowhere
    SUPPORTER = "supporter"  #: to the supporter


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRule:
    """What holds for some targets. Empty filters mean all; those that are set must all hold. The first that fits."""

    states: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    institutions: frozenset[str] = frozenset()
    exposure: Exposure | None = None  #: None = as the campaign says
    delivery: Delivery | None = None
    per_day: int | None = None
    suppressed: str = ""  #: why supporters do not write to it for now; "" = they do


@dataclass(frozen=True, slots=True, kw_only=True)
class PageText:
    """What the campaign says on the supporters' page, in one language."""

    title: str
    why: str  #: what is asked and why; paragraphs are parted by an empty line
    suggestion: str  #: the middle of the letter that a supporter begins from
    hints: tuple[str, ...] = ()  #: shown beside the text, never part of it


@dataclass(frozen=True, slots=True, kw_only=True)
class SupporterTerms:
    """`[supporters]` of a campaign file."""

    site: str  #: the page's address as the world sees it, without a slash at its end
    contact: str  #: who answers questions about personal data: an e-mail address
    texts: Mapping[str, PageText]  #: by BCP 47 language, the page's own first
    exposure: Exposure = Exposure.NAMES
    at_risk_tags: frozenset[str] = frozenset({"at-risk"})  #: of targets that learn counts, unless a rule names them
    delivery: Delivery = Delivery.INDIVIDUAL
    per_day: int = 20  #: letters of supporters to one target in a day
    longest_queue: int = 30  #: days: copies that would wait longer join the digest
    reply_to: ReplyTo = ReplyTo.ALIAS
    most_targets: int = 5  #: that one supporter may choose
    forms_per_hour: int = 500  #: that the page takes from everybody together
    embed: tuple[str, ...] = ()  #: origins that may show the page in a frame
    keep_days: int = 28  #: so long after its last letter left, a supporter's words, name and address are kept
    own_mail_days: int = 30  #: so long a letter from a supporter's own mailbox is kept; then it is only counted
    blocked_words: tuple[str, ...] = ()  #: that hold a letter for a person
    proxies: tuple[str, ...] = ()  #: networks whose X-Forwarded-For is believed
    rules: tuple[TargetRule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMail:
    """A letter that a supporter sent from their own mailbox, as its copy came to us."""

    campaign: str
    institution: str
    at: datetime  #: when we read it; aware UTC
    raw: bytes | None  #: the mail; None once it was removed


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An institution that supporters may write to, as a person approved it."""

    institution: str
    name: str
    state: str
    role: str
    recipient: str  #: the address of the campaign's own letter; in a rehearsal <id>@rehearsal.example
    address_norm: str
    language: str  #: of the letter
    demands: tuple[str, ...]
    timezone: str
    calendar: str
    exposure: Exposure
    delivery: Delivery
    per_day: int
    suppressed: str = ""  #: why nothing goes to it for now
    at_risk: bool = False  #: its state may harm whoever writes; False also where an old frame does not say

    @property
    def harms_its_own(self) -> bool:
        """Whether its own people are warned off: its state is at risk, or must not learn who writes."""
        return self.at_risk or self.exposure is Exposure.COUNTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """All that a supporter cannot change: a person approves it once, and confirmed copies inside it need no other."""

    campaign: str
    digest: str  #: of templates, terms and targets: another digest is another frame
    targets: tuple[Target, ...]  #: without those of which supporters learn nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedFrame:
    """A frame and who let it go."""

    frame: Frame
    by: str
    at: datetime  #: aware UTC
