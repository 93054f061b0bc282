"""A workspace is a folder with campaigns/; what the program keeps in it is for its owner only."""

from __future__ import annotations

import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from outreach.campaigns.workspace import Workspace
from outreach.errors import SettingsError, UsageError
from outreach.model.campaign import Mode


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_names_are_the_toml_files_in_order(workspace: Path) -> None:
    """Other files and folders in campaigns/ are no campaigns."""
    for name in ("b.toml", "a.toml", "notes.txt"):
        (workspace / "campaigns" / name).touch()
    (workspace / "campaigns" / "old.toml").mkdir()
    assert Workspace(workspace).names() == ("a", "b")
    assert Workspace(workspace).first_campaign() == "a"


def test_a_workspace_without_campaigns_has_no_first(workspace: Path) -> None:
    """And says so."""
    with pytest.raises(UsageError, match="no campaign"):
        Workspace(workspace).first_campaign()


@pytest.mark.parametrize("make", ["nothing", "a file", "an empty folder", "a loop"])
def test_a_folder_that_is_no_workspace_is_refused(tmp_path: Path, make: str) -> None:
    """Whatever stands there instead, the message names `outreach init`."""
    root = tmp_path / "here"
    if make == "a file":
        root.touch()
    elif make == "an empty folder":
        root.mkdir()
    elif make == "a loop":
        root.symlink_to(root)
    with pytest.raises(SettingsError, match="outreach init"):
        Workspace(root)


def test_each_mode_has_its_own_private_folder(workspace: Path) -> None:
    """Ledger, outbox and exports of a mode lie together, apart from every other mode's, and only the owner may look."""
    before = os.umask(0)
    try:
        here = Workspace(workspace)
        kept = {mode: (here.ledger(mode), here.outbox(mode), here.exports(mode)) for mode in Mode}
    finally:
        os.umask(before)
    assert [path.name for path, _, _ in kept.values()] == ["rehearsal.db", "to-me.db", "live.db"]
    for mode, paths in kept.items():
        folder = here.folder(mode)
        assert folder == workspace.resolve() / ".outreach" / mode.value
        assert all(path.parent == folder for path in paths)
        assert mode_of(folder) == mode_of(folder.parent) == mode_of(here.exports(mode)) == 0o700
    assert here.ledger_url(Mode.LIVE) == f"sqlite:///{kept[Mode.LIVE][0]}"


def test_a_folder_that_others_could_read_is_closed(workspace: Path) -> None:
    """Made by hand with common rights, .outreach is made private before anything is put into it."""
    (workspace / ".outreach").mkdir()
    (workspace / ".outreach").chmod(0o755)
    Workspace(workspace).ledger(Mode.LIVE)
    assert mode_of(workspace / ".outreach") == 0o700


def test_a_file_in_the_way_is_named(workspace: Path) -> None:
    """Where the folder should be stands a file: said, not overwritten."""
    (workspace / ".outreach").write_text("mine")
    with pytest.raises(SettingsError, match="cannot be made"):
        Workspace(workspace).ledger(Mode.LIVE)
    assert (workspace / ".outreach").read_text() == "mine"


def test_own_addresses_are_those_of_every_campaign_file_that_can_be_read(tmp_path):
    """Without tokens, lower case; a file with faults counts as far as it goes."""
    from outreach.campaigns.own import own_addresses

    (tmp_path / "campaigns").mkdir()
    for name, text in {
        "a": '[sender]\nemail = "Letters@NGO.example"\nreply_to = "replies+{token}@ngo.example"\nfault = 1\n',
        "b": '[sender]\nemail = "other@ngo.example"\nreply_to = "{token}@ngo.example"\n',
        "c": "sender = 3\n",
        "d": "[[[",
    }.items():
        (tmp_path / "campaigns" / f"{name}.toml").write_text(text)
    own = {"letters@ngo.example", "replies@ngo.example", "other@ngo.example"}
    assert own_addresses(Workspace(tmp_path)) == own


def test_how_long_own_letters_are_kept_is_said_by_every_campaign_file_that_can_be_read(tmp_path):
    """What is no number of days, and what is not said, is left to the default."""
    from outreach.campaigns.own import keep_days, own_mail_days

    (tmp_path / "campaigns").mkdir()
    for name, text in {
        "a": "fault = 1\n[supporters]\nown_mail_days = 10\n",
        "b": "[supporters]\nown_mail_days = 0\nkeep_days = 0\n",
        "c": '[supporters]\nown_mail_days = "10"\n',
        "d": "[supporters]\nown_mail_days = 99999999999\n",
        "e": "[supporters]\nown_mail_days = true\n",
        "f": "[supporters]\nkeep_days = 7\n",
        "g": "supporters = 3\n",
        "h": "[[[",
    }.items():
        (tmp_path / "campaigns" / f"{name}.toml").write_text(text)
    assert own_mail_days(Workspace(tmp_path)) == {"a": timedelta(days=10), "b": timedelta()}
    assert keep_days(Workspace(tmp_path)) == {"f": timedelta(days=7)}
