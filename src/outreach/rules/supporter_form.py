"""The supporters' form, field by field: nothing that reaches a header, a name or a letter is taken unseen."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

from outreach.model.form import FieldFault, Form
from outreach.model.supporter import SupporterTerms

LONGEST_NAME = 120  #: characters, as the place
LONGEST_WORDS = 5_000
SHORTEST_WORDS = 20
_NO_TEXT = frozenset({"Cc", "Zl", "Zp"})  # what would end a header's line (RFC 5322 2.2), and its cousins
_TURNS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # marks that rearrange what stands beside them
_LINK = re.compile(r"https?:|www\.|\w\.[a-z]{2,}/|@", re.IGNORECASE)
_STATE = re.compile(r"[A-Z]{2}")

Given = Mapping[str, Sequence[str]]  #: field -> its values, as a form sends them
Address = Callable[[str], str | None]  #: the address ready for an envelope, None when it is none


def checked(
    given: Given, *, terms: SupporterTerms, targets: Sequence[str], address: Address
) -> Form | Mapping[str, FieldFault]:
    """The form, or what is wrong with each of its fields. `targets` are the institutions that may be chosen."""
    faults: dict[str, FieldFault] = {}
    email = _email(_one(given, "email"), address, faults)
    name = _name("name", _one(given, "name"), faults)
    place = _name("place", _one(given, "place"), faults)
    words = _words(_one(given, "words"), faults)
    chosen = _targets(given.get("targets", ()), targets, terms.most_targets, faults)
    if _one(given, "agreed") != "yes":
        faults["agreed"] = FieldFault.AGREE
    if faults:
        return faults
    state, language = _one(given, "state").upper(), _one(given, "language")
    return Form(
        email=email,
        name=name,
        place=place,
        state=state if _STATE.fullmatch(state) else "",
        words=words,
        targets=chosen,
        language=language if language in terms.texts else next(iter(terms.texts)),
        quote=_one(given, "quote") == "yes",
        contact_again=_one(given, "contact_again") == "yes",
    )


def _one(given: Given, field: str) -> str:
    values = given.get(field, ())
    return values[0] if len(values) == 1 else ""


def _email(text: str, address: Address, faults: dict[str, FieldFault]) -> str:
    found = address(text.strip()) if 0 < len(text.strip()) <= 254 else None  # RFC 5321 4.5.3.1.3
    if not text.strip():
        faults["email"] = FieldFault.MISSING
    elif found is None:
        faults["email"] = FieldFault.ADDRESS
    return found or ""


def _name(field: str, text: str, faults: dict[str, FieldFault]) -> str:
    text = " ".join(_TURNS.sub("", unicodedata.normalize("NFC", text)).split(" ")).strip()
    if not text:
        faults[field] = FieldFault.MISSING
    elif len(text) > LONGEST_NAME:
        faults[field] = FieldFault.TOO_LONG
    elif any(unicodedata.category(one) in _NO_TEXT for one in text):
        faults[field] = FieldFault.CONTROL
    elif _LINK.search(text):
        faults[field] = FieldFault.LINK
    return text


def _words(text: str, faults: dict[str, FieldFault]) -> str:
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in _TURNS.sub("", text).split("\n"))).strip()
    if not text:
        faults["words"] = FieldFault.MISSING
    elif len(text) > LONGEST_WORDS:
        faults["words"] = FieldFault.TOO_LONG
    elif len(text) < SHORTEST_WORDS:
        faults["words"] = FieldFault.TOO_SHORT
    elif any(one != "\n" and unicodedata.category(one) in _NO_TEXT for one in text):
        faults["words"] = FieldFault.CONTROL
    return text


def _targets(given: Sequence[str], targets: Sequence[str], most: int, faults: dict[str, FieldFault]) -> tuple[str, ...]:
    chosen = set(given)
    if not chosen:
        faults["targets"] = FieldFault.MISSING
    elif not chosen <= set(targets):
        faults["targets"] = FieldFault.TARGET
    elif len(chosen) > most:
        faults["targets"] = FieldFault.TARGETS
    return tuple(one for one in targets if one in chosen)
