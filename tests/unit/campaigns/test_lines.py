"""Each key of a TOML text is found on its line."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.campaigns.lines import Key, key_lines, line_of, spelled, unfinished

TEXT = '''\
# remark = "no key"
title = "a # b" # c
"quoted key" = 1
a.b . "c d" = 2

list = [
  1, # one
  [2,
   3],
  { x = 1, y.z = [4] },
]
many = """
fake = 1
""\\" [fake]
"""
raw = \'\'\'
[fake]\'\'\'
when = 2026-11-23 09:00:00

[table . inner]
key = true
[[row]]
id = "first"
[[row.part]]
n = 1
[[row.part]]
n = 2
[row.extra]
e = 1
[[row]]
id = "second"
[[row.part]]
n = 3
'''

KNOWN: dict[Key, int] = {
    ("title",): 2,
    ("quoted key",): 3,
    ("a",): 4,
    ("a", "b"): 4,
    ("a", "b", "c d"): 4,
    ("list",): 6,
    ("list", 0): 7,
    ("list", 1): 8,
    ("list", 1, 0): 8,
    ("list", 1, 1): 9,
    ("list", 2): 10,
    ("list", 2, "x"): 10,
    ("list", 2, "y"): 10,
    ("list", 2, "y", "z"): 10,
    ("list", 2, "y", "z", 0): 10,
    ("many",): 12,
    ("raw",): 16,
    ("when",): 18,
    ("table",): 20,
    ("table", "inner"): 20,
    ("table", "inner", "key"): 21,
    ("row",): 22,
    ("row", 0): 22,
    ("row", 0, "id"): 23,
    ("row", 0, "part"): 24,
    ("row", 0, "part", 0): 24,
    ("row", 0, "part", 0, "n"): 25,
    ("row", 0, "part", 1): 26,
    ("row", 0, "part", 1, "n"): 27,
    ("row", 0, "extra"): 28,
    ("row", 0, "extra", "e"): 29,
    ("row", 1): 30,
    ("row", 1, "id"): 31,
    ("row", 1, "part"): 32,
    ("row", 1, "part", 0): 32,
    ("row", 1, "part", 0, "n"): 33,
}


def every_key(value: object, key: Key = ()) -> Iterator[Key]:
    if key:
        yield key
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for part, inner in items:
        yield from every_key(inner, (*key, part))


def test_every_form_of_toml_is_found_on_its_line() -> None:
    """Tables, lists of tables, dotted and quoted keys, inline tables and texts of several lines: all on their lines."""
    assert set(every_key(tomllib.loads(TEXT))) == set(KNOWN)
    assert dict(key_lines(TEXT)) == KNOWN


names = st.one_of(
    st.from_regex(r"[A-Za-z0-9_-]{1,6}", fullmatch=True),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=6),
)


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


scalars = st.one_of(
    st.integers(-99, 99).map(str),
    st.sampled_from(["true", "0.5", "2026-11-23", "2026-11-23 09:00:00Z", "09:00:00", "inf", "''", "'\"#]'", '"]}=,"']),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8).map(quoted),
    st.sampled_from(['"""\nx = 1\n[y]\n"""', "'''\n# '' ]\n'''", '""""a"""""', '"""\\"""" """']),
)
gaps = st.sampled_from(["", " ", "\n", "\n\n  ", " # ] = [\n", "\n#\n"])
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(st.tuples(gaps, inner, gaps), max_size=3).map(
            lambda items: "[" + ",".join(before + item + after for before, item, after in items) + "]"
        ),
        st.dictionaries(names, inner, max_size=3).map(
            lambda pairs: "{" + ", ".join(f"{quoted(name)} = {item}" for name, item in pairs.items()) + "}"
        ),
    ),
    max_leaves=6,
)


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, dict[Key, int]]:
    """A TOML text, with the line of each statement as it was written."""
    text, expected = "", {}
    tables: dict[str, int] = {}
    for head in [None, *draw(st.lists(names, max_size=4))]:
        text += draw(gaps) + "\n"
        key: Key = ()
        if head is not None:
            tables[head] = tables.get(head, -1) + 1
            key = (head, tables[head])
            expected[key] = text.count("\n") + 1
            text += f"[[ {quoted(head)} ]] # head\n"
        for name, value in draw(st.dictionaries(names.map(lambda n: "k" + n), values, max_size=3)).items():
            text += draw(gaps) + "\n"
            expected[(*key, name)] = text.count("\n") + 1
            text += f" {quoted(name)}\t= {value}  # remark\n"
    return text, expected


@settings(max_examples=150)
@given(documents())
def test_the_finder_agrees_with_tomllib_and_the_writer(document: tuple[str, dict[Key, int]]) -> None:
    """Whatever tomllib reads, the finder finds the same keys, and each statement on the line where it was written."""
    text, expected = document
    try:
        read = tomllib.loads(text)
    except tomllib.TOMLDecodeError:  # a list or text within { } that runs over several lines, or a head used as a key
        key_lines(text)
        return
    lines = key_lines(text)
    assert set(lines) == set(every_key(read))
    assert {key: lines[key] for key in expected} == expected


@settings(max_examples=100)
@given(st.text(alphabet="a.=[]{}\"'\n#\\ 1,", max_size=40))
def test_no_text_makes_the_finder_fail(text: str) -> None:
    """Text that is no TOML is read as far as it goes; a statement that breaks off is named by its line."""
    last = text.count("\n") + 1
    assert all(1 <= line <= last for line in key_lines(text).values())
    assert 0 <= unfinished(text) <= last


@pytest.mark.parametrize(
    ("text", "line"),
    [("a = 1\n", 0), ("a = 1\nb = [\n 1,\n", 2), ('a = 1\nb = """\nc\n', 2), ("[a\n", 1), ("a = {b = 1\n", 1)],
    ids=["whole", "list", "text", "head", "inline-table"],
)
def test_an_unfinished_statement_is_named_by_its_first_line(text: str, line: int) -> None:
    """Where a list is never closed, the line with its opening bracket is told."""
    assert unfinished(text) == line


def test_a_key_that_is_not_there_stands_where_its_table_stands() -> None:
    """A missing key is reported at its table, a missing table at the whole file."""
    lines = key_lines("[sender]\nname = 1\n")
    assert line_of(("sender", "email"), lines) == 1
    assert line_of(("demand",), lines) == 0


def test_keys_are_spelt_for_people() -> None:
    """List items count from one, as people count."""
    assert spelled(("demand", 1, "exclude", 0, "state")) == "demand[2].exclude[1].state"
