"""Collect: read what came, keep it, say whose it is. One ledger, one mailbox, all campaigns.

A batch is kept before it is read, and filed in one transaction with its source's bookmark: whatever ends a run, the
next one goes on where it ended, and nothing is filed twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from outreach.errors import InboxError
from outreach.model.collected import (
    Bookmark,
    Copied,
    Filed,
    InboundState,
    Match,
    MatchRule,
    PostTotals,
    RawMail,
    Written,
)
from outreach.model.inbound import InboundKind
from outreach.model.proposal import Proposal, ProposalFate, ProposalKind
from outreach.rules.authentication import proven
from outreach.rules.guessing import Book
from outreach.rules.identity import copy_id
from outreach.rules.retention import FINISHED, OWN_MAIL, UNCONFIRMED, UNSENT
from outreach.rules.returned import returned
from outreach.runner.answer_ports import Interpreter, Post, Source
from outreach.runner.interpret import Desk

MANY = 200  #: mails that are looked at again at once
_KEYED = Match(rule=MatchRule.RETURNED)  #: only reports that were matched so can wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """How far a run is, or what it came to: `read == known + matched + tray + quarantined`."""

    read: int = 0  #: mails that the sources had for us
    known: int = 0  #: of those, mails that were filed before: nothing changed
    by_state: Mapping[InboundState, int] = field(default_factory=dict)  #: of the new ones, as they were filed
    kinds: Mapping[str, int] = field(default_factory=dict)  #: of the new matched ones, by the machine's verdict
    in_tray: Mapping[str, int] = field(default_factory=dict)  #: of the new ones in the tray, by the same
    unproven: int = 0  #: of the new ones, answers that stop nothing but until a person has looked
    moved: int = 0  #: mails of the tray that belong somewhere by what was learnt since
    gone: int = 0  #: taken away by somebody while we read
    left: int = 0  #: still to come
    troubles: tuple[str, ...] = ()  #: what could not be read now; the next run tries again
    totals: PostTotals | None = None  #: of the ledger, at the run's end
    supporters: int = 0  #: of the new ones, letters that supporters sent from their own mailboxes
    removed: int = 0  #: such letters, whose time is up
    forgotten: int = 0  #: actions of supporters whose time is up
    #: Campaign -> proposals in the ledger that wait for a person, at the run's end.
    proposed: Mapping[str, int] = field(default_factory=dict)

    @property
    def adds_up(self) -> bool:
        """Whether every mail of this run is somewhere."""
        return self.read == self.known + sum(self.by_state.values())


def collect(
    post: Post,
    sources: Sequence[Source],
    interpreter: Interpreter,
    *,
    own: Collection[str] = (),
    server: str = "",
    secret: bytes = b"",
    kept: Mapping[str, timedelta] | None = None,
    known: Mapping[str, timedelta] | None = None,
    tell: Callable[[Collected], None] = lambda _: None,
) -> Collected:
    """Read all sources. A source's trouble is told at the end, and keeps no other source from being read.

    `own` are the campaigns' own addresses; `server` is the name of our own in Authentication-Results. Without the
    `secret` no letter from a supporter's own mailbox is known as one; `kept` says how long each campaign keeps them.
    `known` says how long it knows a supporter: the page may be closed long before that time is up.
    """
    run = _Run(post, Desk(post, interpreter, make_book(post, own, secret), server=server, secret=secret), tell)
    run.finish_the_last()
    for source in sources:
        run.read(source)
    run.match_again()
    _follow_pending(post, interpreter)
    run.forget(kept or {}, known or {})
    return run.ended()


def make_book(post: Post, own: Collection[str], secret: bytes = b"") -> Book:
    """All that mails are recognised by, as it is now: addresses, too, that persons have approved or that wait."""
    written = {one.dispatch: one for one in post.written()}
    learnt = [one for one in post.proposals() if one.change.kind is not ProposalKind.NEW_TARGET]
    senders = [one for one in learnt if one.change.kind is ProposalKind.SENDER]
    approved = [one for one in learnt if one.fate is ProposalFate.APPROVED]
    return Book(
        written=written,
        institutions=post.known_institutions(),
        learnt={_address(one): one.change.institution for one in approved},
        proposed={_address(one): one.change.institution for one in senders if one.fate is ProposalFate.OPEN},
        own=frozenset(one.lower() for one in own),
        copied=_copied(post, written.values(), secret),
    )


def _copied(post: Post, written: Iterable[Written], secret: bytes) -> dict[str, Copied]:
    """The ids at which copies of supporters' own letters come, of every institution that supporters may write to."""
    open_ones = frozenset(post.supporter_campaigns()) if secret else frozenset()
    written_to = {(one.campaign, one.institution) for one in written if one.campaign in open_ones}
    return {
        copy_id(secret, mode=post.mode, campaign=campaign, institution=institution): Copied(
            campaign=campaign, institution=institution
        )
        for campaign, institution in sorted(written_to)
    }


def _address(one: Proposal) -> str:
    return ((one.ruling.address if one.ruling else "") or one.change.now).casefold()


class _Run:
    """One run, as far as it is."""

    def __init__(self, post: Post, desk: Desk, tell: Callable[[Collected], None]) -> None:
        self._post = post
        self._desk = desk
        self._tell = tell
        self._newest = post.newest_mail()  #: before this run
        self._taught = False  #: a mail of this run had a name, or a writer, that another may be known by
        self._read = self._known = self._unproven = self._moved = self._gone = self._left = 0
        self._supporters = self._removed = self._forgotten = 0
        self._states: Counter[InboundState] = Counter()
        self._kinds: Counter[str] = Counter()
        self._in_tray: Counter[str] = Counter()
        self._troubles: list[str] = []

    def read(self, source: Source) -> None:
        """One source, to its end or its trouble."""
        try:
            for batch in source.read(self._post.bookmark(source.name)):
                self._left = batch.left
                self._troubles += batch.troubles
                known = self._post.keep(source.name, batch.mails)
                new = _each_once(one for one in batch.mails if one.sha256 not in known)
                self._file(source.name, new, seen=len(batch.mails), after=batch.after)
        except InboxError as error:
            self._troubles.append(str(error))
        self._gone += source.gone

    def finish_the_last(self) -> None:
        """File what an earlier run kept and did not come to file."""
        while several := self._post.unread_mails(MANY):
            self._file("", list(several), seen=len(several), after=None)

    def _file(self, source: str, new: list[RawMail], *, seen: int, after: Bookmark | None) -> None:
        filed = self._desk.file(new)
        taken = self._post.file_mails(source, filed, after)
        filed = [one for one in filed if one.sha256 in taken]  # another run may have been quicker with some of them
        self._read += seen
        self._known += seen - len(filed)
        self._states.update(one.state for one in filed)
        self._unproven += sum(map(_not_proven, filed))
        self._taught = self._taught or any(one.references or _of_a_supporter(one) for one in filed)
        self._supporters += sum(map(_of_a_supporter, filed))
        for one in filed:
            if one.triage and not _of_a_supporter(one):
                counted = self._kinds if one.state is InboundState.MATCHED else self._in_tray
                counted[one.triage.kind.value] += 1
        self._tell(self._now())

    def match_again(self) -> None:
        """The tray once more, when there is anything new that may explain it: this run's mails, when it has learnt."""
        if self._states:
            self._moved = match_again(self._post, self._desk, until=None if self._taught else self._newest)

    def forget(self, kept: Mapping[str, timedelta], known: Mapping[str, timedelta]) -> None:
        """Supporters, and letters from their own mailboxes, whose time is up."""
        for campaign in self._post.supporter_campaigns():
            self._removed += self._post.expire_own_letters(campaign, kept.get(campaign, OWN_MAIL))
            self._forgotten += self._post.expire(
                campaign,
                now=self._post.now(),
                unconfirmed=UNCONFIRMED,
                overdue=UNSENT,
                keep=known.get(campaign, FINISHED),
            )

    def ended(self) -> Collected:
        """What the run came to. What does not add up is a fault of ours, and is told at once."""
        self._left = 0
        waiting = Counter(one.change.campaign for one in self._post.proposals() if one.fate is ProposalFate.OPEN)
        done = replace(self._now(self._post.post_totals()), proposed=waiting)
        if not done.adds_up or done.totals is None or not done.totals.adds_up:
            raise AssertionError(f"mail is missing: {done}")
        return done

    def _now(self, totals: PostTotals | None = None) -> Collected:
        return Collected(
            read=self._read,
            known=self._known,
            by_state=dict(self._states),
            kinds=dict(self._kinds),
            in_tray=dict(self._in_tray),
            unproven=self._unproven,
            moved=self._moved,
            supporters=self._supporters,
            removed=self._removed,
            forgotten=self._forgotten,
            gone=self._gone,
            left=self._left,
            troubles=tuple(self._troubles),
            totals=totals,
        )


def match_again(post: Post, desk: Desk, *, until: int | None = None) -> int:
    """The tray, with what is known by now: a mail may have come before the one that explains it. How many moved.

    Mails behind the number `until` were filed with all that is known. One that moves may explain them, too.
    """
    moved, more = 0, True
    while more:
        more, after = False, 0
        while several := [one for one in post.in_tray(after, MANY) if until is None or one[0] <= until]:
            after = several[-1][0]
            filed = desk.file(_raw(several), again=True)
            count = post.rematch([one for one in filed if one.state is InboundState.MATCHED])
            moved += count
            more = more or bool(count)
        until = None if more else until
    return moved


def _follow_pending(post: Post, interpreter: Interpreter) -> None:
    """Reports that came while a runner still had their letter in hand."""
    after = 0
    while several := post.pending(after, MANY):
        after = several[-1][0]
        for number, _, raw in several:
            message = interpreter.read(raw)
            report = returned(message, _KEYED, interpreter.triage(message))
            if report is not None:
                post.follow(number, report)


def _of_a_supporter(one: Filed) -> bool:
    return one.match.rule is MatchRule.SUPPORTER


def _not_proven(one: Filed) -> bool:
    answers = one.state is InboundState.MATCHED and one.triage is not None and one.triage.kind is InboundKind.REPLY
    return answers and not proven(one.match.rule, one.authentication)


def _raw(several: Iterable[tuple[int, str, bytes]]) -> list[RawMail]:
    return [RawMail(sha256=sha256, raw=raw, size=len(raw), where="") for _, sha256, raw in several]


def _each_once(mails: Iterable[RawMail]) -> list[RawMail]:
    return list({one.sha256: one for one in mails}.values())
