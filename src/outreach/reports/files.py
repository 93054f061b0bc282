"""A new file, whole or not at all."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

from outreach.errors import OutreachError


@contextmanager
def new_file(path: Path, *, overwrite: bool = False) -> Iterator[BinaryIO]:
    """Give a file to write; at the end of the block it stands at `path`, readable by its owner only (0600).

    Raises OutreachError when `path` exists and `overwrite` is not set, or when it cannot be written; whatever is
    raised, what stood at `path` before still stands there.
    """
    _refuse(path, overwrite=overwrite)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".tmp", dir=path.parent)
    except OSError as error:
        raise _unwritable(path, error) from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as fh:
            yield fh
            fh.flush()
            os.fsync(fh.fileno())
        _put(temporary, path, overwrite=overwrite)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def text_to(to: TextIO | Path, *, overwrite: bool = False) -> Iterator[TextIO]:
    """Give the stream itself, or a new UTF-8 file as `new_file` does."""
    if not isinstance(to, Path):
        yield to
        return
    with new_file(to, overwrite=overwrite) as fh:
        text = io.TextIOWrapper(fh, encoding="utf-8", newline="", write_through=True)
        try:
            yield text
        finally:
            text.detach()


def _refuse(path: Path, *, overwrite: bool) -> None:
    if path.is_dir():
        raise OutreachError("This is a folder.", where=str(path), todo="Name a file in it.")
    if not overwrite and os.path.lexists(path):
        raise _exists(path)


def _put(temporary: Path, path: Path, *, overwrite: bool) -> None:
    if not overwrite:
        # A link never replaces: two exports at once cannot both believe the name was free.
        try:
            os.link(temporary, path)
        except FileExistsError as error:
            raise _exists(path) from error
        except OSError:
            pass  # FAT and some network folders have no links
        else:
            return
    temporary.replace(path)
    with contextlib.suppress(OSError):  # not every system opens folders
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _exists(path: Path) -> OutreachError:
    return OutreachError("The file exists.", where=str(path), todo="Name another, or replace it with --overwrite.")


def _unwritable(path: Path, error: OSError) -> OutreachError:
    return OutreachError(f"The file cannot be written: {error.strerror}.", where=str(path), todo="Name another place.")
