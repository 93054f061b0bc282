"""outreach positions: what each state says about each demand."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from outreach.cli.app import app, office
from outreach.cli.args import CampaignName, Live, mode_of
from outreach.cli.log import LogFormat, by_ending
from outreach.cli.show import banner, print_table
from outreach.errors import UsageError

if TYPE_CHECKING:
    from outreach.model.matrix import Matrix
    from outreach.office import Office

History = Annotated[bool, typer.Option("--history", help="Also what was on record before.")]
SourceId = Annotated[int | None, typer.Option("--source", metavar="ID", help="Write this source's file to --out.")]


@app.command()
def positions(
    campaign: CampaignName,
    live: Live = False,
    form: Annotated[LogFormat, typer.Option("--format", help="table, csv, json or xlsx.")] = LogFormat.TABLE,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write to a file.")] = None,
    history: History = False,
    source: SourceId = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file when it is there.")] = False,
) -> None:
    """Say what each state says about each demand.

    Each position with its sentence and source. One whose source is gone shows as unsupported.
    """
    place = office()
    if source is not None:
        _write_source(place, campaign, source, out, live=live, overwrite=overwrite)
        return
    from outreach.runner.planned import require_plan
    from outreach.runner.positions import positions as run_positions

    shown = form is LogFormat.TABLE and out is None
    with place.desk(campaign, mode_of(live=live), only_looking=True) as desk:
        made = run_positions(desk)
        if shown and not made.rows:  # a program gets an empty file
            require_plan(desk)
    if shown:
        _print(made, history=history)
    elif out is None and form is LogFormat.XLSX:
        raise UsageError("A workbook needs a file.", todo="Say where with --out FILE.xlsx.")
    else:
        _write(made, form, out, history=history, overwrite=overwrite)


def _print(made: Matrix, *, history: bool) -> None:
    from outreach.reports import evidence_table, matrix_table, matrix_totals

    head, rows, right = matrix_table(made)
    print_table(f"{banner(made.mode)}. The positions of {made.campaign}", head, rows, right=right)
    head, rows, right = evidence_table(made, history=history)
    if rows:
        print_table(f"{banner(made.mode)}. What is on record", head, rows, right=right)
    print(matrix_totals(made))


def _write(made: Matrix, form: LogFormat, out: Path | None, *, history: bool, overwrite: bool) -> None:
    from outreach.reports import write_positions_csv, write_positions_json, write_positions_xlsx

    if out is None:
        if isinstance(sys.stdout, io.TextIOWrapper):  # a file in the making: UTF-8 whatever the terminal's encoding is
            sys.stdout.reconfigure(encoding="utf-8", errors="strict")
        (write_positions_json if form is LogFormat.JSON else write_positions_csv)(made, sys.stdout, history=history)
        return
    form = by_ending(out) if form is LogFormat.TABLE else form
    writers = {
        LogFormat.CSV: write_positions_csv,
        LogFormat.JSON: write_positions_json,
        LogFormat.XLSX: write_positions_xlsx,
    }
    writers[form](made, out, history=history, overwrite=overwrite)
    print(f"{banner(made.mode)}. The positions are in {out}")


def _write_source(place: Office, campaign: str, source: int, out: Path | None, *, live: bool, overwrite: bool) -> None:
    from outreach.reports.files import new_file

    if out is None:
        raise UsageError("The file of a source needs a place.", todo="Say where with --out FILE.")
    with place.desk(campaign, mode_of(live=live), only_looking=True) as desk:
        known = {one.source.id for one in desk.ledger.positions(campaign) if one.source}
        found = desk.ledger.source_file(source) if source in known else None
        mode = desk.mode
    if found is None:
        raise UsageError(
            f"Source {source} of {campaign} has no file here.",
            todo=f"`outreach positions {campaign} --format json` lists every source.",
        )
    with new_file(out, overwrite=overwrite) as fh:
        fh.write(found[1])
    print(f"{banner(mode)}. Source {source} is in {out}: the very bytes that were put in.")
