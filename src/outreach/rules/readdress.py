"""Where an institution is written to, by its sheet and by what persons have approved since.

The sheet is the authority: an approval holds for the row as it was read then. Once somebody changes the addresses of
the row, the row alone counts again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from outreach.model.contact import AddressFacts, Contact
from outreach.model.proposal import REDIRECTING, Proposal, ProposalFate, ProposalKind

WAITS = "its next contact waits for approval: `outreach proposals`"
DISMISSED = "its next contact was dismissed: correct the row"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedAddress:
    """An address that a person has approved for an institution."""

    proposal: int
    institution: str
    address: str  #: as it stands on an envelope
    row: tuple[str, ...]  #: what the sheet had for it then, normalised
    by: str
    at: datetime
    mail: int

    @property
    def address_norm(self) -> str:
        """For comparison."""
        return self.address.casefold()

    @property
    def source(self) -> str:
        """Where it comes from, for people."""
        return f"mail {self.mail}, approved by {self.by} on {self.at:%Y-%m-%d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Readdressed:
    """The sheets' contacts, with what was approved in front."""

    contacts: tuple[Contact, ...]
    used: tuple[tuple[ApprovedAddress, Contact], ...] = ()  #: with the contact that it became
    overruled: tuple[tuple[ApprovedAddress, Contact], ...] = ()  #: with the first contact of the changed row
    fronts: Mapping[str, str] = field(default_factory=dict)  #: institution -> the address it is written to first


def approved_addresses(proposals: Iterable[Proposal]) -> tuple[ApprovedAddress, ...]:
    """What persons have approved, the oldest approval first."""
    found = [
        ApprovedAddress(
            proposal=one.id,
            institution=one.change.institution,
            address=one.ruling.address,
            row=one.ruling.row,
            by=one.ruling.by,
            at=one.ruled_at,
            mail=one.mail,
        )
        for one in proposals
        if one.change.kind in REDIRECTING and one.ruling and one.ruled_at and one.ruling.fate is ProposalFate.APPROVED
    ]
    return tuple(sorted(found, key=lambda one: (one.at, one.proposal)))


def row_of(contacts: Iterable[Contact]) -> tuple[str, ...]:
    """The addresses of one institution as its sheet has them: normalised, in their order."""
    ranked = sorted(contacts, key=lambda one: one.rank)
    return tuple(dict.fromkeys(one.address_norm for one in ranked if one.address))


def readdress(contacts: Sequence[Contact], approved: Iterable[ApprovedAddress]) -> Readdressed:
    """Put the approved addresses in front of their rows, the last approved first; made where the row has them not."""
    by_institution: dict[str, list[ApprovedAddress]] = defaultdict(list)
    for one in approved:
        by_institution[one.institution].append(one)
    if not by_institution:
        return Readdressed(contacts=tuple(contacts))
    groups: dict[str, list[Contact]] = defaultdict(list)
    for contact in contacts:
        if contact.institution.id in by_institution:
            groups[contact.institution.id].append(contact)
    used: list[tuple[ApprovedAddress, Contact]] = []
    overruled: list[tuple[ApprovedAddress, Contact]] = []
    for institution, group in groups.items():
        row = row_of(group)
        for one in by_institution[institution]:
            if one.row == row:
                used.append((one, _to_front(group, one)))
            elif one.address_norm not in row:
                overruled.append((one, group[0]))
        group.sort(key=lambda one: one.rank)
    made = [one for contact in contacts for one in groups.pop(contact.institution.id, _itself(contact, by_institution))]
    fronts = {one.institution: one.address_norm for one, _ in used}
    return Readdressed(contacts=tuple(made), used=tuple(used), overruled=tuple(overruled), fronts=fronts)


def alternative(contacts: Iterable[Contact], was: str, facts: Mapping[str, AddressFacts]) -> Contact | None:
    """The first contact of an institution, in its order, that is another address and not known to be bad."""
    ranked = sorted(contacts, key=lambda one: one.rank)
    return next((one for one in ranked if one.address and one.address_norm != was and not _is_bad(one, facts)), None)


def stops(proposals: Iterable[Proposal], fronts: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Institution -> addresses past which nobody is written to by themselves, with the words that say why.

    A bad address whose next one no person has approved; and an approved one, which no older one replaces unasked. What
    is not proven stops nothing.
    """
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for one in proposals:  # the last proposal about an address counts
        if one.change.kind is ProposalKind.NEXT_CONTACT and one.change.proven:
            found[one.change.institution].pop(one.change.was, None)
            if one.fate is not ProposalFate.APPROVED:
                words = WAITS if one.fate is ProposalFate.OPEN else DISMISSED
                found[one.change.institution][one.change.was] = words
    for institution, address in fronts.items():
        found[institution].setdefault(address, "")
    return dict(found)


def _to_front(group: list[Contact], one: ApprovedAddress) -> Contact:
    """Moves or makes the contact; what is made stands for the row that it was approved for."""
    first = min(group, key=lambda contact: contact.rank)
    known = next((contact for contact in group if contact.address_norm == one.address_norm), None)
    if known is not None:
        group.remove(known)
    made = replace(
        known or first,
        address=known.address if known else one.address,
        address_norm=one.address_norm,
        rank=first.rank - 1,
        allow_shared=bool(known and known.allow_shared),
        source=known.source if known else one.source,
        source_date=known.source_date if known else _day(one.at),
    )
    group.append(made)
    return made


def _itself(contact: Contact, moved: Mapping[str, object]) -> tuple[Contact, ...]:
    """A contact whose institution has no approval; the others stand where the first of their row stood."""
    return () if contact.institution.id in moved else (contact,)


def _is_bad(one: Contact, facts: Mapping[str, AddressFacts]) -> bool:
    known = facts.get(one.address_norm)
    if known is None:
        return False
    bounced = known.bounced_on is not None and (known.verified_on or date.min) <= known.bounced_on
    return bounced or known.suppressed_on is not None


def _day(at: datetime) -> date:
    return at.date()
