"""Where and as whom to send, and the secrets: from the environment and `.env`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from outreach.campaigns.dotfile import NAME, read_dotfile
from outreach.campaigns.given import (
    AUTHSERV_ID,
    BOX_KEYS,
    DATABASE_URL,
    FOLDER,
    IMAP,
    KEYS,
    MAIL_KEYS,
    PASSWORDS,
    SECRET,
    SMTP,
    Door,
    Given,
)
from outreach.campaigns.setting_faults import (
    SHORTEST_SECRET,
    authserv_faults,
    database_faults,
    doubtful,
    mailbox_faults,
    odd_lines,
    secret_faults,
    server_faults,
)
from outreach.campaigns.workspace import Workspace
from outreach.errors import SettingsError
from outreach.model.campaign import Mode
from outreach.model.problem import Problem, Severity
from outreach.model.server import Mailbox, Secret, Server


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of a workspace: read once, judged when they are needed."""

    given: Given
    odd: tuple[Problem, ...] = ()  #: lines and keys of `.env` that mean nothing

    @property
    def secret(self) -> Secret | None:
        """What keys Message-IDs and reply tokens; None when it is not set, or too short to be one."""
        return self.given.values.get(SECRET) if len(self.given.text(SECRET)) >= SHORTEST_SECRET else None

    @property
    def database_url(self) -> str:
        """The live ledger's: as set, else SQLite in the workspace. It may hold a password.

        A file without a leading slash lies in the workspace, wherever the command is typed: another ledger would not
        know what was sent.
        """
        given = self.given.text(DATABASE_URL)
        if not given:
            return Workspace(self.given.root).ledger_url(Mode.LIVE)
        file = re.match(r"(sqlite(?:\+\w+)?:///)(?!/|:memory:|file:)(?=.)", given)
        return f"{file[1]}{(self.given.root / given[file.end() :]).as_posix()}" if file else given

    @property
    def has_database(self) -> bool:
        """Whether the live ledger has a place of its own."""
        return DATABASE_URL in self.given

    def server(self) -> Server:
        """The mail server. Raises SettingsError that names everything that is missing or wrong."""
        return self._server(SMTP, list(server_faults(self.given)))

    @property
    def has_mailbox(self) -> bool:
        """Whether anything is set of a mailbox to look into: most campaigns do without."""
        return any(key in self.given for key in BOX_KEYS)

    def mailbox(self) -> Mailbox:
        """The mailbox (IMAP). Raises SettingsError that names everything that is missing or wrong."""
        server = self._server(IMAP, list(mailbox_faults(self.given)))
        return Mailbox(server=server, folder=self.given.text(FOLDER) or "INBOX")

    @property
    def authserv_id(self) -> str:
        """The name of our own mail server in Authentication-Results; "" = no header is believed."""
        return self.given.text(AUTHSERV_ID)

    def _server(self, door: Door, faults: list[Problem]) -> Server:
        given = self.given
        if faults:
            named = " ".join(f"{one.place.column}: {one.found}" for one in faults)
            raise SettingsError(
                f"The {door.name} cannot be used yet. {named}",
                where=NAME,
                todo="See .env.example, which explains each.",
            )
        ca_file = given.ca_file(door)
        return Server(
            host=given.text(door.key("HOST")),
            port=given.port(door) or door.usual_ports[given.security(door)],
            security=given.security(door),
            user=given.text(given.key(door, "USER")),
            password=given.values.get(given.login_keys(door)[0]),
            token_command=given.token_command(door),
            ca_file=str(ca_file) if ca_file else "",
        )

    def problems(self, *, live: bool = True) -> list[Problem]:
        """Everything that is wrong or missing: faults for live sending, without it warnings at most.

        Whoever only rehearses and has set no mail server is not told that there is none; nobody needs a mailbox.
        """
        box = mailbox_faults(self.given) if self.has_mailbox else ()
        faults = [*server_faults(self.given), *box, *secret_faults(self.given), *database_faults(self.given)]
        faults += authserv_faults(self.given)
        faults = list(dict.fromkeys(faults))  # a login that both servers share is told of once
        if not live:
            begun = any(key in self.given for key in MAIL_KEYS)
            told = [one for one in faults if begun or one.code != "missing-setting"]
            faults = [replace(one, severity=Severity.WARNING) for one in told]
        return [*self.odd, *doubtful(self.given), *faults]


def load_settings(root: Path, environ: Mapping[str, str]) -> Settings:
    """The settings of the workspace `root`; a value of `environ` wins over one of `.env`, an empty one does not.

    Raises SettingsError when others may read or write `.env`.
    """
    dotfile = read_dotfile(root)
    values: dict[str, Secret] = {}
    lines: dict[str, int] = {}
    for key in KEYS:
        given, written = environ.get(key, ""), dotfile.values.get(key, "")
        text = given if given.strip() else written
        if text.strip():
            values[key] = Secret(text if key in PASSWORDS else text.strip())
        if key in values and not given.strip():
            lines[key] = dotfile.lines[key]
    return Settings(given=Given(root=root.resolve(), values=values, lines=lines), odd=tuple(odd_lines(dotfile)))
