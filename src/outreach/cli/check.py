"""outreach check: every fault of every row, template and setting, before anything is sent."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from outreach.cli.app import app, office
from outreach.cli.args import CampaignName, Live, mode_of
from outreach.cli.show import banner, plural, print_problems
from outreach.errors import CampaignError, SettingsError
from outreach.model.campaign import Mode
from outreach.model.problem import Place, Problem, Severity

if TYPE_CHECKING:
    from outreach.runner.check import Checked


class CheckFormat(StrEnum):
    """How the findings are printed."""

    TEXT = "text"
    JSON = "json"


@app.command()
def check(
    campaign: CampaignName,
    live: Live = False,
    every: Annotated[bool, typer.Option("--all", help="Print every finding, however many.")] = False,
    form: Annotated[CheckFormat, typer.Option("--format", help="text or json.")] = CheckFormat.TEXT,
) -> None:
    """Find every fault before anything is sent.

    Exit 0 without faults, 1 with. Writes nothing, connects to nothing.
    """
    from outreach.runner.check import Checked
    from outreach.runner.check import check as run_check

    place = office()
    try:
        with place.desk(campaign, mode_of(live=live), only_looking=True) as desk:
            found = run_check(desk, settings=place.live_problems() if live else ())
    except CampaignError as error:
        if not error.problems:
            raise
        found = Checked(problems=error.problems, rows=0, institutions=0, letters=0)
    except SettingsError as error:
        place_of_it = Place(path=error.where)
        one = Problem(severity=Severity.FAULT, code="settings", found=error.found, todo=error.todo, place=place_of_it)
        found = Checked(problems=(one,), rows=0, institutions=0, letters=0)
    if form is CheckFormat.JSON:
        _print_json(found, campaign, mode_of(live=live))
    else:
        print_problems(found.problems, every=every)
        print(summary(found, mode_of(live=live)))
    raise typer.Exit(1 if found.count(Severity.FAULT) else 0)


def summary(found: Checked, mode: Mode) -> str:
    """One line: what was looked at and what was found."""
    looked = ", ".join(
        (plural(found.rows, "row"), plural(found.institutions, "institution"), plural(found.letters, "letter"))
    )
    counts = ", ".join(plural(found.count(severity), severity.value) for severity in Severity)
    return f"{banner(mode)}. Checked {looked}: {counts}."


def _print_json(found: Checked, campaign: str, mode: Mode) -> None:
    import json

    out = {
        "campaign": campaign,
        "mode": mode.value,
        "rows": found.rows,
        "institutions": found.institutions,
        "letters": found.letters,
        "faults": found.count(Severity.FAULT),
        "problems": [
            {
                "severity": one.severity.value,
                "code": one.code,
                "path": one.place.path,
                "sheet": one.place.sheet,
                "row": one.place.row,
                "column": one.place.column,
                "cell": one.place.cell,
                "found": one.found,
                "todo": one.todo,
            }
            for one in found.problems
        ],
    }
    print(json.dumps(out, ensure_ascii=False, indent=2))
