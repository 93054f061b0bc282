"""The head of a mail or of a part: its fields unfolded, decoded and capped. Linear in time, without recursion.

The standard library's parser needs seconds for endless heads, and its address parser the stack for "((((".
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from itertools import groupby

from outreach.inbox.charset import decode

LONGEST_HEAD = 64_000  #: bytes of a head that are read
LONGEST_VALUE = 8_000  #: characters of one field

Fields = dict[str, tuple[str, ...]]

_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:(.*)", re.DOTALL)
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")  # RFC 2047 2; spaces in it are wrong and common
_WORDS = re.compile(r"=\?[^?\s]{1,60}\?[bBqQ]\?[^?]*\?=(?:\s*=\?[^?\s]{1,60}\?[bBqQ]\?[^?]*\?=)*")
_ADDRESS = re.compile(r"<\s*([^<>\s@]{1,128}@[^<>\s@]{1,255})\s*>|([^\s<>,;:\"()\[\]@]{1,128}@[^\s<>,;:\"()@]{1,255})")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,500}>")
_PARAMETER = re.compile(r";\s*([\w.+-]+)(?:\*(\d{1,2}))?(\*)?\s*=\s*(\"(?:[^\"\\]|\\.)*\"|[^;\s\"]*)")
_BASE64_ONLY = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))


def split(raw: bytes) -> tuple[Fields, bytes, bool]:
    """The fields by their lower-cased name, the body, and whether the head was whole. Lines end in LF."""
    fields: dict[str, list[str]] = {}
    end, whole = _end(raw)
    for name, value in _fields(raw[: min(end, LONGEST_HEAD)]):
        fields.setdefault(name, []).append(words(value))
    body = raw[end:]
    return {name: tuple(values) for name, values in fields.items()}, body[body.startswith(b"\n") :], whole


def words(value: bytes) -> str:
    """A field's words on one line (RFC 5322 2.2.3, RFC 2047), capped."""
    text = decode(b" ".join(value[: 2 * LONGEST_VALUE].split()), "")
    return (_WORDS.sub(_read, text) if "=?" in text else text)[:LONGEST_VALUE]


def addresses(value: str) -> tuple[str, ...]:
    """The addresses in a field, their domains lower-cased; comments and groups are not understood."""
    found = (first or second for first, second in _ADDRESS.findall(value))
    return tuple(_lowered(one) for one in found)


def name_before(value: str) -> str:
    """The display name in front of the first address."""
    return value.partition("<")[0].strip().strip('"').strip() if "<" in value else ""


def message_ids(values: tuple[str, ...]) -> tuple[str, ...]:
    """The Message-IDs in fields, in their order."""
    return tuple(one for value in values for one in _MESSAGE_ID.findall(value))


def parameters(value: str) -> tuple[str, dict[str, str]]:
    """A field's first word, lower-cased, and its parameters (RFC 2045 5.1, RFC 2231)."""
    parts: dict[str, list[tuple[int, bool, str]]] = {}
    for name, number, extended, said in _PARAMETER.findall(value):
        bare = re.sub(r"\\(.)", r"\1", said[1:-1]) if said[:1] == '"' else said
        parts.setdefault(name.lower(), []).append((int(number or 0), bool(extended), bare))
    first = value.partition(";")[0].strip().lower()
    return first.partition(" ")[0], {name: _joined(sorted(found)) for name, found in parts.items()}


def _end(raw: bytes) -> tuple[int, bool]:
    """Where the body begins: behind the empty line, or at the first line that is no field (as the stdlib does)."""
    at = 0
    while at < len(raw):
        stop = raw.find(b"\n", at)
        stop = len(raw) if stop < 0 else stop
        line = raw[at : min(stop, at + 400)]
        if not line.strip(b"\r"):
            return at, True
        if line[:1] not in b" \t" and b":" not in line and not line.startswith((b"From ", b">From ")):
            return at, False
        at = stop + 1
    return len(raw), True


def _fields(head: bytes) -> Iterator[tuple[str, bytes]]:
    for line in re.split(rb"\n(?![ \t])", head):
        found = _FIELD.match(line)
        if found:
            yield found[1].decode("ascii").lower(), found[2].strip()


def _read(found: re.Match[str]) -> str:
    """Encoded words in a row: the white space between them is none, and a character may be cut in two."""
    pieces = []
    for charset, group in groupby(_WORD.findall(found[0]), lambda one: one[0].lower()):
        data = b"".join(_undone(how.lower(), said) for _, how, said in group)
        pieces.append(" ".join(decode(data, charset.partition("*")[0]).split(None)) if data.strip() else "")
        if data[:1].isspace():
            pieces[-1] = " " + pieces[-1]
        if data[-1:].isspace():
            pieces[-1] += " "
    return "".join(pieces)


def _undone(how: str, said: str) -> bytes:
    data = said.encode("utf-8", "replace")
    return unbase64(data) if how == "b" else binascii.a2b_qp(data, header=True)


def unbase64(data: bytes) -> bytes:
    """Base64 as far as it goes: what is no digit of it is left out (RFC 2045 6.8)."""
    data = data.translate(None, _BASE64_ONLY)
    spare = len(data) % 4
    data = data[:-1] if spare == 1 else data + b"=" * (-spare % 4)
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        return b""


def _joined(found: list[tuple[int, bool, str]]) -> str:
    text = "".join(said for _, _, said in found)[:2_000]
    if found[0][1] and text.count("'") >= 2:
        charset, _, said = text.split("'", 2)
        return decode(_unpercented(said), charset)
    return words(text.encode("utf-8", "replace")) if "=?" in text else text


def _unpercented(said: str) -> bytes:
    return re.sub(rb"%([0-9A-Fa-f]{2})", lambda one: bytes([int(one[1], 16)]), said.encode("utf-8", "replace"))


def _lowered(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.lower().rstrip('.')}"
