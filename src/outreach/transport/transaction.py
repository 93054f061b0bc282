"""One letter over an open connection, in phases (RFC 5321 3.3). What a loss means depends on the phase alone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from outreach.model.receipt import Answer, Phase
from outreach.transport.envelope import Envelope
from outreach.transport.timing import Timeouts
from outreach.transport.wire import Lost, Nonsense, Reply, Wire
from outreach.transport.words import said

GO_AHEAD = 354
CLOSING = 421
END_OF_DATA = b".\r\n"


def nothing() -> None:
    """There is nothing to do meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """What the server's EHLO promised."""

    pipelining: bool = False  #: RFC 2920
    eight_bit: bool = False  #: RFC 6152
    size: bool = False  #: RFC 1870
    largest: int | None = None  #: bytes; None = not said


class Transaction:
    """MAIL, RCPT, DATA, body, `commit`, end-of-data mark, answer: once.

    `meanwhile` is done while the server is at work, before its answer to MAIL is read and before its last one.
    `phase` says how far it came, `usable` whether the connection may take the next letter.
    """

    def __init__(
        self, wire: Wire, offers: Offers, timeouts: Timeouts, *, meanwhile: Callable[[], None] = nothing
    ) -> None:
        self.phase = Phase.MAIL
        self.usable = True
        self._wire = wire
        self._offers = offers
        self._timeouts = timeouts
        self._meanwhile = meanwhile

    def run(self, envelope: Envelope, text: bytes, *, size: int, commit: Callable[[], None]) -> Answer:
        """The server's last word on the letter. Raises Lost, and whatever `commit` raises: no mark has gone then.

        `text` is sealed; `size` is its length before (RFC 1870 6).
        """
        answer = self._introduce(envelope, size, eight_bit=not text.isascii())
        if answer is not None:
            return answer
        self.phase = Phase.BODY
        seconds = self._timeouts.body + len(text) / self._timeouts.slowest
        self._wire.send(text, self._wire.until(seconds))
        answer = self._early()
        if answer is None:
            commit()
            answer = self._early()
        return self._finish() if answer is None else answer

    def _introduce(self, envelope: Envelope, size: int, *, eight_bit: bool) -> Answer | None:
        """MAIL, RCPT and DATA; the first refusal, or None when the text may follow."""
        steps = (
            (Phase.MAIL, self._mail(envelope.sender, size, eight_bit=eight_bit), self._timeouts.mail),
            (Phase.RCPT, f"RCPT TO:<{envelope.recipient}>\r\n".encode("ascii"), self._timeouts.rcpt),
            (Phase.DATA, b"DATA\r\n", self._timeouts.data),
        )
        together = self._offers.pipelining
        if together:
            self._wire.send(b"".join(command for _, command, _ in steps), self._wire.until(self._timeouts.mail))
        refusal: Answer | None = None
        try:
            for self.phase, command, seconds in steps:
                deadline = self._wire.until(seconds)
                if not together:
                    self._wire.send(command, deadline)
                if self.phase is Phase.MAIL:
                    self._meanwhile()
                reply = self._wire.reply(deadline)
                if refusal is None:
                    refusal = self._refusal(self.phase, reply)
                if reply.code == CLOSING or (refusal and reply.code == GO_AHEAD):
                    # A 354 in spite of a refusal: even an empty text might be delivered (RFC 2920 3.1).
                    self.usable = False
                    return refusal
                if refusal and not together:
                    break
        except Lost:
            if refusal is None:
                raise
            self.usable = False
            return refusal
        if refusal:
            self._reset()
        return refusal

    def _mail(self, sender: str, size: int, *, eight_bit: bool) -> bytes:
        said_size = f" SIZE={size}" if self._offers.size else ""
        said_body = " BODY=8BITMIME" if eight_bit and self._offers.eight_bit else ""
        return f"MAIL FROM:<{sender}>{said_size}{said_body}\r\n".encode("ascii")

    def _refusal(self, phase: Phase, reply: Reply) -> Answer | None:
        if reply.code >= 400:
            return Answer(phase=phase, code=reply.code, text=said(reply.lines))
        if reply.code == GO_AHEAD if phase is Phase.DATA else reply.code < 300:
            return None
        raise Nonsense(f"the server answered {reply.code} to {phase.upper()}")

    def _early(self) -> Answer | None:
        """A refusal that came unasked, before the mark: nothing is delivered. Anything else unasked is nonsense.

        Without this look, a reply that was on its way already would be taken for the answer to the mark.
        """
        if not self._wire.pending():
            return None
        self.usable = False
        reply = self._wire.reply(self._wire.until(self._timeouts.data))
        if reply.code >= 400:
            return Answer(phase=self.phase, code=reply.code, text=said(reply.lines))
        raise Nonsense(f"the server said {reply.code} before it had the whole letter")

    def _finish(self) -> Answer:
        deadline = self._wire.until(self._timeouts.dot)
        self.phase = Phase.DOT
        self._wire.send(END_OF_DATA, deadline)
        with suppress(Exception):  # the letter may be delivered: nothing keeps us from hearing of it
            self._meanwhile()
        reply = self._wire.reply(deadline)
        if 300 <= reply.code < 400:
            raise Nonsense(f"the server answered {reply.code} to the end of data")
        self.usable = reply.code != CLOSING
        return Answer(phase=Phase.DOT, code=reply.code, text=said(reply.lines))

    def _reset(self) -> None:
        """Forget the refused letter on the server's side, so that the next one can go."""
        try:
            deadline = self._wire.until(self._timeouts.mail)
            self._wire.send(b"RSET\r\n", deadline)
            self.usable = 200 <= self._wire.reply(deadline).code < 300
        except Lost:
            self.usable = False
