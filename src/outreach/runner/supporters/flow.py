"""Flow: what is confirmed becomes copies in the outbox, and once a day one digest for each target that has one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from outreach.model.action import Action, Crowd, Way
from outreach.model.campaign import Mode
from outreach.model.dispatch import Dispatch
from outreach.model.letter import Letter
from outreach.model.supporter import ApprovedFrame, Target
from outreach.rules.exposure import as_told
from outreach.rules.flow import Decision, decide
from outreach.runner.gather import calendars_of
from outreach.runner.supporters.desk import SupporterDesk
from outreach.runner.supporters.frame import current_frame
from outreach.runner.supporters.letters import copy_sender, digest_sender, dispatch_of

BATCH = 100
NO_TARGET = "no target any more"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flowed:
    """What one round let flow."""

    actions: int = 0
    copies: int = 0
    digests: int = 0
    closed: bool = False  #: the frame has changed, or nobody has approved it: no letter of supporters may go
    waiting: bool = False  #: and there are some


def flow(it: SupporterDesk) -> Flowed:
    """Decide for every confirmed action, then write the digests that are due."""
    approved = current_frame(it)
    if approved is None:
        crowds = it.book.crowds(it.campaign.slug).values()
        return Flowed(closed=True, waiting=any(one.waiting or one.queued for one in crowds))
    targets = {one.institution: one for one in approved.frame.targets}
    offices = _Offices(it, approved.frame.targets)
    actions = copies = 0
    while batch := it.book.to_flow(it.campaign.slug, BATCH):
        decided: list[_Decided] = []
        try:
            for action, undecided in batch:
                decided.append(_judged(it, action, undecided, targets, offices))
        finally:  # a letter that cannot be written holds up none of those before it
            _write(it, decided, approved)
        actions += len(decided)
        copies += sum(len(one.copies) for one in decided)
    return Flowed(actions=actions, copies=copies, digests=_digests(it, approved))


@dataclass(slots=True, kw_only=True)
class _Decided:
    """What becomes of an action, by institution."""

    action: str
    copies: list[tuple[Dispatch, Letter, datetime | None]] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)
    dropped: dict[str, str] = field(default_factory=dict)


class _Offices:
    """How many copies wait for each target, asked once, and on which days it works."""

    def __init__(self, it: SupporterDesk, targets: Sequence[Target]) -> None:
        self._it = it
        self._known: dict[str, int] = {}
        self._calendars = calendars_of(it.campaign, {one.calendar for one in targets}, it.now.date())

    def decide(self, target: Target) -> Decision:
        """What becomes of the next letter to it."""
        name = target.institution
        if name not in self._known:
            self._known[name] = self._it.book.queue_of(self._it.campaign.slug, name)
        found = decide(
            target,
            queued=self._known[name],
            longest_queue=self._it.terms.longest_queue,
            today=_today(self._it, target),
            calendar=self._calendars[target.calendar],
        )
        self._known[name] += found.way is Way.COPY
        return found


def _judged(
    it: SupporterDesk, action: Action, undecided: Sequence[str], targets: dict[str, Target], offices: _Offices
) -> _Decided:
    made = _Decided(action=action.id)
    for name in undecided:
        target = targets.get(name)
        if target is None:
            made.dropped[name] = NO_TARGET
            continue
        found = offices.decide(as_told(target, action.told))
        if found.day is not None:
            made.copies.append(_copy(it, action, target, found.day))
        elif found.way is Way.DIGEST:
            made.digests[name] = found.why
        else:
            made.dropped[name] = found.why
    return made


def _write(it: SupporterDesk, decided: Sequence[_Decided], approved: ApprovedFrame) -> None:
    """The letters are made by now: the book is held up no longer than it takes to write them."""
    with it.book.at_once():
        for one in decided:
            it.book.flow(one.action, copies=one.copies, digests=one.digests, dropped=one.dropped, frame=approved)


def _copy(it: SupporterDesk, action: Action, target: Target, day: date) -> tuple[Dispatch, Letter, datetime | None]:
    dispatch = dispatch_of(it, target, sender=copy_sender(action), dated=day)
    letter = it.letters.copy(dispatch, target, action, it.campaign, mode=it.mode)
    if day <= _today(it, target):
        return dispatch, letter, None
    return dispatch, letter, datetime.combine(day, time.min, tzinfo=ZoneInfo(target.timezone)).astimezone(UTC)


def _digests(it: SupporterDesk, approved: ApprovedFrame) -> int:
    """The day's digest counts whoever confirmed before the target's day began; a rehearsal's, whoever has so far."""
    made = 0
    for target in approved.frame.targets:
        if target.suppressed:
            continue
        today = _today(it, target)
        waiting = [
            one
            for one in it.book.for_digest(it.campaign.slug, target.institution)
            if it.mode is Mode.REHEARSAL or _local(one.confirmed_at, target).date() < today
        ]
        if waiting:
            before = it.book.crowds(it.campaign.slug).get(target.institution, Crowd(institution=target.institution))
            dispatch = dispatch_of(it, target, sender=digest_sender(today), dated=today)
            letter = it.letters.digest(
                dispatch, target, waiting, before.queued + before.sent, it.campaign, mode=it.mode
            )
            made += it.book.digest(dispatch, letter, [one.id for one in waiting], approved)
    return made


def _today(it: SupporterDesk, target: Target) -> date:
    return _local(it.now, target).date()


def _local(at: datetime | None, target: Target) -> datetime:
    if at is None:
        raise ValueError("a confirmed action has its moment")
    return at.astimezone(ZoneInfo(target.timezone))
