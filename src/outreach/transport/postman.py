"""The authorities' way to our mailbox in a rehearsal: mail from anybody and from nobody, to one box on this machine."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from typing import Self

from outreach.errors import TransportError, Unavailable
from outreach.model.receipt import Phase
from outreach.model.server import Server
from outreach.model.simulated import Simulated
from outreach.transport.connect import Connection, connect
from outreach.transport.envelope import Envelope, sealed
from outreach.transport.rehearsal import DOMAIN
from outreach.transport.timing import TIMEOUTS
from outreach.transport.transaction import Transaction
from outreach.transport.wire import Lost

MAILBOX = f"mailbox@{DOMAIN}"  #: whatever address a mail is to in its head


class Postman:
    """`runner.answer_ports.Postman` over SMTP: a context manager, connected inside of it."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._connection: Connection | None = None

    def deliver(self, mails: Iterable[Simulated]) -> None:
        """Hand over each. Raises TransportError for the first that is not taken."""
        connection = self._connection
        if connection is None:
            raise RuntimeError("the postman walks inside its `with` block only")
        for one in mails:
            where = f"the answer of {one.institution}"
            talk = Transaction(connection.wire, connection.offers, TIMEOUTS)
            text = sealed(one.raw, where=where)
            try:
                answer = talk.run(Envelope(one.envelope_from, MAILBOX), text, size=len(one.raw), commit=lambda: None)
            except Lost as lost:
                raise Unavailable(
                    f"The connection was lost: {lost}.", where=where, todo="Run it again.", phase=talk.phase
                ) from lost
            if not answer.accepted:
                raise TransportError(
                    f"The rehearsal's mailbox did not take it: {answer.code} {answer.text}.",
                    where=where,
                    todo="Make room where the workspace lies, then run it again.",
                    phase=Phase.DOT,
                )

    def __enter__(self) -> Self:
        self._connection = connect(self._server, timeouts=TIMEOUTS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.quit(TIMEOUTS.quit)
