"""The institution that a row names."""

from __future__ import annotations

from collections.abc import Sequence

from outreach.model.contact import Institution
from outreach.model.problem import Severity
from outreach.sheets.findings import Findings, quoted
from outreach.sheets.grid import Row
from outreach.sheets.header import Layout
from outreach.sheets.hygiene import one_line
from outreach.sheets.manners import Manners
from outreach.sheets.view import View
from outreach.sheets.vocabulary import is_placeholder
from outreach.states import find_state

_FAULT = Severity.FAULT


class Bodies:
    """Reads the institutions of one table's rows."""

    def __init__(self, layout: Layout, findings: Findings, manners: Manners) -> None:
        self._view = View(layout, findings)
        self._layout = layout
        self._findings = findings
        self._manners = manners

    def read(self, row: Row, cells: Sequence[str]) -> Institution | None:
        """The institution, or None with faults said."""
        text = self._view.text
        local = text(cells, "name_local")
        written = text(cells, "name")
        name = local if is_placeholder(written) else written or local
        if not name and not text(cells, "state"):
            self._nobody(row, cells)
            return None
        state = self._state(row, cells)
        if not name:
            todo = "Write whom the letter is for."
            self._view.say(_FAULT, row, "name", "no-institution", "The institution's name is empty.", todo)
        manner = self._manners.manner(row, cells)
        if state is None or not name:
            return None
        return Institution(
            id=text(cells, "id"),
            state=state,
            role=manner.role,
            name=name,
            name_local=local,
            city=manner.city,
            languages=manner.languages,
            form_of_address=manner.form_of_address,
            timezone=manner.timezone,
            working_days=manner.working_days,
            tags=manner.tags,
        )

    def _nobody(self, row: Row, cells: Sequence[str]) -> None:
        """A sum or a remark below the table, or an address that belongs to nobody."""
        held = quoted(" ".join(cell for cell in cells if cell))
        found = f"The row names neither a state nor an institution; it holds {held}."
        self._view.say(_FAULT, row, "state", "no-state", found, "Write both, or take the row out.")

    def _state(self, row: Row, cells: Sequence[str]) -> str | None:
        written = self._view.text(cells, "state")
        if not written:
            todo = "Write the state in every row, also where a spreadsheet shows the row above going on."
            self._view.say(_FAULT, row, "state", "no-state", "The state's cell is empty.", todo)
            return None
        state = find_state(written)
        if state is None:
            todo = "Write its name in full, in any language, or its two-letter code (ISO 3166), such as BG."
            self._view.say(
                _FAULT, row, "state", "unknown-state", f"{quoted(written)} is not the name of one state.", todo
            )
        elif self._contradicted(row, cells, written, state):
            return None
        return state

    def _contradicted(self, row: Row, cells: Sequence[str], written: str, state: str) -> bool:
        """Whether another column of the row names another state."""
        for column in self._layout.states:
            other = find_state(one_line(cells[column])) if cells[column] else None
            if other is not None and other != state:
                self._findings.fault(
                    "state-mismatch",
                    f"{quoted(cells[column])} is {other}, but {quoted(written)} in the same row is {state}.",
                    "Correct one of them, or say in the campaign file which column counts: [columns] state = ….",
                    row=row.number,
                    column=column,
                )
                return True
        return False
