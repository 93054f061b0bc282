"""Working weeks, public holidays and office hours of institutions."""

from __future__ import annotations

from datetime import date, time

import pytest

from outreach.errors import CampaignError, SheetError
from outreach.model.calendar import WorkCalendar
from outreach.model.contact import Institution
from outreach.states import calendar_for, calendar_key, calendar_of, has_holidays, is_timezone, is_working_week
from outreach.states.data import data
from outreach.states.week import parse_week


def institution(state: str, *, working_days: str = "", timezone: str = "") -> Institution:
    return Institution(
        id=f"{state.lower()}-mfa-1", state=state, role="mfa", name="M", working_days=working_days, timezone=timezone
    )


def calendar(
    target: Institution,
    *,
    opens: time | None = time(9),
    closes: time | None = time(16),
    working_days_only: bool = True,
    years: tuple[int, ...] = (2026, 2027),
) -> WorkCalendar:
    return calendar_for(target, opens=opens, closes=closes, working_days_only=working_days_only, years=years)


@pytest.mark.parametrize(
    ("said", "days", "short", "spelt"),
    [
        pytest.param("Mon-Fri", "01234", "", "Mon-Fri", id="Mon-Fri"),
        pytest.param("Sun-Thu", "60123", "", "Sun-Thu", id="over the week's end"),
        pytest.param("Sat-Wed", "56012", "", "Sat-Wed", id="from Saturday"),
        pytest.param("Mon-Fri (Fri until midday)", "01234", "4", "Mon-Fri (Fri until midday)", id="a short Friday"),
        pytest.param("Mon-Thu, Fri until noon", "01234", "4", "Mon-Fri (Fri until midday)", id="short in the list"),
        pytest.param("Mon–Fri (Thu, Fri short)", None, None, "", id="which days are short must be said of each"),
        pytest.param("Mon–Fri (Thu-Fri short)", "01234", "34", "Mon-Fri (Thu-Fri until midday)", id="two short days"),
        pytest.param("Monday to Friday", "01234", "", "Mon-Fri", id="in words"),
        pytest.param("MONDAY – THURSDAY and Saturday", "01235", "", "Mon-Thu, Sat", id="capitals and a dash"),
        pytest.param("Mo-Fr", "01234", "", "Mon-Fri", id="two letters"),
        pytest.param("Mon, Wed, Fri", "024", "", "Mon, Wed, Fri", id="single days"),
        pytest.param("Mondays", "0", "", "Mon", id="plural"),
        pytest.param("Mon-Sun", "0123456", "", "Mon-Sun", id="every day"),
        pytest.param("Sun-Thu (Thu until 13:00)", "60123", "3", "Sun-Thu (Thu until midday)", id="until one"),
        pytest.param("Mon-Fri (Sat until midday)", None, None, "", id="a short day that is no working day"),
        pytest.param("Mon-Fri (except holidays)", None, None, "", id="words it does not know"),
        pytest.param("weekdays", None, None, "", id="no day at all"),
        pytest.param("Mon-Fri 9:00", None, None, "", id="hours belong to the pace"),
        pytest.param("Mon-Fri (Fri until 11:00)", None, None, "", id="shorter than a short day"),
        pytest.param("", None, None, "", id="empty"),
    ],
)  # fmt: skip
def test_working_days_are_read_as_written(said: str, days: str | None, short: str | None, spelt: str) -> None:
    """Days and short days, or None for what cannot be read: nothing is guessed."""
    week = parse_week(said)
    if days is None:
        assert week is None
        return
    assert week is not None
    assert week.days == {int(day) for day in days}
    assert week.short == {int(day) for day in short or ""}
    assert str(week) == spelt
    assert parse_week(str(week)) == week


def test_a_calendar_knows_week_hours_and_holidays() -> None:
    """Sofia: Monday to Friday, nine to four, Liberation Day and the day given for a Sunday's holiday."""
    found = calendar(institution("BG"))
    assert (found.key, found.timezone) == ("BG/Europe/Sofia/Mon-Fri", "Europe/Sofia")
    assert (found.opens, found.closes, found.weekdays) == (time(9), time(16), {0, 1, 2, 3, 4})
    assert {date(2026, 3, 3), date(2026, 5, 25), date(2027, 3, 3)} <= found.holidays


@pytest.mark.parametrize(
    ("state", "key"),
    [
        pytest.param("AE", "AE/Asia/Dubai/Mon-Fri (Fri until midday)", id="a short Friday"),
        pytest.param("IL", "IL/Asia/Jerusalem/Sun-Thu", id="Sunday to Thursday"),
        pytest.param("IR", "IR/Asia/Tehran/Sat-Wed", id="Saturday to Wednesday"),
        pytest.param("BN", "BN/Asia/Brunei/Mon-Thu, Sat", id="without Friday and Sunday"),
        pytest.param("BD", "BD/Asia/Dhaka/Sun-Thu", id="where CLDR has another weekend"),
        pytest.param("QM", "QM/UTC/Mon-Fri", id="invented"),
    ],
)
def test_without_working_days_the_state_has_its_usual_week(state: str, key: str) -> None:
    """The weekend is where it is there."""
    assert calendar(institution(state)).key == key


def test_a_sheets_own_days_and_zone_come_first() -> None:
    """An office in another zone with another week has another calendar of the same state."""
    found = calendar(institution("AU", working_days="Tue-Sat", timezone="Australia/Perth"))
    assert found.key == "AU/Australia/Perth/Tue-Sat"
    assert found.weekdays == {1, 2, 3, 4, 5}


def test_a_dispatch_keeps_its_key_when_the_hours_change() -> None:
    """The key is made without the campaign's hours and years, and leads back to the calendar."""
    target = institution("AE")
    keys = {
        calendar_key(target),
        calendar(target).key,
        calendar(target, opens=time(10), closes=None).key,
        calendar(target, opens=None, closes=None).key,
        calendar(target, working_days_only=False, years=(2026,)).key,
    }
    assert len(keys) == 1
    again = calendar_of(keys.pop(), opens=time(9), closes=time(16), working_days_only=True, years=[2027, 2026])
    assert again == calendar(target)


def test_without_office_hours_an_office_is_always_open() -> None:
    """`working_days_only` needs office hours; with hours but every day, the weekend is open too."""
    always = calendar(institution("BG"), opens=None, closes=None)
    assert (always.weekdays, always.holidays, always.opens) == (set(range(7)), set(), None)
    every_day = calendar(institution("BG"), working_days_only=False)
    assert (every_day.weekdays, every_day.holidays, every_day.opens) == (set(range(7)), set(), time(9))


@pytest.mark.parametrize(
    ("target", "words"),
    [
        pytest.param(institution("BG", working_days="by appointment"), "by appointment", id="working days"),
        pytest.param(institution("BG", timezone="Europe/Nowhere"), "Europe/Nowhere", id="time zone"),
        pytest.param(institution("BG", timezone="../etc/passwd"), "passwd", id="a path is no zone"),
    ],
)
def test_what_cannot_be_read_is_named(target: Institution, words: str) -> None:
    """The institution, what stood there, and how to write it."""
    with pytest.raises(SheetError, match=words) as caught:
        calendar(target)
    assert caught.value.where == "bg-mfa-1"
    assert caught.value.todo


@pytest.mark.parametrize("key", ["", "BG", "BG/Europe/Sofia/never", "BG/Nowhere/Mon-Fri"])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    """A damaged key does not become an office that is always open."""
    with pytest.raises(SheetError, match="no working calendar"):
        calendar_of(key, opens=time(9), closes=time(16), working_days_only=True, years=[2026])


def test_hours_that_end_before_they_begin_are_refused() -> None:
    """From four to nine is no office hour; until midnight is one."""
    with pytest.raises(CampaignError, match="no hours"):
        calendar(institution("BG"), opens=time(16), closes=time(9))
    assert calendar(institution("BG"), opens=time(16), closes=time(0)).closes == time(0)


@pytest.mark.parametrize(
    ("name", "known"), [("Europe/Sofia", True), ("UTC", True), ("", False), ("Sofia", False), ("/etc", False)]
)
def test_time_zones_are_the_tz_databases(name: str, known: bool) -> None:
    """What a sheet may hold as a time zone."""
    assert is_timezone(name) is known


def test_working_weeks_can_be_checked_before_they_are_used() -> None:
    """The sheets ask this about each cell; an empty one means the usual week."""
    assert [is_working_week(text) for text in ("", " ", "Sun-Thu", "daily")] == [True, True, True, False]


def test_public_holidays_are_known_for_every_real_state() -> None:
    """Invented states and what is no state have none."""
    real = [code for code in data().states if code == "QA" or not code.startswith("Q")]
    assert [code for code in real if not has_holidays(code)] == []
    # Ukraine has suspended its own under martial law.
    assert {code for code in real if not calendar(institution(code), years=(2026,)).holidays} <= {"UA"}
    assert not has_holidays("QM")
    assert not has_holidays("EU")
    assert calendar(institution("QM")).holidays == frozenset()


def test_every_states_week_can_be_read() -> None:
    """The data file holds weeks in the words that sheets use."""
    assert all(parse_week(facts.week) for facts in data().states.values())
