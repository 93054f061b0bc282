"""outreach approve: a person lets the drafts go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from outreach.cli.app import app, called, office
from outreach.cli.args import By, CampaignName, Live, Step, Yes, mode_of, your_name
from outreach.cli.ask import agreed
from outreach.cli.show import banner, plural
from outreach.errors import UsageError
from outreach.model.status import Status

if TYPE_CHECKING:
    from outreach.runner.desk import Desk


@app.command()
def approve(campaign: CampaignName, live: Live = False, step: Step = None, yes: Yes = False, by: By = "") -> None:
    """Let the drafts go, by name.

    Shows the drafts' digest and asks; first letters and each round of reminders by themselves. Only approved letters
    can be sent.
    """
    from outreach.runner.steps import with_drafts

    if yes and not by:
        raise UsageError("--yes needs a person's name.", todo="Add --by NAME.")
    mode = mode_of(live=live)
    flag = " --live" if live else ""
    with office().desk(campaign, mode) as desk:
        queued = [_one_step(one, by=by, yes=yes) for one in with_drafts(desk, step)]
        if all(one is None for one in queued):
            waiting = sum(1 for one in desk.ledger.standings(desk.campaign.slug) if one.status is Status.QUEUED)
            said = f"{plural(waiting, 'letter')} approved and waiting" if waiting else "none is waiting"
            print(f"{banner(mode)}. No drafts to approve; {said}.")
            send = f", or `{called()} send {campaign}{flag}`" if waiting else ""
            print(f"Run `{called()} plan {campaign}{flag}` to make drafts{send}.")
            return
    print(f"Next: {called()} send {campaign}{flag}")


def _one_step(desk: Desk, *, by: str, yes: bool) -> bool | None:
    """Show one step's drafts and let them go; None = it has none. Whoever says no stops here."""
    from outreach.runner.approve import approvable
    from outreach.runner.approve import approve as run_approve

    drafts = approvable(desk)
    if not drafts.drafts and not drafts.unplanned:
        return None
    what = (
        f"{plural(drafts.drafts, 'draft')} of reminder {drafts.step}" if drafts.step else plural(drafts.drafts, "draft")
    )
    print(f"{banner(desk.mode)}. {what} to {plural(drafts.states, 'state')}:")
    for slug, count in drafts.demands.items():
        print(f"  {count:>6,}  {slug}")
    if drafts.languages:
        print("  languages: " + ", ".join(f"{count:,} {one}" for one, count in drafts.languages.items()))
    if drafts.queued:
        print(f"  {plural(drafts.queued, 'letter')} approved before and not sent yet")
    if drafts.unplanned:
        print(f"  of those {drafts.unplanned:,} no longer in the plan: this approval cancels them")
    print(f"  digest: {drafts.digest}")
    name = by or your_name()
    if not yes and not agreed(f"Approve these {drafts.drafts:,} letters as {name}?"):
        print("Nothing approved.")
        raise typer.Exit(1)
    done = run_approve(desk, digest=drafts.digest, by=name)
    print(f"Approved by {name}: {plural(done.queued, 'letter')} queued" + _cancelled(done.cancelled) + ".")
    return True


def _cancelled(count: int) -> str:
    return f", {count:,} cancelled (no longer in the plan)" if count else ""
