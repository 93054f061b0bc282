"""Arguments that several commands share, worded once."""

from __future__ import annotations

import getpass
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Annotated

import typer

from outreach.errors import UsageError
from outreach.model.campaign import Mode

if TYPE_CHECKING:
    from outreach.runner.desk import Desk

CampaignName = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="The campaign file's name in campaigns/.")]
Live = Annotated[bool, typer.Option("--live", help="For real; without it everything is a rehearsal.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who does this: it is recorded.")]
Step = Annotated[int | None, typer.Option("--step", min=0, metavar="N", help="0: first letters; 1, 2 …: reminders.")]
AsIf = Annotated[
    datetime | None,
    typer.Option("--as-if", metavar="DATE", formats=["%Y-%m-%d"], help="Rehearsals only: as if it were that day."),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask; needs --by.")]


def your_name() -> str:
    """The login name of whoever is at this machine. Raises UsageError when there is none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:
        raise UsageError("Nobody here knows your name.", todo="Say it with --by NAME.") from error


def on_day(desk: Desk, day: datetime | None) -> Desk:
    """The desk as if it were that day. Raises UsageError for a real campaign: its days come by themselves."""
    if day is None:
        return desk
    if desk.mode is not Mode.REHEARSAL:
        raise UsageError("--as-if is for rehearsals.", todo="Take --live or --as-if out.")
    return replace(desk, today=day.date(), as_if=datetime.combine(day, time(12), tzinfo=UTC))


def mode_of(*, live: bool, to_me: bool = False) -> Mode:
    """Which ledger and servers. Raises UsageError when both are asked for."""
    if live and to_me:
        raise UsageError("--live and --to-me do not go together.")
    return Mode.LIVE if live else Mode.TO_ME if to_me else Mode.REHEARSAL


def state_code(state: str) -> str:
    """The code of a state that is named in any language. Raises UsageError."""
    from outreach.states import find_state

    code = find_state(state)
    if code is None:
        raise UsageError(f'"{state}" is no state.', where="STATE", todo="Say its name or its code, such as BG.")
    return code


def code_or_id(named: str) -> str:
    """The code of a state that is named in any language; anything else as it was said, such as an institution's id."""
    from outreach.states import find_state

    return find_state(named) or named
