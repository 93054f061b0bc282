"""A folder that is synced to other computers is recognised by its name or by what the program leaves in it."""

from pathlib import Path

import pytest

from outreach.ledger.synced import synced_by, synced_by_name
from outreach.model.campaign import Mode
from outreach.model.problem import Severity


@pytest.mark.parametrize(
    ("folder", "program"),
    [
        ("/home/you/Dropbox/campaign", "Dropbox"),
        ("/home/you/Dropbox (Our NGO)/campaign", "Dropbox"),
        ("/mnt/c/Users/you/OneDrive - Our NGO/x", "OneDrive"),
        ("/Users/you/Library/CloudStorage/OneDrive-Personal/x", "OneDrive"),
        ("/Users/you/Library/Mobile Documents/com~apple~CloudDocs/x", "iCloud Drive"),
        ("/mnt/c/Users/you/iCloudDrive/x", "iCloud Drive"),
        ("/Users/you/Library/CloudStorage/GoogleDrive-you@org.example/My Drive/x", "Google Drive"),
        ("/home/you/Google Drive/x", "Google Drive"),
        ("/home/you/Nextcloud/x", "Nextcloud"),
        ("/home/you/nextcloud2/x", "Nextcloud"),
        ("/home/you/campaign", ""),
        ("/home/you/dropboxes/x", ""),
        ("/home/you/nextcloud-migration/x", ""),
        ("/home/you/drive/x", ""),
    ],
)
def test_a_synced_folder_is_known_by_its_name(folder, program):
    """As the programs themselves call their folders, on each system; a name that only resembles one is none."""
    assert synced_by_name(Path(folder)) == program


def test_a_synced_folder_is_known_by_what_lies_in_it(tmp_path):
    """Syncthing may sync any folder; it leaves .stfolder at the top. A link into one is in it."""
    folder = tmp_path / "shared" / "campaign"
    folder.mkdir(parents=True)
    (tmp_path / "link").symlink_to(folder)
    assert synced_by(folder / "live.db") == ""
    (tmp_path / "shared" / ".stfolder").mkdir()
    assert synced_by(folder / "live.db") == synced_by(tmp_path / "link" / "live.db") == "Syncthing"


def test_a_live_ledger_in_a_synced_folder_is_a_warning(tmp_path, opened):
    """It may send; a person should move it. A rehearsal may lie anywhere."""
    (tmp_path / "Dropbox").mkdir()
    url = f"sqlite:///{tmp_path}/Dropbox/live.db"
    (found,) = opened(url, mode=Mode.LIVE).place_problems()
    assert (found.severity, found.code) == (Severity.WARNING, "synced-folder")
    assert "Dropbox" in found.found
    assert "outreach ledger backup FILE" in found.todo
    assert opened(f"sqlite:///{tmp_path}/Dropbox/rehearsal.db").place_problems() == []
