"""A working campaign in a new folder. Whatever is there already stays as it is."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from outreach.campaigns.given import SECRET
from outreach.errors import SettingsError, UsageError

SECRET_BYTES = 32
#: What an archive or a version control system would take for its own is named otherwise in the package.
_NAMED = {"gitignore": ".gitignore", "env.example": ".env.example"}
_REINSTALL = "Install outreach again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """What `create_workspace` did; paths are relative to the folder."""

    target: Path  #: absolute
    written: tuple[str, ...]
    kept: tuple[str, ...]  #: were there before: untouched
    advice: tuple[str, ...] = ()  #: what a person should do about a kept file


def create_workspace(target: Path, *, random_hex: Callable[[int], str], package: Traversable | None = None) -> Created:
    """Write a workspace into `target`, made if need be; `random_hex(n)` gives n random bytes in hexadecimal.

    Raises UsageError when `target` cannot hold one, before anything is written; SettingsError when the
    installation is not whole.
    """
    wanted = dict(starter_files(package or files("outreach")))
    wanted[".env"] = _with_secret(wanted[".env.example"], random_hex(SECRET_BYTES))
    root = _root(target)
    written: list[str] = []
    kept: list[str] = []
    try:
        for path in wanted:
            _way_is_free(root, path)
        for path, data in sorted(wanted.items()):
            (written if _write(root, path, data) else kept).append(path)
    except OSError as error:
        raise UsageError(
            f"The workspace cannot be written: {error.strerror}.",
            where=str(error.filename or root),
            todo="Choose a folder of your own. What is already written can stay: run the command again.",
        ) from error
    return Created(target=root, written=tuple(written), kept=tuple(kept), advice=tuple(_advice(root, kept)))


def starter_files(package: Traversable) -> Iterator[tuple[str, bytes]]:
    """Every file of a new workspace but `.env`, by its path there.

    A wheel holds them all; in a checkout the letters and .env.example lie at its root, two folders above the package.
    """
    starter = package / "starter"
    yield from _below(starter, "")
    checkout = Path(str(package)).parent.parent
    if not (starter / "env.example").is_file():
        yield ".env.example", _read(checkout / ".env.example")
    if not (starter / "templates").is_dir():
        letters = list(_below(checkout / "templates" / "letters", "templates/letters/"))
        if not letters:
            raise SettingsError("The letters are missing.", where=str(starter), todo=_REINSTALL)
        yield from letters


def _below(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    if not folder.is_dir():
        raise SettingsError("A part of the installation is missing.", where=str(folder), todo=_REINSTALL)
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.name.startswith((".", "__")):
            continue
        if entry.is_dir():
            yield from _below(entry, f"{prefix}{entry.name}/")
        else:
            yield prefix + _NAMED.get(entry.name, entry.name), _read(entry)


def _read(file: Traversable) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise SettingsError(f"{error.strerror}.", where=str(file), todo=_REINSTALL) from error


def _with_secret(example: bytes, secret: str) -> bytes:
    text, count = re.subn(rf"(?m)^#?{SECRET}=.*$", f"{SECRET}='{secret}'", example.decode())
    if count != 1:
        raise SettingsError(f"It does not set {SECRET} exactly once.", where=".env.example", todo=_REINSTALL)
    return text.encode()


def _root(target: Path) -> Path:
    try:
        root = target.resolve()
        if root.exists() and not root.is_dir():
            raise UsageError("This is a file, not a folder.", where=str(target), todo="Name a new or an empty folder.")
        root.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError) as error:  # a loop of links is a RuntimeError up to Python 3.12
        reason = getattr(error, "strerror", None) or error
        raise UsageError(
            f"The folder cannot be made: {reason}.", where=str(target), todo="Choose a folder of your own."
        ) from error
    return root


def _way_is_free(root: Path, path: str) -> None:
    """Every folder on the way is one, in the workspace: a link out of it would write elsewhere."""
    for folder in [root / part for part in Path(path).parents if part != Path()]:
        if not folder.is_symlink() and not folder.exists():
            continue
        where = str(folder.relative_to(root))
        if not folder.is_dir():
            raise UsageError("This is in the way: it is no folder.", where=where, todo="Move it, then run this again.")
        if not folder.resolve().is_relative_to(root):
            raise UsageError("This is a link out of the folder.", where=where, todo="Replace it by a real folder.")


def _write(root: Path, path: str, data: bytes) -> bool:
    """Whether the file was written; one that is there, even as a dead link, is kept."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    mode = 0o600 if path == ".env" else 0o666
    try:
        # O_EXCL never follows a link at the end of the path (POSIX open).
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        return False
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
    return True


def _advice(root: Path, kept: list[str]) -> Iterator[str]:
    if ".gitignore" in kept:
        ignored = _lines(root / ".gitignore")
        for wanted in (".env", ".outreach/"):
            if not ignored & {wanted, wanted.rstrip("/"), f"/{wanted}", f"/{wanted.rstrip('/')}"}:
                yield f"Add {wanted} to .gitignore: it must not be published."
    if ".env" in kept and not any(re.match(rf"(export\s+)?{SECRET}=", line) for line in _lines(root / ".env")):
        yield f"Add a line {SECRET}='…' with 64 random letters and digits to .env; .env.example explains it."


def _lines(file: Path) -> set[str]:
    try:
        return {line.strip() for line in file.read_text("utf-8", "replace").splitlines()}
    except OSError:
        return set()
