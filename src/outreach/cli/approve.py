"""outreach approve: a person lets the drafts go."""

from __future__ import annotations

import typer

from outreach.cli.app import app, office
from outreach.cli.args import By, CampaignName, Live, Yes, mode_of, your_name
from outreach.cli.ask import agreed
from outreach.cli.show import banner, plural
from outreach.errors import UsageError


@app.command()
def approve(campaign: CampaignName, live: Live = False, yes: Yes = False, by: By = "") -> None:
    """Let the drafts go, by name.

    Shows the drafts' digest and asks. Only approved letters can be sent.
    """
    from outreach.runner.approve import approvable
    from outreach.runner.approve import approve as run_approve

    if yes and not by:
        raise UsageError("--yes needs a person's name.", todo="Add --by NAME.")
    mode = mode_of(live=live)
    flag = " --live" if live else ""
    with office().desk(campaign, mode) as desk:
        drafts = approvable(desk)
        if not drafts.drafts and not drafts.unplanned:
            waiting = f"{plural(drafts.queued, 'letter')} approved and waiting" if drafts.queued else "none is waiting"
            print(f"{banner(mode)}. No drafts to approve; {waiting}.")
            send = f", or `outreach send {campaign}{flag}`" if drafts.queued else ""
            print(f"Run `outreach plan {campaign}{flag}` to make drafts{send}.")
            return
        print(f"{banner(mode)}. {plural(drafts.drafts, 'draft')} to {plural(drafts.states, 'state')}:")
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
    print(f"Next: outreach send {campaign}{flag}")


def _cancelled(count: int) -> str:
    return f", {count:,} cancelled (no longer in the plan)" if count else ""
