"""The catalogues of our mails: everything said is translated, with its values and every plural form."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from babel import Locale
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from outreach.letters import catalogue

LETTERS = Path(catalogue.__file__).parent
TRANSLATED = [one for one in catalogue.languages() if one != catalogue.SOURCE]
everywhere = pytest.mark.parametrize("language", TRANSLATED)


def _said() -> set[Any]:
    """What the code asks the catalogues for, as Babel finds it."""
    words = {"say": None, "many": (1, 2), "gettext": None, "ngettext": (1, 2)}
    return {found[2] for found in extract_from_dir(LETTERS, keywords=words, method_map=[("**.py", "python")])}


def _read(language: str) -> Any:
    with (LETTERS / "locale" / language / "LC_MESSAGES" / "mail.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def test_the_languages_of_the_pages_are_there() -> None:
    """English is in the code."""
    assert catalogue.languages() == ("en", "ar", "el", "fr")
    assert len(_said()) > 30


@everywhere
def test_everything_said_is_translated_and_nothing_else_is(language: str) -> None:
    """No text is missing, fuzzy, or left over from an older wording."""
    texts = _read(language)
    assert {message.id for message in texts if message.id} == _said()
    assert [message.id for message in texts if message.id and message.fuzzy] == []
    for message in texts:
        forms = [message.string] if isinstance(message.string, str) else message.string
        assert all(forms)
        assert len(forms) == (texts.num_plurals if message.pluralizable else 1)


@everywhere
def test_every_form_has_the_values_of_its_source(language: str) -> None:
    """A name that is misspelt in a translation would stop the mail."""
    for message in _read(language):
        sources = message.id if isinstance(message.id, tuple) else (message.id,)
        wanted = {name for source in sources for name in re.findall(r"%\((\w+)\)[ds]", source)}
        for form in [message.string] if isinstance(message.string, str) else message.string:
            if message.id:
                assert set(re.findall(r"%\((\w+)\)[ds]", form)) == wanted
                assert form.replace("%(", "").count("%") == 0


@everywhere
def test_numbers_take_the_form_that_their_language_gives_them(language: str) -> None:
    """Two numbers share a form exactly where CLDR puts them into one category."""
    texts = catalogue.catalogue(language)
    one = "The link works for %(days)d day. After that we erase what was filled in."
    many = "The link works for %(days)d days. After that we erase what was filled in."
    rule = Locale.parse(language).plural_form
    numbers = range(251)
    pairs = {(rule(number), texts.ngettext(one, many, number)) for number in numbers}
    categories = {rule(number) for number in numbers}
    assert len(pairs) == len(categories)
    if language == "ar":
        assert texts.ngettext(one, many, 11) % {"days": 11} == "يعمل الرابط لمدة 11 يومًا. بعد ذلك نمحو ما أُدخِل."


@everywhere
def test_a_catalogue_says_who_has_reviewed_it(language: str) -> None:
    """Nobody yet."""
    text = (LETTERS / "locale" / language / "LC_MESSAGES" / "mail.po").read_text(encoding="utf-8")
    assert "No native speaker has reviewed this translation." in text.partition("msgid")[0]


@pytest.mark.parametrize(
    ("asked", "found"), [("fr", "fr"), ("fr-BE", "fr"), ("AR-eg", "ar"), ("en-GB", "en"), ("sw", "en"), ("", "en")]
)
def test_the_closest_language_is_found(asked: str, found: str) -> None:
    """Without its region, else English."""
    assert catalogue.closest(asked) == found
