"""From what a sheet says to a state's code, and from the code to a name in any language."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from outreach.states.cldr import territory_names
from outreach.states.data import data, squeeze, without_diacritics

_CODE = re.compile(r"[A-Za-z]{2,3}")
_INVENTED = re.compile(r"Q[M-Z]")
_LONGEST = 200  #: characters; no state has such a name, and the cache need not keep somebody's essay
_ARTICLE = re.compile(r"\s*the\s+", re.IGNORECASE)


def find_state(text: str) -> str | None:
    """The state a cell names: by code, by a name in any of CLDR's languages or by a well-known variant. Never a guess.

    A name that two states share, such as "Congo" or "Korea", is None, and so is a part of a state, such as "England".
    """
    return _find(text) if len(text) <= _LONGEST else None


@lru_cache(maxsize=8192)
def _find(text: str) -> str | None:
    known = data()
    shown = unicodedata.normalize("NFKC", text).strip()
    if _CODE.fullmatch(shown):
        code = shown.upper()
        if code in known.states:
            return code
        if code in known.codes:
            return known.codes[code]
    return _by_name(shown) or _by_name(_ARTICLE.sub("", shown, count=1))


def _by_name(shown: str) -> str | None:
    index = data().index
    key = squeeze(shown)
    return index.get(key) or index.get(without_diacritics(key))


def state_name(code: str, language: str = "en") -> str:
    """The state's name in `language`, else in English; the code itself when it is no state's."""
    facts = data().states.get(code)
    if facts is None:
        return code
    if language.casefold().split("-")[0] == "en" or _INVENTED.fullmatch(code):  # CLDR has a QO, "Outlying Oceania"
        return facts.name
    return territory_names(language).get(code, facts.name)


def states() -> tuple[str, ...]:
    """The codes of all states, without the invented ones."""
    return tuple(code for code in data().states if not _INVENTED.fullmatch(code))
