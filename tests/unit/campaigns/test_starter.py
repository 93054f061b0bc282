"""`create_workspace` writes a working campaign, once, and overwrites nothing."""

from __future__ import annotations

import os
import re
import shutil
import stat
from importlib.resources import files
from pathlib import Path

import pytest

from outreach.campaigns.settings import load_settings
from outreach.campaigns.starter import Created, create_workspace, starter_files
from outreach.campaigns.workspace import Workspace
from outreach.errors import SettingsError, UsageError

PACKAGE = Path(str(files("outreach")))
CHECKOUT = Path(__file__).parents[3]
OWN = {
    ".env.example",
    ".gitignore",
    "README.md",
    "campaigns/example.toml",
    "campaigns/moratorium.toml",
    "contacts/example.csv",
}
HEX = "0123456789abcdef" * 4


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The package as a wheel holds it, with one letter."""
    package = tmp_path / "site-packages" / "outreach"
    shutil.copytree(PACKAGE / "starter", package / "starter", ignore=shutil.ignore_patterns("templates"))
    shutil.copy(CHECKOUT / ".env.example", package / "starter" / "env.example")
    letter = package / "starter" / "templates" / "letters" / "moratorium" / "en.md"
    letter.parent.mkdir(parents=True)
    letter.write_text("Dear")
    return package


def create(target: Path, package: Path) -> Created:
    return create_workspace(target, random_hex=lambda count: HEX[: 2 * count], package=package)


def content(root: Path) -> dict[str, bytes]:
    return {file.relative_to(root).as_posix(): file.read_bytes() for file in root.rglob("*") if file.is_file()}


def test_a_new_folder_becomes_a_workspace(tmp_path: Path, package: Path) -> None:
    """All files are written, also into a folder whose parents are not there yet."""
    target = tmp_path / "new" / "here"
    created = create(target, package)
    assert set(created.written) == OWN | {".env", "templates/letters/moratorium/en.md"} == set(content(target))
    assert (created.kept, created.advice, created.target) == ((), (), target.resolve())
    assert Workspace(target).names() == ("example", "moratorium")


def test_the_secrets_file_is_private_and_complete(tmp_path: Path, package: Path) -> None:
    """.env has a fresh secret and is for its owner only; nothing else in it is set."""
    before = os.umask(0)
    try:
        create(tmp_path / "w", package)
    finally:
        os.umask(before)
    file = tmp_path / "w" / ".env"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    settings = load_settings(tmp_path / "w", {})
    assert settings.secret is not None
    assert settings.secret.reveal() == HEX
    assert settings.problems(live=False) == []
    assert list(settings.given.values) == ["OUTREACH_SECRET"]
    assert HEX not in (tmp_path / "w" / ".env.example").read_text()
    assert {".env", ".outreach/"} <= set((tmp_path / "w" / ".gitignore").read_text().split())


def test_a_second_time_changes_nothing(tmp_path: Path, package: Path) -> None:
    """Run again, every file is kept and said to be."""
    first = create(tmp_path / "w", package)
    (tmp_path / "w" / "campaigns" / "moratorium.toml").write_text("mine")
    before = content(tmp_path / "w")
    second = create_workspace(tmp_path / "w", random_hex=lambda count: "f" * 2 * count, package=package)
    assert (set(second.kept), second.written) == (set(first.written), ())
    assert content(tmp_path / "w") == before


def test_what_is_missing_is_written_and_the_rest_kept(tmp_path: Path, package: Path) -> None:
    """A deleted file comes back, a changed one stays."""
    create(tmp_path / "w", package)
    (tmp_path / "w" / "README.md").unlink()
    assert create(tmp_path / "w", package).written == ("README.md",)


def test_kept_files_that_would_leak_or_lack_are_pointed_out(tmp_path: Path, package: Path) -> None:
    """An older .gitignore without .env, an older .env without a secret: kept, with advice."""
    target = tmp_path / "w"
    target.mkdir()
    (target / ".gitignore").write_text("*.pyc\n/.outreach\n")
    (target / ".env").write_text("OTHER=1\n# OUTREACH_SECRET=no\n")
    advice = create(target, package).advice
    assert len(advice) == 2
    assert "Add .env to .gitignore" in advice[0]
    assert "OUTREACH_SECRET" in advice[1]


@pytest.mark.parametrize("case", ["file", "below-a-file", "loop"])
def test_a_target_that_can_be_no_folder_is_refused(tmp_path: Path, package: Path, case: str) -> None:
    """A file in the place of the folder, or of one above it, is named and left alone."""
    target = tmp_path / "w"
    if case == "file":
        target.write_text("mine")
    elif case == "below-a-file":
        target.write_text("mine")
        target = target / "deeper"
    else:
        target.symlink_to(target)
    with pytest.raises(UsageError):
        create(target, package)
    assert not (tmp_path / "w").is_file() or (tmp_path / "w").read_text() == "mine"


def test_a_folder_that_is_not_writable_is_refused(tmp_path: Path, package: Path) -> None:
    """What the system says is passed on, with what to do."""
    target = tmp_path / "w"
    target.mkdir(mode=0o500)
    if os.geteuid() == 0:  # root may write everywhere but into the kernel's own folder
        target = Path("/proc")
    with pytest.raises(UsageError, match="cannot be written"):
        create(target, package)


@pytest.mark.parametrize("name", ["campaigns", "templates", "templates/letters", "contacts"])
def test_a_link_out_of_the_folder_is_refused_before_anything_is_written(
    tmp_path: Path, package: Path, name: str
) -> None:
    """A folder that leads elsewhere would have files written there."""
    target, elsewhere = tmp_path / "w", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (target / name).parent.mkdir(parents=True)
    (target / name).symlink_to(elsewhere)
    with pytest.raises(UsageError, match="link out of the folder") as caught:
        create(target, package)
    assert caught.value.where == name
    assert content(target) == {}
    assert list(elsewhere.iterdir()) == []


def test_a_link_at_a_files_place_is_kept_and_not_followed(tmp_path: Path, package: Path) -> None:
    """Not even a dead link is written through."""
    target, elsewhere = tmp_path / "w", tmp_path / "elsewhere"
    target.mkdir()
    (target / ".env").symlink_to(elsewhere)
    assert ".env" in create(target, package).kept
    assert not elsewhere.exists()


def test_a_file_in_the_place_of_a_folder_is_named(tmp_path: Path, package: Path) -> None:
    """`contacts` as a file: said, before anything is written."""
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "contacts").write_text("mine")
    with pytest.raises(UsageError, match="in the way"):
        create(tmp_path / "w", package)
    assert content(tmp_path / "w") == {"contacts": b"mine"}


@pytest.mark.parametrize("lost", ["starter", "starter/env.example", "starter/templates"])
def test_an_installation_that_is_not_whole_is_said(tmp_path: Path, package: Path, lost: str) -> None:
    """Nothing is written from half a package."""
    gone = package / lost
    gone.unlink() if gone.is_file() else shutil.rmtree(gone)
    with pytest.raises(SettingsError, match="Install outreach again"):
        create(tmp_path / "w", package)
    assert not (tmp_path / "w").exists()


@pytest.mark.skipif(not (CHECKOUT / "src").is_dir(), reason="the wheel is tested, without a checkout")
def test_the_checkout_gives_its_own_letters(tmp_path: Path) -> None:
    """In a checkout the letters are those of templates/letters at its root, every one of them."""
    found = dict(starter_files(files("outreach")))
    letters = {
        file.relative_to(CHECKOUT).as_posix(): file.read_bytes()
        for file in (CHECKOUT / "templates" / "letters").rglob("*")
        if file.is_file() and not any(part.startswith((".", "__")) for part in file.relative_to(CHECKOUT).parts)
    }
    assert letters
    assert set(found) == OWN | set(letters)
    assert {path: found[path] for path in letters} == letters


def test_no_real_address_is_in_the_starter() -> None:
    """Every address that a new workspace brings belongs to nobody."""
    for path, data in starter_files(files("outreach")):
        for address in re.findall(rb"[\w.+{}-]+@[\w.-]+", data):
            assert address.decode().rstrip(".").endswith((".example", "@example.org")), path
