"""What was wrong with one letter, each finding at its row, its template line or its campaign key."""

from __future__ import annotations

import re

from outreach.letters import lint
from outreach.model.campaign import Campaign
from outreach.model.dispatch import Planned
from outreach.model.problem import Place, Problem, Severity
from outreach.states import state_name

MENTIONS = "mentions"  #: the sheet's column for states that a row names on purpose
_SEE = "See docs/letters.md for what a letter knows."


class Findings:
    """Collects the problems of one letter, each once."""

    def __init__(self, planned: Planned, campaign: Campaign) -> None:
        self.problems: list[Problem] = []
        self._planned = planned
        self._campaign = campaign

    def at_row(self, code: str, found: str, todo: str = "", *, column: str = "") -> None:
        """A problem of the contact's row."""
        at = self._planned.contact.place
        place = Place(path=at.path, sheet=at.sheet, row=at.row, column=column)
        self._add(code, found, todo, place)

    def at_template(self, code: str, found: str, todo: str, path: str, line: int) -> None:
        """A problem of a template, whatever the row."""
        self._add(code, found, todo, Place(path=path, row=line))

    def missing(self, name: str, path: str, line: int) -> None:
        """A value that a template wrote is empty or not there."""
        group, _, field = name.partition(".")
        used = f"The letter uses `{name}` ({path}:{line})"
        guard = f"Fill it, or write {{% if {name} %}} around it in the template."
        if group == "row" and field not in self._planned.contact.fields:
            found = f'{used}, but the sheet has no column "{field}".'
            self.at_row("missing-column", found, "Name a column so, or change the template.", column=field)
        elif group in {"row", "institution"}:
            self.at_row("empty-field", f"{used}, but that cell is empty.", guard, column=field)
        elif group in {"sender", "campaign"}:
            found = f"{used}, but the campaign does not give it."
            self._add("empty-field", found, guard, Place(path=self._campaign.path, column=name))
        else:
            self.at_template("undefined", f"`{name}` is not there.", _SEE, path, line)

    def no_text(self, name: str, path: str, line: int) -> None:
        """A template wrote a whole group of values, or another thing that is no text."""
        self.at_template("no-text", f"`{name}` is not a text that can be written.", _SEE, path, line)

    def look_at(self, values: dict[str, str], languages: tuple[str, ...]) -> None:
        """Look at the named values of a letter: what would embarrass it."""
        own = {self._planned.dispatch.state}
        for name, text in values.items():
            group, _, column = name.partition(".")
            of_sheet = group in {"row", "institution"}
            if lint.as_text(text) is None:
                self._bad_characters(name, column, of_sheet=of_sheet)
            elif of_sheet:
                if left := lint.unfilled(text):
                    found = f'"{left}" still stands in the row.'
                    self.at_row("placeholder", found, "Fill it in.", column=self._header(column, text))
                named = frozenset[str]().union(*(lint.named_states(text, tag) for tag in languages))
                if not named <= own and (others := named - own - self._meant()):
                    self._another_state(text, sorted(others), self._header(column, text))

    def _header(self, column: str, text: str) -> str:
        """What the sheet itself calls the column that holds this text."""
        fields = self._planned.contact.fields
        return column if column in fields else next((name for name, cell in fields.items() if cell == text), column)

    def _bad_characters(self, name: str, column: str, *, of_sheet: bool) -> None:
        found = f"`{name}` holds control characters that no letter may hold."
        if of_sheet:
            self.at_row("control-character", found, "Type the cell again.", column=column)
        else:
            self._add("control-character", found, "Type it again.", Place(path=self._campaign.path, column=name))

    def _another_state(self, text: str, others: list[str], column: str) -> None:
        state = self._planned.dispatch.state
        named = " and ".join(f"{state_name(code, 'en')} ({code})" for code in others)
        found = f'"{text[:80]}" names {named}, but the letter goes to {state_name(state, "en")} ({state}).'
        todo = f'Correct the row, or write {" ".join(others)} into a column "{MENTIONS}" if that is meant.'
        self.at_row("another-state", found, todo, column=column)

    def _meant(self) -> set[str]:
        return set(re.findall(r"[A-Z]{2}", self._planned.contact.fields.get(MENTIONS, "")))

    def _add(self, code: str, found: str, todo: str, place: Place) -> None:
        problem = Problem(severity=Severity.FAULT, code=code, found=found, todo=todo, place=place)
        if problem not in self.problems:
            self.problems.append(problem)
