"""When each letter of a plan would leave, by the rule that lets them go."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from outreach.model.calendar import WorkCalendar
from outreach.model.campaign import Pace
from outreach.rules.pacing import Candidate, Granted, Offices, Record


def forecast(
    candidates: Sequence[Candidate],
    *,
    pace: Pace,
    calendars: Mapping[str, WorkCalendar],
    start: datetime,
    granted: Sequence[Granted] = (),
) -> list[tuple[str, datetime]]:
    """Each candidate's dispatch and the moment it would be granted, in the order of leaving.

    The same as asking `pacing.grant` at `start` and then at each `next_at`, with the same record and office hours; but
    letters that differ only in their turn stand in one queue, so that a step looks at one letter and not at all.
    """
    record, offices = Record(pace, granted), Offices(calendars)
    queues = _Queues(candidates, pace)
    now = start.astimezone(UTC)
    leaving: list[tuple[str, datetime]] = []
    while queues:
        now = record.account_free(now)
        candidate = queues.next_ready(now)
        if candidate is None:
            now = queues.next_waking()
            continue
        moment = offices.opening(candidate.calendar, record.free(candidate, now))
        if moment > now:
            queues.wait(moment)
            continue
        record.add(now, candidate.institution, candidate.domain)
        leaving.append((candidate.dispatch, now))
        queues.drop()
    return leaving


class _Queues:
    """The letters in queues of equal constraints; a queue is ready, or waits until a moment before which it is shut."""

    def __init__(self, candidates: Sequence[Candidate], pace: Pace) -> None:
        self._queues: dict[tuple[str, str, str], deque[tuple[int, Candidate]]] = {}
        for turn, candidate in enumerate(candidates):
            domain = candidate.domain if pace.domain else ""
            institution = candidate.institution if pace.institution else ""
            self._queues.setdefault((candidate.calendar, domain, institution), deque()).append((turn, candidate))
        self._ready = [(queue[0][0], key) for key, queue in self._queues.items()]  # in order, so a heap already
        self._waiting: list[tuple[datetime, int, tuple[str, str, str]]] = []

    def __bool__(self) -> bool:
        return bool(self._ready or self._waiting)

    def next_ready(self, now: datetime) -> Candidate | None:
        """The letter whose turn is the earliest among the queues that may be asked now."""
        while self._waiting and self._waiting[0][0] <= now:
            _, turn, key = heapq.heappop(self._waiting)
            heapq.heappush(self._ready, (turn, key))
        return self._queues[self._ready[0][1]][0][1] if self._ready else None

    def next_waking(self) -> datetime:
        """The moment at which the first waiting queue is to be asked again."""
        return self._waiting[0][0]

    def wait(self, until: datetime) -> None:
        """The queue of the letter that `next_ready` gave waits until then."""
        turn, key = heapq.heappop(self._ready)
        heapq.heappush(self._waiting, (until, turn, key))

    def drop(self) -> None:
        """The letter that `next_ready` gave has left its queue."""
        _, key = self._ready[0]
        queue = self._queues[key]
        queue.popleft()
        if queue:
            heapq.heapreplace(self._ready, (queue[0][0], key))
        else:
            heapq.heappop(self._ready)
