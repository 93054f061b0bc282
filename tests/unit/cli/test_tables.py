"""Tables on a terminal of 80 columns."""

from __future__ import annotations

import pytest

from outreach.cli import show

DUE = ("state", "institution", "is", "since (UTC)", "answer due", "next")


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(show, "PIPED_WIDTH", 80)


def printed(capsys: pytest.CaptureFixture[str], head: tuple[str, ...], *rows: tuple[str, ...]) -> list[str]:
    """The lines of the table, without its title."""
    show.print_table("A title", head, rows)
    title, empty, *lines = capsys.readouterr().out.splitlines()
    assert (title, empty) == ("A title", "")
    return lines


def test_a_table_fits_where_its_words_do(capsys: pytest.CaptureFixture[str]) -> None:
    """What gives way is not the column whose one word is long: no word is broken, and no line is too long."""
    row = ("QX", "qx-innenministerium-1", "not written", "2026-11-26", "2026-12-24", "reminder 1 from 2026-12-25")
    lines = printed(capsys, DUE, row)
    assert max(map(len, lines)) <= 80
    words = " ".join(lines).split()
    assert all(word in words for cell in row for word in cell.split())


def test_a_table_that_has_room_breaks_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """One line for each row."""
    lines = printed(capsys, ("a", "b"), ("one two", "three"), ("four", "five six seven"))
    assert [line.rstrip() for line in lines[-3:-1]] == ["one two  three", "four     five six seven"]


def test_words_that_are_too_many_are_kept_whole_beyond_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Better than columns of three letters each; only a word longer than any is folded."""
    word = "a" * show.LONGEST_WORD
    lines = printed(capsys, ("a", "b", "c", "d"), (word, word, word, "b" * 30))
    assert lines[-3].split() == [word, word, word, "b" * show.LONGEST_WORD]
    assert lines[-2].split() == ["b" * 6]


def test_a_line_is_wrapped_behind_its_own_indent() -> None:
    """Every word is whole and in its place; a hash that has no room goes beyond the edge by itself."""
    line = "    2026-11-26 05:52 UTC  refused: " + "word " * 30 + "0" * 90
    first, *more = show.wrapped(line)
    assert first.startswith("    2026-11-26 05:52 UTC  refused: word")
    assert all(one.startswith(" " * 8 + "w") and len(one) <= 80 for one in more[:-1])
    assert more[-1] == " " * 8 + "0" * 90
    assert " ".join([first, *more]).split() == line.split()
    assert show.wrapped("") == [""]
