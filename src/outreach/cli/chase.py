"""outreach chase: the reminders that are due, prepared as drafts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from outreach.cli.app import app, called, office
from outreach.cli.args import AsIf, CampaignName, Live, mode_of, on_day
from outreach.cli.onward import next_command
from outreach.cli.plan import print_faults, print_plan, print_totals
from outreach.cli.show import banner, plural
from outreach.model.campaign import Mode

if TYPE_CHECKING:
    from outreach.runner.chase import Chased


@app.command()
def chase(
    campaign: CampaignName,
    live: Live = False,
    skip_bad_rows: Annotated[
        bool, typer.Option("--skip-bad-rows", help="Leave out rows and letters with faults, and say so.")
    ] = False,
    redraft: Annotated[
        bool, typer.Option("--redraft", help="Take approved reminders back to draft where something changed.")
    ] = False,
    as_if: AsIf = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only totals, no table of reminders.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Print every reminder and finding, however many.")] = False,
) -> None:
    """Prepare reminders to the silent.

    As drafts, in the thread of the first letter, to whoever has not answered in time. Nothing is sent.
    """
    from outreach.runner.chase import chase as run_chase

    mode = mode_of(live=live)
    flag = " --live" if live else ""
    with office().desk(campaign, mode) as desk:
        made = run_chase(on_day(desk, as_if), skip_bad_rows=skip_bad_rows, redraft=redraft)
        waiting = {one.status for one in desk.ledger.standings(desk.campaign.slug) if one.dispatch.step}
        problems = dict.fromkeys(one for step in made.steps for one in step.problems)
        print_faults(problems, campaign, flag, every=every)
        _print(made, mode, quiet=quiet, every=every)
    if not made.written:
        raise typer.Exit(1)
    nobody = (
        f"{banner(mode)}. Nobody is to be reminded today; `{called()} due {campaign}{flag}` says who is waited for."
    )
    print(next_command(campaign, flag, waiting) or nobody)


def _print(made: Chased, mode: Mode, *, quiet: bool, every: bool) -> None:
    if made.stopped:
        print(f"{banner(mode)}. {plural(made.stopped, 'reminder')} taken back: what may be an answer has come since.")
    for one in made.steps:
        if one.totals is None:
            print(f"{banner(mode)}. Reminder {one.plan.step} was not prepared: {plural(len(one.faults), 'fault')}.")
            continue
        if not quiet:
            gone = set(one.totals.gone)
            print_plan(one.plan, mode, every=every, gone=gone)
        print_totals(one, mode)
