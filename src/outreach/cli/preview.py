"""outreach preview: the very bytes that wait in the ledger."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from outreach.cli.app import app, office
from outreach.cli.args import CampaignName, Live, Step, code_or_id, mode_of
from outreach.cli.show import banner, plural


class PreviewFormat(StrEnum):
    """What of a letter is shown."""

    TEXT = "text"
    HTML = "html"
    EML = "eml"


@app.command()
def preview(
    campaign: CampaignName,
    to: Annotated[
        str | None, typer.Option("--to", metavar="BG", help="A state, by name or code, or an institution's id.")
    ] = None,
    form: Annotated[PreviewFormat, typer.Option("--format", help="text, html or eml.")] = PreviewFormat.TEXT,
    live: Live = False,
    step: Step = None,
) -> None:
    """Show letters as they will be sent.

    The very bytes; only the Date line is added as they leave. Without --to: the first of the plan. As html or eml: one.
    Without --step: the newest letters, such as reminders that `outreach chase` has just prepared.
    """
    from outreach.runner.preview import others_of, previews
    from outreach.runner.steps import at_step, latest

    mode = mode_of(live=live)
    with office().desk(campaign, mode) as desk:
        whose = code_or_id(to) if to else None
        there = latest(desk, [whose] if whose else []) if step is None else at_step(desk, step)
        found = previews(there, to=whose)
        others = [] if whose else others_of(there, found[0])
    if form is not PreviewFormat.TEXT:  # a file in the making, and a file holds one letter
        one = found[0]
        print(f"{banner(mode)}. {one.standing.dispatch.institution}", file=sys.stderr)
        if len(found) > 1:
            more = ", ".join(each.standing.dispatch.institution for each in found[1:])
            print(f"This is {one.standing.dispatch.institution}. For another say --to {more}.", file=sys.stderr)
        sys.stdout.flush()
        sys.stdout.buffer.write(one.letter.raw if form is PreviewFormat.EML else one.html.encode())
        return
    for one in found:
        it = one.standing.dispatch
        print(f"── {banner(mode)} ── {it.institution} ({it.institution_name}) ── {one.standing.status.value}")
        print(f"To: {it.recipient}\nSubject: {one.letter.subject}\n\n{one.text}")
    if others:
        print(f"── the first of {len(others) + 1:,} letters; for others say --to STATE, such as --to {others[0]}")
    else:
        print(f"── {plural(len(found), 'letter')}")
