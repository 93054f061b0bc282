"""outreach tray: mail that surely belongs to nobody, with ranked guesses, and a person's word on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from outreach.cli.app import app, called, office
from outreach.cli.args import Live, mode_of
from outreach.cli.show import banner, clean, plural, print_table
from outreach.errors import UsageError
from outreach.model.collected import InboundState
from outreach.model.inbound import InboundKind

if TYPE_CHECKING:
    from outreach.model.collected import TrayItem
    from outreach.office import Office
    from outreach.runner.ports import Ledger
    from outreach.runner.tray import Settled, Tray, Waiting

Which = Annotated[list[int] | None, typer.Argument(metavar="[ID]…", help="Mails, by their numbers in the list.")]
To = Annotated[str, typer.Option("--to", metavar="INSTITUTION", help="It belongs to this institution.")]
Ignore = Annotated[bool, typer.Option("--ignore", help="It is none of ours: keep it, and show it no more.")]
Approve = Annotated[
    str, typer.Option("--approve", metavar="ADDRESS", help="This address belongs to the institution that was proposed.")
]
Out = Annotated[
    Path | None, typer.Option("--out", metavar="FILE.eml", help="Write the one mail, as it came, to a new file.")
]
Ignored = Annotated[bool, typer.Option("--ignored", help="List what was set aside: --to still says whose it is.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who says so: it is recorded.")]


@app.command()
def tray(
    which: Which = None,
    live: Live = False,
    to: To = "",
    ignore: Ignore = False,
    ignored: Ignored = False,
    approve: Approve = "",
    by: By = "",
    out: Out = None,
) -> None:
    """List mail that waits for a person, with guesses; read it; say where it belongs.

    With a number alone: that mail with its words. A mail that you attach proposes that its sender's address belongs to
    the institution. That counts once somebody approves it. --to also moves a mail that is filed under another one.
    """
    mode = mode_of(live=live)
    place = office()
    said = bool(to or ignore or approve)
    _goes_together(which or [], to=to, ignore=ignore, approve=approve, by=by, out=out)
    if ignored and (said or which):
        raise UsageError("--ignored is a list by itself.", todo="Leave the other words out.")
    with place.ledger(mode, only_looking=not said) as ledger:
        if said:
            ledger.require_holder()  # settled in a copy it would still wait where reminders are sent from
        from outreach.runner.tray import set_aside
        from outreach.runner.tray import tray as run_tray

        if ignore:
            set_aside(ledger, which or [], by=by)
            print(f"{banner(mode)}. {plural(len(which or []), 'mail')} set aside by {clean(by.strip())}.")
            print(f"A slip? {called()} tray{' --live' if live else ''} --ignored")
        elif said:
            _settle(place, ledger, which or [], to=to, approve=approve, by=by, live=live)
        elif which:
            _show(place, ledger, which[0], out, banner(mode))
        else:
            print_tray(run_tray(ledger, aside=ignored), banner(mode), live=live)


def _goes_together(which: list[int], *, to: str, ignore: bool, approve: str, by: str, out: Path | None) -> None:
    if sum(map(bool, (to, ignore, approve))) > 1:
        raise UsageError("--to, --ignore and --approve do not go together.", todo="Say one of them.")
    if (to or ignore) and not which:
        raise UsageError("Which mail?", todo="Name its number, as `outreach tray` lists it.")
    if (which and approve) or (len(which) > 1 and not (to or ignore)):
        raise UsageError("What of them?", todo="Say --to INSTITUTION or --ignore; one number alone shows that mail.")
    if out is not None and (to or ignore or approve or not which):
        raise UsageError("--out writes one mail that waits.", todo="Say `outreach tray ID --out FILE.eml`.")
    if (to or ignore or approve) and not by.strip():
        raise UsageError("Whoever settles a mail says who.", todo="Add --by NAME.")


def _show(place: Office, ledger: Ledger, number: int, out: Path | None, title: str) -> None:
    """One mail: what is known of it, and its words; or its bytes into a file."""
    from outreach.reports.files import new_file
    from outreach.runner.tray import look

    found = look(ledger, place.interpreter, number)
    if out is not None:
        with new_file(out, overwrite=False) as file:
            file.write(found.raw)
        print(f"{title}. Mail {number} as it came, SHA-256 {found.item.sha256}, is in {out}")
        return
    print(f"{title}. " + "\n".join(clean(line) for line in _told(found)))


def _told(found: Waiting) -> Iterator[str]:
    from outreach.rules.story import HEARD

    one = found.item
    yield f"Mail {one.id}" + (f", {one.received_at:%Y-%m-%d %H:%M} UTC" if one.received_at else "")
    yield f"From: {one.sender or 'nobody known'}"
    yield f"Subject: {one.subject}"
    yield f"    SHA-256 {one.sha256}"
    if one.aside_by:
        yield f"    Set aside by {one.aside_by}"
    if one.reason:
        yield f"    Quarantined: {one.reason}" if one.state is InboundState.QUARANTINED else f"    {one.reason}"
    if one.kind:
        yield f"    The program says: {HEARD[InboundKind(one.kind)]}."
    if one.authentication:
        yield f"    Its sender, says our mail server: {one.authentication}."
    yield from (f"    Perhaps {each.score:.0%} {each.institution}: {each.why}" for each in one.guesses)
    yield ""
    yield from found.text.splitlines() or ["Its words cannot be read here: write it to a file with --out FILE.eml."]


def _settle(place: Office, ledger: Ledger, which: list[int], *, to: str, approve: str, by: str, live: bool) -> None:
    from outreach.runner import tray as runner

    mode = mode_of(live=live)
    own, server, secret = place.own_addresses(), place.settings.authserv_id, place.mail_secret(mode, ledger)
    title = banner(mode)
    if approve:
        done = runner.approve(ledger, place.interpreter, approve, by=by, own=own, server=server, secret=secret)
        print(f"{title}. {clean(approve)} is approved by {clean(by.strip())}.")
        _print_moved(done)
        return
    for number in which:
        done = runner.settle(ledger, place.interpreter, number, to=to, by=by, own=own, server=server, secret=secret)
        was = f"; it was filed under {done.was}" if done.was else ""
        print(f"{title}. Mail {number} belongs to {clean(to)}, says {clean(by.strip())}{was}.")
        if done.was:
            print("What was written down or proposed from it stays: look at it. Reminders go on by the next `chase`.")
        if done.proposed:
            address, flag = clean(done.proposed), " --live" if live else ""
            print(f"Is {address} theirs? Then: {called()} tray{flag} --approve {address} --by NAME")
        _print_moved(done)


def _print_moved(done: Settled) -> None:
    if done.moved:
        print(f"{plural(done.moved, 'more mail')} of the tray found where it belongs.")


def print_tray(found: Tray, title: str, *, live: bool) -> None:
    """What waits for a person, with guesses, and what was learnt."""
    print(f"{title}. {found.totals}.")
    for state, words in ((InboundState.TRAY, "in the tray"), (InboundState.QUARANTINED, "that could not be read")):
        items = [one for one in found.items if one.state is state]
        if items:
            rows = [row for one in items for row in _rows(one)]
            print_table(f"{plural(len(items), 'mail')} {words}", ("id", "when", "from", "subject", "perhaps"), rows)
    if found.proposals:
        proposals = [(one.change.now, one.change.institution, one.change.by) for one in found.proposals]
        print_table("Learnt, to be approved", ("address", "belongs to", "says"), proposals)
    if found.items:
        flag = " --live" if live else ""
        print(f"Next: {called()} tray ID{flag} to read it, then --to INSTITUTION --by NAME, or --ignore --by NAME")
    elif not found.proposals:
        print("Nothing waits for you.")


def _rows(one: TrayItem) -> list[tuple[str, ...]]:
    """The mail with its first guess, and a line for each further one."""
    when = one.received_at.astimezone().strftime("%Y-%m-%d %H:%M") if one.received_at else ""
    guesses = [f"{each.score:.0%} {each.institution}: {each.why}" for each in one.guesses]
    if one.state is InboundState.QUARANTINED:
        guesses.insert(0, one.reason)
    if one.aside_by:
        guesses.insert(0, f"set aside by {one.aside_by}")
    first = (str(one.id), when, _short(one.sender), _short(one.subject), (guesses or ["nobody known"])[0])
    return [first, *(("", "", "", "", each) for each in guesses[1:3])]


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
