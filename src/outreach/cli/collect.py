"""outreach collect: read what came back, and say whose it is."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from outreach.cli.app import app, called, office
from outreach.cli.args import Live, mode_of
from outreach.cli.show import banner, clean, plural
from outreach.errors import UsageError
from outreach.model.collected import InboundState
from outreach.model.inbound import InboundKind

if TYPE_CHECKING:
    from outreach.runner.collect import Collected

LINE_EVERY = 5.0  #: seconds between two lines when the output is no terminal
DRAW_EVERY = 0.1

Maildirs = Annotated[
    list[Path] | None,
    typer.Option("--maildir", metavar="DIR", help="A Maildir instead; again for more."),
]
Mboxes = Annotated[
    list[Path] | None, typer.Option("--mbox", metavar="FILE", help="An mbox file instead; again for more.")
]
Emls = Annotated[
    list[Path] | None, typer.Option("--eml", metavar="FILE", help="Saved mails instead, such as --eml *.eml.")
]
Files = Annotated[list[Path] | None, typer.Argument(metavar="FILE", help="Saved mails, with or without --eml.")]

WORDS = {  #: one, and several
    InboundKind.BOUNCE_HARD: ("came back for good", "came back for good"),
    InboundKind.BOUNCE_SOFT: ("came back or late", "came back or late"),
    InboundKind.AUTO_REPLY: ("automatic answer", "automatic answers"),
    InboundKind.ACKNOWLEDGEMENT: ("acknowledgement", "acknowledgements"),
    InboundKind.CHALLENGE: ("challenge", "challenges"),
    InboundKind.COMPLAINT: ("complaint", "complaints"),
    InboundKind.UNSUBSCRIBE: ("wish to be left alone", "wishes to be left alone"),
    InboundKind.REPLY: ("answer", "answers"),
    InboundKind.OTHER: ("other", "others"),
}


@app.command()
def collect(
    live: Live = False, maildir: Maildirs = None, mbox: Mboxes = None, eml: Emls = None, files: Files = None
) -> None:
    """Read what came back, for all campaigns at once.

    With --live the mailbox of .env (OUTREACH_IMAP_…), unless a Maildir, an mbox or files are named. Nothing in them is
    changed, and what was read before changes nothing. Exit code 0: all of it was read.
    """
    mails = _saved(eml or [], files or [], beside=bool(maildir or mbox))
    mode = mode_of(live=live)
    place = office()
    with (
        place.ledger(mode) as ledger,
        place.sources(mode, maildirs=maildir or (), mboxes=mbox or (), emls=mails) as sources,
        _progress(banner(mode)) as tell,
    ):
        from outreach.runner.collect import collect as run

        if not sources:
            print(f"{banner(mode)}. No answers have come yet; name a --maildir, an --mbox or an --eml to try one.")
            return
        done = run(
            ledger,
            sources,
            place.interpreter,
            own=place.own_addresses(),
            server=place.settings.authserv_id,
            secret=place.mail_secret(mode, ledger),
            kept=place.own_mail_days(),
            known=place.keep_days(),
            tell=tell,
        )
    print_done(done, banner(mode), live=live)
    if done.troubles:
        raise typer.Exit(1)


def _saved(named: list[Path], files: list[Path], *, beside: bool) -> list[Path]:
    """All mails of `--eml *.eml`: the shell writes out their names, and the option takes the first of them."""
    strange = [one for one in files if beside or not one.is_file()]
    if strange and not named:
        raise UsageError(
            f'What is "{strange[0]}"? Mail is read for all campaigns at once.',
            todo="Write --eml before saved mails, and --maildir or --mbox before each one of theirs.",
        )
    return [*named, *files]


def print_done(done: Collected, title: str, *, live: bool) -> None:
    """What a run came to, and what is in the ledger now."""
    print(f"{title}. {describe(done)}.")
    if done.kinds:
        print(f"New by kind: {_by_kind(done.kinds)}.")
    if done.in_tray:
        print(f"New in the tray, if they are for you: {_by_kind(done.in_tray)}.")
    if done.supporters:
        letters = plural(done.supporters, "letter")
        print(f"{letters} from supporters' own mailboxes: `outreach log CAMPAIGN` counts each writer once.")
    if done.removed:
        print(f"{plural(done.removed, 'letter')} from supporters' own mailboxes removed: only their number is kept on.")
    if done.forgotten:
        print(f"{plural(done.forgotten, 'form')} of supporters forgotten: the time for which they are known is up.")
    if done.unproven:
        are = "is" if done.unproven == 1 else "are"
        print(f"{plural(done.unproven, 'answer')} {are} not proven: `{called()} log CAMPAIGN` says which to look at.")
    if done.moved:
        print(f"{plural(done.moved, 'mail')} of the tray found where it belongs.")
    if done.gone:
        print(f"{plural(done.gone, 'mail')} went away while we read: somebody moved or deleted it.")
    print(f"The ledger: {done.totals}.")
    if done.totals is not None and done.totals.waiting:
        print(f"Next: {called()} tray{' --live' if live else ''}")
    for campaign, count in sorted(done.proposed.items()):
        waits = "waits" if count == 1 else "wait"
        whose = campaign or "CAMPAIGN"  # what belongs to none in particular is in every list
        print(f"{plural(count, 'proposal')} {waits} for you: {called()} proposals {whose}{' --live' if live else ''}")
    for one in done.troubles:
        print(clean(one), file=sys.stderr)


def _by_kind(counts: Mapping[str, int]) -> str:
    order = [one for one in InboundKind if counts.get(one.value)]
    return ", ".join(f"{counts[one.value]:,} {WORDS[one][counts[one.value] > 1]}" for one in order)


def describe(done: Collected) -> str:
    """`12 read = 3 known + 8 matched + 1 tray + 0 quarantined`."""
    states = " + ".join(f"{done.by_state.get(state, 0):,} {state.value}" for state in InboundState)
    return f"{done.read:,} read = {done.known:,} known + {states}"


@contextmanager
def _progress(title: str) -> Iterator[Callable[[Collected], None]]:
    """A function to be told how far the run is: one line on a terminal, a line now and then elsewhere."""
    began = said = time.monotonic()
    drawn = False

    def tell(done: Collected) -> None:
        nonlocal said, drawn
        now = time.monotonic()
        terminal = sys.stdout.isatty()
        if now - said < (DRAW_EVERY if terminal else LINE_EVERY):
            return
        said, drawn = now, terminal
        rate = done.read / (now - began)
        left = f", {done.left:,} left" if done.left else ""
        line = f"{title.partition(':')[0]}. {describe(done)}{left}, {rate:,.0f} a second"
        print(f"\r\x1b[K{line}" if terminal else line, end="" if terminal else "\n", flush=True)

    try:
        yield tell
    finally:
        if drawn:
            print("\r\x1b[K", end="", flush=True)
