"""outreach ledger: where it is, who holds it, and its backups."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from outreach.cli.app import app, called, office
from outreach.cli.args import By, Live, Yes, mode_of
from outreach.cli.ask import agreed
from outreach.cli.show import banner, clean, plural, print_table
from outreach.model.campaign import Mode

if TYPE_CHECKING:
    from outreach.model.ledger import Adopted, LedgerFacts, Restored

ledger = typer.Typer(no_args_is_help=True, help="Where the ledger is and who holds it; backups, copies, moves.")
app.add_typer(ledger, name="ledger")

Why = Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason: it is recorded.")]

_KNOWS = {  # by the name of a Former
    "TOLD": "The ledger there knows, and refuses to send.",
    "GONE": "There is no other ledger of this workspace there.",
    "AWAY": "Nobody could tell the ledger there: see to it that nothing is sent from it any more.",
}


@ledger.command()
def show(live: Live = False) -> None:
    """Show where the ledger is, who holds it, and what was done to it."""
    mode = mode_of(live=live)
    with office().ledger(mode) as opened:
        facts = opened.about()
    print(f"{banner(mode)}. The ledger")
    for name, value in _facts(facts):
        print(f"  {name:<10} {clean(value)}")
    if facts.deeds:
        rows = [(_at(one.at), one.kind, one.campaign, one.who, _how(one.detail)) for one in facts.deeds]
        print_table("What was done to it, the newest first", ("when", "what", "campaign", "who", "how"), rows)


def _how(detail: Mapping[str, object]) -> str:
    """`why: the disk broke; letters: 12`."""
    told = {name: ", ".join(map(str, one)) if isinstance(one, list) else str(one) for name, one in detail.items()}
    return "; ".join(f"{name}: {one}" for name, one in told.items() if one)


def _facts(facts: LedgerFacts) -> list[tuple[str, str]]:
    if facts.shared:
        held = "every computer that has its URL"
    else:
        held = f"{facts.holder}" + ("" if facts.held_here else "; not from here: see `{called()} ledger adopt`")
    backup = f"of {_at(facts.backup_of)}: see `{called()} ledger restored`" if facts.backup_of else "no"
    return [
        ("lies at", str(facts.here) if not facts.shared else facts.where),
        ("sent from", held if facts.mode is Mode.LIVE else "here"),
        ("workspace", facts.workspace),
        ("schema", facts.schema),
        ("made", _at(facts.made_at)),
        ("a backup", backup),
    ]


@ledger.command()
def adopt(by: By = "", why: Why = "", yes: Yes = False) -> None:
    """Send the live campaigns from here from now on.

    For a workspace that was moved or copied. One computer and path at a time holds a ledger.
    """
    from outreach.runner.adopt import adopt as run_adopt
    from outreach.runner.deed import signed

    signed(by, why)
    with office().ledger(Mode.LIVE) as opened:
        facts = opened.about()
        if facts.held_here:
            print(f"{banner(Mode.LIVE)}. Nothing to adopt: it is sent from {_sender(facts)} already.")
            return
        print(
            f"{banner(Mode.LIVE)}. The ledger at {clean(str(facts.here))} is held by {clean(str(facts.holder))}.\n"
            "What was sent from there since this copy was made is unknown here and would be sent again: "
            "if there is any, copy it anew first."
        )
        if not yes and not agreed(f"Send from here alone from now on, as {clean(by.strip())} says?"):
            print("Nothing adopted.")
            raise typer.Exit(1)
        done = run_adopt(opened, by=by, why=why)
    print(_adopted(done))
    if facts.backup_of:
        print(f"It is a backup: run `{called()} ledger restored --by NAME --why TEXT` before anything is sent.")


def _sender(facts: LedgerFacts) -> str:
    return "every computer that has its URL" if facts.shared else "here"


def _adopted(done: Adopted) -> str:
    reason = f" ({done.reason})" if done.reason else ""
    return clean(f"Adopted: sent from {done.now}, no more from {done.was}. {_KNOWS[done.former.name]}{reason}")


@ledger.command()
def restored(by: By = "", why: Why = "", yes: Yes = False) -> None:
    """Say that the live ledger is a backup that was put back.

    What may have left after the backup was made goes to in doubt, and every campaign is paused.
    """
    from outreach.runner.deed import signed
    from outreach.runner.restored import restored as run_restored

    signed(by, why)
    with office().ledger(Mode.LIVE) as opened:
        facts = opened.about()
        of = f"a backup of {_at(facts.backup_of)}" if facts.backup_of else "not marked as a backup"
        print(
            f"{banner(Mode.LIVE)}. The ledger at {clean(facts.where)} is {of}.\n"
            "Every letter that had not left by then goes to in doubt: evidence or a person settles each."
        )
        if not yes and not agreed(f"Do that, as {clean(by.strip())} says?"):
            print("Nothing changed.")
            raise typer.Exit(1)
        done = run_restored(opened, by=by, why=why)
    print(_restored(done))


def _restored(done: Restored) -> str:
    if not done.changed:
        return f"Nothing to do: {_sum(done)}; every campaign was paused, or there is none."
    paused = f"Paused: {', '.join(done.paused)}." if done.paused else "Every campaign was paused before."
    return clean(f"{_sum(done)}.") + (
        f"\n{clean(paused)} Letters planned after the backup, and those begun again after a refusal, are unknown "
        "to it: settle what is in doubt, make sure who was written to, and only then plan again and say "
        f"`{called()} go CAMPAIGN`."
    )


def _sum(done: Restored) -> str:
    """`20 letters = 12 in doubt now (2 draft, 10 queued) + 1 in doubt before + 7 as they were (7 accepted)`."""
    now, left = sum(done.moved.values()), sum(done.left.values())
    moved = ", ".join(f"{count:,} {status.value}" for status, count in done.moved.items())
    were = ", ".join(f"{count:,} {status.value}" for status, count in done.left.items())
    return (
        f"{plural(done.letters, 'letter')} = {now:,} in doubt now{f' (was {moved})' if moved else ''}"
        f" + {done.doubtful:,} in doubt before + {left:,} as they were{f' ({were})' if were else ''}"
    )


@ledger.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file; none is overwritten.")],
) -> None:
    """Copy the live ledger to a file, whole.

    Also while letters are being sent.
    """
    from outreach.runner.backup import backup as run_backup

    with office().ledger(Mode.LIVE) as opened:
        done = run_backup(opened, file)
    print(
        f"{banner(Mode.LIVE)}. The ledger is in {clean(str(done.file))}: {done.size:,} bytes, checked, for you alone."
    )
    print(
        f"Keep .env with it: OUTREACH_SECRET makes the letters' ids. Put back, it needs `{called()} ledger restored`."
    )


def _at(moment: datetime | None) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M") if moment else ""
