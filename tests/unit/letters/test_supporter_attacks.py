"""What supporters type is shown as it is and acts on nothing: no header, no HTML, nothing that stands around it."""

from __future__ import annotations

import email
import unicodedata
from email.header import decode_header, make_header
from email.policy import compat32
from email.utils import getaddresses
from html.parser import HTMLParser
from typing import Any

import pytest

from outreach.letters import LetterRoom, SupporterLetterRoom, own
from outreach.letters.wire import is_clean
from outreach.model.campaign import Mode
from outreach.model.notice import LETTER_TO, NoticeKind
from support.crowd import ROOT, action, campaign, dispatch, notice_of, target

READ = LetterRoom(ROOT)
HEADERS = ["From", "To", "Reply-To", "Subject", "Message-ID", "MIME-Version", "Content-Language", "Content-Type"]
NAMES = {
    "header injection": ("A\r\nBcc: x@y.z", "A Bcc: x@y.z"),
    "line separators": ("a\u2028b\x85c\rd", "a b c d"),
    "encoded word": ("=?utf-8?q?a=0d=0aBcc:_x?=", "=?utf-8?q?a=0d=0aBcc:_x?="),
    "address of another": ('"Minister" <m@gov.example>, evil', '"Minister" <m@gov.example>, evil'),
    "bidi override": ("\u202eelpmaxE\u202c", "elpmaxE"),
    "isolate left open": ("\u2067Noor", "Noor"),
    "HTML": ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    "HTML that closes": ("</p><img src=x onerror=a()>", "</p><img src=x onerror=a()>"),
    "Jinja": ("{{7*7}}{% raw %}", "{{7*7}}{% raw %}"),
    "Markdown": ("[here](https://evil.example) **b**", "[here](https://evil.example) **b**"),
    "our own token": ("qz0001zq", "qz0001zq"),
    "NUL and escape": ("No\x00or\x1b[2J", "Noor[2J"),
    "half a character": ("No\ud800or", "Noor"),
    "emoji": ("Noor 🕊️👩‍🏫", "Noor 🕊️👩‍🏫"),
    "Hebrew": ("נועה דוגמה", "\u2068נועה דוגמה\u2069"),
    "Arabic": ("نور مثال", "\u2068نور مثال\u2069"),
}
WORDS = {
    "From line": "From nowhere\n\nFrom me",
    "dot": ".\n..\n. MAIL FROM:<a@b.c>",
    "bare ends": "a\rb\r\nc\u2028d\x85e",
    "HTML": "</p><script>x</script><style>*{}</style> & &lt;",
    "Markdown": "# Head\n- item\n> quote\n![x](https://evil.example/p.gif)\n    code",
    "Jinja": "{{ sender.email }} {% for x in range(99) %}",
    "boundary": "--=_outreach_letter_part--",
    "our own token": "qp0002pq qu0001uq",
    "signature": "-- \nNot me",
    "headers": "\n\nBcc: x@y.z\n\nHello",
    "10,000 characters": "word " * 2_000,
    "one long word": "w" * 10_000,
    "many lines": "\n".join("a" for _ in range(5_000)),
    "emoji": "🕊️" * 50,
    "Arabic": "أنا معلّمة. (Pegasus) 2021.",
    "NUL": "a\x00b\x07c",
}


def _from(raw: bytes) -> list[tuple[str, str]]:
    """Names and addresses of From, by the older reader: that of 3.11's default policy parts long names anew."""
    value = email.message_from_bytes(raw, policy=compat32)["From"].replace("\r\n", "")
    return [(str(make_header(decode_header(name))), address) for name, address in getaddresses([value])]


class _Page(HTMLParser):
    """The tags, links and words of a page, but for its title."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.targets: list[str] = []
        self.text = ""
        self._title = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._title = tag == "title"
        self.tags.add(tag)
        self.targets += [value for name, value in attrs if name in {"href", "src"}]
        assert not [name for name, _ in attrs if name.startswith("on")]
        self.text += "\n" if tag in {"br", "p"} else ""

    def handle_endtag(self, tag: str) -> None:
        self._title = False

    def handle_data(self, data: str) -> None:
        self.text += "" if self._title else data


def page(raw: bytes) -> _Page:
    return _Page(READ.html(raw))


def spoken(text: str) -> list[str]:
    """Words, without the marks that stand before lines and without rules."""
    return [word for word in text.replace("> ", "").split() if set(word) - set("->=")]


SAFE = {
    "html",
    "head",
    "meta",
    "title",
    "body",
    "table",
    "tbody",
    "tr",
    "td",
    "div",
    "p",
    "br",
    "em",
    "strong",
    "ul",
    "li",
}
SAFE |= {"hr", "blockquote", "a", "bdi"}


@pytest.mark.parametrize(("typed", "shown"), NAMES.values(), ids=NAMES.keys())
def test_a_name_is_a_name_wherever_it_stands(room: SupporterLetterRoom, reread: Any, typed: str, shown: str) -> None:
    """In From, in the signature, in a digest's list."""
    it = action(name=typed, place=typed, words="I worry.")
    copy = room.copy(dispatch(), target(), it, campaign(), mode=Mode.REHEARSAL)
    digest = room.digest(dispatch(), target(), [it], 1, campaign(), mode=Mode.REHEARSAL)
    for letter in (copy, digest):
        mail = reread(letter.raw)
        assert list(mail.keys()) == HEADERS
        assert mail.defects == []
        assert is_clean(letter.raw)
        assert page(letter.raw).tags <= SAFE
        assert page(letter.raw).targets == []
        assert spoken(page(letter.raw).text) == spoken(READ.text(letter.raw))
    isolates = "\u2068\u2069"
    assert _from(copy.raw) == [
        (f"{shown.strip(isolates)} via Example Rights International", "letters@campaign.example")
    ]
    assert f"{shown}\n{shown}\n" in READ.text(copy.raw)
    assert f"- {shown}, {shown}\n" in READ.text(digest.raw)


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS.keys())
def test_words_are_words(room: SupporterLetterRoom, reread: Any, words: str) -> None:
    """Nothing in them is compiled, is Markdown or HTML, is a link, or ends the mail."""
    letter = room.copy(dispatch(), target(), action(words=words), campaign(), mode=Mode.REHEARSAL)
    mail = reread(letter.raw)
    assert list(mail.keys()) == HEADERS
    assert [part.defects for part in mail.walk()] == [[], [], []]
    assert is_clean(letter.raw)
    assert max(map(len, letter.raw.split(b"\r\n"))) <= 78
    assert b"\nFrom " not in letter.raw
    assert page(letter.raw).tags <= SAFE
    assert page(letter.raw).targets == []
    said = " ".join(READ.text(letter.raw).split())
    assert " ".join(own.words(words, "en").split()) in said
    assert spoken(page(letter.raw).text) == spoken(READ.text(letter.raw))
    assert said.endswith("Example City https://campaign.example")


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS.keys())
@pytest.mark.parametrize("kind", [NoticeKind.RECEIPT, NoticeKind.ANSWER, NoticeKind.FAILURE])
def test_quoted_words_are_words_in_our_own_mails(
    room: SupporterLetterRoom, reread: Any, kind: NoticeKind, words: str
) -> None:
    """A letter, an answer and what a server said are text."""
    said = {
        "institution": "A ministry",
        "day": "2026-11-25",
        LETTER_TO + "A ministry": words,
        "answer": words,
        "server": words,
    }
    raw = notice_of(room, kind, said=said)
    mail = reread(raw)
    assert [part.defects for part in mail.walk()] == [[], [], []]
    assert is_clean(raw)
    assert page(raw).tags <= SAFE
    assert {one for one in page(raw).targets if not one.startswith("https://act.example/")} == set()
    assert spoken(page(raw).text) == spoken(READ.text(raw))
    assert b"\nFrom " not in raw


@pytest.mark.parametrize("words", ["أنا معلّمة. (Pegasus) 2021.", "אני מורה (א)."])
def test_a_paragraph_runs_as_it_is_written(room: SupporterLetterRoom, words: str) -> None:
    """Right-to-left words in an English frame, and English ones below them."""
    both = f"{words}\n\nIn English.\n\n2021!"
    letter = room.copy(dispatch(), target(), action(words=both, language="ar"), campaign(), mode=Mode.REHEARSAL)
    html = READ.html(letter.raw)
    tongue = ' lang="ar"'
    style = 'style="margin: 0 0 16px; text-align: {};"'
    assert f'<p{tongue} dir="rtl" {style.format("right")}>{words}</p>' in html
    assert f'<p dir="ltr" {style.format("left")}>In English.</p>' in html
    assert f'<p{tongue} dir="rtl" {style.format("right")}>2021!</p>' in html


def test_what_acts_without_being_seen_is_taken_out() -> None:
    """Of all Unicode: no control, no bidi embedding, override or isolate, no half of a character is left."""
    everything = "".join(map(chr, range(0x110000)))
    for text in (own.line(everything), own.words(everything, "en").replace("\n", "")):
        left = {character for character in text if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}}
        acting = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
        assert left == set()
        assert {character for character in text if unicodedata.bidirectional(character) in acting} == set()
