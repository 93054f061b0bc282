"""outreach due: who owes an answer, and since when."""

from __future__ import annotations

import io
import sys
from enum import StrEnum
from typing import Annotated

import typer

from outreach.cli.app import app, called, office
from outreach.cli.args import AsIf, CampaignName, Live, mode_of, on_day
from outreach.cli.show import banner, print_table


class DueFormat(StrEnum):
    """How the list is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


@app.command()
def due(
    campaign: CampaignName,
    live: Live = False,
    form: Annotated[DueFormat, typer.Option("--format", help="table, csv or json.")] = DueFormat.TABLE,
    as_if: AsIf = None,
    every: Annotated[bool, typer.Option("--all", help="Also whoever has answered or was not written to.")] = False,
) -> None:
    """Say who owes an answer.

    Awaiting, overdue, very overdue, in working days of each state; what follows, and why nobody is reminded today.
    """
    from outreach.reports import due_table, due_totals, write_due_csv, write_due_json
    from outreach.runner.due import due as run_due

    mode = mode_of(live=live)
    with office().desk(campaign, mode) as desk:
        made = run_due(on_day(desk, as_if))
    if form is not DueFormat.TABLE:
        if isinstance(sys.stdout, io.TextIOWrapper):  # a file in the making: UTF-8 whatever the terminal's encoding is
            sys.stdout.reconfigure(encoding="utf-8", errors="strict")
        (write_due_json if form is DueFormat.JSON else write_due_csv)(made, sys.stdout)
        return
    head, rows, right = due_table(made, every=every)
    if rows:
        print_table(f"{banner(mode)}. {'Everybody' if every else 'Who owes an answer'}", head, rows, right=right)
    print(due_totals(made))
    if any(row.next_step and not row.why_not and not row.under_way for row in made.rows):
        print(
            f"Next: {called()} chase {campaign}{' --live' if live else f' --as-if {as_if:%Y-%m-%d}' if as_if else ''}"
        )
