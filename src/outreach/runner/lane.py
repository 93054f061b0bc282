"""One connection's part of a run: claim, send in phases, settle; every step is an event, every outcome durable."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from outreach.errors import (
    Answered,
    FenceLost,
    LedgerAway,
    LedgerBusy,
    LedgerError,
    LoginRefused,
    Paused,
    TransportError,
    Unavailable,
)
from outreach.model.calendar import WorkCalendar
from outreach.model.campaign import Pace
from outreach.model.receipt import Claim, Outcome, Phase, Turn
from outreach.model.status import Status
from outreach.rules.verdict import POLICY_WINDOW, Verdict, judge, judge_loss, policy_says_stop
from outreach.runner.crew import Crew
from outreach.runner.dated import Dated
from outreach.runner.desk import Desk
from outreach.runner.gather import DATED_DAYS
from outreach.runner.hours import hours_of
from outreach.runner.notes import Notes
from outreach.runner.ports import Channel
from outreach.runner.silence import stop_answered

BATCH = 100  #: claimed at once when no pace spaces them
PATIENCE = 6  #: troubles in a row with the channel before the run gives up
LOOK_AGAIN = timedelta(seconds=30)  #: a longer wait looks into the ledger again: others send and pause too
TURN = timedelta(minutes=5)  #: what of a batch has not begun by then is given back: its lease must not end in our hand
FARTHEST = timedelta(hours=6)  #: no rest is longer: one that ends later was begun by a clock that has been put back
PROMPT = timedelta(seconds=1)  #: what a connection may take without the grant of the pace being asked for anew


@dataclass
class Lane:
    """One connection of a run."""

    desk: Desk
    channel: Channel
    runner: str
    pace: Pace
    crew: Crew
    only: Collection[str] = ()
    idle: Callable[[datetime], None] = lambda _: None  #: done when a long wait begins; until then it has time
    longest: timedelta | None = None  #: a run that would have to wait longer ends; None = it waits
    supporters: bool = True  #: their letters go, too
    notes: Notes = field(init=False)
    dated: Dated = field(init=False)
    calendars: Mapping[str, WorkCalendar] = field(default_factory=dict)
    connected: bool = False
    losses: int = 0  #: of the connection, in a row
    troubles: int = 0  #: of the account, in a row, over all runners
    patience: int = PATIENCE
    _waiting: deque[Claim] = field(default_factory=deque)  #: claimed, and not begun
    _uncounted: Outcome | None = None  #: the last acceptance; see `_meanwhile`

    def __post_init__(self) -> None:
        self.notes = Notes(ledger=self.desk.ledger, crew=self.crew)
        self.dated = Dated(self.desk.ledger.now)
        self.channel.meanwhile = self._meanwhile

    def until_done(self) -> None:
        """Send until nothing is left for this lane, or the run is over. Whatever ends it, `close` must follow."""
        while not self.crew.over:
            turn = self._claim()
            if turn is None:
                return
            if turn.claims:
                self._work(turn.claims)
            elif turn.next_at is None:
                self.crew.say(replace(self.crew.sent, until=None, reason=turn.reason if turn.waiting else ""))
                return
            else:
                span = turn.next_at - self.desk.ledger.now()
                if self.longest is not None and span > self.longest:
                    self.crew.say(replace(self.crew.sent, left=turn.waiting, until=turn.next_at, reason=turn.reason))
                    return
                if span > LOOK_AGAIN and not turn.troubles:
                    self._knock()
                self._wait(span, turn.reason, most=LOOK_AGAIN)

    def close(self) -> None:
        """Close the connection and write down what is not written yet; what cannot be is kept beside the ledger."""
        try:
            self.channel.close()
        finally:
            self.notes.flush_or_rescue()

    # claiming

    def _claim(self) -> Turn | None:
        """What may go now; None when the run's limit is reached."""
        self.notes.flush()
        with self.crew.room(self._batch) as room:
            if room <= 0:
                return None
            ledger = self.desk.ledger
            turn = self.notes.patiently(
                lambda: ledger.claim(
                    self.desk.campaign.slug,
                    runner=self.runner,
                    account=self.channel.account,
                    pace=self.pace,
                    calendars=self._calendars(),
                    limit=room,
                    only=self.only,
                    oldest=self._oldest,
                    supporters=self.supporters,
                )
            )
            self.crew.claimed(turn)
        self.troubles = turn.troubles
        return turn

    @property
    def _batch(self) -> int:
        """Hours and windows hold at the moment of the claim: with any of them no letter is claimed in advance."""
        return 1 if self._one_by_one else self.crew.share(BATCH)

    @property
    def _one_by_one(self) -> bool:
        pace = self.pace
        return bool(pace.account or pace.domain or pace.institution or pace.opens is not None)

    @property
    def _oldest(self) -> date:
        return self.desk.ledger.now().date() - timedelta(days=DATED_DAYS)

    def _calendars(self) -> Mapping[str, WorkCalendar]:
        if self.pace.opens is not None and not self.calendars:
            self.calendars = hours_of(self.desk)
        return self.calendars

    # sending

    def _work(self, claims: Sequence[Claim]) -> None:
        """Send a turn's letters; what did not get its turn is given back, and does not count against the pace."""
        waiting = self._waiting = deque(claims)
        pause: timedelta | None = None
        begun = self.desk.ledger.now()
        try:
            while waiting and pause is None and not self.crew.over:
                if not self.connected or self._one_by_one:
                    pause = self._connect()
                    if pause is not None or self.crew.over:  # connecting may take minutes
                        continue
                    if self._one_by_one and self.desk.ledger.now() - begun > PROMPT:
                        break  # its window or its office may be closed by now: claim anew, with the connection there
                pause = self._one(waiting.popleft())
                if len(waiting) % 10 == 9 and self.desk.ledger.now() - begun > TURN:
                    break
        finally:
            if waiting:
                self.crew.given_back(len(waiting))
                with suppress(LedgerError):  # they come back by themselves when their lease ends
                    self.desk.ledger.release(tuple(waiting))
            self._count()
        if pause and not self.crew.over and not self.crew.done:
            self._wait(pause, self.crew.sent.reason)

    def _knock(self) -> None:
        """Log in once before the first long wait: a wrong password is told now, not when an office opens tomorrow.

        A server that is busy now is asked again when it is time.
        """
        if not self.crew.ever_connected:
            try:
                self.channel.open()
            except Unavailable as error:
                if error.code is None:
                    raise
            self.crew.ever_connected = True
            self.channel.close()

    def _connect(self) -> timedelta | None:
        rests_until = self.crew.rests_until
        if rests_until is not None and timedelta() < rests_until - self.desk.ledger.now() <= FARTHEST:
            return timedelta()  # another connection was sent away since our claim: what it was told holds for us
        try:
            if self.connected:
                self.channel.refresh()
            else:
                self.channel.open()
        except Unavailable as error:
            if not self.crew.ever_connected and error.code is None:
                raise  # a slip in the settings, or no network: nobody wants that waited out
            lost = judge_loss(error, now=self.desk.ledger.now(), troubles=self._in_a_row(error))
            return self._after(lost, error)
        self.connected = self.crew.ever_connected = True
        return None

    def _one(self, claim: Claim) -> timedelta | None:
        """Give one letter its turn; a pause is returned when the channel, not the letter, is in trouble."""
        date, body = self.dated.letter(claim)
        try:
            answer = self.channel.deliver(claim, body, lambda: self.notes.mark(claim, date))
        except FenceLost:
            # The channel closed without the dot; the letter is another runner's, and so may be the rest of the turn.
            self.connected = False
            self.crew.given_back(1)
            return timedelta()
        except (Answered, Paused, LedgerBusy, LedgerAway) as error:
            self.connected = False
            self.crew.given_back(1)
            self._unmarked(claim, error)
            if isinstance(error, Answered):
                stop_answered(self.desk)
            return timedelta()
        except TransportError as error:
            lost = judge_loss(error, now=self.desk.ledger.now(), troubles=self._in_a_row(error))
            if isinstance(self.crew.error, KeyboardInterrupt):
                lost = replace(lost, next_at=None)  # we broke the line ourselves: the next run need not wait
            phase = Phase(error.phase) if error.phase else None
            self._settle(_outcome(claim, lost, code=error.code, text=str(error), phase=phase, date=date))
            return self._after(lost, error)
        self._count()
        if answer.accepted:
            well = Verdict(status=Status.ACCEPTED, reason="")
            self._uncounted = _outcome(claim, well, code=answer.code, text=answer.text, phase=answer.phase, date=date)
            self.notes.settle(self._uncounted)
            return None
        now = self.desk.ledger.now()
        verdict = judge(answer, tries=claim.tries, now=now, dispatch=claim.dispatch, troubles=self.troubles)
        self._settle(_outcome(claim, verdict, code=answer.code, text=answer.text, phase=answer.phase, date=date))
        said = f'{verdict.reason}: {answer.code} "{answer.text}"'
        if verdict.policy:
            self._refused_by_policy(said)
        return self._after(verdict, TransportError(said, where=self.channel.account, code=answer.code))

    def _meanwhile(self) -> None:
        """What can be done while the server is at work: the last acceptance is counted, the next letter made ready."""
        if self._uncounted is not None:
            self._count()
        elif self._waiting:
            claim = self._waiting[0]
            _, body = self.dated.letter(claim)
            self.channel.foresee(claim, body)

    def _count(self) -> None:
        outcome, self._uncounted = self._uncounted, None
        if outcome is not None:
            self.crew.finished(outcome)
            self._all_is_well()

    def _unmarked(self, claim: Claim, error: LedgerError) -> None:
        """No mark, so no dot: queued again, wherever a lost connection to the database left it."""
        back = Verdict(status=Status.QUEUED, reason="", charged=False)
        self.notes.settle(_outcome(claim, back, code=None, text=str(error), phase=Phase.BODY, date=""))

    # trouble

    def _in_a_row(self, error: TransportError) -> int:
        self._count()  # an acceptance ends the row
        return self.losses if error.code is None else self.troubles

    def _all_is_well(self) -> None:
        self.losses = 0
        self.patience = PATIENCE
        if self.troubles:
            self.troubles, self.crew.rests_until = 0, None
            self.desk.ledger.rested(self.channel.account)

    def _refused_by_policy(self, said: str) -> None:
        """The server may have had enough of us: then nobody sends on until a person has looked."""
        campaign = self.desk.campaign.slug
        why = policy_says_stop(self.desk.ledger.streak(campaign, POLICY_WINDOW))
        if why:
            self.desk.ledger.pause(campaign, by=self.runner, why=f"{why}; the last: {said}")
            self.crew.end(f"{why}; the last: {said}. The campaign is paused")

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
            self.losses = 0
            return None
        return self._trouble(error, verdict.channel_pause)

    def _trouble(self, error: TransportError, pause: timedelta) -> timedelta:
        """The channel is in trouble: close it and leave the account alone; too often in a row ends the run.

        What the server said holds for every runner, and after a restart. A line that broke is this lane's own.
        """
        self.channel.close()
        self.connected = False
        self.patience -= 1
        if error.code is None:
            self.losses += 1
        else:
            self.crew.rests_until = self.desk.ledger.rest(self.channel.account, pause, why=str(error)).until
            pause = timedelta()  # the ledger says how long
        if self.patience <= 0:
            raise error
        self.crew.say(replace(self.crew.sent, reason=str(error)))
        return pause

    def _settle(self, outcome: Outcome) -> None:
        self.notes.settle(outcome)
        self.crew.finished(outcome)

    def _wait(self, span: timedelta, reason: str, *, most: timedelta = timedelta.max) -> None:
        self.notes.flush()
        until = self.desk.ledger.now() + span
        self.crew.say(replace(self.crew.sent, until=until, reason=reason))
        if span > LOOK_AGAIN:
            self.idle(until)
        self.crew.wait(min(until - self.desk.ledger.now(), most))
        if self.crew.over:
            self.crew.say(replace(self.crew.sent, until=None, reason=self.crew.ended))


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
        policy=verdict.policy,
    )
