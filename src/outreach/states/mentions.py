"""Which states a text names: for the check that no letter holds another state's name by mistake."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from outreach.states.cldr import territory_names
from outreach.states.data import data

#: Written without spaces between words: a name may stand between any two letters.
_NO_SPACES = frozenset({"zh", "yue", "ja", "th", "lo", "km", "my", "bo", "dz"})
#: Small words that Arabic and Hebrew write together with the next one: and, in, to, from, that …
_JOINED = {"ar": "[وفبكل]{0,2}", "he": "[ובלמהשכ]{0,3}"}
_WORDS = ("A-Za-zÀ-ɏ", "ァ-ヺー")
_END = ""
_Tree: TypeAlias = "dict[str, _Tree]"


@dataclass(frozen=True, slots=True)
class _Names:
    pattern: re.Pattern[str]
    codes: Mapping[str, tuple[tuple[str, str], ...]]  #: casefolded name -> (name as written, code or "")
    english_only: bool


def mentioned_states(text: str, language: str) -> frozenset[str]:
    """Codes of the states whose names, in English or in `language`, stand in `text` as whole words.

    The longest name counts ("Papua New Guinea" is not "Guinea"), abbreviations only in capitals, and names that are
    words of their own ("turkey") only with a capital. Declined forms of a name are not recognised.
    """
    names = _names(language)
    found: set[str] = set()
    for match in names.pattern.finditer(text):
        code = _code(match["name"], names)
        if code:
            found.add(code)
    return frozenset(found)


def _code(said: str, names: _Names) -> str:
    for written, code in names.codes.get(_fold(said), ()):
        if written.isupper() and said != written:
            continue
        in_small = said[:1].islower() and not written[:1].islower()
        if in_small and (not names.english_only or written.casefold() in data().common_words):
            continue
        return code
    return ""


@lru_cache(maxsize=64)
def _names(language: str) -> _Names:
    base = language.casefold().replace("_", "-").split("-")[0]
    known = data()
    written = {name: code for name, code in known.forms["en"].items() if name not in known.not_in_text}
    if base != "en":
        theirs = territory_names(language)
        written |= {theirs[code]: code for code in known.states if code in theirs}
        written |= known.forms.get(base, {})
    written |= dict.fromkeys(known.not_states, "")
    codes: dict[str, list[tuple[str, str]]] = {}
    for name, code in written.items():
        codes.setdefault(_fold(name), []).append((name, code))
    return _Names(
        pattern=re.compile(_pattern(written, base), re.IGNORECASE),
        codes={key: tuple(sorted(pairs)) for key, pairs in codes.items()},
        english_only=base == "en",
    )


def _fold(name: str) -> str:
    """One key for the spellings that the pattern takes for the same; Turkish has an i with and one without a dot."""
    return re.sub(r"[\s‐‑-]+", " ", name.replace("’", "'")).casefold().replace("\u0307", "").replace("ı", "i")


def _pattern(names: Iterable[str], base: str) -> str:
    tree: _Tree = {}
    for name in names:
        branch = tree
        for char in name.replace("’", "'"):
            branch = branch.setdefault(char, {})
        branch[_END] = {}
    found = f"(?P<name>{_alternatives(tree)})"
    if base not in _NO_SPACES:
        return rf"(?<!\w){_JOINED.get(base, '')}{found}(?!\w)"
    # Between scripts a name may begin anywhere, but not inside a Latin or Katakana word: チリ is not in チリソース.
    before = "".join(f"(?:(?<![{letters}])|(?![{letters}]))" for letters in _WORDS)
    after = "".join(f"(?:(?![{letters}])|(?<![{letters}]))" for letters in _WORDS)
    return before + found + after


def _alternatives(tree: _Tree) -> str:
    """The names below one branch, longest first; a plain alternation of 1,500 names is 20 times slower."""
    branches = [_letter(char) + _alternatives(below) for char, below in sorted(tree.items()) if char != _END]
    if not branches:
        return ""
    if _END in tree:
        return f"(?:{'|'.join(branches)})?"
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"


def _letter(char: str) -> str:
    if char.isspace():
        return r"\s+"
    return {"'": "['’]", "-": "[-‐‑]"}.get(char) or re.escape(char)
