"""From a name to an open, verified, authenticated connection: yagmail connects, we watch every reply."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import yagmail

from outreach.errors import TransportError, Unavailable
from outreach.model.receipt import Phase
from outreach.model.server import Secret, Security, Server
from outreach.transport.login import Queue, log_in
from outreach.transport.timing import Timeouts
from outreach.transport.tls import distrusted, other_security, verifying_context
from outreach.transport.transaction import CLOSING, Offers
from outreach.transport.wire import Lost, Nonsense, Reply, Stalled, Wire
from outreach.transport.within import within
from outreach.transport.words import said

#: What we call ourselves: the machine's own name would be told to every recipient, and looking it up can take seconds.
NAMELESS = "[127.0.0.1]"


class Connection:
    """An authenticated connection. For one thread."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.wire: Wire = client.wire_of(client.smtp.sock)
        self.offers = _offers(client.smtp.esmtp_features)

    def quit(self, seconds: float) -> None:
        """Say good-bye, not waiting long for the answer, and close."""
        with suppress(Lost):
            deadline = self.wire.until(seconds)
            self.wire.send(b"QUIT\r\n", deadline)
            self.wire.reply(deadline)
        self.drop()

    def abort(self) -> None:
        """Let the other end and our own reading thread see the end; the socket itself is closed by its owner."""
        with suppress(OSError):
            self.wire.sock.shutdown(socket.SHUT_RDWR)

    def drop(self) -> None:
        """Close without a word."""
        self._client.drop()


def connect(
    server: Server,
    *,
    timeouts: Timeouts,
    ehlo_name: str = "",
    token: Secret | None = None,
    logins: Queue | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Connection:
    """Connect, TLS, EHLO, login: one try, one at a time of those that share `logins`.

    Raises LoginRefused, Unavailable or SettingsError.
    """
    client = Client(server, timeouts=timeouts, ehlo_name=ehlo_name or NAMELESS, clock=clock)
    try:
        return within(timeouts.connect, lambda: _open(client, server, token, logins or Queue()), abandon=client.drop)
    except TransportError:
        raise
    except (Lost, OSError, ValueError) as error:  # smtplib's errors are OSErrors, IDNA's are ValueErrors
        raise _unavailable(server, error, client.phase) from error


def _open(client: Client, server: Server, token: Secret | None, logins: Queue) -> Connection:
    try:
        if server.security is Security.PLAIN:
            _only_loopback(server, {str(info[4][0]) for info in socket.getaddrinfo(server.host, server.port)})
        client.login()
        client.is_closed = True  # to yagmail, whose __del__ would say QUIT at any moment; `quit` and `drop` close it
        smtp = client.smtp
        if server.security is Security.PLAIN:
            _only_loopback(server, {str(smtp.sock.getpeername()[0])})  # the name may have moved since
        smtp.ehlo_or_helo_if_needed()  # with skip_login yagmail sends none unless it is STARTTLS
        # Else the mark waits for the acknowledgement of the body: 44 ms a letter (Nagle, delayed ACK).
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if server.user:
            client.phase = Phase.LOGIN
            client.wire_of(smtp.sock).private = True
            with logins.turn():
                log_in(smtp, server, token)
            client.wire_of(smtp.sock).private = False
        return Connection(client)
    except BaseException:
        client.drop()
        raise


class Client(yagmail.Client):  # type: ignore[misc]  # yagmail has no types
    """yagmail up to the open connection and no further; every reply is read by our own capped reader.

    It never sees the password (`smtp_skip_login`): it would add `@gmail.com` to the user, and its log and its traceback
    would hold both.
    """

    def __init__(self, server: Server, *, timeouts: Timeouts, ehlo_name: str, clock: Callable[[], float]) -> None:
        context = None if server.security is Security.PLAIN else verifying_context(server)
        direct = server.security is Security.SSL
        super().__init__(
            user="",
            password="",
            host=server.host,
            port=server.port,
            smtp_ssl=direct,
            smtp_starttls={"context": context} if server.security is Security.STARTTLS else False,
            smtp_skip_login=True,
            soft_email_validation=False,
            timeout=timeouts.connect,
            local_hostname=ehlo_name,
            **({"context": context} if direct else {}),
        )
        self.set_logging(None)  # else it writes to stderr
        self.phase = Phase.CONNECT
        self.server = server
        self.heard: Reply | None = None  #: the last reply
        self.dropped = False
        self._clock = clock
        self._patience = timeouts.connect
        self._deadline = clock() + timeouts.connect
        self._wire: Wire | None = None

    @property
    def connection(self) -> type:
        """yagmail's connection class, with its ears replaced."""
        return _watched(super().connection, self)

    def wire_of(self, sock: socket.socket) -> Wire:
        """The reader of this socket. TLS brings a new one: what was said in clear before it must be nothing."""
        if self._wire is None or self._wire.sock is not sock:
            if self._wire is not None and self._wire.said_more():
                raise Nonsense("plain text came after the server's go-ahead for TLS")  # RFC 3207 4.2, CVE-2021-38371
            self._wire = Wire(sock, clock=self._clock)
        return self._wire

    def hear(self, smtp: Any) -> tuple[int, bytes]:
        """One reply, before the one deadline of the whole connection."""
        if self.dropped:
            raise Stalled("the connection was given up")
        reply = self.wire_of(smtp.sock).reply(self._deadline)
        smtp.sock.settimeout(self._patience)  # smtplib waits while it writes
        self.heard = reply
        if reply.code == CLOSING:  # yagmail would go on with the next command
            raise _said(self.server, reply.code, said(reply.lines), self.phase)
        return reply.code, b"\n".join(reply.lines)

    def drop(self) -> None:
        """Close without a word, also from another thread and in the middle of anything."""
        self.dropped = True
        if self.smtp is not None:
            with suppress(OSError, AttributeError):
                self.smtp.sock.shutdown(socket.SHUT_RDWR)  # wakes a thread that is reading; close alone would not
            with suppress(OSError):
                self.smtp.close()


def _watched(base: Any, client: Client) -> type:
    class Watched(base):  # type: ignore[misc]
        """The library's own connection; replies come from `Client.hear`."""

        def connect(self, *args: Any, **kwargs: Any) -> Any:
            client.smtp = self  # yagmail sets it only after the banner: too late to close a babbling server
            return super().connect(*args, **kwargs)

        def getreply(self) -> tuple[int, bytes]:
            return client.hear(self)

        def starttls(self, *args: Any, **kwargs: Any) -> Any:
            self.ehlo_or_helo_if_needed()
            if not self.does_esmtp and client.heard is not None:  # yagmail does not look at the answer to EHLO
                raise _said(client.server, client.heard.code, said(client.heard.lines), client.phase)
            if not self.has_extn("starttls"):
                raise _no_starttls(client.server)
            return super().starttls(*args, **kwargs)

    return Watched


def _offers(features: dict[str, str]) -> Offers:
    largest = features.get("size", "")
    return Offers(
        pipelining="pipelining" in features,
        eight_bit="8bitmime" in features,
        size="size" in features,
        largest=int(largest) if largest.isdecimal() and int(largest) > 0 else None,  # 0 = no limit: RFC 1870 3
    )


def _only_loopback(server: Server, addresses: set[str]) -> None:
    if not all(ipaddress.ip_address(address.partition("%")[0]).is_loopback for address in addresses):
        raise Unavailable(
            f"{server.host} is not this machine: OUTREACH_SMTP_SECURITY=plain would send the password in clear.",
            where=f"{server.host}:{server.port}",
            todo="Use ssl or starttls.",
            phase=Phase.CONNECT,
        )


def _no_starttls(server: Server) -> Unavailable:
    return Unavailable(
        "The server does not offer STARTTLS; nothing is sent in clear, least of all the password.",
        where=f"{server.host}:{server.port}",
        todo=f"Check OUTREACH_SMTP_PORT. {other_security(server)}",
        phase=Phase.CONNECT,
    )


def _said(server: Server, code: int, text: str, phase: Phase) -> Unavailable:
    return Unavailable(
        f'The server does not take us now: {code} "{text}".',
        where=f"{server.host}:{server.port}",
        todo="Try again in a few minutes; nothing was sent.",
        phase=phase,
        code=code,
        text=text,
    )


def _unavailable(server: Server, error: Exception, phase: Phase) -> Unavailable:
    where = f"{server.host}:{server.port}"
    if isinstance(error, ssl.SSLError) and not isinstance(error, TimeoutError):
        return distrusted(server, error)
    code = getattr(error, "smtp_code", None)
    if isinstance(code, int) and code >= 400:
        return _said(server, code, said(getattr(error, "smtp_error", b"").split(b"\n")), phase)
    if isinstance(error, socket.gaierror | UnicodeError):
        found, todo = f'The name "{server.host}" was not found.', "Check OUTREACH_SMTP_HOST and the network."
    elif isinstance(error, ConnectionRefusedError):
        found, todo = "Nothing listens there.", "Check OUTREACH_SMTP_HOST and OUTREACH_SMTP_PORT."
    elif isinstance(error, TimeoutError | Stalled):
        found, todo = "The server did not answer in time.", f"Check the network. {other_security(server)}".strip()
    elif isinstance(error, Lost):
        found, todo = f"No connection came about: {error}.", f"Try again. {other_security(server)}".strip()
    else:
        why = getattr(error, "strerror", None) or "the connection broke"  # smtplib's own errors have none
        found, todo = f"No connection came about: {why}.", "Check the network, then try again."
    return Unavailable(found, where=where, todo=todo, phase=phase)
