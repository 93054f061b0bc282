"""Working calendars: the week, the hours and the public holidays of an institution's office."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from functools import cache, lru_cache
from typing import cast

from outreach.errors import CampaignError, SheetError
from outreach.model.calendar import WorkCalendar
from outreach.model.contact import Institution
from outreach.states.data import data
from outreach.states.speech import default_timezone
from outreach.states.week import WorkingWeek, parse_week

_USUAL_WEEK = "Mon-Fri"
_EVERY_DAY = frozenset(range(7))


def calendar_for(
    institution: Institution, *, opens: time | None, closes: time | None, working_days_only: bool, years: Sequence[int]
) -> WorkCalendar:
    """The institution's calendar under a campaign's office hours; without office hours it is always open.

    Raises SheetError for a time zone or a working week that cannot be read, CampaignError for hours that are none.
    """
    key = calendar_key(institution)
    return calendar_of(key, opens=opens, closes=closes, working_days_only=working_days_only, years=years)


def calendar_key(institution: Institution) -> str:
    """Where and on which days the office works, such as "BG/Europe/Sofia/Mon-Fri".

    The campaign's hours are not in it: a dispatch keeps its key when the pace changes.
    """
    zone = institution.timezone or default_timezone(institution.state)
    facts = data().states.get(institution.state)
    said = institution.working_days.strip() or (facts.week if facts else _USUAL_WEEK)
    week = parse_week(said)
    if week is None:
        raise SheetError(
            f"the working days {said[:60]!r} cannot be read.",
            where=institution.id,
            todo='Write them like "Mon-Fri", "Sun-Thu" or "Mon-Fri (Fri until midday)".',
        )
    if not is_timezone(zone):
        raise SheetError(
            f"{zone[:60]!r} is no time zone.", where=institution.id, todo='Write one like "Europe/Sofia", or nothing.'
        )
    return f"{institution.state}/{zone}/{week}"


def calendar_of(
    key: str, *, opens: time | None, closes: time | None, working_days_only: bool, years: Sequence[int]
) -> WorkCalendar:
    """The calendar a dispatch's key stands for, under a campaign's office hours."""
    return _calendar(key, opens, closes, working_days_only, tuple(sorted(set(years))))


@lru_cache(maxsize=4096)
def _calendar(
    key: str, opens: time | None, closes: time | None, working_days_only: bool, years: tuple[int, ...]
) -> WorkCalendar:
    state, zone, week = _read_key(key)
    if opens is None and closes is None:
        return WorkCalendar(key=key, timezone=zone, weekdays=_EVERY_DAY)
    if closes is not None and time.min < closes <= (opens or time.min):
        raise CampaignError(
            f"office hours from {opens} to {closes} are no hours.", where="pace", todo="Let them close later than open."
        )
    if not working_days_only:
        return WorkCalendar(key=key, timezone=zone, weekdays=_EVERY_DAY, opens=opens, closes=closes)
    return WorkCalendar(
        key=key,
        timezone=zone,
        weekdays=week.days,
        short_days=week.short,
        holidays=_holidays(state, years) or frozenset(),
        opens=opens,
        closes=closes,
    )


def _read_key(key: str) -> tuple[str, str, WorkingWeek]:
    state, _, rest = key.partition("/")
    zone, _, days = rest.rpartition("/")
    week = parse_week(days)
    if week is None or not is_timezone(zone):
        raise SheetError(f"{key[:80]!r} is no working calendar.", todo="Plan the campaign again.")
    return state, zone, week


@cache
def is_timezone(name: str) -> bool:
    """Whether the tz database has this zone."""
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; absolute, with "..", or empty; a folder
        return False
    return bool(name)


def is_working_week(text: str) -> bool:
    """Whether `calendar_for` can read these working days; empty means the state's usual week."""
    return not text.strip() or parse_week(text) is not None


def has_holidays(code: str) -> bool:
    """Whether the public holidays of this state are known."""
    return _holidays(code, ()) is not None


@lru_cache(maxsize=1024)
def _holidays(code: str, years: tuple[int, ...]) -> frozenset[date] | None:
    """The public holidays, with the days that are given instead of one at a weekend; None when nobody keeps them."""
    import holidays

    if code not in data().states:
        return None
    try:
        # Asked for without its list of states, which would import all 250.
        return frozenset(cast("dict[date, str]", holidays.country_holidays(code, years=years)))
    except NotImplementedError:
        return None
