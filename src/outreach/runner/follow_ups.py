"""Whom the chasers of one step follow, and why the others are not reminded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from outreach.model.contact import Contact
from outreach.model.dispatch import Standing, Thread
from outreach.model.inbound import InboundKind
from outreach.model.status import GONE, Status
from outreach.rules.chasing import FollowUp, why_not
from outreach.runner.desk import Desk
from outreach.runner.silence import Case, cases


@dataclass(frozen=True, slots=True, kw_only=True)
class Chase:
    """What a plan of one step of chasers depends on."""

    follow_ups: Mapping[str, FollowUp] = field(default_factory=dict)
    not_chased: Mapping[str, str] = field(default_factory=dict)
    quiet: frozenset[str] = frozenset()  #: the addresses of whoever has answered
    taken: Mapping[str, str] = field(default_factory=dict)  #: address_norm -> the institution that is written to there


def chase_of(desk: Desk, contacts: Sequence[Contact], available: Mapping[str, frozenset[str]]) -> Chase:
    """The chase of the desk's step. Whoever has had its chaser stays in the plan, as in every plan."""
    found = cases(desk, contacts)
    follow_ups: dict[str, FollowUp] = {}
    not_chased: dict[str, str] = {}
    for institution, case in found.items():
        due = case.silence.chase and case.silence.next_step == desk.step
        follow_up = _follow_up(desk, case, available) if due or _had(case, desk.step) else None
        if follow_up is not None:
            follow_ups[institution] = follow_up
        else:
            not_chased[institution] = _why(case, due=due)
    return Chase(
        follow_ups=follow_ups,
        not_chased=not_chased,
        quiet=_quiet(desk, contacts),
        taken={_box(one): institution for institution, case in found.items() for one in case.letters},
    )


def steps_of(desk: Desk) -> list[int]:
    """The steps that have chasers in the ledger, or get some today."""
    steps: set[int] = set()
    for case in cases(desk).values():
        steps |= {one.dispatch.step for one in case.letters}
        if case.silence.chase and case.silence.next_step is not None:
            steps.add(case.silence.next_step)
    return sorted(steps - {0})


def _why(case: Case, *, due: bool) -> str:
    if due:
        return "its first letter is no longer kept"
    return why_not(case.silence) or f"reminder {case.silence.next_step} is its next"


def _had(case: Case, step: int) -> bool:
    standing = case.at(step)
    return standing is not None and standing.status in GONE


def _follow_up(desk: Desk, case: Case, available: Mapping[str, frozenset[str]]) -> FollowUp | None:
    before = [one for one in case.letters if one.dispatch.step < desk.step]
    first = before[0].dispatch
    arrived = [one for one in before if one.status is not Status.BOUNCED and one.status in GONE] or before
    letters = [letter for one in arrived if (letter := desk.ledger.letter(one.dispatch.id)) is not None]
    if not letters:
        return None
    usable = frozenset.intersection(*(available.get(slug, frozenset()) for slug in first.demands))
    return FollowUp(
        thread=Thread(
            subject=letters[0].subject,
            first=arrived[0].dispatch.dated,
            last=arrived[-1].dispatch.dated,
            message_ids=tuple(one.message_id for one in letters),
        ),
        demands=first.demands,
        languages=first.languages if usable.issuperset(first.languages) else (),
        written=tuple(_box(one) for one in before),
    )


def _quiet(desk: Desk, contacts: Sequence[Contact]) -> frozenset[str]:
    """Every address of an institution that has answered, and those that it answered from."""
    replies = [one for one in desk.ledger.heard(desk.campaign.slug) if one.kind is InboundKind.REPLY]
    who = {one.institution for one in replies}
    boxes = {one.address_norm for one in contacts if one.institution.id in who and one.address_norm}
    return frozenset(boxes | {one.sender.casefold() for one in replies if one.sender})


def _box(one: Standing) -> str:
    """The address that a letter went to; one that is shared on purpose has its institution behind it."""
    return one.dispatch.address_norm.partition(" ")[0]
