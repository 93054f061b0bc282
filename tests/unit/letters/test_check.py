"""What a check says of templates before any contact is read: each finding with its file and line."""

from __future__ import annotations

from typing import Any

import pytest

from outreach.model.problem import Problem, Severity

DEMAND = "templates/letters/ask/en.md"
FRAME_FILE = "templates/letters/frame/en.md"


def only(problems: list[Problem]) -> Problem:
    (problem,) = problems
    return problem


def test_a_clean_workspace_has_no_findings(workspace: Any) -> None:
    """No false alarm."""
    workspace.demand("We ask, {{ row.x }}, [for an answer](https://a.example/page) by {{ date }}.")
    assert workspace.problems() == []


HEADS = {
    "unknown key": ('subject = "S"\ncolour = "T"\ntitle = "T"\nreviewed_by = ""\n', 3, "colour"),
    "missing key": ('subject = "S"\nreviewed_by = ""\n', 1, "title"),
    "empty subject": ('subject = " "\ntitle = "T"\nreviewed_by = ""\n', 2, "subject"),
    "date as text": ('subject = "S"\ntitle = "T"\nreviewed_by = ""\nfacts_as_of = "May"\n', 5, "facts_as_of"),
    "sources as text": ('subject = "S"\ntitle = "T"\nreviewed_by = ""\nsources = "s"\n', 5, "sources"),
    "a state that is no code": ('subject = "S"\ntitle = "T"\nreviewed_by = ""\nmentions = ["Israel"]\n', 5, "mentions"),
    "not TOML": ('subject = "S"\ntitle = T\n', 3, "TOML"),
    "key twice": ('subject = "S"\nsubject = "S"\n', 3, "TOML"),
}


@pytest.mark.parametrize(("head", "line", "word"), HEADS.values(), ids=HEADS.keys())
def test_a_fault_of_the_head_is_found_at_its_line(workspace: Any, head: str, line: int, word: str) -> None:
    """And the letter is not written meanwhile."""
    workspace.demand("x", head=head)
    problems = [one for one in workspace.problems() if one.code == "template-head"]
    assert any(one.place.row == line and word in one.found for one in problems)
    assert all(one.place.path == DEMAND and one.severity is Severity.FAULT for one in problems)
    assert workspace.refused()


def test_a_day_that_is_written_otherwise_is_told_how(workspace: Any) -> None:
    """As a German calendar has it, with points."""
    workspace.demand("x", head='subject = "S"\ntitle = "T"\nreviewed_by = ""\nfacts_as_of = 03.11.2026\n')
    (flaw,) = [one for one in workspace.problems() if one.code == "template-head"]
    assert flaw.place.row == 5
    assert "a day as 2026-11-23" in flaw.todo


def test_every_fault_of_a_head_is_said_at_once(workspace: Any) -> None:
    """A head with four faults takes one correction, not four."""
    workspace.demand("x", head='subject = ""\nreviewd_by = "A"\nsources = []\n')
    said = " ".join(one.found for one in workspace.problems() if one.code == "template-head")
    for word in ("subject", "title", "reviewed_by", "reviewd_by", "sources", "facts_as_of"):
        assert f"`{word}`" in said or f'"{word}"' in said
    todos = " ".join(one.todo for one in workspace.problems())
    assert "Did you mean `reviewed_by`?" in todos


@pytest.mark.parametrize(
    "text", ["no head at all", "+++\nsubject = 1", "words\n+++\n+++\n"], ids=["none", "open", "late"]
)
def test_a_file_without_a_head_is_a_finding(workspace: Any, text: str) -> None:
    """A letter has a subject."""
    workspace.demand("x").write_text(text, encoding="utf-8")
    assert only(workspace.problems()).code == "template-head"


def test_a_head_may_be_saved_by_any_editor(workspace: Any) -> None:
    """A byte order mark and Windows line ends are read."""
    path = workspace.demand("one\n\ntwo {{ nobody }}")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert only(workspace.problems()).place.row == 10
    path.write_bytes(b"+++\nsubject = '\xe9'\n+++\n")
    problem = only(workspace.problems())
    assert (problem.code, problem.place.row) == ("template-encoding", 2)


WORDS = {
    "syntax error": ("one\n{{ row.x | }}\n", 9, "template-syntax"),
    "unknown name": ("one\n\n{{ minister }}", 10, "undefined"),
    "unknown part": ("one\n{{ state.capital }}", 9, "undefined"),
    "part of a plain value": ("{{ date.year }}", 8, "undefined"),
    "frame's name in a demand": ("{{ demands }}", 8, "undefined"),
    "unknown filter": ("a\n{{ row.x|shout }}", 9, "template-word"),
    "replace me": ("a\n\n\nDear REPLACE ME", 11, "placeholder"),
    "to do": ("TODO: facts", 8, "placeholder"),
    "your name": ("a\n[your name]", 9, "placeholder"),
    "triple x": ("a XXX b", 8, "placeholder"),
    "lorem ipsum": ("Lorem ipsum dolor", 8, "placeholder"),
    "raw braces": ("{% raw %}{{ row.x }}{% endraw %}", 8, "placeholder"),
    "html": ("a\n<b>bold</b>", 9, "html-in-template"),
    "script": ("a <script src='x'>", 8, "html-in-template"),
    "image": ("a\n\n![logo](https://a.example/logo.png)", 10, "remote-image"),
    "http link": ("[a](http://a.example)", 8, "insecure-link"),
    "http address": ("see http://a.example", 8, "insecure-link"),
    "www address": ("see www.a.example", 8, "insecure-link"),
    "shortened link": ("x\n[a](https://bit.ly/abc)", 9, "short-link"),
    "script link": ("[a](javascript:alert(1))", 8, "broken-link"),
    "misleading link": ("[https://a.example](https://b.example)", 8, "misleading-link"),
    "three links": ("<https://a.example>\n<https://b.example>\n<https://c.example>", 10, "too-many-links"),
    "another state": ("one\n\nas Cyprus did", 10, "another-state"),
    "another state in an expression": ("{{ 'Cyprus' if row.x else 'none' }}", 1, "another-state"),
    "control character": ("a\nb\x07", 9, "control-character"),
    "our own token": ("a qz0001zq", 8, "reserved-word"),
}


@pytest.mark.parametrize(("body", "line", "code"), WORDS.values(), ids=WORDS.keys())
def test_a_fault_of_the_wording_is_found_at_its_line(workspace: Any, body: str, line: int, code: str) -> None:
    """One fault, one finding, and no letter until it is gone."""
    workspace.demand(body)
    problems = [one for one in workspace.problems() if one.code == code]
    assert [(one.place.path, one.place.row) for one in problems] == [(DEMAND, line if line > 1 else 2)]
    assert problems[0].severity is Severity.FAULT
    assert problems[0].todo or code == "undefined"
    assert workspace.refused(fields={"x": "y"})


def test_a_hint_says_what_was_probably_meant(workspace: Any) -> None:
    """`first_name` is a column, `name` belongs to something."""
    workspace.demand("{{ first_name }}\n{{ salutaton }}")
    first, second = workspace.problems()
    assert "`row.first_name`" in first.todo
    assert second.todo == "Did you mean `salutation`?"


def test_a_state_that_is_meant_or_is_a_value_is_no_finding(workspace: Any) -> None:
    """`mentions` says which names are on purpose."""
    workspace.demand("as Cyprus did, and {{ state.name }}", mentions='["CY"]')
    assert workspace.problems() == []
    assert "as Cyprus did, and Bulgaria" in workspace.text()


def test_two_links_and_mail_addresses_are_fine(workspace: Any) -> None:
    """The limit is for web links."""
    workspace.demand("<https://a.example> [b](https://b.example) <mailto:a@b.example> <mailto:c@b.example>")
    assert workspace.problems() == []


def test_links_are_counted_in_the_whole_letter(workspace: Any) -> None:
    """Two demands with two links each make a letter with four."""
    workspace.demand("<https://a.example> <https://b.example>", slug="one")
    workspace.demand("<https://b.example> <https://c.example>", slug="two")
    assert workspace.problems() == []
    assert [one.code for one in workspace.refused()] == ["too-many-links"]


def test_a_demand_without_a_letter_is_a_fault(workspace: Any) -> None:
    """Planning would leave institutions out."""
    workspace.demands.append("unwritten")
    problem = only(workspace.problems())
    assert (problem.severity, problem.code) == (Severity.FAULT, "missing-template")
    assert "templates/letters/unwritten/en.md" in problem.todo
    assert workspace.refused()[0].place.path == "templates/letters/unwritten/en.md"


def test_letters_without_a_frame_are_a_fault(workspace: Any) -> None:
    """Nothing can be sent without salutation and signature."""
    workspace.demand("x")
    (workspace.root / FRAME_FILE).unlink()
    assert {one.code for one in workspace.problems()} == {"missing-frame"}
    assert {one.severity for one in workspace.problems()} == {Severity.FAULT, Severity.WARNING}


def test_a_gap_between_languages_is_a_warning(workspace: Any) -> None:
    """A letter speaks one language throughout, so one missing translation moves it to the fallback."""
    workspace.frame(language="fr")
    workspace.demand("x", slug="one")
    workspace.demand("x", slug="one", language="fr")
    workspace.demand("x", slug="two")
    workspace.demand("x", slug="two", language="es")
    problems = {(one.code, one.place.path): one for one in workspace.problems()}
    assert set(problems) == {
        ("missing-language", "templates/letters/two"),
        ("missing-frame", "templates/letters/frame"),
    }
    assert workspace.room().languages(workspace.campaign()) == {
        "one": frozenset({"en", "fr"}),
        "two": frozenset({"en"}),
    }


def test_a_file_that_is_not_named_by_a_language_is_said(workspace: Any) -> None:
    """A letter called english.md reaches nobody."""
    path = workspace.demand("x")
    path.with_name("english-draft.md").write_text("x", encoding="utf-8")
    path.with_name("README.md").write_text("x", encoding="utf-8")
    problem = only(workspace.problems())
    assert (problem.severity, problem.code) == (Severity.WARNING, "template-name")


def test_a_frame_that_was_written_for_other_demands_is_a_warning(workspace: Any) -> None:
    """Its first words open every letter; a frame that names no demands fits any."""
    workspace.demand("x", slug="one")
    workspace.demand("x", slug="two")
    assert workspace.problems() == []
    workspace.frame(written_for='["one", "three"]')
    problem = only(workspace.problems())
    assert (problem.severity, problem.code) == (Severity.WARNING, "frame-of-others")
    assert (problem.place.path, '"two"' in problem.found, '"one"' in problem.found) == (FRAME_FILE, True, False)
    workspace.frame(written_for='["one", "two"]')
    assert workspace.problems() == []


def test_letters_nobody_has_reviewed_are_one_warning_per_language(workspace: Any) -> None:
    """`reviewed_by = ""` says so in one line, not in one per file."""
    workspace.demand("x", slug="one", reviewed_by='""')
    workspace.demand("x", slug="two", reviewed_by='""')
    problem = only(workspace.problems())
    assert (problem.severity, problem.code) == (Severity.WARNING, "not-reviewed")
    assert "one, two" in problem.found


def test_a_frame_is_checked_as_demands_are(workspace: Any) -> None:
    """The parts of a demand and of the sender are known there; misspelt ones are not."""
    workspace.frame("{% for demand in demands %}\n{{ demand.heading }}\n{% endfor %}\n{{ sender.organization }}\n")
    workspace.demand("x")
    assert [(one.place.path, one.place.row, one.code) for one in workspace.problems()] == [
        (FRAME_FILE, 9, "undefined"),
        (FRAME_FILE, 11, "undefined"),
    ]


def test_a_subject_is_checked_too(workspace: Any) -> None:
    """Jinja in the head's subject is found at the head's line."""
    workspace.demand("x", subject='"To {{ minister }}"')
    problem = only(workspace.problems())
    assert (problem.code, problem.place.path, problem.place.row) == ("undefined", DEMAND, 2)


def test_a_salutation_by_role_that_is_no_text_is_found(workspace: Any) -> None:
    """A table of texts."""
    workspace.frame(salutations='{ mfa = ["Your Excellency"] }')
    workspace.demand("x")
    assert only(workspace.problems()).code == "template-head"


def test_a_date_format_that_does_not_exist_is_found(workspace: Any) -> None:
    """It would fail in every letter."""
    workspace.frame(date_format='"longish"')
    workspace.demand("x")
    problem = only(workspace.problems())
    assert (problem.code, problem.place.path) == ("template-head", FRAME_FILE)
