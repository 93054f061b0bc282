"""What a mail makes us think should change: values in, proposals out. Nothing here changes anything."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from outreach.model.collected import NOT_THEIRS, MatchRule
from outreach.model.inbound import Finding, FindingKind, InboundKind, Triage
from outreach.model.proposal import ProposalKind, Proposed

# Plain ASCII, as it can stand on any envelope and in any sheet; whatever else they wrote a person reads in the mail.
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PLAIN = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._%+'-]{{0,63}}@(?:{_LABEL}\.)+[A-Za-z]{{2,63}}")
_FOUND = {
    FindingKind.CONTACT_CHANGE: ProposalKind.NEW_ADDRESS,
    FindingKind.REFERRAL: ProposalKind.NEW_TARGET,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """To whom the letter went that a mail belongs to."""

    campaign: str
    institution: str
    state: str
    address: str  #: normalised; "" = no letter in particular
    ours: frozenset[str] = frozenset()  #: our own addresses, normalised


def may_propose(verdict: Triage) -> bool:
    """Whether it is worth the while to look up whom the mail is of: most propose nothing."""
    return verdict.kind is InboundKind.BOUNCE_HARD or any(one.kind in _FOUND for one in verdict.findings)


def proposals(verdict: Triage, to: Addressee, *, rule: MatchRule | None, keyed: bool) -> Iterator[Proposed]:
    """What a mail proposes that belongs to this addressee.

    A standard report that names our letter by its keyed id is not asked here: what it does is decided by
    `rules.returned`. Any other bounce changes nothing, and may at most propose.
    """
    if rule is None or rule in NOT_THEIRS:
        return
    if verdict.kind is InboundKind.BOUNCE_HARD and verdict.recipient.casefold() in {"", to.address} and to.address:
        yield next_contact(to, words=verdict.recipient, rule=verdict.rule, proven=keyed)
    for kind in _FOUND:
        yield from _of_kind([_found(one, to, proven=keyed) for one in verdict.findings if one.kind is kind])


def _of_kind(found: Sequence[Proposed]) -> Iterator[Proposed]:
    """Those that name somebody; where none does, one with all that was said: a person reads the mail anyway."""
    named = [one for one in found if one.now]
    if named or not found:
        yield from named
    else:
        yield replace(found[0], words=" ".join(one.words for one in found))


def next_contact(to: Addressee, *, words: str, rule: str, proven: bool, since: str = "") -> Proposed:
    """The address is bad: what its sheet has next is for whoever reads the sheet."""
    return Proposed(
        kind=ProposalKind.NEXT_CONTACT,
        campaign=to.campaign,
        institution=to.institution,
        state=to.state,
        was=to.address,
        words=words,
        rule=rule,
        proven=proven,
        since=since,
    )


def plain_address(value: str, besides: Collection[str] = ()) -> str:
    """The address, when it is a plain one and none of `besides`; else ""."""
    local, _, domain = value.strip("'. ").rpartition("@")
    found = f"{local}@{domain.lower()}"
    return found if _PLAIN.fullmatch(found) and found.casefold() not in besides else ""


def _found(one: Finding, to: Addressee, *, proven: bool) -> Proposed:
    return Proposed(
        kind=_FOUND[one.kind],
        campaign=to.campaign,
        institution=to.institution,
        state=to.state,
        was=to.address,
        now=plain_address(one.value, {*to.ours, to.address}),
        words=one.words,
        rule=one.rule,
        proven=proven,
    )
