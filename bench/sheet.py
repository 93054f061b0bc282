"""The contact sheet of the benchmark: any number of invented institutions, the same on every machine."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

SEED = 20260101
STATES = {
    "AT": "Austria", "BE": "Belgium", "BG": "Bulgaria", "CH": "Switzerland", "CY": "Cyprus", "CZ": "Czechia",
    "DE": "Germany", "DK": "Denmark", "EE": "Estonia", "ES": "Spain", "FI": "Finland", "FR": "France",
    "GR": "Greece", "HR": "Croatia", "HU": "Hungary", "IE": "Ireland", "IT": "Italy", "LT": "Lithuania",
    "LU": "Luxembourg", "LV": "Latvia", "MT": "Malta", "NL": "Netherlands", "NO": "Norway", "PL": "Poland",
    "PT": "Portugal", "RO": "Romania", "SE": "Sweden", "SI": "Slovenia", "SK": "Slovakia", "UA": "Ukraine",
}  # fmt: skip
ROLES = {
    "mfa": "Office for Foreign Affairs",
    "trade_ministry": "Office for Trade",
    "licensing_authority": "Licensing Office",
}
PERSONAL = ("city", "reader", "reference", "product", "vendor", "since", "cases", "finding_a", "finding_b", "finding_c")
HEADERS = ("id", "state", "state_name", "role", "institution", "email", *PERSONAL)

_CITIES = ("Årnes Falls", "Brückental", "Côtemont", "Dalreach", "Ettlemouth", "Fjeldby", "Grønvik", "Holmbridge")
_READERS = ("Ana Lindqvist", "Bálint Orsós", "Chloë Marchetti", "Dário Fontes", "Eilís Ní Bhroin", "Fəridə Quliyeva")
_PRODUCTS = ("Nightglass", "Quietwire", "Softlatch", "Tallmirror", "Wideharbour")
_VENDORS = ("Ferrowane Systems", "Lumbrick Analytics", "Óskarsson and Daughters", "Pellcaster", "Varnholt")
_FINDINGS = (
    "The equipment was demonstrated in {city} before a licence was asked for",
    "Two of the five end users named in the papers do not exist",
    "The annual report to parliament names neither the product nor its price",
    "No journalist or lawyer who was targeted has been told of it",
    "The maintenance contract lets the vendor read what is collected",
    "An audit of the year before advised against a renewal",
)


def rows(count: int) -> Iterator[dict[str, str]]:
    """So many institutions, spread over the states and roles."""
    dice = random.Random(SEED)
    codes, roles = list(STATES), list(ROLES)
    for number in range(count):
        state, role = codes[number % len(codes)], roles[number // len(codes) % len(roles)]
        city = dice.choice(_CITIES)
        findings = dice.sample(_FINDINGS, 3)
        yield {
            "id": f"{state.lower()}-{role.partition('_')[0]}-{number:06d}",
            "state": state,
            "state_name": STATES[state],
            "role": role,
            "institution": f"{ROLES[role]} No. {number:06d}",
            "email": f"office{number:06d}@{state.lower()}-{number % 97:02d}.example.org",
            "city": city,
            "reader": dice.choice(_READERS),
            "reference": f"{state}/{dice.randint(100, 999)}/{number:06d}",
            "product": dice.choice(_PRODUCTS),
            "vendor": dice.choice(_VENDORS),
            "since": f"the {dice.choice(('spring', 'summer', 'autumn'))} of {dice.randint(2019, 2025)}",
            "cases": str(dice.randint(3, 48)),
            "finding_a": findings[0].format(city=city),
            "finding_b": findings[1].format(city=city),
            "finding_c": findings[2].format(city=city),
        }


def write(path: Path, those: Iterable[Mapping[str, str]]) -> Path:
    """Write a sheet as CSV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as fh:
        lines = csv.DictWriter(fh, HEADERS)
        lines.writeheader()
        lines.writerows(those)
    return path
