"""The matrix: each state's position on each demand, folded from the records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from outreach.model.campaign import Demand, Mode
from outreach.model.position import Stated


class Tally(StrEnum):
    """What a cell is counted under: each under exactly one, so that every total adds up."""

    SUPPORTS = "supports"
    PARTLY_SUPPORTS = "partly_supports"
    ALREADY_DONE = "already_done"
    NONCOMMITTAL = "noncommittal"
    OPPOSES = "opposes"
    NOT_COMPETENT = "not_competent"
    DECLINED = "declined"
    NONE = "none"  #: asked, and nothing is known
    UNSUPPORTED = "unsupported"  #: a position is on record, but its source is gone
    NOT_ASKED = "not_asked"  #: the demand does not apply, and nothing is known


class Deadline(StrEnum):
    """Where a commitment with a date stands."""

    OPEN = "open"
    DUE = "due"  #: within two weeks, or today
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One state and one demand."""

    state: str
    demand: str
    tally: Tally
    asked: bool  #: a letter of the plan makes this demand of an institution of the state
    stated: Stated | None = None  #: the newest record; None = there is none
    deadline: Deadline | None = None  #: of the newest record; None = it promises no day
    earlier: tuple[Stated, ...] = ()  #: what it took the place of, the newest first


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRow:
    """One state: its cells in the order of the demands."""

    state: str
    state_name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """A campaign at one moment. `sum(counts.values()) == len(rows) * len(demands)`, and so for each demand."""

    campaign: str
    mode: Mode
    at: datetime  #: aware UTC
    demands: tuple[Demand, ...]  #: those of the campaign file, then those that only records name
    rows: tuple[MatrixRow, ...]  #: by the states' names
    counts: Mapping[Tally, int]  #: every tally, zeros too
    per_demand: Mapping[str, Mapping[Tally, int]]
    deadlines: Mapping[Deadline, int]  #: every deadline, zeros too
    left_out: int = 0  #: records of invented states that a live campaign does not show, or of real ones in a rehearsal

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Every cell, row by row."""
        return tuple(cell for row in self.rows for cell in row.cells)
