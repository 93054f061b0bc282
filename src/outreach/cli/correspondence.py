"""outreach show: the whole correspondence with one state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from outreach.cli.app import app, office
from outreach.cli.args import CampaignName, Live, mode_of, state_code
from outreach.cli.show import banner, clean, plural

if TYPE_CHECKING:
    from outreach.model.dossier import Dossier, HeardMail, LetterTold
    from outreach.model.matrix import Cell

INDENT = "    "


@app.command()
def show(
    campaign: CampaignName,
    state: Annotated[str, typer.Argument(metavar="STATE", help="By code or name.")],
    live: Live = False,
    brief: Annotated[bool, typer.Option("--brief", help="Without the texts of letters and mails.")] = False,
) -> None:
    """Tell the whole correspondence with one state.

    The letters and what became of them, what came back, and the positions with their sentences.
    """
    from outreach.runner.show import show as run_show

    with office().desk(campaign, mode_of(live=live), only_looking=True) as desk:
        told = run_show(desk, state_code(state))
    print("\n".join(clean(line) for line in _lines(told, brief=brief)))


def _lines(told: Dossier, *, brief: bool) -> Iterator[str]:
    letters, mails = plural(len(told.letters), "letter"), plural(len(told.heard), "mail")
    yield f"{banner(told.mode)}. {told.state_name} ({told.state}) in {told.campaign}: {letters}, {mails} from there."
    for letter in told.letters:
        yield from _letter(letter, brief=brief)
    for skip in told.without:
        detail = f": {skip.detail}" if skip.detail and not skip.detail.startswith(skip.reason.value) else ""
        why = skip.detail if skip.detail.startswith(skip.reason.value) else f"{skip.reason.value}{detail}"
        yield from ("", f"── {skip.institution} ({skip.institution_name}): no letter, {why}")
    for mail in told.heard:
        yield from _mail(mail, brief=brief)
    yield from ("", f"── Positions of {told.state_name}")
    for cell in told.positions.cells:
        yield from _position(cell, told.titles.get(cell.demand, cell.demand))


def _letter(one: LetterTold, *, brief: bool) -> Iterator[str]:
    which = "letter" if one.step == 0 else f"chaser {one.step}"
    yield ""
    yield f"── {which} to {one.institution} ({one.name}), dated {one.dated}: {one.words}"
    yield f"To: {one.recipient}"
    yield f"Subject: {one.subject}"
    for event in one.happened:
        yield f"{INDENT}{event.at:%Y-%m-%d %H:%M} UTC  {event.words}" + (f" ({event.by})" if event.by else "")
    if one.text and not brief:
        yield ""
        yield from _indented(one.text.splitlines())


def _mail(one: HeardMail, *, brief: bool) -> Iterator[str]:
    from outreach.rules.story import HEARD

    it = one.heard
    yield ""
    simulated = ", SIMULATED" if it.rehearsal else ""
    yield f"── mail {it.id} from {it.institution or 'there'}, {it.at:%Y-%m-%d %H:%M} UTC{simulated}: {HEARD[it.kind]}"
    yield f"From: {it.sender}"
    yield f"Subject: {it.subject}"
    yield f"SHA-256: {one.sha256}"
    if one.text and not brief:
        yield ""
        yield from _indented(one.text.splitlines())


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


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"{INDENT}{line}" if line else "" for line in lines)
