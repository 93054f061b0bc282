"""outreach demo: the whole way, as a rehearsal, with no question asked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from outreach.cli.app import INTERRUPTED, app, office
from outreach.cli.show import banner, plural, print_list, print_problems, typed
from outreach.errors import OutreachError
from outreach.model.campaign import Mode
from outreach.model.problem import Severity


@app.command()
def demo(
    campaign: Annotated[
        str | None, typer.Argument(help="A campaign of campaigns/; the first one when not said.")
    ] = None,
) -> None:
    """Go the whole way as a rehearsal.

    Checks, plans, approves, sends and logs a campaign against a mail server inside this command.
    """
    from outreach.cli.check import summary
    from outreach.cli.log import LogFormat, print_log, write_log
    from outreach.cli.plan import print_plan, print_totals
    from outreach.cli.send import run_send
    from outreach.runner.approve import approvable, approve
    from outreach.runner.check import check
    from outreach.runner.log import log
    from outreach.runner.plan import plan

    place = office()
    name = campaign or place.workspace.first_campaign()
    place.forget_rehearsal()
    with place.desk(name, Mode.REHEARSAL) as desk:
        _step(1, f"outreach check {name}")
        found = check(desk)
        print_problems(one for one in found.problems if one.severity is not Severity.NOTE)
        print(summary(found, desk.mode))
        _step(2, f"outreach plan {name}")
        made = plan(desk)
        if made.totals is None:
            print_problems(made.faults)
            raise OutreachError("The demo stops here: the plan has faults.", todo="Mend them and run it again.")
        print_plan(made.plan, desk.mode)
        print_totals(made, desk.mode)
        _step(3, f"outreach approve {name} --yes --by demo")
        drafts = approvable(desk)
        done = approve(desk, digest=drafts.digest, by="demo")
        print(f"{plural(done.queued, 'letter')} approved by demo, digest {drafts.digest[:16]}…")
        _step(4, f"outreach send {name}")
        sent = run_send(place, desk, keep_pace=False)
        if sent.left:  # stopped by a person, or by a disk that is full
            raise typer.Exit(1 if sent.reason else INTERRUPTED)
        _step(5, f"outreach log {name}")
        made_log = log(desk)
        print_log(made_log, detail=False)
        out = place.workspace.folder(Mode.REHEARSAL) / f"log-{name}.csv"
        write_log(made_log, LogFormat.CSV, out, overwrite=True)
    outbox = place.workspace.outbox(Mode.REHEARSAL)
    first = next(iter(sorted(outbox.glob("new/*"))), outbox)
    state = next((one.dispatch.state for one in made.plan.planned), "BG")
    print()
    print_list(
        f"{banner(Mode.REHEARSAL)}. Where to look next",
        [
            ("a letter as it was sent", _from_here(first)),
            ("the outbox, a Maildir", _from_here(outbox)),
            ("the log as a file", _from_here(out)),
            ("a letter on the screen", f"{typed()} preview {name} --to {state}"),
            ("your own campaign", f"{typed()} init DIR"),
        ],
    )


def _from_here(path: Path) -> str:
    """A path as it can be typed where the command was."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _step(number: int, command: str) -> None:
    print(f"\n{number}. {command}\n", flush=True)
