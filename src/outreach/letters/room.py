"""The room's door: what `runner.ports.Letters` asks for."""

from __future__ import annotations

import email
from binascii import a2b_qp
from collections.abc import Mapping
from datetime import date
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from outreach.letters import survey, wire
from outreach.letters.library import CHASER, FRAME, Library
from outreach.letters.press import Press
from outreach.model.campaign import Campaign, Mode
from outreach.model.dispatch import Planned
from outreach.model.letter import Letter
from outreach.model.problem import Problem


class LetterRoom:
    """Letters from the templates of one workspace.

    Each template file is read once: a room shows the templates as they were when it first used them.
    """

    def __init__(self, root: Path) -> None:
        self._library = Library(root)
        self._press: Press | None = None

    def problems(self, campaign: Campaign, *, step: int = 0) -> list[Problem]:
        """Every finding in the templates of this step's letters that shows without a contact."""
        return survey.problems(self._library, campaign, step=step)

    def languages(self, campaign: Campaign, *, step: int = 0) -> Mapping[str, frozenset[str]]:
        """Demand slug -> languages in which both the demand and what stands around it at this step exist."""
        frames = self._library.languages(CHASER if step else FRAME)
        return {demand.slug: self._library.languages(demand.slug) & frames for demand in campaign.demands}

    def facts_as_of(self, campaign: Campaign) -> date | None:
        """The day of the oldest facts: the campaign's own word, else that of its templates."""
        return campaign.facts_as_of or survey.oldest_facts(self._library, campaign)

    def compose(self, planned: Planned, campaign: Campaign, *, mode: Mode) -> Letter:  # noqa: ARG002
        """Render and freeze one letter, dated `planned.dispatch.dated`. Raises LetterError.

        A rehearsal's letter differs from the live one by its recipient and id alone, and those are the dispatch's.
        """
        if self._press is None or self._press.campaign is not campaign:
            self._press = Press(self._library, campaign)
        return self._press.compose(planned)

    def text(self, raw: bytes) -> str:
        """The plain-text part of a frozen letter."""
        return _part(raw, "plain")

    def html(self, raw: bytes) -> str:
        """The HTML part of a frozen letter, or ""."""
        return _part(raw, "html")


def _part(raw: bytes, kind: str) -> str:
    ours = wire.taken_apart(raw)
    if ours is not None:
        return a2b_qp(ours[kind == "html"]).decode().replace("\r\n", "\n")
    message = email.message_from_bytes(raw, policy=default)
    body = message.get_body((kind,)) if isinstance(message, EmailMessage) else None
    return str(body.get_content()).replace("\r\n", "\n") if body is not None else ""
