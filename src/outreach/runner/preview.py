"""Preview: the very bytes that wait in the ledger."""

from __future__ import annotations

from dataclasses import dataclass

from outreach.errors import UsageError
from outreach.model.campaign import Mode
from outreach.model.dispatch import Skipped, Standing
from outreach.model.letter import Letter
from outreach.model.status import Status
from outreach.runner.desk import Desk
from outreach.runner.planned import require_plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A frozen letter and its standing."""

    standing: Standing
    letter: Letter
    text: str
    html: str


def previews(desk: Desk, *, to: str | None = None) -> list[Preview]:
    """The letters to one state or institution, or the first of the plan. Raises UsageError when there is none."""
    require_plan(desk)
    flag = " --live" if desk.mode is Mode.LIVE else ""
    wanted = (to or "").casefold()
    found = []
    for standing in desk.ledger.standings(desk.campaign.slug, desk.step):
        one = standing.dispatch
        if wanted and wanted not in {one.state.casefold(), one.institution.casefold()}:
            continue
        letter = desk.ledger.letter(one.id)
        if letter is None:
            continue
        found.append(
            Preview(
                standing=standing,
                letter=letter,
                text=desk.letters.text(letter.raw),
                html=desk.letters.html(letter.raw),
            )
        )
        if not wanted:
            break
    if not found:
        raise UsageError(
            f'No letter to "{to}" is planned{_why(desk, wanted)}.' if to else "No letter is planned yet.",
            where=desk.campaign.path,
            todo=f"Run `outreach plan {desk.campaign.slug}{flag}`; it also says who is left out and why.",
        )
    return found


def others_of(desk: Desk, shown: Preview) -> list[str]:
    """The states of the other letters of this step, once for each letter; first those of another state."""
    states = [
        one.dispatch.state
        for one in desk.ledger.standings(desk.campaign.slug, desk.step)
        if one.dispatch.id != shown.standing.dispatch.id and one.status is not Status.CANCELLED
    ]
    return sorted(states, key=lambda one: one == shown.standing.dispatch.state)


def _why(desk: Desk, wanted: str) -> str:
    """Why the last plan left a state or an institution out, when it did."""
    why = [
        f"{one.institution} is left out: {_reason(one)}"
        for one in desk.ledger.skipped(desk.campaign.slug, desk.step)
        if wanted in {one.state.casefold(), one.institution.casefold()}
    ]
    return f" ({'; '.join(why)})" if why else ""


def _reason(one: Skipped) -> str:
    """`same box as bg-trade-1`; `excluded by the campaign: our partner writes there`."""
    if one.detail.startswith(one.reason.value):
        return one.detail
    return ": ".join(part for part in (one.reason.value, one.detail) if part)
