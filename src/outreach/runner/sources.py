"""The source of a record: the mail, the file, the call; and whether the quote stands in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from outreach.errors import UsageError
from outreach.model.campaign import Mode
from outreach.model.position import Position, Source, SourceKind
from outreach.rules.quotes import stands_in, tidy
from outreach.rules.simulation import opens_simulated
from outreach.rules.sources import LONGEST_NAME, missing, web_address
from outreach.runner.answer_ports import Papers
from outreach.runner.desk import Desk
from outreach.states import state_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the person said."""

    state: str  #: a code
    demand: str
    position: Position
    by: str
    quote: str = ""
    reply: int | None = None
    kind: SourceKind | None = None
    file: Path | None = None
    url: str = ""
    on: date | None = None
    due: date | None = None
    note: str = ""
    institution: str = ""  #: who answered, where it was by post, telephone or visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A source, its file, and what can be read in it."""

    source: Source
    content: bytes | None = None
    text: str | None = None


def found_source(desk: Desk, given: Given, papers: Papers) -> Found | None:
    """Where the words stand. Raises UsageError for what is missing or contradicts itself."""
    if given.reply is not None:
        return _mail(desk, given)
    if given.kind is None:
        if given.file or given.url or given.on:
            raise UsageError("How did it come?", todo="Add --kind post, phone, visit or statement.")
        if given.position is Position.NONE:
            return None
        raise UsageError(
            "A position needs its source.", todo="Add --reply ID for a mail, or --kind post, phone, visit or statement."
        )
    if given.kind is SourceKind.REPLY:
        raise UsageError("Which mail?", todo="Name it with --reply ID.")
    if todo := missing(given.kind, file=given.file is not None, url=bool(given.url)):
        raise UsageError(f"A {given.kind.value} without its document proves nothing.", todo=todo)
    if given.url and not web_address(given.url):
        raise UsageError(
            "This is no web address.", where="--url", todo="Copy it whole: it begins with https:// or http://."
        )
    on = given.on or desk.today
    _on_a_day(desk, given, on)
    document = papers.document(given.file) if given.file else None
    if document and opens_simulated(document.text or "") and desk.mode is not Mode.REHEARSAL:
        raise UsageError("This was simulated by a rehearsal: it proves nothing.", where=str(given.file))
    source = Source(
        kind=given.kind,
        taken_on=on,
        sha256=document.sha256 if document else "",
        name=document.name if document else "",
        url=given.url,
    )
    return Found(
        source=source, content=document.content if document else None, text=document.text if document else None
    )


def _mail(desk: Desk, given: Given) -> Found:
    if given.kind not in {None, SourceKind.REPLY} or given.file or given.url or given.on:
        raise UsageError(
            "--reply is the source; --kind, --file, --url and --on belong to others.", todo="Say one of them."
        )
    assert given.reply is not None  # noqa: S101  for the type checker
    mail = desk.answers.mail(desk.campaign.slug, given.reply)
    if mail is None and any(one.id == given.reply for one in desk.ledger.tray()):
        flag = " --live" if desk.mode is Mode.LIVE else ""
        raise UsageError(
            f"Mail {given.reply} waits in the tray: nobody has said whose it is.",
            where="--reply",
            todo=f"Say so with `outreach tray {given.reply}{flag} --to INSTITUTION --by NAME`, then this once more.",
        )
    if mail is None:
        raise UsageError(
            f"There is no mail {given.reply} in this {desk.mode.value} ledger.",
            where="--reply",
            todo=f"`outreach show {desk.campaign.slug} {given.state}` lists the mails of the state with their numbers.",
        )
    if mail.heard.state not in {"", given.state}:
        raise UsageError(
            f"Mail {given.reply} is from {state_name(mail.heard.state)}, not from {state_name(given.state)}.",
            where="--reply",
            todo="Name the mail in which the state itself says it.",
        )
    if mail.heard.rehearsal and desk.mode is Mode.LIVE:
        raise UsageError(f"Mail {given.reply} was simulated: it proves nothing.", where="--reply")
    on = mail.heard.at.astimezone().date()  # by the clock that today is told by
    _on_a_day(desk, given, on)
    source = Source(
        kind=SourceKind.REPLY,
        taken_on=on,
        sha256=mail.sha256,
        name=tidy(mail.heard.subject)[:LONGEST_NAME],
        inbound=given.reply,
    )
    return Found(source=source, text=mail.text)


def _on_a_day(desk: Desk, given: Given, on: date) -> None:
    if on > desk.today:
        raise UsageError(f"{on} is still to come.", where="--on", todo="Say the day on which it was said.")
    if given.due and given.due < on:
        raise UsageError(
            f"{given.due} was over when it was said, on {on}.", where="--due", todo="Say the day that was promised."
        )


def compare(given: Given, quote: str, found: Found | None) -> bool | None:
    """True = the quote stands in the source; None = there is nothing to look into. Raises UsageError when not."""
    if not quote or found is None or found.text is None:
        return None
    if stands_in(quote, found.text):
        return True
    where = f"mail {given.reply}" if given.reply is not None else f"{given.file}"
    raise UsageError(
        f"These words do not stand in {where}.",
        where="--quote",
        todo="Copy the sentence out of it word for word, in its own language; … stands for what you leave out. A "
        "translation belongs into --note.",
    )
