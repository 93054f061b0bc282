"""What a template may read, and the ink that keeps what it writes apart from what it says.

Each value that a template writes becomes a token and is kept beside the text. The text with its tokens (a skeleton)
is made into Markdown, HTML and plain text once; the values are put in afterwards, escaped for where they stand. So no
value can act as Jinja, Markdown or HTML, and the dear steps are paid once per skeleton instead of once per letter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from outreach.errors import OutreachError

#: z = a line of text, p = a person's paragraphs, u = in an https link, m = in a mailto link
TOKEN = re.compile(r"q([zpum])(\d{4})\1q")
HARD_BREAK = "\\\n"  #: Markdown's line break
LOOK_FOR_LOOP = "Look for a loop that repeats too much."
INK = " ink"  #: how templates' contexts call the ink; no template can name a variable with a space
MAX_STEPS = 10_000  #: turns of all loops of one letter
MAX_VALUES = 5_000
MAX_OUTPUT = 256 * 1024  #: characters of one letter, before Markdown


class Refused(OutreachError):
    """A template asks for more than a letter may need."""


class Trusted(str):
    """Text that came from a template: Markdown with tokens in it already."""

    __slots__ = ()


class Cell(str):
    """A value with its name, such as "row.first_name": so that an empty or wrong one can be said where it stands."""

    __slots__ = ("name",)
    name: str

    @classmethod
    def of(cls, text: str, name: str) -> Cell:
        """A text with its name."""
        cell = cls(text)
        cell.name = name
        return cell


class Own(str):
    """A line that a supporter gave, such as a name: shown as it is, and isolated where it runs the other way."""

    __slots__ = ()


class Words(Own):
    """A supporter's own words: paragraphs and line ends are kept, and all else in them is text."""

    __slots__ = ("language",)
    language: str  #: the one they are probably written in

    @classmethod
    def of(cls, text: str, language: str) -> Words:
        """Words with their language."""
        words = cls(text)
        words.language = language
        return words


class Fields:
    """A named group of values: what `sender.name` or `row.first_name` looks into."""

    __slots__ = ("name", "values")

    def __init__(self, name: str, values: Mapping[str, Any]) -> None:
        self.name = name
        self.values = values


class Ink:
    """What one letter's templates wrote: the values behind the tokens, and what was wrong with them."""

    __slots__ = ("cells", "missing", "plain", "size", "steps", "unwritable", "values")

    def __init__(self) -> None:
        self.values: list[str] = [""]  #: the first is the letter's subject
        self.cells: dict[str, str] = {}  #: name -> text of the named values that were written
        self.missing: dict[str, tuple[str, int]] = {}  #: what was empty or not there -> template and line
        self.unwritable: dict[str, tuple[str, int]] = {}  #: what is no text -> template and line
        self.plain = False  #: True: write values as they are (subjects)
        self.size = 0
        self.steps = MAX_STEPS  #: how many more times a loop may turn

    def keep(self, value: str) -> str:
        """Keep a value and give its token."""
        self.size += len(value)
        number = len(self.values)
        if number >= MAX_VALUES or self.size > MAX_OUTPUT:
            raise Refused("The letter writes more than a letter may hold.", todo=LOOK_FOR_LOOP)
        self.values.append(value)
        kind = "p" if type(value) is Words else "z"
        return f"q{kind}{number:04}{kind}q"

    def spend(self, turns: int) -> None:
        """Count the turns of a loop."""
        self.steps -= turns
        if self.steps < 0:
            raise Refused("The loops of the letter turn too often.", todo=LOOK_FOR_LOOP)
