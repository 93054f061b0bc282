"""outreach contacts: what a person knows about addresses and institutions."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from outreach.cli.app import app, office
from outreach.cli.args import code_or_id
from outreach.cli.show import plural, print_problems, print_table
from outreach.errors import UsageError
from outreach.model.campaign import Mode
from outreach.model.problem import Severity

if TYPE_CHECKING:
    from outreach.office import Office
    from outreach.runner.ports import Ledger, SheetRows

contacts = typer.Typer(no_args_is_help=True, help="Verify addresses; settle renamed institutions.")
app.add_typer(contacts, name="contacts")


@contacts.command()
def verify(
    which: Annotated[
        list[str] | None, typer.Argument(metavar="[WHICH]…", help="Institution ids, states, addresses.")
    ] = None,
    sheet: Annotated[str, typer.Option("--sheet", metavar="FILE", help="The sheet they stand in.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Every address of the sheet.")] = False,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="The person who checked.")] = "",
    on: Annotated[str, typer.Option("--on", metavar="DATE", help="The day they checked, as 2026-11-23.")] = "",
) -> None:
    """Record that a person has checked addresses.

    Only verified ones are ever written to live.
    """
    from outreach.runner.contacts import verify as run_verify

    if not sheet:
        raise UsageError("Which sheet?", todo="Say --sheet contacts/FILE.")
    place = office()
    read = place.sheet(sheet)
    if not read.contacts:
        _tell_faults(read, "Nothing was verified:")
    day = _day(on) if on else place.today
    with place.ledger(Mode.LIVE) as ledger:
        named = [code_or_id(one) for one in which or ()]
        done = run_verify(ledger, read, which=named, every=every, by=by, on=day, today=place.today)
    count = len(done.addresses)
    print(f"{plural(count, 'address', 'addresses')} verified on {day} by {by.strip()}.")
    if every:
        _tell_faults(read, "These rows were not read, and nothing in them was verified:")


def _tell_faults(read: SheetRows, title: str) -> None:
    faults = [one for one in read.problems if one.severity is Severity.FAULT]
    if faults:
        print(title)
        print_problems(faults, every=True)
        raise typer.Exit(1)


@contacts.command(name="list")
def show(
    sheet: Annotated[str, typer.Argument(metavar="FILE", help="The sheet.")],
) -> None:
    """Show a sheet as it is read.

    Every address with what is known about it.
    """
    from outreach.runner.contacts import identified

    place = office()
    with place.ledger(Mode.LIVE) as ledger:
        read = identified(ledger, place.sheet(sheet))
        facts = ledger.address_facts()
    rows = []
    for one in read.contacts:
        known = facts.get(one.address_norm)
        verified = f"{known.verified_on} by {known.verified_by}" if known and known.verified_on else "not verified"
        state = "" if not known else "suppressed" if known.suppressed_on else "bounced" if known.bounced_on else ""
        it = one.institution
        rows.append((it.state, it.id, it.name, one.address or "none", verified if one.address else "", state))
    print_table(f"{sheet}", ("state", "id", "institution", "address", "verified", ""), rows)
    print_problems(read.problems)
    print(
        f"{plural(read.rows, 'row')}, {plural(len(read.contacts), 'contact')}, {plural(len(read.problems), 'finding')}."
    )
    if any(one.severity is Severity.FAULT for one in read.problems):
        raise typer.Exit(1)


@contacts.command()
def same(
    old: Annotated[str, typer.Argument(help="The institution that vanished.")],
    new: Annotated[str, typer.Argument(help="The one that came: it is the same.")],
    live: Annotated[bool, typer.Option("--live", help="In the live ledger.")] = False,
) -> None:
    """Say that NEW is OLD under a new name.

    What OLD was sent counts for it.
    """
    from outreach.runner.contacts import same as run_same

    place = office()
    with place.ledger(Mode.LIVE if live else Mode.REHEARSAL) as ledger:
        run_same(ledger, _sheets_of(place, ledger, old, new), old, new)
    print(f"{new} is {old} from now on. Plan again.")


@contacts.command()
def gone(
    old: Annotated[str, typer.Argument(help="The institution that vanished for good.")],
    live: Annotated[bool, typer.Option("--live", help="In the live ledger.")] = False,
) -> None:
    """Say that OLD no longer exists.

    What came in its place is another institution.
    """
    from outreach.runner.contacts import gone as run_gone

    place = office()
    with place.ledger(Mode.LIVE if live else Mode.REHEARSAL) as ledger:
        run_gone(ledger, _sheets_of(place, ledger, old), old)
    print(f"{old} is gone. Plan again.")


def _sheets_of(place: Office, ledger: Ledger, *institutions: str) -> list[SheetRows]:
    """The sheets in which the institutions may stand; one that came and waits is not known to be in any yet."""
    known = ledger.known_institutions()
    paths = {one.sheet for one in known if one.id in institutions} or {one.sheet for one in known}
    found = {sheet.path: sheet for path in sorted(paths) for sheet in place.sheets_beside(path)}
    return list(found.values())


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007  a day, not a moment
    except ValueError as error:
        raise UsageError(f'"{text}" is not a day.', where="--on", todo="Write it as 2026-11-23.") from error
