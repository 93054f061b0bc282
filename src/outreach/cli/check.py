"""outreach check: every fault of every row, template and setting, before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from outreach.cli.app import app, called, office
from outreach.cli.args import CampaignName, Live, mode_of
from outreach.cli.show import banner, plural, print_problems
from outreach.errors import CampaignError, LedgerError, NetworkDisk, OutreachError, SettingsError
from outreach.model.campaign import Mode
from outreach.model.problem import Place, Problem, Severity

if TYPE_CHECKING:
    from outreach.office import Office
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
    from outreach.runner.check import check as run_check

    place = office()
    try:
        with place.desk(campaign, mode_of(live=live), only_looking=True) as desk:
            mailbox = not live or place.settings.has_mailbox
            found = run_check(desk, settings=_settings(place, live=live), mailbox=mailbox)
    except CampaignError as error:
        if not error.problems:
            raise
        found = _no_further(*_settings(place, live=live), *error.problems)
    except SettingsError as error:
        found = _no_further(_as_problem(error, Severity.FAULT))
    except LedgerError as error:
        told = _settings(place, live=live)
        said = any(one.severity is Severity.FAULT and one.place.column == error.where for one in told)
        found = _no_further(*told, *(() if said else (_as_problem(error, Severity.FAULT),)))
    if form is CheckFormat.JSON:
        _print_json(found, campaign, mode_of(live=live))
    else:
        print_problems(found.problems, every=every)
        print(summary(found, mode_of(live=live)))
        if not found.count(Severity.FAULT):
            print(f"Next: {called()} plan {campaign}{' --live' if live else ''}")
    raise typer.Exit(1 if found.count(Severity.FAULT) else 0)


def _settings(place: Office, *, live: bool) -> Sequence[Problem]:
    """What is wrong with `.env`: it stops nobody who only rehearses."""
    try:
        return place.setting_problems(live=live)
    except SettingsError as error:
        return (_as_problem(error, Severity.FAULT if live else Severity.WARNING),)


def _as_problem(error: OutreachError, severity: Severity) -> Problem:
    code = "settings"
    if isinstance(error, LedgerError):
        code = "network-disk" if isinstance(error, NetworkDisk) else "ledger"
    return Problem(severity=severity, code=code, found=error.found, todo=error.todo, place=Place(path=error.where))


def _no_further(*problems: Problem) -> Checked:
    from outreach.runner.check import Checked

    return Checked(problems=problems, rows=0, institutions=0, letters=0)


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
