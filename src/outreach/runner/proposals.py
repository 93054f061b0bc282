"""Proposals: what mails make us think should change, as a person reads it. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from outreach.model.campaign import Mode
from outreach.model.contact import AddressFacts, Contact
from outreach.model.proposal import REDIRECTING, Proposal, ProposalFate, ProposalKind, ProposalRow, Proposals
from outreach.rules.domains import domain_of, same_owner
from outreach.rules.readdress import alternative
from outreach.runner.desk import Desk
from outreach.runner.gather import contacts_of

NONE_NAMED = "none that can be read: read the mail"
NO_OTHER = "no other address: find one for its row, or write by post"


def proposals(desk: Desk, *, every: bool = False) -> Proposals:
    """Those that wait for a person, or `every` one."""
    found = [one for one in desk.ledger.proposals(desk.campaign.slug) if every or one.fate is ProposalFate.OPEN]
    contacts = contacts_of(desk) if found else ()
    facts = desk.ledger.address_facts()
    return Proposals(
        campaign=desk.campaign.slug,
        mode=desk.mode,
        at=desk.ledger.now(),
        rows=tuple(_row(desk, one, contacts, facts) for one in found),
    )


def next_of(desk: Desk, one: Proposal, contacts: Sequence[Contact]) -> Contact | None:
    """The contact that a bad address would make way for, by the sheet as it is now."""
    its = sorted((each for each in contacts if each.institution.id == one.change.institution), key=lambda c: c.rank)
    # A rehearsal's letter went to a box of its own, which stands for the first contact.
    its = its[1:] if desk.mode is Mode.REHEARSAL else its
    return alternative(its, one.change.was, desk.ledger.address_facts())


def _row(desk: Desk, one: Proposal, contacts: Sequence[Contact], facts: Mapping[str, AddressFacts]) -> ProposalRow:
    first = next((each for each in contacts if each.institution.id == one.change.institution), None)
    to, about = _to(desk, one, contacts, facts)
    return ProposalRow(proposal=one, name=first.institution.name if first else "", to=to, about=about)


def _to(desk: Desk, one: Proposal, contacts: Sequence[Contact], facts: Mapping[str, AddressFacts]) -> tuple[str, str]:
    change = one.change
    if one.ruling is not None and one.ruling.target is not None:
        return one.ruling.target.id, ""
    if one.ruling is not None and one.ruling.address:
        return one.ruling.address, _verified(one.ruling.address, facts)
    if change.kind is ProposalKind.NEXT_CONTACT and one.ruling is None:
        other = next_of(desk, one, contacts)
        if other is None or other.address is None:
            return "", NO_OTHER
        return other.address, f"its next contact; {_verified(other.address_norm, facts)}"
    if not change.now:
        return "", "" if change.kind is ProposalKind.NEXT_CONTACT else NONE_NAMED
    if change.kind not in REDIRECTING:
        return change.now, ""
    return change.now, f"{_verified(change.now, facts)}{_strange(one, contacts)}"


def _strange(one: Proposal, contacts: Sequence[Contact]) -> str:
    """Whoever wants letters sent to himself names a domain of his own."""
    its = [each for each in contacts if each.institution.id == one.change.institution]
    if not its:
        return "; it stands in no sheet now"
    here = domain_of(one.change.now)
    known = any(same_owner(here, domain_of(each.address_norm)) for each in its if each.address)
    return "" if known else f"; {here} is no domain of its row"


def _verified(address: str, facts: Mapping[str, AddressFacts]) -> str:
    known = facts.get(address.casefold())
    if known is None or known.verified_on is None:
        return "not verified yet"
    return f"verified on {known.verified_on} by {known.verified_by}"
