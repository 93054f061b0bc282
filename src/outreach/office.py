"""Wires settings and rooms into one Office: the only place where concrete classes meet."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, cast

from outreach.campaigns.own import keep_days, own_addresses, own_mail_days
from outreach.campaigns.setting_faults import secret_faults
from outreach.campaigns.settings import Settings, load_settings
from outreach.campaigns.workspace import Workspace, sqlite_url
from outreach.errors import CampaignError, SettingsError, SheetError
from outreach.model.campaign import Campaign, Mode
from outreach.model.document import Document
from outreach.model.evidence import LogLook, MailSeen
from outreach.model.inbound import InboundMessage, Triage
from outreach.model.problem import Problem
from outreach.model.signature import SignatureRows
from outreach.model.simulated import Repertoire
from outreach.rules.planning import REHEARSAL_DOMAIN
from outreach.runner.answer_ports import Interpreter, Mailbox, Papers, Postman, Source
from outreach.runner.answers import Collected
from outreach.runner.desk import Desk
from outreach.runner.ports import Channel, Ledger, Letters, SheetRows, Sheets
from outreach.runner.supporter_ports import SupporterBook
from outreach.runner.supporters.desk import SupporterDesk

if TYPE_CHECKING:
    from outreach.inbox import ImapMailbox


class _Later:
    """Stands for a room until something is asked of it."""

    def __init__(self, opened: Callable[[], object]) -> None:
        self._opened = opened

    def __getattr__(self, name: str) -> object:
        room = self.__dict__.get("_room") or self.__dict__.setdefault("_room", self._opened())
        return getattr(room, name)


class _Papers:
    """`runner.answer_ports.Papers`: the inbox room's readers of files."""

    def logs(self, paths: Sequence[Path], message_ids: Collection[str]) -> LogLook:
        from outreach.inbox import read_logs

        return read_logs(paths, message_ids)

    def mails(self, paths: Iterable[Path], ids: Collection[str]) -> Sequence[MailSeen]:
        from outreach.inbox import read_mails

        return read_mails(paths, ids)

    def document(self, path: Path) -> Document:
        from outreach.inbox import read_document

        return read_document(path)


class _Interpreter:
    """`runner.answer_ports.Interpreter`: the inbox room's reader, and the rules of triage."""

    def read(self, raw: bytes) -> InboundMessage:
        from outreach.inbox import read_message

        return read_message(raw)

    def triage(self, message: InboundMessage) -> Triage:
        from outreach.rules.triage import triage
        from outreach.runner.triage import book

        return triage(message, book())


@dataclass
class Office:
    """One workspace and all that serves it; each room is opened when it is first needed."""

    root: Path
    environ: Mapping[str, str]
    today: date

    @cached_property
    def workspace(self) -> Workspace:
        """The folder with campaigns/, contacts/ and templates/. Raises SettingsError when it is none."""
        return Workspace(self.root)

    @cached_property
    def settings(self) -> Settings:
        """`.env` and environment. Raises SettingsError."""
        return load_settings(self.root, self.environ)

    @cached_property
    def sheets(self) -> Sheets:
        """The sheets room, opened when it is first asked for something: approving and sending never do."""

        def opened() -> Sheets:
            from outreach.sheets import SheetRoom

            return SheetRoom(self.root)

        return cast("Sheets", _Later(opened))

    @cached_property
    def letters(self) -> Letters:
        """The letters room, opened when it is first asked for something."""

        def opened() -> Letters:
            from outreach.letters import LetterRoom

            return LetterRoom(self.root)

        return cast("Letters", _Later(opened))

    def campaign(self, name: str) -> Campaign:
        """A checked campaign file. Raises CampaignError with every fault, UsageError for an unknown name."""
        from outreach.campaigns.file import load_campaign
        from outreach.states import find_state

        return load_campaign(self.workspace.root, name, find_state=find_state)

    def sheet(self, path: str) -> SheetRows:
        """One sheet, its columns found as the campaign that names it says. Raises SheetError."""
        for campaign in self._campaigns_with(path):
            return self.sheets.read(path, columns=campaign.columns, encoding=campaign.encoding)
        return self.sheets.read(path, columns={})

    def sheets_beside(self, path: str) -> Sequence[SheetRows]:
        """Every sheet of the campaigns that name this one, each once; one that cannot be read holds nobody."""
        found: dict[str, SheetRows] = {}
        for campaign in self._campaigns_with(path):
            for one in campaign.contacts:
                with suppress(SheetError):
                    if one not in found:
                        found[one] = self.sheets.read(one, columns=campaign.columns, encoding=campaign.encoding)
        return list(found.values())

    def _campaigns_with(self, path: str) -> Iterator[Campaign]:
        """The campaigns without a fault that name this sheet."""
        wanted = (self.workspace.root / path).resolve()
        for name in self.workspace.names():
            try:
                campaign = self.campaign(name)
            except CampaignError:
                continue
            if any((self.workspace.root / one).resolve() == wanted for one in campaign.contacts):
                yield campaign

    def setting_problems(self, *, live: bool) -> Sequence[Problem]:
        """What the settings lack for live sending; warnings at most for whoever rehearses. Raises SettingsError."""
        return self.settings.problems(live=live)

    @contextmanager
    def ledger(self, mode: Mode, *, only_looking: bool = False) -> Iterator[Ledger]:
        """The ledger of one mode, made when it is not there yet; `only_looking` leaves none behind then."""
        from outreach.ledger import open_ledger

        with ExitStack() as kept:
            if only_looking and self._no_ledger_yet(mode):
                folder = kept.enter_context(TemporaryDirectory(prefix="outreach-"))
                url = sqlite_url(Path(folder) / "empty.db")
                ledger = open_ledger(url, mode=mode, stands_for=self.workspace.place_of_ledger(mode))
            else:
                url = self.settings.database_url if mode is Mode.LIVE else self.workspace.ledger_url(mode)
                ledger = open_ledger(url, mode=mode, rescue=self.workspace.folder(mode) / "answers.rescue")
            kept.callback(ledger.close)
            yield ledger

    def _no_ledger_yet(self, mode: Mode) -> bool:
        """Whether nobody has planned or verified anything: the ledger's own place in the workspace is empty."""
        elsewhere = mode is Mode.LIVE and self.settings.has_database
        return not elsewhere and not self.workspace.has_ledger(mode)

    @contextmanager
    def desk(self, name: str, mode: Mode, *, only_looking: bool = False) -> Iterator[Desk]:
        """Everything one campaign needs in one mode; `only_looking` does without a secret or a ledger of its own."""
        campaign = self.campaign(name)
        with self.ledger(mode, only_looking=only_looking) as ledger:
            yield Desk(
                campaign=campaign,
                mode=mode,
                sheets=self.sheets,
                letters=self.letters,
                ledger=ledger,
                secret=b"" if only_looking and mode is not Mode.REHEARSAL else self._secret(mode, ledger),
                today=self.today,
                answers=Collected(ledger, self.interpreter),
            )

    def _secret(self, mode: Mode, ledger: Ledger) -> bytes:
        """A rehearsal keys its ids by its own ledger: it needs no .env and can be thrown away."""
        if mode is Mode.REHEARSAL:
            return ledger.secret().encode()
        if self.settings.secret is None:
            why = next(iter(secret_faults(self.settings.given)))
            raise SettingsError(
                f"{why.found} Live letters need it for their Message-IDs.", where=str(why.place), todo=why.todo
            )
        return self.settings.secret.reveal().encode()

    def mail_secret(self, mode: Mode, ledger: Ledger) -> bytes:
        """The same for whoever only reads mail; b"" where nothing was sent live yet, for there is none."""
        return b"" if mode is not Mode.REHEARSAL and self.settings.secret is None else self._secret(mode, ledger)

    def signatures(self, path: str) -> SignatureRows:
        """A list of supporters that was collected elsewhere. Raises SheetError."""
        from outreach.sheets.signatures import read_signatures

        return read_signatures(self.root, path)

    def supporters(self, desk: Desk, *, site: str = "") -> SupporterDesk:
        """The supporters' side of a desk's campaign; `site` is where a rehearsal's page is served."""
        from outreach.campaigns.addresses import BadAddress, checked_address
        from outreach.letters import SupporterLetterRoom
        from outreach.transport.forgetting import forget_files

        def address(text: str) -> str | None:
            try:
                return checked_address(text, token=False)
            except BadAddress:
                return None

        return SupporterDesk(
            desk=desk,
            book=cast("SupporterBook", desk.ledger),
            letters=SupporterLetterRoom(self.root),
            random=secrets.token_bytes,
            address=address,
            read=self.interpreter.read,
            forget_files=partial(forget_files, self.workspace.folder(desk.mode)),
            site=site,
        )

    @contextmanager
    def channels(self, mode: Mode, count: int = 1) -> Iterator[Sequence[Channel]]:
        """So many channels to the rehearsal's own server, or to the real one of the settings."""
        from outreach.transport.channel import SmtpChannel
        from outreach.transport.login import Queue

        if mode is not Mode.REHEARSAL:
            server, logins = self.settings.server(), Queue()
            yield [SmtpChannel(server, logins=logins) for _ in range(count)]
            return
        from outreach.transport.rehearsal import RehearsalServer

        with RehearsalServer(self.workspace.outbox(mode)) as rehearsal:
            yield [SmtpChannel(rehearsal.server, only_domain=REHEARSAL_DOMAIN) for _ in range(count)]

    @contextmanager
    def mailbox(self) -> Iterator[Mailbox]:
        """The mailbox of the settings, connected to when it is first asked. Raises SettingsError."""
        from outreach.inbox import ImapMailbox

        with ImapMailbox(self.settings.mailbox()) as mailbox:
            yield mailbox

    @contextmanager
    def sources(
        self, mode: Mode, *, maildirs: Sequence[Path] = (), mboxes: Sequence[Path] = (), emls: Sequence[Path] = ()
    ) -> Iterator[Sequence[Source]]:
        """Where mail lies: what is named, else the mailbox of the settings, or the rehearsal's own answers."""
        from outreach.inbox import EmlSource, ImapSource, MaildirSource, MboxSource

        named: list[Source] = [MaildirSource(one) for one in maildirs]
        named += [MboxSource(one) for one in mboxes]
        named += [EmlSource(emls)] if emls else []
        if named or mode is Mode.REHEARSAL:
            answers = self.workspace.answers(mode)
            yield named or ([MaildirSource(answers)] if answers.is_dir() else [])
            return
        account = self.settings.mailbox().server.account
        with self.mailbox() as mailbox:
            yield [ImapSource(cast("ImapMailbox", mailbox), account=account)]

    @contextmanager
    def postman(self) -> Iterator[Postman]:
        """The way to the mailbox of a rehearsal, a second server on this machine, for whoever plays an authority."""
        from outreach.transport.postman import Postman as SmtpPostman
        from outreach.transport.rehearsal import RehearsalServer

        with (
            RehearsalServer(self.workspace.answers(Mode.REHEARSAL), final=True) as mailbox,
            SmtpPostman(mailbox.server) as postman,
        ):
            yield postman

    def outbox(self) -> Source:
        """The letters of a rehearsal, as they arrived."""
        from outreach.inbox import MaildirSource

        return MaildirSource(self.workspace.outbox(Mode.REHEARSAL))

    @property
    def repertoire(self) -> Repertoire:
        """What the authorities of a rehearsal answer."""
        from outreach.campaigns.repertoire import load_repertoire

        return load_repertoire()

    def with_invented(self, desk: Desk) -> Desk:
        """The desk with the demo's invented states beside its own sheets, unless those hold some already."""
        from outreach.campaigns.repertoire import FOLDER, SHEET
        from outreach.runner.invented import with_invented
        from outreach.sheets import SheetRoom

        return with_invented(desk, SheetRoom(FOLDER), SHEET)

    @property
    def interpreter(self) -> Interpreter:
        """Says what a mail's bytes say and mean."""
        return _Interpreter()

    def own_addresses(self) -> frozenset[str]:
        """The addresses as which the campaigns write."""
        return own_addresses(self.workspace)

    def own_mail_days(self) -> Mapping[str, timedelta]:
        """How long each campaign keeps letters from supporters' own mailboxes, where it says so."""
        return own_mail_days(self.workspace)

    def keep_days(self) -> Mapping[str, timedelta]:
        """How long each campaign knows its supporters, where it says so."""
        return keep_days(self.workspace)

    @property
    def papers(self) -> Papers:
        """Reads the files that a person hands in as evidence."""
        return _Papers()

    def forget_rehearsal(self) -> None:
        """Begin rehearsing anew: ledger and outbox of the rehearsal go, nothing else does."""
        folder = self.workspace.folder(Mode.REHEARSAL)
        try:
            shutil.rmtree(folder)
        except OSError as error:
            raise SettingsError(
                f"The last rehearsal cannot be removed: {error.strerror or error}.",
                where=str(folder),
                todo="Remove the folder yourself; it holds nothing but the rehearsal.",
            ) from error

    @property
    def runner(self) -> str:
        """This process, as the event log names it."""
        return f"{socket.gethostname()}:{os.getpid()}"
