"""From what stands in an e-mail cell to addresses: read rightly and said, or a fault. Never guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from outreach.model.problem import Severity
from outreach.sheets.address_text import (
    advice,
    candidates,
    deobfuscated,
    hides,
    is_label,
    joins,
    narrowed,
    parts,
    uncommented,
    unhidden,
)
from outreach.sheets.addresses import LOCAL_MAX, Address, check_address, mixes_scripts, routed
from outreach.sheets.findings import quoted
from outreach.sheets.limits import MAX_IN_CELL
from outreach.sheets.vocabulary import is_placeholder, squeeze

_CORRECT = "Correct the cell, or leave it empty if there is no address."
_NAMED = re.compile(r"([^<>]*)<([^<>]*)>[ .,;]*")
_LONGEST = 320  #: a local part, an @ and a domain, each as long as it may be


@dataclass(frozen=True, slots=True)
class Said:
    """One thing to say about a cell."""

    severity: Severity
    code: str
    found: str
    todo: str = ""


@dataclass(slots=True)
class Reading:
    """What a cell gave."""

    addresses: list[Address] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)

    def fault(self, text: str, why: str, todo: str = _CORRECT) -> None:
        """A part of the cell that is no address."""
        self.said.append(Said(Severity.FAULT, "bad-address", f"{quoted(text)} is not read as an address: {why}.", todo))

    def say(self, severity: Severity, code: str, found: str, todo: str = "") -> None:
        """A part of the cell that was read."""
        self.said.append(Said(severity, code, found, todo))


def read_cell(cell: str) -> Reading:
    """Every address of a cell, in order, and everything there is to say about it."""
    reading = Reading()
    text = cell.strip(" \n")
    if not text:
        return reading
    simple = len(text) <= _LONGEST and text.isascii() and " " not in text and "\n" not in text
    plain = check_address(text) if simple else ""
    if isinstance(plain, Address) and not routed(plain) and "/" not in text and text[0] != "'":
        reading.addresses.append(plain)
        return reading
    text = _tidied(text, reading)
    if is_placeholder(text):
        reading.say(Severity.NOTE, "placeholder", f"{quoted(cell)} says that there is no address.")
        return reading
    found = list(islice(parts(text), MAX_IN_CELL + 1))
    if len(found) > MAX_IN_CELL:
        reading.fault(text, f"it has more than {MAX_IN_CELL} parts", "Write one address a row.")
        return reading
    for part in found:
        _read_part(part, reading)
    _drop_repeated(reading)
    if len(reading.addresses) > 1:
        count, first = len(reading.addresses), reading.addresses[0].envelope
        several = f"{count} addresses: {first} is written to, the others stand by."
        reading.say(Severity.NOTE, "several-addresses", several)
    return reading


def _drop_repeated(reading: Reading) -> None:
    once: dict[str, Address] = {}
    for one in reading.addresses:
        if once.setdefault(one.norm, one) is not one:
            reading.say(Severity.NOTE, "repeated-address", f"{one.envelope} stands in the cell more than once.")
    reading.addresses = list(once.values())


def _tidied(text: str, reading: Reading) -> str:
    """Without what nobody sees, with plain blanks, commas and at-signs."""
    seen = unhidden(text)
    if hides(text):
        found = f"Invisible characters or special blanks were taken out of {quoted(text)}."
        reading.say(Severity.NOTE, "invisible-characters", found)
    narrow = narrowed(seen)
    if narrow != seen:
        found = f"Full-width marks were read as plain ones in {quoted(text)}."
        reading.say(Severity.WARNING, "fullwidth-address", found, "Look whether the address is right.")
    return narrow.strip(" \n")


def _read_part(part: str, reading: Reading) -> None:
    named = _NAMED.fullmatch(part)
    if named is not None and "@" in named[2]:
        _read_named(part, named[1].strip(), named[2].strip(), reading)
        return
    if "<" in part or ">" in part:
        why = "it looks like a form that was never filled in"
        reading.fault(part, why if re.search(r"<[^@<>]*>", part) else "its brackets do not match")
        return
    if is_placeholder(part):
        reading.say(Severity.NOTE, "placeholder", f"{quoted(part)} says that there is no address.")
        return
    plain = deobfuscated(part)
    if "@" not in plain:
        reading.fault(part, "it has no @" + advice(part))
        return
    before = len(reading.addresses)
    _read_words(part, plain, reading)
    if plain != part and len(reading.addresses) > before:
        found = f"{quoted(part)} was read as {quoted(plain)}."
        todo = "Write the address plainly once you know that it is right."
        reading.say(Severity.WARNING, "deobfuscated-address", found, todo)


def _read_named(part: str, name: str, inside: str, reading: Reading) -> None:
    """`Name <address>`"""
    if "@" in name and squeeze(name) != squeeze(inside):
        reading.fault(part, "there is one address before the brackets and another in them")
        return
    found = _one(part, inside.removeprefix("mailto:"), reading)
    if found is None:
        return
    reading.addresses.append(found)
    if name:
        reading.say(Severity.NOTE, "address-cleaned", f"{quoted(part)} was read as {found.envelope}.")


def _read_words(part: str, plain: str, reading: Reading) -> None:
    """A part of words of which at least one holds an @. Words that are not known to be harmless make it a fault."""
    text = uncommented(plain)
    cleaned = text != plain
    found: list[Address] = []
    label: list[str] = []
    spare: list[str] = []
    faults = len(reading.said)
    words = text.split()
    for at, word in enumerate(words):
        if joins(words, at) or ("@" not in word and not any(one.isalnum() for one in word)):
            cleaned = True
        elif "@" not in word:
            label.append(word)
        else:
            spare += [] if is_label(label) else label
            cleaned = cleaned or bool(label)
            label = []
            for candidate, changed in candidates(word):
                cleaned = cleaned or changed
                one = _one(part, candidate, reading)
                found += [one] if one is not None else []
    spare += label
    if spare:
        # "a b@c.example", "info@ministry.example gov": the rest may belong to the address.
        del reading.said[faults:]
        why = f"{quoted(' '.join(spare))} stands beside an address, or a blank inside it"
        reading.fault(part, why, "Leave only the address in the cell, or write Name <address>.")
        return
    reading.addresses += found
    if cleaned and found:
        read = ", ".join(one.envelope for one in found)
        reading.say(Severity.NOTE, "address-cleaned", f"{quoted(part)} was read as {read}.")


def _one(part: str, text: str, reading: Reading) -> Address | None:
    """The address, or None with a fault said."""
    found = _plainly_wrong(text) or _checked(text)
    if isinstance(found, Address) and routed(found):
        found = "% and ! before the @ can lead the letter to someone else"
    if not isinstance(found, Address):
        reading.fault(part, found[:1].lower() + found[1:])
        return None
    _say_domain(text, found, reading)
    if "/" in text:
        said = f"{quoted(text)} is read as one address: a slash is allowed there."
        reading.say(Severity.NOTE, "slash-in-address", said)
    return found


def _plainly_wrong(text: str) -> str:
    """The commonest mistakes, in words of our own."""
    if text.startswith("@") and text.count("@") == 1:
        return "it is a name in a social network"
    if "@@" in text:
        return "there are two @ in a row"
    if text.startswith("'"):
        return "it begins with an apostrophe, as spreadsheet programs put before text"
    if text.startswith('"'):
        return "a quoted local part is not written to"
    if text.count("@") > 1:
        return "there is more than one @"
    if "@[" in text:
        return "a machine's number is not an office's domain"
    if any("\uff01" <= one <= "\uff5e" for one in text):
        return "it has full-width letters"
    local, _, domain = text.partition("@")
    if len(text) > _LONGEST:
        return f"it is too long, {len(text)} characters"
    if len(local) > LOCAL_MAX:
        return f"there are {len(local)} characters before the @, at most {LOCAL_MAX} are allowed"
    if "." not in domain and domain:
        return f"{quoted(domain)} after the @ is no whole domain"
    return ""


@lru_cache(maxsize=4096)
def _checked(text: str) -> Address | str:
    return check_address(text)


def _say_domain(text: str, found: Address, reading: Reading) -> None:
    domain = text.rpartition("@")[2]
    if domain.isascii():
        return
    if mixes_scripts(domain):
        found_text = f"{quoted(domain)} mixes letters of several scripts that look alike."
        reading.say(Severity.WARNING, "mixed-script-domain", found_text, "Look whether it is the office's domain.")
    written = f"{quoted(text)} is written to as {found.envelope}."
    reading.say(Severity.NOTE, "international-domain", written)
