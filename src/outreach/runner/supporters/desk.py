"""Everything the supporters' side of one campaign needs in one mode."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from outreach.errors import CampaignError
from outreach.model.campaign import Campaign, Mode
from outreach.model.inbound import InboundMessage
from outreach.model.supporter import SupporterTerms
from outreach.runner.desk import Desk
from outreach.runner.supporter_ports import Randomness, SupporterBook, SupporterLetters


@dataclass(frozen=True, slots=True, kw_only=True)
class SupporterDesk:
    """A campaign's desk with what its supporters need besides."""

    desk: Desk
    book: SupporterBook
    letters: SupporterLetters
    random: Randomness
    address: Callable[[str], str | None]  #: an address ready for an envelope; None when it is none
    read: Callable[[bytes], InboundMessage]  #: a mail's bytes
    forget_files: Callable[[Callable[[bytes], bytes]], int] = lambda _: 0  #: outbox and exports: see erase.py
    site: str = ""  #: where the page is served in a rehearsal; "" = as the campaign says

    @property
    def campaign(self) -> Campaign:
        return self.desk.campaign

    @property
    def mode(self) -> Mode:
        return self.desk.mode

    @property
    def terms(self) -> SupporterTerms:
        """The campaign's terms. Raises CampaignError when supporters do not write in it."""
        terms = self.campaign.supporters
        if terms is None:
            raise CampaignError(
                "The campaign has no supporters.",
                where=self.campaign.path,
                todo="Write a table [supporters]: the example campaign of `outreach init` has one.",
            )
        return terms

    @property
    def now(self) -> datetime:
        return self.desk.ledger.now()

    def link(self, *parts: str) -> str:
        """An address of the page."""
        return "/".join((self.site or self.terms.site, self.campaign.slug, *parts))
