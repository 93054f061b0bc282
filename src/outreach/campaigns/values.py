"""The kinds of value a campaign file holds: each is checked once, here, and says what it should have been."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from outreach.campaigns.addresses import BadAddress, checked_address

FAULT = "fault"  #: the type of our own pydantic errors: their context is said as it is
RESERVED = ("frame", "chaser", "supporter", "digest")  #: folders of templates/letters that are no demand's
CODED = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

FindState = Callable[[str], str | None]  #: a state's name or code, in any language -> its code


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a value is checked against besides itself."""

    root: Path  #: the workspace
    find_state: FindState


def fault(code: str, found: str, todo: str) -> PydanticCustomError:
    """A fault in our own words; pydantic adds the key."""
    return PydanticCustomError(FAULT, "{found}", {"code": code, "found": found, "todo": todo})


def _around(info: ValidationInfo) -> Surroundings:
    if not isinstance(info.context, Surroundings):
        raise TypeError("a campaign file is checked against its Surroundings")
    return info.context


def _line(value: str) -> str:
    text = value.strip()
    if not text:
        raise fault("empty", "This is empty.", "Write it, or take the line out if it is not needed.")
    # A control character or a line end in a name would reach a header of the letter (RFC 5322 2.2).
    if any(unicodedata.category(letter) in {"Cc", "Zl", "Zp"} for letter in text):
        raise fault("control-character", "This holds a line end or a control character.", "Write it on one line.")
    return text


def _lines(value: object) -> object:
    return value.strip("\n").split("\n") if isinstance(value, str) else value


def _slug(value: str) -> str:
    if not CODED.fullmatch(value):
        made = re.sub(r"[^a-z0-9]+", "-", value.casefold()).strip("-") or "a-short-name"
        raise fault(
            "bad-slug", f'"{value}" cannot name a demand.', f'Use small letters, digits and hyphens, such as "{made}".'
        )
    if value in RESERVED:
        raise fault(
            "bad-slug",
            f'"{value}" cannot name a demand: it is a folder of its own.',
            f'Write another, such as "the-{value}".',
        )
    return value


def _address(value: str) -> str:
    return _checked(value, token=False)


def _token_address(value: str) -> str:
    return _checked(value, token=True)


def _checked(value: str, *, token: bool) -> str:
    try:
        return checked_address(value, token=token)
    except BadAddress as error:
        raise fault("bad-address", error.found, error.todo) from error


def _website(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/.]+(\.[^\s/.]+)+(/\S*)?", value):
        raise fault("bad-website", f'"{value}" is no web address.', "It begins with https://, without spaces.")
    return value


def _language(value: str) -> str:
    hit = re.fullmatch(r"([A-Za-z]{2,3})(?:-([A-Za-z]{4}))?(?:-([A-Za-z]{2}|[0-9]{3}))?", value)
    if hit is None:
        wanted = value.replace("_", "-") if "_" in value else "en"
        raise fault(
            "bad-language", f'"{value}" is no language code.', f'Write the code, such as "{wanted}" or "zh-Hant".'
        )
    parts = [hit[1].lower(), hit[2] and hit[2].title(), hit[3] and hit[3].upper()]
    return "-".join(part for part in parts if part)


def _state(value: str, info: ValidationInfo) -> str:
    code = _around(info).find_state(value)
    if code is None:
        raise fault(
            "unknown-state", f'"{value}" is no state we know.', "Write its two-letter code, such as BG, or its name."
        )
    return code


def _sheet(value: str, info: ValidationInfo) -> str:
    if "\\" in value:
        raise fault("bad-path", f'"{value}" has a backslash.', f'Write "{value.replace(chr(92), "/")}".')
    root = _around(info).root.resolve()
    path = str(PurePosixPath(value))
    try:
        file = (root / path).resolve()
        if not file.is_relative_to(root):
            raise fault("sheet-outside", f'"{value}" lies outside the workspace.', "Copy the sheet into contacts/.")
        if file.is_file():
            return path
        is_folder = file.is_dir()
    except (OSError, RuntimeError) as error:  # a loop of links is a RuntimeError up to Python 3.12
        raise fault("no-such-sheet", f'"{value}" cannot be followed.', "Name a sheet in contacts/.") from error
    if is_folder:
        raise fault("no-such-sheet", f'"{value}" is a folder.', "Name each of its sheets.")
    raise fault("no-such-sheet", f'There is no file "{value}".', _near_sheet(root, path))


def _near_sheet(root: Path, path: str) -> str:
    there = [file.relative_to(root).as_posix() for file in sorted((root / "contacts").glob("*")) if file.is_file()]
    close = get_close_matches(path, there, n=1, cutoff=0.7) or get_close_matches(f"contacts/{path}", there, n=1)
    if close:
        return f'Did you mean "{close[0]}"?'
    return f"There are: {', '.join(there[:8])}." if there else "Put the sheet into contacts/."


def _hours(value: object) -> tuple[time, time]:
    if not isinstance(value, str):
        raise fault("wrong-type", "Office hours stand in quotes.", 'Write them as "09:00-17:00".')
    hit = re.fullmatch(r"(\d{1,2}):(\d{2})\s*[-–—]\s*(\d{1,2}):(\d{2})", _line(value))
    try:
        if hit is None:
            raise ValueError
        opens, closes = time(int(hit[1]), int(hit[2])), time(int(hit[3]), int(hit[4]))
    except ValueError:
        raise fault("bad-time", f'"{value}" are no office hours.', 'Write them as "09:00-17:00".') from None
    if opens >= closes:
        raise fault("bad-time", f'"{value}" ends before it begins.', "Write the earlier time first.")
    return opens, closes


def _encoding(value: str) -> str:
    try:
        "".encode(value).decode(value)
    except (LookupError, ValueError):
        close = get_close_matches(value.casefold(), _ENCODINGS, n=1, cutoff=0.5)
        raise fault(
            "bad-encoding",
            f'"{value}" is no encoding we know.',
            f'Did you mean "{close[0]}"?' if close else f"Write one such as {', '.join(_ENCODINGS[:4])}.",
        ) from None
    return value


_ENCODINGS = ("utf-8", "windows-1252", "windows-1251", "windows-1253", "utf-16", "iso-8859-1", "mac-roman", "shift-jis")

Line = Annotated[str, AfterValidator(_line)]
Lines = Annotated[list[Line], BeforeValidator(_lines)]
Slug = Annotated[Line, AfterValidator(_slug)]
Address = Annotated[Line, AfterValidator(_address)]
TokenAddress = Annotated[Line, AfterValidator(_token_address)]
Website = Annotated[Line, AfterValidator(_website)]
Language = Annotated[Line, AfterValidator(_language)]
State = Annotated[Line, AfterValidator(_state)]
Sheet = Annotated[Line, AfterValidator(_sheet)]
Hours = Annotated[tuple[time, time], BeforeValidator(_hours)]
Encoding = Annotated[Line, AfterValidator(_encoding)]
Limit = Annotated[int, Field(ge=1, le=1_000_000)]
Days = Annotated[int, Field(ge=1, le=250)]  #: working days; a year has some 250
