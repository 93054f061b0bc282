"""How long the transport waits, how often it tries to connect, and when a connection is renewed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Wall deadlines in seconds, each for its whole phase and not for one read (RFC 5321 4.5.3.2)."""

    connect: float = 120.0  #: name look-up, TCP, TLS, banner, EHLO and login together
    token: float = 60.0  #: the command that prints an access token
    mail: float = 300.0  #: also RSET and NOOP
    rcpt: float = 300.0
    data: float = 120.0
    body: float = 180.0  #: and a second more for every `slowest` bytes
    slowest: int = 8_192  #: bytes a second that a line must carry
    dot: float = 600.0  #: the server may already have the letter: waiting is cheaper than a letter in doubt
    quit: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Seconds-long retries of a connection that could not be made. A login is never tried twice."""

    attempts: int = 3
    first: float = 1.0  #: seconds before the second attempt, then doubled
    longest: float = 8.0
    jitter: float = 1.0  #: up to so many seconds are added


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """When an open connection is renewed or asked whether it still lives."""

    letters: int = 100  #: then a new one
    idle: float = 300.0  #: seconds without a letter, then a new one
    noop_after: float = 30.0  #: seconds without a letter, then NOOP before the next


TIMEOUTS = Timeouts()
RETRY = Retry()
ROTATION = Rotation()
