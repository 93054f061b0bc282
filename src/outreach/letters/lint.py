"""What a careful reader would stop at: in a template's own words, and in the values that the sheet puts into it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from jinja2 import nodes
from markdown_it.token import Token

from outreach.letters import markdown
from outreach.letters.grammar import Flaw
from outreach.letters.head import Head
from outreach.letters.values import TOKEN
from outreach.states import mentioned_states, state_name

MAX_LINKS = 2
SHORTENERS = frozenset(
    {
        *("bit.ly", "t.co", "tinyurl.com", "goo.gl", "ow.ly", "is.gd", "v.gd", "buff.ly", "lnkd.in", "rebrand.ly"),
        *(
            "cutt.ly",
            "rb.gy",
            "shorturl.at",
            "tiny.cc",
            "t.ly",
            "s.id",
            "bl.ink",
            "kurzelinks.de",
            "urlz.fr",
            "shorte.st",
        ),
        *("adf.ly", "t.me", "wa.me", "dlvr.it", "trib.al", "soo.gd", "clck.ru", "vk.cc"),
    }
)
_PLACEHOLDER = re.compile(
    r"REPLACE[ _-]?ME|\bTODO\b|\bFIXME\b|\bXXX+\b|(?i:\blorem ipsum)"
    r"|(?i:[\[<](?:your|insert|name of|fill in)\b[^\]>]*[\]>])"
)
#: Fields of mail merges that were never filled in: Jinja, Word, Mailchimp, shell, and older ones.
_LEFT_OVER = re.compile(
    r"\{\{-?\s*[A-Za-z_][\w.]*\s*-?\}\}|«[A-Za-z_]\w*»|<<\s*[A-Za-z_]\w*\s*>>|\*\|[A-Za-z_]\w*\|\*"
    r"|\$\{\s*[A-Za-z_][\w.]*\s*\}|%%[A-Za-z_]\w*%%"
)
_BARE_URL = re.compile(r"\b(?:https?://|www\.)[^\s<>()\"']+", re.IGNORECASE)
_NO_TEXT = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_SPACE = re.compile(r"[\s\x85\u2028\u2029]+")
_VALUE = "qz9999zq"  # stands for any value while a template is looked at


@dataclass(frozen=True, slots=True)
class _Text:
    """A template's own words, every branch of it, with the file's line of each of its lines."""

    text: str
    lines: tuple[int, ...]

    def line_at(self, position: int) -> int:
        return self.lines[self.text.count("\n", 0, position)]

    def line_of(self, words: str) -> int:
        """The line of the first place that holds the words, or the beginning of them."""
        for part in (words, re.split(rf"{_VALUE}|%", words)[0]):
            at = self.text.find(part)
            if part and at >= 0:
                return self.line_at(at)
        return self.lines[0]


def own_words(tree: nodes.Template) -> _Text:
    """The template with its tags taken out and `_VALUE` for each value."""
    parts: list[str] = []
    lines = [1]
    for output in tree.find_all(nodes.Output):
        for child in output.nodes:
            said = child.data if isinstance(child, nodes.TemplateData) else _VALUE
            if not parts or parts[-1].endswith("\n"):
                lines[-1] = child.lineno
            parts.append(said)
            lines += [child.lineno + turn for turn in range(1, said.count("\n") + 1)]
    return _Text("".join(parts), tuple(lines))


def flaws(tree: nodes.Template, head: Head, keys: Mapping[str, int], language: str) -> list[Flaw]:
    """Placeholders, raw HTML, links and other states' names in a template's own words."""
    words = own_words(tree)
    found = [*_in_words(words), *_in_links(words), *_in_head(head, keys)]
    return [*found, *_mentions(words, tree, head, keys, language)]


def _in_head(head: Head, keys: Mapping[str, int]) -> Iterator[Flaw]:
    for key in ("subject", "title", "neutral_salutation"):
        if found := _PLACEHOLDER.search(getattr(head, key)):
            yield Flaw(keys.get(key, 1), "placeholder", f'"{found[0][:40]}" still stands in the {key}.', _FILL)


_FILL = "Write what belongs there."
_MARKDOWN = "Write Markdown."


def placeholder(text: str) -> str:
    """A placeholder that nobody filled in, or ""."""
    found = _PLACEHOLDER.search(text) or _LEFT_OVER.search(text)
    return found[0][:40] if found else ""


def _in_words(words: _Text) -> Iterator[Flaw]:
    for pattern, code, said, todo in _NEVER:
        lines = set()
        for found in pattern.finditer(words.text):
            line = words.line_at(found.start())
            if line not in lines:
                lines.add(line)
                yield Flaw(line, code, said.format(ascii(found[0][:40])), todo)


_NEVER = (
    (_PLACEHOLDER, "placeholder", "{} still stands here.", _FILL),
    (re.compile(r"\{\{|\}\}|\{%|%\}"), "placeholder", "{} would be shown as it is.", _FILL),
    (
        re.compile(r"</?[A-Za-z][A-Za-z0-9]*(?=[\s/>])"),
        "html-in-template",
        "{} is HTML, which is shown as text.",
        _MARKDOWN,
    ),
    (_NO_TEXT, "control-character", "{} is a character that no letter may hold.", "Delete it."),
)


def _in_links(words: _Text) -> Iterator[Flaw]:
    tokens = markdown.parse(words.text)
    for link in markdown.links_of(tokens):
        flaw = _link_flaw(link, words.line_of(link.target))
        if flaw is not None:
            yield flaw
    if broken := re.search(r"\]\([a-zA-Z]+:[^)\s]*\)?", markdown.text_of(tokens)):
        said = f'"{broken[0][:60]}" is no link that a letter may have.'
        yield Flaw(words.line_of(broken[0]), "broken-link", said, "Link to https:// or mailto: only.")
    web = {target: words.line_of(target) for target in sorted(web_links(tokens))}
    for target, line in web.items():
        yield from _target_flaws(target, line)
    if len(web) > MAX_LINKS:
        yield Flaw(max(web.values()), "too-many-links", f"This template has {len(web)} links.", TOO_MANY_TODO)


def web_links(tokens: Sequence[Token]) -> set[str]:
    """Where the links and the bare addresses of a text lead, without mailto."""
    targets = {link.target for link in markdown.links_of(tokens) if not link.image}
    targets |= {found[0].rstrip(".,;:") for found in _BARE_URL.finditer(markdown.text_of(tokens))}
    return {target for target in targets if not target.startswith("mailto:")}


TOO_MANY_TODO = f"Filters distrust more than {MAX_LINKS} in a letter: keep the {MAX_LINKS} that matter."


def _link_flaw(link: markdown.Link, line: int) -> Flaw | None:
    target = _shown(link.target)
    if link.image:
        todo = "Take it out: it would tell who opens the letter, or be blocked."
        return Flaw(line, "remote-image", f'An image ("{target}") does not belong in a letter.', todo)
    if link.titled:
        return Flaw(line, "value-in-link", "A value stands in the title of a link.", "Write it in the text instead.")
    if TOKEN.search(link.target) and not re.match(r"(?:https://|mailto:)(?!/)", link.target):
        todo = "Write https:// or mailto: before it yourself."
        return Flaw(line, "value-in-link", "A value stands where a link must say where it leads.", todo)
    shown = _BARE_URL.match(link.text)
    if shown and not TOKEN.search(link.text) and urlsplit(shown[0]).hostname != urlsplit(link.target).hostname:
        said = f'The link shows "{link.text[:60]}" and leads to "{target}".'
        return Flaw(line, "misleading-link", said, "Show where it leads.")
    return None


def _shown(target: str) -> str:
    return target.replace(_VALUE, "…")[:60]


def _target_flaws(target: str, line: int) -> Iterator[Flaw]:
    scheme, _, rest = target.partition("://")
    if scheme.casefold() != "https" and not target.startswith(_VALUE):
        said = f'"{_shown(target)}" does not begin with https://.'
        yield Flaw(line, "insecure-link", said, "Use the https:// address.")
    host = rest.partition("/")[0].casefold().removeprefix("www.")
    if host in SHORTENERS:
        yield Flaw(line, "short-link", f'"{_shown(target)}" hides where it leads.', "Write the full address.")


def _mentions(words: _Text, tree: nodes.Template, head: Head, keys: Mapping[str, int], language: str) -> Iterator[Flaw]:
    texts = [words.text, head.subject, head.title, *(str(c.value) for c in tree.find_all(nodes.Const))]
    for code in sorted(frozenset[str]().union(*(mentioned_states(text, language) for text in texts)) - head.mentions):
        rows = words.text.split("\n")
        line = next((words.lines[i] for i, row in enumerate(rows) if code in mentioned_states(row, language)), 0)
        line = line or keys.get("subject", 0)
        todo = f'If every state may read that, add "{code}" to `mentions` in the head.'
        yield Flaw(line, "another-state", f"The wording names {state_name(code, 'en')} ({code}).", todo)


@lru_cache(maxsize=8192)
def as_text(value: str) -> str | None:
    """A value as a letter may show it, its white space and line ends as single spaces; None when it is no text."""
    if value.isascii() and value.isprintable():
        return " ".join(value.split()) if "  " in value or value[:1] == " " or value[-1:] == " " else value
    if _NO_TEXT.search(value):
        return None
    return unicodedata.normalize("NFC", _SPACE.sub(" ", value)).strip()


@lru_cache(maxsize=8192)
def named_states(value: str, language: str) -> frozenset[str]:
    """`mentioned_states`, remembered: many letters hold the same values."""
    return mentioned_states(value, language)


@lru_cache(maxsize=8192)
def unfilled(value: str) -> str:
    """`placeholder`, remembered."""
    return placeholder(value)
