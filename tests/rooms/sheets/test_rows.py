"""What the cells of a row mean: states, roles, institutions with several rows, and everything beside the address."""

from datetime import date

import pytest

from outreach.model.problem import Severity

FAULT, WARNING, NOTE = Severity.FAULT, Severity.WARNING, Severity.NOTE


def found(got):
    return [(one.severity, one.code, one.place.row, one.place.column) for one in got.problems]


# -- states -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("NA", "NA"),
        ("Namibia", "NA"),
        ("na", "NA"),
        ("Turkey", "TR"),
        ("Türkiye", "TR"),
        ("Burma", "MM"),
        ("UK", "GB"),
        ("Ivory Coast", "CI"),
        ("Côte d’Ivoire", "CI"),
        ("Kosovo", "XK"),
        ("България", "BG"),
        ("Deutschland", "DE"),
        (" Examplia\u00a0", "QM"),
        ("Saudi\nArabia", "SA"),
    ],
)
def test_a_state_is_found_by_code_or_by_name(desk, written, code):
    """In any language, by well-known variants; NA is Namibia and never an empty cell."""
    (contact,) = desk.rows(["state", "name", "email"], [written, "Ministry", "a@x.example"]).contacts
    assert contact.institution.state == code


@pytest.mark.parametrize("written", ["Elbonia", "Congo", "n/a", "-", "Examplian", "QM QN", "EU"])
def test_an_unknown_state_is_a_fault_and_never_a_guess(desk, written):
    """What two states could be is none; the fault quotes the cell."""
    got = desk.rows(["state", "name", "email"], [written, "Ministry", "a@x.example"])
    assert got.contacts == ()
    assert found(got) == [(FAULT, "unknown-state", 2, "state")]
    assert f'"{written}"' in got.problems[0].found


def test_two_columns_that_name_different_states_are_a_fault(desk):
    """Code and name of a state stand side by side in many sheets; one of them is a slip."""
    header = ["country code", "country", "name", "email"]
    got = desk.rows(header, ["QM", "Examplia", "A", "a@x.example"], ["QM", "Specimenia", "B", "b@x.example"])
    assert [one.institution.name for one in got.contacts] == ["A"]
    assert found(got) == [(FAULT, "state-mismatch", 3, "country")]


def test_a_mapped_state_column_is_the_only_one(desk):
    """In "Country, State" the second may be a province: whoever says so is believed."""
    got = desk.rows(
        ["country", "state", "name", "email"], ["USA", "Georgia", "A", "a@x.example"], columns={"state": "country"}
    )
    assert [one.institution.state for one in got.contacts] == ["US"]


# -- roles, names and the rest ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "role"),
    [
        ("mfa", "mfa"),
        ("MFA", "mfa"),
        ("Ministry of Foreign Affairs", "mfa"),
        ("foreign ministry", "mfa"),
        ("Außenministerium", "mfa"),
        ("وزارة الخارجية", "mfa"),
        ("Trade Ministry", "trade_ministry"),
        ("licensing-authority", "licensing_authority"),
        ("Export Control", "licensing_authority"),
    ],
)
def test_role_words_become_roles(desk, written, role):
    """Campaigns address roles; sheets write them as people do."""
    got = desk.rows(["state", "name", "role", "email"], ["QM", "A", written, "a@x.example"])
    assert [one.institution.role for one in got.contacts] == [role]
    assert got.problems == ()


def test_other_roles_are_kept_and_said_once(desk):
    """An organisation may have its own."""
    got = desk.rows(
        ["state", "name", "role", "email"],
        ["QM", "A", "Data-Protection Office", "a@x.example"],
        ["QN", "B", "Data-Protection Office", "b@x.example"],
        ["QO", "C", "", "c@x.example"],
    )
    assert [one.institution.role for one in got.contacts] == ["data_protection_office"] * 2 + ["authority"]
    assert found(got) == [(NOTE, "unknown-role", 2, "role"), (NOTE, "no-role", 4, "role")]
    assert "1 more" in got.problems[0].found


def test_a_column_of_roles_that_is_not_recognised_is_said(desk):
    """Every row would count as "authority", and a demand on ministries would go to nobody."""
    rows = ["state", "name", "Funktion", "email"], ["QM", "A", "mfa", "a@x.example"]
    (problem,) = desk.rows(*rows).problems
    assert (problem.severity, problem.code, problem.place.row) == (NOTE, "no-role-column", 1)
    assert '"Funktion"' in problem.todo
    got = desk.rows(*rows, columns={"role": "Funktion"})
    assert (got.problems, got.contacts[0].institution.role) == ((), "mfa")
    assert desk.rows(["state", "name", "email"], ["QM", "A", "a@x.example"]).problems == ()


def test_a_sheet_says_that_it_has_no_column_for_the_role(desk):
    """What it goes by then is no word of its own."""
    assert desk.rows(["state", "name", "email"], ["QM", "A", "a@x.example"]).roleless
    assert not desk.rows(["state", "name", "role", "email"], ["QM", "A", "", "a@x.example"]).roleless


def test_every_field_of_a_row_is_read(desk):
    """Each where it belongs; text that is no value is none."""
    header = [
        *("id", "state", "role", "institution", "institution_local", "city", "website", "email", "email_source"),
        *("email_source_date", "languages", "form_of_address", "timezone", "working_days", "note", "tags"),
        *("allow_shared", "postal address", "contact form"),
    ]
    (contact,) = desk.rows(
        header,
        [
            *("qm-mfa-1", "QM", "mfa", "Ministry", "Minstrelry", "Capital", "https://mfa.example", "a@mfa.example"),
            *("https://mfa.example/contact", "2026-01-31", "en; fr, pt_br", "Dear Minister", "Europe/Sofia"),
            *("Mon-Fri (Fri until midday)", "one\ntwo", "At-Risk; nso named", "yes", "1 Main Road\nCapital", "n/a"),
        ],
    ).contacts
    it = contact.institution
    assert (it.id, it.state, it.role, it.name, it.name_local) == ("qm-mfa-1", "QM", "mfa", "Ministry", "Minstrelry")
    assert (it.city, it.languages, it.form_of_address) == ("Capital", ("en", "fr", "pt-BR"), "Dear Minister")
    assert (it.timezone, it.working_days) == ("Europe/Sofia", "Mon-Fri (Fri until midday)")
    assert it.tags == {"at-risk", "nso-named"}
    assert (contact.source, contact.source_date) == ("https://mfa.example/contact", date(2026, 1, 31))
    assert (contact.allow_shared, contact.post) == (True, "1 Main Road\nCapital")
    assert contact.form == "https://mfa.example"
    assert contact.fields["note"] == "one\ntwo"


@pytest.mark.parametrize(
    ("field", "written", "severity", "code"),
    [
        ("timezone", "Sofia time", FAULT, "bad-timezone"),
        ("working_days", "whenever", FAULT, "bad-working-days"),
        ("languages", "en; Klingonese", WARNING, "unknown-language"),
        ("website", "ask the porter", WARNING, "odd-site"),
        ("contact form", "javascript:alert(1)", WARNING, "odd-site"),
        ("allow_shared", "perhaps", WARNING, "unclear-yes-no"),
        ("source_date", "03/04/2026", NOTE, "unread-date"),
        ("source_date", "2026-02-30", NOTE, "unread-date"),
    ],
)
def test_a_value_that_cannot_be_read_is_said_at_its_cell(desk, field, written, severity, code):
    """The contact stands; what hangs on the value falls back, and never in silence."""
    got = desk.rows(["state", "name", "email", field], ["QM", "A", "a@x.example", written])
    assert len(got.contacts) == 1
    assert found(got) == [(severity, code, 2, field)]
    assert written.split(";")[-1].strip() in got.problems[0].found


@pytest.mark.parametrize(
    ("written", "day"),
    [("2026-01-31", (2026, 1, 31)), ("31.1.2026", (2026, 1, 31)), ("2026-01-31 00:00:00", (2026, 1, 31))],
)
def test_days_that_can_be_read_one_way_are_read(desk, written, day):
    """Year first, or with dots and day first."""
    (contact,) = desk.rows(["state", "name", "source_date"], ["QM", "A", written]).contacts
    assert contact.source_date == date(*day)


@pytest.mark.parametrize("written", ["yes", "Oui", "да", "כן", "نعم", "X", "1", "TRUE", "✓"])
def test_yes_is_understood_in_many_languages(desk, written):
    """Two offices of one box both get their letter only when the sheet says so."""
    (contact,) = desk.rows(["state", "name", "allow shared"], ["QM", "A", written]).contacts
    assert contact.allow_shared


def test_a_row_without_an_institution_is_a_fault(desk):
    """A letter to nobody is not written; a local name alone is a name."""
    got = desk.rows(
        ["state", "name", "local name", "email"], ["QM", "", "", "a@x.example"], ["QN", "", "Lokal", "b@x.example"]
    )
    assert [(one.institution.name, one.institution.name_local) for one in got.contacts] == [("Lokal", "Lokal")]
    assert found(got) == [(FAULT, "no-institution", 2, "name")]


def test_a_word_for_nothing_is_no_institution(desk):
    """No letter begins "n/a"; the local name stands in where there is one."""
    got = desk.rows(
        ["state", "name", "local name", "email"],
        ["QM", "N/A", "", "a@x.example"],
        ["QN", "tbd", "Lokal", "b@x.example"],
    )
    assert [one.institution.name for one in got.contacts] == ["Lokal"]
    assert found(got) == [(FAULT, "no-institution", 2, "name")]


def test_a_name_in_two_lines_is_one_line(desk):
    """It stands in subjects and headers."""
    (contact,) = desk.rows(["state", "name"], ["QM", "Ministry of\nForeign  Affairs"]).contacts
    assert contact.institution.name == "Ministry of Foreign Affairs"


def test_leading_zeros_stay(desk):
    """Nothing that looks like a number becomes one."""
    (contact,) = desk.rows(["id", "state", "name", "phone"], ["007", "QM", "A", "0044123"]).contacts
    assert contact.institution.id == "007"
    assert contact.fields["phone"] == "0044123"


def test_a_value_longer_than_any_cell_should_be_is_a_fault(desk):
    """Usually a quotation mark is missing and a whole sheet fell into one cell."""
    got = desk.rows(["state", "name", "note"], ["QM", "A", "x" * 10_001], ["QN", "B", "x" * 10_000])
    assert [one.institution.name for one in got.contacts] == ["B"]
    assert [one for one in found(got) if one[0] is FAULT] == [(FAULT, "long-value", 2, "note")]


@pytest.mark.parametrize(("column", "severity"), [("email", FAULT), ("website", FAULT), ("phone", WARNING)])
def test_an_error_of_a_spreadsheet_is_no_value(desk, column, severity):
    """#REF! in a field of ours is a fault; elsewhere a warning."""
    got = desk.rows(["state", "name", column], ["QM", "A", "#REF!"])
    assert (severity, "error-value", 2, column) in found(got)


@pytest.mark.parametrize(("column", "severity"), [("city", FAULT), ("phone", WARNING)])
@pytest.mark.parametrize("written", ['=HYPERLINK("https://x.example")', "=A2&B2", "= SUM(A1)", "=$B$1"])
def test_a_formula_that_was_saved_as_text_is_no_value(desk, written, column, severity):
    """A sheet saved while it showed its formulas; no ministry's town is "=A2&B2"."""
    got = desk.rows(["state", "name", "role", "email", column], ["QM", "A", "mfa", "a@x.example", written])
    assert found(got) == [(severity, "uncomputed-formula", 2, column)]


def test_an_equals_sign_alone_is_no_formula(desk):
    """People draw lines with it, and write it between words."""
    got = desk.rows(["state", "name", "role", "email", "phone"], ["QM", "A = B", "mfa", "a@x.example", "==="])
    assert "uncomputed-formula" not in [one.code for one in got.problems]


def test_a_row_that_begins_with_an_error_is_not_a_comment(desk):
    """It begins with "#", too."""
    got = desk.rows(["id", "state", "name"], ["#N/A", "QM", "A"])
    assert found(got) == [(FAULT, "error-value", 2, "id")]


# -- several rows of one institution ----------------------------------------------------------------

HEADER = ["id", "state", "role", "name", "email", "city"]


def test_rows_of_one_id_are_one_institution_with_ranks_going_on(desk):
    """One letter; the addresses of later rows stand by."""
    got = desk.rows(
        HEADER,
        ["q1", "QM", "mfa", "A", "a@x.example, b@x.example", ""],
        ["q2", "QM", "mfa", "B", "z@x.example", ""],
        ["q1", "Examplia", "MFA", "A", "c@x.example", ""],
    )
    assert [(one.institution.id, one.rank, one.address) for one in got.contacts] == [
        ("q1", 0, "a@x.example"),
        ("q1", 1, "b@x.example"),
        ("q2", 0, "z@x.example"),
        ("q1", 2, "c@x.example"),
    ]
    assert got.contacts[0].institution == got.contacts[3].institution
    assert [one.severity for one in got.problems] == [NOTE]


@pytest.mark.parametrize(("state", "role"), [("QN", "mfa"), ("QM", "trade_ministry")])
def test_one_id_for_two_institutions_is_a_fault(desk, state, role):
    """The ledger remembers letters by it."""
    got = desk.rows(HEADER, ["q1", "QM", "mfa", "A", "a@x.example", ""], ["q1", state, role, "B", "b@x.example", ""])
    assert [one.institution.name for one in got.contacts] == ["A"]
    assert found(got) == [(FAULT, "id-conflict", 3, "id")]
    assert "contacts/x.csv:2" in got.problems[0].found


def test_rows_of_one_institution_that_differ_are_a_warning_and_the_first_counts(desk):
    """Otherwise the letter would depend on the order of the sheet."""
    got = desk.rows(
        HEADER, ["q1", "QM", "mfa", "A", "a@x.example", "Here"], ["q1", "QM", "mfa", "A", "b@x.example", "There"]
    )
    assert {one.institution.city for one in got.contacts} == {"Here"}
    assert found(got) == [(WARNING, "institution-differs", 3, "id")]
    assert "city" in got.problems[0].found


def test_without_ids_rows_of_the_same_name_are_one_institution(desk):
    """As the ledger will see them: same state, role and name."""
    got = desk.rows(
        ["state", "name", "email"],
        ["QM", "Ministry", "a@x.example"],
        ["QM", "ministry ", "b@x.example"],
        ["QN", "Ministry", "c@x.example"],
    )
    assert [one.rank for one in got.contacts] == [0, 1, 0]


def test_rows_taken_as_one_institution_by_their_name_are_said(desk):
    """Two offices that only have one name would otherwise become one in silence."""
    rows = ["QM", "Embassy", "a@x.example"], ["QM", "Embassy", "b@x.example"]
    got = desk.rows(["state", "name", "email"], *rows)
    assert [one.rank for one in got.contacts] == [0, 1]
    assert found(got) == [(NOTE, "same-institution", 3, "name")]
    assert "contacts/x.csv:2" in got.problems[0].found


def test_blanks_inside_a_name_are_one_blank(desk):
    """They would stand in the letter's address."""
    got = desk.rows(["state", "name", "email"], ["QM", "Foreign   Office", "a@x.example"])
    assert got.contacts[0].institution.name == "Foreign Office"


def test_one_box_of_two_institutions_is_a_warning(desk):
    """Only one of them gets a letter, unless both rows say that the box is shared."""
    row = ["q1", "QM", "mfa", "A", "a@x.example", "yes"], ["q2", "QM", "trade_ministry", "B", "A@X.example", "yes"]
    header = [*HEADER[:5], "allow_shared"]
    assert desk.rows(header, *row).problems == ()
    row[1][5] = ""
    got = desk.rows(header, *row)
    assert len(got.contacts) == 2
    assert found(got) == [(WARNING, "duplicate-address", 3, "email")]
    assert '"q1"' in got.problems[0].found
    assert "contacts/x.csv:2" in got.problems[0].found


def test_an_address_that_comes_again_for_one_institution_is_said(desk):
    """It is no second address."""
    got = desk.rows(HEADER, ["q1", "QM", "mfa", "A", "a@x.example", ""], ["q1", "QM", "mfa", "A", "a@x.example", ""])
    assert len(got.contacts) == 1
    assert found(got) == [(WARNING, "repeated-address", 3, "email")]


def test_a_row_without_an_address_is_kept_and_noted(desk):
    """Nobody is forgotten: it can be written to by post or form."""
    got = desk.rows(["state", "name", "email", "postal address"], ["QM", "A", "", "1 Main Road"])
    assert [(one.address, one.address_norm, one.post) for one in got.contacts] == [(None, "", "1 Main Road")]
    assert found(got) == [(NOTE, "no-email", 2, "email")]
    assert "post or form" in got.problems[0].found


def test_a_sheet_without_addresses_is_said_once(desk):
    """Not once a row."""
    got = desk.rows(["state", "name"], ["QM", "A"], ["QN", "B"], ["QO", "C"])
    assert [one.address for one in got.contacts] == [None] * 3
    assert found(got) == [(NOTE, "no-email", 1, "")]


# -- rows that go on --------------------------------------------------------------------------------


def test_a_row_with_nothing_but_an_address_belongs_to_the_one_above(desk):
    """A visual merge: said, and counted as a further address of the institution."""
    got = desk.rows(
        ["state", "name", "email"], ["QM", "A", "a@x.example"], ["", "", "b@x.example"], ["QN", "B", "c@x.example"]
    )
    assert [(one.institution.name, one.rank, one.address) for one in got.contacts] == [
        ("A", 0, "a@x.example"),
        ("A", 1, "b@x.example"),
        ("B", 0, "c@x.example"),
    ]
    assert found(got) == [(NOTE, "continued-row", 3, "")]
    assert got.contacts[1].fields["name"] == "A"


@pytest.mark.parametrize(
    "above",
    [[], [["", "", ""]], [["# comment", "", ""]], [["Elbonia", "A", "a@x.example"]], [["QM", "A", "bad@@x.example"]]],
    ids=["first-row", "empty-row", "comment", "unknown-state", "bad-address"],
)
def test_an_address_without_an_institution_above_it_is_a_fault(desk, above):
    """A stray address at the foot of a sheet is nobody's."""
    got = desk.rows(
        ["state", "name", "email"], ["QN", "Z", "z@x.example"], ["", "", ""], *above, ["", "", "b@x.example"]
    )
    assert [one.address for one in got.contacts] == ["z@x.example"]
    assert found(got)[-1][:2] == (FAULT, "no-state")


def test_a_sum_below_the_table_is_one_fault_that_says_what_stands_there(desk):
    """Nobody is written to by it, and nothing more is asked of it than to go."""
    got = desk.rows(
        ["no", "state", "name", "role", "email"],
        ["1", "QM", "A", "mfa", "a@x.example"],
        ["Total: 1 ministry", "", "", "", ""],
    )
    assert [one.institution.name for one in got.contacts] == ["A"]
    assert found(got) == [(FAULT, "no-state", 3, "state")]
    assert 'it holds "Total: 1 ministry".' in got.problems[-1].found


def test_an_empty_state_beside_a_name_is_a_fault(desk):
    """Perhaps it is the state above, perhaps it was forgotten: that is not guessed."""
    got = desk.rows(["state", "name", "email"], ["QM", "A", "a@x.example"], ["", "B", "b@x.example"])
    assert [one.institution.name for one in got.contacts] == ["A"]
    assert found(got) == [(FAULT, "no-state", 3, "state")]
