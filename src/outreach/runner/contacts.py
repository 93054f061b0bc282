"""Contacts: a person verifies addresses, and settles whether a new institution is an old one renamed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from outreach.errors import UsageError
from outreach.model.contact import Contact
from outreach.rules.identity import identify
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
            todo=f"`outreach contacts list {sheet.path}` shows them.",
        )
    chosen = sheet.contacts if every else _chosen(identified(ledger, sheet), which)
    addresses = tuple(dict.fromkeys(one.address_norm for one in chosen if one.address))
    if not addresses:
        raise UsageError("There is no address in those rows: nothing was verified.", where=sheet.path)
    ledger.verify_addresses(addresses, by=by.strip(), on=on)
    return Verified(addresses=addresses)


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
            todo=f"Name states by their code, such as BG, or institutions or addresses as "
            f"`outreach contacts list {sheet.path}` shows them.",
        )
    return chosen
