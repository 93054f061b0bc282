"""The pages' texts in other languages: none is missing, and none says less or more than the English one."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import outreach.web
from outreach.web.wording import FILE, FOLDER, SOURCE, closest, languages, texts

HERE = Path(outreach.web.__file__).parent
OTHERS = [one for one in languages() if one != SOURCE]


@cache
def said() -> frozenset[str | tuple[str, ...]]:
    """Every text of templates and code."""
    found = extract_from_dir(
        HERE,
        method_map=[("*.py", "python"), ("templates/**.html", "jinja2")],
        options_map={"templates/**.html": {"newstyle_gettext": "true", "silent": "false"}},
        keywords={"_": None, "ngettext": (1, 2), "say": None},
    )
    return frozenset(one[2] for one in found)


def catalogue(language: str) -> Catalog:
    with (FOLDER / language / "LC_MESSAGES" / FILE).open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"%\(\w+\)s|%%", text))


def forms(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def test_english_french_greek_and_arabic() -> None:
    """These are there, and the English texts are a hundred at least: the extraction works."""
    assert languages() == ("en", "ar", "el", "fr")
    assert len(said()) > 100


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_translated_and_none_is_left_over(language: str) -> None:
    """No empty one, no fuzzy one, none that the pages do not say any more."""
    found = [one for one in catalogue(language) if one.id]
    assert {one.id for one in found} == said()
    assert not [one.id for one in found if one.fuzzy or not all(forms(one))]


@pytest.mark.parametrize("language", OTHERS)
def test_placeholders_agree(language: str) -> None:
    """A form for one, or for two, may say the number in words; no form names what the page does not give."""
    for one in catalogue(language):
        if isinstance(one.id, tuple):
            wanted = placeholders(one.id[1])
            assert all(placeholders(form) in ([], wanted) for form in forms(one)), one.id
            assert placeholders(forms(one)[-1]) == wanted, one.id
        elif one.id:
            assert placeholders(forms(one)[0]) == placeholders(one.id), one.id


@pytest.mark.parametrize("language", OTHERS)
def test_every_plural_has_its_forms(language: str) -> None:
    """As many as the language has."""
    found = catalogue(language)
    assert all(len(forms(one)) == found.num_plurals for one in found if isinstance(one.id, tuple))


def test_arabic_counts_as_arabic_does() -> None:
    """One, two, three to ten, eleven and more, a hundred: five forms, none of them English."""
    one, many = "One thing is not right yet", "%(num)s things are not right yet"
    said_so = [texts("ar").ngettext(one, many, number) for number in (1, 2, 3, 11, 100)]
    assert len(set(said_so)) == 5
    assert not [text for text in said_so if "thing" in text]


@pytest.mark.parametrize("language", OTHERS)
def test_each_says_that_nobody_has_reviewed_it(language: str) -> None:
    """In the file, for whoever mends it; the page says it to its readers."""
    head = (FOLDER / language / "LC_MESSAGES" / FILE).read_text("utf-8").split("msgid")[0]
    assert "No native speaker has reviewed this translation." in head


@pytest.mark.parametrize(
    ("wanted", "found"), [("ar", "ar"), ("ar-EG", "ar"), ("fr-CA", "fr"), ("de", "en"), ("", "en")]
)
def test_a_region_finds_its_language(wanted: str, found: str) -> None:
    """A page in a language that we have no texts in has ours in English."""
    assert closest(wanted) == found
