"""How a letter begins: the sheet's form of address only where nothing about it is a guess."""

from __future__ import annotations

import pytest

from outreach.rules.salutation import is_foreign, is_one_form, salutation, same_language

NEUTRAL = "Dear Sir or Madam"

ONE_FORM = {
    "Dear Minister": "en",
    "Dear Minister of Foreign and European Affairs": "en",
    "Dear Sir or Madam": "en",
    "Your Excellency": "en",
    "Sehr geehrte Damen und Herren": "de",
    "Madame, Monsieur": "fr",
    "Geachte heer, mevrouw": "nl",
    "Уважаеми дами и господа": "bg",
    "Αξιότιμες κυρίες, αξιότιμοι κύριοι": "el",
    "Szanowni Państwo": "pl",
    "Tisztelt Hölgyem": "hu",
    "לכל מאן דבעי": "he",
    "السادة المحترمون": "ar",
    "ご担当者様": "ja",
}
SEVERAL_FORMS = {
    "Dear Mr. Secretary / Dear Madam Secretary": "en",
    "Dear Minister/Dear State Secretary": "en",
    "Sehr geehrte Damen und Herren; Madame, Monsieur": "de",
    "Dear Minister (Tēnā koe Minister)": "en-NZ",
    "Dear Minister and Dear State Secretary": "en",
    "Dear Minister or Dear Secretary of State": "en-GB",
    "Your Excellency or Honourable Minister": "en",
    "Sehr geehrter Herr Minister bzw. Frau Ministerin": "de",
    "Sehr geehrte Frau Ministerin oder Herr Minister": "de",  # codespell:ignore oder
    "Уважаеми господин министър и уважаема госпожо министър": "bg",
    "Vážený pane ministře a vážená paní ministryně": "cs",
    "Monsieur le Ministre ou Madame la Ministre": "fr",
    "Geachte heer of mevrouw": "nl",
    "Geachte heer/mevrouw minister": "nl",
    "Dear Minister | Dear Secretary": "en",
    "Dear Minister\nDear Secretary": "en",
    "Dear [Minister]": "en",
    "外務大臣 殿／経済産業大臣 殿": "ja",
}


@pytest.mark.parametrize(("form", "language"), ONE_FORM.items())
def test_one_form_in_the_letters_language_is_used(form: str, language: str) -> None:
    """A form without a choice needs no knowledge of the office's holder."""
    assert is_one_form(form, language)
    assert salutation(form, cell_language=language, letter_language=language, neutral=NEUTRAL) == form


@pytest.mark.parametrize(
    ("form", "language"),
    [
        ("Уважаеми дами и господа", "en"),
        ("Αξιότιμε κύριε Υπουργέ", "en-GB"),
        ("معالي الوزير المحترم", "fr"),
        ("כבוד השר", "en"),
        ("外務大臣 殿", "en"),
        ("Dear Minister", "el"),
        ("Dear Minister", "bg"),
        ("Sehr geehrte Damen und Herren", "en"),
        ("Monsieur le Ministre", "en-AU"),
        ("Excelentíssimo Senhor Ministro", "es"),
        ("Szanowny Panie Ministrze", "de"),
    ],
)
def test_a_form_plainly_of_another_language_is_not_used(form: str, language: str) -> None:
    """A row that asks for letters in English may still greet in the language of its state."""
    assert is_foreign(form, language)
    assert salutation(form, cell_language=language, letter_language=language, neutral=NEUTRAL) == NEUTRAL


@pytest.mark.parametrize(("form", "language"), [*ONE_FORM.items(), ("Poštovani gospodine ministre", "hr")])
def test_a_form_of_the_letters_language_is_not_foreign(form: str, language: str) -> None:
    """Words that no list knows are no alarm."""
    assert not is_foreign(form, language)


@pytest.mark.parametrize(("form", "language"), SEVERAL_FORMS.items())
def test_a_form_with_a_choice_is_never_used(form: str, language: str) -> None:
    """Which of them is right is not known."""
    assert not is_one_form(form, language)
    assert salutation(form, cell_language=language, letter_language=language, neutral=NEUTRAL) == NEUTRAL


@pytest.mark.parametrize(
    ("cell", "letter", "used"),
    [
        ("en", "en", True),
        ("en-GB", "en", True),
        ("pt", "pt-BR", True),
        ("EN", "en-gb", True),
        ("fr", "en", False),
        ("", "en", False),
        ("en", "", False),
        ("sr-Latn", "sr-Cyrl", False),
        ("sr-Latn", "sr", True),
        ("zh-Hans-CN", "zh-Hans", True),
    ],
)
def test_the_form_is_used_only_in_its_own_language(cell: str, letter: str, used: bool) -> None:
    """A Bulgarian salutation does not begin an English letter."""
    assert same_language(cell, letter) is used
    said = salutation("Dear Minister", cell_language=cell, letter_language=letter, neutral=NEUTRAL)
    assert said == ("Dear Minister" if used else NEUTRAL)


@pytest.mark.parametrize("form", ["Dear Minister,", "Dear Minister:", " Dear  Minister !", "Dear Minister،"])
def test_the_mark_after_the_salutation_is_the_letters(form: str) -> None:
    """The frame of the language puts its own mark."""
    assert salutation(form, cell_language="en", letter_language="en", neutral=NEUTRAL) == "Dear Minister"


@pytest.mark.parametrize("form", ["", "  ", ",", " : "])
def test_without_a_form_the_letter_is_neutral(form: str) -> None:
    """An empty cell is no salutation."""
    assert salutation(form, cell_language="en", letter_language="en", neutral=NEUTRAL) == NEUTRAL
