"""outreach show: the whole correspondence with one state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Annotated

import typer

from outreach.cli.app import app, called, office
from outreach.cli.args import CampaignName, Live, mode_of, state_code
from outreach.cli.show import banner, clean, plural, wrapped

if TYPE_CHECKING:
    from outreach.model.dossier import Dossier, HeardMail, LetterTold
    from outreach.model.log import LogRow
    from outreach.model.matrix import Cell
    from outreach.model.position import Stated

INDENT = "    "


class Quoted(str):
    """A line of a letter or a mail: where it ends is its writer's word."""

    __slots__ = ()


@app.command()
def show(
    campaign: CampaignName,
    state: Annotated[str, typer.Argument(metavar="STATE", help="By code or name.")],
    live: Live = False,
    brief: Annotated[bool, typer.Option("--brief", help="Without the texts of letters and mails.")] = False,
) -> None:
    """Tell the whole correspondence with one state.

    Where it stands and what is next; then, in the order of time, each letter and what became of it, each mail with what
    the program and a person made of it, and what was said elsewhere; then the positions with their sentences.
    """
    from outreach.runner.show import show as run_show

    with office().desk(campaign, mode_of(live=live), only_looking=True) as desk:
        told = run_show(desk, state_code(state))
    for line in _lines(told, brief=brief):
        print(clean(line) if isinstance(line, Quoted) else "\n".join(wrapped(line)))


def _lines(told: Dossier, *, brief: bool) -> Iterator[str]:
    letters, mails = plural(len(told.letters), "letter"), plural(len(told.heard), "mail")
    yield f"{banner(told.mode)}. {told.state_name} ({told.state}) in {told.campaign}: {letters}, {mails} from there."
    for row in told.institutions:
        yield from _stands(row)
    if told.next.words != "-":
        yield f"Next: {told.next.words}"
    entries: list[tuple[datetime, Iterator[str]]] = [(one.at, _letter(one, brief=brief)) for one in told.letters]
    entries += [(one.heard.at, _mail(one, brief=brief)) for one in told.heard]
    entries += [(_day_of(one), _elsewhere(one, told.titles)) for one in told.elsewhere]
    for _, lines in sorted(entries, key=lambda entry: entry[0]):
        yield from lines
    for item in told.tray:
        yield from ("", f"── mail {item.id} lies in the tray and may be from there: {called()} tray")
        yield f"From: {item.sender}"
        yield f"Subject: {item.subject}"
    yield from ("", f"── Positions of {told.state_name}")
    for cell in told.positions.cells:
        yield from _position(cell, told.titles.get(cell.demand, cell.demand))


def _stands(row: LogRow) -> Iterator[str]:
    why = f" ({row.reason})" if row.reason else ""
    yield f"{INDENT}{row.institution} ({row.name}): {row.correspondence.value}; first letter {row.words}{why}"
    if row.own_letters:
        yield f"{INDENT}{plural(row.own_letters, 'letter')} from supporters' own mailboxes"


def _day_of(one: Stated) -> datetime:
    """The end of the day on which it was said: after the letters of that day."""
    day = one.source.taken_on if one.source else one.at.date()
    return datetime.combine(day, time.max, tzinfo=UTC)


def _letter(one: LetterTold, *, brief: bool) -> Iterator[str]:
    which = "our letter" if one.step == 0 else f"our reminder {one.step}"
    yield ""
    yield f"── {one.at:%Y-%m-%d %H:%M} UTC, {which} to {one.institution} ({one.name}): {one.words}"
    yield f"To: {one.recipient}"
    yield f"Subject: {one.subject}"
    for event in one.happened:
        yield f"{INDENT}{event.at:%Y-%m-%d %H:%M} UTC  {event.words}" + (f" ({event.by})" if event.by else "")
    if one.text and not brief:
        yield ""
        yield from _quoted(one.text)


def _mail(one: HeardMail, *, brief: bool) -> Iterator[str]:
    from outreach.rules.story import HEARD, verdict_words
    from outreach.runner.triage import rule_words

    it = one.heard
    yield ""
    simulated = ", SIMULATED" if it.rehearsal else ""
    yield f"── {it.at:%Y-%m-%d %H:%M} UTC, mail {it.id} from {it.institution}{simulated}: {HEARD[it.kind]}"
    yield f"From: {it.sender}"
    yield f"Subject: {it.subject}"
    yield from (f"{INDENT}{line}" for line in verdict_words(replace(it, why=rule_words(it.why)), one.verdicts))
    if not brief:
        yield f"SHA-256: {one.sha256}"
        yield ""
        yield from _quoted(one.text)


def _elsewhere(one: Stated, titles: Mapping[str, str]) -> Iterator[str]:
    from outreach.rules.sources import WORDS
    from outreach.rules.story import position_words

    if one.source is None:
        return
    name = f" ({one.source.name})" if one.source.name else ""
    yield ""
    whose = f", {one.institution}" if one.institution else ""
    yield f"── {one.source.taken_on}, {WORDS[one.source.kind]}{whose}{name}, written down by {one.by}"
    yield f"{INDENT}{titles.get(one.demand, one.demand)}: {position_words(one)}"


def _position(cell: Cell, title: str) -> Iterator[str]:
    from outreach.reports import cell_words
    from outreach.rules.story import position_words, source_words

    yield f"{title}: {cell_words(cell)}"
    one = cell.stated
    if one is None:
        return
    if one.quote:
        yield f"{INDENT}“{one.quote}”"
    if one.source:
        yield f"{INDENT}{source_words(one.source)}"
    yield f"{INDENT}written down by {one.by}, {one.at:%Y-%m-%d}" + (f": {one.note}" if one.note else "")
    for old in cell.earlier:
        said = f", “{old.quote}”" if old.quote else ""
        yield f"{INDENT}before: {position_words(old)}{said} ({old.by}, {old.at:%Y-%m-%d})"


def _quoted(text: str) -> Iterator[str]:
    return (Quoted(f"{INDENT}{line}" if line else "") for line in text.splitlines())
