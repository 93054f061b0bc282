"""outreach plan: every letter rendered and frozen; who gets what, who does not and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from outreach.cli.app import app, called, office
from outreach.cli.args import CampaignName, Live, mode_of
from outreach.cli.onward import next_command
from outreach.cli.show import banner, plural, print_problems, print_table
from outreach.errors import UsageError
from outreach.model.campaign import Mode
from outreach.model.problem import Problem, Severity
from outreach.model.status import Status

if TYPE_CHECKING:
    from outreach.model.dispatch import Plan, Planned, PlanTotals
    from outreach.runner.plan import Planning

NAMED = 8  #: institutions in a sentence
MOST_ROWS = 400  #: of a table, unless --all
_ASKED = frozenset({"renamed"})  #: warnings that keep letters waiting until a person has said something


@app.command()
def plan(
    campaign: CampaignName,
    live: Live = False,
    when: Annotated[
        bool, typer.Option("--calendar", help="Say when each letter would leave at the live pace.")
    ] = False,
    skip_bad_rows: Annotated[
        bool, typer.Option("--skip-bad-rows", help="Leave out rows and letters with faults, and say so.")
    ] = False,
    redraft: Annotated[
        bool, typer.Option("--redraft", help="Take approved letters back to draft where row or template changed.")
    ] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Rehearsals only: forget the last rehearsal first.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only totals, no table of letters.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Print every letter and finding, however many.")] = False,
) -> None:
    """Freeze every letter as a draft.

    Says who gets what, in which language, who is left out and why. Nothing is sent.
    """
    from outreach.runner.plan import calendar
    from outreach.runner.plan import plan as run_plan

    mode = mode_of(live=live)
    place = office()
    if fresh and mode is not Mode.REHEARSAL:
        raise UsageError("--fresh is for rehearsals: a live ledger is never forgotten.", todo="Take it out.")
    if fresh:
        place.forget_rehearsal()
    with place.desk(campaign, mode) as desk:
        made = run_plan(desk, skip_bad_rows=skip_bad_rows, redraft=redraft)
        print_faults(made.problems, campaign, " --live" if live else "", every=every)
        if made.totals is None:
            print(f"\n{banner(mode)}. Nothing was planned: {plural(len(made.faults), 'fault')}.")
            what = "Mend it" if len(made.faults) == 1 else "Mend them"
            print(f"{what}, or leave out what is at fault with --skip-bad-rows." if made.bad_rows else f"{what}.")
            raise typer.Exit(1)
        if not quiet:
            print_plan(made.plan, mode, every=every)
        if when:
            print_calendar(calendar(desk, made.plan, start=desk.ledger.now()), mode)
        print_totals(made, mode)
        waiting = {one.status for one in desk.ledger.standings(desk.campaign.slug)}
    _print_next(made.totals, campaign, " --live" if live else "", waiting)


def print_faults(problems: Iterable[Problem], campaign: str, flag: str, *, every: bool) -> None:
    """The faults, what waits for an answer, and how many warnings more: `check` says them, and so does `every`."""
    found = [one for one in problems if one.severity is not Severity.NOTE]
    said = [one for one in found if every or one.severity is Severity.FAULT or one.code in _ASKED]
    print_problems(said, every=every)
    if more := len(found) - len(said):
        them = "it" if more == 1 else "them"
        what = "more warning" if said else "warning"
        print(f"{plural(more, what)}: {called()} check {campaign}{flag} shows {them}.\n")


def _print_next(totals: PlanTotals, campaign: str, flag: str, waiting: Collection[Status]) -> None:
    if Status.DRAFT not in waiting and totals.vanished_queued:
        print(f"Next: {called()} approve {campaign}{flag}")
        return
    if totals.changed_since_approval:
        print(f"To send the new words: {called()} plan {campaign}{flag} --redraft")
    if Status.DRAFT not in waiting and Status.QUEUED not in waiting and totals.gone:
        print(f"Next: {called()} log {campaign}{flag}")
    elif step := next_command(campaign, flag, waiting):
        print(step)


def print_plan(
    made: Plan,
    mode: Mode,
    *,
    every: bool = False,
    gone: Collection[str] = (),
    longest: int = MOST_ROWS,
    rest: str = "--all shows them",
) -> None:
    """Who gets which demands in which language; who is left out and why. The one table that shows real addresses.

    Of reminders only those that have not left (`gone`) are listed. `rest` says what shows more than the `longest` rows.
    """
    most = None if every else longest
    if made.step:
        left = [one for one in made.planned if one.dispatch.id not in gone]
        print_table(
            f"{banner(mode)}. Reminder {made.step}: {plural(len(left), 'letter')}",
            ("state", "institution", "address in the sheet", "demands", "language"),
            [_letter_row(one) for one in left[:most]],
        )
        _say_cut(len(left), most, rest)
        return
    print_table(
        f"{banner(mode)}. The plan: {plural(len(made.planned), 'letter')}",
        ("state", "institution", "address in the sheet", "demands", "language"),
        [_letter_row(one) for one in made.planned[:most]],
    )
    _say_cut(len(made.planned), most, rest)
    if made.skipped:
        print_table(
            f"{banner(mode)}. Left out: {plural(len(made.skipped), 'institution')}",
            ("state", "institution", "reason", "detail"),
            [(one.state, one.institution, one.reason.value, one.detail) for one in made.skipped[:most]],
        )
        _say_cut(len(made.skipped), most, rest)


def _say_cut(count: int, most: int | None, rest: str) -> None:
    if most is not None and count > most:
        print(f"… {count - most:,} more; {rest}.\n")


def _letter_row(one: Planned) -> tuple[str, ...]:
    it = one.dispatch
    address = one.contact.address or "none: by post or form"
    return (it.state, it.institution, address, ", ".join(it.demands), "+".join(it.languages))


def print_calendar(times: list[tuple[Planned, datetime]], mode: Mode) -> None:
    """Hour by hour: how many letters leave, to whom, and what time it is there."""
    if not times:
        print(f"{banner(mode)}. No letter of this plan is left to leave.")
        return
    hours: dict[datetime, list[tuple[Planned, datetime]]] = {}
    for one, at in times:
        hours.setdefault(at.astimezone().replace(minute=0, second=0, microsecond=0), []).append((one, at))
    rows = []
    for hour, leaving in hours.items():
        states = Counter(one.dispatch.state for one, _ in leaving)
        there = sorted({at.astimezone(ZoneInfo(one.dispatch.timezone)).strftime("%H:%M") for one, at in leaving})
        span = there[0] if len(there) == 1 else f"{there[0]} to {there[-1]}"
        who = ", ".join(f"{state}" + (f" ×{count}" if count > 1 else "") for state, count in states.items())
        rows.append((hour.strftime("%a %d %b %Y %H:00 %Z"), str(len(leaving)), span, who))
    print_table(
        f"{banner(mode)}. The calendar at the live pace, if sending began now",
        ("hour here", "letters", "time there", "states"),
        rows,
        right=(1,),
    )


def print_totals(made: Planning, mode: Mode) -> None:
    """The sums, and what differs from the last plan."""
    assert made.totals is not None  # noqa: S101
    totals, whole = made.totals, made.plan
    reasons = Counter(one.reason.value for one in whole.skipped)
    why = f" ({', '.join(f'{count} {reason}' for reason, count in reasons.items())})" if reasons else ""
    which = f"Reminder {whole.step}: " if whole.step else ""
    print(
        f"{banner(mode)}. {which}{plural(whole.institutions, 'institution')} = "
        f"{plural(len(whole.planned), 'letter')} planned + {len(whole.skipped)} skipped{why}."
    )
    everything = len(totals.drafted) == len(whole.planned)
    changes = (
        ("new", totals.drafted, not everything),
        ("changed", totals.redrafted, True),
        ("unchanged", totals.unchanged, False),
        ("already sent or under way", totals.gone, False),
        ("approved, with other words than now", totals.changed_since_approval, False),
        ("no longer planned, drafts cancelled", totals.vanished_drafts, True),
    )
    differs = ", ".join(
        f"{len(ids)} {word}" + (f" ({_some(made, ids)})" if named else "") for word, ids, named in changes if ids
    )
    print(f"Against the last plan: {differs or 'nothing then, nothing now'}.")
    if ids := totals.changed_since_approval:
        print(
            f"{plural(len(ids), 'approved letter')} would now read differently or go to another address "
            f"({_some(made, ids)}): what was approved stays. --redraft takes it back to draft."
        )
    if ids := totals.vanished_queued:
        count = plural(len(ids), "approved letter")
        print(f"{count} no longer planned ({_some(made, ids)}): the next approval cancels.")


def _some(made: Planning, ids: Sequence[str]) -> str:
    """The institutions of some letters, as many as a sentence holds."""
    more = f" and {len(ids) - NAMED:,} more" if len(ids) > NAMED else ""
    return ", ".join(made.names.get(one, one) for one in ids[:NAMED]) + more
