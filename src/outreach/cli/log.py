"""outreach log: where each state and institution stands."""

from __future__ import annotations

import io
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from outreach.cli.app import app, office
from outreach.cli.args import CampaignName, Live, Step, mode_of
from outreach.cli.show import banner, clean, console, print_table
from outreach.errors import UsageError

if TYPE_CHECKING:
    from outreach.model.log import Log


class LogFormat(StrEnum):
    """How the log is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    XLSX = "xlsx"


@app.command()
def log(
    campaign: CampaignName,
    live: Live = False,
    form: Annotated[LogFormat, typer.Option("--format", help="table, csv, json or xlsx.")] = LogFormat.TABLE,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write to a file.")] = None,
    detail: Annotated[bool, typer.Option("--detail", help="Every institution, not only every state.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file when it is there.")] = False,
    step: Step = None,
) -> None:
    """Say where each state stands.

    Sent, bounced, acknowledged, answered, overdue, the positions, and the next step; the letters are the first ones, or
    those of one --step. A wide window shows more, --detail every institution, --out everything.
    """
    from outreach.runner.log import log as run_log
    from outreach.runner.steps import at_step, steps_there

    with office().desk(campaign, mode_of(live=live)) as desk:
        made = run_log(at_step(desk, step or 0))
        reminders = [(one, run_log(at_step(desk, one))) for one in steps_there(desk)] if step is None else []
        still = desk.ledger.pauses(campaign)
    if form is LogFormat.TABLE and out is None:
        print_log(made, detail=detail)
        for number, its in reminders:
            _say_reminders(number, its)
        for one in still:
            print(clean(f"{one.state or 'The campaign'} paused by {one.by} on {one.at:%d %B %Y}: {one.why}"))
    elif out is None and form is LogFormat.XLSX:
        raise UsageError("A workbook needs a file.", todo="Say where with --out FILE.xlsx.")
    else:
        write_log(made, form, out, overwrite=overwrite)


def _say_reminders(number: int, made: Log) -> None:
    from outreach.reports import letters_line

    print(f"Reminder {number}: {letters_line(made)}. --step {number} shows them.")


def write_log(made: Log, form: LogFormat, out: Path | None, *, overwrite: bool) -> None:
    """Write the log as a file, or as CSV or JSON to the standard output."""
    from outreach.reports import write_csv, write_json, write_xlsx

    if out is None:
        # A file in the making: UTF-8 whatever the terminal's own encoding is.
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8", errors="strict")
        (write_json if form is LogFormat.JSON else write_csv)(made, sys.stdout)
        return
    form = by_ending(out) if form is LogFormat.TABLE else form
    {LogFormat.CSV: write_csv, LogFormat.JSON: write_json, LogFormat.XLSX: write_xlsx}[form](
        made, out, overwrite=overwrite
    )
    print(f"{banner(made.mode)}. The log is in {out}")


def by_ending(out: Path) -> LogFormat:
    """The format that a file's ending says. Raises UsageError."""
    ending = out.suffix.lower().lstrip(".")
    if ending not in {LogFormat.CSV, LogFormat.JSON, LogFormat.XLSX}:
        raise UsageError(
            "The file's ending does not say how to write the log.",
            where=str(out),
            todo="End it in .csv, .json or .xlsx, or add --format csv, json or xlsx.",
        )
    return LogFormat(ending)


def print_log(made: Log, *, detail: bool) -> None:
    """The log as tables: per state, and with `detail` per institution; the totals below.

    A narrow terminal gets the columns that fit; what is left out of them stands in the totals and in the files.
    """
    from outreach.reports import answers_line, detail_table, own_letters_line, state_table, totals_line

    width = console().width
    head, rows, right = state_table(made, width=width)
    print_table(f"{banner(made.mode)}. The log of {made.campaign} per state", head, rows, right=right)
    if detail:
        head, rows, right = detail_table(made, width=width)
        print_table(f"{banner(made.mode)}. Per institution", head, rows, right=right)
    print(totals_line(made))
    print(answers_line(made))
    if said := own_letters_line(made):
        print(said)
