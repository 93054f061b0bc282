"""A letter's bytes: headers and MIME parts as RFC 5322, 2045 and 2047 want them, spliced rather than built anew.

`email.message.EmailMessage` costs more than a millisecond a letter, and in Python 3.11 it writes a display name such as
`=?utf-8?q?a=0d=0aBcc:_x?= "` as two headers (CVE-2024-6923 and its kin). So the few headers of a letter are written
here; a property test holds that what is read back is what EmailMessage would have written.
"""

from __future__ import annotations

import re
from base64 import b64encode
from binascii import b2a_qp
from collections.abc import Sequence
from functools import lru_cache

_ATOM = r"[A-Za-z0-9!#$%&'*+/=^_`{|}~-]+"
_ATOMS = re.compile(rf"{_ATOM}(?: {_ATOM})*")
_PRINTABLE = re.compile(r"[!-~](?:[ -~]*[!-~])?")
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,200}>")
_NOT_IN_Q = re.compile(rb"[^A-Za-z0-9!*+/-]")  # what an encoded word in a phrase cannot hold: RFC 2047 5 (3)
_FROM = re.compile(rb"^From ", re.MULTILINE)
_LINE = 78  #: RFC 5322 2.1.1
_ENCODED_LINE = 76  #: RFC 2047 2
#: "=_" cannot stand in quoted-printable text (RFC 2045 6.7), so it cannot be taken for the end of a part.
_BOUNDARY = b"=_outreach_letter_part"
_TEXT_HEAD = b'Content-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n'
_HTML_HEAD = b'Content-Type: text/html; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n'
_MIXED_HEAD = b'Content-Type: multipart/alternative; boundary="' + _BOUNDARY + b'"\r\n'


class BadHeader(ValueError):
    """A value that no header can carry, such as an address that is none."""


def is_address(text: str) -> bool:
    """Whether an envelope and a header can carry this address as it is: ASCII, dot-atoms, a domain with a dot."""
    return _ADDRESS.fullmatch(text) is not None


@lru_cache(maxsize=1024)
def mailbox_header(name: str, display: str, address: str) -> bytes:
    """`To: "Display" <address>`, folded, with its line end. Raises BadHeader."""
    if not is_address(address):
        raise BadHeader(f'"{address[:80]}" is not an address')
    if not display:
        return f"{name}: {address}\r\n".encode("ascii")
    if not _is_plain(display):
        lines = _encoded(display, len(name) + 2)
    else:
        phrase = display if _ATOMS.fullmatch(display) else '"{}"'.format(re.sub(r'(["\\])', r"\\\1", display))
        lines = _folded(phrase, len(name) + 2) or _encoded(display, len(name) + 2)
    room = _LINE - len(lines[-1]) - (len(name) + 2 if len(lines) == 1 else 1)
    return _header(
        name, [*lines[:-1], f"{lines[-1]} <{address}>"] if len(address) + 3 <= room else [*lines, f"<{address}>"]
    )


@lru_cache(maxsize=1024)
def text_header(name: str, text: str) -> bytes:
    """An unstructured header such as Subject, with its line end."""
    lines = _folded(text, len(name) + 2) if _is_plain(text) else []
    return _header(name, lines or _encoded(text, len(name) + 2))


def message_id_header(message_id: str) -> bytes:
    """Message-ID, with its line end. Raises BadHeader."""
    if not _MESSAGE_ID.fullmatch(message_id):
        raise BadHeader(f'"{message_id[:80]}" is not a Message-ID')
    return f"Message-ID: {message_id}\r\n".encode("ascii")


def thread_headers(message_ids: Sequence[str]) -> bytes:
    """In-Reply-To and References of an answer to the last of these (RFC 5322 3.6.4). Raises BadHeader."""
    for one in message_ids:
        if not _MESSAGE_ID.fullmatch(one):
            raise BadHeader(f'"{one[:80]}" is not a Message-ID')
    folded = "\r\n ".join(message_ids)
    return f"In-Reply-To: {message_ids[-1]}\r\nReferences: {folded}\r\n".encode("ascii")


def _header(name: str, lines: list[str]) -> bytes:
    return "{}: {}\r\n".format(name, "\r\n ".join(lines)).encode("ascii")


def _is_plain(text: str) -> bool:
    """ASCII that nobody takes for an encoded word, single spaces within."""
    return _PRINTABLE.fullmatch(text) is not None and "=?" not in text and "  " not in text


def _folded(text: str, taken: int) -> list[str]:
    """Lines cut at spaces, the first with `taken` characters before it; [] when a word is too long for a line."""
    lines = [""]
    room = _LINE - taken
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if len(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
            room = _LINE - 1
            if len(word) > room:
                return []
    return lines if lines[0] else []


def _encoded(text: str, taken: int) -> list[str]:
    """Encoded words, one a line (RFC 2047), in the shorter of its two ways; no character is cut."""
    in_q = len(_NOT_IN_Q.findall(text.encode())) * 2 < len(text.encode()) // 3
    lines: list[str] = []
    chunk = b""
    room = _ENCODED_LINE - taken
    for character in (*text, ""):
        longer = chunk + character.encode()
        if not character or len(_word(longer, in_q=in_q)) > room:
            lines.append(_word(chunk, in_q=in_q).decode())
            chunk = character.encode()
            room = _ENCODED_LINE - 1
        else:
            chunk = longer
    return lines


def _word(chunk: bytes, *, in_q: bool) -> bytes:
    if in_q:
        return b"=?utf-8?q?%s?=" % _NOT_IN_Q.sub(_hex, chunk)
    return b"=?utf-8?b?%s?=" % b64encode(chunk)


def _hex(found: re.Match[bytes]) -> bytes:
    return b"_" if found[0] == b" " else b"=%02X" % ord(found[0])


def assemble(headers: bytes, *, text: bytes, html: bytes | None) -> bytes:
    """The whole letter, without Date. `text` and `html` are quoted-printable and end in CRLF."""
    if html is None:
        return headers + _TEXT_HEAD + b"\r\n" + text
    line = b"--" + _BOUNDARY
    return b"".join(
        (
            *(headers, _MIXED_HEAD, b"\r\n"),
            *(line, b"\r\n", _TEXT_HEAD, b"\r\n", text, b"\r\n"),
            *(line, b"\r\n", _HTML_HEAD, b"\r\n", html, b"\r\n"),
            *(line, b"--\r\n"),
        )
    )


def taken_apart(raw: bytes) -> tuple[bytes, bytes] | None:
    """Text and HTML, b"" for none, of a letter that `assemble` made, as they were given to it; None of any other mail.

    A preview shows six letters: parsed as MIME they would cost more than all else of it.
    """
    headers, _, body = raw.partition(b"\r\n\r\n")
    headers += b"\r\n"
    if headers.endswith(_TEXT_HEAD):
        return body, b""
    line = b"--" + _BOUNDARY
    first, between, last = line + b"\r\n" + _TEXT_HEAD + b"\r\n", b"\r\n" + line + b"\r\n", b"\r\n" + line + b"--\r\n"
    text, _, html = body.partition(between)
    head = _HTML_HEAD + b"\r\n"
    if not (headers.endswith(_MIXED_HEAD) and text.startswith(first) and html.startswith(head) and html.endswith(last)):
        return None
    return text.removeprefix(first), html.removeprefix(head).removesuffix(last)


def quoted(text: str) -> bytes:
    """Quoted-printable lines of at most 76. `text` ends in CRLF: without one, soft breaks would be bare LF.

    "From " at a line's start is encoded too, or mailboxes change it.
    """
    encoded = b2a_qp(text.encode(), istext=True)
    if b"From " in encoded:
        encoded = _FROM.sub(b"=46rom ", encoded)
    return encoded


def is_clean(raw: bytes) -> bool:
    """Whether every line ends in CRLF and nothing else: no bare CR or LF (SMTP smuggling), no NUL."""
    rest = raw.replace(b"\r\n", b"")
    return b"\n" not in rest and b"\r" not in rest and b"\0" not in rest and raw.endswith(b"\r\n")
