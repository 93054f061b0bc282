"""A proposal in words for people."""

from __future__ import annotations

from outreach.model.collected import MatchRule
from outreach.model.proposal import Proposal, ProposalFate, ProposalKind

WHAT = {
    ProposalKind.NEXT_CONTACT: "its address is bad: write to its next contact",
    ProposalKind.NEW_ADDRESS: "they name another address: write there",
    ProposalKind.NEW_TARGET: "they say that somebody else is competent: a new target",
    ProposalKind.SENDER: "whoever sent this mail writes for it",
}
_UNPROVEN = {
    MatchRule.QUOTED: "our letter is quoted in it, and it answers no letter by its id",
    MatchRule.THEIRS: "it goes on in a thread of theirs",
    MatchRule.REFERENCE: "it only has their number for our letter",
    MatchRule.BESIDE: "it answers a supporter who wrote from their own mailbox",
    MatchRule.SENDER: "only its sender and its subject look right",
    MatchRule.PERSON: "a person said whose mail it is",
}


def not_proven(one: Proposal) -> str:
    """Why the mail may be anybody's; "" = it names our letter by what only its readers know."""
    if one.change.proven:
        return ""
    why = _UNPROVEN.get(one.match, "") if one.match else ""
    checked = "" if one.authentication in {"", "not checked"} else f"; our mail server: {one.authentication}"
    return f"not proven: {why or 'nothing in it shows that they had our letter'}{checked}"


def fate_words(one: Proposal) -> str:
    """`approved by Ana on 2026-03-03`; `dismissed by Bo on …: he is back`."""
    if one.ruling is None or one.ruled_at is None:
        return ProposalFate.OPEN.value
    why = f": {one.ruling.why}" if one.ruling.why else ""
    return f"{one.fate.value} by {one.ruling.by} on {one.ruled_at:%Y-%m-%d}{why}"


def mail_words(one: Proposal) -> str:
    """`mail 12 of 2026-03-03`."""
    return f"mail {one.mail}" + (f" of {one.received_at:%Y-%m-%d}" if one.received_at else "")
