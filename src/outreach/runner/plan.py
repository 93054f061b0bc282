"""Plan: render and freeze every letter in the ledger as a draft; say who gets what, who does not, and what changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from outreach.errors import LetterError
from outreach.model.campaign import Mode
from outreach.model.dispatch import Dispatch, Plan, Planned, Skipped, SkipReason
from outreach.model.letter import Letter
from outreach.model.problem import Problem, Severity
from outreach.model.status import GONE, HeldReason, Status
from outreach.rules.identity import Renamed
from outreach.rules.pacing import Candidate
from outreach.rules.schedule import forecast
from outreach.runner.check import campaign_problems, doubled_boxes
from outreach.runner.desk import Desk
from outreach.runner.gather import Gathered, calendars_of, gather, keep_dates, of_row
from outreach.runner.letter_faults import each_once, letter_problems
from outreach.runner.ports import PlanBook, PlanTotals

CHUNK = 500  #: letters rendered between two writes: memory stays flat


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    """A written plan, or the faults for which none was written."""

    plan: Plan
    problems: tuple[Problem, ...]
    totals: PlanTotals | None  #: None = nothing was written
    bad_rows: int = 0  #: where nothing was written: of the faults, those of rows, which can be left out
    names: Mapping[str, str] = field(default_factory=dict)  #: dispatch id of `totals` -> its institution

    @property
    def faults(self) -> tuple[Problem, ...]:
        """What kept the plan from being written, or the rows that were left out of it."""
        return tuple(one for one in self.problems if one.severity is Severity.FAULT)


def plan(
    desk: Desk, *, skip_bad_rows: bool = False, redraft: bool = False, progress: Callable[[int], None] = lambda _: None
) -> Planning:
    """Plan one step of the campaign.

    With any fault nothing is written. `skip_bad_rows` leaves out the rows and letters at fault and says so; faults of
    the campaign file or its templates still stop it. `redraft` takes approved letters back to draft when their row or
    template has changed. `progress` is told how many letters have been rendered.
    """
    gathered = gather(desk)
    problems = [*campaign_problems(desk), *gathered.problems]
    problems += doubled_boxes(gathered)
    stake = _at_stake(desk, gathered) if skip_bad_rows else []
    problems += stake
    if stake or any(not skip_bad_rows or one not in gathered.bad_rows for one in gathered.faults):
        return Planning(plan=gathered.plan, problems=tuple(problems), totals=None, bad_rows=len(gathered.bad_rows))
    _hold_vanished(desk, gathered.renamed)
    rendering = _Rendering(desk)
    made = gathered.plan
    try:
        with desk.ledger.planning(desk.campaign.slug, desk.step, redraft=redraft) as book:
            made = keep_dates(desk, gathered.plan, _status_and_date(book))
            for chunk in _chunks(made.planned):
                rendering.write(book, chunk)
                progress(rendering.seen)
            if rendering.left_out and not skip_bad_rows:
                raise _FaultyLetters
            book.skip([*made.skipped, *rendering.left_out])
            totals = book.finish()
    except _FaultyLetters:
        told = _once(problems, rendering)
        bad = sum(of_row(one, desk.campaign) for one in told)
        return Planning(plan=made, problems=told, totals=None, bad_rows=bad)
    waiting = {name for one in gathered.renamed for name in (one.vanished.id, one.new)}
    for sheet in desk.campaign.contacts:
        contacts = [one for one in gathered.contacts if one.place.path == sheet]
        desk.ledger.remember_institutions(sheet, contacts, waiting=waiting)
    return Planning(
        plan=_without(made, rendering.left_out),
        problems=_once(problems, rendering),
        totals=totals,
        names=_names(desk, made, totals),
    )


def _names(desk: Desk, made: Plan, totals: PlanTotals) -> dict[str, str]:
    """Whose each letter is: of those in the plan, and of those that are no longer."""
    names = {one.dispatch.id: one.dispatch.institution for one in made.planned}
    vanished = {*totals.vanished_drafts, *totals.vanished_queued}
    standings = desk.ledger.standings(desk.campaign.slug, desk.step) if vanished else ()
    names.update((one.dispatch.id, one.dispatch.institution) for one in standings if one.dispatch.id in vanished)
    return names


def _hold_vanished(desk: Desk, renamed: Sequence[Renamed]) -> None:
    """A letter to an institution that may be another by now must not leave before a person has said."""
    vanished = {one.vanished.id: one.new for one in renamed}
    for standing in list(desk.ledger.standings(desk.campaign.slug)) if vanished else ():
        new = vanished.get(standing.dispatch.institution)
        if new is not None and standing.status in {Status.DRAFT, Status.QUEUED}:
            desk.ledger.hold([standing.dispatch.id], HeldReason.RENAMED, why=f"perhaps it is {new} now")


class _FaultyLetters(Exception):
    """Undoes the transaction of a plan whose letters have faults."""


@dataclass
class _Rendering:
    """The letters of a plan being rendered, chunk by chunk."""

    desk: Desk
    seen: int = 0
    problems: list[tuple[Planned, Problem]] = field(default_factory=list)
    left_out: list[Skipped] = field(default_factory=list)

    def write(self, book: PlanBook, chunk: Sequence[Planned]) -> None:
        letters: list[tuple[Dispatch, Letter]] = []
        gone: list[str] = []
        for one in chunk:
            self.seen += 1
            now = book.standing(one.dispatch.id)
            # A first letter that bounced begins again once its address is another; the ledger compares them. A chaser
            # has used its step: the next one goes elsewhere.
            again = now is not None and now.status is Status.BOUNCED and not self.desk.step
            if now is not None and now.status in GONE and not again:
                gone.append(one.dispatch.id)
                continue
            try:
                letter = self.desk.letters.compose(one, self.desk.campaign, mode=self.desk.mode)
            except LetterError as error:
                self._leave_out(one, letter_problems(error, one))
            else:
                letters.append((one.dispatch, letter))
        book.draft(letters)
        book.keep(gone)

    def _leave_out(self, one: Planned, why: list[Problem]) -> None:
        self.problems += ((one, problem) for problem in why)
        it = one.contact.institution
        self.left_out.append(
            Skipped(
                institution=it.id,
                institution_name=it.name,
                state=it.state,
                role=it.role,
                reason=SkipReason.FAULT,
                detail=why[0].found,
                post=one.contact.post,
                form=one.contact.form,
            )
        )


def _at_stake(desk: Desk, gathered: Gathered) -> list[Problem]:
    """Leaving out a row must not take back a letter that a person has approved."""
    here = {one.institution.id for one in gathered.contacts}
    left_out = {one.institution for one in gathered.plan.skipped if one.reason is SkipReason.FAULT}
    approved = {
        one.dispatch.institution
        for one in desk.ledger.standings(desk.campaign.slug, desk.step)
        if one.status is Status.QUEUED and one.planned
    }
    stake = approved & left_out
    if gathered.lost:
        stake |= approved - here
    if not stake:
        return []
    some = ", ".join(sorted(stake)[:5])
    return [
        Problem(
            severity=Severity.FAULT,
            code="approved-row",
            found=f"{some}: an approved letter waits, and what may be its row has a fault.",
            todo="Mend the row first: to leave it out would cancel the letter.",
        )
    ]


def _status_and_date(book: PlanBook) -> Callable[[str], tuple[Status, date] | None]:
    def standing(dispatch: str) -> tuple[Status, date] | None:
        now = book.standing(dispatch)
        return None if now is None else (now.status, now.dispatch.dated)

    return standing


def _once(problems: Sequence[Problem], rendering: _Rendering) -> tuple[Problem, ...]:
    return tuple(dict.fromkeys([*problems, *each_once(rendering.problems, problems)]))


def _without(made: Plan, left_out: Sequence[Skipped]) -> Plan:
    if not left_out:
        return made
    out = {one.institution for one in left_out}
    kept = tuple(one for one in made.planned if one.dispatch.institution not in out)
    return replace(made, planned=kept, skipped=(*made.skipped, *left_out))


def _chunks(planned: Sequence[Planned]) -> Iterator[Sequence[Planned]]:
    for start in range(0, len(planned), CHUNK):
        yield planned[start : start + CHUNK]


def calendar(desk: Desk, made: Plan, *, start: datetime) -> list[tuple[Planned, datetime]]:
    """When each letter that has not gone would leave live, sending from `start`, by the rule that lets them go."""
    pace = desk.campaign.pace
    gone = {
        one.dispatch.id
        for one in desk.ledger.standings(desk.campaign.slug, desk.step)
        if one.status not in {Status.DRAFT, Status.QUEUED}
    }
    rehearsal = desk.mode is Mode.REHEARSAL  # what it has sent has used up nothing of the live pace
    left = {one.dispatch.id: one for one in made.planned if rehearsal or one.dispatch.id not in gone}
    longest = max((one.seconds for one in (*pace.account, *pace.domain, *pace.institution)), default=0)
    times = forecast(
        [_candidate(one) for one in left.values()],
        pace=pace,
        calendars=calendars_of(desk.campaign, {one.dispatch.calendar for one in left.values()}, start.date()),
        start=start,
        granted=() if rehearsal else desk.ledger.granted(start - timedelta(seconds=longest)),
    )
    return [(left[identifier], at) for identifier, at in times]


def _candidate(one: Planned) -> Candidate:
    """A planned letter as the rule of pace will see it live: by the domain of its real address."""
    return Candidate(
        dispatch=one.dispatch.id,
        institution=one.dispatch.institution,
        domain=(one.contact.address or one.dispatch.recipient).rpartition("@")[2],
        calendar=one.dispatch.calendar,
    )
