"""XLSX and ODS: every visible worksheet, merged cells, formulas, errors, numbers and dates."""

import io
import zipfile
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outreach.errors import SheetError
from outreach.model.problem import Severity

FAULT, WARNING, NOTE = Severity.FAULT, Severity.WARNING, Severity.NOTE
HEADER = ["state", "institution", "email", "note"]


def found(got):
    return [(one.severity, one.code, one.place.sheet, one.place.cell or one.place.row) for one in got.problems]


def put(*rows):
    def make(sheet, _):
        sheet.title = "List"
        for row in rows:
            sheet.append(list(row))

    return make


@pytest.fixture(params=["xlsx", "ods"])
def table(request, desk, make_ods_table):
    """Reads rows of text from either kind of workbook."""

    def read(*rows):
        if request.param == "xlsx":
            return desk.book(put(*rows))
        return desk.ods(make_ods_table(*rows, name="List"))

    return read


def test_a_workbook_is_read_like_a_text_file(table):
    """Rows and cells are named as the spreadsheet shows them."""
    got = table(HEADER, ["QM", "A", "a@x.example\nb@x.example", "one\ntwo"], [""] * 4, ["NA", "B", "bad", "0044"])
    assert [(one.institution.state, one.address, one.place.row) for one in got.contacts] == [
        ("QM", "a@x.example", 2),
        ("QM", "b@x.example", 2),
    ]
    assert got.contacts[0].fields["note"] == "one\ntwo"
    assert got.rows == 2
    assert found(got) == [(NOTE, "several-addresses", "List", "C2"), (FAULT, "bad-address", "List", "C4")]
    assert str(got.problems[1].place).startswith("contacts/x.")


def test_titles_comments_and_empty_rows_are_passed_over_and_said(table):
    """As in text files."""
    got = table(
        ["Our contacts"], [""], HEADER, ["# old"], ["QM", "A", "a@x.example"], ["#QN", "B", "b@x.example"], [""], HEADER
    )
    assert [one.institution.name for one in got.contacts] == ["A"]
    assert [(one.severity, one.code, one.place.row) for one in got.problems] == [
        (NOTE, "title-row", 1),
        (NOTE, "comment", 4),
        (WARNING, "commented-row", 6),
        (NOTE, "repeated-header", 8),
    ]


def test_every_visible_worksheet_is_read_and_hidden_ones_are_noted(desk):
    """Worksheets without contacts are said; one that looks like contacts without a header is a fault."""

    def make(sheet, book):
        put(HEADER, ["QM", "A", "a@x.example"])(sheet, book)
        second = book.create_sheet("More")
        second.append(["Country", "Ministry", "Mail"])
        second.append(["QN", "B", "a@x.example"])
        hidden = book.create_sheet("Old")
        hidden.append(HEADER)
        hidden.append(["QO", "C", "c@x.example"])
        hidden.sheet_state = "veryHidden"
        book.create_sheet("Nothing")
        book.create_sheet("Read me").append(["How to use this list"])
        book.create_sheet("Scribbles").append(["call d@x.example"])

    got = desk.book(make)
    assert [(one.place.sheet, one.institution.name) for one in got.contacts] == [("List", "A"), ("More", "B")]
    assert sorted(found(got)) == sorted(
        [
            (WARNING, "duplicate-address", "More", "C2"),
            (NOTE, "hidden-sheet", "Old", 0),
            (NOTE, "empty-sheet", "Nothing", 0),
            (WARNING, "sheet-not-read", "Read me", 0),
            (FAULT, "no-header", "Scribbles", 1),
        ]
    )


def test_a_workbook_without_any_contacts_is_a_fault(desk):
    """A worksheet that would be passed over beside others is what was meant when it is alone."""
    got = desk.book(put(["How to use this list"]))
    assert [(one.severity, one.code) for one in got.problems] == [(FAULT, "no-header")]


def test_merged_cells_count_for_all_their_rows(desk):
    """The state and the ministry stand once for several rows: taken from there and said."""

    def make(sheet, book):
        put(HEADER, ["QM", "A", "a@x.example"], [None, "B", "b@x.example"], [None, None, "c@x.example"], [])(
            sheet, book
        )
        sheet.append(["QN", "D", "d@x.example"])
        sheet.merge_cells("A2:A5")
        sheet.merge_cells("B3:B5")

    got = desk.book(make)
    assert [(one.institution.state, one.institution.name, one.rank, one.address) for one in got.contacts] == [
        ("QM", "A", 0, "a@x.example"),
        ("QM", "B", 0, "b@x.example"),
        ("QM", "B", 1, "c@x.example"),
        ("QN", "D", 0, "d@x.example"),
    ]
    assert got.rows == 4
    assert found(got) == [(NOTE, "merged-cell", "List", "A3"), (NOTE, "merged-cell", "List", "B4")]


def test_merged_cells_of_ods_count_too(desk, make_ods_table):
    """calamine does not tell of them; the file does."""
    spanned = ('office:value-type="string" table:number-rows-spanned="2"', "<text:p>QM</text:p>")
    got = desk.ods(make_ods_table(HEADER, [spanned, "A", "a@x.example"], ["", "B", "b@x.example"]))
    assert [(one.institution.state, one.institution.name) for one in got.contacts] == [("QM", "A"), ("QM", "B")]
    assert [one.code for one in got.problems] == ["merged-cell"]


def test_what_lies_under_a_merged_cell_is_not_read_but_said(desk, make_ods_table):
    """The person sees "QM" over both rows; an old "QN" is still in the file."""
    spanned = ('office:value-type="string" table:number-rows-spanned="2"', "<text:p>QM</text:p>")
    table = make_ods_table(HEADER, [spanned, "A", "a@x.example"], ["QN", "B", "b@x.example"], name="List")
    plain = '<table:table-cell office:value-type="string"><text:p>QN</text:p></table:table-cell>'
    got = desk.ods(table.replace(plain, plain.replace("table-cell", "covered-table-cell")))
    assert [(one.institution.state, one.institution.name) for one in got.contacts] == [("QM", "A"), ("QM", "B")]
    assert found(got) == [(WARNING, "covered-cell", "List", "A3"), (NOTE, "merged-cell", "List", "A3")]


def test_a_row_that_goes_on_after_a_comment_is_a_fault(table):
    """Only a row directly below goes on."""
    got = table(HEADER, ["QM", "A", "a@x.example"], ["", "", "b@x.example"], ["# end"], ["", "", "c@x.example"])
    assert [one.address for one in got.contacts] == ["a@x.example", "b@x.example"]
    assert (FAULT, "no-state", "List", "A5") in found(got)


def test_an_empty_state_below_a_filled_one_is_a_fault_without_a_merge(table):
    """It only looks merged."""
    got = table(HEADER, ["QM", "A", "a@x.example"], ["", "B", "b@x.example"])
    assert found(got) == [(FAULT, "no-state", "List", "A3")]


def test_a_cell_across_the_columns_is_a_heading(desk):
    """ "EUROPE" over all columns is not a state that we do not know."""

    def make(sheet, book):
        put(HEADER, ["EUROPE"], ["QM", "A", "a@x.example"])(sheet, book)
        sheet.merge_cells("A2:D2")

    got = desk.book(make)
    assert [one.institution.name for one in got.contacts] == ["A"]
    assert found(got) == [(WARNING, "heading-row", "List", 2)]


def test_a_formula_without_a_result_is_a_fault_and_not_an_empty_cell(desk):
    """Programs that write formulas without computing them leave the result out; the reader would see nothing there."""
    got = desk.book(
        put(HEADER, ["QM", "A", '=LOWER("A@X.EXAMPLE")'], ["=Z1", "=Z2", "=Z3"], ["QN", "B", "b@x.example", "=Z4"])
    )
    assert [one.institution.name for one in got.contacts] == ["B"]
    assert got.rows == 3
    assert sorted(found(got), key=str) == sorted(
        [
            *((FAULT, "uncomputed-formula", "List", cell) for cell in ("C2", "A3", "B3", "C3")),
            (WARNING, "uncomputed-formula", "List", "D4"),  # a note is for people
        ],
        key=str,
    )


def test_formulas_beyond_the_last_value_are_seen(desk):
    """calamine ends its table at the last value; the row of formulas below is not lost."""
    got = desk.book(put(HEADER, ["QM", "A", "a@x.example"], [], ["=A2", "=B2", "=C2"]))
    assert got.rows == 2
    assert {(one.code, one.place.row) for one in got.problems} == {("uncomputed-formula", 4)}


def test_error_values_are_faults(desk):
    """calamine gives an empty text for them."""

    def make(sheet, book):
        put(HEADER, ["QM", "A", "#REF!"], ["QN", "B", "b@x.example"])(sheet, book)
        sheet["C2"].data_type = "e"

    got = desk.book(make)
    assert [one.institution.name for one in got.contacts] == ["B"]
    assert found(got) == [(FAULT, "error-value", "List", "C2")]


def test_errors_formulas_and_lost_line_breaks_of_ods_are_faults(desk, make_ods_table):
    """What the reader drops in silence is found in the file."""
    error = (
        'table:formula="of:=1/0" office:value-type="string" calcext:value-type="error"',
        "<text:p>#DIV/0!</text:p>",
    )
    formula = ('table:formula="of:=A1"', "")
    broken = ('office:value-type="string"', "<text:p>a@x.example<text:line-break/>b@x.example</text:p>")
    got = desk.ods(
        make_ods_table(
            HEADER,
            ["QM", "A", error],
            ["QN", "B", formula],
            ["QO", "C", broken],
            ["QP", "D", "d@x.example"],
            name="List",
        )
    )
    assert [one.institution.name for one in got.contacts] == ["D"]
    assert found(got) == [
        (FAULT, "error-value", "List", "C2"),
        (FAULT, "uncomputed-formula", "List", "C3"),
        (FAULT, "lost-line-break", "List", "C4"),
    ]


def test_numbers_and_dates_become_text_and_are_said_where_doubtful(desk):
    """A number may have lost its zeros, a date may have been something else; text keeps its zeros."""
    got = desk.book(
        put(
            ["id", "state", "institution", "email", "source_date", "phone", "city", "role"],
            [7, "QM", "A", "a@x.example", date(2026, 1, 31), "0044", date(2026, 3, 4), "mfa"],
            [8, "QN", "B", "b@x.example", "31.1.2026", 44.5, True, "mfa"],
        )
    )
    first, second = got.contacts
    assert (first.institution.id, first.fields["phone"], first.institution.city) == ("7", "0044", "2026-03-04")
    assert (second.fields["phone"], second.institution.city) == ("44.5", "TRUE")
    assert first.source_date == second.source_date == date(2026, 1, 31)
    assert found(got) == [(WARNING, "date-as-text", "List", "G2"), (NOTE, "number-as-text", "List", "A2")]
    assert "1 more" in got.problems[1].found


def test_a_number_in_ods_loses_its_zeros_and_that_is_said(desk, make_ods_table):
    """The file shows 0044 and stores 44."""
    number = ('office:value-type="float" office:value="44"', "<text:p>0044</text:p>")
    got = desk.ods(make_ods_table(["id", "state", "name"], [number, "QM", "A"], name="List"))
    assert got.contacts[0].institution.id == "44"
    assert (NOTE, "number-as-text", "List", "A2") in found(got)


def test_cells_beyond_the_header_and_hidden_rows_are_said(desk):
    """Scribbles beside the table are not read; filtered rows are."""

    def make(sheet, book):
        put(HEADER, ["QM", "A", "a@x.example", "", "call first"], ["QN", "B", "b@x.example"])(sheet, book)
        sheet.row_dimensions[3].hidden = True

    got = desk.book(make)
    assert [list(one.fields) for one in got.contacts] == [HEADER, HEADER]
    assert dict(got.contacts[0].fields)["email"] == "a@x.example"
    assert found(got) == [(WARNING, "beyond-header", "List", "E2"), (NOTE, "hidden-row", "List", 3)]


def test_a_hidden_worksheet_of_ods_is_noted(desk, make_ods_table):
    """As in XLSX."""
    got = desk.ods(
        make_ods_table(HEADER, ["QM", "A", "a@x.example"], name="List"),
        make_ods_table(HEADER, ["QN", "B", "b@x.example"], name="Old", style=' table:style-name="hidden"'),
    )
    assert [one.institution.name for one in got.contacts] == ["A"]
    assert found(got) == [(NOTE, "hidden-sheet", "Old", 0)]


def test_repeated_rows_of_ods_are_rows(desk, make_ods_table):
    """The format packs like rows together, also the empty ones down to the last possible row."""
    table = make_ods_table(HEADER, ["QM", "A", "a@x.example"], name="List").replace(
        "</table:table>",
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="1024"/>'
        "</table:table-row></table:table>",
    )
    got = desk.ods(table)
    assert [one.place.row for one in got.contacts] == [2]
    assert got.problems == ()


def test_control_characters_of_a_workbook_are_faults(desk):
    """_x0007_ in a workbook is a bell."""
    got = desk.book(put(HEADER, ["QM", "A_x0007_B", "a@x.example"]))
    assert got.contacts == ()
    assert found(got) == [(FAULT, "control-character", "List", "B2")]


def test_a_name_that_lies_does_not_matter(desk):
    """What a file is, its first bytes say."""
    assert len(desk.text("state,name,email\nQM,A,a@x.example\n", name="x.xlsx").contacts) == 1
    assert len(desk.book(put(HEADER, ["QM", "A", "a@x.example"]), name="x.csv").contacts) == 1


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml"])
def test_a_damaged_workbook_is_refused(desk, part):
    """Whatever part is cut off."""
    path = "contacts/x.xlsx"
    desk.book(put(HEADER, ["QM", "A", "a@x.example"]))
    source = zipfile.ZipFile(desk.root / path)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in source.namelist():
            data = source.read(name)
            archive.writestr(name, data[: len(data) // 2] if name == part else data)
    source.close()
    with pytest.raises(SheetError) as caught:
        desk.read(out.getvalue(), "x.xlsx")
    assert [one.code for one in caught.value.problems] == ["damaged"]


WORD = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"), max_size=15
).map("x".__add__)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.lists(st.tuples(*[WORD | st.sampled_from(["", "QM", "a@x.example"])] * 3), min_size=1, max_size=5))
def test_no_row_of_a_workbook_is_lost_whatever_stands_in_its_cells(desk, make_ods_table, rows):
    """Every row that is not empty is a contact, a fault at its row, or said to repeat one."""
    got = desk.ods(make_ods_table(["state", "name", "email"], *rows))
    said = {one.place.row for one in got.problems if one.severity is FAULT or one.code == "repeated-address"}
    filled = {at for at, row in enumerate(rows, 2) if any(row)}
    assert said | {one.place.row for one in got.contacts} == filled
    assert got.rows == len(filled)
