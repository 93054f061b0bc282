"""What we know of states: names in many languages, official languages, time zones, working weeks, public holidays.

A state is its ISO 3166-1 alpha-2 code; Kosovo is XK. Besides the members and observers of the United Nations, XK, TW
and EH, the codes of territories whose own government may be written to are kept (such as HK, GL, VG); territories that
are ruled from elsewhere (such as RE, AQ) are not. QM to QZ are invented states for examples and tests.

The room reads only its own data files, and asks babel for other languages and holidays for public holidays.
`names.json` is made from states.toml and CLDR by `python -m outreach.states.build`.
"""

from __future__ import annotations

from outreach.states.mentions import mentioned_states
from outreach.states.names import find_state, state_name, states
from outreach.states.speech import default_timezone, official_languages, text_direction
from outreach.states.work import calendar_for, calendar_key, calendar_of, has_holidays, is_timezone, is_working_week

__all__ = [
    "calendar_for",
    "calendar_key",
    "calendar_of",
    "default_timezone",
    "find_state",
    "has_holidays",
    "is_timezone",
    "is_working_week",
    "mentioned_states",
    "official_languages",
    "state_name",
    "states",
    "text_direction",
]
