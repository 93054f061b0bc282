"""outreach pause, outreach go: stop a campaign or one state of it at once, and let it go on."""

from __future__ import annotations

from typing import Annotated

import typer

from outreach.cli.app import app, called, office
from outreach.cli.args import By, CampaignName, state_code, your_name
from outreach.cli.show import banner, clean, plural
from outreach.model.campaign import Mode

State = Annotated[str, typer.Argument(metavar="[STATE]", help="One state, by code or name; without it all.")]
Rehearsal = Annotated[bool, typer.Option("--rehearsal", help="The rehearsal's letters instead of the live ones.")]


@app.command()
def pause(
    campaign: CampaignName,
    state: State = "",
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason: it is recorded and shown.")] = "",
    by: By = "",
    rehearsal: Rehearsal = False,
) -> None:
    """Stop a campaign, or one state.

    Every runner, here or elsewhere, stops within one letter. Nothing is lost: `outreach go` lets it go on. This is
    about the live letters, so that in a hurry nothing has to be added.
    """
    from outreach.runner.pause import pause as run_pause

    place, mode, code = office(), _mode(rehearsal), _code(state)
    slug = place.workspace.campaign_file(campaign).stem
    with place.ledger(mode) as ledger:
        done = run_pause(ledger, slug, code, by=by or your_name(), why=why or "no reason given")
    what = f"{code} of {slug}" if code else slug
    words = "stands still" if done.new else "stood still already"
    wait = "waits" if done.waiting == 1 else "wait"
    print(f"{banner(mode)}. {what} {words}: {plural(done.waiting, 'approved letter')} {wait}.")
    if not done.known:
        print(f"But this ledger has no letter of {slug}: if any are sent from another computer, say it there.")
    print(f"Next: {called()} go {' '.join(filter(None, (slug, code)))}{' --rehearsal' if rehearsal else ''}")


@app.command()
def go(campaign: CampaignName, state: State = "", by: By = "", rehearsal: Rehearsal = False) -> None:
    """Let a campaign go on.

    It lifts what `outreach pause` or a streak of refusals stopped. Without a state it also lets an account try again
    that its mail server had sent away for a while.
    """
    from outreach.runner.pause import go as run_go

    place, mode = office(), _mode(rehearsal)
    slug = place.workspace.campaign_file(campaign).stem
    with place.ledger(mode) as ledger:
        done = run_go(ledger, slug, _code(state), by=by or your_name())
    for one in done.lifted:
        print(clean(f"{one.state or slug} may go on (paused by {one.by} on {one.at:%d %B %Y}: {one.why})."))
    for rest in done.woken:
        print(clean(f"{rest.account} may try again ({rest.why})."))
    if not done.lifted and not done.woken:
        print(f"{banner(mode)}. Nothing stood still.")
    for one in done.left:
        print(clean(f"{one.state or slug} still stands still (paused by {one.by}: {one.why})."))
    print(f"{banner(mode)}. {plural(done.waiting, 'approved letter')} may go.")
    print(f"Next: {called()} send {slug}{'' if rehearsal else ' --live'}")


def _mode(rehearsal: bool) -> Mode:
    return Mode.REHEARSAL if rehearsal else Mode.LIVE


def _code(state: str) -> str:
    return state_code(state) if state else ""
