"""What check and plan both begin with: the sheets read, the institutions identified, the plan made; nothing written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from outreach.errors import SheetError
from outreach.model.calendar import WorkCalendar
from outreach.model.campaign import Campaign, Mode
from outreach.model.contact import Contact, Institution, SheetRows
from outreach.model.dispatch import Plan, Planned, Skipped, SkipReason
from outreach.model.problem import Place, Problem, Severity
from outreach.model.status import GONE, Status
from outreach.rules.identity import Renamed, identify
from outreach.rules.languages import choose_languages
from outreach.rules.planning import Circumstances, make_plan
from outreach.rules.readdress import Readdressed, approved_addresses, readdress, stops
from outreach.rules.routing import demands_for
from outreach.runner.addressees import addressee_problems
from outreach.runner.desk import Desk
from outreach.runner.follow_ups import Chase, chase_of
from outreach.states import calendar_key, calendar_of, default_timezone, official_languages

_WAITING = frozenset({Status.DRAFT, Status.QUEUED, Status.HELD})
_NO_TABLE = frozenset({"no-header", "missing-column"})  #: codes of faults at a header for which no row below it is read
DATED_DAYS = 7  #: a letter not sent within so many days of the day it shows goes back to draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The sheets as read, with every problem on the way to a plan."""

    contacts: tuple[Contact, ...]  #: the sheets' own
    addressed: tuple[Contact, ...]  #: with the addresses that persons have approved in front
    problems: tuple[Problem, ...]
    renamed: tuple[Renamed, ...]
    rows: int
    plan: Plan
    lost: tuple[Skipped, ...] = ()  #: of the plan: rows at fault of which no institution could be read
    bad_rows: frozenset[Problem] = frozenset()  #: of `problems`: faults of rows, which can be left out

    @property
    def faults(self) -> tuple[Problem, ...]:
        """The problems that keep a plan from being made."""
        return tuple(one for one in self.problems if one.severity is Severity.FAULT)


def gather(desk: Desk) -> Gathered:
    """Read, identify and plan, without writing anything."""
    problems: list[Problem] = []
    read, unread = _read(desk, problems)
    contacts = [one for sheet in read for one in sheet.contacts]
    identified = identify(contacts, desk.ledger.known_institutions())
    problems += _twice(identified.contacts)
    problems += [_renamed_problem(one, desk.mode) for one in identified.renamed]
    roleless = [sheet.path for sheet in read if sheet.roleless]
    problems += addressee_problems(desk.campaign, identified.contacts, roleless=roleless)
    problems += desk.letters.problems(desk.campaign, step=desk.step)
    bad_rows = [one for one in problems if of_row(one, desk.campaign) and one not in unread]
    faults = _row_faults(bad_rows)
    approved = _readdressed(desk, identified.contacts)
    problems += _approval_problems(approved)
    given = circumstances(desk, approved, identified.renamed, faults)
    plan = make_plan(desk.campaign, approved.contacts, given)
    lost = _lost(faults, identified.contacts)
    plan = replace(plan, skipped=(*plan.skipped, *lost))
    problems += _no_language(desk, plan, approved.contacts, problems)
    return Gathered(
        contacts=identified.contacts,
        addressed=approved.contacts,
        problems=tuple(problems),
        renamed=identified.renamed,
        rows=sum(sheet.rows for sheet in read),
        plan=plan,
        lost=tuple(lost),
        bad_rows=frozenset(bad_rows),
    )


def contacts_of(desk: Desk) -> tuple[Contact, ...]:
    """The contacts as they are written to, for whoever only looks: what cannot be read is left out."""
    return _readdressed(desk, sheet_contacts(desk)).contacts


def sheet_contacts(desk: Desk) -> tuple[Contact, ...]:
    """The sheets' own contacts with their ids; what cannot be read is left out."""
    read, _ = _read(desk, [])
    contacts = [one for sheet in read for one in sheet.contacts]
    return identify(contacts, desk.ledger.known_institutions()).contacts


def _readdressed(desk: Desk, contacts: Sequence[Contact]) -> Readdressed:
    return readdress(contacts, approved_addresses(desk.ledger.proposals()))


Row = tuple[str, str, int]  #: path, worksheet, row


def _row(place: Place) -> Row:
    return place.path, place.sheet, place.row


def of_row(one: Problem, campaign: Campaign) -> bool:
    """Whether it is a fault at a row of the campaign's sheets."""
    return one.severity is Severity.FAULT and one.place.row > 0 and one.place.path in campaign.contacts


def _row_faults(bad_rows: Iterable[Problem]) -> dict[Row, str]:
    """The rows of the sheets that have a fault, each with its first."""
    found: dict[Row, str] = {}
    for one in bad_rows:
        found.setdefault(_row(one.place), one.found)
    return found


def _lost(faults: Mapping[Row, str], contacts: Iterable[Contact]) -> list[Skipped]:
    """Rows that gave no contact: they are somebody, and stand in every sum."""
    read = {_row(one.place) for one in contacts}
    return [
        Skipped(
            institution=f"{path}{f' [{sheet}]' if sheet else ''}:{row}",
            institution_name="",
            state="",
            role="",
            reason=SkipReason.FAULT,
            detail=found,
        )
        for (path, sheet, row), found in faults.items()
        if (path, sheet, row) not in read
    ]


def _read(desk: Desk, problems: list[Problem]) -> tuple[list[SheetRows], set[Problem]]:
    """The sheets, and the faults for which a whole one was not read.

    Such a fault may stand in a row, too; to leave that row out would forget everybody in the sheet.
    """
    sheets: list[SheetRows] = []
    unread: set[Problem] = set()
    for path in desk.campaign.contacts:
        try:
            sheet = desk.sheets.read(path, columns=desk.campaign.columns, encoding=desk.campaign.encoding)
        except SheetError as error:
            why = error.problems or [
                Problem(
                    severity=Severity.FAULT,
                    code="unreadable-sheet",
                    found=error.found,
                    todo=error.todo,
                    place=Place(path=path),
                )
            ]
            problems += why
            unread.update(why)
            continue
        if not sheet.rows and all(one.severity is not Severity.FAULT for one in sheet.problems):
            problems.append(_no_rows(path))
        problems += sheet.problems
        unread.update(one for one in sheet.problems if one.code in _NO_TABLE)
        sheets.append(sheet)
    return sheets, unread


def _no_rows(path: str) -> Problem:
    """A sheet without a row would cancel every letter of its institutions."""
    return Problem(
        severity=Severity.FAULT,
        code="no-rows",
        found="The sheet holds no institution.",
        todo="Fill it, or take it out of `contacts` in the campaign file.",
        place=Place(path=path),
    )


def _twice(contacts: Sequence[Contact]) -> list[Problem]:
    """An institution that stands in two sheets: which row counts must not be left to chance."""
    if len({contact.place.path for contact in contacts}) < 2:
        return []
    places: dict[str, dict[str, Place]] = {}
    for contact in contacts:
        places.setdefault(contact.institution.id, {}).setdefault(contact.place.path, contact.place)
    return [
        Problem(
            severity=Severity.FAULT,
            code="institution-twice",
            found=f'The institution "{identifier}" stands in {" and ".join(str(at[path]) for path in sorted(at))}.',
            todo="Keep it in one sheet. If they are two, give one another id, or another name where there is no id.",
        )
        for identifier, at in places.items()
        if len(at) > 1
    ]


def circumstances(
    desk: Desk, approved: Readdressed, renamed: Sequence[Renamed], faults: Mapping[Row, str]
) -> Circumstances:
    """What this desk's ledger and the states room add to a plan."""
    contacts = approved.contacts
    waiting: dict[str, str] = {}
    for one in renamed:
        waiting[one.new] = f"perhaps {one.vanished.id} ({one.vanished.name}) under a new name"
    boxes, standing = _history(desk, contacts)
    available = desk.letters.languages(desk.campaign, step=desk.step)
    chase = chase_of(desk, contacts, available) if desk.step else Chase()
    return Circumstances(
        mode=desk.mode,
        step=desk.step,
        today=desk.today,
        secret=desk.secret,
        facts=desk.ledger.address_facts(),
        languages=language_chooser(desk.campaign, available),
        clock=_clocks(),
        renamed=waiting,
        faulty={one.institution.id: faults[_row(one.place)] for one in contacts if _row(one.place) in faults},
        boxes=boxes,
        standing=standing,
        follow_ups=chase.follow_ups,
        not_chased=chase.not_chased,
        quiet=chase.quiet,
        taken=chase.taken,
        fronts=approved.fronts,
        stops=stops(desk.ledger.proposals(), approved.fronts),
    )


def _history(desk: Desk, contacts: Sequence[Contact]) -> tuple[dict[str, str], frozenset[str]]:
    """Who had, or is about to have, the letter of this step at which box; and everyone who has one in the ledger.

    A rehearsal's recipient is no box of a sheet: there the institution's address of today stands for it.
    """
    today = {one.institution.id: one.address_norm for one in contacts}
    boxes: dict[str, str] = {}
    standing: set[str] = set()
    for one in desk.ledger.standings(desk.campaign.slug, desk.step):
        it = one.dispatch.institution
        if one.status in GONE or (one.status in _WAITING and it not in today):
            # A box shared on purpose stands in the ledger with its institution behind it.
            box = one.dispatch.address_norm.partition(" ")[0] if desk.mode is Mode.LIVE else today.get(it, "")
            boxes[box] = it
        if one.status in GONE or one.status in _WAITING:
            standing.add(it)
    boxes.pop("", None)
    return boxes, frozenset(standing)


def language_chooser(
    campaign: Campaign, available: Mapping[str, frozenset[str]]
) -> Callable[[Institution, Sequence[str]], tuple[str, ...]]:
    """Languages by institution and demands, remembered: most institutions of a state share theirs."""
    known: dict[tuple[str, tuple[str, ...], tuple[str, ...]], tuple[str, ...]] = {}

    def choose(institution: Institution, demands: Sequence[str]) -> tuple[str, ...]:
        key = (institution.state, institution.languages, tuple(demands))
        if key not in known:
            known[key] = choose_languages(
                institution,
                official=official_languages(institution.state),
                languages=campaign.languages,
                available=available,
                demands=demands,
            )
        return known[key]

    return choose


def _clocks() -> Callable[[Institution], tuple[str, str]]:
    known: dict[tuple[str, str, str], tuple[str, str]] = {}

    def clock(institution: Institution) -> tuple[str, str]:
        key = (institution.state, institution.timezone, institution.working_days)
        if key not in known:
            zone = institution.timezone or default_timezone(institution.state)
            known[key] = (zone, calendar_key(institution))
        return known[key]

    return clock


def calendars_of(campaign: Campaign, keys: Iterable[str], today: date) -> dict[str, WorkCalendar]:
    """The working calendars that dispatches name by key, under the campaign's office hours as they are now."""
    pace = campaign.pace
    return {
        key: calendar_of(
            key,
            opens=pace.opens,
            closes=pace.closes,
            working_days_only=pace.working_days_only,
            years=(today.year, today.year + 1),
        )
        for key in keys
        if key
    }


def keep_dates(desk: Desk, plan: Plan, standing: Callable[[str], tuple[Status, date] | None]) -> Plan:
    """An approved letter keeps the day it shows while that day is fresh: a new day alone is not a change."""
    oldest = desk.today - timedelta(days=DATED_DAYS)

    def dated(one: Planned) -> Planned:
        now = standing(one.dispatch.id)
        if now is None or now[0] is not Status.QUEUED or not oldest <= now[1] <= desk.today:
            return one
        return replace(one, dispatch=replace(one.dispatch, dated=now[1]))

    return replace(plan, planned=tuple(dated(one) for one in plan.planned))


def _renamed_problem(one: Renamed, mode: Mode) -> Problem:
    flag = " --live" if mode is Mode.LIVE else ""
    old = one.vanished.id
    same = f"write {old} into its id" if one.own_id else f"say `outreach contacts same {old} {one.new}{flag}`"
    return Problem(
        severity=Severity.WARNING,
        code="renamed",
        found=f'"{one.new}" ({one.name}) is new while "{old}" ({one.vanished.name}) vanished: renamed? Both wait.',
        todo=f"If they are the same, {same}; if not, say `outreach contacts gone {old}{flag}`.",
        place=one.place,
    )


def _approval_problems(approved: Readdressed) -> list[Problem]:
    """Where a letter goes by a person's approval and not by the sheet, or no longer does."""
    found = [
        Problem(
            severity=Severity.NOTE,
            code="approved-address",
            found=f'"{one.institution}" is written to at {contact.address} ({one.source}), '
            + ("its next contact." if one.address_norm in one.row else "not in the sheet."),
            todo="" if one.address_norm in one.row else "Write it into the row when you edit it next.",
            place=contact.place,
        )
        for one, contact in approved.used
        if approved.fronts[one.institution] == one.address_norm
    ]
    last = {one.institution: (one, contact) for one, contact in approved.overruled}
    return found + [
        Problem(
            severity=Severity.WARNING,
            code="approval-overtaken",
            found=f'The row of "{one.institution}" was changed after {one.address} was approved ({one.source}): '
            "the row counts.",
            todo="Write the address into the row, if it is still right.",
            place=contact.place,
        )
        for one, contact in last.values()
    ]


_NO_TEMPLATE = frozenset({"missing-frame", "missing-template"})


def _no_language(desk: Desk, plan: Plan, contacts: Iterable[Contact], problems: Iterable[Problem]) -> list[Problem]:
    """A missing language is one finding per state, not one per row; none for a demand that has no letter at all."""
    said = any(one.severity is Severity.FAULT and one.code in _NO_TEMPLATE for one in problems)
    languages = desk.letters.languages(desk.campaign, step=desk.step) if said else {}
    silent = {slug for slug, those in languages.items() if not those}
    asked = {one.institution.id: demands_for(desk.campaign, one.institution) for one in contacts} if silent else {}
    missing = Counter(
        one.state
        for one in plan.skipped
        if one.reason is SkipReason.NO_LANGUAGE and silent.isdisjoint(asked.get(one.institution, ()))
    )
    return [
        Problem(
            severity=Severity.FAULT,
            code="missing-language",
            found=f"{count} institution{'s' if count > 1 else ''} of {state}: neither the state's own languages nor a "
            "fallback has all the letters.",
            todo="Write the missing templates, or name a fallback language in the campaign file.",
        )
        for state, count in sorted(missing.items())
    ]
