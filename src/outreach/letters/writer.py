"""Writes one letter's text: the demands first, then the frame around them, in each of its languages."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from outreach.letters.complaints import complaint, line_in
from outreach.letters.days import long_date
from outreach.letters.edition import Edition, Part
from outreach.letters.findings import Findings
from outreach.letters.library import LetterTemplate
from outreach.letters.missing import MissingValue
from outreach.letters.sandbox import PROVOKED, Compiled
from outreach.letters.skeleton import PartText
from outreach.letters.values import INK, Cell, Fields, Ink, Trusted
from outreach.model.contact import Institution
from outreach.model.dispatch import Planned, Thread
from outreach.rules.salutation import salutation
from outreach.states import official_languages, state_name

MAX_SUBJECT = 200


class Writer:
    """One letter being written with one ink. What is wrong goes to `findings`, and writing goes on."""

    def __init__(self, planned: Planned, given: dict[str, Any], edition: Edition, ink: Ink, findings: Findings) -> None:
        self._planned = planned
        self._edition = edition
        self._ink = ink
        self._findings = findings
        self._subjects: dict[str, None] = {}
        self._templates: dict[str, Compiled] = {}
        self._shared: dict[str, Any] = {
            **given,
            INK: ink,
            "institution": Fields("institution", _institution(planned.contact.institution)),
            "row": Fields("row", planned.contact.fields),
            "step": planned.dispatch.step,
        }

    def write(self) -> tuple[PartText, ...]:
        """Every part, as Markdown with tokens; the first value of the ink becomes the letter's subject."""
        parts = tuple(PartText(part.language, part.direction, self._part(part)) for part in self._edition.parts)
        subject = " / ".join(self._subjects)
        if len(subject) > MAX_SUBJECT and self._planned.thread is None:
            found = f"The subject has {len(subject)} characters."
            self._findings.at_row("long-subject", found, f"A reader sees at most {MAX_SUBJECT}; shorten it.")
        self._ink.values[0] = subject
        for name, (path, line) in self._ink.missing.items():
            self._findings.missing(name, *self._place(path, line))
        for name, (path, line) in self._ink.unwritable.items():
            self._findings.no_text(name, *self._place(path, line))
        return parts

    def _part(self, part: Part) -> str:
        values = self._shared | self._in_language(part)
        if self._planned.thread is not None:
            return self._chaser(part, values, self._planned.thread)
        values["demands"] = [
            Fields("demand", {"slug": slug, "title": one.head.title, "body": self._render(one, one.body, values)})
            for slug, one in part.demands
        ]
        alone = part.demands[0][1] if len(part.demands) == 1 else part.frame
        self._ink.plain = True
        subject = " ".join(self._render(alone, alone.subject, values).split())
        self._ink.plain = False
        self._subjects[subject] = None
        values["subject"] = subject
        text = self._render(part.frame, part.frame.body, values)
        self._look_for(values["demands"], text, part)
        return text

    def _chaser(self, part: Part, values: dict[str, Any], thread: Thread) -> str:
        """A reminder stands in the first letter's thread and names its demands by their titles."""
        pattern = part.frame.head.date_format
        first, last = (long_date(day, pattern, part.language) for day in (thread.first, thread.last))
        titles = {slug: one.head.title for slug, one in part.demands}
        subject = f"Re: {thread.subject}"
        self._subjects[subject] = None
        values["subject"] = subject
        values["first"] = Fields("first", {"date": first, "subject": thread.subject})
        values["last"] = Fields("last", {"date": last})
        values["demands"] = [Fields("demand", {"slug": slug, "title": title}) for slug, title in titles.items()]
        text = self._render(part.frame, part.frame.body, values)
        written = {value.casefold() for value in self._ink.values}
        for slug, title in titles.items() if text else ():
            if title.casefold() not in written:
                found = f'The reminder does not name the demand "{slug}".'
                todo = "Write {{ demand.title }} for every one of `demands`."
                self._findings.at_template("demand-left-out", found, todo, part.frame.path, 1)
        return text

    def _look_for(self, demands: list[Fields], text: str, part: Part) -> None:
        """A frame that leaves out what it frames would send a letter that asks nothing."""
        for demand in demands if text else ():
            slug, body = demand.values["slug"], demand.values["body"]
            first, _, _ = body.strip().partition("\n")
            if first not in text:
                found = f'The frame does not write the demand "{slug}".'
                todo = "Write {{ demand.body }} for every one of `demands`."
                self._findings.at_template("demand-left-out", found, todo, part.frame.path, 1)

    def _in_language(self, part: Part) -> dict[str, Any]:
        dispatch, it = self._planned.dispatch, self._planned.contact.institution
        head = part.frame.head
        own = it.languages or official_languages(it.state)
        neutral = head.salutations.get(it.role, head.neutral_salutation)
        words = salutation(
            it.form_of_address,
            cell_language=own[0] if own else "",
            letter_language=part.language,
            neutral=neutral,
        )
        from_sheet = words is not neutral
        values: dict[str, Any] = {
            "state": Fields("state", {"code": dispatch.state, "name": name_of(dispatch.state, part.language)}),
            "date": long_date(dispatch.dated, head.date_format, part.language),
            "salutation": _salutation(words + head.salutation_mark, from_sheet=from_sheet),
            "salutation_words": _salutation(words, from_sheet=from_sheet),
        }
        if self._edition.facts_as_of is not None:
            values["facts_as_of"] = long_date(self._edition.facts_as_of, head.date_format, part.language)
        return values

    def _render(self, source: LetterTemplate, template: Compiled | None, values: dict[str, Any]) -> Trusted:
        if template is None:
            return Trusted("")
        self._templates[template.name] = template
        try:
            return template.render(values)
        except MissingValue as error:
            self._findings.missing(error.name, source.path, line_in(error.__traceback__, template))
        except PROVOKED as error:
            line = line_in(error.__traceback__, template)
            self._findings.at_template(*complaint(error), source.path, line)
        return Trusted("")

    def _place(self, name: str, line: int) -> tuple[str, int]:
        """The file and line of a place in a compiled template; a subject's name is its file's and one word more."""
        return name.partition(" ")[0], self._templates[name].line(line)


def _institution(it: Institution) -> dict[str, str]:
    return {"name": it.name, "name_local": it.name_local, "city": it.city, "role": it.role}


def _salutation(words: str, *, from_sheet: bool) -> str:
    return Cell.of(words, "institution.form_of_address") if from_sheet else words


@lru_cache(maxsize=1024)
def name_of(state: str, language: str) -> str:
    """`state_name`, remembered."""
    return state_name(state, language)
