"""Folders that a program keeps the same on several computers: it copies a ledger's files one by one, at any moment."""

from __future__ import annotations

import re
from pathlib import Path

#: A folder's name, as these programs make it -> the program.
_NAMES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), program)
    for pattern, program in (
        (r"dropbox( \(.+\))?|dropbox-.+", "Dropbox"),
        (r"onedrive( - .+|-.+)?", "OneDrive"),
        (r"mobile documents|com~apple~clouddocs|icloud ?drive.*", "iCloud Drive"),
        (r"google ?drive|googledrive-.+|my drive", "Google Drive"),
        (r"nextcloud\d*", "Nextcloud"),
        (r"owncloud\d*", "ownCloud"),
        (r"pcloud ?drive|pcloudsync", "pCloud"),
        (r"proton ?drive.*|protondrive-.+", "Proton Drive"),
        (r"megasync", "MEGA"),
        (r"seafile|seadrive.*", "Seafile"),
    )
)
#: What such a program leaves in the topmost folder that it syncs -> the program.
_MARKS = {
    ".stfolder": "Syncthing",
    ".dropbox.cache": "Dropbox",
    ".nextcloudsync.log": "Nextcloud",
    ".owncloudsync.log": "ownCloud",
    ".resilio": "Resilio Sync",
    ".sync/ID": "Resilio Sync",
}


def synced_by_name(path: Path) -> str:
    """The program whose folder this looks like by the names above it, or ""."""
    return next((program for part in path.parts for name, program in _NAMES if name.fullmatch(part)), "")


def synced_by(file: Path) -> str:
    """The program that seems to sync this file, or ""."""
    resolved = file.resolve()
    for folder in resolved.parents:
        for mark, program in _MARKS.items():
            if (folder / mark).exists():
                return program
    return synced_by_name(resolved.parent)
