"""Silence is counted in the target's own working days, and a person's answer ends it for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.errors import CampaignError
from outreach.model.calendar import WorkCalendar
from outreach.model.campaign import Chasers, Recess
from outreach.model.correspondence import Correspondence, NotChased, Sent
from outreach.model.heard import Heard
from outreach.model.inbound import InboundKind
from outreach.rules.silence import in_recess, silence

K = InboundKind
WEEK = WorkCalendar(key="QM/UTC/Mon-Fri", timezone="UTC")
TERMS = Chasers(after=(3, 2), very_overdue_after=6, extend_on_acknowledgement=4)
MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)


def day(number: int, hour: int = 10) -> datetime:
    """A moment of March 2026; the 2nd is a Monday."""
    return datetime(2026, 3, number, hour, tzinfo=UTC)


def heard(kind: InboundKind, at: datetime) -> Heard:
    return Heard(id=1, institution="qm-mfa-1", state="QM", kind=kind, at=at)


def letters(*at: datetime | None) -> list[Sent]:
    return [Sent(step=step, at=one) for step, one in enumerate(at)]


def seen(now, *at, said=(), terms=TERMS, calendar=WEEK, **more):
    return silence(letters(*at), said, terms=terms, calendar=calendar, now=now, **more)


@pytest.mark.parametrize(
    ("now", "status", "very", "why_not"),
    [
        (day(2), Correspondence.AWAITING, False, NotChased.NOT_DUE),
        (day(5, 23), Correspondence.AWAITING, False, NotChased.NOT_DUE),  # Thursday: the last day in time
        (day(6, 0), Correspondence.OVERDUE, False, None),  # Friday
        (day(10, 23), Correspondence.OVERDUE, False, None),
        (day(11, 0), Correspondence.OVERDUE, True, None),  # seven working days after Monday
    ],
)
def test_days_are_counted_from_the_day_after_the_letter(now, status, very, why_not):
    """Three working days to answer: Tuesday, Wednesday, Thursday. From Friday on it is overdue."""
    found = seen(now, MONDAY)
    assert (found.status, found.very, found.why_not) == (status, very, why_not)
    assert (found.due, found.overdue_from, found.very_overdue_from) == (day(5).date(), day(6).date(), day(11).date())
    assert (found.next_step, found.next_on) == (1, day(6).date())


@pytest.mark.parametrize(
    ("week", "holidays", "overdue"),
    [
        ({0, 1, 2, 3, 4}, [], 6),
        ({6, 0, 1, 2, 3}, [], 8),  # Sunday to Thursday: after Thursday comes Sunday
        ({0, 1, 2, 3, 4}, [day(3).date()], 9),  # a holiday more, and the weekend lies between
        ({0, 1, 2, 3, 4, 5}, [day(6).date()], 7),
    ],
)
def test_weekends_are_as_they_are_there_and_holidays_do_not_count(week, holidays, overdue):
    """The same Monday's letter falls due by the target's own week."""
    calendar = WorkCalendar(key="k", timezone="UTC", weekdays=frozenset(week), holidays=frozenset(holidays))
    assert seen(day(2), MONDAY, calendar=calendar).overdue_from == day(overdue).date()


def test_a_recess_does_not_count_and_holds_for_its_state_or_for_all():
    """Three days off in the middle of the week move the day by three working days."""
    pause = Recess(first=day(3).date(), last=day(5).date(), reason="Elections", state="QM")
    assert seen(day(2), MONDAY, recess=[pause], state="QM").overdue_from == day(11).date()
    assert in_recess(WEEK, "QN", [pause]) == WEEK
    everywhere = Recess(first=day(3).date(), last=day(5).date(), reason="Congress")
    assert in_recess(WEEK, "QN", [everywhere]).holidays == {day(3).date(), day(4).date(), day(5).date()}


def test_nobody_is_reminded_during_a_recess():
    """Overdue before it began, and asked again on the first working day after it; only that state."""
    pause = [Recess(first=day(10).date(), last=day(13).date(), reason="Elections", state="QM")]
    before, within, after = (seen(day(n), MONDAY, recess=pause, state="QM") for n in (9, 12, 16))
    assert before.chase
    assert (within.status, within.why_not) == (Correspondence.OVERDUE, NotChased.RECESS)
    assert within.next_on == day(16).date()
    assert after.chase
    assert seen(day(12), MONDAY, recess=pause, state="QN").chase


def test_an_office_that_never_opens_is_said_and_not_waited_for():
    """A recess without end would hang whoever counts."""
    closed = WorkCalendar(key="QM/UTC/none", timezone="UTC", weekdays=frozenset())
    with pytest.raises(CampaignError, match="never open"):
        seen(day(2), MONDAY, calendar=closed)


def test_the_day_is_the_one_on_the_targets_wall():
    """Accepted at 23:00 UTC on Sunday: it is Monday in Tokyo, and still Sunday in New York."""
    late = datetime(2026, 3, 1, 23, tzinfo=UTC)
    for zone, overdue in (("Asia/Tokyo", 6), ("America/New_York", 5)):
        calendar = WorkCalendar(key="k", timezone=zone)
        found = seen(late, late, calendar=calendar)
        assert found.overdue_from == date(2026, 3, overdue)
        begins = datetime(2026, 3, overdue, tzinfo=ZoneInfo(zone))
        assert seen(begins, late, calendar=calendar).chase
        assert not seen(begins - timedelta(seconds=1), late, calendar=calendar).chase


LATE = day(31)


@pytest.mark.parametrize("sent", [(MONDAY,), (MONDAY, day(6)), (MONDAY, day(6), day(11)), ()])
def test_a_persons_answer_ends_chasing_at_every_step(sent):
    """Whatever was sent before it, and even where nothing of ours is known."""
    found = seen(LATE, *sent, said=[heard(K.REPLY, day(12))])
    assert (found.status, found.why_not, found.next_step) == (Correspondence.ANSWERED, NotChased.ANSWERED, None)


@pytest.mark.parametrize("kind", [K.AUTO_REPLY, K.BOUNCE_SOFT, K.CHALLENGE, K.OTHER])
def test_a_machine_answers_nothing(kind):
    """Its words change neither status nor day."""
    assert seen(LATE, MONDAY, said=[heard(kind, day(3))]) == seen(LATE, MONDAY)


def test_an_acknowledgement_is_not_an_answer_and_gives_more_time():
    """Four working days more, for the answer and for the reminder, and only once."""
    said = [heard(K.ACKNOWLEDGEMENT, day(3)), heard(K.ACKNOWLEDGEMENT, day(4))]
    found = seen(day(6), MONDAY, said=said)
    assert (found.status, found.since) == (Correspondence.ACKNOWLEDGED, day(3))
    assert (found.overdue_from, found.next_on) == (day(12).date(), day(12).date())
    assert seen(day(12), MONDAY, said=said).chase


def test_an_acknowledgement_of_an_earlier_letter_does_not_stretch_a_later_one():
    """The reminder's own days begin with the reminder."""
    found = seen(day(20), MONDAY, day(12), said=[heard(K.ACKNOWLEDGEMENT, day(3))])
    assert (found.next_step, found.next_on) == (2, day(17).date())


def test_reminders_follow_each_other_and_end():
    """The second, two working days after the first; then no more."""
    assert seen(day(10), MONDAY, day(6)).why_not is NotChased.NOT_DUE
    second = seen(day(11), MONDAY, day(6))
    assert (second.next_step, second.chase, second.status) == (2, True, Correspondence.OVERDUE)
    assert seen(LATE, MONDAY, day(6), day(11)).why_not is NotChased.NO_MORE


def test_a_reminder_that_may_have_left_is_waited_for():
    """Nobody gets a second one because the first is in doubt."""
    assert seen(LATE, MONDAY, None).why_not is NotChased.IN_DOUBT
    assert seen(LATE, None).why_not is NotChased.IN_DOUBT


@pytest.mark.parametrize(
    ("another", "status"), [(False, Correspondence.UNREACHABLE), (True, Correspondence.NOT_WRITTEN)]
)
def test_a_bounce_makes_unreachable_unless_another_contact_exists(another, status):
    """With another contact nothing has arrived yet: the first letter goes there."""
    found = seen(LATE, MONDAY, said=[heard(K.BOUNCE_HARD, day(2, 11))], another_contact=another)
    assert (found.status, found.chase) == (status, False)
    by_ledger = silence(
        [Sent(step=0, at=MONDAY, bounced=True)], [], terms=TERMS, calendar=WEEK, now=LATE, another_contact=another
    )
    assert by_ledger.status is status


def test_the_letter_that_went_to_another_address_after_a_bounce_counts():
    """An old bounce says nothing of a later letter."""
    found = seen(day(12), day(11), said=[heard(K.BOUNCE_HARD, day(2))])
    assert (found.status, found.since) == (Correspondence.AWAITING, day(11))


def test_a_bounced_reminder_has_used_its_step():
    """The first letter did arrive: it stays overdue, and the next reminder is the second."""
    found = seen(LATE, MONDAY, day(6), said=[heard(K.BOUNCE_HARD, day(6, 12))])
    assert (found.status, found.next_step, found.since) == (Correspondence.OVERDUE, 2, MONDAY)


@pytest.mark.parametrize("kind", [K.UNSUBSCRIBE, K.COMPLAINT])
def test_who_asks_us_to_stop_is_left_alone(kind):
    """No answer, and no reminder either."""
    found = seen(LATE, MONDAY, said=[heard(kind, day(3))])
    assert (found.status, found.why_not) == (Correspondence.CLOSED, NotChased.CLOSED)
    assert seen(LATE, MONDAY, closed=True).status is Correspondence.CLOSED


def test_mail_that_went_to_and_fro_is_a_dialogue():
    """A second answer, or a letter of ours that crossed the first."""
    twice = [heard(K.REPLY, day(4)), heard(K.REPLY, day(9))]
    assert seen(LATE, MONDAY, said=twice).status is Correspondence.IN_DIALOGUE
    assert seen(LATE, MONDAY, day(6), said=[heard(K.REPLY, day(5))]).status is Correspondence.IN_DIALOGUE


hours = st.integers(0, 24 * 500)
moments = hours.map(lambda number: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number))
sounds = st.lists(st.builds(heard, st.sampled_from(list(InboundKind)), moments), max_size=6)
calendars = st.builds(
    WorkCalendar,
    key=st.just("k"),
    timezone=st.sampled_from(["UTC", "Asia/Riyadh", "America/New_York", "Pacific/Auckland"]),
    weekdays=st.sets(st.integers(0, 6), min_size=1).map(frozenset),
    holidays=st.frozensets(st.dates(date(2026, 1, 1), date(2027, 6, 1)), max_size=30),
)
terms = st.builds(
    Chasers,
    after=st.lists(st.integers(1, 40), min_size=1, max_size=3).map(tuple),
    very_overdue_after=st.integers(40, 80),
    extend_on_acknowledgement=st.integers(0, 20),
)
sent = st.lists(moments, min_size=1, max_size=4).map(sorted)


@given(at=sent, said=sounds, now=moments, calendar=calendars, terms=terms)
def test_whoever_answered_is_never_chased_and_nobody_early_or_twice(at, said, now, calendar, terms):
    """Whatever was sent and heard, in whatever order and under whatever terms."""
    found = silence(letters(*at), said, terms=terms, calendar=calendar, now=now)
    if any(one.kind is K.REPLY for one in said):
        assert not found.chase
        assert found.status in {Correspondence.ANSWERED, Correspondence.IN_DIALOGUE}
    if found.chase:
        assert found.next_step == len(at)  # the step after the last one, so none comes twice
        assert found.next_step <= len(terms.after)
        today = now.astimezone(ZoneInfo(calendar.timezone)).date()
        last = at[-1].astimezone(ZoneInfo(calendar.timezone)).date()
        between = [last + timedelta(days=n) for n in range(1, (today - last).days)]
        worked = [one for one in between if one.weekday() in calendar.weekdays and one not in calendar.holidays]
        assert len(worked) >= terms.after[len(at) - 1]


@given(at=sent, said=sounds, now=moments, later=st.timedeltas(timedelta(0), timedelta(days=300)))
def test_time_alone_makes_no_overdue_answer_due_again(at, said, now, later):
    """Without news, silence only grows."""
    first, then = (seen(moment, *at, said=said) for moment in (now, now + later))
    if first.status is Correspondence.OVERDUE:
        assert then.status is Correspondence.OVERDUE
        assert then.very >= first.very
    if first.chase:
        assert then.chase


@pytest.mark.parametrize(
    ("kind", "status", "why_not"),
    [
        (K.REPLY, Correspondence.OVERDUE, NotChased.UNPROVEN),
        (K.UNSUBSCRIBE, Correspondence.OVERDUE, NotChased.UNPROVEN),
        (K.COMPLAINT, Correspondence.OVERDUE, NotChased.UNPROVEN),
        (K.BOUNCE_HARD, Correspondence.OVERDUE, None),
        (K.AUTO_REPLY, Correspondence.OVERDUE, None),
    ],
)
def test_what_is_not_proven_moves_nothing_and_at_most_waits_for_a_person(kind, status, why_not):
    """Anybody can write a mail that seems to be theirs: no reminder goes out over it, and none ends by it."""
    mail = replace(heard(kind, day(3)), proven=False)
    found = seen(day(9), MONDAY, said=[mail])
    assert (found.status, found.why_not, found.next_step) == (status, why_not, 1)
    proven = seen(day(9), MONDAY, said=[mail, heard(K.REPLY, day(4))])
    assert (proven.status, proven.why_not) == (Correspondence.ANSWERED, NotChased.ANSWERED)


@pytest.mark.parametrize(
    ("said", "now", "missing"),
    [
        ([day(3)], day(13), True),  # written again on Monday the 9th: three working days are over
        ([day(3)], day(12), False),
        ([day(5)], day(13), True),
        ([day(3), day(12)], day(20), False),  # it came
        ([], day(20), False),  # it never sent any
        ([day(8)], day(13), False),  # six days were usual
        ([day(8)], day(16), True),
    ],
)
def test_a_usual_acknowledgement_that_does_not_come_is_a_signal(said, now, missing):
    """As long as it ever took, and three working days; it stops no reminder."""
    terms = Chasers(after=(3, 10), very_overdue_after=20)
    found = seen(now, MONDAY, day(9), said=[heard(K.ACKNOWLEDGEMENT, at) for at in said], terms=terms)
    assert found.unreceipted is missing
    assert found.status is not Correspondence.ANSWERED
