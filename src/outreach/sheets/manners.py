"""What rows say beside state, name and address: much the same in many rows, so it is read once for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from outreach.model.problem import Severity
from outreach.sheets.findings import Findings, quoted
from outreach.sheets.grid import Row
from outreach.sheets.header import Layout
from outreach.sheets.values import DEFAULT_ROLE, is_site, read_date, read_languages, read_role, read_tags, read_yes
from outreach.sheets.view import Alike, View
from outreach.states import is_timezone, is_working_week

_MANNER = ("role", "city", "languages", "form_of_address", "timezone", "working_days", "tags")
_GIVEN = ("source", "source_date", "post", "form", "website", "allow_shared")
_FAULT, _WARNING, _NOTE = Severity.FAULT, Severity.WARNING, Severity.NOTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How an institution is written to."""

    role: str
    city: str
    languages: tuple[str, ...]
    form_of_address: str
    timezone: str
    working_days: str
    tags: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What is said of an address."""

    source: str
    source_date: date | None
    post: str
    form: str
    shared: bool


class Manners:
    """Reads both for the rows of one table."""

    def __init__(self, layout: Layout, findings: Findings) -> None:
        self._view = View(layout, findings)
        self._manners: Alike[Manner] = Alike(layout, _MANNER, findings)
        self._givens: Alike[Given] = Alike(layout, _GIVEN, findings)

    def manner(self, row: Row, cells: Sequence[str]) -> Manner:
        """How the row's institution is written to."""
        return self._manners.get(cells, lambda: self._manner(row, cells))

    def given(self, row: Row, cells: Sequence[str]) -> Given:
        """What the row says of its addresses."""
        return self._givens.get(cells, lambda: self._given(row, cells))

    def _manner(self, row: Row, cells: Sequence[str]) -> Manner:
        text = self._view.text
        return Manner(
            role=self._role(row, cells),
            city=text(cells, "city"),
            languages=self._languages(row, cells),
            form_of_address=text(cells, "form_of_address"),
            timezone=self._timezone(row, text(cells, "timezone")),
            working_days=self._working_days(row, text(cells, "working_days")),
            tags=read_tags(text(cells, "tags", lines=True)),
        )

    def _given(self, row: Row, cells: Sequence[str]) -> Given:
        text = self._view.text
        return Given(
            source=text(cells, "source"),
            source_date=self._day(row, text(cells, "source_date")),
            post=text(cells, "post", lines=True),
            form=self._site(row, cells),
            shared=self._yes(row, text(cells, "allow_shared")),
        )

    def _role(self, row: Row, cells: Sequence[str]) -> str:
        if "role" not in self._view.columns:
            return DEFAULT_ROLE
        written = self._view.text(cells, "role")
        if not written:
            self._view.tally(row, "role", "no-role", f'The role is empty: "{DEFAULT_ROLE}" is taken.')
            return DEFAULT_ROLE
        role, known = read_role(written)
        if not known:
            found = f'The role {quoted(written)} is not one of ours and is kept as "{role}".'
            self._view.tally(row, "role", "unknown-role", found)
        return role

    def _languages(self, row: Row, cells: Sequence[str]) -> tuple[str, ...]:
        tags, unknown = read_languages(self._view.text(cells, "languages", lines=True))
        for word in unknown:
            found = f"{quoted(word)} is no language that we know and is left out."
            self._view.say(
                _WARNING, row, "languages", "unknown-language", found, "Write its code, such as fr or pt-BR."
            )
        return tags

    def _timezone(self, row: Row, zone: str) -> str:
        if not zone or is_timezone(zone):
            return zone
        todo = "Write it like Europe/Sofia, or leave it empty for the state's own."
        self._view.say(_FAULT, row, "timezone", "bad-timezone", f"{quoted(zone)} is not a time zone.", todo)
        return ""

    def _working_days(self, row: Row, days: str) -> str:
        if not days or is_working_week(days):
            return days
        todo = 'Write them like "Mon-Fri", "Sun-Thu" or "Mon-Fri (Fri until midday)", or leave them empty.'
        found = f"{quoted(days)} cannot be read as working days."
        self._view.say(_FAULT, row, "working_days", "bad-working-days", found, todo)
        return ""

    def _day(self, row: Row, written: str) -> date | None:
        day = read_date(written) if written else None
        if written and day is None:
            found = f"{quoted(written)} is not a day like 2026-01-31: kept as text."
            self._view.say(_NOTE, row, "source_date", "unread-date", found)
        return day

    def _site(self, row: Row, cells: Sequence[str]) -> str:
        """The contact form, else the web site."""
        found = ""
        for field in ("form", "website"):
            site = self._view.text(cells, field)
            if site and not is_site(site):
                said = f"{quoted(site)} is not the address of a web page."
                self._view.say(_WARNING, row, field, "odd-site", said, "Correct the cell.")
            elif not found:
                found = site
        return found

    def _yes(self, row: Row, written: str) -> bool:
        yes = read_yes(written)
        if yes is None:
            found = f"{quoted(written)} is neither yes nor no: no is taken."
            self._view.say(_WARNING, row, "allow_shared", "unclear-yes-no", found, "Write yes or no.")
        return bool(yes)
