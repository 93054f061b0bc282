"""What a check found, and where."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs."""

    FAULT = "fault"  #: nothing may be sent while it stands
    WARNING = "warning"  #: may be sent; a person should look
    NOTE = "note"  #: said, so that nothing happens silently


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in a file of the workspace: as much of it as is known."""

    path: str = ""  #: relative to the workspace, with forward slashes
    sheet: str = ""  #: the worksheet's name, for workbooks
    row: int = 0  #: 1-based, as a spreadsheet counts; for text files the line; 0 = the whole file
    column: str = ""  #: a sheet's column as its header says, or a dotted key of a campaign file
    cell: str = ""  #: the spreadsheet's address, such as "E17"

    def __str__(self) -> str:
        head = self.path + (f" [{self.sheet}]" if self.sheet else "") + (f":{self.row}" if self.row else "")
        tail = " ".join(part for part in (self.column, f"({self.cell})" if self.cell else "") if part)
        return f"{head} {tail}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One finding: where, what stood there, what to do next. A sheet's are called row problems."""

    severity: Severity
    code: str  #: a short stable name, such as "bad-address"; tests and scripts key on it
    found: str  #: what stood there, as a sentence; values quoted and capped
    todo: str = ""  #: what to do next, as a sentence
    place: Place = Place()

    def __str__(self) -> str:
        head = f"{self.place}: {self.found}" if str(self.place) else self.found
        return f"{head} {self.todo}" if self.todo else head
