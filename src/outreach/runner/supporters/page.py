"""The page: everything the form shows before a person writes a word."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from outreach.model.campaign import Mode
from outreach.model.supporter import Exposure, PageText, ReplyTo, Target
from outreach.runner.supporters.desk import SupporterDesk
from outreach.runner.supporters.frame import current_frame
from outreach.states import state_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A target as the page offers it."""

    institution: str
    name: str
    state: str
    state_name: str  #: in the page's language
    exposure: Exposure
    at_risk: bool  #: it is never proposed to its own people


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the form shows in one language."""

    campaign: str
    frame: str  #: the digest of what is approved: a form that was shown under another one says other things
    language: str
    languages: tuple[str, ...]
    organisation: str
    text: PageText
    targets: tuple[Choice, ...]  #: () = no frame is approved: the page is closed
    most_targets: int
    contact: str
    keep_days: int
    head: str  #: what stands before the own words, as plain text
    foot: str
    letter_to: str  #: whose letter head and foot are of: an example
    letter_language: str  #: of head and foot
    replies_to_supporter: bool  #: whoever learns a name learns the address, too
    embed: tuple[str, ...]
    rehearsal: bool


def page(it: SupporterDesk, language: str) -> Page:
    """The page in the language, or in the campaign's first where it has none."""
    terms = it.terms
    language = language if language in terms.texts else next(iter(terms.texts))
    approved = current_frame(it)
    targets = [one for one in approved.frame.targets if not one.suppressed] if approved else []
    named = next((one for one in targets if one.exposure is Exposure.NAMES), targets[0] if targets else None)
    head, foot = it.letters.fixed_parts(it.campaign, named) if named else ("", "")
    return Page(
        campaign=it.campaign.slug,
        frame=approved.frame.digest if approved else "",
        language=language,
        languages=tuple(terms.texts),
        organisation=it.campaign.sender.organisation,
        text=terms.texts[language],
        targets=tuple(_choice(one, language) for one in targets),
        most_targets=terms.most_targets,
        contact=terms.contact,
        keep_days=terms.keep_days,
        head=head,
        foot=foot,
        letter_to=named.name if named else "",
        letter_language=named.language if named else language,
        replies_to_supporter=terms.reply_to is ReplyTo.SUPPORTER,
        embed=terms.embed,
        rehearsal=it.mode is Mode.REHEARSAL,
    )


def consent_sha256(text: str) -> str:
    """The version of the words that stood beside the button."""
    return hashlib.sha256(text.encode()).hexdigest()


def _choice(one: Target, language: str) -> Choice:
    return Choice(
        institution=one.institution,
        name=one.name,
        state=one.state,
        state_name=state_name(one.state, language),
        exposure=one.exposure,
        at_risk=one.harms_its_own,
    )
