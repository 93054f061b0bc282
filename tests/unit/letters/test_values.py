"""Values of the sheet and the campaign: shown as they are, or a finding at their row."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from outreach.letters.lint import as_text
from outreach.model.letter import Letter

HOSTILE = {
    "jinja expression": "{{7*7}}",
    "jinja statement": "{% raw %}x{% endraw %}",
    "jinja comment": "{# gone #}",
    "script": "<script>alert(1)</script>",
    "image": '</p><img src=x onerror="alert(1)">',
    "emphasis": "*x* and _y_ and **z**",
    "link": "[a](javascript:alert(1))",
    "link out": "[a](https://evil.example)",
    "autolink": "<https://evil.example>",
    "heading": "# Heading",
    "list": "- item",
    "number": "1. item",
    "quotation": "> said",
    "rule": "---",
    "code": "`code`",
    "backslash": "a\\",
    "entity": "&lt;b&gt; &amp;amp;",
    "table": "| a | b |",
    "reference": "[x]: https://evil.example",
    "our own token": "qz0000zq qz0001zq qu0000uq",
    "quotation marks": "\"double\" 'single'",
    "percent": "100 % of %s {0}",
    "path": "/etc/passwd",
    "right to left": "شكراً",
    "emoji": "👩🏽‍⚖️ ✓",
}


class _Text(HTMLParser):
    """The text of an HTML page's body, and the tags in it."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self._title = False

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        self._title = tag == "title"

    def handle_endtag(self, tag: str) -> None:
        self._title = False

    def handle_data(self, data: str) -> None:
        if not self._title:
            self.words.append(data)


def _read(page: str) -> _Text:
    parser = _Text()
    parser.feed(page)
    parser.close()
    return parser


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_value_is_shown_as_it_is(workspace: Any, value: str) -> None:
    """In text and HTML alike a value is what the reader sees, and it changes nothing around it."""
    workspace.demand("Before {{ row.remark }} after.\n\n*{{ row.remark }}*\n\n- {{ row.remark }}\n")
    letter = workspace.compose(fields={"remark": value})
    room = workspace.room()
    assert f"Before {value} after." in room.text(letter.raw)
    page = _read(room.html(letter.raw))
    assert f"Before {value} after." in "".join(page.words)
    plain = _read(workspace.html(fields={"remark": "plain"}))
    assert page.tags == plain.tags


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.text(min_size=1, max_size=60))
@example(value="a  b\tc")
def test_any_text_is_shown_as_it_is_or_refused(workspace: Any, value: str) -> None:
    """The words of a value survive into both parts; only text with control characters or none at all is refused."""
    if "ask" not in workspace.demands:
        workspace.demand("Before {{ row.remark }} after.")
    shown = as_text(value)
    if not shown:
        assert workspace.refused(fields={"remark": value})
        return
    letter = workspace.outcome(fields={"remark": value})
    if not isinstance(letter, Letter):
        assert {one.code for one in letter} <= {"another-state", "placeholder"}
        return
    room = workspace.room()
    assert shown in " ".join(room.text(letter.raw).split("\n"))
    assert f"Before {shown} after." in "".join(_read(room.html(letter.raw)).words)


def test_values_steer_conditions_and_loops(workspace: Any) -> None:
    """Templates decide by the real values, not by what stands for them."""
    workspace.demand(
        '{% if row.kind == "a" %}kind a{% else %}other{% endif %}\nand so on\n\n'
        "{% for word in row.words|lines %}\n- {{ loop.index }} {{ word|upper }}\n{% endfor %}\n"
        "\n{{ row.kind ~ '/' ~ row.kind }} {{ ['no', 'yes'][row.words|lines|length - 1] }}\n"
    )
    text = workspace.text(fields={"kind": "a", "words": "one\ntwo"})
    assert "kind a and so on" in text
    assert "- 1 ONE\n- 2 TWO" in text
    assert "a/a yes" in text
    assert "other" in workspace.text(fields={"kind": "b", "words": "one"})


def test_a_list_is_written_as_lines(workspace: Any) -> None:
    """Address blocks need no loop; `lines` leaves out what is empty."""
    workspace.demand("{{ [institution.name, row.unit, institution.city]|lines }}")
    assert "Ministry of Examples\nSofia\n" in workspace.text(fields={"unit": ""})
    assert "Ministry of Examples<br>" in workspace.html(fields={"unit": ""})


def test_a_cell_with_several_lines_is_one_line_unless_it_is_written_as_lines(workspace: Any) -> None:
    """A line end in a cell never breaks a sentence."""
    workspace.demand("To {{ row.post }}.\n\n{{ row.post|lines }}")
    text = workspace.text(fields={"post": "Box 1\r\nTown"})
    assert "To Box 1 Town." in text
    assert "Box 1\nTown\n" in text


def test_an_unknown_column_is_named_with_the_template_line(workspace: Any) -> None:
    """The finding stands at the row and names column, template and line."""
    workspace.demand("one\n\n{{ row.minister }}")
    (problem,) = workspace.refused(fields={"other": "x"})
    assert problem.code == "missing-column"
    assert (problem.place.path, problem.place.row, problem.place.column) == ("contacts/some.csv", 7, "minister")
    assert "templates/letters/ask/en.md:10" in problem.found


def test_every_missing_and_empty_field_of_a_letter_is_found_at_once(workspace: Any) -> None:
    """Nobody corrects a sheet cell by cell."""
    workspace.demand(
        "{{ row.a }} {{ row.b }} {{ row.b|upper }} {{ row.c ~ '!' }} {{ sender.phone }} {{ institution.city }}"
    )
    problems = workspace.refused(fields={"b": "", "c": "  "}, city="")
    assert {(one.code, one.place.column) for one in problems} == {
        ("missing-column", "a"),
        ("empty-field", "b"),
        ("empty-field", "c"),
        ("empty-field", "sender.phone"),
        ("empty-field", "city"),
    }
    assert {one.place.path for one in problems} == {"contacts/some.csv", "campaigns/invented-2026.toml"}


def test_a_guarded_or_replaced_empty_field_is_no_fault(workspace: Any) -> None:
    """`if`, `default` and `is defined` are how a template says that it can do without."""
    workspace.demand(
        "{% if row.a %}{{ row.a }}{% endif %}{% if row.z is defined %}{{ row.z }}{% endif %}"
        "{{ row.a|default('nothing') }} {{ row.z|default('none') }}"
    )
    assert "nothing none" in workspace.text(fields={"a": ""})


def test_a_condition_on_an_unknown_column_is_a_finding(workspace: Any) -> None:
    """A misspelt column in an `if` must not silently mean no."""
    workspace.demand("{% if row.minster %}x{% endif %}y")
    (problem,) = workspace.refused(fields={"minister": "x"})
    assert (problem.code, problem.place.column) == ("missing-column", "minster")


def test_another_states_name_in_a_row_is_found(workspace: Any) -> None:
    """The classic of merged letters: the row below's words in this row's letter."""
    workspace.demand("{{ row.greeting }}")
    (problem,) = workspace.refused(fields={"greeting": "to the people of Cyprus"})
    assert (problem.code, problem.place.row, problem.place.column) == ("another-state", 7, "greeting")
    assert "Cyprus (CY)" in problem.found
    assert "Bulgaria (BG)" in problem.found


def test_the_own_states_name_and_one_that_is_meant_are_no_fault(workspace: Any) -> None:
    """A `mentions` column says what a row names on purpose."""
    workspace.demand("{{ row.greeting }}")
    assert workspace.text(fields={"greeting": "to the people of Bulgaria"})
    assert workspace.text(fields={"greeting": "our mission to Cyprus", "mentions": "CY"})


def test_the_recipients_name_is_looked_at_even_if_no_template_writes_it(workspace: Any) -> None:
    """It stands in To."""
    workspace.demand("x")
    (problem,) = workspace.refused(name="Ministry of Examples of Cyprus")
    assert (problem.code, problem.place.column) == ("another-state", "name")


@pytest.mark.parametrize(
    "value",
    [
        *("REPLACE ME", "Mr {{ name }}", "[your name]", "TODO", "XXX", "Lorem ipsum dolor"),
        *("«Name»", "<<Name>>", "*|FNAME|*", "${name}", "%%NAME%%"),
    ],
)
def test_a_placeholder_left_in_a_row_is_found(workspace: Any, value: str) -> None:
    """A letter to a minister does not say REPLACE ME."""
    workspace.demand("{{ row.remark }}")
    (problem,) = workspace.refused(fields={"remark": value})
    assert (problem.code, problem.place.column) == ("placeholder", "remark")


def test_the_shipped_senders_placeholder_can_be_rehearsed(workspace: Any) -> None:
    """The sender is the campaign's business: a live approval refuses it, a rehearsal shows it."""
    workspace.sender = replace(workspace.sender, organisation="REPLACE ME")
    workspace.demand("{{ sender.organisation }}")
    assert "REPLACE ME" in workspace.text()


@pytest.mark.parametrize("value", ["a\x00b", "a\x07b", "a\x1bb", "\u202eabc", "a\u2066b", "\ud800"])
def test_control_characters_in_a_value_are_refused(workspace: Any, value: str) -> None:
    """NUL, escapes and what turns the direction of the text around."""
    workspace.demand("{{ row.remark }}")
    (problem,) = workspace.refused(fields={"remark": value})
    assert (problem.code, problem.place.column) == ("control-character", "remark")


@pytest.mark.parametrize(
    ("body", "name"),
    [("{{ row }}", "row"), ("{{ sender }}", "sender"), ("{{ demands }}", "demands"), ("{{ range(3) }}", "range")],
)
def test_a_group_of_values_cannot_be_written_whole(workspace: Any, body: str, name: str) -> None:
    """A forgotten `.name` shows no insides of the program."""
    workspace.frame("{% for demand in demands %}{{ demand.body }}{% endfor %}\n" + body)
    workspace.demand("x")
    problems = workspace.refused()
    assert {one.code for one in problems} == {"no-text"}
    assert problems[0].place.row == 9


def test_a_value_in_a_link_is_percent_encoded(workspace: Any) -> None:
    """It stays inside the path or address that the template began."""
    workspace.demand("[page](https://a.example/{{ row.slug }}) [mail](mailto:{{ sender.email }})")
    letter = workspace.compose(fields={"slug": 'x" onclick="y z/?a=b&c#d'})
    room = workspace.room()
    assert 'href="https://a.example/x%22%20onclick%3D%22y%20z/%3Fa%3Db%26c%23d"' in room.html(letter.raw)
    assert 'href="mailto:letters@campaign.example"' in room.html(letter.raw)
    assert "page (https://a.example/x%22%20onclick%3D%22y%20z/%3Fa%3Db%26c%23d)" in room.text(letter.raw)


@pytest.mark.parametrize(
    "body",
    [
        "[a]({{ row.x }})",
        "[a](http://{{ row.x }})",
        "[a](/{{ row.x }})",
        '[a](https://b.example "{{ row.x }}")',
        "![]({{ row.x }})",
    ],
)
def test_a_value_may_not_say_where_a_link_leads(workspace: Any, body: str) -> None:
    """`javascript:` from a sheet never becomes a link: the template itself is refused, at its line."""
    workspace.demand(body)
    assert {one.code for one in workspace.problems()} & {"value-in-link", "remote-image"}
    assert workspace.refused(fields={"x": "javascript:alert(1)"})[0].place.row == 8
