"""Rulings: a person approves or dismisses proposals. Approving is what applies them; nothing else does."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from outreach.errors import UsageError
from outreach.model.contact import Contact
from outreach.model.proposal import (
    REDIRECTING,
    NewRuling,
    Proposal,
    ProposalFate,
    ProposalKind,
    ProposalRow,
    Proposals,
    Target,
)
from outreach.rules.readdress import row_of
from outreach.runner.answer_ports import Interpreter
from outreach.runner.collect import make_book, match_again
from outreach.runner.desk import Desk
from outreach.runner.gather import contacts_of, sheet_contacts
from outreach.runner.interpret import Desk as MailDesk
from outreach.runner.proposals import next_of, proposals


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a person says of proposals."""

    numbers: tuple[int, ...]
    by: str
    why: str = ""  #: of a dismissal
    verified: bool = False  #: of an approval: this person has checked the address, too
    target: Target | None = None  #: of a referral: who that is; its state "" = the state of whoever refers


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """The proposals as they are now."""

    rows: tuple[ProposalRow, ...]
    moved: int = 0  #: mails of the tray that belong somewhere now


def approve(desk: Desk, said: Said, interpreter: Interpreter, *, own: Collection[str] = (), server: str = "") -> Ruled:
    """Approve proposals, all or none. Raises UsageError where one cannot be, or a name or a target is missing."""
    chosen = _chosen(desk, said)
    if said.verified and not any(one.change.kind in REDIRECTING for one in chosen):
        raise UsageError("None of these changes where letters go.", where="--verified", todo="Leave it out.")
    targets = [one for one in chosen if one.change.kind is ProposalKind.NEW_TARGET]
    if said.target is not None and len(targets) != 1:
        raise UsageError("--id and --role say who one referral names.", todo="Approve one referral at a time.")
    sheet, contacts = sheet_contacts(desk), contacts_of(desk)
    rulings = [_ruling(desk, one, said, sheet, contacts) for one in chosen]
    for one in rulings:
        if one.address.casefold() in own:
            raise UsageError(f"{one.address} is an address of our own.", where=str(one.proposal), todo="Dismiss it.")
    desk.ledger.settle_proposals(rulings, verified=said.verified, today=desk.today)
    book = make_book(desk.ledger, own, desk.secret)
    mails = MailDesk(desk.ledger, interpreter, book, server=server, secret=desk.secret)
    moved = match_again(desk.ledger, mails)
    return Ruled(rows=_rows(desk, said), moved=moved)


def dismiss(desk: Desk, said: Said) -> Ruled:
    """Dismiss proposals, all or none, for a reason. Raises UsageError."""
    _chosen(desk, said)
    if not said.why.strip():
        raise UsageError("Whoever dismisses a proposal says why: it is kept.", todo='Add --reason "…".')
    by, why = said.by.strip(), said.why.strip()
    rulings = [NewRuling(proposal=one, fate=ProposalFate.DISMISSED, by=by, why=why) for one in said.numbers]
    desk.ledger.settle_proposals(rulings, verified=False, today=desk.today)
    return Ruled(rows=_rows(desk, said))


def _chosen(desk: Desk, said: Said) -> list[Proposal]:
    if not said.by.strip():
        raise UsageError("Whoever settles a proposal says who.", todo="Add --by NAME.")
    known = {one.id: one for one in desk.ledger.proposals(desk.campaign.slug)}
    for number in said.numbers:
        one = known.get(number)
        if one is None:
            raise UsageError(
                f"There is no proposal {number} in this {desk.mode.value} campaign.",
                todo=f"`outreach proposals {desk.campaign.slug}` lists those that are open.",
            )
        if one.ruling is not None and one.ruled_at is not None:
            raise UsageError(
                f"Proposal {number} is settled: {one.fate.value} by {one.ruling.by} on {one.ruled_at:%Y-%m-%d}.",
                todo=f"`outreach proposals {desk.campaign.slug} --all` shows it.",
            )
    return [known[number] for number in said.numbers]


def _ruling(desk: Desk, one: Proposal, said: Said, sheet: Sequence[Contact], contacts: Sequence[Contact]) -> NewRuling:
    by, kind = said.by.strip(), one.change.kind
    if kind is ProposalKind.NEW_TARGET:
        return NewRuling(proposal=one.id, fate=ProposalFate.APPROVED, by=by, target=_target(one, said))
    if kind not in REDIRECTING:
        return NewRuling(proposal=one.id, fate=ProposalFate.APPROVED, by=by)
    its = [each for each in sheet if each.institution.id == one.change.institution]
    if not its:
        raise UsageError(
            f'"{one.change.institution}" stands in no sheet of the campaign: nobody can be written to there.',
            where=f"proposal {one.id}",
            todo="Put its row back, or dismiss the proposal.",
        )
    address = _address(desk, one, its[0], contacts)
    return NewRuling(proposal=one.id, fate=ProposalFate.APPROVED, by=by, address=address, row=row_of(its))


def _address(desk: Desk, one: Proposal, its: Contact, contacts: Sequence[Contact]) -> str:
    if one.change.kind is ProposalKind.NEW_ADDRESS:
        if one.change.now:
            return one.change.now
        found = f"Mail {one.mail} names no address that can be read here."
        todo = "Read it, write the address into the row, and dismiss this proposal."
    else:
        other = next_of(desk, one, contacts)
        if other is not None and other.address:
            return other.address
        found = f'"{one.change.institution}" has no other address: find one, or write by post.'
        todo = "Write another address into the row, then approve this proposal."
    raise UsageError(found, where=f"proposal {one.id}, {its.place}", todo=todo)


def _target(one: Proposal, said: Said) -> Target:
    if said.target is None or not said.target.id.strip() or not said.target.role.strip():
        raise UsageError(
            f"Who is meant in mail {one.mail}? An institution has an id and a role.",
            where=f"proposal {one.id}",
            todo='Add --id ID --role ROLE, and --name "…" and --state STATE where they help.',
        )
    its = said.target
    return Target(id=its.id.strip(), role=its.role.strip(), name=its.name.strip(), state=its.state or one.change.state)


def _rows(desk: Desk, said: Said) -> tuple[ProposalRow, ...]:
    made: Proposals = proposals(desk, every=True)
    return tuple(one for one in made.rows if one.proposal.id in said.numbers)
