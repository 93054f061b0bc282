"""outreach person: what we hold of a supporter, and how it is forgotten."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from outreach.cli.app import app, office
from outreach.cli.args import Live, Yes, mode_of
from outreach.cli.ask import agreed
from outreach.cli.show import banner, clean
from outreach.errors import UsageError

if TYPE_CHECKING:
    from outreach.runner.supporters.desk import SupporterDesk

person = typer.Typer(no_args_is_help=True, help="What is held of a supporter: take it out, or forget it.")
app.add_typer(person, name="person")

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The person's address.")]


@contextmanager
def _known(email: str, *, live: bool, traces: bool = False) -> Iterator[tuple[SupporterDesk, str]]:
    """The desk and the person's key. Raises UsageError for somebody of whom nothing is held.

    `traces`: an answer may name a person also once their own letter was removed, or their time was up.
    """
    from outreach.rules.identity import supporter_key

    place = office()
    with place.desk(place.workspace.first_campaign(), mode_of(live=live)) as desk:
        it = place.supporters(desk)
        key = supporter_key(desk.secret, it.address(email.strip()) or email)
        mails = [one for one in it.book.own_mails_of(key) if traces or one.raw is not None]
        if not mails and not any(traces or one.email for one in it.book.of_person(key)):
            raise UsageError(
                f"Nothing is held of this address in the {desk.mode.value} ledger.",
                where=email,
                todo="" if live else "Add --live for real campaigns.",
            )
        yield it, key


@person.command()
def export(email: Email, live: Live = False) -> None:
    """Print everything that is held of a person, as JSON."""
    from outreach.runner.supporters.manage import export_person

    with _known(email, live=live) as (it, key):
        sys.stdout.write(export_person(it, key).decode() + "\n")


@person.command()
def erase(
    email: Email,
    live: Live = False,
    yes: Yes = False,
    name: Annotated[
        list[str] | None, typer.Option("--name", metavar="NAME", help="A name that answers hold and we have forgotten.")
    ] = None,
) -> None:
    """Forget a person.

    Letters, address, name, and what came back about them. What stays: a keyed hash, so that nobody writes twice, and
    counts. Mail that lies at a ministry, lists of signatures in your folders, and backups are out of reach.
    """
    from outreach.runner.supporters.erase import erase_person

    with _known(email, live=live, traces=True) as (it, key):
        if not yes and not agreed(f"{banner(it.mode)}. Forget {email}? This cannot be undone."):
            print("Nothing was erased.")
            raise typer.Exit(1)
        done = erase_person(it, key, email=email.strip(), also=name or ())
        removed = ", ".join(f"{count:,} {what}" for what, count in done.removed.items() if count)
        print(f"Erased: {removed or 'nothing was left'}.")
        for word in done.common:
            print(
                f'"{clean(word)}" is a word of your letters or of answers from before, or an organiser\'s name: '
                "where it stands without the place, it stays."
            )
        if done.listed:
            print("They came by a list of signatures. Delete their row in that file, and in every copy of it.")
        print(
            "Out of reach: mail that ministries have received, your own mailbox, lists of signatures in your folders, "
            "and backups made before today."
        )
