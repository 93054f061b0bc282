"""A workbook's zip archive, looked at before anything parses it: bombs, foreign formats, entities in the XML."""

from __future__ import annotations

import copy
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

from outreach.sheets.door import refused
from outreach.sheets.limits import MAX_PARTS, MAX_RATIO, MAX_UNPACKED_BYTES, MAX_WORKBOOK_BYTES, RATIO_COUNTS_FROM

_BLOCK = 1 << 18
_SAVE_AS = "Save it as XLSX, ODS or CSV in a spreadsheet program and name that file."
#: XML may be in UTF-16 as well. A document type is the way to entities, local files and endless expansion.
_FORBIDDEN = tuple(
    word.encode(encoding) for word in ("<!DOCTYPE", "<!ENTITY") for encoding in ("ascii", "utf-16-le", "utf-16-be")
)


def open_archive(raw: bytes, path: str) -> zipfile.ZipFile:
    """The archive of an XLSX or ODS workbook that is safe to unpack. Raises SheetError for any other."""
    if len(raw) > MAX_WORKBOOK_BYTES:
        raise refused(
            path,
            "too-large",
            f"The workbook has {len(raw):,} bytes; at most {MAX_WORKBOOK_BYTES:,} are read.",
            "Save the sheet as CSV, without pictures and formats.",
        )
    try:
        archive = zipfile.ZipFile(BytesIO(raw))
        _check_sizes(archive, len(raw), path)
        _check_format(archive, path)
        _check_parts(archive, path)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError, RuntimeError) as error:
        raise refused(path, "damaged", f"The workbook is damaged: {error}.", _SAVE_AS) from error
    return archive


def _check_sizes(archive: zipfile.ZipFile, packed: int, path: str) -> None:
    parts = archive.infolist()
    total = sum(part.file_size for part in parts)
    if len(parts) > MAX_PARTS:
        raise refused(path, "bomb", f"The workbook has {len(parts):,} parts; at most {MAX_PARTS:,} are read.")
    if total > MAX_UNPACKED_BYTES:
        raise refused(
            path,
            "bomb",
            f"The workbook unpacks to {total:,} bytes; at most {MAX_UNPACKED_BYTES:,} are read.",
            "Save the sheet as CSV.",
        )
    if total > RATIO_COUNTS_FROM and total > MAX_RATIO * packed:
        raise refused(
            path,
            "bomb",
            f"The workbook unpacks to {total // packed} times its size; at most {MAX_RATIO} times is read.",
            "Save the sheet as CSV.",
        )
    if any(part.flag_bits & 0x1 for part in parts):
        raise refused(path, "wrong-format", "The workbook is protected by a password.", "Save it without a password.")
    if any(part.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for part in parts):
        raise refused(path, "wrong-format", "The archive is packed in a way no spreadsheet program uses.", _SAVE_AS)


def _check_format(archive: zipfile.ZipFile, path: str) -> None:
    names = set(archive.namelist())
    if "xl/workbook.bin" in names:
        raise refused(path, "wrong-format", "This is a binary Excel file (.xlsb), which is not read.", _SAVE_AS)
    if any(name.endswith("vbaProject.bin") for name in names):
        raise refused(path, "wrong-format", "The workbook holds macros (.xlsm), which are not read.", _SAVE_AS)
    if "xl/workbook.xml" in names:
        return
    if "content.xml" in names and b"opendocument.spreadsheet" in _start(archive, "mimetype"):
        if b"encryption-data" in _start(archive, "META-INF/manifest.xml"):
            raise refused(
                path, "wrong-format", "The workbook is protected by a password.", "Save it without a password."
            )
        return
    raise refused(path, "wrong-format", "This is an archive or a document, not a workbook.", _SAVE_AS)


def _start(archive: zipfile.ZipFile, name: str) -> bytes:
    if name not in archive.namelist():
        return b""
    with archive.open(name) as part:
        return part.read(1 << 20)


def _check_parts(archive: zipfile.ZipFile, path: str) -> None:
    """Unpack every part once: a size that is not what the directory says is a trap, and so is an entity."""
    for part in archive.infolist():
        size = 0
        tail = b""
        for block in _unpacked(archive, part):
            size += len(block)
            if size > part.file_size:
                raise refused(path, "bomb", f"A part of the workbook is larger than it says: {part.filename!a}.")
            if any(word in tail + block for word in _FORBIDDEN):
                raise refused(
                    path,
                    "entities",
                    f"The workbook's XML declares a document type or entities: {part.filename!a}.",
                    "No spreadsheet program writes that. " + _SAVE_AS,
                )
            tail = block[-32:]


def _unpacked(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    # zipfile stops at the declared size; calamine's reader does not, so neither may this look.
    honest = copy.copy(part)
    honest.file_size = part.file_size + _BLOCK
    with archive.open(honest) as stream:
        while block := stream.read(_BLOCK):
            yield block
