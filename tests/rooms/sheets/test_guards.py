"""What is refused whole: bombs, entities, foreign formats, files outside the workspace. Before anything parses it."""

import io
import os
import resource
import subprocess
import sys
import zipfile

import pytest

from outreach.errors import SheetError
from outreach.model.problem import Severity
from outreach.sheets import SheetRoom, lines, marks, textsheet

HEADER = "state,institution,email\n"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
HEAD_CELLS = "".join(
    f'<c r="{column}1" t="inlineStr"><is><t>{name}</t></is></c>'
    for column, name in (("A", "state"), ("B", "institution"), ("C", "email"))
)


def refusal(room, path):
    with pytest.raises(SheetError) as caught:
        room.read(path, columns={})
    (problem,) = caught.value.problems
    assert problem.severity is Severity.FAULT
    assert str(caught.value).startswith(path)
    return problem


def xlsx(sheet="", *, prolog="", cells=HEAD_CELLS, shared="", extra=(), encoding="utf-8"):
    """The smallest workbook, with `sheet` behind its header row."""
    body = f'<worksheet xmlns="{MAIN}"><sheetData><row r="1">{cells}</row>{sheet}</sheetData></worksheet>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr(
            "_rels/.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="r" Type="{REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{REL}">'
            '<sheets><sheet name="S" sheetId="1" r:id="s"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="s" Type="{REL}/worksheet" Target="worksheets/sheet1.xml"/>'
            f'<Relationship Id="t" Type="{REL}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        )
        archive.writestr("xl/worksheets/sheet1.xml", (prolog + body).encode(encoding))
        if shared:
            archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}">{shared}</sst>')
        for name, content in extra:
            archive.writestr(name, content)
    return out.getvalue()


def row(number, *cells):
    return f'<row r="{number}">{"".join(cells)}</row>'


def far(ref):
    return xlsx(row(2, f'<c r="{ref}"><v>1</v></c>'))


def lying():
    """Says that its worksheet has a thousand bytes; it has forty million."""
    content = xlsx("<!--" + " " * 40_000_000 + "-->")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        real = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    return content.replace(real.to_bytes(4, "little"), (1000).to_bytes(4, "little"))


def overlapping():
    """Thirty thousand merged cells, each of thirty thousand rows and more."""
    merges = "".join(f'<mergeCell ref="A{number}:C60000"/>' for number in range(2, 30_000))
    last = row(60_000, '<c r="A60000"><v>1</v></c>')
    return xlsx(f"{last}</sheetData><mergeCells>{merges}</mergeCells><sheetData>")


def bombs(make_ods, make_ods_table):
    words = "<si><t>" + "x" * 30_000 + "</t></si>"
    strings = "".join(row(number, f'<c r="A{number}" t="s"><v>0</v></c>') for number in range(2, 20_000))
    wide = 'office:value-type="string" table:number-columns-repeated="16000"'
    deep = '<table:table-row table:number-rows-repeated="1000000">'
    many = '<table:table-row table:number-rows-repeated="6000">'
    formulas = 'table:formula="of:=1" table:number-columns-repeated="400"'
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    table = make_ods_table(["state", "institution", "email"])
    return {
        "unpacks-too-large": (xlsx("<!--" + " " * 110_000_000 + "-->"), "bomb"),
        "unpacks-a-thousandfold": (xlsx("<!--" + " " * 60_000_000 + "-->"), "bomb"),
        "larger-than-it-says": (lying(), "bomb"),
        "very-many-parts": (xlsx(extra=[(f"x/{number}", "") for number in range(2001)]), "bomb"),
        "far-row": (far("A1048576"), "too-many-rows"),
        "far-column": (far("XFD2"), "too-many-columns"),
        "column-beyond-any": (far("ZZZZZ2"), "too-many-columns"),
        "far-corner": (far("NN199999"), "too-many-cells"),
        "one-string-in-every-cell": (xlsx(strings, shared=words), "bomb"),
        "string-too-long": (xlsx(shared=f"<si><t>{'x' * 40_000}</t></si>"), "bomb"),
        "overlapping-merges": (overlapping(), "damaged"),
        "billion-laughs": (xlsx(prolog=laughs), "entities"),
        "external-entity": (xlsx(prolog='<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'), "entities"),
        "entity-in-utf-16": (
            xlsx(prolog='<?xml version="1.0" encoding="utf-16"?>' + laughs, encoding="utf-16"),
            "entities",
        ),
        "entity-in-another-part": (xlsx(extra=[("xl/styles.xml", laughs)]), "entities"),
        "ods-repeated-cells": (make_ods(make_ods_table([(wide, "<text:p>x</text:p>")])), "too-many-columns"),
        "ods-repeated-rows": (
            make_ods(make_ods_table(["state", "institution"]).replace("<table:table-row>", deep)),
            "too-many-rows",
        ),
        "ods-formulas": (make_ods(make_ods_table([(formulas, "")]).replace("<table:table-row>", many)), "bomb"),
        "ods-blanks": (make_ods(table.replace("<text:p>", '<text:p><text:s text:c="4000000000"/>')), "bomb"),
        "ods-entity": (_ods_with_entity(make_ods, table), "entities"),
    }


def _ods_with_entity(make_ods, table):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(make_ods(table))) as source, zipfile.ZipFile(out, "w") as archive:
        for name in source.namelist():
            data = source.read(name)
            archive.writestr(name, data.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a "b">]>', 1))
    return out.getvalue()


@pytest.fixture(scope="module")
def bomb_room(tmp_path_factory, make_ods, make_ods_table):
    root = tmp_path_factory.mktemp("bombs")
    (root / "contacts").mkdir()
    codes = {}
    for name, (content, code) in bombs(make_ods, make_ods_table).items():
        (root / "contacts" / name).write_bytes(content)
        codes[name] = code
    return root, codes


BOMBS = [
    *("unpacks-too-large", "unpacks-a-thousandfold", "larger-than-it-says", "very-many-parts", "far-row", "far-column"),
    *("column-beyond-any", "far-corner", "one-string-in-every-cell", "string-too-long", "overlapping-merges"),
    *("billion-laughs", "external-entity", "entity-in-utf-16", "entity-in-another-part"),
    *("ods-repeated-cells", "ods-repeated-rows", "ods-formulas", "ods-blanks", "ods-entity"),
]


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_by_its_name(bomb_room, name):
    """One fault that says what it is; nothing of it is read."""
    root, codes = bomb_room
    assert set(BOMBS) == set(codes)
    assert refusal(SheetRoom(root), f"contacts/{name}").code == codes[name]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps a limit on memory")
def test_all_bombs_together_are_refused_in_little_memory(bomb_room):
    """A process that may have 900 MB of address space refuses each of them and lives."""
    root, codes = bomb_room
    program = (
        "import sys; from pathlib import Path; from outreach.errors import SheetError; import pandas, python_calamine\n"
        "from outreach.sheets import SheetRoom\n"
        "for name in sys.argv[2:]:\n"
        "    try: SheetRoom(Path(sys.argv[1])).read('contacts/' + name, columns={})\n"
        "    except SheetError as error: print(name, error.problems[0].code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(root), *codes],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (900 << 20, 900 << 20)),
    )
    assert dict(line.split() for line in done.stdout.splitlines()) == codes, done.stderr[-2000:]


def test_a_workbook_of_very_many_like_rows_is_no_bomb(desk):
    """They pack to less than a hundredth; a small file may."""
    cells = '<c r="A{0}" t="inlineStr"><is><t>QM</t></is></c><c r="B{0}" t="inlineStr"><is><t>Ministry</t></is></c>'
    content = xlsx("".join(row(number, cells.format(number)) for number in range(2, 5000)))
    got = desk.read(content, "x.xlsx")
    assert got.rows == 4998
    assert [one for one in got.problems if one.severity is Severity.FAULT] == []


FOREIGN = {
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old Excel"),
    "encrypted": (b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "password"),
    "html": (b"<html><table><tr><td>state</td></tr></table></html>", "web page"),
    "html-with-mark": (b"\xef\xbb\xbf\n <!DOCTYPE html><p>", "web page"),
    "xml": (b"<?xml version='1.0'?><Workbook/>", "web page"),
    "pdf": (b"%PDF-1.7\n", "PDF"),
    "rtf": (b"{\\rtf1\\ansi", "text document"),
    "gzip": (b"\x1f\x8b\x08\x00", "archive"),
    "empty-zip": (b"PK\x05\x06" + b"\0" * 18, "archive"),
    "picture": (b"\x89PNG\r\n\x1a\n", "not a sheet"),
    "xlsm": (xlsx(extra=[("xl/vbaProject.bin", "x")]), "macros"),
    "xlsb": (xlsx(extra=[("xl/workbook.bin", "x")]), "binary"),
    "cut-off-zip": (xlsx()[:400], "damaged"),
}


@pytest.mark.parametrize(("content", "said"), FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_file_is_refused_by_its_first_bytes(desk, content, said):
    """Whatever its name; the text says what it is and what to do."""
    problem = refusal(desk.room, desk.put(content, "x.csv"))
    assert problem.code in {"wrong-format", "damaged"}
    assert said in problem.found
    assert problem.todo


def test_a_document_or_any_other_archive_is_refused(desk):
    """A zip is not yet a workbook."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    assert refusal(desk.room, desk.put(out.getvalue(), "x.xlsx")).code == "wrong-format"


def test_a_workbook_with_a_password_on_its_parts_is_refused(desk):
    """The flag of an encrypted part in the directory."""
    content = bytearray(xlsx())
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    problem = refusal(desk.room, desk.put(bytes(content), "x.xlsx"))
    assert "password" in problem.found


@pytest.mark.parametrize(("size", "name"), [(100_000_001, "x.csv"), (10_000_001, "x.xlsx")])
def test_a_file_too_large_is_not_read(desk, size, name):
    """A text file over 100 MB, a workbook over 10 MB."""
    path = desk.put(xlsx() if name.endswith("xlsx") else b"state,name\n", name)
    os.truncate(desk.root / path, size)
    problem = refusal(desk.room, path)
    assert problem.code == "too-large"
    assert problem.todo


TEXT_TRAPS = {
    "line-of-a-megabyte": (HEADER + "QM,A," + "x" * 1_000_001, "long-line", 2),
    "nul": (HEADER + "QM,A,a@x.example\nQM,\0,b@x.example\n", "nul-byte", 3),
    "very-many-columns": ("state,name" + ",x" * 600 + "\n", "too-many-columns", 1),
    "quotation-marks-that-never-close": (HEADER + '",x",",\n' * 5000, "bad-quotes", None),
}


@pytest.mark.parametrize(("content", "code", "line"), TEXT_TRAPS.values(), ids=TEXT_TRAPS)
def test_a_trap_in_a_text_file_is_refused_at_its_line(desk, content, code, line):
    """In time and memory that do not grow with what the trap pretends."""
    problem = refusal(desk.room, desk.put(content.encode()))
    assert problem.code == code
    assert line is None or problem.place.row == line


@pytest.mark.parametrize(
    ("module", "limit", "content"),
    [
        (textsheet, "MAX_ROWS", HEADER + "QM,A,a@x.example\n" * 12),
        (lines, "MAX_LINES", HEADER + "\n" * 20),
    ],
    ids=["rows", "lines"],
)
def test_too_many_rows_are_refused_and_not_cut_off(desk, monkeypatch, module, limit, content):
    """Half a sheet would be a campaign to half of the states."""
    monkeypatch.setattr(module, limit, 10)
    assert refusal(desk.room, desk.put(content.encode())).code == "too-many-rows"


def test_too_many_rows_of_a_workbook_are_refused(desk, monkeypatch):
    """The same limit, found before the workbook is opened."""
    monkeypatch.setattr(marks, "MAX_ROWS", 10)
    path = desk.put(xlsx(row(11, '<c r="A11"><v>1</v></c>')), "x.xlsx")
    assert refusal(desk.room, path).code == "too-many-rows"


def test_only_files_inside_the_workspace_are_read(desk, tmp_path_factory):
    """By any way out of it: dots, absolute paths, links."""
    outside = tmp_path_factory.mktemp("outside") / "x.csv"
    outside.write_text(HEADER)
    (desk.root / "contacts" / "link.csv").symlink_to(outside)
    (desk.root / "contacts" / "loop.csv").symlink_to("loop.csv")
    (desk.root / "contacts" / "folder.csv").mkdir()
    os.mkfifo(desk.root / "contacts" / "pipe.csv")
    codes = {
        f"../{outside.parent.name}/x.csv": "outside-workspace",
        str(outside): "outside-workspace",
        "contacts/link.csv": "outside-workspace",
        "contacts/loop.csv": "no-sheet",
        "contacts/folder.csv": "no-sheet",
        "contacts/pipe.csv": "no-sheet",
        "contacts/none.csv": "no-sheet",
        "": "no-sheet",
        "contacts/\0.csv": "no-sheet",
    }
    for path, code in codes.items():
        with pytest.raises(SheetError) as caught:
            desk.room.read(path, columns={})
        assert [one.code for one in caught.value.problems] == [code], path


def test_a_file_that_may_not_be_read_is_refused(desk):
    """With the system's reason."""
    path = desk.put(b"state,name\n")
    (desk.root / path).chmod(0)
    if os.access(desk.root / path, os.R_OK):
        pytest.skip("this user may read everything")
    assert refusal(desk.room, path).code == "no-sheet"


def test_the_room_costs_nothing_before_it_is_used():
    """`outreach --help` pays neither for pandas nor for what checks addresses."""
    program = "import sys; import outreach.sheets; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert not {"pandas", "numpy", "python_calamine", "email_validator", "chardet", "openpyxl"} & set(
        done.stdout.split()
    )
