"""The marks of an XLSX worksheet."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Mapping
from xml.parsers import expat

from outreach.sheets.door import refused
from outreach.sheets.grid import Kind
from outreach.sheets.limits import MAX_CELL_TEXT, MAX_COLUMNS
from outreach.sheets.marks import Marks, local, parse_xml

_REF = re.compile(r"([A-Za-z]{1,6})(\d{1,7})")


class XlsxMarks:
    """Reads the marks of the worksheets of one archive."""

    def __init__(self, archive: zipfile.ZipFile, path: str) -> None:
        self._archive = archive
        self._path = path
        self._parts = self._worksheets()
        self._lengths: list[int] | None = None

    def of(self, sheet: str) -> Marks:
        """The marks of one worksheet. Raises SheetError for a sheet too large, damaged or not there."""
        part = self._parts.get(sheet)
        if part is None or part not in self._archive.namelist():
            raise refused(self._path, "damaged", "The worksheet is named but not in the workbook.", sheet=sheet)
        if self._lengths is None:
            self._lengths = self._shared_lengths()
        marks = Marks(self._path, sheet)
        walk = _Walk(marks, self._lengths)
        with self._archive.open(part) as stream:
            parse_xml(walk.parser, stream, self._path, sheet)
        walk.finish()
        return marks

    def _worksheets(self) -> Mapping[str, str]:
        """Worksheet name -> part of the archive."""
        targets: dict[str, str] = {}
        names: dict[str, str] = {}

        def relation(name: str, attributes: dict[str, str]) -> None:
            if local(name) == "Relationship":
                target = attributes.get("Target", "")
                inside = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
                targets[attributes.get("Id", "")] = posixpath.normpath(inside)

        def worksheet(name: str, attributes: dict[str, str]) -> None:
            if local(name) == "sheet":
                rid = next((value for key, value in attributes.items() if local(key) == "id"), "")
                names[attributes.get("name", "")] = rid

        for part, handler in (("xl/_rels/workbook.xml.rels", relation), ("xl/workbook.xml", worksheet)):
            if part not in self._archive.namelist():
                raise refused(self._path, "damaged", f"The workbook has no {part}.")
            parser = expat.ParserCreate()
            parser.StartElementHandler = handler
            with self._archive.open(part) as stream:
                parse_xml(parser, stream, self._path, "")
        return {name: targets.get(rid, "") for name, rid in names.items()}

    def _shared_lengths(self) -> list[int]:
        """How long each shared string is: one of them may stand in every cell."""
        if "xl/sharedStrings.xml" not in self._archive.namelist():
            return []
        lengths: list[int] = []

        def start(name: str, _: dict[str, str]) -> None:
            if local(name) == "si":
                lengths.append(0)

        def text(data: str) -> None:
            if lengths:
                lengths[-1] += len(data)

        parser = expat.ParserCreate()
        parser.StartElementHandler = start
        parser.CharacterDataHandler = text
        with self._archive.open("xl/sharedStrings.xml") as stream:
            parse_xml(parser, stream, self._path, "")
        if max(lengths, default=0) > MAX_CELL_TEXT:
            found = f"A text of the workbook is longer than {MAX_CELL_TEXT:,} characters, which no cell can hold."
            raise refused(self._path, "bomb", found)
        return lengths


class _Walk:
    """One pass over a worksheet's XML."""

    def __init__(self, marks: Marks, lengths: list[int]) -> None:
        self._marks = marks
        self._lengths = lengths
        self._row = -1
        self._column = -1
        self._type = ""
        self._formula = False
        self._element = ""
        self._value = ""
        self._open = False
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def finish(self) -> None:
        self._close()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name if ":" not in name else local(name)
        if tag == "c":
            self._cell(attributes)
        elif tag in {"v", "t"}:
            self._element = tag
        elif tag == "f":
            self._formula = True
        elif tag == "row":
            self._close()
            self._row = self._number(attributes.get("r")) or self._row + 1
            self._column = -1
            if attributes.get("hidden") in {"1", "true"}:
                self._marks.hidden.append(self._row)
        elif tag == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def _end(self, _: str) -> None:
        self._element = ""

    def _text(self, data: str) -> None:
        if self._element and self._open:
            self._value += data

    def _number(self, text: str | None) -> int | None:
        return int(text) - 1 if text and text.isascii() and text.isdigit() and len(text) < 9 else None

    def _cell(self, attributes: dict[str, str]) -> None:
        self._close()
        place = _place(attributes.get("r", ""))
        if place is None:
            self._column += 1
        else:
            self._row, self._column = place
        self._type = attributes.get("t", "")
        self._formula = False
        self._value = ""
        self._open = True

    def _close(self) -> None:
        """The cell is whole: what was in it?"""
        if not self._open:
            return
        self._open = False
        value = self._value.strip()
        if not value and not self._formula:
            return
        marks, place = self._marks, (max(self._row, 0), self._column)
        marks.reach(*place)
        if self._type == "e":
            marks.mark(*place, Kind.ERROR)
        elif not value and self._type != "str":
            marks.mark(*place, Kind.UNCOMPUTED)
        elif self._type == "s":
            marks.weigh(self._lengths[int(value)] if value.isdigit() and int(value) < len(self._lengths) else 0)
        else:
            marks.weigh(len(value))

    def _merge(self, ref: str) -> None:
        first, _, last = ref.partition(":")
        top, bottom = _place(first), _place(last)
        if top is not None and bottom is not None and (top[0] <= bottom[0] and top[1] <= bottom[1]):
            self._marks.merge(*top, *bottom)


def _place(ref: str) -> tuple[int, int] | None:
    """Row and column of a reference such as E17, both from 0."""
    match = _REF.fullmatch(ref)
    if match is None:
        return None
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - 64
    return max(int(match[2]) - 1, 0), min(column - 1, MAX_COLUMNS)
