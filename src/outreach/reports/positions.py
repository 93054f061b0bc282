"""Positions in words and tables: the matrix, and what is on record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from outreach.model.matrix import Cell, Deadline, Matrix, MatrixRow, Tally
from outreach.model.position import Stated
from outreach.reports.columns import NOTES, cell_words, counted
from outreach.reports.table import TextTable
from outreach.rules.positions import WORDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a list: a cell with one of its records."""

    row: MatrixRow
    cell: Cell
    stated: Stated | None
    newest: bool


def title(matrix: Matrix) -> str:
    """One line: REHEARSAL when it is one, the campaign, and when it was made."""
    head = f"{NOTES[matrix.mode]}. " if NOTES[matrix.mode] else ""
    return f"{head}{matrix.campaign}: positions of {matrix.at:%Y-%m-%d %H:%M} UTC, {counted(len(matrix.rows), 'state')}"


def matrix_table(matrix: Matrix) -> TextTable:
    """One row per state, one column per demand."""
    return TextTable(
        head=("state", "", *(one.slug for one in matrix.demands)),
        rows=tuple((row.state, row.state_name, *map(cell_words, row.cells)) for row in matrix.rows),
        right=(),
    )


def evidence_table(matrix: Matrix, *, history: bool) -> TextTable:
    """What is on record: the sentence, its source, who wrote it down; with `history` what was on record before, too."""
    from outreach.rules.story import source_words

    shown = [line for line in lines(matrix, history=history) if line.stated is not None]
    return TextTable(
        head=("state", "demand", "position", "sentence", "source", "by", "on (UTC)", "note"),
        rows=tuple(
            (
                line.row.state,
                line.cell.demand,
                cell_words(line.cell) if line.newest else f"before: {one.position.value.replace('_', ' ')}",
                one.quote,
                source_words(one.source, short=True) if one.source else "",
                one.by,
                f"{one.at:%Y-%m-%d}",
                one.note,
            )
            for line in shown
            if (one := line.stated) is not None
        ),
        right=(),
    )


def matrix_totals(matrix: Matrix) -> str:
    """One line in which the parts add up to the cells; it says REHEARSAL when it is one."""
    note = f"{NOTES[matrix.mode]}. " if NOTES[matrix.mode] else ""
    parts = [f"{matrix.counts[one]:,} {WORDS[one]}" for one in Tally if matrix.counts[one]]
    whole = f"{counted(len(matrix.rows), 'state')} × {counted(len(matrix.demands), 'demand')}"
    due = [f"{matrix.deadlines[one]:,} {one.value}" for one in Deadline if matrix.deadlines[one]]
    tail = f" Commitments: {', '.join(due)}." if due else ""
    tail += f" Left out: {counted(matrix.left_out, 'record')} of the other mode's states." if matrix.left_out else ""
    return f"{note}{whole} = {len(matrix.cells):,}: {', '.join(parts) or 'none'}.{tail}"


def lines(matrix: Matrix, *, history: bool) -> Iterator[Line]:
    """Every cell; with `history` also each record that another took the place of, below it."""
    for row in matrix.rows:
        for cell in row.cells:
            yield Line(row=row, cell=cell, stated=cell.stated, newest=True)
            for earlier in cell.earlier if history else ():
                yield Line(row=row, cell=cell, stated=earlier, newest=False)
