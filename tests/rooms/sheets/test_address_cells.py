"""What stands in e-mail cells: read rightly and said, or reported at its cell. Never guessed, never lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.model.problem import Severity
from outreach.sheets.addresses import by_library, check_address

NOTE, WARNING, FAULT = Severity.NOTE, Severity.WARNING, Severity.FAULT
HEADER = ["state", "institution", "email"]
LONG = "o" * 65 + "@mfa.example"
DOMAIN = "d" * 60

READ = {
    "plain": ("office@mfa.example", ["office@mfa.example"], []),
    "capitals-in-the-domain": ("Office@MFA.Example", ["Office@mfa.example"], []),
    "plus-and-dots": ("a.b+c@mfa.example", ["a.b+c@mfa.example"], []),
    "spaces-around": ("  office@mfa.example  ", ["office@mfa.example"], []),
    "trailing-newlines": ("office@mfa.example\n\n", ["office@mfa.example"], []),
    "trailing-comma": ("office@mfa.example,", ["office@mfa.example"], []),
    "no-break-space-before": ("\u00a0office@mfa.example", ["office@mfa.example"], ["invisible-characters"]),
    "narrow-no-break-space-after": ("office@mfa.example\u202f", ["office@mfa.example"], ["invisible-characters"]),
    "zero-width-space-inside": ("off\u200bice@mfa.example", ["office@mfa.example"], ["invisible-characters"]),
    "byte-order-mark-inside": ("\ufeffoffice@mfa.example", ["office@mfa.example"], ["invisible-characters"]),
    "marks-of-direction": ("\u200eoffice@mfa.example\u200f", ["office@mfa.example"], ["invisible-characters"]),
    "soft-hyphen": ("of\u00adfice@mfa.example", ["office@mfa.example"], ["invisible-characters"]),
    "ideographic-space": ("office@mfa.example\u3000", ["office@mfa.example"], ["invisible-characters"]),
    "name-and-brackets": ("Press Office <office@mfa.example>", ["office@mfa.example"], ["address-cleaned"]),
    "quoted-name-with-comma": ('"Doe, Jane" <jane@mfa.example>', ["jane@mfa.example"], ["address-cleaned"]),
    "name-with-comma": ("Doe, Jane <jane@mfa.example>", ["jane@mfa.example"], ["address-cleaned"]),
    "address-as-its-own-name": ("a@mfa.example <a@mfa.example>", ["a@mfa.example"], ["address-cleaned"]),
    "brackets-alone": ("<office@mfa.example>", ["office@mfa.example"], []),
    "mailto": ("mailto:office@mfa.example", ["office@mfa.example"], ["address-cleaned"]),
    "mailto-with-subject": ("mailto:office@mfa.example?subject=x", ["office@mfa.example"], ["address-cleaned"]),
    "label-without-colon": ("E-Mail service@mfa.example", ["service@mfa.example"], ["address-cleaned"]),
    "label-with-colon": ("Private office: po@mfa.example", ["po@mfa.example"], ["address-cleaned"]),
    "label-glued-on": ("Email:po@mfa.example", ["po@mfa.example"], ["address-cleaned"]),
    "parenthesis-around": ("(office@mfa.example)", ["office@mfa.example"], ["address-cleaned"]),
    "comment-behind": ("office@mfa.example (press)", ["office@mfa.example"], ["address-cleaned"]),
    "full-stop-behind": ("office@mfa.example.", ["office@mfa.example"], ["address-cleaned"]),
    "dagger-behind": ("office@mfa.example †", ["office@mfa.example"], ["address-cleaned"]),
    "bullet-before": ("• office@mfa.example", ["office@mfa.example"], ["address-cleaned"]),
    "apostrophe-of-a-spreadsheet": ("'office@mfa.example", ["office@mfa.example"], ["address-cleaned"]),
    "round-at": ("office(at)mfa.example", ["office@mfa.example"], ["deobfuscated-address"]),
    "square-at-and-dot": ("office [at] mfa [dot] example", ["office@mfa.example"], ["deobfuscated-address"]),
    "label-before-round-at": (
        "E-mail: office(at)mfa.example",
        ["office@mfa.example"],
        ["address-cleaned", "deobfuscated-address"],
    ),
    "full-width-at-and-dot": ("office＠mfa．example", ["office@mfa.example"], ["fullwidth-address"]),
    "international-domain": ("info@bücher.example", ["info@xn--bcher-kva.example"], ["international-domain"]),
    "international-domain-encoded": ("info@xn--bcher-kva.example", ["info@xn--bcher-kva.example"], []),
    "greek-domain": ("info@υπουργείο.example", ["info@xn--kxahg2bdbi3ac.example"], ["international-domain"]),
    "look-alike-letters": (
        "info@mfа.example",
        ["info@xn--mf-8kc.example"],
        ["international-domain", "mixed-script-domain"],
    ),
    "slash-in-the-local-part": ("LL/Press@mfa.example", ["LL/Press@mfa.example"], ["slash-in-address"]),
    "two-by-comma": ("a@mfa.example, b@mfa.example", ["a@mfa.example", "b@mfa.example"], ["several-addresses"]),
    "two-by-semicolon": ("a@mfa.example;b@mfa.example", ["a@mfa.example", "b@mfa.example"], ["several-addresses"]),
    "two-by-slash": (
        "a@mfa.example/b@mfa.example",
        ["a@mfa.example", "b@mfa.example"],
        ["address-cleaned", "several-addresses"],
    ),
    "two-by-spaced-slash": (
        "a@mfa.example / b@mfa.example",
        ["a@mfa.example", "b@mfa.example"],
        ["address-cleaned", "several-addresses"],
    ),
    "two-by-a-space": ("a@mfa.example b@mfa.example", ["a@mfa.example", "b@mfa.example"], ["several-addresses"]),
    "two-by-a-no-break-space": (
        "a@mfa.example\u00a0b@mfa.example",
        ["a@mfa.example", "b@mfa.example"],
        ["invisible-characters", "several-addresses"],
    ),
    "two-by-a-newline": ("a@mfa.example\nb@mfa.example", ["a@mfa.example", "b@mfa.example"], ["several-addresses"]),
    "two-by-a-word": (
        "a@mfa.example or b@mfa.example",
        ["a@mfa.example", "b@mfa.example"],
        ["address-cleaned", "several-addresses"],
    ),
    "two-with-labels": (
        "Governor: gov@mfa.example, Deputy Governor: dep@mfa.example",
        ["gov@mfa.example", "dep@mfa.example"],
        ["address-cleaned", "address-cleaned", "several-addresses"],
    ),
    "two-with-names": (
        "Doe, J <j@mfa.example>; Roe, R <r@mfa.example>",
        ["j@mfa.example", "r@mfa.example"],
        ["address-cleaned", "address-cleaned", "several-addresses"],
    ),
    "the-same-twice": ("a@mfa.example, A@MFA.example", ["a@mfa.example"], ["repeated-address"]),
    "one-and-a-placeholder": ("a@mfa.example; n/a", ["a@mfa.example"], ["placeholder"]),
    "empty": ("", [None], ["no-email"]),
    "blanks-only": (" \u00a0 ", [None], ["no-email"]),
    "placeholder-n-a": ("N/A", [None], ["no-email", "placeholder"]),
    "placeholder-na": ("NA", [None], ["no-email", "placeholder"]),
    "placeholder-dash": ("-", [None], ["no-email", "placeholder"]),
    "placeholder-tbc": ("tbc", [None], ["no-email", "placeholder"]),
    "placeholder-none": ("None", [None], ["no-email", "placeholder"]),
    "placeholder-unknown": ("unknown", [None], ["no-email", "placeholder"]),
}

BAD = {
    "no-at": ("hshembeniparliament.example", "no @"),
    "two-ats-in-a-row": ("zfaku@@parliament.example", "two @ in a row"),
    "two-ats": ("756@ancpco@mail.example", "more than one @"),
    "handle": ("@taorjiochendo", "social network"),
    "domain-stripped": ("calu at", "not guessed"),
    "at-in-words": ("office at mfa.example", "not guessed"),
    "junk": ("3G Ordered", "no @"),
    "form-never-filled-in": ("<DG>-access@mfa.example", "never filled in"),
    "space-in-the-domain": ("information@deutsches museum.example", "blank inside it"),
    "space-in-the-local-part": ("a b@mfa.example", "blank inside it"),
    "half-a-domain-behind": ("info@mfa.gov example", "blank inside it"),
    "two-addresses-one-name": ("a@mfa.example <b@mfa.example>", "another in them"),
    "smtp-parameter": ("<a@mfa.example> NOTIFY=NEVER", "brackets"),
    "open-bracket": ("Office <office@mfa.example", "brackets"),
    "hidden-second-recipient": ("alice@mfa.example)bob@evil.example", "more than one @"),
    "two-dots": ("a@mfa..example", "two periods"),
    "dot-first": (".a@mfa.example", "period"),
    "local-part-too-long": (LONG, "65 characters"),
    "address-too-long": (f"a@{'.'.join([DOMAIN] * 5)}.example", "too long"),
    "quoted-local-part": ('"office"@mfa.example', "quoted"),
    "quoted-blank": ('"a b"@mfa.example', "blank inside it"),
    "address-literal": ("a@[127.0.0.1]", "machine's number"),
    "percent-relay": ("a%b@relay.example", "someone else"),
    "bang-relay": ("relay!a@mfa.example", "someone else"),
    "no-whole-domain": ("office@ministry", "no whole domain"),
    "nothing-behind": ("office@", "after the @"),
    "reserved-domain": ("office@mfa.test", "special-use"),
    "local-part-beyond-ascii": ("büro@mfa.example", "SMTPUTF8"),
    "full-width-letters": ("ａ@mfa.example", "full-width"),
    "bad-punycode": ("a@xn--a.example", "IDNA"),
    "web-address": ("https://mfa.example/contact", "site or the form"),
    "comma-for-a-dot": ("office@mfa,example", "no whole domain"),
    "at-twice-spelled": ("a(at)b(at)mfa.example", "no @"),
}


@pytest.mark.parametrize(("cell", "addresses", "codes"), READ.values(), ids=READ)
def test_a_cell_is_read_rightly_and_what_was_done_is_said(desk, cell, addresses, codes):
    """Each address in order with its rank, each oddity as a note or warning at row 2, column "email"."""
    got = desk.rows(HEADER, ["QM", "Ministry", cell])
    assert [one.address for one in got.contacts] == addresses
    assert [one.rank for one in got.contacts] == list(range(len(addresses)))
    assert sorted(one.code for one in got.problems) == codes
    assert all(one.severity is not FAULT for one in got.problems)
    assert {(one.place.row, one.place.column) for one in got.problems} <= {(2, "email")}


@pytest.mark.parametrize("case", ["round-at", "square-at-and-dot", "full-width-at-and-dot", "look-alike-letters"])
def test_a_reading_that_a_person_must_look_at_is_a_warning(desk, case):
    """Spelled-out and look-alike addresses are read, but not without a word."""
    got = desk.rows(HEADER, ["QM", "Ministry", READ[case][0]])
    assert WARNING in {one.severity for one in got.problems}


@pytest.mark.parametrize(("cell", "why"), BAD.values(), ids=BAD)
def test_a_cell_that_is_no_address_is_a_fault_at_its_cell(desk, cell, why):
    """Nothing is made of it; the fault quotes it, says why and what to do, and stands at the cell."""
    got = desk.rows(HEADER, ["QM", "Ministry", cell], ["QN", "Other", "ok@mfa.example"])
    assert [one.address for one in got.contacts] == ["ok@mfa.example"]
    faults = [one for one in got.problems if one.severity is FAULT]
    assert {(one.code, one.place.path, one.place.row, one.place.column) for one in faults} == {
        ("bad-address", "contacts/x.csv", 2, "email")
    }
    assert any(why in one.found for one in faults)
    assert all(one.todo and '"' in one.found for one in faults)


def test_a_good_address_beside_a_bad_one_is_kept_and_the_bad_one_is_a_fault(desk):
    """Neither the good one is lost nor the bad one passed over."""
    got = desk.rows(HEADER, ["QM", "Ministry", "good@mfa.example, bad@@mfa.example"])
    assert [one.address for one in got.contacts] == ["good@mfa.example"]
    assert [(one.severity, one.code) for one in got.problems] == [(FAULT, "bad-address")]


CONTROLS = ["\x01", "\x07", "\x0b", "\x1b", "\x1f", "\x7f", "\x85", "\x9f", "\u2028", "\u2029"]


@pytest.mark.parametrize("character", CONTROLS, ids=ascii)
@pytest.mark.parametrize("column", [0, 1, 2])
def test_a_control_character_in_any_value_is_a_fault(desk, character, column):
    """It could end a header or a line in the letter: inside the value or at its end, the row is not read."""
    for value in ("Q{}M", "QM{}"):
        row = ["QM", "Ministry", "a@mfa.example"]
        row[column] = value.format(character)
        got = desk.rows(HEADER, row)
        assert got.contacts == ()
        assert [(one.severity, one.code, one.place.row, one.place.column) for one in got.problems] == [
            (FAULT, "control-character", 2, HEADER[column])
        ]


SLOW = {
    "brackets": "<" * 9_999,
    "bracket-and-blanks": "<" + " " * 9_990 + "x",
    "parentheses": "(" * 9_999,
    "quotation-marks": '"' * 9_999,
    "ats": "@" * 9_999,
    "round-ats": "(at)" * 2_400,
    "dots": "a." * 4_999,
    "spelled": "at " * 3_000,
    "long-domain": "x@" + "é." * 4_000 + "example",
    "long-local-part": "a" * 9_000 + "@mfa.example",
    "very-many-addresses": "a@mfa.example," * 700,
    "labels": "a:" * 4_000 + "b@mfa.example",
}


@pytest.mark.parametrize("cell", SLOW.values(), ids=SLOW)
def test_a_cell_made_to_take_long_is_one_fault(desk, cell):
    """None of them costs more than a moment, and none is quoted at length."""
    got = desk.rows(HEADER, ["QM", "Ministry", cell])
    assert got.contacts == ()
    assert [(one.severity, one.code, one.place.row) for one in got.problems] == [(FAULT, "bad-address", 2)]
    assert len(got.problems[0].found) < 400


def test_the_norm_is_for_comparing_and_the_envelope_for_sending(desk):
    """The local part keeps its capitals in the envelope; the norm is casefolded; the domain is IDNA in both."""
    (contact,) = desk.rows(HEADER, ["QM", "M", "Sekretariat.DOT@BÜCHER.example"]).contacts
    assert contact.address == "Sekretariat.DOT@xn--bcher-kva.example"
    assert contact.address_norm == "sekretariat.dot@xn--bcher-kva.example"


ASCII = st.characters(min_codepoint=33, max_codepoint=126)
LABEL = st.text(st.sampled_from("abXY09-"), min_size=1, max_size=64)
LIKELY = st.builds(
    lambda local, domain: f"{local}@{domain}",
    st.text(st.sampled_from("abcINFOinfo.+-_%!#/'\"\\ "), min_size=1, max_size=66) | st.sampled_from(["INFO", "Abuse"]),
    st.lists(LABEL, min_size=1, max_size=5).map(".".join) | st.sampled_from(["x.test", "localhost", "xn--a.example"]),
)


@given(st.text(ASCII, max_size=40) | LIKELY)
def test_the_quick_way_and_the_library_agree(text):
    """What is an address is email-validator's word; the quick way only says it sooner."""
    assert check_address(text) == by_library(text)
