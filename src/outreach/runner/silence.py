"""What the ledger knows of each correspondence: the letters, what was heard, and how long it has been silent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from outreach.model.calendar import WorkCalendar
from outreach.model.campaign import Chasers, Mode
from outreach.model.contact import Contact, Institution
from outreach.model.correspondence import NotChased, Sent, Silence
from outreach.model.dispatch import CAMPAIGN_SENDER, Standing
from outreach.model.heard import Heard
from outreach.model.status import Status
from outreach.rules.routing import excluded_from
from outreach.rules.silence import silence, why_stopped
from outreach.runner.desk import Desk
from outreach.states import calendar_of

AHEAD = 3  #: years whose holidays are known beforehand: a chaser waits for less

_UNDER_WAY = frozenset({Status.CLAIMED, Status.COMMITTED, Status.IN_DOUBT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The correspondence with one institution that has a letter in the ledger, whatever became of it."""

    letters: tuple[Standing, ...]  #: the campaign's own, by step
    heard: tuple[Heard, ...]  #: the oldest first
    silence: Silence

    def at(self, step: int) -> Standing | None:
        """The letter of one step."""
        return next((one for one in self.letters if one.dispatch.step == step), None)


def cases(desk: Desk, contacts: Sequence[Contact] = ()) -> Mapping[str, Case]:
    """Every correspondence of the campaign, by institution.

    `contacts` are asked for another address where a letter has bounced; without them there is none.
    """
    letters: dict[str, list[Standing]] = defaultdict(list)
    for standing in desk.ledger.standings(desk.campaign.slug):
        if standing.dispatch.sender == CAMPAIGN_SENDER:
            letters[standing.dispatch.institution].append(standing)
    said: dict[str, list[Heard]] = defaultdict(list)
    for one in (*desk.ledger.heard(desk.campaign.slug), *desk.ledger.unread()):
        said[one.institution].append(one)
    now = now_of(desk)
    calendar = _calendars(letters, now)
    elsewhere = _other_contacts(desk, contacts)
    terms = desk.campaign.chasers or Chasers()
    return {
        institution: Case(
            letters=tuple(its),
            heard=tuple(sorted(said[institution], key=lambda one: one.at)),
            silence=silence(
                [sent for one in its if (sent := _sent(one)) is not None],
                said[institution],
                terms=terms,
                calendar=calendar(its[-1]),
                now=now,
                another_contact=elsewhere(its),
                closed=_left_out(desk, its[0]),
                recess=desk.campaign.recess,
                state=its[0].dispatch.state,
            ),
        )
        for institution, its in letters.items()
    }


def now_of(desk: Desk) -> datetime:
    """The moment as of which silence is counted: now, or the day that a rehearsal plays."""
    return desk.as_if or desk.ledger.now()


def stop_answered(desk: Desk) -> int:
    """Cancel the chasers of whoever has answered since they were prepared, or may have; how many there were."""
    slug, ledger = desk.campaign.slug, desk.ledger
    stopped: dict[NotChased, set[str]] = defaultdict(set)
    for one in (*ledger.heard(slug), *ledger.unread()):
        if why := why_stopped(one.kind, proven=one.proven):
            stopped[why].add(one.institution)
    return sum(ledger.stop_chasing(slug, who, why=why.value) for why, who in stopped.items())


def _sent(one: Standing) -> Sent | None:
    """A letter that left or may have left; None for one that waits, was refused or was taken back."""
    step = one.dispatch.step
    if one.status in _UNDER_WAY:
        return Sent(step=step, at=None)
    if one.status in {Status.ACCEPTED, Status.BOUNCED}:
        return Sent(step=step, at=one.sent_at or one.changed_at, bounced=one.status is Status.BOUNCED)
    if one.status is Status.ANONYMISED and one.sent_at is not None:
        return Sent(step=step, at=one.sent_at)
    return None


def _calendars(letters: Mapping[str, Sequence[Standing]], now: datetime) -> Callable[[Standing], WorkCalendar]:
    """Working days by the target's week and holidays; the office hours of the pace do not matter here."""
    begun = min((one.dispatch.dated.year for its in letters.values() for one in its), default=now.year)
    years = tuple(range(min(begun, now.year), now.year + AHEAD))

    return lambda one: calendar_of(
        one.dispatch.calendar, opens=time.min, closes=None, working_days_only=True, years=years
    )


def _other_contacts(desk: Desk, contacts: Sequence[Contact]) -> Callable[[Sequence[Standing]], bool]:
    """Whether an institution has an address that no letter has bounced from. A rehearsal writes to one box only."""
    if desk.mode is Mode.REHEARSAL:
        return lambda _: False
    facts = desk.ledger.address_facts()
    bad = {norm for norm, one in facts.items() if one.bounced_on or one.suppressed_on}
    known: dict[str, set[str]] = defaultdict(set)
    for one in contacts:
        if one.address:
            known[one.institution.id].add(one.address_norm)

    def elsewhere(letters: Sequence[Standing]) -> bool:
        tried = {one.dispatch.address_norm.partition(" ")[0] for one in letters}
        return bool(known[letters[0].dispatch.institution] - tried - bad)

    return elsewhere


def _left_out(desk: Desk, one: Standing) -> bool:
    it = one.dispatch
    institution = Institution(id=it.institution, state=it.state, role=it.role, name=it.institution_name)
    return excluded_from(desk.campaign.exclude, institution) is not None
