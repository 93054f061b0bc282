"""Text files: encodings, separators, line ends, headers, quotation marks, rows that do not fit."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outreach.errors import SheetError
from outreach.model.problem import Severity

FAULT, WARNING, NOTE = Severity.FAULT, Severity.WARNING, Severity.NOTE
HEADER = "state,institution,email\n"
ROW = "QM,Ministry,a@mfa.example\n"


def names(got):
    return [one.institution.name for one in got.contacts]


def found(got):
    return [(one.severity, one.code, one.place.row) for one in got.problems]


# -- encodings --------------------------------------------------------------------------------------

TEXTS = {
    "fr": "Ministère des Affaires étrangères et européennes, où siègent les délégués",
    "de": "Auswärtiges Amt, Bundesministerium für Äußeres, Straße und Gebäude",
    "bg": "Министерство на външните работи на Република България",
    "el": "Υπουργείο Εξωτερικών, Διεύθυνση Ελέγχου Εξαγωγών",
    "he": "משרד החוץ, האגף לפיקוח על היצוא הביטחוני",
    "ar": "وزارة الخارجية، إدارة مراقبة الصادرات",
    "pl": "Ministerstwo Spraw Zagranicznych, Wydział Środków i Łączności",
    "ja": "外務省 輸出管理課",
}


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("language", ["fr", "ja"])
def test_unicode_with_and_without_its_mark_is_read(desk, codec, language):
    """The first header is not spoilt by the mark, and nothing has to be said but for UTF-16 without a mark."""
    content = HEADER + f'QM,"{TEXTS[language]}",a@mfa.example\n'
    mark = "\ufeff" if codec in {"utf-16-le", "utf-16-be"} else ""
    got = desk.text(mark + content, codec)
    assert names(got) == [TEXTS[language]]
    assert got.problems == ()


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_a_guess_and_said(desk, codec):
    """Half of its bytes are zero: that is seen, and said."""
    got = desk.text(HEADER + ROW, codec)
    assert names(got) == ["Ministry"]
    assert [(one.severity, one.code) for one in got.problems] == [(NOTE, "guessed-encoding")]


@pytest.mark.parametrize(
    ("codec", "language"),
    [
        ("cp1252", "fr"),
        ("cp1252", "de"),
        ("mac_roman", "fr"),
        ("mac_roman", "de"),
        ("cp1251", "bg"),
        ("koi8-r", "bg"),
        ("cp866", "bg"),
        ("cp1253", "el"),
        ("cp1255", "he"),
        ("cp1256", "ar"),
        ("cp1250", "pl"),
        ("shift_jis", "ja"),
    ],
    ids=lambda value: value,
)
def test_a_code_page_is_guessed_and_a_person_sees_the_letters(desk, codec, language):
    """A sheet of thirty rows is decoded as it was written; the note shows words of it and how to set it right."""
    body = "".join(f'QM,"{TEXTS[language]} {number}",a{number}@mfa.example\n' for number in range(30))
    got = desk.text(HEADER + body, codec)
    assert names(got)[0] == TEXTS[language] + " 0"
    (note,) = got.problems
    assert (note.severity, note.code) == (NOTE, "guessed-encoding")
    assert next(word for word in TEXTS[language].split() if not word.isascii()).strip(",،") in note.found
    assert "encoding" in note.todo


def test_the_encoding_of_the_campaign_file_wins_over_a_guess(desk):
    """What a person said is no guess: nothing is said about it."""
    got = desk.text(HEADER + "QM,Ministère d’État,a@mfa.example\n", "mac_roman", encoding="mac-roman")
    assert names(got) == ["Ministère d’État"]
    assert got.problems == ()


def test_the_encoding_of_the_campaign_file_does_not_touch_workbooks(desk):
    """They say themselves what they are in."""
    got = desk.book(
        lambda sheet, _: [sheet.append(["state", "name"]), sheet.append(["QM", "Bücher"])], encoding="cp1252"
    )
    assert names(got) == ["Bücher"]


@pytest.mark.parametrize(
    ("content", "encoding", "code", "row"),
    [
        (b"state,name\nQM,ok\nQM,B\xfccher\n", "utf-8", "wrong-encoding", 3),
        (b"state,name\rQM,ok\rQM,B\xfccher\r", "utf-8", "wrong-encoding", 3),
        (b"\xff\xfes\x00t\x00a", "", "wrong-encoding", 1),
        (b"\xef\xbb\xbfstate,name\n", "cp1252", "wrong-encoding", 0),
        (b"state,name\n", "no-such", "unknown-encoding", 0),
        (b"state,name\n", "rot13", "unknown-encoding", 0),
        (b"state,name\n", "hex", "unknown-encoding", 0),
        (b"state,name\n", "unicode_escape", "unknown-encoding", 0),
        (b"state,name\n", "ut\x00f", "unknown-encoding", 0),
        ("state,name\nQM,Bücher\n".encode() + b"QN,B\xfccher\n", "", "mixed-encodings", 3),
    ],
    ids=["byte", "byte-cr", "half", "mark", "unknown", "rot13", "hex", "escape", "nul", "mixed"],
)
def test_what_cannot_be_decoded_strictly_is_refused_at_its_line(desk, content, encoding, code, row):
    """No letter is replaced in silence."""
    with pytest.raises(SheetError) as caught:
        desk.read(content, encoding=encoding)
    (problem,) = caught.value.problems
    assert (problem.severity, problem.code, problem.place.row) == (FAULT, code, row)
    assert problem.todo


@pytest.mark.parametrize(
    "garbled",
    [
        *("MinistÃ¨re", "Minist\ufffdre", "lâ€™État", "????????? ?? ????", "Office of ???"),
        *("Trade &amp; Industry", "Minist&egrave;re", "l&#39;Europe", "Trade&nbsp;Ministry"),
    ],
)
def test_text_that_was_garbled_before_is_pointed_out(desk, garbled):
    """No letter begins with "MinistÃ¨re", or with what Excel makes of Cyrillic in a CSV: a warning at the cell."""
    got = desk.rows(["state", "name"], ["QM", garbled])
    assert names(got) == [garbled]
    assert [(one.severity, one.code, one.place.column) for one in got.problems if one.code != "no-email"] == [
        (WARNING, "garbled-text", "name")
    ]


@pytest.mark.parametrize("sound", ["Research & Development", "R&D;", "Really??? Yes", "Who?"])
def test_signs_that_people_write_are_no_garbled_text(desk, sound):
    """No false alarm."""
    got = desk.rows(["state", "name"], ["QM", sound])
    assert names(got) == [sound]
    assert "garbled-text" not in [one.code for one in got.problems]


# -- separators and line ends -----------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"], ids=["comma", "semicolon", "tab", "pipe"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_every_separator_and_line_end_is_read(desk, delimiter, end):
    """Values that hold the separators stay whole; a line break inside a cell is one of the value."""
    got = desk.rows(
        ["state", "institution", "email", "note"],
        ["QM", "Trade, Industry; Energy | Tourism", "a@mfa.example", "first\nsecond"],
        ["QN", "Ministry", "b@mfa.example", ""],
        delimiter=delimiter,
        end=end,
    )
    assert names(got) == ["Trade, Industry; Energy | Tourism", "Ministry"]
    assert got.contacts[0].fields["note"] == "first\nsecond"
    assert [one.place.row for one in got.contacts] == [2, 4]
    assert got.problems == ()


def test_line_ends_of_several_kinds_in_one_file_are_read(desk):
    """Files that went through many hands."""
    got = desk.read(b"state,name,email\r\nQM,A,a@x.example\rQN,B,b@x.example\nQO,C,c@x.example")
    assert [(one.institution.name, one.place.row) for one in got.contacts] == [("A", 2), ("B", 3), ("C", 4)]


def test_excels_own_first_line_names_the_separator(desk):
    """`sep=;` is neither a header nor a title."""
    got = desk.text("sep=;\nstate;name;email\nQM;A;a@x.example\n")
    assert [(one.institution.name, one.place.row) for one in got.contacts] == [("A", 3)]
    assert got.problems == ()


def test_a_blank_between_separator_and_quotation_mark_is_allowed(desk):
    """`QM, "Trade, Industry"` is how people write by hand."""
    got = desk.text('state, institution, email\nQM, "Trade, Industry", a@x.example\n')
    assert names(got) == ["Trade, Industry"]
    assert got.problems == ()


# -- rows -------------------------------------------------------------------------------------------


def test_the_line_of_a_row_is_the_line_on_which_it_begins(desk):
    """Cells of several lines, empty rows and comments before it do not shift what is said of a row."""
    got = desk.text(
        '# list of 2026\n\nstate,name,note\n\nQM,A,"one\ntwo\n\nthree"\n# QN later\n,,\n  \nElbonia,B,\nQO,"C\nD",\n'
    )
    assert [(one.institution.name, one.place.row) for one in got.contacts] == [("A", 5), ("C D", 13)]
    assert [(one.code, one.place.row) for one in got.problems if one.severity is FAULT] == [("unknown-state", 12)]
    assert got.rows == 3


def test_comment_lines_are_said_once_and_a_commented_row_is_a_warning(desk):
    """Nobody is taken out of a campaign without a word."""
    got = desk.text(HEADER + "# first\n# second\n" + ROW + "#QN,Other,b@mfa.example\n")
    assert got.rows == 1
    assert found(got) == [(NOTE, "comment", 2), (WARNING, "commented-row", 5)]
    assert "1 more" in got.problems[0].found


def test_a_header_behind_a_number_sign_is_a_header(desk):
    """`#state,name` is the only line that could be one."""
    got = desk.text("#state,name,email\nQM,A,a@x.example\n")
    assert names(got) == ["A"]


@pytest.mark.parametrize(
    ("row", "cells"),
    [("QM,Trade, Industry,a@x.example", 4), ("QM,Ministry", 2), ("QM", 1), ("QM,A,a@x.example,x,y", 5)],
    ids=["unquoted-comma", "one-short", "one-cell", "two-long"],
)
def test_a_row_with_another_number_of_cells_is_a_fault_and_never_shifted(desk, row, cells):
    """A shifted row would write to the wrong office; the rows around it are read."""
    got = desk.text(HEADER + ROW + row + "\n" + "QN,Other,b@x.example\n")
    assert names(got) == ["Ministry", "Other"]
    assert got.rows == 3
    (fault,) = got.problems
    assert (fault.severity, fault.code, fault.place.row) == (FAULT, "ragged-row", 3)
    assert f"{cells} cells where the header has 3" in fault.found


def test_a_header_that_ends_in_empty_cells_has_no_columns_there(desk):
    """Spreadsheet programs write them; text below them is beyond the header."""
    got = desk.text("state,name,email,,\nQM,A,a@x.example,,\nQN,B,b@x.example\nQO,C,c@x.example,,x\n")
    assert [dict(one.fields) for one in got.contacts] == [
        {"state": "QM", "name": "A", "email": "a@x.example"},
        {"state": "QN", "name": "B", "email": "b@x.example"},
    ]
    assert found(got) == [(FAULT, "ragged-row", 4)]


def test_a_row_pushed_out_of_its_columns_is_a_fault_although_its_last_cell_is_empty(desk):
    """ "Trade, Industry" without quotation marks, and nothing in the last column."""
    got = desk.text("state,name,email,note\nQM,Trade, Industry,a@x.example,\n")
    assert got.contacts == ()
    assert found(got) == [(FAULT, "ragged-row", 2)]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('QM,"Ministry,a@x.example\nQN,"Other",b@x.example\nQO,Third,c@x.example\n', 2),
        ('QN,Other,b@x.example\nQM,"Ministry" of,a@x.example\nQO,Third,c@x.example\n', 3),
        ('QN,Other,b@x.example\nQO,Third,c@x.example\nQM,"Ministry,a@x.example\n', 4),
    ],
    ids=["swallows-the-next-row", "text-behind", "never-closed"],
)
def test_a_stray_quotation_mark_costs_its_own_row_only(desk, text, line):
    """Otherwise it would join rows until the next one, with the address of another office at the end."""
    got = desk.text(HEADER + text)
    assert names(got) == ["Other", "Third"]
    assert found(got) == [(FAULT, "bad-quotes", line)]
    assert got.rows == 3


def test_a_quotation_mark_inside_a_cell_is_a_character(desk):
    """Only at the beginning of a cell does it open one."""
    got = desk.text(HEADER + 'QM,The "Old" Ministry,a@x.example\nQN,"The ""New"" one",b@x.example\n')
    assert names(got) == ['The "Old" Ministry', 'The "New" one']


def test_a_quotation_mark_that_closes_far_below_is_seen_by_the_cells(desk):
    """Rows that fell into one cell are reported as one row of the wrong width, with the lines it runs over."""
    got = desk.text(HEADER + 'QM,"Ministry,a@x.example\nQN,Other,b@x.example\nQO,Third",c@x.example,d\n' + ROW)
    assert names(got) == ["Ministry"]
    (fault,) = [one for one in got.problems if one.severity is FAULT]
    assert (fault.code, fault.place.row) == ("ragged-row", 2)
    assert "to line 4" in fault.found


# -- headers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Country,Organisation,E-mail", 1),
        ("Pays,Ministère,Courriel", 1),
        ("País,Ministerio,Correo electrónico", 1),
        ("Land,Behörde,E-Mail-Adresse", 1),
        ("País,Órgão,Correio Eletrônico", 1),
        ("Paese,Ente,Posta elettronica", 1),
        ("Χώρα,Φορέας,Ηλεκτρονικό ταχυδρομείο", 1),
        ("Държава,Институция,Имейл", 1),
        ("מדינה,מוסד,דואר אלקטרוני", 1),
        ("الدولة,الجهة,البريد الإلكتروني", 1),
        ("Страна,Ведомство,Электронная почта", 1),
        ("Ülke,Kurum,E-posta", 1),
        ("Land,Instelling,E-mailadres", 1),
        ("Państwo,Instytucja,Adres e-mail", 1),
        ("Pays / Country,Institution,Courriel / E-mail", 1),
        ("STATE (ISO), NAME ,EMAIL ADDRESS ", 1),
        ("country_code,institution_name,contact_email", 1),
        ("State,Name,staff_contact_email", 1),
    ],
)
def test_columns_are_known_by_their_names_in_many_languages(desk, header, row):
    """No column needs to be mapped."""
    got = desk.text(f"{header}\nQM,Ministry,a@x.example\n")
    assert [(one.institution.state, one.institution.name, one.address) for one in got.contacts] == [
        ("QM", "Ministry", "a@x.example")
    ]
    assert got.problems == ()


def test_a_title_above_the_header_is_said(desk):
    """Rows before the header are not contacts, but nobody should have to guess that."""
    got = desk.text("Contacts of the campaign,,\nas of 2026,,\n\n" + HEADER + ROW)
    assert names(got) == ["Ministry"]
    assert found(got) == [(NOTE, "title-row", 1), (NOTE, "title-row", 2)]


def test_a_contact_above_the_header_is_a_warning(desk):
    """It holds an address: perhaps someone sorted the sheet with its header."""
    got = desk.text("QN,Lost,lost@x.example\n" + HEADER + ROW)
    assert found(got) == [(WARNING, "title-row", 1)]


@pytest.mark.parametrize(
    ("content", "code", "row"),
    [
        ("", "empty-sheet", 0),
        ("\n\n,,\n", "empty-sheet", 0),
        ("# nothing\n", "empty-sheet", 0),
        ("QM,Ministry,a@x.example\nQN,Other,b@x.example\n", "no-header", 1),
        ("name,email\nMinistry,a@x.example\n", "missing-column", 1),
        ("state,email\nQM,a@x.example\n", "missing-column", 1),
    ],
    ids=["empty", "blank", "comments", "no-header", "no-state", "no-institution"],
)
def test_a_sheet_without_a_header_to_read_it_by_is_one_fault(desk, content, code, row):
    """It says what was found and what is wanted."""
    got = desk.text(content)
    assert got.contacts == ()
    assert found(got) == [(FAULT, code, row)]
    assert "state,institution,email" in got.problems[0].todo


def test_a_header_without_rows_is_a_warning(desk):
    """An empty campaign is seldom meant."""
    assert found(desk.text(HEADER)) == [(WARNING, "empty-sheet", 1)]


def test_columns_can_be_mapped_in_the_campaign_file(desk):
    """What a person says goes before what the words say, and that column is nothing else any more."""
    got = desk.text(
        "Wohin,Wer,An,country,name,email\nQM,Ministry,a@x.example,QN,Nobody,wrong@x.example\n",
        columns={"state": "wohin", "institution": "Wer", "email": "AN"},
    )
    assert [(one.institution.state, one.institution.name, one.address) for one in got.contacts] == [
        ("QM", "Ministry", "a@x.example")
    ]


@pytest.mark.parametrize(
    ("columns", "code"),
    [({"state": "Staat des Empfängers"}, "missing-column"), ({"colour": "state"}, "unknown-field")],
    ids=["no-such-header", "no-such-field"],
)
def test_a_mapping_that_fits_nothing_is_a_fault(desk, columns, code):
    """Reading on by other words could write to others than meant."""
    got = desk.text(HEADER + ROW, columns=columns)
    assert got.contacts == ()
    assert [(one.severity, one.code) for one in got.problems] == [(FAULT, code)]


def test_columns_of_no_field_are_kept_for_templates(desk):
    """Under their headers in small letters, with underscores; every cell of the row is there."""
    got = desk.text("State,Name,E-mail,Case Nr.,Дело №\nQM,Ministry,a@x.example,0044,7\n")
    assert dict(got.contacts[0].fields) == {
        "state": "QM",
        "name": "Ministry",
        "e_mail": "a@x.example",
        "case_nr": "0044",
        "дело": "7",
    }
    with pytest.raises(KeyError):
        got.contacts[0].fields["case_number"]


def test_duplicate_headers_are_said_and_numbered(desk):
    """Both columns can be used; the first is the field."""
    got = desk.text("state,Name,Name,email\nQM,Ministry,Jane,a@x.example\n")
    assert names(got) == ["Ministry"]
    assert got.contacts[0].fields["name_2"] == "Jane"
    assert found(got) == [(WARNING, "duplicate-header", 1)]


def test_addresses_of_several_columns_are_one_row_s_in_order(desk):
    """ "Email 1" to "Email 4", and two columns of the same name: the first is written to, the others stand by."""
    got = desk.text(
        "state,name,Email 1,Email 2,Email 3,E-mail,E-mail\n"
        "QM,Ministry,a@x.example,,c@x.example,A@x.example,e@x.example\n"
    )
    assert [(one.rank, one.address) for one in got.contacts] == [
        (0, "a@x.example"),
        (1, "c@x.example"),
        (2, "e@x.example"),
    ]
    assert found(got) == [(NOTE, "duplicate-header", 1), (NOTE, "repeated-address", 2)]


def test_a_header_that_comes_again_is_not_a_row(desk):
    """Sheets that were put together from several."""
    got = desk.text(HEADER + ROW + HEADER + "QN,Other,b@x.example\n")
    assert names(got) == ["Ministry", "Other"]
    assert found(got) == [(NOTE, "repeated-header", 3)]


def test_a_verification_is_never_taken_from_a_sheet(desk):
    """Only a person verifies, by name."""
    got = desk.text("state,name,email,verified_on\nQM,Ministry,a@x.example,2026-01-01\n")
    assert found(got) == [(NOTE, "verified-on", 1)]
    assert "outreach contacts verify" in got.problems[0].todo


def test_addresses_in_a_column_that_is_not_read_are_pointed_out(desk):
    """The address stands under "Address": the row is said to have none, and why."""
    got = desk.text("state,name,role,email,postal address,Whom\nQM,Ministry,mfa,,,boss@x.example\n")
    assert [one.address for one in got.contacts] == [None]
    assert [(one.code, one.place.column) for one in got.problems] == [
        ("no-email", "email"),
        ("unread-addresses", "Whom"),
    ]


# -- properties -------------------------------------------------------------------------------------

WORD = st.text(
    st.characters(
        codec="utf-8", exclude_categories=("Cc", "Cf", "Zl", "Zp", "Cs", "Cn", "Co"), exclude_characters="\ufffd"
    )
    | st.sampled_from(',;|\t"\n#'),
    min_size=1,
    max_size=30,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    values=st.lists(st.tuples(WORD, WORD), min_size=1, max_size=6),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    codec=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_is_written_comes_back(desk, values, delimiter, end, codec):
    """Any text, separator, line end and encoding: the row's cells are what was written, none lost, none shifted."""
    rows = [["QM", f"Ministry {number}", "x" + first, second + "x"] for number, (first, second) in enumerate(values)]
    got = desk.rows(["state", "name", "one", "two"], *rows, delimiter=delimiter, end=end, codec=codec)
    assert got.rows == len(rows)
    assert [one for one in got.problems if one.severity is FAULT] == []
    assert [(one.fields["one"], one.fields["two"]) for one in got.contacts] == [
        (one.strip(), two.strip()) for _, _, one, two in rows
    ]


#: All that UTF-8 can write but NUL, for which a file is refused whole.
ANY = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(
    st.lists(
        st.tuples(*[ANY | st.sampled_from(["", "QM", "NA", "a@x.example", '"', "#", "n/a"])] * 3),
        min_size=1,
        max_size=6,
    )
)
def test_no_row_is_lost_whatever_stands_in_its_cells(desk, rows):
    """Every row that is not empty, a comment or the header again is a contact or a fault at its line."""
    got = desk.rows(["state", "name", "email"], *rows)
    said = {one.place.row for one in got.problems if one.severity is FAULT}
    placed = {one.place.row for one in got.contacts}
    repeated = [one for one in got.problems if one.code == "repeated-address" and one.severity is WARNING]
    assert len(said | placed | {one.place.row for one in repeated}) == got.rows


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(st.binary(max_size=200) | st.text(st.sampled_from('QM,;"\n\r#a@x. \t'), max_size=120).map(str.encode))
def test_any_bytes_are_read_or_refused_with_a_problem(desk, content):
    """Never a foreign exception."""
    for start in (b"", HEADER.encode()):
        try:
            got = desk.read(start + content)
        except SheetError as error:
            problems, rows = error.problems, 0
        else:
            problems, rows = got.problems + got.contacts, got.rows
        assert rows == 0 or problems
        assert all(one.place.path == "contacts/x.csv" for one in problems)
