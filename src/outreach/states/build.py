"""Makes `names.json` from `states.toml`, CLDR and the tz database: `python -m outreach.states.build`."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from outreach.states.data import squeeze, without_diacritics
from outreach.states.week import WorkingWeek

#: CLDR keeps codes that ISO 3166-1 has withdrawn or only reserved.
_OLD_ALPHA_3 = frozenset({"ASC", "BUR", "CPT", "DDR", "DGA", "FXX", "TAA", "TMP", "YMD", "ZAR", "XKK"})
_LONG_NAME = re.compile(
    r"(?P<form>(?:[\w'’-]+ )*?(?:Republic|Kingdom|State|States|Principality|Commonwealth|Union|Sultanate|"
    r"Emirate)) of (?P<the>the )?(?P<name>.+)"
)
_BOTH = re.compile(r"(?P<outer>[^()（）]+?) ?[(（](?P<inner>[^()（）]+)[)）]")


def build() -> str:
    """The text of `names.json` for the babel that is installed."""
    import babel

    kept: dict[str, Any] = tomllib.loads(files("outreach.states").joinpath("states.toml").read_text(encoding="utf-8"))
    codes = _codes(kept)
    forms = _forms(kept, codes)
    written = {
        "babel": babel.__version__,
        "states": _states(kept, codes),
        "codes": _other_codes(kept, codes),
        "names": _names(kept, codes, forms),
        "forms": forms,
        "not_states": sorted(kept["mentions"]["not_states"]),
        "not_in_text": sorted(kept["mentions"]["not_in_text"]),
        "common_words": sorted(kept["mentions"]["common_words"]),
    }
    return _spread(written)


def _codes(kept: dict[str, Any]) -> list[str]:
    real = " ".join(kept["codes"][group] for group in ("members", "others", "territories")).split()
    return sorted(real)


def _states(kept: dict[str, Any], codes: list[str]) -> dict[str, Any]:
    from babel import Locale

    english, zones = Locale("en").territories, _zones()
    states: dict[str, Any] = {}
    for code in codes:
        states[code] = {
            "name": kept["names"].get(code) or english[code].replace("’", "'"),
            "languages": kept["languages"].get(code) or _languages(code),
            "timezone": kept["zones"].get(code) or _only(code, zones.get(code, [])),
            "week": kept["weeks"].get(code) or str(_week(code)),
        }
    for code, name in kept["invented"].items():
        states[code] = {"name": name, "languages": ["en"], "timezone": "UTC", "week": "Mon-Fri"}
    return states


def _languages(code: str) -> list[str]:
    """CLDR's official languages, by share of speakers; those in fact official where no law names one."""
    from babel.languages import get_official_languages

    found = get_official_languages(code) or get_official_languages(code, de_facto=True)
    return [language.replace("_", "-") for language in found]


def _zones() -> dict[str, list[str]]:
    zones: dict[str, list[str]] = defaultdict(list)
    for line in files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            code, _, zone, *_ = line.split("\t")
            zones[code].append(zone)
    return zones


def _only(code: str, zones: list[str]) -> str:
    if len(zones) != 1:
        raise SystemExit(f"states.toml [zones] needs the capital's zone of {code}: one of {zones}")
    return zones[0]


def _week(code: str) -> WorkingWeek:
    from babel import Locale

    locale = Locale.parse(f"und_{code}")
    first, last = locale.weekend_start, locale.weekend_end
    weekend = {(first + step) % 7 for step in range((last - first) % 7 + 1)}
    return WorkingWeek(days=frozenset(range(7)) - weekend)


def _other_codes(kept: dict[str, Any], codes: list[str]) -> dict[str, str]:
    from babel.core import get_global

    aliases: dict[str, str] = dict(kept["codes"]["aliases"])
    for alias, targets in get_global("territory_aliases").items():
        if (
            len(alias) == 3
            and alias.isalpha()
            and alias not in _OLD_ALPHA_3
            and len(targets) == 1
            and targets[0] in codes
        ):
            aliases[alias] = targets[0]
    return dict(sorted(aliases.items()))


def _forms(kept: dict[str, Any], codes: list[str]) -> dict[str, dict[str, str]]:
    """Names as they stand in running text: English with its long names, and the variants of other languages."""
    from babel import Locale

    english = Locale("en").territories
    forms: dict[str, dict[str, str]] = {"en": {}}
    for code in codes:
        names = [english[code], kept["names"].get(code, ""), *kept["official"].get(code, [])]
        for name in filter(None, names):
            forms["en"].update(dict.fromkeys(_spellings(name), code))
    forms["en"].update({name: code for code, name in kept["invented"].items()})
    for language, variants in kept["variants"].items():
        forms[language] = {name: code for code, names in variants.items() for name in names}
    return {language: dict(sorted(names.items())) for language, names in sorted(forms.items())}


def _spellings(name: str) -> Iterator[str]:
    """The name, with "and" for "&" and "Saint" for "St.", and the ways in which lists turn a long name round."""
    full = name.replace(" & ", " and ")
    for spelt in dict.fromkeys((name, full, full.replace("St. ", "Saint "))):
        yield spelt
        if long := _LONG_NAME.fullmatch(spelt):
            yield f"{long['name']}, {long['form']} of{' the' if long['the'] else ''}"
            yield f"{long['name']} ({long['form']} of{' the' if long['the'] else ''})"
            yield f"{long['name']} ({long['form']})"


def _names(kept: dict[str, Any], codes: list[str], forms: dict[str, dict[str, str]]) -> dict[str, str]:
    """State -> its squeezed names. What two states share, and what is refused, stands with none of them."""
    refused = {squeeze(name) for name in kept["refused"]["names"]}
    refused |= {without_diacritics(key) for key in refused}
    claims: dict[str, set[str]] = defaultdict(set)
    for name, code in _cldr_names(codes):
        if not _like_a_code(key := squeeze(name)):
            claims[key].add(code)
    for names in forms.values():
        for name, code in names.items():
            claims[squeeze(name)].add(code)
    plain: dict[str, set[str]] = defaultdict(set)
    for key, owners in claims.items():
        plain[without_diacritics(key)] |= owners
    for key, owners in plain.items():
        if key not in claims and not _like_a_code(key):
            claims[key] = owners
    taken: dict[str, list[str]] = defaultdict(list)
    for key, owners in claims.items():
        if len(owners) == 1 and key and key not in refused:
            taken[next(iter(owners))].append(key)
    return {code: "|".join(sorted(keys)) for code, keys in sorted(taken.items())}


def _like_a_code(key: str) -> bool:
    """Two or three plain letters: a code or nothing, not Vietnamese for Austria without its accent."""
    return len(key) <= 3 and key.isascii()


def _cldr_names(codes: list[str]) -> Iterator[tuple[str, str]]:
    from babel import Locale
    from babel.localedata import locale_identifiers

    wanted = frozenset(codes)
    # Toki Pona respells every name: its "ma Lawi" is Latvia.
    for identifier in sorted(name for name in locale_identifiers() if not name.startswith("tok")):
        for code, name in Locale.parse(identifier).territories.items():
            if code in wanted:
                yield name, code
                # CLDR gives this state both its names at once, "Myanmar (Burma)", in every language.
                if code == "MM" and (both := _BOTH.fullmatch(name)):
                    yield both["outer"], code
                    yield both["inner"], code


def _spread(written: dict[str, Any]) -> str:
    """JSON with a line for each state, so that a change can be read."""
    lines: list[str] = []
    for key, value in written.items():
        if isinstance(value, dict):
            inner = ",\n".join(f"{json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in value.items())
            lines.append(f"{json.dumps(key)}: {{\n{inner}\n}}")
        else:
            lines.append(f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main() -> None:
    """Write `names.json` beside this file."""
    from pathlib import Path

    target = Path(__file__).with_name("names.json")
    target.write_text(build(), encoding="utf-8", newline="\n")
    sys.stdout.write(f"{target.name}: {target.stat().st_size // 1024} KiB\n")


if __name__ == "__main__":
    main()
