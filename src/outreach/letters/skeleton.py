"""A letter without its values: made into HTML and plain text once, filled for each institution."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from itertools import groupby
from urllib.parse import quote

from markdown_it.token import Token

from outreach.letters import layout, markdown
from outreach.letters.lint import MAX_LINKS, web_links
from outreach.letters.own import isolated
from outreach.letters.values import TOKEN, Own, Words
from outreach.letters.wire import quoted
from outreach.rules.wrapping import wrap

_SUBJECT = "qz0000zq"  #: the first value is always the subject
_BETWEEN = "=" * 20
_OWN = re.compile(r"<p>(qp\d{4}pq)</p>")  #: a person's words are paragraphs themselves


@dataclass(frozen=True, slots=True)
class PartText:
    """One language's part: rendered Markdown with tokens."""

    language: str
    direction: str
    text: str


class Form:
    """Text with places for values, cut once."""

    __slots__ = ("_pieces", "_places")

    def __init__(self, text: str) -> None:
        cut = TOKEN.split(text)
        self._pieces = [cut[0]]
        self._places: list[tuple[int, str, int]] = []
        for at in range(1, len(cut), 3):
            self._places.append((len(self._pieces), cut[at], int(cut[at + 1])))
            self._pieces += ["", cut[at + 2]]

    @property
    def fixed(self) -> str | None:
        """The text, when no value stands in it."""
        return None if self._places else self._pieces[0]

    def fill(self, shown: Sequence[str], values: Sequence[str]) -> str:
        """The text with `shown` in its places, and `values` percent-encoded in its links."""
        pieces = self._pieces.copy()
        for at, kind, number in self._places:
            pieces[at] = shown[number] if kind in "zp" else _ENCODE[kind](values[number])
        return "".join(pieces)


_ENCODE: dict[str, Callable[[str], str]] = {
    "u": lambda value: quote(value, safe="/"),
    "m": lambda value: quote(value, safe="@"),
}


@dataclass(frozen=True, slots=True)
class _Lines:
    """Lines with values in them: wrapped, if they are plain text, and encoded when the values are known."""

    form: Form
    first: str = ""
    rest: str = ""
    wrapped: bool = True

    def encoded(self, shown: Sequence[str], values: Sequence[str]) -> bytes:
        text = self.form.fill(shown, values)
        return quoted((wrap(text, self.first, self.rest) if self.wrapped else text) + "\r\n")


class Skeleton:
    """A letter's text and HTML, waiting for their values. Raises markdown.BadLink when made."""

    __slots__ = ("_direction", "_html", "_text", "links")

    def __init__(self, parts: tuple[PartText, ...], *, html: bool) -> None:
        parsed = [(part, markdown.parse(part.text)) for part in parts]
        self._direction = parts[0].direction
        self.links: set[str] = set()
        for _, tokens in parsed:
            markdown.mark_links(tokens)
            self.links |= web_links(tokens)
        self._text = _plain([markdown.blocks_of(tokens) for _, tokens in parsed])
        self._html: list[bytes | _Lines] | None = None
        if html:
            bodies = [(part.language, part.direction, _isolated(part, tokens)) for part, tokens in parsed]
            page = layout.page(bodies, title=_SUBJECT)
            _refuse_values_in_tags(page)
            self._html = _lines_of(page)

    @property
    def too_many_links(self) -> bool:
        """Whether filters would distrust the letter for its links."""
        return len(self.links) > MAX_LINKS

    def text(self, values: Sequence[str]) -> bytes:
        """The plain text, quoted-printable."""
        return _filled(self._text, [_shown(value, self._direction) for value in values], values)

    def html(self, values: Sequence[str]) -> bytes | None:
        """The HTML with escaped values, quoted-printable, or None when the letter has none."""
        if self._html is None:
            return None
        shown = [
            layout.paragraphs(value) if type(value) is Words else _escaped(_shown(value, self._direction))
            for value in values
        ]
        return _filled(self._html, shown, values)


def _isolated(part: PartText, tokens: Sequence[Token]) -> str:
    """A part's HTML; between right-to-left words a value keeps its own direction (+49 30 must not become 30 49+)."""
    body = _OWN.sub(r'<div class="own">\1</div>', markdown.html_of(tokens))
    return TOKEN.sub(_bdi, body) if part.direction == "rtl" else body


def _bdi(found: re.Match[str]) -> str:
    return f"<bdi>{found[0]}</bdi>" if found[1] == "z" else found[0]


_escaped = lru_cache(maxsize=4096)(escape)


def _shown(value: str, around: str) -> str:
    return isolated(value, around) if type(value) is Own else value


def _filled(pieces: Sequence[bytes | _Lines], shown: Sequence[str], values: Sequence[str]) -> bytes:
    return b"".join([piece.encoded(shown, values) if isinstance(piece, _Lines) else piece for piece in pieces])


def _refuse_values_in_tags(page: str) -> None:
    """Guard: whatever a library did to the page, a value is never put inside a tag but in a link's target.

    And paragraphs of a person stand where paragraphs may stand.
    """
    for found in TOKEN.finditer(page):
        inside = page.rfind("<", 0, found.start()) > page.rfind(">", 0, found.start())
        if inside is not (found[1] in "um"):
            raise markdown.BadLink("a value stands inside a tag")
        before = page[page.rfind("<", 0, found.start()) : found.start()]
        if found[1] == "p" and not re.fullmatch('<div class="own"[^<>]*>', before):
            raise markdown.BadLink("a supporter's words stand in a line with other words")


def _lines_of(page: str) -> list[bytes | _Lines]:
    """A page's lines; those without values are encoded now."""
    out: list[bytes | _Lines] = []
    for line in page.rstrip().split("\n"):
        form = Form(line.rstrip("\r"))
        out.append(_Lines(form, wrapped=False) if form.fixed is None else quoted(form.fixed + "\r\n"))
    return _joined(out)


def _plain(parts: Sequence[Sequence[markdown.Block]]) -> list[bytes | _Lines]:
    """The text's paragraphs; those without values are wrapped and encoded now."""
    out: list[bytes | _Lines] = []
    for number, blocks in enumerate(parts):
        if number:
            out.append(quoted(f"\r\n{_BETWEEN}\r\n"))
        for position, block in enumerate(blocks):
            if block.gap and (number or position):
                out.append(b"\r\n")
            form = Form(block.text)
            if form.fixed is None:
                out.append(_Lines(form, block.first, block.rest))
            else:
                out.append(quoted(wrap(form.fixed, block.first, block.rest) + "\r\n"))
    return _joined(out)


def _joined(pieces: Sequence[bytes | _Lines]) -> list[bytes | _Lines]:
    """Neighbours that are encoded already as one."""
    out: list[bytes | _Lines] = []
    for fixed, group in groupby(pieces, key=lambda piece: type(piece) is bytes):
        if fixed:
            out.append(b"".join(piece for piece in group if type(piece) is bytes))
        else:
            out += group
    return out
