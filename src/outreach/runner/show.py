"""Show: the whole correspondence with one state."""

from __future__ import annotations

from collections.abc import Iterator

from outreach.errors import UsageError
from outreach.model.campaign import Mode
from outreach.model.dispatch import Standing
from outreach.model.dossier import Dossier, Happened, HeardMail, LetterTold
from outreach.model.log import NOTHING
from outreach.model.matrix import MatrixRow
from outreach.model.position import SourceKind, Stated
from outreach.rules.log import WORDS
from outreach.rules.progress import likeliest
from outreach.rules.story import UNTOLD, event_words
from outreach.runner.desk import Desk
from outreach.runner.log import as_it_stands
from outreach.runner.planned import require_plan
from outreach.states import state_name


def show(desk: Desk, state: str) -> Dossier:
    """Everything between the campaign and the state. Raises UsageError where there is nothing at all."""
    slug, name = desk.campaign.slug, state_name(state)
    log = as_it_stands(desk)
    mine = next((one for one in log.states if one.state == state), None)
    letters = [_letter(desk, one) for one in desk.ledger.standings(slug) if one.dispatch.state == state]
    heard = tuple(one for one in desk.answers.mails(slug, state) if _fits(desk, one))
    row = next((one for one in log.matrix.rows if one.state == state), None)
    if not (mine or letters or heard):
        require_plan(desk)
        flag = " --live" if desk.mode is Mode.LIVE else ""
        raise UsageError(
            f"There is nothing between this campaign and {name} in the {desk.mode.value} ledger.",
            where=desk.campaign.path,
            todo=f"`outreach log {slug}{flag}` lists the states of the plan.",
        )
    rows = tuple(one for one in log.rows if one.state == state)
    its = frozenset(one.institution for one in rows)
    return Dossier(
        campaign=slug,
        mode=desk.mode,
        at=log.at,
        state=state,
        state_name=name,
        institutions=rows,
        next=mine.next if mine else NOTHING,
        letters=tuple(sorted(letters, key=lambda one: (one.at, one.step))),
        heard=tuple(sorted(heard, key=lambda one: one.heard.at)),
        elsewhere=tuple(_elsewhere(row)) if row else (),
        tray=tuple(one for one in desk.ledger.tray() if likeliest(one) & its),
        positions=row or MatrixRow(state=state, state_name=name, cells=()),
        titles={one.slug: one.title for one in log.matrix.demands},
    )


def _fits(desk: Desk, mail: HeardMail) -> bool:
    return not (mail.heard.rehearsal and desk.mode is Mode.LIVE)


def _elsewhere(row: MatrixRow) -> Iterator[Stated]:
    for cell in row.cells:
        for one in (cell.stated, *cell.earlier):
            if one is not None and one.source is not None and one.source.kind is not SourceKind.REPLY:
                yield one


def _letter(desk: Desk, standing: Standing) -> LetterTold:
    one = standing.dispatch
    letter = desk.ledger.letter(one.id)
    events = list(desk.ledger.events(desk.campaign.slug, one.id))
    return LetterTold(
        institution=one.institution,
        name=one.institution_name,
        role=one.role,
        step=one.step,
        at=standing.sent_at or events[0].at,
        dated=one.dated,
        words=WORDS[standing.status][1],
        recipient=one.recipient,
        subject=letter.subject if letter else "",
        text=desk.letters.text(letter.raw) if letter else "",
        happened=tuple(
            Happened(at=event.at, words=event_words(event), by=event.by) for event in events if event.kind not in UNTOLD
        ),
    )
