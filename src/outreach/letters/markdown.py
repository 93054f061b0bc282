"""Markdown once per skeleton: sanitised HTML, and plain text in blocks that can be wrapped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

from outreach.letters.values import TOKEN

#: What a letter never means: an indented line is no program, a line of dashes no heading of the line above.
_OFF = ["code", "fence", "html_block", "html_inline", "lheading"]
_TAGS = frozenset(["p", "br", "strong", "em", "a", "ul", "ol", "li", "blockquote", "h1", "h2", "h3", "h4", "hr"])
_ATTRIBUTES = {"a": frozenset({"href"}), "ol": frozenset({"start"})}
_CAN_TAKE_VALUES = re.compile(r"(https://|mailto:)(?!/)")
_RULE = "-" * 20


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph of plain text: `first` stands before its first line, `rest` before the others."""

    text: str  #: its own line ends are hard breaks
    first: str = ""
    rest: str = ""
    gap: bool = True  #: an empty line stands before it


@dataclass(frozen=True, slots=True)
class Link:
    """A link or image of a template."""

    target: str
    text: str
    image: bool = False
    titled: bool = False  #: a value stands in its title, where none can be shown


class BadLink(ValueError):
    """A value stands in a link where none can be put."""


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).disable(_OFF)


def parse(text: str) -> list[Token]:
    """The Markdown's tokens. Raw HTML is text, and so are links with a dangerous scheme."""
    return _parser().parse(text)


def mark_links(tokens: Sequence[Token]) -> None:
    """Turn the values inside links into their percent-encoded kind; `<mailto:…>` shows the address. Raises BadLink."""
    for token in _inline(tokens):
        if token.type == "text" and token.content.startswith("mailto:"):
            token.content = token.content.removeprefix("mailto:")
        elif token.type == "link_open":
            token.attrs["href"] = _with_values(str(token.attrs.get("href", "")))
            if TOKEN.search(str(token.attrs.get("title", ""))):
                raise BadLink("a value stands in the title of a link")


def html_of(tokens: Sequence[Token]) -> str:
    """Sanitised HTML."""
    import nh3

    parser = _parser()
    return nh3.clean(
        parser.renderer.render(list(tokens), parser.options, {}),
        tags=set(_TAGS),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        url_schemes={"https", "mailto"},
        link_rel=None,
    )


def _with_values(target: str) -> str:
    """A link's target with its values marked as what they are. Raises BadLink."""
    if not TOKEN.search(target):
        return target
    start = _CAN_TAKE_VALUES.match(target)
    if start is None:
        raise BadLink("a value stands in a link that does not begin with https:// or mailto:")
    kind = "u" if start[1] == "https://" else "m"
    return TOKEN.sub(rf"q{kind}\g<2>{kind}q", target)


def links_of(tokens: Sequence[Token]) -> Iterator[Link]:
    """Every link and image."""
    opened: Token | None = None
    text = ""
    for token in _inline(tokens):
        if token.type == "link_open":
            opened, text = token, ""
        elif token.type == "image":
            yield Link(str(token.attrs.get("src", "")), token.content, image=True)
        elif token.type == "link_close" and opened is not None:
            titled = TOKEN.search(str(opened.attrs.get("title", ""))) is not None
            yield Link(str(opened.attrs.get("href", "")), text, titled=titled)
            opened = None
        elif opened is not None:
            text += token.content


def text_of(tokens: Sequence[Token]) -> str:
    """The running text, without marks: for looking for words in it."""
    return "\n".join(_words(token.children or []) for token in tokens if token.type == "inline")


def _inline(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield from token.children or ()


def blocks_of(tokens: Sequence[Token]) -> list[Block]:
    """The plain text, block by block."""
    writer = _TextWriter()
    for token in tokens:
        writer.take(token)
    return writer.blocks


@dataclass(slots=True)
class _Mark:
    """What stands before the lines of a list item or quotation: its number once, then as many spaces."""

    first: str
    rest: str
    used: bool = False


class _TextWriter:
    """Walks through block tokens and keeps the marks that stand before a line."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._marks: list[_Mark] = []
        self._numbers: list[int] = []  # of open lists; -1 = bullets
        self._gap = True

    def take(self, token: Token) -> None:
        match token.type:
            case "ordered_list_open":
                self._open_list(int(token.attrs.get("start", 1)))
            case "bullet_list_open":
                self._open_list(-1)
            case "ordered_list_close" | "bullet_list_close":
                self._numbers.pop()
            case "list_item_open":
                self._open_item()
            case "blockquote_open":
                self._marks.append(_Mark("> ", "> "))
            case "list_item_close" | "blockquote_close":
                self._marks.pop()
            case "paragraph_open":
                self._gap = self._gap or not token.hidden
            case "heading_open":
                self._gap = True
            case "hr":
                self._gap = True
                self._write(_RULE)
            case "inline":
                self._write(_words(token.children or []))

    def _open_list(self, start: int) -> None:
        self._gap = self._gap or not self._numbers
        self._numbers.append(start)

    def _open_item(self) -> None:
        number = self._numbers[-1]
        mark = "- " if number < 0 else f"{number}. "
        self._numbers[-1] += number >= 0
        self._marks.append(_Mark(mark, " " * len(mark)))

    def _write(self, text: str) -> None:
        first = "".join(mark.rest if mark.used else mark.first for mark in self._marks)
        rest = "".join(mark.rest for mark in self._marks)
        for mark in self._marks:
            mark.used = True
        self.blocks.append(Block(text=text, first=first, rest=rest, gap=self._gap))
        self._gap = False


def _words(children: Sequence[Token]) -> str:
    """Inline tokens as text: hard breaks as line ends, a link's target after its text unless it is the text."""
    out: list[str] = []
    links: list[tuple[str, int]] = []
    for token in children:
        match token.type:
            case "softbreak":
                out.append(" ")
            case "hardbreak":
                out.append("\n")
            case "link_open":
                links.append((str(token.attrs.get("href", "")).removeprefix("mailto:"), len(out)))
            case "link_close":
                target, start = links.pop()
                if _plain(target) != _plain("".join(out[start:])):
                    out.append(f" ({target})")
            case _:
                out.append(token.content)
    return "".join(out)


def _plain(target: str) -> str:
    return TOKEN.sub(r"\2", unquote(target)).rstrip("/").casefold()
