"""outreach position: write down what a state says about a demand."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from outreach.cli.app import app, called, office
from outreach.cli.args import By, CampaignName, Live, mode_of, state_code
from outreach.cli.show import banner, wrapped
from outreach.model.position import Position, SourceKind

if TYPE_CHECKING:
    from outreach.runner.position import Recorded

StateName = Annotated[str, typer.Argument(metavar="STATE", help="By code or name.")]


class CameBy(StrEnum):
    """How an answer came that is no mail in the ledger."""

    POST = "post"
    PHONE = "phone"
    VISIT = "visit"
    STATEMENT = "statement"


@app.command()
def position(
    campaign: CampaignName,
    state: StateName,
    demand: Annotated[str, typer.Argument(metavar="DEMAND", help="Its slug in the campaign file.")],
    what: Annotated[Position, typer.Argument(metavar="POSITION", help=", ".join(Position))],
    quote: Annotated[
        str, typer.Option("--quote", metavar="TEXT", help="The sentence that says it, word for word.")
    ] = "",
    by: By = "",
    reply: Annotated[int | None, typer.Option("--reply", metavar="ID", help="The mail that says it.")] = None,
    kind: Annotated[CameBy | None, typer.Option("--kind", help="How it came, if not by mail.")] = None,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="The scan, saved page or minutes: kept.")
    ] = None,
    url: Annotated[str, typer.Option("--url", metavar="URL", help="Where a public statement stands.")] = "",
    on: Annotated[
        datetime | None,
        typer.Option(
            "--on",
            metavar="DATE",
            formats=["%Y-%m-%d"],
            help="The day of the letter, call, visit or statement; today if not said.",
        ),
    ] = None,
    due: Annotated[
        datetime | None,
        typer.Option("--due", metavar="DATE", formats=["%Y-%m-%d"], help="The day by which they promise to act."),
    ] = None,
    institution: Annotated[
        str,
        typer.Option(
            "--from", metavar="ID", help="Who answered so, or for whom the mail speaks, too: reminded no more."
        ),
    ] = "",
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="Such as who said it, or a translation.")] = "",
    live: Live = False,
) -> None:
    """Write down what a state says about a demand.

    With the sentence and its source, which is kept with its hash. A newer record takes the place of an older one; the
    history stays. "none" takes a record back.
    """
    from outreach.runner.position import position as run_position
    from outreach.runner.sources import Given

    place = office()
    with place.desk(campaign, mode_of(live=live)) as desk:
        given = Given(
            state=state_code(state),
            demand=demand,
            position=what,
            by=by,
            quote=quote,
            reply=reply,
            kind=SourceKind(kind.value) if kind else None,
            file=file,
            url=url,
            on=_day(on),
            due=_day(due),
            note=note,
            institution=institution,
        )
        done = run_position(desk, given, place.papers)
        print("\n".join([f"{banner(desk.mode)}.", *said(done)]))
        if done.stated.institution:
            print(f"{done.stated.institution} has answered: it is reminded no more.")
        if done.silent:
            print(f"By mail these are still silent, and are reminded: {', '.join(done.silent)}.")
            print("Whoever of them has answered: say it once more with --from, and it is reminded no more.")
    print(f"Next: {called()} positions {campaign}{' --live' if live else ''}")


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def said(done: Recorded) -> list[str]:
    """What was written down, and where it stands: each sentence begins a line."""
    from outreach.rules.story import position_words, source_words
    from outreach.states import state_name

    one = done.stated
    was = f" (was: {position_words(done.before)})" if done.before else ""
    lines = [f"{state_name(one.state)} on {one.demand}: {position_words(one)}{was}."]
    if one.source:
        lines.append(f"Source {one.source.id}: {source_words(one.source, short=True)}.")
    if one.source and done.compared:
        lines.append("The quote stands in it.")
    elif one.source and one.source.sha256:
        lines.append("Its words cannot be read here: compare the quote with it yourself.")
    return [line for sentence in lines for line in wrapped(sentence)]
