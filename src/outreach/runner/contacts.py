"""Contacts: a person verifies addresses, and settles whether a new institution is an old one renamed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from shlex import quote

from outreach.errors import UsageError
from outreach.model.contact import Contact, KnownInstitution
from outreach.model.problem import Severity
from outreach.rules.identity import identify
from outreach.rules.readdress import approved_addresses, readdress
from outreach.runner.ports import Ledger, SheetRows


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """Addresses that a person has vouched for."""

    addresses: tuple[str, ...]


def identified(ledger: Ledger, sheet: SheetRows) -> SheetRows:
    """The sheet with the ids that a plan gives to institutions without one of their own."""
    return replace(sheet, contacts=identify(sheet.contacts, ledger.known_institutions()).contacts)


def verify(
    ledger: Ledger, sheet: SheetRows, *, which: Collection[str], every: bool, by: str, on: date, today: date
) -> Verified:
    """Record that `by` found the addresses of institutions or states `which` (or `every` row's) right on `on`.

    Raises UsageError when nothing is chosen, nobody named, the day lies ahead, or a name is not in the sheet.
    """
    if not by.strip():
        raise UsageError("A verification needs a person's name.", todo="Say who checked with --by NAME.")
    if on > today:
        raise UsageError(f"{on} lies ahead: nobody has verified anything then.", todo="Give the day with --on.")
    if every == bool(which):
        raise UsageError(
            "Either name states, institutions or addresses, or say --all.",
            todo=f"`outreach contacts list {quote(sheet.path)}` shows them.",
        )
    chosen = sheet.contacts if every else _chosen(_with_approved(ledger, sheet), which)
    addresses = tuple(dict.fromkeys(one.address_norm for one in chosen if one.address))
    if not addresses:
        raise UsageError("There is no address in those rows: nothing was verified.", where=sheet.path)
    ledger.verify_addresses(addresses, by=by.strip(), on=on)
    return Verified(addresses=addresses)


def _with_approved(ledger: Ledger, sheet: SheetRows) -> SheetRows:
    """The sheet, and the addresses that persons have approved for its institutions."""
    its = identified(ledger, sheet)
    return replace(its, contacts=readdress(its.contacts, approved_addresses(ledger.proposals())).contacts)


def _chosen(sheet: SheetRows, which: Collection[str]) -> list[Contact]:
    asked = {one.casefold(): one for one in which}
    wanted = set(asked)
    chosen: list[Contact] = []
    seen: set[str] = set()
    for contact in sheet.contacts:
        names = {contact.institution.id.casefold(), contact.institution.state.casefold(), contact.address_norm} - {""}
        if names & wanted:
            chosen.append(contact)
            seen |= names & wanted
    if missing := sorted(wanted - seen):
        raise UsageError(
            f"Not in this sheet: {', '.join(asked[one] for one in missing)}.",
            where=sheet.path,
            todo=f"Name states, or institutions or addresses as "
            f"`outreach contacts list {quote(sheet.path)}` shows them.",
        )
    return chosen


def same(ledger: Ledger, sheets: Iterable[SheetRows], old: str, new: str) -> None:
    """Record that `new` is `old` under a new name. `sheets` are those of the campaigns that `old` stood in.

    Raises UsageError when `old` has not vanished or a row was not read, when they are of two states or roles, or when
    the sheet gives the id.
    """
    sheets = tuple(sheets)
    known, rows, own = _standing(ledger, sheets)
    _all_read(sheets, old)
    _still_here(rows, old, "OLD is the institution that vanished, NEW the one that came: `outreach check` names both.")
    was, row = known.get(old), rows.get(new)
    if was is not None and row is not None:
        it = row.institution
        if (it.state, it.role) != (was.state, was.role):
            raise UsageError(
                f'"{new}" is {it.state} {it.role}, "{old}" is {was.state} {was.role}: they are not the same.',
                where=str(row.place),
                todo="Correct the state or the role in the sheet, if one of them is wrong there.",
            )
        if new in own:
            raise UsageError(
                f'The sheet itself calls this institution "{new}".',
                where=str(row.place),
                todo=f"If it is the same, write {old} into its id there, and plan again.",
            )
    ledger.same_institution(old, new)


def gone(ledger: Ledger, sheets: Iterable[SheetRows], old: str) -> None:
    """Record that `old` is gone for good. Raises UsageError while it stands, or may, in its campaigns' `sheets`."""
    sheets = tuple(sheets)
    _, rows, _ = _standing(ledger, sheets)
    _all_read(sheets, old)
    _still_here(rows, old, "Take its rows out of the sheet, or leave it out by [[exclude]] in the campaign file.")
    ledger.forget_institution(old)


def _standing(
    ledger: Ledger, sheets: Iterable[SheetRows]
) -> tuple[dict[str, KnownInstitution], dict[str, Contact], set[str]]:
    """The institutions of earlier plans, those of the sheets as they are now, and the ids that the sheets give."""
    known = ledger.known_institutions()
    contacts = [one for sheet in sheets for one in sheet.contacts]
    rows: dict[str, Contact] = {}
    for one in identify(contacts, known).contacts:
        rows.setdefault(one.institution.id, one)
    return {one.id: one for one in known}, rows, {one.institution.id for one in contacts}


def _all_read(sheets: Iterable[SheetRows], old: str) -> None:
    """Raise UsageError where a row was not read: it may be that of the institution that seems to have vanished."""
    for one in (problem for sheet in sheets for problem in sheet.problems if problem.severity is Severity.FAULT):
        found = f'What cannot be read may be "{old}": {one.found}'
        raise UsageError(found, where=str(one.place), todo="Mend the sheet first; `outreach check` lists its faults.")


def _still_here(rows: dict[str, Contact], old: str, todo: str) -> None:
    if old in rows:
        found = f'"{old}" ({rows[old].institution.name}) is not gone: it stands here.'
        raise UsageError(found, where=str(rows[old].place), todo=todo)
