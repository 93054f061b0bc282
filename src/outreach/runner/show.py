"""Show: the whole correspondence with one state."""

from __future__ import annotations

from outreach.errors import UsageError
from outreach.model.campaign import Mode
from outreach.model.dispatch import Standing
from outreach.model.dossier import Dossier, Happened, HeardMail, LetterTold
from outreach.model.matrix import MatrixRow
from outreach.rules.log import WORDS
from outreach.rules.story import UNTOLD, event_words
from outreach.runner.desk import Desk
from outreach.runner.positions import positions
from outreach.states import state_name


def show(desk: Desk, state: str) -> Dossier:
    """Everything between the campaign and the state. Raises UsageError where there is nothing at all."""
    slug = desk.campaign.slug
    letters = tuple(_letter(desk, one) for one in desk.ledger.standings(slug) if one.dispatch.state == state)
    written = {one.institution for one in letters}
    skipped = desk.ledger.skipped(slug, desk.step)
    without = tuple(one for one in skipped if one.state == state and one.institution not in written)
    mails = (desk.answers.mail(slug, one.id) for one in desk.answers.heard(slug) if one.state == state)
    heard = tuple(sorted((mail for mail in mails if mail and _fits(desk, mail)), key=lambda one: one.heard.at))
    matrix = positions(desk)
    row = next((one for one in matrix.rows if one.state == state), None)
    if not (letters or without or heard or row):
        flag = " --live" if desk.mode is Mode.LIVE else ""
        raise UsageError(
            f"There is nothing between this campaign and {state_name(state)} in the {desk.mode.value} ledger.",
            where=desk.campaign.path,
            todo=f"`outreach log {slug}{flag}` lists the states of the plan.",
        )
    return Dossier(
        campaign=slug,
        mode=desk.mode,
        at=matrix.at,
        state=state,
        state_name=state_name(state),
        letters=letters,
        without=without,
        heard=heard,
        positions=row or MatrixRow(state=state, state_name=state_name(state), cells=()),
        titles={one.slug: one.title for one in matrix.demands},
    )


def _fits(desk: Desk, mail: HeardMail) -> bool:
    return not (mail.heard.rehearsal and desk.mode is Mode.LIVE)


def _letter(desk: Desk, standing: Standing) -> LetterTold:
    one = standing.dispatch
    letter = desk.ledger.letter(one.id)
    return LetterTold(
        institution=one.institution,
        name=one.institution_name,
        role=one.role,
        step=one.step,
        dated=one.dated,
        words=WORDS[standing.status][1],
        recipient=one.recipient,
        subject=letter.subject if letter else "",
        text=desk.letters.text(letter.raw) if letter else "",
        happened=tuple(
            Happened(at=event.at, words=event_words(event), by=event.by)
            for event in desk.ledger.events(desk.campaign.slug, one.id)
            if event.kind not in UNTOLD
        ),
    )
