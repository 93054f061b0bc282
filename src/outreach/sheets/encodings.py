"""In which encoding a text file is written: its mark, UTF-8, UTF-16, else a guess that is said."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from outreach.errors import SheetError
from outreach.sheets.door import refused
from outreach.sheets.limits import MAX_LINE

_BLOCK = 1 << 20
_SAMPLE = 150_000  #: bytes of lines beyond ASCII: what the guess looks at
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: it begins with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Text encodings of Python that no sheet is written in; some of them are programs rather than code pages.
_NO_CODE_PAGES = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
#: What spreadsheet programs on Windows and Mac save, and the code pages of the countries that kept their own.
_CANDIDATES = (
    *(f"windows-{page}" for page in (1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258, 874)),
    *("macroman", "maclatin2", "maccyrillic", "macgreek", "macturkish", "maciceland"),
    *(f"iso-8859-{part}" for part in (1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 15, 16)),
    *("koi8-r", "koi8-u", "cp437", "cp850", "cp852", "cp855", "cp866", "big5", "gb18030", "euc-jp", "shift_jis"),
    *("cp932", "cp949", "euc-kr", "utf-16", "utf-16-le", "utf-16-be"),
)
#: The same letters and more: the guess saw a part of the file, the rest may hold the others.
_SUPERSETS = {
    "iso-8859-1": "cp1252",
    "iso-8859-8": "cp1255",
    "iso-8859-9": "cp1254",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
}
#: Here a line may be valid UTF-8 by chance.
_MULTIBYTE = re.compile(r"big5|gb|euc|shift|cp9\d\d|874|tis|johab|hz|utf", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """An encoding that decodes the whole file strictly."""

    name: str
    guessed: bool = False
    sample: str = ""  #: of the text beyond ASCII, so that a person sees whether the guess is right


def find_encoding(file: BinaryIO, path: str, wanted: str = "") -> Encoding:
    """The encoding of the file, which is left at its start. Raises SheetError when nothing fits."""
    try:
        mark = _mark(file)
        if wanted:
            found = Encoding(name=_checked(wanted, mark, path))
        elif mark:
            found = Encoding(name=mark)
        else:
            found = _without_mark(file, path)
        _decode_all(file, found.name, path)
    finally:
        file.seek(0)
    return found


def _mark(file: BinaryIO) -> str:
    file.seek(0)
    start = file.read(4)
    return next((name for mark, name in _MARKS if start.startswith(mark)), "")


def _checked(wanted: str, mark: str, path: str) -> str:
    name = _codec(wanted)
    if not name or name.replace("-", "_") in _NO_CODE_PAGES:
        raise refused(
            path,
            "unknown-encoding",
            f'"{wanted[:40]}" is not an encoding.',
            'Write it in the campaign file like "cp1252", "mac-roman" or "utf-8", or leave it out.',
        )
    family = mark.removesuffix("-sig")
    if mark and not name.startswith(family):
        raise refused(
            path,
            "wrong-encoding",
            f"The file begins with the mark of {family}, but the campaign file says {name}.",
            "Leave the encoding out of the campaign file, or save the sheet again.",
        )
    return mark or name


def _codec(wanted: str) -> str:
    try:
        "a".encode(wanted)  # codecs that are not of text are refused here
        return codecs.lookup(wanted).name
    except (LookupError, ValueError):
        return ""


def _without_mark(file: BinaryIO, path: str) -> Encoding:
    file.seek(0)
    start = file.read(4096)
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if even + odd > len(start) // 4:
        return Encoding(name="utf-16-be" if even > odd else "utf-16-le", guessed=True)
    if _is_utf8(file):
        return Encoding(name="utf-8")
    return _guess(file, path)


def _is_utf8(file: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    try:
        while block := file.read(_BLOCK):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _guess(file: BinaryIO, path: str) -> Encoding:
    import chardet

    lines = _lines_beyond_ascii(file)
    sample = b"\n".join(line for _, line in lines)
    told = str(chardet.detect(sample, include_encodings=_CANDIDATES)["encoding"] or "cp1252").lower()
    name = _SUPERSETS.get(told, told)
    if not _MULTIBYTE.search(name):
        _refuse_mixed(lines, name, path)
    try:
        shown = _seen(sample.decode(name))
    except (LookupError, UnicodeError):
        shown = ""
    return Encoding(name=name, guessed=True, sample=shown)


def _lines_beyond_ascii(file: BinaryIO) -> list[tuple[int, bytes]]:
    lines: list[tuple[int, bytes]] = []
    size = 0
    for number, line in enumerate(_lines(file), 1):
        if not line.isascii():
            lines.append((number, line[:4000]))
            size += min(len(line), 4000)
        if size > _SAMPLE:
            break
    return lines


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Lines by any of the three line ends, in bounded memory."""
    file.seek(0)
    rest = b""
    while block := file.read(_BLOCK):
        *whole, rest = re.split(rb"\r\n|\r|\n", rest + block)
        yield from whole
        if len(rest) > 4 * MAX_LINE:
            break
    yield rest


def _refuse_mixed(lines: list[tuple[int, bytes]], name: str, path: str) -> None:
    good = next((number for number, line in lines if _decodes(line, "utf-8")), 0)
    if good:
        bad = next(number for number, line in lines if not _decodes(line, "utf-8"))
        raise refused(
            path,
            "mixed-encodings",
            f"Line {good} is written in UTF-8, line {bad} is not (perhaps {name}).",
            "Save the sheet again as UTF-8 and look at both lines, or say its encoding in the campaign file.",
            row=bad,
        )


def _decodes(line: bytes, name: str) -> bool:
    try:
        line.decode(name)
    except UnicodeError:
        return False
    return True


def _seen(text: str) -> str:
    words = re.findall(r"\S*[^\x00-\x7f]\S*", text)
    return " … ".join(dict.fromkeys(word[:30] for word in words[:40]))[:120]


def _decode_all(file: BinaryIO, name: str, path: str) -> None:
    """Decode the file strictly, so that the reading afterwards cannot fail half-way."""
    decoder = codecs.getincrementaldecoder(name)()
    file.seek(0)
    line = 1
    try:
        while block := file.read(_BLOCK):
            text = decoder.decode(block)
            line += max(text.count("\n"), text.count("\r"))
        decoder.decode(b"", final=True)
    except UnicodeError as error:
        raise _undecodable(error, name, line, path) from error


def _undecodable(error: UnicodeError, name: str, line: int, path: str) -> SheetError:
    said = "one of its bytes"
    if isinstance(error, UnicodeDecodeError):
        said = f"the byte 0x{error.object[error.start]:02x}"
        before = error.object[: error.start].decode(name, errors="replace")
        line += max(before.count("\n"), before.count("\r"))
    return refused(
        path,
        "wrong-encoding",
        f"The file is not written in {name}: {said} has no meaning there, in line {line} or near it.",
        'Save the sheet as UTF-8, or say its encoding in the campaign file, such as encoding = "cp1252".',
        row=line,
    )
