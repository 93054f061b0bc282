"""How a letter begins: with the sheet's form of address where that is safe, else with the neutral one."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

_MARKS = " \t,.:;!،؛：，、！。"  #: the mark after a salutation is the letter's, not the sheet's
_ALTERNATIVES = re.compile(r"[/;|()\[\]（）／；\n]|\bbzw\b", re.IGNORECASE)
#: How languages say "or" and "and": the first offers a choice, the second may ("Dear Minister and dear Secretary").
_OR_AND: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "ar": (("أو",), ("و",)),
    "bg": (("или",), ("и",)),
    "cs": (("nebo", "či"), ("a",)),
    "da": (("eller",), ("og",)),
    "de": (("oder",), ("und",)),  # codespell:ignore oder
    "el": (("ή",), ("και",)),
    "en": (("or",), ("and",)),
    "es": (("o", "u"), ("y", "e")),
    "et": (("või",), ("ja",)),
    "fi": (("tai",), ("ja",)),
    "fr": (("ou",), ("et",)),
    "he": (("או",), ()),
    "hr": (("ili",), ("i",)),
    "hu": (("vagy",), ("és",)),
    "it": (("o",), ("e",)),
    "lt": (("arba", "ar"), ("ir",)),
    "lv": (("vai",), ("un",)),  # codespell:ignore vai
    "nl": (("of",), ("en",)),
    "no": (("eller",), ("og",)),
    "pl": (("lub", "albo"), ("i",)),
    "pt": (("ou",), ("e",)),
    "ro": (("sau",), ("și",)),
    "ru": (("или",), ("и",)),
    "sk": (("alebo",), ("a",)),
    "sl": (("ali",), ("in",)),
    "sv": (("eller",), ("och",)),
    "tr": (("veya", "ya"), ("ve",)),
    "uk": (("або", "чи"), ("і", "та")),
}
#: The first words of salutations: what begins as another language's does is not in the letter's, whatever the row says.
_OPENINGS: dict[str, frozenset[str]] = {
    "cs": frozenset({"vážený", "vážená", "vážení"}),
    "da": frozenset({"kære"}),
    "de": frozenset({"sehr", "geehrter", "geehrte", "herr", "frau"}),
    "es": frozenset({"excelentísimo", "excelentísima", "señor", "señora", "estimado", "estimada", "estimados"}),
    "fr": frozenset({"monsieur", "madame", "mesdames", "messieurs"}),
    "hu": frozenset({"tisztelt"}),
    "it": frozenset({"signor", "signora", "gentile", "gentili", "egregio", "spett.le", "spettabile", "eccellenza"}),
    "nl": frozenset({"geachte", "excellentie"}),
    "pl": frozenset({"szanowny", "szanowna", "szanowni"}),
    "pt": frozenset({"excelentíssimo", "excelentíssima", "senhor", "senhora", "exmo", "exma", "exmos"}),
    "ro": frozenset({"stimate", "stimată", "stimați"}),
    "sk": frozenset({"vážený", "vážená", "vážení"}),
    "tr": frozenset({"sayın"}),
}
#: Scripts of the languages of _OR_AND that are not written in Latin letters, as Unicode names them.
_SCRIPTS = {"ar": "ARABIC", "bg": "CYRILLIC", "el": "GREEK", "he": "HEBREW", "ru": "CYRILLIC", "uk": "CYRILLIC"}
_ONE_FORM = {"dear sir or madam", "dear madam or sir"}
_SCRIPT = 4  #: a script subtag has four letters (RFC 5646 2.2.3)
_STEM = 4  #: letters that "vážený" and "vážená" share: a second salutation begins as the first one does


def salutation(form_of_address: str, *, cell_language: str, letter_language: str, neutral: str) -> str:
    """The words of the salutation, without the mark that follows them.

    The sheet's form is used only when it is exactly one form and stands in the letter's language: a minister whose
    title or gender is a guess is better addressed as an office.
    """
    form = form_of_address.strip().strip(_MARKS)
    ours = form and same_language(cell_language, letter_language) and not is_foreign(form, letter_language)
    return " ".join(form.split()) if ours and is_one_form(form, cell_language) else neutral


def is_foreign(form: str, language: str) -> bool:
    """Whether a form is plainly not in the language: a row may ask for letters in English and greet in its own."""
    code = language.casefold().split("-")[0]
    if code in _OR_AND:
        script = _SCRIPTS.get(code, "LATIN")
        if not any(unicodedata.name(one, "").startswith(script) for one in form if one.isalpha()):
            return True
    first = form.casefold().split()[0].strip(_MARKS)
    return first not in _OPENINGS.get(code, ()) and any(first in words for words in _OPENINGS.values())


def is_one_form(form: str, language: str) -> bool:
    """Whether a form of address offers no choice."""
    if _ALTERNATIVES.search(form):
        return False
    words = form.casefold().split()
    either, both = _OR_AND.get(language.casefold().split("-")[0], ((), ()))
    if " ".join(words) not in _ONE_FORM and any(word in either for word in words[1:]):
        return False
    stem = words[0][:_STEM]
    return not any(word in both and after.startswith(stem) for word, after in pairwise(words))


def same_language(one: str, other: str) -> bool:
    """Whether two BCP 47 tags are one language; a script that both name must be the same."""
    if not one or not other:
        return False
    ours, theirs = one.casefold().split("-"), other.casefold().split("-")
    scripts = {tag for tags in (ours, theirs) for tag in tags[1:] if len(tag) == _SCRIPT and tag.isalpha()}
    return ours[0] == theirs[0] and len(scripts) <= 1
