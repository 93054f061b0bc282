"""outreach moderate: supporters' letters that a person looks at before they go."""

from __future__ import annotations

from typing import Annotated

import typer

from outreach.cli.app import app, called
from outreach.cli.args import By, CampaignName, Live
from outreach.cli.show import banner, clean, plural
from outreach.cli.supporters import supporter_desk
from outreach.errors import UsageError


@app.command()
def moderate(
    campaign: CampaignName,
    live: Live = False,
    release: Annotated[list[str] | None, typer.Option("--release", metavar="ID", help="Let it go.")] = None,
    refuse: Annotated[list[str] | None, typer.Option("--refuse", metavar="ID", help="Do not let it go.")] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why not: the person may ask.")] = "",
    by: By = "",
) -> None:
    """Look at supporters' letters that the rules hold, and let them go or not."""
    from outreach.runner.supporters.moderate import held
    from outreach.runner.supporters.moderate import moderate as run

    if release and refuse:
        raise UsageError("One thing at a time.", todo="Say --release or --refuse.")
    with supporter_desk(campaign, live=live) as it:
        if release or refuse:
            count = run(it, release or refuse or [], release=bool(release), by=by, why=reason)
            print(f"{plural(count, 'letter')} {'released' if release else 'refused'} by {by.strip()}.")
            return
        waiting = held(it)
        print(f"{banner(it.mode)}. {plural(len(waiting), 'letter')} held.")
        for one in waiting:
            print(f"\n{one.id}  {one.confirmed_at:%d %B %Y, %H:%M} UTC  {clean(one.held)}")
            print(f"  {clean(one.name)}, {clean(one.place)}, to {', '.join(one.targets)}")
            for line in one.words.splitlines():
                print(f"  | {clean(line)}")
    if waiting:
        flag = " --live" if live else ""
        print(
            f"\nNext: {called()} moderate {campaign}{flag} --release ID --by NAME, "
            "or --refuse ID --reason WHY --by NAME"
        )
