"""Which files come in: inside the workspace, not too large, and truly of a kind that we read."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable
from enum import Enum, auto
from pathlib import Path
from typing import BinaryIO

from outreach.errors import SheetError
from outreach.model.problem import Place, Problem, Severity
from outreach.sheets.limits import MAX_TEXT_BYTES

_SAVE_AS = "Save it as CSV, XLSX or ODS in a spreadsheet program and name that file."


class FileKind(Enum):
    """What the first bytes say, whatever the file is called."""

    TEXT = auto()
    ZIP = auto()


def refused(path: str, code: str, found: str, todo: str = "", *, row: int = 0, sheet: str = "") -> SheetError:
    """The error for a sheet that is not read at all, carrying the one problem it is."""
    place = Place(path=path, sheet=sheet, row=row)
    problem = Problem(severity=Severity.FAULT, code=code, found=found, todo=todo, place=place)
    return SheetError(found, where=str(place), todo=todo, problems=(problem,))


def resolve(root: Path, path: str) -> Path:
    """The file's place on the disk. Raises SheetError when it is not a file inside the workspace."""
    where = "Sheets lie in the workspace, usually in contacts/."
    if not path.strip() or "\0" in path:
        raise refused(path.replace("\0", "\\0"), "no-sheet", "No sheet is named.", where)
    try:
        base = root.resolve()
        file = (base / path).resolve(strict=True)
        if not file.is_relative_to(base):
            raise refused(path, "outside-workspace", "The sheet lies outside the workspace.", where)
        state = file.stat()
    except FileNotFoundError as error:
        raise refused(path, "no-sheet", "There is no such file.", where) from error
    except (OSError, RuntimeError) as error:  # a loop of links is a RuntimeError up to Python 3.12
        reason = getattr(error, "strerror", None) or error
        raise refused(path, "no-sheet", f"The file cannot be opened: {reason}.", where) from error
    if not stat.S_ISREG(state.st_mode):
        raise refused(path, "no-sheet", "This is not a file.", where)
    if state.st_size > MAX_TEXT_BYTES:
        raise refused(
            path,
            "too-large",
            f"The file has {state.st_size:,} bytes; at most {MAX_TEXT_BYTES:,} are read.",
            "Divide it into several sheets.",
        )
    return file


def look(file: BinaryIO, path: str) -> FileKind:
    """Text or a zip archive by the first bytes. Raises SheetError for anything known to be neither."""
    start = file.read(1 << 16)
    file.seek(0)
    if start.startswith(b"PK\x03\x04"):
        return FileKind.ZIP
    for marks, found, todo in _REFUSED:
        if marks(start):
            raise refused(path, "wrong-format", found, todo)
    return FileKind.TEXT


def _begins(*magic: bytes) -> Callable[[bytes], bool]:
    return lambda start: start.startswith(magic)


def _is_encrypted(start: bytes) -> bool:
    return start.startswith(b"\xd0\xcf\x11\xe0") and "EncryptedPackage".encode("utf-16-le") in start


def _is_markup(start: bytes) -> bool:
    head = start.removeprefix(b"\xef\xbb\xbf").lstrip()[:200].lower()
    return re.match(rb"<(?:!doctype|html|head|body|table|\?xml|!--|meta|style)", head) is not None


_REFUSED: tuple[tuple[Callable[[bytes], bool], str, str], ...] = (
    (_is_encrypted, "The workbook is protected by a password.", "Save it without a password."),
    (_begins(b"\xd0\xcf\x11\xe0"), "This is an old Excel file (.xls), which is not read.", _SAVE_AS),
    (_is_markup, "This is a web page or XML under another name, not a sheet.", _SAVE_AS),
    (_begins(b"%PDF"), "This is a PDF, not a sheet.", _SAVE_AS),
    (_begins(b"{\\rtf"), "This is a text document, not a sheet.", _SAVE_AS),
    (
        _begins(b"PK\x05\x06", b"PK\x07\x08", b"\x1f\x8b", b"BZh", b"7z\xbc\xaf", b"\xfd7zXZ", b"Rar!"),
        "This is a packed archive, not a sheet.",
        "Unpack it and name the sheet that it holds.",
    ),
    (
        _begins(b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"SQLite format 3\0", b"\x7fELF", b"MZ\x90"),
        "This is not a sheet.",
        _SAVE_AS,
    ),
)
