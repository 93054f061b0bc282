"""Positions as CSV, JSON and workbook: every cell with its sentence and source, and with the history when wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TextIO

from outreach.model.matrix import Matrix, MatrixRow, Tally
from outreach.model.position import Source, SourceKind, Stated
from outreach.reports.cells import Cell, clean
from outreach.reports.columns import NOTES, Column, cell_words
from outreach.reports.files import new_file
from outreach.reports.positions import Line, lines, title
from outreach.reports.workbook import Book
from outreach.reports.writers import csv_to, json_to
from outreach.rules.positions import WORDS

SCHEMA = "outreach.positions/1"  #: raised when a field changes its meaning or goes; new fields may come any time


def columns(matrix: Matrix) -> list[Column[Line]]:
    """One line per cell or record."""
    return [
        Column(head="state", value=lambda line: line.row.state),
        Column(head="state name", value=lambda line: line.row.state_name),
        Column(head="demand", value=lambda line: line.cell.demand),
        Column(head="position", value=_position),
        Column(head="counted as", value=lambda line: WORDS[line.cell.tally] if line.newest else "earlier record"),
        Column(head="asked", value=lambda line: "yes" if line.cell.asked else "no"),
        Column(head="sentence", value=lambda line: line.stated.quote if line.stated else None),
        Column(head="promised by", value=lambda line: line.stated.due_on if line.stated else None),
        Column(head="promise", value=lambda line: line.cell.deadline if line.newest else None),
        Column(head="source", value=lambda line: _of(line, "kind")),
        Column(head="source of", value=lambda line: _of(line, "taken_on")),
        Column(head="mail", value=lambda line: _of(line, "inbound")),
        Column(head="file or subject", value=lambda line: _of(line, "name")),
        Column(head="address of the source", value=lambda line: _of(line, "url")),
        Column(head="SHA-256", value=lambda line: _of(line, "sha256")),
        Column(head="by", value=lambda line: line.stated.by if line.stated else None),
        Column(head="written down at (UTC)", value=lambda line: line.stated.at if line.stated else None),
        Column(head="note", value=lambda line: line.stated.note if line.stated else None),
        Column(head="record", value=lambda line: line.stated.id if line.stated else None),
        Column(head="mode", value=lambda _: matrix.mode.value),
    ]


def write_positions_csv(matrix: Matrix, to: TextIO | Path, *, history: bool, overwrite: bool = False) -> None:
    """Write a stream of UTF-8, or a new file, whole or not at all: OutreachError when it exists."""
    note = title(matrix) if NOTES[matrix.mode] else ""
    csv_to(to, columns(matrix), lines(matrix, history=history), note=note, overwrite=overwrite)


def write_positions_json(matrix: Matrix, to: TextIO | Path, *, history: bool, overwrite: bool = False) -> None:
    """Write one object to a stream, or a new file, whole or not at all: OutreachError when it exists."""
    json_to(to, as_object(matrix, history=history), overwrite=overwrite)


def write_positions_xlsx(matrix: Matrix, path: Path, *, history: bool, overwrite: bool = False) -> None:
    """Write a new workbook, whole or not at all: the matrix, and what is on record. Raises OutreachError."""
    book = Book(title(matrix), matrix.mode, matrix.at)
    heads: list[Column[MatrixRow]] = [
        Column(head="state", value=lambda row: row.state),
        Column(head="state name", value=lambda row: row.state_name),
    ]
    demands = [Column(head=one.slug, value=_words_of(index)) for index, one in enumerate(matrix.demands)]
    book.sheet("matrix", heads + demands, matrix.rows)
    shown = [line for line in lines(matrix, history=history) if line.stated is not None]
    book.sheet("history" if history else "positions", columns(matrix), shown, kept=3)
    content = book.content()
    with new_file(path, overwrite=overwrite) as fh:
        fh.write(content)


def as_object(matrix: Matrix, *, history: bool) -> dict[str, Any]:
    """The matrix as plain lists, numbers and strings."""
    return {
        "schema": SCHEMA,
        "note": NOTES[matrix.mode],
        "mode": matrix.mode.value,
        "campaign": clean(matrix.campaign),
        "at": matrix.at.isoformat(timespec="seconds"),
        "demands": [
            {"slug": one.slug, "title": clean(one.title), **_plain(matrix.per_demand[one.slug])}
            for one in matrix.demands
        ],
        "totals": _plain(matrix.counts),
        "deadlines": {one.value: count for one, count in matrix.deadlines.items()},
        "left_out": matrix.left_out,
        "cells": [
            {
                "state": row.state,
                "state_name": clean(row.state_name),
                "demand": cell.demand,
                "counted_as": cell.tally.value,
                "asked": cell.asked,
                "promise": cell.deadline.value if cell.deadline else None,
                "record": _record(cell.stated),
                **({"earlier": [_record(one) for one in cell.earlier]} if history else {}),
            }
            for row in matrix.rows
            for cell in row.cells
        ],
    }


def _plain(counts: Mapping[Tally, int]) -> dict[str, int]:
    return {tally.value: counts[tally] for tally in Tally}


def _record(one: Stated | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "id": one.id,
        "position": one.position.value,
        "sentence": clean(one.quote),
        "promised_by": one.due_on.isoformat() if one.due_on else None,
        "by": clean(one.by),
        "at": one.at.isoformat(timespec="seconds"),
        "note": clean(one.note),
        "source": _source(one.source),
    }


def _source(one: Source | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "id": one.id,
        "kind": one.kind.value,
        "of": one.taken_on.isoformat(),
        "sha256": one.sha256,
        "name": clean(one.name),
        "url": clean(one.url),
        "mail": one.inbound,
        "kept": one.kept if one.kind is not SourceKind.REPLY else None,
    }


def _position(line: Line) -> Cell:
    return line.stated.position.value.replace("_", " ") if line.stated else None


def _of(line: Line, name: str) -> Cell:
    value: Cell = getattr(line.stated.source, name) if line.stated and line.stated.source else None
    return value


def _words_of(index: int) -> Callable[[MatrixRow], Cell]:
    return lambda row: cell_words(row.cells[index])
