"""One account's way to its mail server: opened once, many letters, renewed by itself."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential_jitter

from outreach.errors import OutcomeUnknown, TransportError, Unavailable
from outreach.model.receipt import Answer, Claim, Phase
from outreach.model.server import Server
from outreach.transport.connect import Connection, connect
from outreach.transport.envelope import Envelope, sealed
from outreach.transport.login import Queue
from outreach.transport.timing import RETRY, ROTATION, TIMEOUTS, Retry, Rotation, Timeouts
from outreach.transport.token import access_token
from outreach.transport.transaction import Offers, Transaction, nothing
from outreach.transport.wire import Lost, Nonsense, Stalled


class _Letter(NamedTuple):
    """A letter that may go on the wire."""

    body: bytes
    envelope: Envelope
    text: bytes  #: the body, sealed


class SmtpChannel:
    """`runner.ports.Channel` over SMTP. For one thread."""

    def __init__(
        self,
        server: Server,
        *,
        timeouts: Timeouts = TIMEOUTS,
        retry: Retry = RETRY,
        rotation: Rotation = ROTATION,
        ehlo_name: str = "",
        only_domain: str = "",
        logins: Queue | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.account = server.account
        self.meanwhile: Callable[[], None] = nothing  #: see `runner.ports.Channel`
        self._server = server
        self._timeouts = timeouts
        self._retry = retry
        self._rotation = rotation
        self._ehlo_name = ehlo_name
        self._only_domain = only_domain
        self._logins = logins or Queue()  #: shared by the connections of one account
        self._clock = clock
        self._sleep = sleep
        self._connection: Connection | None = None
        self._foreseen: _Letter | None = None
        self._letters = 0  #: over this connection
        self._used = 0.0  #: when it last carried one

    def open(self) -> None:
        """Connect, TLS, login. Raises LoginRefused, Unavailable or SettingsError."""
        self._drop()
        self._renew()

    def refresh(self) -> None:
        """See to it that the open connection still lives, and renew it if not. Raises as `open` does."""
        self._ready()

    def deliver(self, claim: Claim, body: bytes, commit: Callable[[], None]) -> Answer:
        """Send in phases; `commit` is called with the body written and before the end-of-data mark goes.

        Whatever `commit` raises closes the connection without the mark. Raises Unavailable before the mark,
        OutcomeUnknown after it, and a plain TransportError, with nothing on the wire, for a letter that must not go.
        """
        letter, self._foreseen = self._foreseen, None
        if letter is None or letter.body is not body:
            letter = self._looked_at(claim, body)
        connection = self._ready()
        answer = _too_much(claim, connection.offers, body)
        if answer is not None:
            return answer
        transaction = Transaction(connection.wire, connection.offers, self._timeouts, meanwhile=self.meanwhile)
        try:
            answer = transaction.run(letter.envelope, letter.text, size=len(body), commit=commit)
        except Lost as lost:
            self._drop()
            raise self._loss(transaction.phase, lost) from lost
        except BaseException:  # commit's, and Ctrl-C
            self._drop()
            raise
        self._letters += 1
        self._used = self._clock()
        if not transaction.usable:
            self._drop()
        return answer

    def foresee(self, claim: Claim, body: bytes) -> None:
        """Look at the next letter ahead of its turn: `deliver` of these very bytes need not do it again."""
        with suppress(TransportError):  # `deliver` will find the same
            self._foreseen = self._looked_at(claim, body)

    def _looked_at(self, claim: Claim, body: bytes) -> _Letter:
        """The letter, fit for the wire. Raises TransportError."""
        envelope = Envelope.of(claim)
        self._guard(envelope.recipient)
        return _Letter(body, envelope, sealed(body, where=claim.dispatch))

    def close(self) -> None:
        """Say good-bye to the server, if there is one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.quit(self._timeouts.quit)

    def abort(self) -> None:
        """Break the connection, from any thread: whoever is in `deliver` loses it at once."""
        connection = self._connection
        if connection is not None:
            connection.abort()

    def _ready(self) -> Connection:
        """A connection that lives: between two letters nothing is at stake, so a dead one is simply replaced."""
        if self._connection is not None and self._worn(self._connection):
            self.close()
        return self._connection or self._renew()

    def _worn(self, connection: Connection) -> bool:
        idle = self._clock() - self._used
        if self._letters >= self._rotation.letters or idle > self._rotation.idle:
            return True
        wire = connection.wire
        try:
            if wire.pending():  # most often "421 idle too long"
                return True
            if idle > self._rotation.noop_after:
                deadline = wire.until(min(self._timeouts.mail, self._timeouts.connect))
                wire.send(b"NOOP\r\n", deadline)
                return not 200 <= wire.reply(deadline).code < 300
        except Lost:
            return True
        return False

    def _renew(self) -> Connection:
        token = None
        if self._server.token_command:
            token = access_token(self._server.token_command, seconds=self._timeouts.token)
        tries = Retrying(
            stop=stop_after_attempt(self._retry.attempts),
            wait=wait_exponential_jitter(
                multiplier=self._retry.first, max=self._retry.longest, jitter=self._retry.jitter
            ),
            retry=retry_if_exception(_a_hiccup),
            sleep=self._sleep,
            reraise=True,
        )
        self._connection = tries(
            connect,
            self._server,
            timeouts=self._timeouts,
            ehlo_name=self._ehlo_name,
            token=token,
            logins=self._logins,
            clock=self._clock,
        )
        self._letters = 0
        self._used = self._clock()
        return self._connection

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.drop()

    def _guard(self, recipient: str) -> None:
        if self._only_domain and recipient.rpartition("@")[2] != self._only_domain:
            raise TransportError(
                f"{recipient} is not at {self._only_domain}: a rehearsal writes to nobody else.",
                where=self.account,
                todo="Nothing was sent. Please report this: it should never come so far.",
                phase=Phase.RCPT,
            )

    def _loss(self, phase: Phase, lost: Lost) -> TransportError:
        if phase is Phase.DOT:
            return OutcomeUnknown(
                f"The letter was handed over whole, but no answer came: {lost}.",
                where=self.account,
                todo="It may have been delivered; it is in doubt and is not sent again by itself.",
                phase=phase,
            )
        return Unavailable(
            f"The connection was lost at {phase.upper()}: {lost}.",
            where=self.account,
            todo="Nothing of this letter was delivered; it is tried again.",
            phase=phase,
        )


def _too_much(claim: Claim, offers: Offers, body: bytes) -> Answer | None:
    """The refusal that the server would give, without asking it (RFC 1870 6.1, RFC 6152 3)."""
    if offers.largest is not None and len(body) > offers.largest:
        text = f"5.3.4 the server takes {offers.largest:,} bytes, the letter has {len(body):,} (not sent)"
        return Answer(phase=Phase.MAIL, code=552, text=text)
    if not offers.eight_bit and not body.isascii():
        raise TransportError(
            "The letter holds bytes beyond ASCII, and the server takes none (no 8BITMIME).",
            where=claim.dispatch,
            todo="Nothing was sent. Plan again.",
            phase=Phase.BODY,
        )
    return None


def _a_hiccup(error: BaseException) -> bool:
    """Whether another try in a second or two may help: the network's fault, before any server said a word."""
    if not isinstance(error, Unavailable) or error.phase != Phase.CONNECT or error.code is not None:
        return False
    cause = error.__cause__
    if isinstance(cause, socket.gaierror):
        return cause.errno == socket.EAI_AGAIN
    if isinstance(cause, Lost):
        return not isinstance(cause, Stalled | Nonsense)
    return isinstance(cause, ConnectionError)
