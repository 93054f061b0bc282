"""The organisers' page: whole in itself, readable by everybody, and safe whatever stands in it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outreach.errors import OutreachError
from outreach.model.campaign import Mode
from outreach.model.matrix import Tally
from outreach.model.position import Position, Source, SourceKind
from outreach.model.status import Status
from outreach.reports.page import HERE, SYMBOLS, page, write_page
from outreach.rules.positions import WORDS
from support.organisers import AT, record, report

VOID = {"meta", "br", "path", "rect", "link", "img", "input", "hr"}


class Page(HTMLParser):
    """The page's elements, and whether they are closed in the order in which they were opened."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append((self.open[-1] if self.open else "", data))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    def text(self) -> str:
        return " ".join(" ".join(data for tag, data in self.words if tag != "style").split())


def test_the_page_asks_nothing_of_anybody(logs: Any) -> None:
    """No script, frame, form, image or style from elsewhere; its policy allows its own style alone."""
    text = page(report(logs))
    made = Page(text)
    assert not {name for name, _ in made.tags} & {"script", "link", "img", "iframe", "form", "object", "base", "input"}
    assert not [
        (name, key) for name, attributes in made.tags for key in attributes if key in {"src", "style", "srcdoc"}
    ]
    assert not [key for _, attributes in made.tags for key in attributes if key.startswith("on")]
    assert {attributes["href"][0] for attributes in made.all("a")} == {"#"}  # type: ignore[index]
    css = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert css
    assert not re.search(r"url\(|@import|expression|<", css[1])
    digest = base64.b64encode(hashlib.sha256(css[1].encode()).digest()).decode()
    (policy,) = [one["content"] for one in made.all("meta") if one.get("http-equiv")]
    assert policy
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")


def test_the_page_is_built_for_those_who_do_not_see_it(logs: Any) -> None:
    """Language, title, one h1, no level left out, captions, scopes, names for regions and pictures, links that lead."""
    made = Page(page(report(logs)))
    assert made.all("html") == [{"lang": "en", "dir": "ltr"}]
    assert len(made.all("title")) == len(made.all("main")) == len(made.all("h1")) == 1
    levels = [int(name[1]) for name, _ in made.tags if re.fullmatch(r"h[1-6]", name)]
    assert all(later <= level + 1 for level, later in pairwise(levels))
    assert len(made.all("table")) == len(made.all("caption")) == 4
    assert all(one.get("scope") in {"row", "col"} for one in made.all("th"))
    ids = Counter(attributes["id"] for _, attributes in made.tags if "id" in attributes)
    assert set(ids.values()) == {1}
    labels = [attributes["aria-labelledby"] for _, attributes in made.tags if "aria-labelledby" in attributes]
    links = [str(attributes["href"])[1:] for attributes in made.all("a")]
    assert set(labels) | set(links) <= ids.keys()
    assert all(one.get("role") == "img" and one.get("aria-labelledby") for one in made.all("svg"))
    regions = [attributes for _, attributes in made.tags if attributes.get("role") == "region"]
    assert len(regions) == 4
    assert all(one.get("tabindex") == "0" for one in regions)


def test_no_position_is_told_by_colour_alone(logs: Any) -> None:
    """Each has a word and a symbol of its own, and a legend says what it means."""
    assert len(set(SYMBOLS.values())) == len(set(WORDS.values())) == len(Tally)
    text = Page(page(report(logs))).text()
    for tally in Tally:
        assert f"{SYMBOLS[tally]} {WORDS[tally]}" in text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(scheme: str) -> None:
    """WCAG 2.2, 1.4.3: at least 4.5 to 1, in the light and in the dark."""
    css = (HERE / "report.css").read_text("utf-8")
    blocks = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", blocks[0 if scheme == "light" else 1]))
    pairs = [(f"{tally.value}-fg", f"{tally.value}-bg") for tally in Tally] + [("alarm-fg", "alarm-bg")]
    pairs += [(ink, ground) for ink in ("ink", "soft", "link", "late") for ground in ("paper", "sheet")]
    ratios = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in pairs}
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < 4.5} == {}
    assert contrast(colours["bar"], colours["sheet"]) >= 3  # 1.4.11: what is drawn


def contrast(one: str, other: str) -> float:
    """WCAG's contrast of two colours."""

    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted([light(one), light(other)])
    return (lighter + 0.05) / (darker + 0.05)


def test_a_rehearsal_says_so_first_and_a_live_page_does_not(logs: Any) -> None:
    """Banner and title of the window; a live page has neither, and nothing of invented states."""
    made = Page(page(report(logs)))
    assert made.text().index("REHEARSAL nothing was sent to any state.") < made.text().index("At a glance")
    live = page(report(logs, mode=Mode.LIVE))
    assert "REHEARSAL" not in live
    assert "We do." not in live
    assert "8 records of states that do not belong" not in live
    assert "7 records of states that do not belong" in live


def test_first_letters_and_reminders_are_told_apart(logs: Any) -> None:
    """At a glance the first letters are counted, in the weeks reminders too: the page says so at each number."""
    words = " ".join(Page(page(report(logs))).text().split())
    assert re.search(r"first letters? sent: ", words)
    assert "letters and reminders accepted" in words


def test_each_cell_leads_to_its_sentence_and_source_with_the_hash(logs: Any) -> None:
    """And back; what was on record before stands below it."""
    scan = Source(id=3, kind=SourceKind.POST, taken_on=AT.date(), sha256="b" * 64, name="scan.pdf", kept=True)
    first = record(1, Position.OPPOSES, quote="Never.", by="Ben")
    made = page(report(logs, first, record(3, Position.SUPPORTS, demand="d0", source=scan, due_on=date(2026, 3, 1))))
    assert re.search(r'<a id="c3" href="#r3">', made)
    assert re.search(r'<article class="record" id="r3"', made)
    text = Page(made).text()
    assert "OVERDUE, promised by 2026-03-01 We do. Source letter by post of 2 March 2026, scan.pdf" in text
    assert "SHA-256 " + "b" * 64 in text
    assert "Before: opposes, Never. ( Ben , 2 March 2026)" in text


def test_a_position_whose_source_is_gone_is_told_as_unsupported(logs: Any) -> None:
    """Beside what it was."""
    gone = Source(id=3, kind=SourceKind.POST, taken_on=AT.date(), sha256="b" * 64, name="scan.pdf")
    text = Page(page(report(logs, record(1, Position.SUPPORTS, source=gone)))).text()
    assert "On record as “supports”, but the source is gone" in text


def test_the_totals_of_the_page_add_up(logs: Any) -> None:
    """The numbers of each demand, of each state and of all."""
    made = report(logs)
    text = page(made)
    every = re.findall(r"<table.*?</table>", text, re.DOTALL)
    tables = [re.split("<tfoot>", one.partition("<tbody>")[2]) for one in every if "<tfoot>" in one]
    assert len(tables) == 3
    for body, foot in tables:
        rows = [
            [int(n) for n in re.findall(r'<td class="number[^"]*">(\d+)<', row)] for row in body.split("</tr>")[:-1]
        ]
        last = [int(n) for n in re.findall(r'<td class="number[^"]*">(\d+)<', foot)]
        assert last == [sum(column) for column in zip(*rows, strict=True)]


ATTACKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</p></td></style><svg onload=alert(1)>",
    "{{ 7*7 }}{% raw %}{{ ''.__class__ }}",
    "javascript:alert(1)",
    "<!-- ",
    "]]>",
    "&lt;b&gt;",
    "\u202egnp.exe",
    "a\x00b\x1b[31m\r\nc\u2028d",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_that_stands_in_it_changes_the_page(logs: Any, attack: str) -> None:
    """Every free text at once: the elements and their attributes are those of the harmless page."""
    source = Source(
        id=1, kind=SourceKind.STATEMENT, taken_on=AT.date(), sha256="b" * 64, name=attack, url=attack, kept=True
    )

    def hostile(words: str) -> str:
        its = replace(source, name=words, url=words)
        one = record(1, Position.SUPPORTS, quote=words, by=words, note=words, source=its)
        return page(report(logs, one, replace(one, id=3), text=words, name=f"E{words}"))

    made, harmless = Page(hostile(attack)), Page(hostile("harmless"))
    free = {"title"}
    assert [(name, {k: v for k, v in attributes.items() if k not in free}) for name, attributes in made.tags] == [
        (name, {k: v for k, v in attributes.items() if k not in free}) for name, attributes in harmless.tags
    ]
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e\u2028]", hostile(attack))
    assert "49" not in made.text()


def test_a_web_address_of_a_source_is_a_link_that_tells_nobody(logs: Any) -> None:
    """The only way out of the page, and it carries no referrer."""
    url = "https://gov.example/a?b=1&c=2"
    source = Source(id=1, kind=SourceKind.STATEMENT, taken_on=AT.date(), url=url)
    links = [
        one for one in Page(page(report(logs, record(1, Position.SUPPORTS, source=source)))).all("a") if "rel" in one
    ]
    assert links == [{"href": url, "rel": "noreferrer noopener nofollow external"}]


def test_names_keep_their_direction_to_themselves(logs: Any) -> None:
    """An Arabic sentence finds its own direction; names are set apart from what stands beside them."""
    made = page(report(logs, record(1, Position.SUPPORTS, quote="نؤيد ذلك.", by="ليلى")))
    assert '<blockquote dir="auto">نؤيد ذلك.</blockquote>' in made
    assert "<bdi>ليلى</bdi>" in made


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(), st.text())
def test_any_text_makes_a_page_that_is_whole(logs: Any, text: str, name: str) -> None:
    """Every element is closed, whatever the names are."""
    Page(page(report(logs, record(1, Position.SUPPORTS, quote=text, note=name), text=text, name=name)))


def test_the_same_report_gives_the_same_page_in_a_new_file(logs: Any, tmp_path: Path) -> None:
    """Byte for byte; a file that is there is not replaced unasked."""
    path = tmp_path / "report.html"
    write_page(report(logs), path)
    assert path.read_bytes() == page(report(logs)).encode()
    with pytest.raises(OutreachError, match="exists"):
        write_page(report(logs), path)
    write_page(report(logs, mode=Mode.LIVE), path, overwrite=True)


def test_invented_states_among_real_ones_are_told_apart(logs: Any) -> None:
    """With how many institutions; where there are no others it need not be said, and live there are none."""
    real, invented = logs.standing(Status.ACCEPTED, "bg-1"), logs.standing(Status.ACCEPTED, "qm-1")
    more = logs.standing(Status.ACCEPTED, "qm-2")
    words = "1 of these states, with 2 institutions, is invented for this rehearsal and alone can have positions: "
    for mode, rows, said in (
        (Mode.REHEARSAL, (real, invented, more), True),
        (Mode.REHEARSAL, (invented, more), False),
        (Mode.REHEARSAL, (real,), False),
        (Mode.LIVE, (real, invented, more), False),
    ):
        made = replace(report(logs, mode=mode), log=logs.of(*rows, mode=mode))
        assert (words in Page(page(made)).text()) is said


def test_letters_from_own_mailboxes_are_told_where_somebody_wrote_one(logs: Any) -> None:
    """In a sentence, and in a column of the states that adds up."""
    made = report(logs)
    assert "own mailboxes" not in page(made)
    first, *others = made.log.states
    states = (replace(first, own_letters=1_200), *others)
    log = replace(made.log, states=states, total=replace(made.log.total, own_letters=1_200))
    text = page(replace(made, log=log))
    assert "Supporters wrote 1,200 letters from their own mailboxes." in text
    assert '<th scope="col" class="number">letters from own mailboxes</th>' in text
    assert text.count('<td class="number">1,200</td>') == 2
    cells = [
        len(re.findall(r"<t[dh]", row)) for row in re.findall(r"(?s)<tr>.*?</tr>", text[text.index('id="states"') :])
    ]
    assert len(set(cells[: len(states) + 2])) == 1
    Page(text)
