"""Where a state stands, what comes next, and the weeks: every count is of something, and adds up."""

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.model.campaign import Demand, Mode
from outreach.model.dispatch import Dispatch, Skipped, SkipReason, Standing
from outreach.model.event import Event, EventKind
from outreach.model.heard import Heard
from outreach.model.inbound import InboundKind
from outreach.model.position import Position, Source, SourceKind, Stated
from outreach.model.report import Track
from outreach.model.status import Status
from outreach.rules.log import build_log
from outreach.rules.positions import fold
from outreach.rules.progress import progress, summed
from outreach.rules.timeline import weeks

AT = datetime(2026, 3, 4, 9, tzinfo=UTC)
NAMES = {"QM": "Examplia", "QN": "Specimenia"}


def letter(institution, status):
    dispatch = Dispatch(
        id=institution,
        campaign="spring",
        step=0,
        sender="campaign",
        institution=institution,
        institution_name="Ministry",
        state=institution[:2].upper(),
        role="mfa",
        recipient=f"{institution}@rehearsal.example",
        address_norm=f"{institution}@rehearsal.example",
        demands=("moratorium", "inquiry"),
        languages=("en",),
        dated=AT.date(),
    )
    return Standing(dispatch=dispatch, status=status)


def heard(institution, kind, number=1, at=AT):
    return Heard(id=number, institution=institution, state=institution[:2].upper(), kind=kind, at=at)


def record(number=1, demand="moratorium", state="QM", at=AT, **changed):
    given = {"position": Position.SUPPORTS, "source": Source(kind=SourceKind.PHONE, taken_on=AT.date()), **changed}
    return Stated(id=number, campaign="spring", state=state, demand=demand, quote="Yes.", by="Ana", at=at, **given)


def lines(*those, late=()):
    """The lines of letters, skips, heard mails and records."""
    standings = [one for one in those if isinstance(one, Standing)]
    log = build_log(
        standings,
        [one for one in those if isinstance(one, Skipped)],
        state_names=NAMES,
        campaign="spring",
        mode=Mode.REHEARSAL,
        at=AT,
    )
    asked = {}
    for one in standings:
        asked.setdefault(one.dispatch.state, set()).update(one.dispatch.demands)
    matrix = fold(
        [one for one in those if isinstance(one, Stated)],
        campaign="spring",
        mode=Mode.REHEARSAL,
        at=AT,
        today=AT.date(),
        demands=[Demand(slug="moratorium", title="M"), Demand(slug="inquiry", title="I")],
        asked=asked,
        state_names=NAMES,
        mails={},
    )
    return progress(log, matrix, [one for one in those if isinstance(one, Heard)], late)


BY_POST = Skipped(
    institution="qm-post-1", institution_name="Office", state="QM", role="mfa", reason=SkipReason.NO_EMAIL
)
SENT = letter("qm-mfa-1", Status.ACCEPTED)
REPLY = heard("qm-mfa-1", InboundKind.REPLY)


@pytest.mark.parametrize(
    ("those", "step"),
    [
        ([letter("qm-a", Status.IN_DOUBT), SENT], "settle the letter in doubt"),
        ([SENT, record(due_on=date(2026, 3, 1))], "ask what became of the promise"),
        ([SENT, record(source=None)], "find the source again"),
        ([SENT, REPLY], "read the answer, record the position"),
        ([SENT, REPLY, record()], "ask about the other demands"),
        ([SENT, REPLY, record(), record(2, "inquiry")], "nothing: every demand has a position"),
        ([letter("qm-a", Status.BOUNCED)], "find another address"),
        ([letter("qm-a", Status.REJECTED), BY_POST], "find another address"),
        ([letter("qm-a", Status.BOUNCED), SENT], "wait for an answer"),
        ([letter("qm-a", Status.HELD), SENT], "look at what is held"),
        ([letter("qm-a", Status.DRAFT), SENT], "approve the drafts"),
        ([letter("qm-a", Status.QUEUED), SENT], "send"),
        ([SENT], "wait for an answer"),
        ([SENT, heard("qm-mfa-1", InboundKind.ACKNOWLEDGEMENT)], "wait for an answer"),
        ([BY_POST], "write by post"),
        ([letter("qm-a", Status.CANCELLED)], "nothing planned"),
    ],
)
def test_the_next_step_is_the_most_urgent_one(those, step):
    """What is uncertain first, then what was promised, then what is missing."""
    (line,) = lines(*those)
    assert line.next_step == step


def test_an_overdue_answer_is_chased_until_there_is_one():
    """Late institutions count as overdue, and a human answer ends it."""
    (line,) = lines(SENT, late={"qm-mfa-1"})
    assert (line.overdue, line.next_step) == (1, "write again")
    (line,) = lines(SENT, REPLY, late={"qm-mfa-1"})
    assert line.overdue == 0


def test_an_acknowledgement_is_no_answer_and_counts_an_institution_once():
    """However many mails came; who has answered is no more merely acknowledged."""
    acknowledged = [heard("qm-mfa-1", InboundKind.ACKNOWLEDGEMENT, number) for number in (1, 2)]
    (line,) = lines(SENT, *acknowledged)
    assert (line.acknowledged, line.answered) == (1, 0)
    (line,) = lines(SENT, *acknowledged, heard("qm-mfa-1", InboundKind.REPLY, 3))
    assert (line.acknowledged, line.answered) == (0, 1)
    (line,) = lines(SENT, heard("qm-mfa-1", InboundKind.AUTO_REPLY))
    assert (line.acknowledged, line.answered) == (0, 0)


@given(st.lists(st.tuples(st.sampled_from(["qm", "qn"]), st.sampled_from(Status)), max_size=12))
def test_every_institution_is_sent_or_not(letters):
    """sent = accepted + bounced, institutions = sent + not sent, and the last line is the sum."""
    made = lines(*(letter(f"{state}-{number}", status) for number, (state, status) in enumerate(letters)))
    for line in (*made, summed(made)):
        assert line.sent == line.accepted + line.bounced
        assert line.institutions == line.sent + line.not_sent
    assert summed(made).institutions == len(letters)


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
