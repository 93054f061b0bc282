"""The texts of our mails to supporters in other languages: gettext catalogues, read as translators write them."""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import BytesIO

SOURCE = "en"  #: what the code says
_FOLDER = "locale"
_FILE = "mail.po"


def languages() -> tuple[str, ...]:
    """The languages of our mails, the source's among them."""
    return (SOURCE, *sorted(entry.name for entry in _folder().iterdir() if entry.is_dir()))


def closest(language: str) -> str:
    """The language of our mails for who reads `language`: itself, else without its region, else the source's."""
    known = {one.casefold(): one for one in languages()}
    parts = language.casefold().replace("_", "-").split("-")
    found = ("-".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((known[one] for one in found if one in known), SOURCE)


@cache
def catalogue(language: str) -> NullTranslations:
    """The texts in one of `languages()`, with its plural forms."""
    if language == SOURCE:
        return NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with (_folder() / language / "LC_MESSAGES" / _FILE).open("rb") as file:
        texts = read_po(file, locale=language, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, texts)  # without the fuzzy ones: a guess of a tool is no translation
    compiled.seek(0)
    return GNUTranslations(compiled)


def _folder() -> Traversable:
    return files("outreach.letters") / _FOLDER
