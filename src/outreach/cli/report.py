"""outreach report: one page for organisers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from outreach.cli.app import app, office
from outreach.cli.args import CampaignName, Live, mode_of
from outreach.cli.show import banner
from outreach.errors import UsageError


@app.command()
def report(
    campaign: CampaignName,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="The page, such as report.html.")] = None,
    live: Live = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file when it is there.")] = False,
) -> None:
    """Write one page for organisers.

    The matrix, sentences and sources, where each state stands, and what happened when. One file that needs no network.
    """
    from outreach.runner.report import report as run_report

    if out is None:
        raise UsageError("The page needs a file.", todo="Say where with --out FILE.html.")
    with office().desk(campaign, mode_of(live=live), only_looking=True) as desk:
        made = run_report(desk)
    from outreach.reports.page import write_page

    write_page(made, out, overwrite=overwrite)
    print(f"{banner(made.log.mode)}. The page is in {out}: open it in a browser, or print it.")
