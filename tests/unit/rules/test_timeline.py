"""The weeks: every count is of something, and adds up."""

import itertools
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from outreach.model.event import Event, EventKind
from outreach.model.heard import Heard
from outreach.model.inbound import InboundKind
from outreach.model.position import Position, Source, SourceKind, Stated
from outreach.model.report import Track
from outreach.model.status import Status
from outreach.rules.timeline import weeks

AT = datetime(2026, 3, 4, 9, tzinfo=UTC)


def heard(institution, kind, number=1, at=AT):
    return Heard(id=number, institution=institution, state=institution[:2].upper(), kind=kind, at=at)


def record(number=1, demand="moratorium", state="QM", at=AT, **changed):
    given = {"position": Position.SUPPORTS, "source": Source(kind=SourceKind.PHONE, taken_on=AT.date()), **changed}
    return Stated(id=number, campaign="spring", state=state, demand=demand, quote="Yes.", by="Ana", at=at, **given)


def event(kind, at, number=1):
    return Event(id=number, at=at, dispatch="x", kind=kind, was=None, now=Status.DRAFT)


def test_weeks_begin_on_monday_and_quiet_ones_are_there():
    """From the first in which something happened to the last."""
    made = weeks(
        [event(EventKind.SENT, AT), event(EventKind.DRAFTED, AT - timedelta(days=90))],
        [heard("qm-a", InboundKind.REPLY, at=AT + timedelta(days=14))],
        [record(at=AT - timedelta(days=2))],
    )
    assert [week.monday for week in made] == [date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 16)]
    assert [sum(week.counts.values()) for week in made] == [2, 0, 1]
    assert weeks([], [], []) == ()


moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@given(
    st.lists(st.builds(event, st.sampled_from(EventKind), moments)),
    st.lists(st.builds(heard, st.just("qm-a"), st.sampled_from(InboundKind), st.just(1), moments)),
    st.lists(st.builds(record, st.just(1), at=moments)),
)
def test_the_weeks_hold_everything_once(events, mails, records):
    """Nothing that is counted falls between two weeks."""
    made = weeks(events, mails, records)
    total = {track: sum(week.counts[track] for week in made) for track in Track}
    assert total == {
        Track.SENT: sum(one.kind is EventKind.SENT for one in events),
        Track.RETURNED: sum(one.kind in {EventKind.BOUNCED, EventKind.REJECTED} for one in events),
        Track.ACKNOWLEDGED: sum(one.kind is InboundKind.ACKNOWLEDGEMENT for one in mails),
        Track.ANSWERED: sum(one.kind is InboundKind.REPLY for one in mails),
        Track.RECORDED: len(records),
    }
    assert all((later.monday - week.monday).days == 7 for week, later in itertools.pairwise(made))
