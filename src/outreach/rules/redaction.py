"""Taking a person out of text and of mail, however a mail writes it.

A mail holds a name as it is in some charset, in quoted-printable (RFC 2045 6.7) with soft line breaks, in base64 (6.8),
in encoded words that break it anywhere (RFC 2047), percent-encoded in links and as character references in HTML. What
is compressed, drawn or scanned inside an attachment is not found.
"""

from __future__ import annotations

import re
import unicodedata
from base64 import b64encode
from binascii import Error, a2b_base64, a2b_qp
from collections.abc import Collection, Iterator, Sequence
from html.entities import codepoint2name

MARK = "[erased]"  #: stands where the person stood

_CHARSETS = (
    "utf-8", "cp1252", "latin-1", "cp1250", "iso8859-2", "cp1251", "koi8-r", "iso8859-5", "cp1253", "iso8859-7",
    "cp1254", "iso8859-9", "cp1255", "cp1256", "iso8859-6", "cp1257", "gb18030", "big5", "shift_jis", "euc-jp",
    "euc-kr",
)  # fmt: skip
_WHOLE = ("utf-16-le", "utf-16-be", "utf-7", "iso2022_jp", "iso2022_kr")  #: where a character has no bytes of its own
_DEEP = 3  #: mails in mails: so many layers of base64 are opened
_SOFT = rb"(?:=[ \t]*\r?\n)?"
_GAP = rb"(?:[ \t_+]|=?\r?\n[ \t>]*|=20|=09|%20|&nbsp;|&#160;|=C2=A0|\xc2\xa0|=A0|\xa0)+"
_BEGINS = rb"(?:(?<![0-9A-Za-z])|(?<==[0-9A-Fa-f]{2})|(?<=%[0-9A-Fa-f]{2}))"
_ENDS = rb"(?![0-9A-Za-z])"
_BLOCK = re.compile(rb"[A-Za-z0-9+/]{8,}(?:[ \t]*\r?\n[A-Za-z0-9+/]+)*={0,2}(?:[ \t]*\r?\n={1,2})?")
_FIELD = re.compile(rb"^[!-9;-~]+:[^\n]*(?:\n[ \t][^\n]*)*", re.MULTILINE)
_WORD = re.compile(rb"=\?([^?\s]+)\?([BbQq])\?([^?]*)\?=")
_BETWEEN = re.compile(rb"(\?=)[ \t]*(?:\r?\n)?[ \t]+(?==\?[^?\s]+\?[BbQq]\?)")


class Canaries:
    """One person's name and addresses, in every spelling that is known. Case and white space do not matter."""

    def __init__(self, spellings: Collection[str]) -> None:
        forms = {
            unicodedata.normalize(form, " ".join(one.split()))
            for one in spellings
            if one.strip()
            for form in ("NFC", "NFD")
        }
        several = sorted(forms, key=lambda one: (-len(one), one))  # the longest first: a name goes whole
        self._text = re.compile("|".join(map(_in_text, several)), re.IGNORECASE) if several else None
        self._bytes = re.compile(_anywhere(several)) if several else None

    def text(self, value: str) -> str:
        """The text with the mark where the person stood."""
        return value if self._text is None else self._text.sub(MARK, value)

    def mail(self, raw: bytes) -> bytes:
        """The mail without the person; what does not name the person is the same bytes as before."""
        return raw if self._bytes is None else self._without(raw, _DEEP)

    def _without(self, raw: bytes, deep: int) -> bytes:
        if b"=?" in raw:
            raw = _FIELD.sub(lambda found: self._field(found[0]), raw)
        if deep:
            raw = _BLOCK.sub(lambda found: self._block(found[0], deep), raw)
        assert self._bytes is not None  # noqa: S101  for the type checker
        return self._bytes.sub(MARK.encode(), raw)

    def _block(self, block: bytes, deep: int) -> bytes:
        packed = b"".join(block.split())
        try:
            inside = a2b_base64(packed.rstrip(b"=") + b"=" * (-len(packed.rstrip(b"=")) % 4))
        except Error:
            return block
        changed = self._without(inside, deep - 1)
        if changed == inside:
            return block
        line_end = b"\r\n" if b"\r\n" in block else b"\n"
        made = b64encode(changed)
        return line_end.join(made[at : at + 76] for at in range(0, len(made), 76))

    def _field(self, field: bytes) -> bytes:
        """A header with encoded words, which may break a name anywhere and leave half of it outside."""
        if b"=?" not in field:
            return field
        name, colon, value = field.partition(b":")
        joined = _BETWEEN.sub(rb"\1", value)
        text = _WORD.sub(lambda found: _decoded(*found.groups()).encode(), joined).decode("utf-8", "replace")
        changed = self.text(text)
        if changed == text:
            return field
        return name + colon + re.sub(r"[^\x00-\x7f]+", lambda found: _encoded(found[0]), changed).encode("ascii")


def _decoded(charset: bytes, encoding: bytes, word: bytes) -> str:
    try:
        raw = a2b_base64(word + b"==") if encoding in b"Bb" else a2b_qp(word, header=True)
    except Error:
        raw = word
    try:
        return raw.decode(charset.partition(b"*")[0].decode("ascii", "replace"), "replace")
    except LookupError:
        return raw.decode("latin-1")


def _encoded(text: str) -> str:
    return f"=?utf-8?B?{b64encode(text.encode()).decode()}?="


def _in_text(spelling: str) -> str:
    words = r"\s+".join(re.escape(word) for word in spelling.split())
    return (
        (r"(?<![^\W_])" if spelling[0].isascii() and spelling[0].isalnum() else "")
        + words
        + (r"(?![^\W_])" if spelling[-1].isascii() and spelling[-1].isalnum() else "")
    )


def _anywhere(several: Sequence[str]) -> bytes:
    """All spellings in one pattern. A look at one byte ahead spares most places all the rest."""
    first = {b"=", b"%", b"&"}
    for spelling in several:
        for case in (spelling[0], spelling[0].lower(), spelling[0].upper()):
            first |= {found[:1] for found in _in_charsets(case)}
        first |= {found[:1] for found in _whole_forms(spelling)}
    ahead = b"".join(re.escape(one) for one in sorted(first))
    return b"(?=[" + ahead + b"])(?:" + b"|".join(map(_in_bytes, several)) + b")"


def _in_bytes(spelling: str) -> bytes:
    words = _GAP.join(_SOFT.join(map(_character, word)) for word in spelling.split())
    begins = _BEGINS if spelling[0].isascii() and spelling[0].isalnum() else b""
    ends = _ENDS if spelling[-1].isascii() and spelling[-1].isalnum() else b""
    return b"|".join([begins + words + ends, *_wholes(spelling)])


def _character(one: str) -> bytes:
    """One character in every charset, as it is or escaped byte by byte, or as a character reference."""
    cases = {one, one.lower(), one.upper()}
    forms = {_escaped(found) for case in cases for found in _in_charsets(case)}
    for case in cases:
        if len(case) == 1:
            forms.add(b"&#0*%d;|&#[xX]0*(?i:%x);" % (ord(case), ord(case)))
            if ord(case) in codepoint2name:
                forms.add(b"&%s;" % codepoint2name[ord(case)].encode())
    return b"(?:" + b"|".join(sorted(forms)) + b")"


def _in_charsets(text: str) -> Iterator[bytes]:
    for charset in _CHARSETS:
        try:
            yield text.encode(charset)
        except UnicodeEncodeError:
            continue


def _escaped(several: bytes) -> bytes:
    return _SOFT.join(
        b"(?:%s|[=%%](?i:%02x))" % (re.escape(several[at : at + 1]), several[at]) for at in range(len(several))
    )


def _wholes(spelling: str) -> Iterator[bytes]:
    return (_SOFT.join(_escaped(found[at : at + 1]) for at in range(len(found))) for found in _whole_forms(spelling))


def _whole_forms(spelling: str) -> Iterator[bytes]:
    for case in sorted({spelling, spelling.lower(), spelling.upper()}):
        for charset in _WHOLE:
            try:
                found = case.encode(charset)
            except UnicodeEncodeError:
                continue
            if not found.isascii() or found.decode("ascii") != case:
                yield found
