"""Contacts: a person verifies addresses, and settles whether a new institution is an old one renamed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from outreach.errors import UsageError
from outreach.model.contact import Contact
from outreach.runner.ports import Ledger, SheetRows


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """Addresses that a person has vouched for."""

    addresses: tuple[str, ...]


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
        raise UsageError("Say which: institution ids or states, or --all with --sheet.")
    chosen = sheet.contacts if every else _chosen(sheet, which)
    addresses = tuple(dict.fromkeys(one.address_norm for one in chosen if one.address))
    ledger.verify_addresses(addresses, by=by.strip(), on=on)
    return Verified(addresses=addresses)


def _chosen(sheet: SheetRows, which: Collection[str]) -> list[Contact]:
    wanted = {one.casefold() for one in which}
    chosen: list[Contact] = []
    seen: set[str] = set()
    for contact in sheet.contacts:
        names = {contact.institution.id.casefold(), contact.institution.state.casefold(), contact.address_norm} - {""}
        if names & wanted:
            chosen.append(contact)
            seen |= names & wanted
    if missing := sorted(wanted - seen):
        raise UsageError(f"Not in this sheet: {', '.join(missing)}.", where=sheet.path)
    return chosen
