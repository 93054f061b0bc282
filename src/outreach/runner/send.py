"""Send: let approved letters go, one after another, in phases; every step is an event, every outcome durable.

Statuses move as in docs/architecture.md: nothing is delivered before the `committed` mark is durable, and what is lost
after it is in doubt and never sent again by itself. A run can be stopped and run again at any time.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from typing import Any, Protocol

from outreach.errors import FenceLost, LoginRefused, TransportError, Unavailable, UsageError
from outreach.model.calendar import WorkCalendar
from outreach.model.campaign import Mode, Pace
from outreach.model.receipt import Claim, Outcome, Phase
from outreach.model.status import Status
from outreach.rules.verdict import Verdict, judge, judge_loss
from outreach.runner.desk import Desk
from outreach.runner.gather import DATED_DAYS, calendars_of
from outreach.runner.ports import Channel, Turn

BATCH = 100  #: claimed at once when no pace spaces them
PATIENCE = 6  #: troubles in a row with the channel before the run gives up
LOOK_AGAIN = 30.0  #: seconds; a longer wait looks into the ledger again: others send and pause too
POLICY_STREAK = 3  #: refusals of policy in a row that stop the run


class Stop(Protocol):
    """A `threading.Event`: set to finish the letter in flight and end."""

    def is_set(self) -> bool: ...
    def wait(self, timeout: float | None = None) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """How far a run is, or how it ended."""

    accepted: int = 0
    rejected: int = 0
    deferred: int = 0
    in_doubt: int = 0
    held: int = 0
    left: int = 0  #: queued letters of this selection that have not had their turn
    until: datetime | None = None  #: while waiting: when the next one may go
    reason: str = ""  #: while waiting: for what; at the end: why it stopped early
    last: str = ""  #: the institution that was just written to
    elsewhere: int = 0  #: at the end: letters of this selection that another command has, or had when it was killed
    stale: int = 0  #: at the end: drafts that show a day too long ago, and must be planned and approved anew

    @property
    def tried(self) -> int:
        """Letters that had their turn in this run; one that was put off and came again is one letter."""
        return self.accepted + self.rejected + self.deferred + self.in_doubt + self.held

    def after(self, status: Status, institution: str, *, again: bool = False) -> Sent:
        """One more letter had its turn and is now `status`; `again`: it had been put off before."""
        counted = {
            "accepted": self.accepted + (status is Status.ACCEPTED),
            "rejected": self.rejected + (status is Status.REJECTED),
            "deferred": self.deferred + (status is Status.QUEUED) - again,
            "in_doubt": self.in_doubt + (status is Status.IN_DOUBT),
            "held": self.held + (status is Status.HELD),
        }
        left = self.left if again else max(0, self.left - 1)
        return replace(self, **counted, left=left, last=institution, until=None, reason="")


def send(
    desk: Desk,
    channel: Channel,
    *,
    runner: str,
    pace: Pace,
    stop: Stop,
    only: Collection[str] = (),
    limit: int | None = None,
    progress: Callable[[Sent], None] = lambda _: None,
) -> Sent:
    """Send what is approved and due, until nothing is left, `limit` letters had their turn, or `stop` is set.

    Raises UsageError when `only` names somebody without a letter. Raises LoginRefused, Unavailable (never connected,
    or too often not) or a LedgerError; every letter is then where the ledger says, and the command can simply be run
    again.
    """
    _known(desk, only)
    run = _Run(desk=desk, channel=channel, runner=runner, pace=pace, stop=stop, only=only, progress=progress)
    desk.ledger.recover()
    try:
        run.until_done(limit)
    finally:
        try:
            channel.close()
        finally:
            run.flush()
    return run.ended()


def _known(desk: Desk, only: Collection[str]) -> None:
    """A name that fits nobody is a slip of the pen, not an empty selection."""
    unknown = {one.casefold(): one for one in only}
    if not unknown:
        return
    for one in desk.ledger.standings(desk.campaign.slug, desk.step):
        unknown.pop(one.dispatch.state.casefold(), None)
        unknown.pop(one.dispatch.institution.casefold(), None)
    if unknown:
        flag = " --live" if desk.mode is Mode.LIVE else ""
        raise UsageError(
            f"No letter to {', '.join(unknown.values())} is planned.",
            where="--only",
            todo=f"Name states or institutions as `outreach log {desk.campaign.slug} --detail{flag}` lists them; "
            "say --only again for each.",
        )


@dataclass
class _Run:
    """One run over one channel. Outcomes wait in `pending` for the next letter's mark: two writes, one fsync."""

    desk: Desk
    channel: Channel
    runner: str
    pace: Pace
    stop: Stop
    only: Collection[str]
    progress: Callable[[Sent], None]
    sent: Sent = field(default_factory=Sent)
    pending: list[Outcome] = field(default_factory=list)
    put_off: set[str] = field(default_factory=set)  #: dispatches that had a turn and are queued again
    calendars: Mapping[str, WorkCalendar] = field(default_factory=dict)
    connected: bool = False
    ever_connected: bool = False
    troubles: int = 0  #: with the channel, in a row
    policy: int = 0  #: refusals of policy, in a row

    def until_done(self, limit: int | None) -> None:
        while not self._over():
            room = self._batch if limit is None else min(self._batch, limit - self.sent.tried)
            if room <= 0:
                return
            turn = self._claim(room)
            if turn.claims:
                self._work(turn.claims)
            elif turn.next_at is None:
                self._say(replace(self.sent, until=None, reason=""))
                return
            else:
                span = turn.next_at - self.desk.ledger.now()
                self._wait(span, turn.reason, look_again=LOOK_AGAIN)

    def ended(self) -> Sent:
        """How the run ended, with what it could not send because others have it or its day has passed."""
        ledger, campaign = self.desk.ledger, self.desk.campaign.slug
        oldest = self._oldest
        named = {one.casefold() for one in self.only}
        elsewhere = stale = 0
        for one in ledger.standings(campaign, self.desk.step):
            if named and named.isdisjoint({one.dispatch.state.casefold(), one.dispatch.institution.casefold()}):
                continue
            elsewhere += one.status in {Status.CLAIMED, Status.COMMITTED}
            stale += one.status is Status.DRAFT and one.dispatch.dated < oldest
        return replace(self.sent, until=None, elsewhere=elsewhere, stale=stale)

    def flush(self) -> None:
        if self.pending:
            self.desk.ledger.settle(self.pending)
            self.pending.clear()

    def _over(self) -> bool:
        return self.stop.is_set() or self.policy >= POLICY_STREAK

    @property
    def _batch(self) -> int:
        """Hours and windows hold at the moment of the claim: with any of them no letter is claimed in advance."""
        pace = self.pace
        return 1 if pace.account or pace.domain or pace.institution or pace.opens is not None else BATCH

    @property
    def _oldest(self) -> date:
        return self.desk.ledger.now().date() - timedelta(days=DATED_DAYS)

    def _claim(self, room: int) -> Turn:
        self.flush()
        ledger = self.desk.ledger
        turn = ledger.claim(
            self.desk.campaign.slug,
            runner=self.runner,
            account=self.channel.account,
            pace=self.pace,
            calendars=self._calendars(),
            limit=room,
            only=self.only,
            oldest=self._oldest,
        )
        self._say(replace(self.sent, left=max(0, turn.waiting + len(turn.claims) - len(self.put_off))))
        return turn

    def _calendars(self) -> Mapping[str, WorkCalendar]:
        if self.pace.opens is not None and not self.calendars:
            campaign, ledger = self.desk.campaign, self.desk.ledger
            today = ledger.now().date()
            keys = {one.dispatch.calendar for one in ledger.standings(campaign.slug, self.desk.step)}
            self.calendars = _Calendars(lambda keys: calendars_of(campaign, keys, today), keys)
        return self.calendars

    def _work(self, claims: Sequence[Claim]) -> None:
        """Send a turn's letters; what did not get its turn is given back, and does not count against the pace."""
        waiting = deque(claims)
        pause: timedelta | None = None
        try:
            while waiting and pause is None and not self._over():
                pause = self._connect()
                if pause is None and not self._over():  # connecting may take minutes
                    pause = self._one(waiting.popleft())
        finally:
            if waiting:
                self.desk.ledger.release(tuple(waiting))
        if pause is not None and not self._over():
            self._wait(pause, self.sent.reason)

    def _connect(self) -> timedelta | None:
        if self.connected:
            return None
        try:
            self.channel.open()
        except Unavailable as error:
            if not self.ever_connected:
                raise
            lost = judge_loss(error, now=self.desk.ledger.now(), troubles=self.troubles)
            return self._after(lost, error)
        self.connected = self.ever_connected = True
        return None

    def _one(self, claim: Claim) -> timedelta | None:
        """Give one letter its turn; a pause is returned when the channel, not the letter, is in trouble."""
        date = _date_header(self.desk.ledger.now().replace(microsecond=0))
        body = f"{date}\r\n".encode() + claim.raw
        try:
            answer = self.channel.deliver(claim, body, lambda: self._mark(claim))
        except FenceLost:
            self.connected = False  # the channel closed without the dot; the letter is another runner's
            return None
        except TransportError as error:
            lost = judge_loss(error, now=self.desk.ledger.now(), troubles=self.troubles)
            phase = Phase(error.phase) if error.phase else None
            self._settle(_outcome(claim, lost, code=error.code, text=str(error), phase=phase, date=date))
            return self._after(lost, error)
        now = self.desk.ledger.now()
        verdict = judge(answer, tries=claim.tries, now=now, dispatch=claim.dispatch, troubles=self.troubles)
        self._settle(_outcome(claim, verdict, code=answer.code, text=answer.text, phase=answer.phase, date=date))
        if verdict.status is Status.ACCEPTED:
            self.policy = self.troubles = 0
            return None
        self.policy = self.policy + 1 if verdict.policy else 0
        said = f'{verdict.reason}: {answer.code} "{answer.text}"'
        if self.policy >= POLICY_STREAK:
            self._say(replace(self.sent, reason=f"{POLICY_STREAK} refusals of policy in a row; the last: {said}"))
        return self._after(verdict, TransportError(said, where=self.channel.account))

    def _mark(self, claim: Claim) -> None:
        self.desk.ledger.mark(claim, settle=self.pending)
        self.pending.clear()

    def _after(self, verdict: Verdict, error: TransportError) -> timedelta | None:
        """What a verdict asks of the run: to go on, to leave the account alone for a while, or to end."""
        if verdict.stop and isinstance(error, LoginRefused):
            raise error
        if verdict.stop:
            raise TransportError(
                error.found,
                where=error.where,
                todo="Settle it with the mail provider, then run the command again; nothing is sent twice.",
            )
        if verdict.channel_pause is None:
            self.troubles = 0
            return None
        return self._trouble(error, verdict.channel_pause)

    def _settle(self, outcome: Outcome) -> None:
        self.pending.append(outcome)
        if outcome.status is not Status.ACCEPTED:
            self.flush()
        dispatch = outcome.claim.dispatch
        self._say(self.sent.after(outcome.status, outcome.claim.institution, again=dispatch in self.put_off))
        if outcome.status is Status.QUEUED:
            self.put_off.add(dispatch)
        else:
            self.put_off.discard(dispatch)

    def _trouble(self, error: TransportError, pause: timedelta) -> timedelta:
        """The channel is in trouble: close it and leave the account alone; too often in a row ends the run."""
        self.channel.close()
        self.connected = False
        self.troubles += 1
        if self.troubles >= PATIENCE:
            raise error
        self._say(replace(self.sent, reason=str(error)))
        return pause

    def _wait(self, span: timedelta, reason: str, *, look_again: float = math.inf) -> None:
        self.flush()
        until = self.desk.ledger.now() + span
        self._say(replace(self.sent, until=until, reason=reason))
        if self.stop.wait(max(0.0, min(span.total_seconds(), look_again))):
            self._say(replace(self.sent, until=None, reason=""))

    def _say(self, sent: Sent) -> None:
        self.sent = sent
        self.progress(sent)


@lru_cache(maxsize=1)
def _date_header(now: datetime) -> str:
    """The one line that is not frozen (RFC 5322 3.6.1)."""
    return f"Date: {format_datetime(now)}"


class _Calendars(dict[str, WorkCalendar]):
    """The working calendars of a campaign; one that a plan brings while the run goes on is found when it is asked for.

    A key that is missing would mean an office that is always open.
    """

    def __init__(self, find: Callable[[Iterable[str]], dict[str, WorkCalendar]], keys: Iterable[str]) -> None:
        super().__init__(find(keys))
        self._find = find

    def get(self, key: str, default: Any = None, /) -> Any:
        if key not in self:
            self.update(self._find([key]))
        return super().get(key, default)


def _outcome(claim: Claim, verdict: Verdict, *, code: int | None, text: str, phase: Phase | None, date: str) -> Outcome:
    return Outcome(
        claim=claim,
        status=verdict.status,
        code=code,
        text=text,
        phase=phase,
        next_at=verdict.next_at,
        charged=verdict.charged,
        address_bad=verdict.address_bad,
        date_header=date,
        held=verdict.held,
    )
