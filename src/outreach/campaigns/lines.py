"""On which line of a TOML text each key stands: what tomllib does not tell about a value it has read."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping
from contextlib import suppress

Key = tuple[str | int, ...]  #: ("demand", 0, "slug"); list items count from 0

_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_BASIC = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_LITERAL = re.compile(r"'[^'\n]*'")
# A multi-line string may end in up to two quotes of its own before the closing three (TOML 1.0, String).
_BASIC_LINES = re.compile(r'"""(?:[^\\]|\\.)*?"""(?:""?(?!"))?', re.DOTALL)
_LITERAL_LINES = re.compile(r"'''.*?'''(?:''?(?!'))?", re.DOTALL)
_SCALAR = re.compile(r"[^\s,\]}#\"'\[{]+(?: [0-9][^\s,\]}#]*)?")  # a date and its time may stand apart
_STRINGS = (_BASIC_LINES, _LITERAL_LINES, _BASIC, _LITERAL)


def key_lines(text: str) -> Mapping[Key, int]:
    """The 1-based line of every table, key and list item of `text`, whose lines end in a bare newline.

    Text that is no TOML is read as far as it goes.
    """
    finder = _Finder(text)
    with suppress(_Lost):
        finder.document()
    return finder.lines


def unfinished(text: str) -> int:
    """The line of the statement that `text` breaks off in; 0 when its last one is whole."""
    finder = _Finder(text)
    try:
        finder.document()
    except _Lost:
        return finder.line(finder.began)
    return 0


def line_of(key: Key, lines: Mapping[Key, int]) -> int:
    """The line of `key`, or of the nearest table or list around it; 0 when that is the whole file."""
    while key:
        if key in lines:
            return lines[key]
        key = key[:-1]
    return 0


def spelled(key: Key) -> str:
    """The key as a person writes it: `demand[2].slug` is the slug of the second demand."""
    out = ""
    for part in key:
        out += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if out else part
    return out


class _Lost(Exception):
    """The text is no TOML from here on."""


class _Finder:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.began = 0  # where the statement in hand begins
        self.lines: dict[Key, int] = {}
        self._starts = [0, *(hit.end() for hit in re.finditer("\n", text))]
        self._tables: dict[Key, int] = {}  # a list of tables -> the index of its last one

    def document(self) -> None:
        table: Key = ()
        self._take(_BLANK)
        while self.at < len(self.text):
            self.began = self.at
            if self.text.startswith("[", self.at):
                table = self._header()
            else:
                self._statement(table)
            self._take(_BLANK)

    def _header(self) -> Key:
        here = self.at
        many = self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        names = self._names()
        self._expect("]]" if many else "]")
        key: Key = ()
        for name in names[:-1]:
            key = self._inside((*key, name))
            self._note(key, here)
        key = (*key, names[-1])
        self._note(key, here)
        if many:
            self._tables[key] = self._tables.get(key, -1) + 1
            key = self._inside(key)
            self._note(key, here)
        return key

    def _inside(self, key: Key) -> Key:
        return (*key, self._tables[key]) if key in self._tables else key

    def _statement(self, table: Key) -> None:
        here = self.at
        key = table
        for name in self._names():
            key = (*key, name)
            self._note(key, here)
        self._expect("=")
        self._take(_SPACE)
        self._value(key)

    def _value(self, key: Key) -> None:
        if self.text.startswith("[", self.at):
            self._list(key)
        elif self.text.startswith("{", self.at):
            self._inline(key)
        else:
            self._first_of(*_STRINGS, _SCALAR)

    def _list(self, key: Key) -> None:
        self.at += 1
        self._take(_BLANK)
        index = 0
        while not self._passed("]"):
            self._note((*key, index), self.at)
            self._value((*key, index))
            self._take(_BLANK)
            if not self._passed(","):
                self._expect("]")
                return
            self._take(_BLANK)
            index += 1

    def _inline(self, key: Key) -> None:
        self.at += 1
        self._take(_BLANK)
        while not self._passed("}"):
            self._statement(key)
            self._take(_BLANK)
            if not self._passed(","):
                self._expect("}")
                return
            self._take(_BLANK)

    def _names(self) -> list[str]:
        names = []
        while True:
            self._take(_SPACE)
            name = self._first_of(_BASIC, _LITERAL, _BARE)
            names.append(_unquoted(name) if name[0] in "\"'" else name)
            self._take(_SPACE)
            if not self._passed("."):
                return names

    def line(self, at: int) -> int:
        return bisect_right(self._starts, at)

    def _note(self, key: Key, at: int) -> None:
        self.lines.setdefault(key, self.line(at))

    def _passed(self, mark: str) -> bool:
        if self.text.startswith(mark, self.at):
            self.at += len(mark)
            return True
        return False

    def _expect(self, mark: str) -> None:
        if not self._passed(mark):
            raise _Lost

    def _take(self, pattern: re.Pattern[str]) -> str:
        hit = pattern.match(self.text, self.at)
        if hit is None:
            raise _Lost
        self.at = hit.end()
        return hit.group()

    def _first_of(self, *patterns: re.Pattern[str]) -> str:
        for pattern in patterns:
            if pattern.match(self.text, self.at):
                return self._take(pattern)
        raise _Lost


def _unquoted(name: str) -> str:
    try:
        return str(tomllib.loads(f"name = {name}")["name"])
    except tomllib.TOMLDecodeError as error:
        raise _Lost from error
