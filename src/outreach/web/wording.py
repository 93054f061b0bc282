"""The pages' texts in other languages: gettext catalogues, read as translators write them."""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

SOURCE = "en"  #: what templates and code say
FOLDER = Path(__file__).parent / "locale"
FILE = "page.po"


def languages() -> tuple[str, ...]:
    """The languages of the pages' texts, the source's first."""
    return (SOURCE, *sorted(entry.name for entry in FOLDER.iterdir() if entry.is_dir()))


def closest(language: str) -> str:
    """The language of our texts for who reads `language`: itself, else without its region, else the source's."""
    parts = language.casefold().split("-")
    found = ("-".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((one for one in found if one in languages()), SOURCE)


@cache
def texts(language: str) -> NullTranslations:
    """The texts in one of `languages()`, with its plural forms."""
    if language == SOURCE:
        return NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with (FOLDER / language / "LC_MESSAGES" / FILE).open("rb") as file:
        catalogue = read_po(file, locale=language, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)  # without the fuzzy ones: a guess of a tool is no translation
    compiled.seek(0)
    return GNUTranslations(compiled)
