"""Which step of letters somebody means who does not say it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from outreach.errors import UsageError
from outreach.model.campaign import Mode
from outreach.model.dispatch import Standing
from outreach.model.status import Status
from outreach.runner.desk import Desk


def with_drafts(desk: Desk, step: int | None = None) -> Iterator[Desk]:
    """The desks of the steps that have something to approve, the first letters first; of one step, if one is said."""
    if step is not None:
        yield at_step(desk, step)
        return
    found = {0} | {one.dispatch.step for one in desk.ledger.standings(desk.campaign.slug) if _to_approve(one)}
    yield from (replace(desk, step=one) for one in sorted(found))


def steps_there(desk: Desk) -> list[int]:
    """The steps of chasers that have a letter."""
    return sorted({one.dispatch.step for one in desk.ledger.standings(desk.campaign.slug)} - {0})


def latest(desk: Desk, names: Collection[str] = ()) -> Desk:
    """The desk of the newest letters to these states or institutions, or to anybody: where somebody looks first."""
    wanted = {one.casefold() for one in names}
    newest = 0
    for one in desk.ledger.standings(desk.campaign.slug):
        it = one.dispatch
        if not wanted or wanted & {it.state.casefold(), it.institution.casefold()}:
            newest = max(newest, it.step if one.status is not Status.CANCELLED else 0)
    return replace(desk, step=newest)


def at_step(desk: Desk, step: int) -> Desk:
    """The desk of one step. Raises UsageError when it has no letters."""
    if step and all(one.dispatch.step != step for one in desk.ledger.standings(desk.campaign.slug)):
        flag = " --live" if desk.mode is Mode.LIVE else ""
        raise UsageError(
            f"There is no letter of step {step}.",
            where="--step",
            todo=f"0 are the first letters; `outreach chase {desk.campaign.slug}{flag}` prepares reminders.",
        )
    return replace(desk, step=step)


def _to_approve(one: Standing) -> bool:
    return one.status is Status.DRAFT or (one.status is Status.QUEUED and not one.planned)
