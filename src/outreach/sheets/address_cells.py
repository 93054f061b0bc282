"""From what stands in an e-mail cell to addresses: read rightly and said, or a fault. Never guessed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from outreach.model.problem import Severity
from outreach.sheets.addresses import LOCAL_MAX, Address, check_address, mixes_scripts, routed
from outreach.sheets.findings import quoted
from outreach.sheets.vocabulary import is_placeholder, squeeze, vocabulary

_CORRECT = "Correct the cell, or leave it empty if there is no address."
#: Zero-width characters, marks of direction, soft hyphen, byte order mark: not seen, and never part of an address.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff]"
)
_BLANKS = re.compile(r"[^\S \n]+")
_FULLWIDTH = str.maketrans(
    {"＠": "@", "﹫": "@", "．": ".", "。": ".", "｡": ".", "，": ",", "；": ";", "：": ":", "　": " "}
)
_AT = re.compile(
    r"\s*[\[({]\s*(?:at|@|a|ät|ατ|ат|arroba|chiocciola|arobase|aapje|małpa|kukac|собака)\s*[\])}]\s*", re.IGNORECASE
)
_DOT = re.compile(
    r"\s*[\[({]\s*(?:dot|\.|punkt|punto|point|ponto|τελεία|точка|nokta|kropka)\s*[\])}]\s*", re.IGNORECASE
)
_SPELLED = re.compile(r"\b(?:at|arroba|chiocciola)\b\s*\S+\.\S+|\s(?:at|\(at|\[at)$", re.IGNORECASE)
_NAMED = re.compile(r"([^<>]*)<\s*([^<>]*?)\s*>[\s.,;]*")
_COMMENT = re.compile(r"(?:^|(?<=\s))\([^()@]*\)(?=\s|$)")
#: Words between two addresses.
_BETWEEN = frozenset(
    (
        "or",
        "and",
        "und",
        "oder",
        "et",
        "ou",
        "y",
        "o",
        "e",
        "ed",
        "и",
        "или",
        "και",
        "ή",
        "או",
        "أو",
        "ve",
        "veya",
        "en",
        "of",
    )
)
_OPENING = "\"'“”„‘’«([{"
_CLOSING = "\"'“”„‘’»)]}.,;:!?†‡*°¹²³…"


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
    plain = check_address(text) if text.isascii() and " " not in text and "\n" not in text else ""
    if isinstance(plain, Address) and not routed(plain) and "/" not in text and text[0] != "'":
        reading.addresses.append(plain)
        return reading
    text = _tidied(text, reading)
    if is_placeholder(text):
        reading.say(Severity.NOTE, "placeholder", f"{quoted(cell)} says that there is no address.")
        return reading
    for part in _parts(text):
        _read_part(part, reading)
    _drop_repeated(reading)
    if len(reading.addresses) > 1:
        found = (
            f"{len(reading.addresses)} addresses: {reading.addresses[0].envelope} is written to, the others stand by."
        )
        reading.say(Severity.NOTE, "several-addresses", found)
    return reading


def _drop_repeated(reading: Reading) -> None:
    once: dict[str, Address] = {}
    for one in reading.addresses:
        if once.setdefault(one.norm, one) is not one:
            reading.say(Severity.NOTE, "repeated-address", f"{one.envelope} stands in the cell more than once.")
    reading.addresses = list(once.values())


def _tidied(text: str, reading: Reading) -> str:
    """Without what nobody sees, with plain blanks, commas and at-signs."""
    seen = _INVISIBLE.sub("", text)
    blanks = _BLANKS.sub(" ", seen)
    if seen != text or blanks != seen:
        found = f"Invisible characters or special blanks were taken out of {quoted(text)}."
        reading.say(Severity.NOTE, "invisible-characters", found)
    narrow = blanks.translate(_FULLWIDTH)
    if narrow != blanks:
        found = f"Full-width marks were read as plain ones in {quoted(text)}."
        reading.say(Severity.WARNING, "fullwidth-address", found, "Look whether the address is right.")
    return narrow.strip(" \n")


def _parts(text: str) -> Iterator[str]:
    """The cell at its commas, semicolons and line breaks, but not inside quotation marks or <>.

    `Doe, Jane <jane@…>` is one: a part without @ before a part with <> belongs to its name.
    """
    pieces = [piece.strip() for piece in re.findall(r'(?:"[^"\n]*"|<[^>\n]*>|[^,;|\n])+', text)]
    waiting = ""
    for piece in pieces:
        if not piece:
            continue
        if "@" not in piece and "<" not in piece and not _AT.search(piece):
            if waiting:
                yield waiting
            waiting = piece
        elif waiting and "<" in piece and not piece.startswith("<"):
            yield f"{waiting}, {piece}"
            waiting = ""
        else:
            if waiting:
                yield waiting
            yield piece
            waiting = ""
    if waiting:
        yield waiting


def _read_part(part: str, reading: Reading) -> None:
    named = _NAMED.fullmatch(part)
    if named is not None and "@" in named[2]:
        _read_named(part, named[1].strip(), named[2], reading)
        return
    if "<" in part or ">" in part:
        why = "it looks like a form that was never filled in"
        reading.fault(part, why if re.search(r"<[^@<>]*>", part) else "its brackets do not match")
        return
    if is_placeholder(part):
        reading.say(Severity.NOTE, "placeholder", f"{quoted(part)} says that there is no address.")
        return
    plain = _deobfuscated(part)
    if "@" not in plain:
        reading.fault(part, "it has no @" + _advice(part))
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


def _deobfuscated(part: str) -> str:
    """The part with `(at)` and `(dot)` made plain, when there is one `(at)` and no @."""
    if "@" in re.sub(r"[\[({]@[\])}]", "", part):
        return part
    plain, times = _AT.subn("@", part)
    return _DOT.sub(".", plain) if times == 1 else part


def _advice(part: str) -> str:
    if "://" in part or part.lower().startswith("www."):
        return "; a web address belongs in a column for the site or the form"
    return '; "at" in words is not guessed at' if _SPELLED.search(part) else ""


def _read_words(part: str, plain: str, reading: Reading) -> None:
    """A part of words of which at least one holds an @. Words that are not known to be harmless make it a fault."""
    text = _COMMENT.sub(" ", plain)
    cleaned = text != plain
    found: list[Address] = []
    label: list[str] = []
    spare: list[str] = []
    faults = len(reading.said)
    words = text.split()
    for at, word in enumerate(words):
        if _joins(words, at) or ("@" not in word and not any(one.isalnum() for one in word)):
            cleaned = True
        elif "@" not in word:
            label.append(word)
        else:
            spare += [] if _is_label(label) else label
            cleaned = cleaned or bool(label)
            label = []
            for candidate, changed in _candidates(word):
                cleaned = cleaned or changed
                one = _one(part, candidate, reading)
                found += [one] if one is not None else []
    spare += label
    if spare:
        # "a b@c.example", "info@ministry.gov example": the rest may belong to the address.
        del reading.said[faults:]
        why = f"{quoted(' '.join(spare))} stands beside an address, or a blank inside it"
        reading.fault(part, why, "Leave only the address in the cell, or write Name <address>.")
        return
    reading.addresses += found
    if cleaned and found:
        read = ", ".join(one.envelope for one in found)
        reading.say(Severity.NOTE, "address-cleaned", f"{quoted(part)} was read as {read}.")


def _joins(words: list[str], at: int) -> bool:
    """Whether the word only stands between two addresses."""
    inside = 0 < at < len(words) - 1
    return inside and words[at].casefold() in _BETWEEN and "@" in words[at - 1] and "@" in words[at + 1]


def _is_label(words: list[str]) -> bool:
    """Whether what stands before an address only says what it is: "Private office:", "E-mail"."""
    return not words or words[-1].endswith((":", "：")) or squeeze(" ".join(words)) in vocabulary().labels


def _candidates(word: str) -> list[tuple[str, bool]]:
    """What may be addresses in a word, without quotation marks, brackets and marks around them."""
    plain = word if word.startswith('"') and '"@' in word else word.lstrip(_OPENING)
    if not re.search(r"@\[[^\]]*\]$", plain):
        plain = plain.rstrip(_CLOSING)
    if plain.lower().startswith("mailto:"):
        plain = plain[len("mailto:") :].partition("?")[0]
    label, colon, rest = plain.partition(":")
    if colon and "@" in rest and "@" not in label and label.replace("-", "").isalpha():
        plain = rest
    pieces = plain.split("/")
    if len(pieces) > 1 and all(piece.count("@") == 1 or not piece for piece in pieces):
        return [(piece, True) for piece in pieces if piece]
    return [(plain, plain != word)]


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
        reading.say(
            Severity.NOTE, "slash-in-address", f"{quoted(text)} is read as one address: a slash is allowed there."
        )
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
