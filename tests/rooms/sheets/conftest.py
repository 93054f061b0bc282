"""Sheets made on the spot: text files of any encoding, workbooks by openpyxl, ODS files by hand."""

import csv
import io
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import openpyxl
import pytest

from outreach.sheets import SheetRoom


class Desk:
    """A workspace, and the ways of putting a sheet into it and reading it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.room = SheetRoom(root)
        (root / "contacts").mkdir()

    def put(self, content: bytes, name: str = "x.csv") -> str:
        (self.root / "contacts" / name).write_bytes(content)
        return f"contacts/{name}"

    def read(self, content: bytes, name: str = "x.csv", *, columns=None, encoding=""):
        return self.room.read(self.put(content, name), columns=columns or {}, encoding=encoding)

    def text(self, content: str, codec: str = "utf-8", **more):
        return self.read(content.encode(codec), **more)

    def rows(self, *rows, delimiter=",", codec="utf-8", end="\r\n", **more):
        """A text file as a spreadsheet program writes it."""
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
        return self.text(out.getvalue().replace("\n", end), codec, **more)

    def book(self, make, name="x.xlsx", **more):
        """A workbook by openpyxl; `make` gets the first worksheet and the book."""
        book = openpyxl.Workbook()
        make(book.active, book)
        out = io.BytesIO()
        book.save(out)
        return self.read(out.getvalue(), name, **more)

    def ods(self, *tables, name="x.ods", **more):
        return self.read(ods(*tables), name, **more)


def ods(*tables: str) -> bytes:
    """An ODS file with these `<table:table>` elements."""
    names = "".join(
        f' xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"'
        for prefix in ("office", "table", "text", "style", "manifest")
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{names} xmlns:calcext="urn:calcext"'
        ' office:version="1.2"><office:automatic-styles><style:style style:name="hidden" style:family="table">'
        '<style:table-properties table:display="false"/></style:style></office:automatic-styles>'
        f"<office:body><office:spreadsheet>{''.join(tables)}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    manifest = (
        f'<?xml version="1.0"?><manifest:manifest{names}><manifest:file-entry manifest:full-path="/"'
        f' manifest:media-type="{kind}"/><manifest:file-entry manifest:full-path="content.xml"'
        ' manifest:media-type="text/xml"/></manifest:manifest>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), kind)
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return out.getvalue()


def ods_table(*rows, name="Sheet1", style=""):
    """A table of plain text cells; a cell that is a pair of attributes and inner XML is put as it is."""
    lines = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
    return f"<table:table table:name={quoteattr(name)}{style}>{lines}</table:table>"


def _ods_cell(cell):
    if isinstance(cell, tuple):
        return f"<table:table-cell {cell[0]}>{cell[1]}</table:table-cell>"
    if not cell:
        return "<table:table-cell/>"
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in cell.split("\n"))
    return f'<table:table-cell office:value-type="string">{lines}</table:table-cell>'


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


@pytest.fixture(scope="session")
def make_ods():
    return ods


@pytest.fixture(scope="session")
def make_ods_table():
    return ods_table
