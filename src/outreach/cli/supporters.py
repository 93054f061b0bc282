"""outreach supporters: what supporters may do in a campaign, and how many have done it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from textwrap import fill
from typing import TYPE_CHECKING, Annotated

import typer

from outreach.cli.app import app, called, office
from outreach.cli.args import By, CampaignName, Live, Yes, mode_of, your_name
from outreach.cli.ask import agreed
from outreach.cli.show import banner, plural, print_problems, print_table
from outreach.errors import UsageError
from outreach.model.action import ActionStatus
from outreach.model.problem import Severity
from outreach.model.supporter import Delivery, Exposure, Target

if TYPE_CHECKING:
    from outreach.runner.supporters.desk import SupporterDesk

supporters = typer.Typer(no_args_is_help=True, help="Approve what supporters may send; see how many have.")
app.add_typer(supporters, name="supporters")

LEARNS = {
    Exposure.NAMES: "names and places",
    Exposure.COUNTS: "how many, and nobody's name",
    Exposure.NONE: "nothing",
}

WIDTH = 100


def _alike(targets: Sequence[Target]) -> Mapping[tuple[Exposure, Delivery, int], Sequence[str]]:
    """The institutions for which the same holds, together."""
    found: dict[tuple[Exposure, Delivery, int], list[str]] = {}
    for one in targets:
        found.setdefault((one.exposure, one.delivery, one.per_day), []).append(one.institution)
    return found


def _indented(several: Sequence[str]) -> str:
    margin = " " * 10
    words = ", ".join(several)
    return fill(words, WIDTH, initial_indent=margin, subsequent_indent=margin, break_on_hyphens=False)


@contextmanager
def supporter_desk(campaign: str, *, live: bool) -> Iterator[SupporterDesk]:
    """The supporters' side of a campaign. Raises CampaignError when it has none."""
    place = office()
    with place.desk(campaign, mode_of(live=live)) as desk:
        found = place.supporters(desk)
        _ = found.terms
        yield found


@supporters.command()
def approve(campaign: CampaignName, live: Live = False, yes: Yes = False, by: By = "") -> None:
    """Let supporters write, by name.

    Shows whom they may write to and what each learns of them, and asks. Confirmed letters inside this frame then go
    without another look, but for those that the rules hold. A change of templates, terms or targets asks again.
    """
    from outreach.runner.supporters.frame import approvable_frame, approve_frame

    if yes and not by:
        raise UsageError("--yes needs a person's name.", todo="Add --by NAME.")
    with supporter_desk(campaign, live=live) as it:
        found = approvable_frame(it)
        print(f"{banner(it.mode)}. Supporters may write to {plural(len(found.frame.targets), 'institution')}:")
        for (exposure, delivery, per_day), several in _alike(found.frame.targets).items():
            print(f"  {len(several):>6,}  learn {LEARNS[exposure]}; {delivery.value}, {per_day:,} a day at the most")
            print(_indented(several))
        for one in found.frame.targets:
            if one.suppressed:
                print(f"  nothing goes to {one.institution} for now: {one.suppressed}")
        print(f"  digest: {found.frame.digest}")
        if found.same and found.standing is not None:
            print(f"Approved by {found.standing.by} on {found.standing.at:%d %B %Y}; nothing has changed since.")
            return
        name = by or your_name()
        if not yes and not agreed(f"Let supporters write as shown, as {name}?"):
            print("Nothing approved.")
            raise typer.Exit(1)
        approve_frame(it, digest=found.frame.digest, by=name)
    flag = " --live" if live else ""
    print(f"Approved by {name}. Next: {called()} serve {campaign}{flag}")


@supporters.command()
def status(campaign: CampaignName, live: Live = False) -> None:
    """Say how many have written to whom. Nobody is named."""
    from outreach.runner.supporters.rush import rush

    with supporter_desk(campaign, live=live) as it:
        approved = it.book.frame(it.campaign.slug)
        crowds = it.book.crowds(it.campaign.slug)
        statuses = Counter(one.status for one in it.book.actions(it.campaign.slug))
        names = {one.institution: (one.state, one.name) for one in approved.frame.targets} if approved else {}
        rows = [
            (*names.get(one.institution, ("", one.institution)), one.waiting, one.queued, one.sent, one.failed)
            for one in crowds.values()
        ]
        columns = ("state", "institution", "undecided", "queued", "accepted", "failed")
        print_table(f"{banner(it.mode)}. Supporters", columns, [tuple(map(str, row)) for row in sorted(rows)])
        print(
            f"{plural(statuses[ActionStatus.PENDING], 'letter')} not confirmed, "
            f"{statuses[ActionStatus.HELD]:,} held for a person, {statuses[ActionStatus.CONFIRMED]:,} confirmed, "
            f"{statuses[ActionStatus.WITHDRAWN]:,} withdrawn, {statuses[ActionStatus.REFUSED]:,} refused, "
            f"{statuses[ActionStatus.ERASED]:,} forgotten."
        )
        own = sum(it.desk.ledger.own_letters(it.campaign.slug).values())
        if own:
            print(f"Beside these, {plural(own, 'letter')} from own mailboxes; to whom: {called()} log {campaign}")
        found = rush(it)
        print(f"{found.taken:,} of {found.most:,} forms in the last hour.")
        if found.turned_away:
            print(
                f"{plural(found.turned_away, 'form')} turned away in the last day: the hour was full. "
                "To take more, raise forms_per_hour in [supporters], and serve again."
            )
        if statuses[ActionStatus.HELD]:
            print(f"Next: {called()} moderate {campaign}{' --live' if live else ''}")


@supporters.command(name="import")
def import_list(
    campaign: CampaignName,
    file: Annotated[str, typer.Argument(metavar="FILE", help="CSV, XLSX or ODS in the workspace.")],
    live: Live = False,
    without_confirmation: Annotated[
        str, typer.Option("--without-confirmation", metavar="WHY", help="Why nobody has to confirm; needs --by.")
    ] = "",
    by: By = "",
) -> None:
    """Take signatures that were collected elsewhere.

    With the proof of each consent. Each person gets the same mail to confirm as one who used the page. Whoever the
    campaign knows already is not asked again: a second import of the same list asks nobody twice.
    """
    from outreach.runner.supporters.signatures import import_signatures

    with supporter_desk(campaign, live=live) as it:
        read = office().signatures(file)
        done = import_signatures(it, read.signatures, without_confirmation=without_confirmation, by=by)
        problems = [*read.problems, *done.problems]
        print_problems(problems)
        then = "confirmed" if without_confirmation else "asked to confirm"
        print(f"{banner(it.mode)}. {plural(done.taken, 'person', 'persons')} {then}, {done.known:,} known already.")
    if any(one.severity is Severity.FAULT for one in problems):
        raise typer.Exit(1)
