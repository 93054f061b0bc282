"""outreach demo: the whole way and back, as a rehearsal, with no question asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from outreach.cli.app import app, called, office
from outreach.cli.show import banner, print_list, typed
from outreach.model.campaign import Mode

if TYPE_CHECKING:
    from outreach.cli.walk import Walk
    from outreach.model.dispatch import Plan


@app.command()
def demo(
    campaign: Annotated[
        str | None, typer.Argument(help="A campaign of campaigns/; the first one when not said.")
    ] = None,
) -> None:
    """Go the whole way as a rehearsal.

    Checks, plans, approves, sends and logs a campaign against a mail server inside this command. Then the authorities
    answer, simulated: what they say is collected, and becomes positions and a page. Real states say nothing of their
    own; for that the demo brings invented ones.
    """
    from outreach.cli.demo_answers import hear_answers
    from outreach.cli.demo_letters import write_letters
    from outreach.cli.walk import Walk

    place = office()
    name = campaign or place.workspace.first_campaign()
    place.campaign(name)  # a slip of the pen must not cost the last rehearsal
    place.forget_rehearsal()
    with place.desk(name, Mode.REHEARSAL) as own:
        walk = Walk(place, own, place.with_invented(own))
        made = write_letters(walk)
        page, told = hear_answers(walk)
        log = _log_file(walk)
    _where_next(walk, made, page, log, told)


def _log_file(walk: Walk) -> Path:
    from outreach.reports import write_csv
    from outreach.runner.log import log

    out = walk.place.workspace.folder(Mode.REHEARSAL) / f"log-{walk.name}.csv"
    write_csv(log(walk.desk), out, overwrite=True)
    return out


def _where_next(walk: Walk, made: Plan, page: Path, log: Path, told: str) -> None:
    from outreach.cli.walk import from_here

    outbox = walk.place.workspace.outbox(Mode.REHEARSAL)
    first = next(iter(sorted(outbox.glob("new/*"))), outbox)
    state = next((one.dispatch.state for one in made.planned), "BG")
    print()
    print_list(
        f"{banner(Mode.REHEARSAL)}. Where to look next",
        [
            ("the page for organisers", from_here(page)),
            ("a letter as it was sent", from_here(first)),
            ("the outbox, a Maildir", from_here(outbox)),
            ("the answers, a Maildir", from_here(walk.place.workspace.answers(Mode.REHEARSAL))),
            ("the log as a file", from_here(log)),
            ("a letter on the screen", f"{called(typed())} preview {walk.name} --to {state}"),
            *([("one state's whole story", f"{called(typed())} show {walk.name} {told}")] if told else []),
            ("your own campaign", f"{typed()} init DIR"),
        ],
    )
