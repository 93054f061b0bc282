"""Writes the letters that carry supporters: one frame, demands by their titles, what supporters gave as values."""

from __future__ import annotations

import hashlib
from binascii import a2b_qp
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

from outreach.errors import LetterError
from outreach.letters import lint, markdown, wire
from outreach.letters.complaints import complaint, line_in
from outreach.letters.days import long_date
from outreach.letters.edition import Edition, Part, make_edition
from outreach.letters.letterhead import Letterhead
from outreach.letters.library import LetterTemplate, Library
from outreach.letters.missing import MissingValue
from outreach.letters.sandbox import PROVOKED, Compiled
from outreach.letters.skeleton import PartText, Skeleton
from outreach.letters.values import INK, Fields, Ink, Own
from outreach.letters.writer import MAX_SUBJECT, name_of
from outreach.model.campaign import Campaign
from outreach.model.dispatch import Dispatch
from outreach.model.letter import Letter
from outreach.model.problem import Place, Problem, Severity
from outreach.model.supporter import Target

HERE = "\ue000"  #: a character of nobody's script: where somebody's words will stand
_MAX_SKELETONS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A letter without its headers."""

    frame: str
    language: str
    subject: str
    text: bytes  #: quoted-printable
    html: bytes | None
    template_sha: str

    @property
    def plain(self) -> str:
        """The plain text as it is read."""
        return a2b_qp(self.text).decode().replace("\r\n", "\n")


class Relay:
    """The letters of one campaign that carry supporters."""

    def __init__(self, library: Library, campaign: Campaign) -> None:
        self.campaign = campaign
        self.head = Letterhead(campaign)
        self._library = library
        self._editions: dict[tuple[str, tuple[str, ...], str], Edition] = {}
        # One for each number of quotations and names, and few for copies.
        self._skeleton = lru_cache(maxsize=_MAX_SKELETONS)(Skeleton)

    def write(self, frame: str, target: Target, dispatch: str, given: dict[str, Any], *, day: date | None) -> Written:
        """One letter's text. `day` is the one that it shows, None where it shows none. Raises LetterError."""
        edition = self._edition(frame, target)
        if edition.faults:
            raise _refused(target, *edition.faults)
        part = edition.parts[0]
        ink = Ink()
        values = {**self._values(edition, target, dispatch, day), **given, INK: ink}
        ink.plain = True
        subject = " ".join(_render(part.frame, part.frame.subject, values, target).split())[:MAX_SUBJECT]
        ink.plain = False
        ink.values[0] = values["subject"] = subject
        body = PartText(part.language, part.direction, _render(part.frame, part.frame.body, values, target))
        _look_at(ink, part, target)
        shown = [value if isinstance(value, Own) else _text(value, part, target) for value in ink.values]
        try:
            skeleton = self._skeleton((body,), html=self.campaign.html)
            text, html = skeleton.text(shown), skeleton.html(shown)
        except markdown.BadLink as error:
            raise _fault(target, part.frame, f"The letter cannot be put together: {error}.", _ALONE) from error
        if skeleton.too_many_links:
            raise _fault(target, part.frame, f"The letter has {len(skeleton.links)} links.", lint.TOO_MANY_TODO)
        return Written(
            frame=frame, language=part.language, subject=shown[0], text=text, html=html, template_sha=edition.sha256
        )

    def seal(self, dispatch: Dispatch, target: Target, written: Written, *, display: str, reply_to: str) -> Letter:
        """Headers and body as the finished bytes. Raises LetterError."""
        try:
            raw = self._raw(dispatch, target, written, display, reply_to)
        except wire.BadHeader as error:
            frame = self._library.template(written.frame, written.language)
            raise _fault(target, frame, f"The letter cannot be put together: {error}.", "Correct it.") from error
        return Letter(
            dispatch=dispatch.id,
            message_id=self.head.message_id(dispatch.id),
            subject=written.subject,
            raw=raw,
            sha256=hashlib.sha256(raw).hexdigest(),
            template_sha=written.template_sha,
            envelope_from=self.head.envelope_from(dispatch.id),
        )

    def _raw(self, dispatch: Dispatch, target: Target, written: Written, display: str, reply_to: str) -> bytes:
        headers = b"".join(
            (
                wire.mailbox_header("From", lint.as_text(display) or "", self.head.email),
                wire.mailbox_header("To", lint.as_text(target.name) or "", dispatch.recipient),
                wire.mailbox_header("Reply-To", "", reply_to),
                wire.text_header("Subject", written.subject),
                wire.message_id_header(self.head.message_id(dispatch.id)),
                b"MIME-Version: 1.0\r\n",
                f"Content-Language: {written.language}\r\n".encode("ascii"),
            )
        )
        raw = wire.assemble(headers, text=written.text, html=written.html)
        if not wire.is_clean(raw):
            raise wire.BadHeader("its lines do not all end in CRLF")
        return raw

    def _edition(self, frame: str, target: Target) -> Edition:
        key = frame, target.demands, target.language
        if key not in self._editions:
            edition = make_edition(self._library, target.demands, (target.language,), frame=frame)
            self._editions[key] = replace(edition, facts_as_of=self.campaign.facts_as_of or edition.facts_as_of)
        return self._editions[key]

    def _values(self, edition: Edition, target: Target, dispatch: str, day: date | None) -> dict[str, Any]:
        part = edition.parts[0]
        head = part.frame.head
        salutation = head.salutations.get(target.role, head.neutral_salutation)
        values: dict[str, Any] = {
            "sender": self.head.sender(dispatch),
            "campaign": self.head.title,
            "institution": Fields("institution", {"name": target.name, "role": target.role}),
            "state": Fields("state", {"code": target.state, "name": name_of(target.state, part.language)}),
            "salutation": salutation + head.salutation_mark,
            "salutation_words": salutation,
            "demands": [Fields("demand", {"slug": slug, "title": one.head.title}) for slug, one in part.demands],
        }
        if day is not None:
            values["date"] = long_date(day, head.date_format, part.language)
        if edition.facts_as_of is not None:
            values["facts_as_of"] = long_date(edition.facts_as_of, head.date_format, part.language)
        return values


_ALONE = "Give {{ words }}, or each of `quotes`, a paragraph of its own."


def _render(source: LetterTemplate, template: Compiled | None, values: dict[str, Any], target: Target) -> str:
    if template is None:
        return ""
    try:
        return template.render(values)
    except MissingValue as error:
        line = line_in(error.__traceback__, template)
        raise _fault(target, source, f"`{error.name}` is empty or not there.", _SEE, line) from error
    except PROVOKED as error:
        _, found, todo = complaint(error)
        raise _fault(target, source, found, todo, line_in(error.__traceback__, template)) from error


_SEE = "See docs/letters.md for what a letter of supporters knows."


def _look_at(ink: Ink, part: Part, target: Target) -> None:
    """Stop at a value that was not there, and at a demand that nobody would read of."""
    compiled = {one.name: one for one in (part.frame.subject, part.frame.body) if one is not None}
    for name, (where, line) in (ink.missing | ink.unwritable).items():
        raise _fault(target, part.frame, f"`{name}` is empty, or no text.", _SEE, compiled[where].line(line))
    written = {value.casefold() for value in ink.values}
    for slug, one in part.demands:
        if one.head.title.casefold() not in written:
            todo = "Write {{ demand.title }} for every one of `demands`."
            raise _fault(target, part.frame, f'The letter does not name the demand "{slug}".', todo)


def _text(value: str, part: Part, target: Target) -> str:
    text = lint.as_text(value)
    if text is None:
        raise _fault(target, part.frame, f"{value[:60]!r} holds characters that no letter may hold.", "Type it again.")
    return text


def _fault(target: Target, source: LetterTemplate, found: str, todo: str, line: int = 1) -> LetterError:
    place = Place(path=source.path, row=line)
    return _refused(
        target, Problem(severity=Severity.FAULT, code="supporters-letter", found=found, todo=todo, place=place)
    )


def _refused(target: Target, *problems: Problem) -> LetterError:
    first = problems[0]
    return LetterError(
        f"The letter of supporters to {target.name} cannot be written: {first.found}",
        where=str(first.place),
        todo=first.todo,
        problems=problems,
    )
