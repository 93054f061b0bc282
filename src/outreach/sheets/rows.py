"""One row becomes the contacts of one institution, or faults: never neither."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from outreach.model.contact import Contact
from outreach.model.problem import Place, Severity
from outreach.sheets.address_cells import read_cell
from outreach.sheets.addresses import Address
from outreach.sheets.bodies import Bodies
from outreach.sheets.fields import RowFields
from outreach.sheets.findings import Findings, quoted
from outreach.sheets.grid import Kind, Row
from outreach.sheets.header import Layout
from outreach.sheets.hygiene import trimmed
from outreach.sheets.institutions import Book, Known
from outreach.sheets.manners import Given, Manners
from outreach.sheets.soundness import Soundness


class RowReader:
    """Reads the rows of one table."""

    def __init__(self, layout: Layout, findings: Findings, book: Book) -> None:
        self.rows = 0  #: rows that were not empty
        self._layout = layout
        self._findings = findings
        self._book = book
        self._manners = Manners(layout, findings)
        self._bodies = Bodies(layout, findings, self._manners)
        self._soundness = Soundness(layout, findings)
        self._above: Known | None = None  #: the institution of the row before, while rows follow each other

    def read(self, row: Row) -> list[Contact]:
        """The row's contacts; without any, a fault was said or the row is empty or the header again."""
        if row.gap:
            self._above = None
        own = [trimmed(cell) for cell in row.cells[: len(self._layout.headers)]]
        if self._soundness.is_empty(row, own):
            self._above = None
            return []
        if tuple(own) == self._layout.headers:
            self._findings.note("repeated-header", "The header stands here again and is not read.", row=row.number)
            return []
        self.rows += 1
        cells = self._soundness.sound(row, own)
        contacts = self._contacts(row, cells) if cells is not None else None
        if contacts is None:
            self._above = None
            return []
        return contacts

    def _contacts(self, row: Row, cells: list[str]) -> list[Contact] | None:
        """The row's contacts, or None when the row does not say whose they are or an address is bad and alone."""
        place = self._findings.place(row.number)
        known = self._institution(row, cells, place)
        addresses, bad = self._addresses(row, cells)
        if known is None:
            return None
        given = self._manners.given(row, cells)
        if not addresses:
            if bad:
                return None
            self._say_no_address(row, cells)
        fields = RowFields(self._layout.index, cells)
        return [_contact(known, one, given, fields, place) for one in self._fresh(known, addresses, given, place)]

    def _fresh(
        self, known: Known, addresses: Sequence[tuple[Address, int]], given: Given, place: Place
    ) -> list[Address | None]:
        """The addresses that the institution does not have yet; None for an institution without any."""
        if not addresses:
            return [None]
        return [
            one
            for one, column in addresses
            if self._book.claim(
                known,
                one,
                place,
                shared=given.shared,
                say=partial(self._findings.warning, row=place.row, column=column),
            )
        ]

    def _institution(self, row: Row, cells: list[str], place: Place) -> Known | None:
        if self._continues(cells):
            if self._above is None:
                self._findings.fault(
                    "no-state",
                    "The row names no state and no institution, and no row directly above it does.",
                    "Write both in every row.",
                    row=row.number,
                    column=self._layout.columns["state"],
                )
                return None
            it = self._above.institution
            self._findings.note(
                "continued-row",
                f"The row names no state and no institution: taken as a further address of {quoted(it.name)}.",
                row=row.number,
            )
            for field in ("state", "name"):
                cells[self._layout.columns[field]] = it.state if field == "state" else it.name
            return self._above
        found = self._bodies.read(row, cells)
        if found is None:
            return None
        self._above = self._book.enter(found, place, self._layout.columns.get("id"), self._findings)
        if self._above is not None and self._above.ranks and not found.id and found == self._above.institution:
            self._say_same(row, self._above)
        return self._above

    def _say_same(self, row: Row, known: Known) -> None:
        """Without an id the name tells: two offices of one name would be one, and only one of them written to."""
        column = self._layout.columns["name"]
        if row.kinds.get(column) is not Kind.MERGED:
            self._findings.note(
                "same-institution",
                f"State, role and name are as in {known.place}: read as the same institution, which gets one letter.",
                "If it is another one, write in its name what tells them apart, or give both an id.",
                row=row.number,
                column=column,
            )

    def _continues(self, cells: Sequence[str]) -> bool:
        """Nothing that says whose row it is, but an address."""
        columns = self._layout.columns
        blank = all(not cells[columns[field]] for field in ("state", "name", "id", "role") if field in columns)
        return blank and any("@" in cells[column] for column in self._layout.emails)

    def _addresses(self, row: Row, cells: Sequence[str]) -> tuple[list[tuple[Address, int]], bool]:
        """Addresses of all e-mail cells in order, each once, and whether some cell was bad."""
        found: dict[str, tuple[Address, int]] = {}
        bad = False
        for column in self._layout.emails:
            text = row.cells[column] if cells[column] else ""
            if not text:
                continue
            reading = read_cell(text)
            for said in reading.said:
                bad = bad or said.severity is Severity.FAULT
                self._findings.add(said.severity, said.code, said.found, said.todo, row=row.number, column=column)
            for one in reading.addresses:
                if one.norm in found:
                    again = f"{one.envelope} stands in this row before."
                    self._findings.note("repeated-address", again, row=row.number, column=column)
                else:
                    found[one.norm] = (one, column)
        return list(found.values()), bad

    def _say_no_address(self, row: Row, cells: Sequence[str]) -> None:
        if not self._layout.emails:
            found = (
                "The sheet has no column for e-mail addresses: its institutions can only be written to by post or form."
            )
            self._findings.tally(Severity.NOTE, "no-email", found, row=self._layout.row)
        else:
            found = "No e-mail address: it can only be written to by post or form."
            self._findings.note("no-email", found, row=row.number, column=self._layout.emails[0])
        named = {*self._layout.columns.values(), *self._layout.emails}
        for column, cell in enumerate(cells):
            if "@" in cell and column not in named:
                self._findings.tally(
                    Severity.WARNING,
                    "unread-addresses",
                    f"The column {quoted(self._layout.headers[column])} holds an address but is not read as one.",
                    "If it is meant, say so in the campaign file: [columns] email = ….",
                    row=row.number,
                    column=column,
                )


def _contact(known: Known, address: Address | None, given: Given, fields: RowFields, place: Place) -> Contact:
    rank = known.ranks
    known.ranks += 1
    return Contact(
        institution=known.institution,
        address=address.envelope if address else None,
        address_norm=address.norm if address else "",
        rank=rank,
        allow_shared=given.shared,
        source=given.source,
        source_date=given.source_date,
        post=given.post,
        form=given.form,
        fields=fields,
        place=place,
    )
