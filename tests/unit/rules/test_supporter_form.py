"""The supporters' form: what could become a header, a second recipient or a link is refused at its field."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.campaigns.addresses import BadAddress, checked_address
from outreach.model.form import FieldFault, Form
from outreach.model.supporter import PageText, SupporterTerms
from outreach.rules.supporter_form import LONGEST_NAME, LONGEST_WORDS, checked

TERMS = SupporterTerms(
    site="https://act.example",
    contact="data@ngo.example",
    texts={"en": PageText(title="T", why="W", suggestion="S"), "ar": PageText(title="T", why="W", suggestion="S")},
    most_targets=2,
)
TARGETS = ["qm-mfa-1", "qn-mfa-1", "qo-mfa-1"]
GOOD = {
    "email": ["ana@people.example"],
    "name": ["Ana Exemplar"],
    "place": ["Exampletown"],
    "words": ["I ask you to support the moratorium."],
    "targets": ["qn-mfa-1", "qm-mfa-1"],
    "language": ["ar"],
    "agreed": ["yes"],
}


def address(text: str) -> str | None:
    try:
        return checked_address(text, token=False)
    except BadAddress:
        return None


def check(**changed: list[str]):
    return checked({**GOOD, **changed}, terms=TERMS, targets=TARGETS, address=address)


def test_a_good_form_is_taken_as_it_is_with_its_targets_in_the_campaigns_order():
    form = check(quote=["yes"])
    assert form == Form(
        email="ana@people.example",
        name="Ana Exemplar",
        place="Exampletown",
        state="",
        words="I ask you to support the moratorium.",
        targets=("qm-mfa-1", "qn-mfa-1"),
        language="ar",
        quote=True,
        contact_again=False,
    )


@pytest.mark.parametrize(
    "name", ["A\r\nBcc: x@y.example", "Hi\n\nbody", "a\rb", "a\u2028b", "a\x85b", "a\x00b", "a\x1bb", "a\u2029b"]
)
@pytest.mark.parametrize("field", ["name", "place"])
def test_no_control_character_gets_into_a_name(field, name):
    assert check(**{field: [name]})[field] in {FieldFault.CONTROL, FieldFault.LINK}


@pytest.mark.parametrize(
    "name", ["see http://bad.example", "www.bad.example", "bad.com/win", "HTTPS://x", "me@elsewhere.example"]
)
@pytest.mark.parametrize("field", ["name", "place"])
def test_no_link_and_no_address_gets_into_a_name(field, name):
    """A confirmation must not carry anybody's advertisement, nor a copy a second address."""
    assert check(**{field: [name]})[field] is FieldFault.LINK


@pytest.mark.parametrize("name", ["J.R.R. Exemplar", "O'Neill-Ünal", "Дмитрий", "محمد", "מִרְיָם", "Ana, Exampletown"])
def test_names_of_people_are_taken(name):
    assert check(name=[name]).name == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    "email",
    [
        "a@b.example, d@e.example",
        "<a@b.example> NOTIFY=NEVER",
        "a@b.example\r\nDATA",
        "a b@c.example",
        "alice@x.example)bob@evil.example",
        "a@b..example",
        ".a@b.example",
        "a@[127.0.0.1]",
        '"a b"@c.example',
        "x" * 65 + "@b.example",
        "ａ@b.example",
        "b.example> , <d@e.example",
        "Ana <ana@people.example>",
        "no address",
        "a@b.example" * 30,
    ],
)
def test_anything_but_one_plain_address_is_refused(email):
    assert check(email=[email])["email"] is FieldFault.ADDRESS


def test_a_domain_is_made_ready_for_an_envelope():
    assert check(email=["ana@bücher.example"]).email == "ana@xn--bcher-kva.example"


@pytest.mark.parametrize(
    ("field", "values", "fault"),
    [
        ("email", [], FieldFault.MISSING),
        ("email", ["a@b.example", "c@d.example"], FieldFault.MISSING),
        ("name", ["  "], FieldFault.MISSING),
        ("name", ["x" * (LONGEST_NAME + 1)], FieldFault.TOO_LONG),
        ("place", [""], FieldFault.MISSING),
        ("words", [" \n "], FieldFault.MISSING),
        ("words", ["No."], FieldFault.TOO_SHORT),
        ("words", ["x" * (LONGEST_WORDS + 1)], FieldFault.TOO_LONG),
        ("words", ["A long enough text with a NUL\x00 in it."], FieldFault.CONTROL),
        ("targets", [], FieldFault.MISSING),
        ("targets", ["victim@elsewhere.example"], FieldFault.TARGET),
        ("targets", ["qm-mfa-1", "us-mfa-1"], FieldFault.TARGET),
        ("targets", TARGETS, FieldFault.TARGETS),
        ("agreed", [], FieldFault.AGREE),
        ("agreed", ["on"], FieldFault.AGREE),
    ],
)
def test_a_wrong_field_is_told_by_itself(field, values, fault):
    assert check(**{field: values}) == {field: fault}


def test_every_wrong_field_is_told_at_once():
    assert set(checked({}, terms=TERMS, targets=TARGETS, address=address)) == {
        "email", "name", "place", "words", "targets", "agreed",
    }  # fmt: skip


def test_a_field_that_nobody_asked_for_is_ignored():
    """An open relay's favourite: the form has no recipient."""
    assert check(to=["victim@elsewhere.example"], bcc=["x@y.example"]) == check()


def test_lines_of_the_own_words_are_kept_and_nothing_else_of_their_shape():
    form = check(words=["First paragraph, long enough.\r\n\r\n\r\n\r\nSecond\u202e one.\tThird.  "])
    assert form.words == "First paragraph, long enough.\n\nSecond one. Third."


@given(st.dictionaries(st.sampled_from([*GOOD, "state"]), st.lists(st.text(max_size=40), max_size=3)))
def test_whatever_is_sent_is_a_form_or_faults_and_a_form_holds_no_control(fields):
    found = checked({**GOOD, **fields}, terms=TERMS, targets=TARGETS, address=address)
    if isinstance(found, Form):
        held = found.name + found.place + found.email + found.words.replace("\n", "")
        assert not any(unicodedata.category(one) in {"Cc", "Zl", "Zp"} for one in held)
        assert set(found.targets) <= set(TARGETS)
        assert found.targets
    else:
        assert found
