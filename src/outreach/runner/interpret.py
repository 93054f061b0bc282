"""From bytes to what is filed: read, match, triage. What goes wrong with one mail is that mail's, and it is kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from outreach.model.campaign import Mode
from outreach.model.collected import (
    EXACT,
    Copied,
    Filed,
    Guess,
    InboundState,
    Match,
    MatchRule,
    RawMail,
    Reference,
    ReferenceKind,
)
from outreach.model.inbound import InboundKind, InboundMessage, Triage
from outreach.rules.authentication import authentication
from outreach.rules.beside import copied_to
from outreach.rules.clues import references, teachings
from outreach.rules.guessing import Book
from outreach.rules.identity import supporter_key
from outreach.rules.matching import Learnt, match
from outreach.rules.returned import returned
from outreach.rules.simulation import REASON, simulated
from outreach.runner.answer_ports import Interpreter, Post
from outreach.runner.bounded import Deadline, deadlines

LONGEST = 10.0  #: seconds that one mail may take

_LONGEST_REASON = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A mail that could be read, and the names in it that may have been learnt."""

    message: InboundMessage
    names: tuple[tuple[ReferenceKind, str], ...]
    copied: tuple[Copied, ...] = ()  #: of which institutions' letters it may be a supporter's copy
    supporter: str = ""  #: who wrote it, without saying who; "" = no supporter can have
    lacks: str = ""  #: why the head alone was kept: who wrote it is known, and no more


class Desk:
    """What it takes to interpret mails."""

    def __init__(self, post: Post, interpreter: Interpreter, book: Book, *, server: str, secret: bytes = b"") -> None:
        self._post = post
        self._secret = secret
        self._interpreter = interpreter
        self._book = book
        self._server = server

    def file(self, mails: Sequence[RawMail], *, again: bool = False) -> list[Filed]:
        """What is to be filed of each; `again`: they lie in the tray, and what stays there is not judged anew."""
        with deadlines(LONGEST) as deadline:
            read = {one.sha256: self._read(one, deadline) for one in mails}
        wanted = {name for one in read.values() if isinstance(one, _Read) for name in one.names}
        learnt = self._post.references(sorted(wanted))
        writers = sorted({one.supporter for one in read.values() if isinstance(one, _Read)} - {""})
        known = self._post.own_writers(writers) if writers else ()
        with deadlines(LONGEST) as deadline:
            return [self._filed(sha, one, learnt, known, deadline, again=again) for sha, one in read.items()]

    def _read(self, mail: RawMail, deadline: Deadline) -> _Read | str:
        """The mail as it reads, or why it cannot be read."""
        try:
            with deadline:
                message = self._interpreter.read(mail.raw)
                return _Read(
                    message=message,
                    names=references(message),
                    copied=copied_to(message, self._book),
                    supporter=supporter_key(self._secret, message.sender) if self._book.copied else "",
                    lacks=mail.lacks,
                )
        except (Exception, RecursionError) as error:  # noqa: BLE001  strangers wrote it: it may break anything
            return mail.lacks or f"{type(error).__name__}: {error}"[:_LONGEST_REASON]

    def _filed(
        self,
        sha256: str,
        one: _Read | str,
        learnt: Learnt,
        known: Collection[str],
        deadline: Deadline,
        *,
        again: bool,
    ) -> Filed:
        if isinstance(one, str):
            return Filed(sha256=sha256, state=InboundState.QUARANTINED, reason=one)
        try:
            with deadline:
                return self._judged(sha256, one, learnt, known, again=again)
        except Exception as error:  # noqa: BLE001
            reason = f"{type(error).__name__}: {error}"[:_LONGEST_REASON]
            return Filed(sha256=sha256, state=InboundState.QUARANTINED, reason=reason)

    def _judged(self, sha256: str, one: _Read, learnt: Learnt, known: Collection[str], *, again: bool) -> Filed:
        message = one.message
        reason = REASON if simulated(message) else ""
        if reason and self._post.mode is not Mode.REHEARSAL:  # it speaks for nobody: no match, no verdict
            return Filed(sha256=sha256, state=InboundState.QUARANTINED, reason=reason, message=message)
        checked = authentication(message.headers.get("authentication-results", ()), self._server)
        verdict = self._interpreter.triage(message) if one.copied else None
        found = match(
            message,
            self._book,
            learnt,
            authentication=checked,
            copied=one.copied,
            kind=verdict.kind if verdict else None,
            known=one.supporter in known,
        )
        if one.lacks:  # a person reads it, and is told whose it is by its head
            return Filed(
                sha256=sha256,
                state=InboundState.QUARANTINED,
                reason=one.lacks,
                message=message,
                match=Match(guesses=_guessed(found)),
                authentication=checked,
                received_at=received_at(message),
            )
        if found.rule is MatchRule.SUPPORTER:
            return _of_a_supporter(sha256, one, found, reason)
        if again and found.rule is None:
            return Filed(sha256=sha256, state=InboundState.TRAY)
        verdict = verdict or self._interpreter.triage(message)
        if found.rule is MatchRule.OWN:
            verdict = replace(verdict, kind=InboundKind.OTHER, rule="own")
        return Filed(
            sha256=sha256,
            state=InboundState.MATCHED if found.rule else InboundState.TRAY,
            reason=reason,
            message=message,
            match=found,
            triage=verdict,
            authentication=checked,
            received_at=received_at(message),
            references=_taught(message, verdict, found),
            returned=returned(message, found, verdict),
            copied=_copied(one.copied, found),
        )


def _copied(several: Sequence[Copied], found: Match) -> Copied | None:
    """Of which institution's letters a mail is a copy: that which it belongs to, before any other."""
    return next((one for one in several if one.institution == found.institution), next(iter(several), None))


def _of_a_supporter(sha256: str, one: _Read, found: Match, reason: str) -> Filed:
    """That there is one more, and by whom as a hash: who and what stands in the mail itself, and there alone."""
    return Filed(
        sha256=sha256,
        state=InboundState.MATCHED,
        reason=reason,
        match=found,
        triage=Triage(kind=InboundKind.OTHER, rule="supporter"),
        received_at=received_at(one.message),
        copied=Copied(campaign=found.campaign, institution=found.institution, supporter=one.supporter),
    )


def _guessed(found: Match) -> tuple[Guess, ...]:
    if found.rule is None or not found.institution:
        return found.guesses
    return (
        Guess(
            institution=found.institution,
            campaign=found.campaign,
            dispatch=found.dispatch,
            score=found.score,
            why="its head says so",
        ),
    )


def received_at(message: InboundMessage) -> datetime | None:
    """When our own server took it: the day and hour at the end of the first Received line (RFC 5321 4.4).

    Without a zone, or with -0000, it is UTC (RFC 5322 3.3 and 4.3).
    """
    for value in message.headers.get("received", ())[:1]:
        try:
            found = parsedate_to_datetime(value.rpartition(";")[2].strip())
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def _taught(message: InboundMessage, verdict: Triage, found: Match) -> tuple[Reference, ...]:
    """Names that later mails may be known by. A guess teaches nothing."""
    if found.rule not in EXACT or not found.institution:
        return ()
    return tuple(
        Reference(
            kind=kind,
            value=value,
            institution=found.institution,
            campaign=found.campaign,
            dispatch=found.dispatch,
        )
        for kind, value in teachings(message, verdict)
    )
