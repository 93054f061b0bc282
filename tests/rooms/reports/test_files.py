"""An export is there whole or not at all, and replaces nothing unasked."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from outreach.errors import OutreachError
from outreach.model.log import Log
from outreach.reports import write_csv, write_json, write_xlsx
from outreach.reports.files import new_file

WRITERS = pytest.mark.parametrize("write", [write_csv, write_json, write_xlsx])
Writer = Callable[..., None]


@WRITERS
def test_an_existing_file_is_not_overwritten_unasked(logs: Any, tmp_path: Path, write: Writer) -> None:
    """What stood there stands there, and the message names the file."""
    path = tmp_path / "log"
    path.write_text("mine")

    with pytest.raises(OutreachError, match="The file exists") as error:
        write(logs.full(), path)

    assert str(path) in str(error.value)
    assert path.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [path]


@WRITERS
def test_an_existing_file_is_replaced_when_asked(logs: Any, tmp_path: Path, write: Writer) -> None:
    """The new file is the same as one written where none was."""
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text("mine")
    write(logs.full(), old, overwrite=True)
    write(logs.full(), new)

    assert old.read_bytes() == new.read_bytes()
    assert sorted(tmp_path.iterdir()) == [new, old]


@WRITERS
def test_an_export_is_readable_by_its_owner_only(logs: Any, tmp_path: Path, write: Writer) -> None:
    """A log holds addresses."""
    path = tmp_path / "log"
    write(logs.full(), path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@WRITERS
@pytest.mark.parametrize("name", ["missing/log", "a-file/log", "."], ids=["no folder", "in a file", "a folder"])
def test_a_place_that_cannot_be_written_is_named(logs: Any, tmp_path: Path, write: Writer, name: str) -> None:
    """The message says which place and what to do; no other exception comes through."""
    (tmp_path / "a-file").write_text("")

    with pytest.raises(OutreachError) as error:
        write(logs.full(), tmp_path / name)

    assert str(tmp_path) in str(error.value)
    assert error.value.todo


def test_a_file_that_breaks_off_leaves_what_was_there(tmp_path: Path) -> None:
    """With an error in the middle the old file stands and no half file is left."""
    path = tmp_path / "log.csv"
    path.write_text("mine")

    with pytest.raises(ZeroDivisionError), new_file(path, overwrite=True) as fh:
        fh.write(b"half" * (1 // fh.tell()))

    assert path.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_comes_while_ours_is_written_is_not_replaced(tmp_path: Path) -> None:
    """Two exports at once: the second to finish is told, not lost and not winning."""
    path = tmp_path / "log.csv"

    with pytest.raises(OutreachError, match="The file exists"), new_file(path):
        path.write_text("first")

    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("write", [write_csv, write_json])
def test_a_stream_gets_the_same_text_as_a_file(logs: Any, tmp_path: Path, write: Callable[[Log, Any], None]) -> None:
    """What is piped and what is saved are equal."""
    saved, streamed = tmp_path / "saved", tmp_path / "streamed"
    write(logs.full(), saved)
    with streamed.open("w", encoding="utf-8", newline="") as fh:
        write(logs.full(), fh)

    assert saved.read_bytes() == streamed.read_bytes()
