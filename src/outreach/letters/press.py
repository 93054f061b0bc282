"""One campaign's letters, printed one by one: what is the same for all of them is made once."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import lru_cache
from typing import Any

from outreach.errors import LetterError
from outreach.letters import lint, markdown, wire
from outreach.letters.edition import Edition, make_edition
from outreach.letters.findings import Findings
from outreach.letters.letterhead import Letterhead
from outreach.letters.library import CHASER, FRAME, Library
from outreach.letters.skeleton import PartText, Skeleton
from outreach.letters.values import Ink
from outreach.letters.writer import Writer
from outreach.model.campaign import Campaign
from outreach.model.dispatch import Planned
from outreach.model.letter import Letter

_MAX_SKELETONS = 128


class Press:
    """Writes the letters of one campaign."""

    def __init__(self, library: Library, campaign: Campaign) -> None:
        self.campaign = campaign
        self._library = library
        self._editions: dict[tuple[str, tuple[str, ...], tuple[str, ...]], Edition] = {}
        # Skeletons differ by the ways that conditions and loops can go, not by institution: few, and bounded.
        self._skeleton = lru_cache(maxsize=_MAX_SKELETONS)(Skeleton)
        self._head = Letterhead(campaign)

    def compose(self, planned: Planned) -> Letter:
        """Render and freeze one letter. Raises LetterError with every problem of it."""
        edition = self._edition(planned)
        findings = Findings(planned, self.campaign)
        findings.problems += edition.faults
        if not findings.problems:
            ink = Ink()
            parts = Writer(planned, self._given(planned.dispatch.id), edition, ink, findings).write()
            ink.cells.setdefault("institution.name", planned.contact.institution.name)
            findings.look_at(ink.cells, planned.dispatch.languages)
            if not findings.problems:
                letter = self._freeze(planned, edition, parts, ink, findings)
                if letter is not None:
                    return letter
        raise LetterError(
            f"The letter to {planned.dispatch.institution_name} cannot be written: {findings.problems[0].found}",
            where=str(planned.contact.place),
            todo=findings.problems[0].todo,
            problems=findings.problems,
        )

    def _edition(self, planned: Planned) -> Edition:
        demands, languages = planned.dispatch.demands, planned.dispatch.languages
        frame = CHASER if planned.thread else FRAME
        key = frame, demands, languages
        if key not in self._editions:
            edition = make_edition(self._library, demands, languages, frame=frame)
            self._editions[key] = replace(edition, facts_as_of=self.campaign.facts_as_of or edition.facts_as_of)
        return self._editions[key]

    def _given(self, dispatch: str) -> dict[str, Any]:
        return {"sender": self._head.sender(dispatch), "campaign": self._head.title}

    def _freeze(
        self, planned: Planned, edition: Edition, parts: tuple[PartText, ...], ink: Ink, findings: Findings
    ) -> Letter | None:
        values: list[str] = []
        for value in ink.values:
            text = lint.as_text(value)
            if text is None:
                findings.at_row("control-character", f"{value[:60]!r} holds characters that no letter may hold.")
                return None
            values.append(text)
        dispatch = planned.dispatch
        message_id = self._head.message_id(dispatch.id)
        try:
            skeleton = self._skeleton(parts, html=self.campaign.html)
            headers = self._headers(planned, values[0], message_id)
            raw = wire.assemble(headers, text=skeleton.text(values), html=skeleton.html(values))
        except (markdown.BadLink, wire.BadHeader) as error:
            findings.at_row("letter", f"The letter cannot be put together: {error}.")
            return None
        if skeleton.too_many_links:
            findings.at_row("too-many-links", f"The letter has {len(skeleton.links)} links.", lint.TOO_MANY_TODO)
            return None
        if not wire.is_clean(raw):
            findings.at_row("letter", "The letter's lines do not all end in CRLF.")
            return None
        return Letter(
            dispatch=dispatch.id,
            message_id=message_id,
            subject=values[0],
            raw=raw,
            sha256=hashlib.sha256(raw).hexdigest(),
            template_sha=edition.sha256,
            envelope_from=self._head.envelope_from(dispatch.id),
        )

    def _headers(self, planned: Planned, subject: str, message_id: str) -> bytes:
        dispatch = planned.dispatch
        return b"".join(
            (
                wire.mailbox_header("From", lint.as_text(self._head.display) or "", self._head.email),
                wire.mailbox_header("To", lint.as_text(planned.contact.institution.name) or "", dispatch.recipient),
                wire.mailbox_header("Reply-To", "", self._head.reply_to(dispatch.id)),
                wire.text_header("Subject", subject),
                f"Message-ID: {message_id}\r\n".encode("ascii", "replace"),
                wire.thread_headers(planned.thread.message_ids) if planned.thread else b"",
                b"MIME-Version: 1.0\r\n",
                f"Content-Language: {', '.join(dispatch.languages)}\r\n".encode("ascii", "replace"),
            )
        )
