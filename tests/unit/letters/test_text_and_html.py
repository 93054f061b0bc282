"""One letter, two parts: plain text that reads well and HTML that looks like a letter; in several languages."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from outreach.letters import markdown
from outreach.letters.library import Library
from outreach.letters.press import Press
from outreach.letters.skeleton import _refuse_values_in_tags
from outreach.rules.wrapping import wrap

MARKDOWN = """## A heading

A paragraph with *weight* and **more weight**,
on two lines, with a [page](https://a.example/page) and <mailto:a@b.example>.

1. first
   - inner one
   - inner two
2. second

   still second
3. third

- tight
- list

> A quotation of a sentence that is long enough to be wrapped in the plain text of a letter to a ministry.

Line one\\
line two

---

The end.
"""
TEXT = """A heading

A paragraph with weight and more weight, on two lines, with a page
(https://a.example/page) and a@b.example.

1. first
   - inner one
   - inner two

2. second

   still second

3. third

- tight
- list

> A quotation of a sentence that is long enough to be wrapped in the
> plain text of a letter to a ministry.

Line one
line two

--------------------

The end.
"""


def test_markdown_becomes_text_that_reads_well(workspace: Any) -> None:
    """Lists keep their numbers, quotations their mark, links their target, and lines end before column 73."""
    workspace.frame("{% for demand in demands %}{{ demand.body }}{% endfor %}")
    workspace.demand(MARKDOWN)
    assert workspace.text() == TEXT


def test_markdown_becomes_plain_html(workspace: Any) -> None:
    """Only what a letter needs: no script, no image, no style sheet, nothing remote."""
    workspace.demand(MARKDOWN)
    page = workspace.html()
    for part in ("<strong", ">A heading</h2>", '<a href="https://a.example/page"', "<blockquote", "Line one<br>"):
        assert part in page
    assert not re.search(r"<(script|img|link|style|iframe|form|object)\b", page)
    assert re.findall(r'(?:href|src|action|background)="([^"]*)"', page) == [
        "https://a.example/page",
        "mailto:a@b.example",
    ]
    assert "url(" not in page
    assert "@import" not in page


def test_what_markdown_means_and_a_letter_does_not_is_text(workspace: Any) -> None:
    """An indented line is no program code, a line of dashes under a line no heading, HTML no HTML."""
    workspace.demand("Yours\n---\n\n    indented\n\n```\nfenced\n```\n\n1 < 2 & 3 > 2")
    page = workspace.html()
    assert "<hr" in page
    assert not re.search(r"<(code|pre|h1|h2)\b", page)
    assert "1 &lt; 2 &amp; 3 &gt; 2" in page


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._skip = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._skip += tag in {"title", "style"}

    def handle_endtag(self, tag: str) -> None:
        self._skip -= tag in {"title", "style"}

    def handle_data(self, data: str) -> None:
        if not self._skip:
            self.words += data.split()


def words_of(page: str) -> list[str]:
    parser = _Words()
    parser.feed(page)
    return parser.words


def test_both_parts_say_the_same(workspace: Any) -> None:
    """Filters compare them: more than nine in ten words are the same."""
    workspace.demand(MARKDOWN)
    text, page = (set(re.findall(r"\w+", part)) for part in (workspace.text(), " ".join(words_of(workspace.html()))))
    assert len(text & page) / len(text | page) > 0.9


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("short", ["short"]),
        ("a" * 80, ["a" * 80]),
        ("a" * 72 + " b", ["a" * 72, "b"]),
        ("word " * 20 + "end", [("word " * 14).strip(), "word " * 6 + "end"]),
        ("x " + "a" * 80 + " y", ["x", "a" * 80, "y"]),
        ("one\ntwo", ["one", "two"]),
        ("", [""]),
    ],
    ids=["short", "no space", "at the edge", "many", "long word", "hard break", "empty"],
)
def test_lines_are_cut_at_spaces_only(text: str, lines: list[str]) -> None:
    """No word is cut and none is lost."""
    assert wrap(text, "", "").split("\r\n") == lines


def test_marks_of_a_list_stand_before_its_lines() -> None:
    """The first line has the number, the others are set in."""
    out = wrap("word " * 30, "10. ", "    ").split("\r\n")
    assert out[0].startswith("10. word")
    assert all(line.startswith("    word") for line in out[1:] if line.strip())
    assert max(map(len, out)) <= 72


def test_a_single_demand_gives_its_subject_and_several_the_frames(workspace: Any) -> None:
    """A letter about one thing says so."""
    workspace.demand("x", slug="one", subject='"One ask, {{ state.name }}"')
    workspace.demand("x", slug="two")
    assert workspace.compose(demands=("one",)).subject == "One ask, Bulgaria"
    assert workspace.compose().subject == "Several asks"


def test_a_demand_knows_number_title_and_slug_in_the_frame(workspace: Any) -> None:
    """In the order of the dispatch."""
    workspace.frame(
        "{% for demand in demands %}\n\n"
        "{{ loop.index }} {{ demand.slug }}: {{ demand.title }}: {{ demand.body }}\n{% endfor %}"
    )
    workspace.demand("x", slug="one", title='"The *first*"')
    workspace.demand("x", slug="two", title='"The second"')
    text = workspace.text(demands=("two", "one"))
    assert "1 two: The second: x\n\n2 one: The *first*: x" in text


def test_every_name_of_the_context_has_its_value(workspace: Any) -> None:
    """What docs/letters.md promises."""
    workspace.sender = replace(
        workspace.sender,
        postal_address=("1 Example Street", "Example City"),
        reply_to="r+{token}@campaign.example",
        phone="+00 1",
        website="https://campaign.example",
    )
    workspace.frame(
        "{{ salutation }}|{{ salutation_words }}|{{ date }}|{{ facts_as_of }}|{{ subject }}|{{ step }}|"
        "{{ campaign.title }}\n\n"
        "{{ state.code }} {{ state.name }}\n\n"
        "{{ [institution.name, institution.name_local, institution.city, institution.role] }}\n\n"
        "{{ [sender.name, sender.organisation, sender.email, sender.reply_to, sender.phone, sender.website] }}\n\n"
        "{{ sender.postal_address }}\n\n"
        "{% for demand in demands %}{{ demand.body }}{% endfor %}"
    )
    workspace.demand("x", facts_as_of="2026-05-01")
    assert workspace.problems() == []
    assert workspace.text(name_local="Примерно") == (
        "Dear all,|Dear all|23 November 2026|1 May 2026|An ask|0|An invented\ncampaign\n\n"
        "BG Bulgaria\n\n"
        "Ministry of Examples\nПримерно\nSofia\nmfa\n\n"
        "Ada Example\nExample Rights\nletters@campaign.example\n"
        "r+abcdefghijklmnopqrstuvwxyz@campaign.example\n+00 1\nhttps://campaign.example\n\n"
        "1 Example Street\nExample City\n\nx\n"
    )


@pytest.mark.parametrize(
    ("form", "languages", "said"),
    [
        ("Dear Minister", ("en",), "Dear Minister,"),
        ("Dear Minister:", ("en",), "Dear Minister,"),
        ("Dear Mr Secretary / Dear Madam Secretary", ("en",), "Dear all,"),
        ("Уважаеми дами и господа", ("bg",), "Dear all,"),
        ("Dear Minister", (), "Dear all,"),
        ("", ("en",), "Dear all,"),
    ],
    ids=["one form", "own mark", "alternatives", "another language", "the state's language", "none"],
)
def test_the_sheets_form_of_address_is_used_only_where_it_fits(
    workspace: Any, form: str, languages: tuple[str, ...], said: str
) -> None:
    """One form, in the letter's language; else the frame's neutral one."""
    workspace.demand("x")
    assert workspace.text(form_of_address=form, own_languages=languages).startswith(said)


def test_a_frame_may_know_a_better_neutral_form_for_a_role(workspace: Any) -> None:
    """A foreign minister is an Excellency whoever holds the office."""
    workspace.frame(salutations='{ mfa = "Your Excellency" }')
    workspace.demand("x")
    assert workspace.text(role="mfa").startswith("Your Excellency,")
    assert workspace.text(role="trade_ministry").startswith("Dear all,")


def test_dates_and_states_are_in_the_letters_language(workspace: Any) -> None:
    """By CLDR: the month in the genitive, the state's own name."""
    workspace.frame("{{ date }} {{ state.name }} {{ demands[0].body }}", language="bg", date_format='"long"')
    workspace.frame("{{ date }} {{ state.name }} {{ demands[0].body }}", language="pt-BR", date_format='"long"')
    workspace.demand("x", language="bg")
    workspace.demand("x", language="pt-BR")
    assert re.fullmatch(r"23 ноември 2026\sг\. България x\n", workspace.text(languages=("bg",)))
    assert workspace.text(languages=("pt-BR",)) == "23 de novembro de 2026 Bulgária x\n"


RTL_FRAME = "{{ salutation }}\n\n{{ date }}\n\n{% for demand in demands %}{{ demand.body }}{% endfor %}\n\n"


def rtl_workspace(workspace: Any) -> Any:
    """English, Arabic and Hebrew frames of one demand."""
    workspace.frame(
        RTL_FRAME + "وتفضلوا بقبول فائق الاحترام والتقدير،",
        language="ar",
        neutral_salutation='"السادة المحترمون"',
        salutation_mark='"،"',
        date_format='"long"',
    )
    workspace.frame(RTL_FRAME + "בכבוד רב,", language="he", neutral_salutation='"לכל מאן דבעי"', date_format='"long"')
    workspace.demand("We ask **{{ institution.name }}** for an answer by [our page](https://a.example).")
    workspace.demand(
        "نطلب من **{{ institution.name }}** الرد على {{ sender.email }} عبر [صفحتنا](https://a.example).",
        language="ar",
        subject='"طلب"',
    )
    workspace.demand(
        "אנו מבקשים מ-**{{ institution.name }}** תשובה אל {{ sender.email }} דרך [העמוד שלנו](https://a.example).",
        language="he",
        subject='"בקשה"',
    )
    return workspace


def parts_of(page: str) -> list[tuple[str, str]]:
    """Language and direction of each part of the page."""
    divs = re.findall(r"<div [^>]*>", page)
    return [(re.findall(r'lang="(\w+)"', div)[0], re.findall(r'dir="(\w+)"', div)[0]) for div in divs]


def test_right_to_left_languages_say_so(workspace: Any) -> None:
    """`dir` and `lang` are on the page and on the part."""
    page = rtl_workspace(workspace).html(languages=("ar",))
    assert '<html lang="ar" dir="rtl">' in page
    assert parts_of(page) == [("ar", "rtl")]
    assert "text-align: right" in page
    assert "<bdi>letters@campaign.example</bdi>" in page


def test_several_languages_are_parts_of_one_letter(workspace: Any, reread: Any) -> None:
    """Each part has its own language, direction, salutation and date; a line stands between them."""
    letter = rtl_workspace(workspace).compose(languages=("he", "ar", "en"))
    room = workspace.room()
    text, page = room.text(letter.raw), room.html(letter.raw)
    assert letter.subject == "בקשה / طلب / An ask"
    message = reread(letter.raw)
    assert str(message["Content-Language"]) == "he, ar, en"
    assert str(message["Subject"]) == letter.subject
    parts = text.split("\n====================\n")
    assert [part.strip().split("\n")[0] for part in parts] == ["לכל מאן דבעי,", "السادة المحترمون،", "Dear all,"]
    assert parts_of(page) == [("he", "rtl"), ("ar", "rtl"), ("en", "ltr")]
    assert page.count("<hr") == 2


def test_a_part_that_names_a_state_is_read_in_every_language_of_the_letter(workspace: Any) -> None:
    """Cyprus is found in Arabic too."""
    rtl_workspace(workspace)
    workspace.demand("نكتب إليكم بشأن قبرص", language="ar")
    assert [one.code for one in workspace.problems()] == ["another-state"]


def test_a_value_inside_a_tag_is_refused_even_if_a_library_puts_it_there() -> None:
    """The last guard looks at the finished page."""
    _refuse_values_in_tags('<p>qz0001zq</p><a href="https://a.example/qu0002uq">x</a>')
    with pytest.raises(markdown.BadLink):
        _refuse_values_in_tags('<p title="qz0001zq">x</p>')
    with pytest.raises(markdown.BadLink):
        _refuse_values_in_tags("<p>qu0001uq</p>")


def test_skeletons_are_made_once_and_their_number_is_bounded(workspace: Any, planned: Any) -> None:
    """A thousand letters of one shape are one skeleton; a thousand shapes do not fill the memory."""
    workspace.demand("{% for n in range(row.n|length) %}\n\nturn {{ n }}\n{% endfor %}")
    press = Press(Library(workspace.root), workspace.campaign())
    for number in range(40):
        press.compose(planned(name=f"Ministry {number}", fields={"n": "x"}, identifier=f"{number:026}"))
    assert press._skeleton.cache_info().misses == 1
    for number in range(200):
        press.compose(planned(fields={"n": "x" * (number + 1)}))
    assert press._skeleton.cache_info().currsize <= 128
