"""From a name to an open, verified, authenticated mailbox. Never without TLS, unless it is this very machine."""

from __future__ import annotations

import imaplib
import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Timer

from imap_tools import BaseMailBox
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential_jitter

from outreach.errors import InboxError
from outreach.inbox.login import access_token, log_in
from outreach.inbox.words import fit
from outreach.model.server import Security, Server

LARGEST_ANSWER = 4_000_000  #: bytes that a server may hand over at once: we ask for less


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a mailbox may take, in seconds."""

    silence: float = 60.0  #: between two bytes
    whole: float = 180.0  #: for connecting, and for each thing asked: a wall deadline
    token: float = 60.0  #: the command that prints an access token
    attempts: int = 3  #: to connect; a login is never tried twice
    first: float = 1.0  #: before the second attempt, then doubled


class Line:
    """One connection's socket, and the way to hang up from another thread: a server that dribbles is given up."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.where = f"{server.host}:{server.port}"
        self.sock: socket.socket | None = None
        self.late = False

    def hang_up(self) -> None:
        """Wake a thread that is reading; closing alone would not."""
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def patient(self, seconds: float) -> Iterator[None]:
        """Do something with the mailbox within so many seconds. Raises InboxError for every failure."""
        timer = Timer(seconds, self._too_late)
        timer.daemon = True
        timer.start()
        try:
            yield
        except InboxError:
            raise
        except (imaplib.IMAP4.error, OSError, ValueError) as error:
            raise failure(self, error) from error
        finally:
            timer.cancel()

    def _too_late(self) -> None:
        self.late = True
        self.hang_up()


class _Capped(imaplib.IMAP4):
    """imaplib with its socket in our hands, and a cap on what it reads into memory."""

    def __init__(self, line: Line, patience: Patience) -> None:
        self._line = line
        self._patience = patience
        super().__init__(line.server.host, line.server.port, patience.silence)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        sock = socket.create_connection((self._line.server.host, self._line.server.port), timeout)
        self._line.sock = sock
        if self._line.server.security is Security.PLAIN:
            _only_loopback(self._line, str(sock.getpeername()[0]))
        return sock

    def read(self, size: int) -> bytes:
        if size > LARGEST_ANSWER:
            raise imaplib.IMAP4.abort(f"an answer of {size:,} bytes")
        data: bytes = super().read(size)
        return data


class _Direct(_Capped):
    """TLS from the first byte."""

    def _create_socket(self, timeout: float | None) -> socket.socket:
        bare = super()._create_socket(timeout)
        context = verifying_context(self._line.server)
        sock = context.wrap_socket(bare, server_hostname=self._line.server.host, do_handshake_on_connect=False)
        self._line.sock = sock  # wrapping took the bare one's file away: there is nothing left in it to hang up
        sock.do_handshake()
        return sock


class Box(BaseMailBox):
    """imap_tools over a client of ours: its own verifies no certificate unless it is told to."""

    def __init__(self, client: imaplib.IMAP4) -> None:
        self._made = client
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        return self._made


def connect(server: Server, *, patience: Patience, sleep: Callable[[float], None]) -> tuple[Box, Line]:
    """Connect, TLS, login. Raises InboxError or SettingsError."""
    token = access_token(server.token_command, seconds=patience.token) if server.token_command else None
    tries = Retrying(
        stop=stop_after_attempt(patience.attempts),
        wait=wait_exponential_jitter(multiplier=patience.first, max=8.0, jitter=1.0),
        retry=retry_if_exception(_a_hiccup),
        sleep=sleep,
        reraise=True,
    )
    line, client = tries(_opened, server, patience)
    try:
        with line.patient(patience.whole):
            log_in(client, server, token, where=line.where)
    except BaseException:
        close(client)
        raise
    return Box(client), line


def close(client: imaplib.IMAP4) -> None:
    """Hang up without a word."""
    with suppress(OSError, imaplib.IMAP4.error):
        client.shutdown()


def _opened(server: Server, patience: Patience) -> tuple[Line, imaplib.IMAP4]:
    line = Line(server)
    client: imaplib.IMAP4 | None = None
    with line.patient(patience.whole):
        try:
            client = (_Direct if server.security is Security.SSL else _Capped)(line, patience)
            if server.security is Security.STARTTLS:
                _start_tls(line, client)
        except BaseException:
            if client is not None:
                close(client)  # its reader too: with that open a socket is not closed
            elif line.sock is not None:
                line.sock.close()
            raise
    return line, client


def _start_tls(line: Line, client: imaplib.IMAP4) -> None:
    """What the server said before TLS is thrown away with the old reader (RFC 3501 6.2.1)."""
    if client.state != "NONAUTH" or "STARTTLS" not in client.capabilities:
        raise InboxError(
            "The mailbox does not offer STARTTLS; nothing is sent in clear, least of all the password.",
            where=line.where,
            todo="Check OUTREACH_IMAP_PORT. A server that begins with TLS (usually port 993) wants "
            "OUTREACH_IMAP_SECURITY=ssl.",
        )
    client.starttls(verifying_context(line.server))
    line.sock = client.sock


def verifying_context(server: Server) -> ssl.SSLContext:
    """The system's authorities and `server.ca_file`. imaplib's own default verifies nothing."""
    context = ssl.create_default_context()
    if server.ca_file:
        try:
            context.load_verify_locations(cafile=server.ca_file)
        except (OSError, ValueError) as error:  # SSLError is an OSError
            raise InboxError(
                f'The certificate authority "{server.ca_file}" cannot be read.',
                where="OUTREACH_IMAP_CA_FILE",
                todo="It must be a PEM file (-----BEGIN CERTIFICATE-----). Where it is not set, "
                "OUTREACH_SMTP_CA_FILE counts.",
            ) from error
    return context


def failure(line: Line, error: Exception) -> InboxError:
    """What went wrong, said so that a person can act."""
    todo = "Check the network, then try again."
    if isinstance(error, ssl.SSLCertVerificationError):
        found = f"The mailbox's certificate is not to be trusted: {error.verify_message.rstrip('.')}."
        todo = "Check OUTREACH_IMAP_HOST. For a server of your own name its authority in OUTREACH_IMAP_CA_FILE."
    elif line.late or isinstance(error, TimeoutError):
        found = "The mailbox did not answer in time."
    elif isinstance(error, ssl.SSLError):
        found = f"No TLS connection came about ({(error.reason or 'closed early').replace('_', ' ').lower()})."
        todo = "Check OUTREACH_IMAP_SECURITY: ssl is usual with port 993, starttls with 143."
    elif isinstance(error, socket.gaierror | UnicodeError):
        found = f'The name "{line.server.host}" was not found.'
        todo = "Check OUTREACH_IMAP_HOST and the network."
    elif isinstance(error, ConnectionRefusedError):
        found, todo = "Nothing listens there.", "Check OUTREACH_IMAP_HOST and OUTREACH_IMAP_PORT."
    elif isinstance(error, imaplib.IMAP4.abort | OSError):
        found = "The connection to the mailbox was lost."
    else:
        found = f'The mailbox says no: "{fit(str(error))}".'
        todo = "Check the name of the folder, and try again."
    return InboxError(found, where=line.where, todo=todo)


def _only_loopback(line: Line, address: str) -> None:
    if not ipaddress.ip_address(address.partition("%")[0]).is_loopback:
        raise InboxError(
            f"{line.server.host} is not this machine: OUTREACH_IMAP_SECURITY=plain would send the password in clear.",
            where=line.where,
            todo="Use ssl or starttls.",
        )


def _a_hiccup(error: BaseException) -> bool:
    """Whether another try in a second or two may help: the network's fault, before any login."""
    cause = error.__cause__
    if isinstance(cause, socket.gaierror):
        return cause.errno == socket.EAI_AGAIN
    hiccup = ConnectionResetError, ConnectionRefusedError, BrokenPipeError, imaplib.IMAP4.abort
    return isinstance(error, InboxError) and isinstance(cause, hiccup)
