"""The plan: every institution of the sheets becomes one dispatch or is skipped with its reason. Nobody is forgotten."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from outreach.model.campaign import Campaign, Chasers, Mode
from outreach.model.contact import AddressFacts, Contact, Institution
from outreach.model.correspondence import NotChased
from outreach.model.dispatch import CAMPAIGN_SENDER, Dispatch, Plan, Planned, Skipped, SkipReason
from outreach.rules.chasing import FollowUp, is_quiet, next_contact
from outreach.rules.identity import dispatch_id
from outreach.rules.routing import demands_for, unmet, why_none

REHEARSAL_DOMAIN = "rehearsal.example"
_LOCAL_PART = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a plan depends on besides the campaign and its contacts."""

    mode: Mode
    step: int
    today: date
    secret: bytes
    facts: Mapping[str, AddressFacts] = field(default_factory=dict)  #: by normalised address
    languages: Callable[[Institution, Sequence[str]], tuple[str, ...]]  #: () = no usable language
    clock: Callable[[Institution], tuple[str, str]]  #: (IANA zone, calendar key) of the target
    renamed: Mapping[str, str] = field(default_factory=dict)  #: institution id -> what it may be renamed from or to
    faulty: Mapping[str, str] = field(default_factory=dict)  #: institution id -> the fault that keeps it out
    boxes: Mapping[str, str] = field(default_factory=dict)  #: address_norm -> the institution that had its letter there
    standing: frozenset[str] = frozenset()  #: institutions that have a letter of this step in the ledger
    sender: str = CAMPAIGN_SENDER
    # what a chaser's plan depends on besides
    follow_ups: Mapping[str, FollowUp] = field(default_factory=dict)  #: institution id -> whom this step follows
    not_chased: Mapping[str, str] = field(default_factory=dict)  #: institution id -> why it is not reminded
    quiet: frozenset[str] = frozenset()  #: address_norm of whoever has answered
    taken: Mapping[str, str] = field(default_factory=dict)  #: address_norm -> the institution that is written to there
    # what persons have approved, or have yet to
    fronts: Mapping[str, str] = field(default_factory=dict)  #: institution id -> the address that was approved for it
    stops: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  #: institution id -> see rules.readdress.stops


def make_plan(campaign: Campaign, contacts: Iterable[Contact], given: Circumstances) -> Plan:
    """Plan one step: `len(planned) + len(skipped)` is the number of institutions in `contacts`."""
    groups: dict[str, list[Contact]] = {}
    for contact in contacts:
        groups.setdefault(contact.institution.id, []).append(contact)
    ready: list[_Ready] = []
    skipped: list[Skipped] = []
    for group in groups.values():
        group.sort(key=lambda contact: contact.rank)
        one = _one(campaign, group, given)
        if isinstance(one, Skipped):
            skipped.append(one)
        else:
            ready.append(one)
    owners = _owners(ready, given)
    planned: list[Planned] = []
    for one in ready:
        owner = owners.get(one.contact.address_norm, one.institution)
        if owner == one.institution:
            dispatch = _dispatch(campaign, one.contact, one.demands, one.languages, given)
            follow_up = given.follow_ups.get(one.institution)
            thread = follow_up.thread if follow_up else None
            planned.append(Planned(dispatch=dispatch, contact=one.contact, thread=thread))
        else:
            skipped.append(_skip(one.contact, SkipReason.SAME_BOX, f"same box as {owner}"))
    return Plan(campaign=campaign.slug, step=given.step, planned=tuple(planned), skipped=tuple(skipped))


class _Ready(NamedTuple):
    """An institution that may be written to, if its box is its own."""

    contact: Contact
    demands: tuple[str, ...]
    languages: tuple[str, ...]

    @property
    def institution(self) -> str:
        return self.contact.institution.id


def _one(campaign: Campaign, group: Sequence[Contact], given: Circumstances) -> _Ready | Skipped:
    first = group[0]
    it = first.institution
    follow_up = given.follow_ups.get(it.id)
    if given.step and follow_up is None:
        return _skip(first, SkipReason.NOT_CHASED, given.not_chased.get(it.id, NotChased.NOT_WRITTEN.value))
    if it.id in given.faulty:
        return _skip(first, SkipReason.FAULT, given.faulty[it.id])
    demands = asked = demands_for(campaign, it)
    if follow_up is not None:
        demands = tuple(one for one in asked if one in follow_up.demands)
    if not demands:
        if why := why_none(campaign, it):
            return _skip(first, SkipReason.EXCLUDED, why)
        return _skip(first, SkipReason.NO_DEMAND, "" if asked else unmet(campaign, it))
    if it.id in given.renamed:
        return _skip(first, SkipReason.RENAMED, given.renamed[it.id])
    contact = _chased(group, campaign, given, follow_up) if follow_up else _usable(group, campaign, given)
    if isinstance(contact, Skipped):
        return contact
    languages = (follow_up.languages if follow_up else ()) or given.languages(it, demands)
    if not languages:
        return _skip(first, SkipReason.NO_LANGUAGE)
    return _Ready(contact, demands, languages)


def _owners(ready: Sequence[_Ready], given: Circumstances) -> dict[str, str]:
    """Who gets the one letter to each box, whatever the order of the rows; boxes that all their rows share have none.

    Whoever had it before; else whoever has it in the ledger now; else whoever is asked for the most; else the first id.
    """
    alone = {one.contact.address_norm for one in ready if not one.contact.allow_shared} - {""}
    owners: dict[str, str] = {}
    best: dict[str, tuple[bool, int, str]] = {}
    for one in ready:
        box = one.contact.address_norm
        if box in alone:
            claim = (one.institution not in given.standing, -len(one.demands), one.institution)
            if box not in best or claim < best[box]:
                best[box] = claim
                owners[box] = one.institution
    return owners | {box: owner for box, owner in given.boxes.items() if box in owners}


def _dispatch(
    campaign: Campaign, contact: Contact, demands: tuple[str, ...], languages: tuple[str, ...], given: Circumstances
) -> Dispatch:
    it = contact.institution
    identifier = dispatch_id(
        given.secret,
        mode=given.mode,
        campaign=campaign.slug,
        step=given.step,
        institution=it.id,
        sender=given.sender,
    )
    if given.mode is Mode.LIVE:
        recipient = contact.address or ""
        unique = f"{contact.address_norm} {it.id}" if contact.allow_shared else contact.address_norm
    else:
        recipient = unique = f"{rehearsal_box(it.id, identifier)}@{REHEARSAL_DOMAIN}"
    zone, calendar = given.clock(it)
    return Dispatch(
        id=identifier,
        campaign=campaign.slug,
        step=given.step,
        sender=given.sender,
        institution=it.id,
        institution_name=it.name,
        state=it.state,
        role=it.role,
        recipient=recipient,
        address_norm=unique,
        demands=demands,
        languages=languages,
        timezone=zone,
        calendar=calendar,
        dated=given.today,
    )


def rehearsal_box(institution: str, identifier: str) -> str:
    """The local part of a rehearsal's address: the institution's id where that is a plain one, else the dispatch's."""
    plain = _LOCAL_PART.fullmatch(institution) and ".." not in institution
    return institution if plain else identifier


def _usable(group: Sequence[Contact], campaign: Campaign, given: Circumstances) -> Contact | Skipped:
    """The first contact that may be written to; else the reason of the first that has an address."""
    if given.mode is Mode.REHEARSAL:
        return group[0]
    found: Skipped | None = None
    stops = given.stops.get(group[0].institution.id, {})
    for contact in _up_to_a_stop(group, campaign, given):
        why = unusable(contact, given.facts, today=given.today, months=campaign.verified_within_months)
        if why is None:
            return contact
        reason, detail = why
        if found is None or found.reason is SkipReason.NO_EMAIL:
            found = _skip(contact, reason, "; ".join(filter(None, (detail, stops.get(contact.address_norm)))))
    assert found is not None  # noqa: S101  a group has a contact
    return found


def _up_to_a_stop(group: Sequence[Contact], campaign: Campaign, given: Circumstances) -> list[Contact]:
    """The contacts that may come into question by themselves: none behind one that may not be written to and that
    waits for a person's word.
    """
    stops = given.stops.get(group[0].institution.id, {})
    found: list[Contact] = []
    for contact in group:
        found.append(contact)
        if contact.address_norm in stops and unusable(
            contact, given.facts, today=given.today, months=campaign.verified_within_months
        ):
            break
    return found


def _chased(
    group: Sequence[Contact], campaign: Campaign, given: Circumstances, follow_up: FollowUp
) -> Contact | Skipped:
    """The contact that a chaser goes to; else why none of them may be written to."""
    rehearsal = given.mode is Mode.REHEARSAL
    months = campaign.verified_within_months
    asked = group if rehearsal else _up_to_a_stop(group, campaign, given)
    usable = [one for one in asked if rehearsal or unusable(one, given.facts, today=given.today, months=months) is None]
    if not usable:
        return _usable(group, campaign, given)
    loud = [one for one in usable if not is_quiet(one, given.quiet)]
    if not loud:
        return _skip(usable[0], SkipReason.NOT_CHASED, "whoever reads its box has answered for another institution")
    its = usable[0].institution.id
    own = [one for one in loud if one.allow_shared or given.taken.get(one.address_norm, its) == its]
    if not own:
        owner = given.taken[loud[0].address_norm]
        return _skip(loud[0], SkipReason.SAME_BOX, f"same box as {owner}")
    terms = campaign.chasers or Chasers()
    return next_contact(
        own,
        step=given.step,
        written=follow_up.written,
        second_contact=terms.second_contact,
        mode=given.mode,
        approved=given.fronts.get(its, ""),
    )


def unusable(
    contact: Contact, facts: Mapping[str, AddressFacts], *, today: date, months: int
) -> tuple[SkipReason, str] | None:
    """Why a contact must not be written to live, or None when it may."""
    if not contact.address:
        return SkipReason.NO_EMAIL, contact.post or contact.form
    known = facts.get(contact.address_norm)
    if known is not None and known.suppressed_on is not None:
        return SkipReason.SUPPRESSED, f"{known.suppressed_on}: {known.suppressed_reason}"
    if known is not None and known.bounced_on is not None and (known.verified_on or date.min) <= known.bounced_on:
        return SkipReason.BOUNCED, f"{known.bounced_on}: {known.bounced_text}"
    if known is None or known.verified_on is None:
        return SkipReason.UNVERIFIED, "run `outreach contacts verify` once a person has checked it"
    if months_before(today, months) > known.verified_on:
        return SkipReason.STALE, f"last verified on {known.verified_on}"
    return None


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise ValueError(day)


def _skip(contact: Contact, reason: SkipReason, detail: str = "") -> Skipped:
    it = contact.institution
    return Skipped(
        institution=it.id,
        institution_name=it.name,
        state=it.state,
        role=it.role,
        reason=reason,
        detail=detail,
        post=contact.post,
        form=contact.form,
    )
