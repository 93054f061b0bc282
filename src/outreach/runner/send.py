"""Send: let approved letters go, over one connection or several; a run can be stopped and run again at any time.

Statuses move as in docs/architecture.md: nothing is delivered before the `committed` mark is durable, and what is lost
after it is in doubt and never sent again by itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from outreach.errors import Paused, UsageError
from outreach.model.campaign import Mode, Pace
from outreach.model.status import Status
from outreach.runner.crew import Crew, Stop
from outreach.runner.desk import Desk
from outreach.runner.gather import DATED_DAYS
from outreach.runner.lane import Lane
from outreach.runner.ports import Channel
from outreach.runner.sent import Sent
from outreach.runner.silence import stop_answered
from outreach.runner.to_me import copied_from

__all__ = ["Sent", "Stop", "send"]


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
    more: Sequence[Channel] = (),
    idle: Callable[[datetime], None] = lambda _: None,
    longest: timedelta | None = None,
    supporters: bool = True,
) -> Sent:
    """Send what is approved and due, until nothing is left, `limit` letters had their turn, or `stop` is set.

    `more` are further connections of the same account, each with a thread of its own. `idle` is done whenever the
    first begins to wait for long, and told until when; a run that would wait for longer than `longest` ends, and says
    until when. Without `supporters` their letters wait: their frame holds no more.
    Raises UsageError when `only` names somebody without a letter,
    Paused when the campaign stands still. Raises LoginRefused, Unavailable (never connected, or too often not) or a
    LedgerError; every letter is then where the ledger says, and the command can simply be run again.
    """
    only = _known(desk, only)
    _not_paused(desk)
    desk.ledger.recover()
    stop_answered(desk)
    crew = Crew(stop=stop, progress=progress, limit=limit, lanes=1 + len(more))
    lane = partial(
        Lane, desk=desk, runner=runner, pace=pace, crew=crew, only=only, longest=longest, supporters=supporters
    )
    first = lane(channel=channel, idle=idle)
    others = [lane(channel=one) for one in more]
    if others:
        _together(first, others, crew)
    else:
        _walk(first)
    return _ended(desk, crew.sent, only)


def _walk(lane: Lane) -> None:
    with ExitStack() as closing:
        closing.callback(lane.close)
        lane.until_done()


def _together(first: Lane, others: Sequence[Lane], crew: Crew) -> None:
    """Each lane in a thread, the first in this one. An error ends all after their letters in flight.

    What interrupts this thread (a second Ctrl-C) breaks the others' connections: their letters are queued or in doubt.
    """

    def walk(lane: Lane) -> None:
        try:
            _walk(lane)
        except BaseException as error:  # noqa: BLE001  it is raised in the first lane's thread
            crew.fail(error)

    threads = [threading.Thread(target=walk, args=[lane], name="outreach-lane") for lane in others]
    for thread in threads:
        thread.start()
    try:
        walk(first)
        if not isinstance(crew.error, KeyboardInterrupt):
            for thread in threads:
                thread.join()
    except KeyboardInterrupt as error:
        crew.fail(error)
    if isinstance(crew.error, KeyboardInterrupt):
        for lane in others:
            lane.channel.abort()
    for thread in threads:
        thread.join()
    if crew.error is not None:
        raise crew.error


def _known(desk: Desk, only: Collection[str]) -> list[str]:
    """What `only` names, as the ledger writes it: a name that fits nobody is a slip, not an empty selection."""
    known: dict[str, set[str]] = {}
    for one in desk.ledger.standings(desk.campaign.slug) if only else ():
        it = one.dispatch
        name = copied_from(it.institution) if desk.mode is Mode.TO_ME else it.institution
        known.setdefault(it.state.casefold(), set()).add(it.state)
        known.setdefault(name.casefold(), set()).add(it.institution)
    unknown = [one for one in only if one.casefold() not in known]
    if unknown:
        flag = "" if desk.mode is Mode.REHEARSAL else " --live"
        raise UsageError(
            f"No letter to {', '.join(unknown)} is planned.",
            where="--only",
            todo=f"Name states or institutions as `outreach log {desk.campaign.slug} --detail{flag}` lists them; "
            "say --only again for each.",
        )
    return sorted({one for name in only for one in known[name.casefold()]})


def _not_paused(desk: Desk) -> None:
    """A run that begins while its campaign stands still would only wait; whoever begins it is told."""
    for one in desk.ledger.pauses(desk.campaign.slug):
        if not one.state:
            flag = " --rehearsal" if desk.mode is Mode.REHEARSAL else ""
            raise Paused(
                f"The campaign was paused by {one.by} on {one.at:%d %B %Y, %H:%M} UTC: {one.why}.",
                where=desk.campaign.slug,
                todo=f"When that is settled: outreach go {desk.campaign.slug}{flag}",
            )


def _ended(desk: Desk, sent: Sent, only: Collection[str]) -> Sent:
    """How the run ended, with what it could not send because others have it or its day has passed."""
    oldest = desk.ledger.now().date() - timedelta(days=DATED_DAYS)
    named = {one.casefold() for one in only}
    elsewhere = stale = 0
    for one in desk.ledger.standings(desk.campaign.slug):
        if named and named.isdisjoint({one.dispatch.state.casefold(), one.dispatch.institution.casefold()}):
            continue
        elsewhere += one.status in {Status.CLAIMED, Status.COMMITTED}
        stale += one.status is Status.DRAFT and one.dispatch.dated < oldest
    return replace(sent, elsewhere=elsewhere, stale=stale)
