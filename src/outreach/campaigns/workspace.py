"""A workspace: the folder that holds campaigns/, contacts/, templates/ and what the program keeps for itself."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path, PurePosixPath

from outreach.errors import CampaignError, SettingsError, UsageError
from outreach.model.campaign import Mode

KEPT = ".outreach"  #: where the program keeps its own files, a folder for each mode
STOP = "STOP"  #: anybody can make it, from a file manager too
PRIVATE = 0o700  #: ledgers and outboxes hold addresses and letters: for their owner only
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder with `campaigns/` in it. Raises SettingsError for any other. No mode's files are another mode's."""

    root: Path  #: absolute

    def __post_init__(self) -> None:
        where = str(self.root.absolute())
        todo = "Name the folder with --workspace, or make one with `outreach init DIR`."
        try:
            root = self.root.resolve()
            if not root.is_dir():
                raise SettingsError("There is no such folder.", where=where, todo=todo)
            if not (root / "campaigns").is_dir():
                raise SettingsError("This is no workspace: it has no folder campaigns/.", where=where, todo=todo)
        except (OSError, RuntimeError) as error:  # a loop of links is a RuntimeError up to Python 3.12
            reason = getattr(error, "strerror", None) or error
            raise SettingsError(f"The folder cannot be read: {reason}.", where=where, todo=todo) from error
        object.__setattr__(self, "root", root)

    def names(self) -> tuple[str, ...]:
        """The campaigns, as the command line names them."""
        return tuple(sorted(file.stem for file in (self.root / "campaigns").glob("*.toml") if file.is_file()))

    def campaign_file(self, name: str) -> Path:
        """The file of a campaign, named with or without folder and ending. Raises UsageError, CampaignError."""
        slug = self._slug(name)
        file = self.root / "campaigns" / f"{slug}.toml"
        if slug not in self.names():
            raise UsageError(
                f'There is no campaign "{name}".', where=str(self.root / "campaigns"), todo=self._nearest(slug)
            )
        if not _SLUG.fullmatch(slug):
            raise CampaignError(
                f'"{slug}" cannot name a campaign.',
                where=f"campaigns/{file.name}",
                todo="Rename the file: small letters, digits and hyphens, at most 64.",
            )
        return file

    def _slug(self, name: str) -> str:
        path = Path(name)
        if path.is_absolute() and path.is_relative_to(self.root):
            path = path.relative_to(self.root)
        parts = PurePosixPath(path.as_posix()).parts
        last = parts[-1].removesuffix(".toml") if parts else ""
        return last if parts[:-1] in {(), ("campaigns",)} else name

    def _nearest(self, slug: str) -> str:
        names = self.names()
        if not names:
            return "The folder holds no campaign: `outreach init` writes one to begin with."
        close = get_close_matches(slug.casefold(), names, n=1)
        there = f"There {'is' if len(names) == 1 else 'are'}: {', '.join(names)}."
        return f'Did you mean "{close[0]}"? {there}' if close else there

    def first_campaign(self) -> str:
        """The first campaign by name. Raises UsageError when there is none."""
        names = self.names()
        if not names:
            raise UsageError("There is no campaign.", where=str(self.root / "campaigns"), todo=self._nearest(""))
        return names[0]

    @property
    def stop_file(self) -> Path:
        """While a file of this name is there, no run begins a further letter."""
        return self.root / STOP

    def folder(self, mode: Mode) -> Path:
        """All that is kept of a mode, made if need be, for its owner only. Raises SettingsError."""
        return self._made(mode.value)

    def ledger(self, mode: Mode) -> Path:
        """The SQLite file of a mode; its folder is there."""
        return self.folder(mode) / f"{mode.value}.db"

    def has_ledger(self, mode: Mode) -> bool:
        """Whether the SQLite file of a mode is there, or something is in its way; makes nothing."""
        return os.path.lexists(self.place_of_ledger(mode))

    def place_of_ledger(self, mode: Mode) -> Path:
        """Where the SQLite file of a mode is or would be; makes nothing."""
        return self.root / KEPT / mode.value / f"{mode.value}.db"

    def ledger_url(self, mode: Mode) -> str:
        """The same, as a database URL."""
        return sqlite_url(self.ledger(mode))

    def outbox(self, mode: Mode) -> Path:
        """The Maildir in which the letters of a mode can be looked at; the folder around it is there."""
        return self.folder(mode) / "outbox"

    def answers(self, mode: Mode) -> Path:
        """The Maildir in which a rehearsal's answers arrive, once there are any; makes nothing."""
        return self.root / KEPT / mode.value / "answers"

    def exports(self, mode: Mode) -> Path:
        """The folder of a mode's written logs; it is there."""
        return self._made(mode.value, "exports")

    def _made(self, *names: str) -> Path:
        top = folder = self.root / KEPT
        try:
            top.mkdir(mode=PRIVATE, exist_ok=True)
            if top.stat().st_mode & 0o077:
                top.chmod(PRIVATE)
            for name in names:
                folder /= name
                folder.mkdir(mode=PRIVATE, exist_ok=True)
        except OSError as error:
            raise SettingsError(
                f"The folder for ledgers and outboxes cannot be made: {error.strerror}.",
                where=str(folder),
                todo="Make the workspace writable for yourself, or remove what is in the way.",
            ) from error
        return folder


def sqlite_url(file: Path) -> str:
    """The database URL of a SQLite file."""
    return f"sqlite:///{file.as_posix()}"
