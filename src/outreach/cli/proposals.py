"""outreach proposals: what mails make us think should change, and a person's word on it."""

from __future__ import annotations

import io
import shlex
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from outreach.cli.app import app, called, office
from outreach.cli.args import By, CampaignName, Live, mode_of, state_code
from outreach.cli.show import banner, clean, plural, wrapped
from outreach.errors import UsageError
from outreach.model.proposal import REDIRECTING, ProposalFate, ProposalKind, Target

if TYPE_CHECKING:
    from outreach.model.proposal import ProposalRow, Proposals
    from outreach.office import Office
    from outreach.runner.rulings import Ruled, Said

INDENT = "    "
WORDS = 12  #: columns before what stands behind `because`


class ProposalFormat(StrEnum):
    """How the list is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


Approve = Annotated[
    list[int] | None, typer.Option("--approve", metavar="ID", help="Let it count; may be said several times.")
]
Dismiss = Annotated[list[int] | None, typer.Option("--dismiss", metavar="ID", help="Say no to it, with --reason.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why it is dismissed.")]
Verified = Annotated[bool, typer.Option("--verified", help="You have checked the address: record that, too.")]
Every = Annotated[bool, typer.Option("--all", help="Also those that are settled.")]
Form = Annotated[ProposalFormat, typer.Option("--format", help="table, csv or json.")]
Id = Annotated[str, typer.Option("--id", metavar="ID", help="Of a referral: the id of whoever is meant.")]
Role = Annotated[str, typer.Option("--role", metavar="ROLE", help="Its role, such as trade_ministry.")]
Name = Annotated[str, typer.Option("--name", metavar="TEXT", help="Its name.")]
State = Annotated[str, typer.Option("--state", metavar="STATE", help="Its state, if it is another one.")]


@app.command()
def proposals(
    campaign: CampaignName,
    approve: Approve = None,
    dismiss: Dismiss = None,
    by: By = "",
    reason: Reason = "",
    verified: Verified = False,
    identifier: Id = "",
    role: Role = "",
    name: Name = "",
    state: State = "",
    every: Every = False,
    form: Form = ProposalFormat.TABLE,
    live: Live = False,
) -> None:
    """List what mails make us think should change; approve or dismiss it.

    Another address, a next contact, a new target, a sender. Nothing of it counts before you approve it; all is kept.
    """
    from outreach.runner.rulings import Said

    target = Target(id=identifier, role=role, name=name, state=state_code(state) if state else "")
    named = bool(identifier or role or name or state)
    _goes_together(approve or [], dismiss or [], by=by, reason=reason, verified=verified, named=named)
    said = Said(
        numbers=tuple(dict.fromkeys(approve or dismiss or ())),
        by=by,
        why=reason,
        verified=verified,
        target=target if named else None,
    )
    if said.numbers:
        _rule(office(), campaign, said, approves=bool(approve), live=live)
    else:
        _list(office(), campaign, every=every, form=form, live=live)


def _goes_together(
    approve: list[int], dismiss: list[int], *, by: str, reason: str, verified: bool, named: bool
) -> None:
    if approve and dismiss:
        raise UsageError("--approve and --dismiss do not go together.", todo="Say one after the other.")
    if not approve and (verified or named):
        raise UsageError("--verified, --id, --role, --name and --state belong to --approve.")
    if not dismiss and reason:
        raise UsageError("--reason belongs to --dismiss.")
    if by and not approve and not dismiss:
        raise UsageError("Which proposal?", todo="Say --approve ID or --dismiss ID.")


def _list(place: Office, campaign: str, *, every: bool, form: ProposalFormat, live: bool) -> None:
    from outreach.reports import proposal_lines, write_proposals_csv, write_proposals_json
    from outreach.runner.proposals import proposals as run_proposals

    with place.desk(campaign, mode_of(live=live), only_looking=True) as desk:
        made = run_proposals(desk, every=every)
    if form is not ProposalFormat.TABLE:
        if isinstance(sys.stdout, io.TextIOWrapper):  # a file in the making: UTF-8 whatever the terminal's encoding is
            sys.stdout.reconfigure(encoding="utf-8", errors="strict")
        (write_proposals_json if form is ProposalFormat.JSON else write_proposals_csv)(made, sys.stdout)
        return
    waits = f"{plural(made.open, 'proposal')} {'waits' if made.open == 1 else 'wait'} for you" if made.open else ""
    print(f"{banner(made.mode)}. {waits or 'Nothing is proposed'}.")
    for row in made.rows:
        print()
        for line in proposal_lines(row, indent=INDENT):
            print("\n".join(wrapped(line, WORDS if line.startswith(INDENT) else 0)))
    if made.open:
        _print_next(made, live=live)


def _print_next(made: Proposals, *, live: bool) -> None:
    command = f"{called()} proposals {made.campaign}{' --live' if live else ''}"
    waiting = [row.proposal for row in made.rows if row.proposal.ruling is None]
    ready = [row.proposal for row in made.rows if row.proposal.ruling is None and row.to]
    if ready:
        more = " --id ID --role ROLE" if ready[0].change.kind is ProposalKind.NEW_TARGET else ""
        print(f"\nNext: {command} --approve {ready[0].id}{more} --by NAME")
    print(f'{"  or" if ready else "Next"}: {command} --dismiss {waiting[0].id} --reason "…" --by NAME')


def _rule(place: Office, campaign: str, said: Said, *, approves: bool, live: bool) -> None:
    from outreach.runner.rulings import approve, dismiss

    mode = mode_of(live=live)
    with place.desk(campaign, mode, only_looking=True) as desk:  # where no ledger is, nothing is proposed either
        desk.ledger.require_holder()
        if approves:
            server = place.settings.authserv_id
            done = approve(desk, said, place.interpreter, own=place.own_addresses(), server=server)
        else:
            done = dismiss(desk, said)
        sheet = desk.campaign.contacts[0]
    print(f"{banner(mode)}.")
    for row in done.rows:
        _print_ruled(row, sheet)
    _print_what_follows(done, campaign, approves=approves, live=live)


def _print_ruled(row: ProposalRow, sheet: str) -> None:
    one, ruling = row.proposal, row.proposal.ruling
    if ruling is None:
        return
    its, by = clean(one.change.institution), clean(ruling.by)
    if ruling.target is not None:
        _print_target(row, ruling.target, sheet)
    elif ruling.address:
        print(f"Proposal {one.id} is approved by {by}: the next letter to {its} goes to {row.to} ({clean(row.about)}).")
    elif one.fate is ProposalFate.APPROVED:
        print(f"Proposal {one.id} is approved by {by}: {clean(one.change.now)} writes for {its}.")
    else:
        print(f"Proposal {one.id} is dismissed by {by}.")


def _print_target(row: ProposalRow, target: Target, sheet: str) -> None:
    from outreach.reports import target_row

    print(f"Proposal {row.proposal.id} is approved: {clean(target.id)} is a target once it stands in a sheet.")
    print(f"Add this row to {sheet}:")
    for column, cell in target_row(target, row):
        print(f"{INDENT}{column:<18} {clean(cell)}")


def _print_what_follows(done: Ruled, campaign: str, *, approves: bool, live: bool) -> None:
    if done.moved:
        print(f"{plural(done.moved, 'mail')} of the tray found where it belongs.")
    redirected = [row for row in done.rows if approves and row.proposal.change.kind in REDIRECTING]
    if not redirected:
        return
    flag = " --live" if live else ""
    unverified = [row for row in redirected if row.about.startswith("not verified")]
    if live and unverified:  # a verification belongs to the live ledger, which knows nothing of a rehearsal's addresses
        print("Nobody is written to live at an address that no person has checked: once you have,")
        for row in unverified:  # a stranger's mail may have named it
            print(f"  {called()} contacts verify {shlex.quote(clean(row.to))} --sheet FILE --by NAME")
    print(f"Next: {called()} plan {campaign}{flag}, or {called()} chase {campaign}{flag}")
