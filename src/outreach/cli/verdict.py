"""outreach verdict: what a mail is taken for, and a person's word on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from outreach.cli.app import app, office
from outreach.cli.args import By, Live, mode_of
from outreach.cli.show import banner, clean, plural
from outreach.errors import UsageError
from outreach.model.inbound import InboundKind

if TYPE_CHECKING:
    from outreach.model.verdict import Judged

Kind = Annotated[InboundKind | None, typer.Argument(metavar="[KIND]", help=", ".join(InboundKind))]


@app.command()
def verdict(
    number: Annotated[int, typer.Argument(metavar="ID", help="The mail's number.")],
    kind: Kind = None,
    by: By = "",
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, for those who read it later.")] = "",
    live: Live = False,
) -> None:
    """Show what a mail was taken for, or say what it is.

    Your word counts from then on, for what is due, for reminders and for the report. The machine's verdict with its
    rule and every earlier word stay beside it.
    """
    from outreach.runner.verdict import verdict as run_verdict

    if kind is None and (by or reason):
        raise UsageError("What is it, then?", todo=f"Say one of {', '.join(InboundKind)}.")
    mode = mode_of(live=live)
    with office().ledger(mode, only_looking=kind is None) as ledger:
        stopped = 0
        if kind is None:
            mail = ledger.judged(number)
        else:
            ledger.require_holder()
            done = run_verdict(ledger, number, kind, by=by, why=reason)
            mail, stopped = done.mail, done.stopped
    print(f"{banner(mode)}. " + "\n".join(clean(line) for line in _lines(mail)))
    if stopped:
        print(f"{plural(stopped, 'reminder')} that had not left {'is' if stopped == 1 else 'are'} taken back.")


def _lines(mail: Judged) -> Iterator[str]:
    from outreach.rules.story import HEARD, said_words

    whose = f", of {mail.institution}" if mail.institution else ", in the tray"
    yield f"Mail {mail.mail} from {mail.sender or 'nobody known'}{whose}: {mail.subject}"
    machine = f"{HEARD[mail.machine]} (rule {mail.rule})" if mail.machine else "it could not read it"
    yield f"The program says: {machine}"
    for one in mail.verdicts:
        yield said_words(one)
