"""outreach resolve: letters in doubt, the evidence, and a person's word."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from outreach.cli.app import app, office
from outreach.cli.args import CampaignName, Live, mode_of
from outreach.cli.show import banner, clean, plural, print_table
from outreach.errors import UsageError
from outreach.model.campaign import Mode
from outreach.model.evidence import Says
from outreach.model.status import Status

if TYPE_CHECKING:
    from outreach.model.evidence import Doubt
    from outreach.office import Office
    from outreach.runner.answer_ports import Mailbox
    from outreach.runner.resolve import Resolved

Which = Annotated[list[str] | None, typer.Argument(metavar="[ID]…", help="Institutions, to settle their letters.")]
Look = Annotated[bool, typer.Option("--look", help="Look into the mailbox (OUTREACH_IMAP_…): it is only read.")]
Folders = Annotated[
    list[str] | None,
    typer.Option("--folder", metavar="NAME", help="A folder of sent or journal copies; again for more."),
]
Logs = Annotated[
    list[Path] | None, typer.Option("--mail-log", metavar="FILE", help="Your mail server's own log; again for more.")
]
Mails = Annotated[
    list[Path] | None, typer.Option("--eml", metavar="FILE", help="A mail that proves something; again for more.")
]
Sent = Annotated[bool, typer.Option("--sent", help="It was taken: it counts as accepted.")]
Resend = Annotated[bool, typer.Option("--resend", help="It was not taken: send the same letter again.")]
Drop = Annotated[bool, typer.Option("--drop", help="Never send it again.")]
Every = Annotated[bool, typer.Option("--all", help="Every letter in doubt.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who settles it: it is recorded.")]
Why = Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason: it is recorded.")]

_WORDS = {
    Status.ACCEPTED: "accepted: it was taken",
    Status.QUEUED: "queued: the same letter is sent again by the next `outreach send`",
    Status.CANCELLED: "dropped: it is never sent again",
    Status.DRAFT: "a draft again: it had not been approved",
}
_SAYS = {Says.TAKEN: "proof that it was taken", Says.NOT_TAKEN: "proof that it was not", Says.NOTHING: "no proof"}


@app.command()
def resolve(
    campaign: CampaignName,
    which: Which = None,
    live: Live = False,
    look: Look = False,
    folder: Folders = None,
    mail_log: Logs = None,
    eml: Mails = None,
    sent: Sent = False,
    resend: Resend = False,
    drop: Drop = False,
    every: Every = False,
    by: By = "",
    why: Why = "",
) -> None:
    """Settle letters in doubt, by evidence or by your word.

    Without a word of yours it lists them with all that was found, and settles what the evidence settles. Exit code 0:
    none is left in doubt.
    """
    word = _word(sent=sent, resend=resend, drop=drop)
    looking = bool(look or folder or mail_log or eml)
    _goes_together(word, which or [], every=every, by=by, why=why, looking=looking)
    place = office()
    mode = mode_of(live=live)
    with place.desk(campaign, mode, only_looking=True) as desk:
        from outreach.runner.resolve import Sources, resolve_by_person
        from outreach.runner.resolve import resolve as run_resolve

        if word is not None or looking:
            desk.ledger.require_holder()  # a letter settled in a copy would still be in doubt where it is sent from
        if word is not None:
            settled = resolve_by_person(desk, which or [], word, every=every, by=by.strip(), why=why.strip())
            print(f"{banner(mode)}. {plural(len(settled), 'letter')} settled by {clean(by.strip())}.")
            _print_settled(settled)
            done = run_resolve(desk, Sources())
        else:
            with _mailbox(place, mode, wanted=look or bool(folder)) as mailbox:
                sources = Sources(
                    papers=place.papers,
                    mail_logs=mail_log or (),
                    mails=eml or (),
                    mailbox=mailbox,
                    folders=folder or (),
                )
                done = run_resolve(desk, sources)
            _print_settled(done.settled)
    if look and not done.folders and not done.trouble and done.doubts:
        print("No folder of sent mail was recognised: name yours with --folder.")
    _print_left(done, mode, asked=word is not None)
    if done.trouble:
        print(f"The mailbox was not looked into to the end. {clean(done.trouble)}", file=sys.stderr)
    if done.doubts or done.trouble:
        raise typer.Exit(1)


def _word(*, sent: bool, resend: bool, drop: bool) -> Status | None:
    words = {Status.ACCEPTED: sent, Status.QUEUED: resend, Status.CANCELLED: drop}
    said = [status for status, chosen in words.items() if chosen]
    if len(said) > 1:
        raise UsageError("--sent, --resend and --drop do not go together.", todo="Say one of them.")
    return said[0] if said else None


def _goes_together(word: Status | None, which: list[str], *, every: bool, by: str, why: str, looking: bool) -> None:
    if word is None:
        if which or every or by or why:
            raise UsageError("What became of these letters?", todo="Say --sent, --resend or --drop.")
        return
    if looking:
        raise UsageError("A person's word and a search for evidence do not go together.", todo="Look first.")
    if bool(which) == every:
        raise UsageError("Which letters?", todo="Name their institutions, as `outreach resolve` lists them, or --all.")
    if not by.strip() or not why.strip():
        raise UsageError("Whoever settles a letter says who and why.", todo="Add --by NAME and --why TEXT.")


@contextmanager
def _mailbox(place: Office, mode: Mode, *, wanted: bool) -> Iterator[Mailbox | None]:
    if wanted and mode is Mode.REHEARSAL:
        raise UsageError("A rehearsal has no mailbox to look into.", todo="Say --live.")
    with place.mailbox() if wanted else nullcontext() as mailbox:
        yield mailbox


def _print_settled(settled: Mapping[str, Status]) -> None:
    for institution, status in settled.items():
        print(f"  {clean(institution)}: {_WORDS[status]}.")


def _print_left(done: Resolved, mode: Mode, *, asked: bool) -> None:
    if done.folders:
        print(f"Looked into {', '.join(map(clean, done.folders))}.")
    verb = "are" if len(done.doubts) > 1 else "is"
    print(f"{banner(mode)}. {_count(done.doubts) if done.doubts else 'No letter'} {verb} in doubt.")
    for one in done.doubts:
        _print_doubt(one)
    if done.held and not asked:
        rows = [(one.standing.dispatch.state, one.standing.dispatch.institution, _held(one)) for one in done.held]
        print_table(f"{_count(done.held)} held for a person", ("state", "institution", "why"), rows)


def _count(doubts: tuple[Doubt, ...]) -> str:
    return plural(len(doubts), "letter")


def _print_doubt(one: Doubt) -> None:
    """One letter in a few lines: a table would break the server's words into columns of three letters."""
    from outreach.rules.evidence import settlement

    it = one.standing
    when = f"{one.marked_at:%Y-%m-%d %H:%M} UTC" if one.marked_at else "before the ledger's backup"
    newest = {found.source: found for found in one.evidence}.values()
    lines = [
        f"{it.dispatch.institution} ({it.dispatch.state}, {it.dispatch.institution_name})",
        f"    sent {when}" + (f" as {one.account}" if one.account else "") + f", with the Message-ID {one.message_id}",
        f"    the last word: {it.server_text or 'none'}",
        *(f"    {found.source}: {found.words} ({_SAYS[found.says]})" for found in newest),
        f"    so far: {settlement(one.evidence)[1]}",
    ]
    print("\n".join(["", *map(clean, lines)]))


def _held(one: Doubt) -> str:
    from outreach.rules.log import HELD

    return HELD[one.standing.held] if one.standing.held else "waits for a person"
