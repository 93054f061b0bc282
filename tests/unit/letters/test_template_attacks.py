"""Templates that reach for more than a letter: refused with a line, in bounded time and memory."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outreach.letters.sandbox import LetterEnvironment
from outreach.letters.values import INK, Ink
from outreach.model.letter import Letter

REACHING = {
    "class of a text": "{{ ''.__class__.__mro__ }}",
    "class by a subscript": "{{ ''['__class__'] }}",
    "globals of cycler": "{{ cycler.__init__.__globals__ }}",
    "globals of lipsum": "{{ lipsum.__globals__ }}",
    "attr filter": "{{ row|attr('__class__') }}",
    "format": "{{ '{0.__class__}'.format(row) }}",
    "format kept in a variable": "{% set f = '{0.__class__}'.format_map %}{{ f({'0': row}) }}",
    "format by the attr filter": "{{ ('{0.__class__}'|attr('format'))(row) }}",
    "self": "{{ self.__init__ }}",
    "namespace": "{{ namespace.__init__ }}",
    "map attribute": "{{ [row]|map(attribute='__class__')|list }}",
    "xmlattr": "{{ {'a onmouseover=alert(1)': 1}|xmlattr }}",
    "safe": "{{ row.x|safe }}",
    "include": "{% include '../../secret.md' %}",
    "import": "{% import 'frame/en.md' as f %}",
    "extends": "{% extends 'frame/en.md' %}",
    "recursive macro": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "recursive loop": "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
    "call of a method": "{{ row.keys() }}",
    "private name": "{{ _ink }}",
    "the room's own filter": "{{ [1]|bounded }}",
    "wide centre": "{{ 'a'|center(10**9) }}",
    "dump of everything": "{{ debug() }}{% debug %}",
}


@pytest.mark.parametrize("body", REACHING.values(), ids=REACHING.keys())
def test_a_template_that_reaches_out_is_refused_with_its_line(workspace: Any, body: str) -> None:
    """Whatever the sandbox would make of it: the check names the line, and no letter is written."""
    workspace.demand(f"Dear all,\n\n{body}\n")
    found = [one for one in workspace.problems() if one.place.path.endswith("ask/en.md")]
    assert found
    assert all(one.place.row == 10 for one in found)
    refused = workspace.refused(fields={"x": "y"})
    assert refused[0].place.path == "templates/letters/ask/en.md"
    assert refused[0].place.row == 10


BOMBS = {
    "printf": "{{ '%1000000000d' % 1 }}",
    "repeated text": "{{ 'a' * 10**9 }}",
    "repeated text by a variable": "{% set n = 1000000000 %}{{ 'a' * n }}",
    "power": "{{ 9 ** 9 ** 9 }}",
    "doubling by ~": "{% set x = 'aaaaaaaaaaaaaaaa' %}" + "{% set x = x ~ x %}" * 40 + "{{ x }}",
    "doubling by +": "{% set x = 'aaaaaaaaaaaaaaaa' %}" + "{% set x = x + x %}" * 40 + "{{ x }}",
    "doubling a list": "{% set x = [1] %}" + "{% set x = x + x %}" * 40 + "{{ x|length }}",
    "doubling by join": "{% set x = ['aaaaaaaaaaaaaaaa']|join %}" + "{% set x = [x, x]|join(x) %}" * 40 + "{{ x }}",
    "doubling by replace": "{% set x = 'aaaaaaaa' %}" + "{% set x = x|replace('a', x) %}" * 12 + "{{ x }}",
    "squaring": "{% set x = 99999 %}" + "{% set x = x * x %}" * 40 + "{{ x }}",
    "nested loops": "{% for i in range(9999) %}{% for j in range(9999) %}{% endfor %}{% endfor %}",
    "long range": "{% for i in range(99999999) %}x{% endfor %}",
    "loop that writes much": "{% for i in range(9999) %}" + "many words " * 40 + "{% endfor %}",
    "loop that writes many values": "{% for i in range(9999) %}{{ state.name }}{% endfor %}",
}


@pytest.mark.parametrize("body", BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_goes_off_small(workspace: Any, body: str) -> None:
    """Less than two seconds and 64 MB, and a finding at the template."""
    workspace.demand(body)
    tracemalloc.start()
    started = time.monotonic()
    try:
        problems = workspace.refused()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert time.monotonic() - started < 2
    assert peak < 64 * 1024 * 1024
    assert problems[0].place.path == "templates/letters/ask/en.md"
    assert problems[0].place.row == 8


UNREADABLE = {
    "deep parentheses": "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "deep lists": "{{ " + "[" * 300 + "]" * 300 + " }}",
    "deep conditions": "{% if 1 %}" * 60 + "x" + "{% endif %}" * 60,
    "deep loops": "{% for x in [1] %}" * 25 + "x" + "{% endfor %}" * 25,
    "long sum": "{{ " + "1 + " * 5000 + "1 }}",
    "huge number": "{{ " + "9" * 5000 + " }}",
    "open tag": "{% if row.x %}",
    "open expression": "{{ row.x",
    "unknown tag": "{% fetch 'https://a.example' %}",
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_template_that_cannot_be_read_is_a_finding_not_a_crash(workspace: Any, body: str) -> None:
    """Recursion and size limits of the parser and the compiler end as one clear finding."""
    workspace.demand(body)
    assert workspace.problems()[0].place.path == "templates/letters/ask/en.md"
    assert workspace.refused()


def test_a_template_larger_than_64_kb_is_refused(workspace: Any) -> None:
    """A megabyte is not even parsed."""
    workspace.demand("word " * 200_000)
    assert [one.code for one in workspace.problems()] == ["template-size"]


def test_a_template_never_leads_out_of_its_folder(workspace: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A symbolic link to a file elsewhere is refused; nothing of that file is shown."""
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.md"
    secret.write_text("the secret", encoding="utf-8")
    path = workspace.demand("x")
    path.unlink()
    path.symlink_to(secret)
    problems = workspace.problems()
    assert [one.code for one in problems] == ["template-outside"]
    assert "the secret" not in str(problems)


@pytest.mark.parametrize("slug", ["..", "../..", "/etc", "a/b", "", "A b", ".hidden"])
def test_a_demand_that_is_no_plain_name_has_no_templates(workspace: Any, slug: str, tmp_path: Path) -> None:
    """A slug is never used as a path."""
    (tmp_path / "en.md").write_text("outside", encoding="utf-8")
    workspace.demands.append(slug)
    assert workspace.room().languages(workspace.campaign())[slug] == frozenset()
    assert "outside" not in str(workspace.problems())


@pytest.mark.parametrize("source", ["{{ ''.__class__ }}", "{{ ''['__class__'] }}", "{{ (1).real.__class__ }}"])
def test_the_sandbox_stands_behind_the_grammar(source: str) -> None:
    """Even a template that the grammar had let through gets at nothing private."""
    environment = LetterEnvironment()
    template = environment.from_string(source)
    ink = Ink()
    assert list(template.root_render_func(template.new_context({INK: ink}))) == [""]
    assert ink.missing
    assert set(environment.globals) == {"range"}
    assert environment.loader is None


PIECES = [
    *("{{", "}}", "{%", "%}", "{#", "#}", "-%}", "{%-", "row", ".", "|", "lines", "{% raw %}", "{% endraw %}"),
    *("{% if row.x %}", "{% endif %}", "{% for a in row.x|lines %}", "{% endfor %}", "{{ row.x }}", "{{ date }}"),
    *(
        "[",
        "](",
        ")",
        "<",
        ">",
        "https://",
        "*",
        "_",
        "`",
        "\n",
        "\n\n",
        "  \n",
        "\\\n",
        "- ",
        "1. ",
        "> ",
        "# ",
        "---",
    ),
    *("'", '"', "~", "+", "%", "(", " ", "+++", "\r", "\t", "&amp;", "word", "ü", "\u202e", "\x00"),
]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_any_template_ends_in_a_letter_or_in_findings(workspace: Any, body: str) -> None:
    """No template makes the program fall over, and a template without faults renders."""
    path = workspace.demand("x")
    path.write_text(path.read_text(encoding="utf-8")[:-1] + body, encoding="utf-8", newline="")
    faults = workspace.problems()
    letter = workspace.outcome(fields={"x": "a\nb"})
    assert isinstance(letter, Letter) or letter
    if faults:
        assert not isinstance(letter, Letter)
