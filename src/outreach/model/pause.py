"""What stands still: a campaign or a state that was paused, an account that its server sent away for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """No letter of this campaign, or of one of its states, goes until somebody says go."""

    campaign: str
    state: str  #: "" = the whole campaign
    at: datetime  #: aware UTC
    by: str  #: a person, or the runner whose letters were refused by policy
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """An account that is left alone until then, by every runner and across restarts: its server asked for it."""

    account: str
    until: datetime  #: aware UTC
    troubles: int  #: in a row; the next rest is twice as long
    why: str
