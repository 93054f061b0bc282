# ruff: noqa: E501 - a table: one fault a line
"""Every fault of a campaign file is found at its path, line and key, and none on a clean file."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from outreach.model.problem import Problem, Severity

Faults = Callable[[str | bytes], tuple[Problem, ...]]


class Seeded(NamedTuple):
    """One fault put into the clean file: `old` becomes `new`, and it is told at the line that holds `at`."""

    id: str
    old: str
    new: str
    at: str  #: "" = the whole file
    key: str
    code: str
    says: str  #: what the message must tell


VALUES = [
    # the head of the file
    Seeded("title-missing", 'title = "A test of everything"\n', "", "", "title", "missing-key", "above the first [table]"),
    Seeded("title-empty", '"A test of everything"', '""', "title =", "title", "empty", "Write it"),
    Seeded("title-number", '"A test of everything"', "7", "title =", "title", "wrong-type", "a number, not a text"),
    Seeded("title-misspelt", "title = \"A t", "titlex = \"A t", "titlex", "titlex", "unknown-key", 'Did you mean "title"?'),
    Seeded("title-two-lines", '"A test of', '"A\\ntest of', "title =", "title", "control-character", "one line"),
    Seeded("date-in-quotes", "2026-11-23", '"2026-11-23"', "facts_as_of", "facts_as_of", "wrong-type", "without quotes"),
    Seeded("date-with-time", "2026-11-23", "2026-11-23T09:00:00", "facts_as_of", "facts_as_of", "wrong-type", "without a time"),
    Seeded("html-text", "html = false", 'html = "no"', "html", "html", "wrong-type", "true or false, without quotes"),
    Seeded("html-number", "html = false", "html = 0", "html", "html", "wrong-type", "true or false"),
    Seeded("months-text", "months = 6", 'months = "6"', "months", "verified_within_months", "wrong-type", "whole number"),
    Seeded("months-zero", "months = 6", "months = 0", "months", "verified_within_months", "bad-value", "1 or more"),
    Seeded("months-many", "months = 6", "months = 1200", "months", "verified_within_months", "bad-value", "120 or less"),
    Seeded("encoding", '"windows-1251"', '"widnows-1251"', "encoding", "encoding", "bad-encoding", "windows-1251"),
    Seeded("encoding-no-text", '"windows-1251"', '"rot13"', "encoding", "encoding", "bad-encoding", "no encoding"),
    Seeded("key-of-another-table", "html = false", "per_minute = 4", "per_minute = 4", "per_minute", "unknown-key", "[pace]"),
    Seeded("unknown-key", "html = false", "colour = 1", "colour", "colour", "unknown-key", "There are: title, contacts"),
    Seeded("slug-of-a-folder", 'slug = "moratorium"', 'slug = "chaser"', '"chaser"', "demand[1].slug", "bad-slug", "another"),
    # chasers and recess
    Seeded("chasers-number", "after = [15, 10, 10]", "after = 15", "after = 15", "chasers.after", "wrong-type", "a number, not a list"),
    Seeded("chasers-text", "[15, 10, 10]", '[15, "10"]', "after =", "chasers.after[2]", "wrong-type", "whole number"),
    Seeded("chasers-none", "[15, 10, 10]", "[]", "after =", "chasers.after", "empty", "at least one"),
    Seeded("chasers-many", "[15, 10, 10]", "[1, 1, 1, 1, 1, 1]", "after =", "chasers.after", "bad-value", "at most 5"),
    Seeded("chasers-at-once", "[15, 10, 10]", "[0, 10]", "after =", "chasers.after[1]", "bad-value", "1 or more"),
    Seeded("chasers-misspelt", "second_contact", "secondcontact", "secondcontact", "chasers.secondcontact", "unknown-key", '"second_contact"'),
    Seeded("chasers-very-first", "very_overdue_after = 30", "very_overdue_after = 14", "very_overdue_after", "chasers.very_overdue_after", "contradiction", "15 or more"),
    Seeded("chasers-very-late", "after = [15, 10, 10]\nvery_overdue_after = 30", "after = [50]", "after =", "chasers.after", "contradiction", "50 or more"),
    Seeded("chasers-less-time", "acknowledgement = 5", "acknowledgement = -1", "acknowledgement", "chasers.extend_on_acknowledgement", "bad-value", "0 or more"),
    Seeded("chasers-twice", "[chasers]", "[[chasers]]", "[[chasers]]", "chasers", "wrong-type", "a list, not a table"),
    Seeded("recess-no-begin", "from = 2026-07-20\n", "", "[[recess]]", "recess[1].from", "missing-key", 'has no "from"'),
    Seeded("recess-no-reason", 'reason = "Parliament and ministries rest."\n', "", "[[recess]]", "recess[1].reason", "missing-key", "reason"),
    Seeded("recess-text", "from = 2026-07-20", 'from = "July"', "from =", "recess[1].from", "wrong-type", "without quotes"),
    Seeded("recess-misspelt", "from = 2026-07-20", "form = 2026-07-20", "form =", "recess[1].form", "unknown-key", 'Did you mean "from"?'),
    Seeded("recess-state", '"Fictivia"', '"Atlantis"', "Atlantis", "recess[1].state", "unknown-state", "no state"),
    Seeded("recess-backwards", "to = 2026-08-31", "to = 2026-07-19", "to = 2026-07-19", "recess[1].to", "contradiction", "earlier day"),
    Seeded("recess-for-ever", "to = 2026-08-31", "to = 2036-08-31", "to = 2036", "recess[1].to", "contradiction", "more than a year"),
    # supporters
    Seeded("supporters-no-site", 'site = "https://act.ngo.example/write/"\n', "", "[supporters]", "supporters.site", "missing-key", "site = …"),
    Seeded("supporters-site", '"https://act.ngo.example/write/"', '"http://act.ngo.example"', 'site = "http:', "supporters.site", "bad-site", "https://"),
    Seeded("supporters-contact", '"data@ngo.example"', '"data"', 'contact = "data"', "supporters.contact", "bad-address", "no e-mail"),
    Seeded("supporters-exposure", 'exposure = "names"', 'exposure = "all"', 'exposure = "all"', "supporters.exposure", "bad-value", '"names", "counts" or "none"'),
    Seeded("supporters-delivery", '"drip"', '"weekly"', "delivery", "supporters.delivery", "bad-value", '"individual", "drip" or "digest"'),
    Seeded("supporters-per-day", "per_day = 8", "per_day = 0", "per_day = 0", "supporters.per_day", "bad-value", "1 or more"),
    Seeded("supporters-hour", "forms_per_hour = 2000", "forms_per_hour = 0", "forms_per_hour = 0", "supporters.forms_per_hour", "bad-value", "1 or more"),
    Seeded("supporters-hour-many", "forms_per_hour = 2000", "forms_per_hour = 1000000", "forms_per_hour", "supporters.forms_per_hour", "bad-value", "100000 or less"),
    Seeded("supporters-hour-text", "forms_per_hour = 2000", 'forms_per_hour = "all"', "forms_per_hour", "supporters.forms_per_hour", "wrong-type", "whole number"),
    Seeded("supporters-hour-misspelt", "forms_per_hour", "form_per_hour", "form_per_hour", "supporters.form_per_hour", "unknown-key", '"forms_per_hour"'),
    Seeded("supporters-misspelt", "most_targets", "max_targets", "max_targets", "supporters.max_targets", "unknown-key", '"most_targets"'),
    Seeded("supporters-embed", '"https://partner.example"', '"https://partner.example/page"', "embed", "supporters.embed[1]", "bad-origin", "without a path"),
    Seeded("supporters-proxies", '"10.0.0.0/8"', '"10.0.0.1/8"', "proxies", "supporters.proxies[1]", "bad-network", "127.0.0.1/32"),
    Seeded("supporters-keep", "keep_days = 40", "keep_days = 4000", "keep_days", "supporters.keep_days", "bad-value", "730 or less"),
    Seeded("supporters-own-mail", "own_mail_days = 10", "own_mail_days = -1", "own_mail_days", "supporters.own_mail_days", "bad-value", "0 or more"),
    Seeded("supporters-no-text", 'suggestion = "I ask you for your position."\n', "", "[supporters.text.en]", "supporters.text.en.suggestion", "missing-key", "suggestion"),
    Seeded("supporters-text-misspelt", "hints =", "hint =", "hint =", "supporters.text.en.hint", "unknown-key", '"hints"'),
    Seeded("supporters-text-language", "[supporters.text.ar]", "[supporters.text.Arabic]", "[supporters.text.Arabic]", "supporters.text.Arabic", "bad-language", "code"),
    Seeded("supporters-text-empty", '"أسألكم عن موقفكم."', '" "', 'suggestion = " "', "supporters.text.ar.suggestion", "empty", "Write it"),
    Seeded("supporters-target-state", 'states = ["Fictivia"]', 'states = ["Atlantis"]', "Atlantis", "supporters.target[1].states[1]", "unknown-state", "no state"),
    Seeded("supporters-target-brackets", "[[supporters.target]]", "[supporters.target]", "[supporters.target]", "supporters.target", "wrong-type", "[[supporters.target]]"),
    Seeded("supporters-target-misspelt", "suppressed =", "suppress =", "suppress", "supporters.target[1].suppress", "unknown-key", '"suppressed"'),
    # sheets
    Seeded("sheet-gone", "first.csv", "first1.csv", "first1.csv", "contacts[1]", "no-such-sheet", "contacts/first.csv"),
    Seeded("sheet-bare", "contacts/second.xlsx", "second.xlsx", "second.xlsx", "contacts[2]", "no-such-sheet", "contacts/second.xlsx"),
    Seeded("sheet-outside", "contacts/first.csv", "../first.csv", "../first.csv", "contacts[1]", "sheet-outside", "outside"),
    Seeded("sheet-absolute", "contacts/first.csv", "/etc/passwd", "/etc/passwd", "contacts[1]", "sheet-outside", "outside"),
    Seeded("sheet-folder", '"contacts/first.csv"', '"contacts"', '"contacts"', "contacts[1]", "no-such-sheet", "a folder"),
    Seeded("sheet-backslash", '"contacts/first.csv"', "'contacts\\first.csv'", "first.csv", "contacts[1]", "bad-path", "contacts/first.csv"),
    Seeded("sheet-nul", "contacts/first.csv", "contacts/a\\u0000.csv", "u0000", "contacts[1]", "control-character", "control"),
    Seeded("sheet-twice", "contacts/second.xlsx", "./contacts/first.csv", "./contacts", "contacts[2]", "contradiction", "twice"),
    Seeded("sheets-text", '[\n    "contacts/first.csv",  # a remark\n    "contacts/second.xlsx",\n]', '"contacts/first.csv"', "contacts =", "contacts", "wrong-type", "a text, not a list"),
    Seeded("sheets-none", '    "contacts/first.csv",  # a remark\n    "contacts/second.xlsx",\n', "", "contacts =", "contacts", "empty", "at least one"),
    # sender
    Seeded("no-name", 'name = "Ada Example"\n', "", "[sender]", "sender.name", "missing-key", '[sender] has no "name"'),
    Seeded("no-e-mail", 'email = "office@bücher.example"\n', "", "[sender]", "sender.email", "missing-key", "below this line"),
    Seeded("e-mail-at", "office@bücher", "office(at)bücher", "(at)", "sender.email", "bad-address", "must have an @-sign"),
    Seeded("e-mail-two", "office@bücher.example", "a@b.example, c@d.example", "c@d", "sender.email", "bad-address", "no e-mail"),
    Seeded("e-mail-named", "office@bücher.example", "Ada <a@b.example>", "Ada <", "sender.email", "bad-address", "no e-mail"),
    Seeded("e-mail-token", "office@bücher", "office+{token}@bücher", "office+", "sender.email", "bad-address", "plain"),
    Seeded("e-mail-header", "office@bücher.example", "a@b.example\\nBcc: c@d.example", "Bcc", "sender.email", "control-character", "one line"),
    Seeded("reply-domain-token", "letters+{token}@ngo", "letters@{token}.ngo", "letters@", "sender.reply_to", "bad-address", "before the @"),
    Seeded("reply-other-braces", "letters+{token}", "letters+{id}", "letters+{id}", "sender.reply_to", "bad-address", "{token}"),
    Seeded("bounce-long", "bounces+", "b" * 50 + "+", "bbb+", "sender.bounce_to", "bad-address", "too long"),
    Seeded("e-mail-misspelt", 'email = "office', 'e-mail = "office', "e-mail", "sender.e-mail", "unknown-key", '"email"'),
    Seeded("website", "https://ngo.example/", "ngo.example/", "website", "sender.website", "bad-website", "https://"),
    Seeded("address-number", '"""\n1 Example Street\nExampletown\n"""', '["A", 10115]', "postal_address", "sender.postal_address[2]", "wrong-type", "a number"),
    Seeded("sender-capital", "[sender]", "[Sender]", "[Sender]", "Sender", "unknown-key", 'Did you mean "sender"?'),
    Seeded("head-key-below-table", "[columns]", '[languages2]\ntitle = "x"\n[columns]', "[languages2]", "languages2", "unknown-key", '"languages"'),
    Seeded("contacts-below-sender", "phone = ", 'contacts = ["contacts/first.csv"]\nphone = ', 'contacts = ["', "sender.contacts", "unknown-key", "above the first [table]"),
    # demands
    Seeded("slug-missing", 'slug = "licence-review"\n', "", "[[demand]]\ntitle = \"Look", "demand[2].slug", "missing-key", '"slug"'),
    Seeded("slug-spaces", '"licence-review"', '"Licence Review"', "Licence Review", "demand[2].slug", "bad-slug", '"licence-review"'),
    Seeded("slug-path", '"licence-review"', '"../secrets"', "../secrets", "demand[2].slug", "bad-slug", '"secrets"'),
    Seeded("slug-twice", '"licence-review"', '"moratorium"', '"moratorium"\ntitle = "Look', "demand[2].slug", "contradiction", "demand[1]"),
    Seeded("state-unknown", '"QN"]', '"Nowhere"]', "Nowhere", "demand[2].states[2]", "unknown-state", "two-letter code"),
    Seeded("state-number", '"QN"]', "5]", "states =", "demand[2].states[2]", "wrong-type", "a number"),
    Seeded("states-text", '["Examplia", "QN"]', '"Examplia"', "states =", "demand[2].states", "wrong-type", "square brackets"),
    Seeded("tag-empty", '["at-risk"]', '[" "]', "tags", "demand[2].tags[1]", "empty", "empty"),
    Seeded("roles-misspelt", "roles = ", "rolls = ", "rolls", "demand[1].rolls", "unknown-key", '"roles"'),
    Seeded("excluded-by-the-demand", 'state = "QO"', 'state = "Examplia"', "states =", "demand[2].states[1]", "contradiction", "excluded by demand[2].exclude[1]"),
    Seeded("excluded-by-the-campaign", '"Placeholdia"', '"QM"', "states =", "demand[2].states[1]", "contradiction", "exclude[1]"),
    Seeded("exclusion-without-reason", ', reason = "Answered."', "", "qn-mfa-1", "demand[2].exclude[2].reason", "missing-key", '"reason"'),
    Seeded("exclusion-of-nobody", 'state = "Placeholdia"\n', "", "[[exclude]]", "exclude[1]", "contradiction", "nobody"),
    Seeded("exclusion-of-two", 'institution = "qn-mfa-1"', 'institution = "qn-mfa-1", state = "QO"', "qn-mfa-1", "demand[2].exclude[2]", "contradiction", "either"),
    Seeded("exclusion-unknown-state", '"Placeholdia"', '"Atlantis"', "Atlantis", "exclude[1].state", "unknown-state", "Atlantis"),
    # languages
    Seeded("language-word", '"FR"', '"French"', "French", "languages.fallback[2]", "bad-language", '"en"'),
    Seeded("language-underscore", '"FR"', '"pt_BR"', "pt_BR", "languages.fallback[2]", "bad-language", '"pt-BR"'),
    Seeded("language-none", '["en", "FR"]', "[]", "fallback", "languages.fallback", "empty", "at least one"),
    Seeded("co-official", '"all"', '"both"', "both", "languages.co_official", "bad-value", '"first" or "all"'),
    Seeded("by-state-unknown", "Specimenia =", "Nowhere =", "Nowhere", "languages.by_state.Nowhere", "unknown-state", "Nowhere"),
    Seeded("by-state-text", '["pt-br"]', '"pt-br"', "pt-br", "languages.by_state.Specimenia", "wrong-type", "list"),
    Seeded("by-state-twice", '"QO" =', '"QN" =', "by_state", "languages.by_state.QN", "contradiction", "one state"),
    # pace
    Seeded("pace-zero", "per_minute = 4", "per_minute = 0", "per_minute = 0", "pace.per_minute", "bad-value", "no limit"),
    Seeded("pace-negative", "per_hour = 60", "per_hour = -1", "per_hour = -1", "pace.per_hour", "bad-value", "too small"),
    Seeded("pace-text", "per_day = 200", 'per_day = "200"', "per_day", "pace.per_day", "wrong-type", "without quotes"),
    Seeded("pace-fraction", "per_day = 200", "per_day = 0.5", "per_day", "pace.per_day", "wrong-type", "whole number"),
    Seeded("pace-boolean", "per_day = 200", "per_day = true", "per_day", "pace.per_day", "wrong-type", "true or false, not"),
    Seeded("pace-misspelt", "per_domain_per_hour", "per_domains_per_hour", "per_domains", "pace.per_domains_per_hour", "unknown-key", "per_domain_per_hour"),
    Seeded("hours-reversed", "09:00-17:30", "17:30-09:00", "17:30-", "pace.office_hours", "bad-time", "before it begins"),
    Seeded("hours-short", "09:00-17:30", "9-17", "9-17", "pace.office_hours", "bad-time", "09:00-17:00"),
    Seeded("hours-25", "09:00-17:30", "09:00-25:00", "25:00", "pace.office_hours", "bad-time", "09:00-17:00"),
    Seeded("hours-bare-time", '"09:00-17:30"', "09:00:00", "office_hours", "pace.office_hours", "wrong-type", "quotes"),
    Seeded("days-without-hours", 'office_hours = "09:00-17:30"\n', "", "working_days", "pace.working_days", "contradiction", "office_hours"),
    Seeded("jitter", "jitter = 0.3", "jitter = 1.5", "jitter", "pace.jitter", "bad-value", "1 or less"),
    Seeded("jitter-nan", "jitter = 0.3", "jitter = nan", "jitter", "pace.jitter", "wrong-type", "number"),
    Seeded("connections", "connections = 2", "connections = 500", "connections", "pace.connections", "bad-value", "20 or less"),
    # columns
    Seeded("column-empty", '"País"', '""', "state = \"\"", "columns.state", "empty", "empty"),
    Seeded("column-list", '"País"', '["País"]', "País", "columns.state", "wrong-type", "a list, not a text"),
    Seeded("table-as-text", '[columns]\nemail = "Correo electrónico"\nstate = "País"', "[columns2]", "[columns2]", "columns2", "unknown-key", '"columns"'),
]  # fmt: skip

SYNTAX = [
    Seeded("no-quotes", '"A test of everything"', "A test", "title =", "", "toml-syntax", "straight quotes"),
    Seeded("quotes-in-quotes", '"Stop"', '"Stop "now""', "Stop", "", "toml-syntax", "straight quotes"),
    Seeded("typographic-quotes", '"Stop"', "“Stop”", "Stop", "", "toml-syntax", "word processor"),
    Seeded("open-quote", '"Stop"', '"Stop', "Stop", "", "toml-syntax", "closing quote"),
    Seeded("open-literal", '"Stop"', "'Stop", "Stop", "", "toml-syntax", "closing quote"),
    Seeded("open-list", '["mfa", "trade_ministry"]', '["mfa", "trade_ministry"', "roles =", "", "toml-syntax", "closing bracket"),
    Seeded("open-list-comma", '["at-risk"]', '["at-risk",', "tags =", "", "toml-syntax", "closing bracket"),
    Seeded("no-comma", '"contacts/first.csv", ', '"contacts/first.csv" ', "second.xlsx", "", "toml-syntax", "comma"),
    Seeded("open-text", 'Exampletown\n"""', "Exampletown", "postal_address", "", "toml-syntax", "closing quote"),
    Seeded("yes", "html = false", "html = no", "html", "", "toml-syntax", "true, false"),
    Seeded("capital-true", "working_days = true", "working_days = True", "working_days", "", "toml-syntax", "true, false"),
    Seeded("backslash", "contacts/first.csv", "contacts\\first.csv\\x", "first.csv", "", "toml-syntax", "Write /"),
    Seeded("colon", "html = false", "html: false", "html", "", "toml-syntax", 'key = "value"'),
    Seeded("no-key", "html = false", "= false", "= false", "", "toml-syntax", 'key = "value"'),
    Seeded("key-with-space", "html = false", "as html = false", "as html", "", "toml-syntax", "without spaces"),
    Seeded("plain-words", "# A campaign", "A campaign", "A campaign", "", "toml-syntax", "begins with #"),
    Seeded("key-twice", "html = false", 'title = "again"', "again", "", "toml-syntax", "twice"),
    Seeded("table-twice", "[columns]", "[sender]", "[sender]\nemail = \"Cor", "", "toml-syntax", "twice"),
    Seeded("one-bracket-of-two", '[[demand]]\nslug = "mor', '[demand]\nslug = "mor', '[[demand]]\nslug = "lic', "", "toml-syntax", "two pairs"),
    Seeded("open-head", "[columns]", "[columns", "[columns", "", "toml-syntax", "[name]"),
    Seeded("open-inner-table", 'reason = "Has none." }', 'reason = "Has none."', "Has none.", "", "toml-syntax", "one line"),
    Seeded("bare-time", '"09:00-17:30"', "09:00-17:30", "office_hours", "", "toml-syntax", "straight quotes"),
    Seeded("bell", "Stop", "St\x07op", "op\"", "", "toml-syntax", "no text file has"),
]  # fmt: skip


def row_of(text: str, at: str) -> int:
    """The 1-based line on which `at` begins; 0 for ""."""
    assert at in text
    return text[: text.index(at)].count("\n") + 1 if at else 0


@pytest.mark.parametrize("seeded", VALUES, ids=lambda one: one.id)
def test_a_fault_is_found_at_its_line_and_key(seeded: Seeded, clean: str, faults: Faults) -> None:
    """One seeded fault gives one problem: path, line, key, the line itself, and what to do."""
    assert clean.count(seeded.old) >= 1
    text = clean.replace(seeded.old, seeded.new, 1)
    row = row_of(text, seeded.at)

    (problem,) = faults(text)

    assert problem.severity is Severity.FAULT
    assert (problem.place.path, problem.place.row, problem.place.column, problem.code) == (
        "campaigns/trial.toml",
        row,
        seeded.key,
        seeded.code,
    )
    assert seeded.says in f"{problem.found} {problem.todo}"
    assert not row or problem.found.startswith(f"`{text.splitlines()[row - 1].strip()[:60]}")
    assert problem.todo.endswith((".", "?"))


@pytest.mark.parametrize("seeded", SYNTAX, ids=lambda one: one.id)
def test_text_that_is_no_toml_is_said_with_its_line(seeded: Seeded, clean: str, faults: Faults) -> None:
    """A slip of the pen is told at the line where it begins, with what to do about it."""
    assert clean.count(seeded.old) >= 1
    text = clean.replace(seeded.old, seeded.new, 1)

    (problem,) = faults(text)

    assert (problem.code, problem.place.row) == (seeded.code, row_of(text, seeded.at))
    assert seeded.says in f"{problem.found} {problem.todo}"


def test_all_faults_are_told_at_once(clean: str, faults: Faults) -> None:
    """Faults of shape, of value and contradictions do not hide each other, and come in the order of the file."""
    alone = {
        "title-empty",
        "sheet-gone",
        "e-mail-at",
        "slug-twice",
        "tag-empty",
        "exclusion-unknown-state",
        "language-word",
        "pace-zero",
        "hours-reversed",
        "column-empty",
    }
    seeds = [one for one in VALUES if one.id in alone]
    text = clean
    for one in seeds:
        text = text.replace(one.old, one.new, 1)

    problems = faults(text)

    assert sorted((one.place.column, one.code) for one in problems) == sorted((one.key, one.code) for one in seeds)
    assert [one.place.row for one in problems] == sorted(one.place.row for one in problems)


def test_the_clean_file_has_no_fault(clean: str, faults: Faults) -> None:
    """No false alarm."""
    assert faults(clean) == ()


@pytest.mark.parametrize(
    ("data", "row", "says"),
    [
        (b'title = "Gen\xe8ve"\n', 1, 'which would be "è"'),
        (b'# one\r\n\r\ntitle = "Stra\xdfe"\r\n', 3, 'which would be "ß"'),
        ('title = "x"\n'.encode("utf-16"), 0, "UTF-16"),
        ('title = "x"\n'.encode("utf-16-le"), 0, "UTF-16"),
        (b'title = "\x81"\n', 1, "0x81"),
    ],
    ids=["latin-1", "windows-1252-crlf", "utf-16", "utf-16-no-bom", "no-letter"],
)
def test_another_encoding_is_named_and_how_to_save(data: bytes, row: int, says: str, faults: Faults) -> None:
    """A file that is not in UTF-8 is told at the line, with the way to save it."""
    (problem,) = faults(data)
    assert (problem.code, problem.place.row) == ("encoding", row)
    assert says in problem.found
    assert "UTF-8" in problem.todo


def test_deep_nesting_is_refused(faults: Faults) -> None:
    """A file made to exhaust the reader gets a message like any other."""
    (problem,) = faults("title = " + "[" * 20_000)
    assert (problem.code, problem.place.path) == ("toml-syntax", "campaigns/trial.toml")


def test_a_file_without_anything_lists_what_it_needs(faults: Faults) -> None:
    """An empty file names each missing part."""
    assert {(one.code, one.place.column) for one in faults("")} == {
        ("missing-key", "title"),
        ("missing-key", "contacts"),
        ("missing-key", "sender"),
        ("no-demand", "demand"),
    }


def test_one_pair_of_brackets_too_few_is_explained(faults: Faults) -> None:
    """`[demand]` instead of `[[demand]]` is the commonest slip."""
    text = 'title = "x"\ncontacts = ["contacts/first.csv"]\n[sender]\nname = "x"\norganisation = "x"\n'
    text += 'email = "a@b.example"\n[demand]\nslug = "x"\ntitle = "x"\n'
    (problem,) = faults(text)
    assert (problem.place.row, problem.code) == (7, "wrong-type")
    assert "[[demand]]" in problem.todo


def test_no_control_character_reaches_the_terminal(clean: str, faults: Faults) -> None:
    """Keys and values of a file may hold escapes; messages show none."""
    text = clean.replace("html = false", '"\\u001b[31mred" = 1').replace('"FR"', '"\\u001b[2J"')
    problems = faults(text)
    assert {one.code for one in problems} == {"unknown-key", "control-character"}
    assert all(str(one).isprintable() for one in problems)


def test_values_of_any_shape_give_faults_and_no_crash(clean: str, faults: Faults) -> None:
    """Wherever a table or list is expected, anything else is a fault of its own."""
    for key in ("sender", "demand", "languages", "pace", "copies", "columns", "exclude", "contacts"):
        for value in ("1", '"x"', "[1]", "true", "[[]]", "{ x = 1 }", "2026-11-23"):
            text = f'title = "x"\n{key} = {value}\n'
            assert any(one.place.column.startswith(key) for one in faults(text)), text


def test_a_recess_in_one_pair_of_brackets_is_told_how(clean: str, faults: Faults) -> None:
    """There may be several: the only one is written like the others."""
    cut = clean[: clean.index("[[recess]]")] + '[recess]\nfrom = 2026-07-20\nto = 2026-07-21\nreason = "Rest."\n'
    (problem,) = faults(cut)
    assert (problem.place.column, problem.code) == ("recess", "wrong-type")
    assert "[[recess]]" in problem.todo
