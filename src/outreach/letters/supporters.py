"""The room's second door: what `runner.supporter_ports.SupporterLetters` asks for."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from outreach.letters import copies, digests, layout, notices, survey
from outreach.letters.library import DIGEST, SUPPORTER, Library
from outreach.letters.relay import Relay
from outreach.model.action import Action
from outreach.model.campaign import Campaign, Mode
from outreach.model.dispatch import Dispatch
from outreach.model.letter import Letter
from outreach.model.notice import NoticeTurn
from outreach.model.supporter import Exposure, Target


class SupporterLetterRoom:
    """Letters that carry supporters, and our mails to them. Each template file is read once, as in `LetterRoom`."""

    def __init__(self, root: Path) -> None:
        self._library = Library(root)
        self._relay: Relay | None = None

    def languages(self, campaign: Campaign) -> Mapping[str, frozenset[str]]:
        """Demand slug -> languages in which the demand, the copy and the digest all exist."""
        frames = survey.supporter_languages(self._library)
        return {demand.slug: self._library.languages(demand.slug) & frames for demand in campaign.demands}

    def fixed_parts(self, campaign: Campaign, target: Target, *, name: str = "…", place: str = "…") -> tuple[str, str]:
        """What stands before and after the words: in a copy, and in a digest where a target may not know who writes."""
        if target.exposure is Exposure.NAMES:
            return copies.around_words(self._of(campaign), target, name=name, place=place)
        return digests.around_words(self._of(campaign), target)

    def copy(self, dispatch: Dispatch, target: Target, action: Action, campaign: Campaign, *, mode: Mode) -> Letter:  # noqa: ARG002
        """A supporter's letter. ValueError for a target that may not know who writes; LetterError for a bad frame."""
        return copies.copy(self._of(campaign), dispatch, target, action)

    def digest(
        self,
        dispatch: Dispatch,
        target: Target,
        actions: Sequence[Action],
        total: int,
        campaign: Campaign,
        *,
        mode: Mode,  # noqa: ARG002
    ) -> Letter:
        """The day's letter for many. ValueError for a target to which nobody writes; LetterError for a bad frame."""
        return digests.digest(self._of(campaign), dispatch, target, actions, total)

    def notice(
        self,
        turn: NoticeTurn,
        campaign: Campaign,
        *,
        recipient: str,
        message_id: str,
        links: Mapping[str, str],
        said: Mapping[str, str],
    ) -> bytes:
        """A mail to a supporter. LetterError where it cannot be written: see `letters.notices`."""
        return notices.notice(turn, campaign, recipient=recipient, message_id=message_id, links=links, said=said)

    def templates_sha256(self, campaign: Campaign) -> str:
        """Of the frames and demands in every language, what a letter says of the sender, and how it looks."""
        digest = hashlib.sha256(layout.VERSION.encode())
        for name in (SUPPORTER, DIGEST, *sorted(demand.slug for demand in campaign.demands)):
            for tag in sorted(self._library.languages(name)):
                template = self._library.template(name, tag)
                digest.update(f"\0{template.path}\0{template.sha256}".encode())
        terms = campaign.supporters
        said = (campaign.title, campaign.sender, campaign.facts_as_of, campaign.html, terms and terms.reply_to)
        digest.update(f"\0{said!r}".encode())
        return digest.hexdigest()

    def _of(self, campaign: Campaign) -> Relay:
        if self._relay is None or self._relay.campaign is not campaign:
            self._relay = Relay(self._library, campaign)
        return self._relay
