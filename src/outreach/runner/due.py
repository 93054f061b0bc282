"""Due: who owes an answer and since when, what follows, and why nobody is reminded today; nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from outreach.model.campaign import Mode
from outreach.model.contact import Contact
from outreach.model.correspondence import NotChased
from outreach.model.dispatch import Skipped, SkipReason
from outreach.model.due import Due, DueGroup, DueRow
from outreach.model.heard import Heard
from outreach.model.inbound import InboundKind
from outreach.model.status import GONE, Status
from outreach.rules.due import build_due, group_of
from outreach.rules.silence import unproven
from outreach.runner.desk import Desk
from outreach.runner.gather import contacts_of
from outreach.runner.planned import require_plan
from outreach.runner.silence import Case, cases, now_of
from outreach.states import state_name

_BOUNCES = frozenset({InboundKind.BOUNCE_HARD})


def due(desk: Desk) -> Due:
    """Every institution of the campaign's plan. Raises UsageError when nothing has been planned yet."""
    require_plan(desk)
    return build_due(due_rows(desk), campaign=desk.campaign.slug, mode=desk.mode, at=now_of(desk))


def due_rows(desk: Desk) -> list[DueRow]:
    """Every institution that has a letter, or that the plan of first letters leaves out: where it stands, and why."""
    heard = desk.ledger.heard(desk.campaign.slug)
    found = cases(desk, _contacts(desk, heard))
    skipped = {one.institution: one for one in desk.ledger.skipped(desk.campaign.slug, 0)}
    return [*_written(found, skipped), *_unwritten(found, skipped.values(), heard)]


def _contacts(desk: Desk, heard: Sequence[Heard]) -> Sequence[Contact]:
    """The sheets are read only where something has bounced: then another address matters, if not in a rehearsal."""
    if desk.mode is Mode.REHEARSAL:
        return ()
    bounced = any(one.kind in _BOUNCES for one in heard) or any(
        one.status is Status.BOUNCED for one in desk.ledger.standings(desk.campaign.slug)
    )
    return contacts_of(desk) if bounced else ()


def _written(found: Mapping[str, Case], skipped: Mapping[str, Skipped]) -> Iterator[DueRow]:
    for institution, case in found.items():
        it, silence = case.letters[0].dispatch, case.silence
        waiting = case.at(silence.next_step) if silence.next_step else None
        yield DueRow(
            state=it.state,
            state_name=_name(it.state),
            institution=institution,
            name=it.institution_name,
            role=it.role,
            group=group_of(silence),
            letters=sum(one.status in GONE for one in case.letters),
            since=silence.since,
            due=silence.due,
            overdue_from=silence.overdue_from,
            very_overdue_from=silence.very_overdue_from,
            next_step=silence.next_step,
            next_on=silence.next_on,
            under_way=waiting.status.value if waiting and waiting.status is not Status.CANCELLED else "",
            why_not=_why(case, skipped.get(institution)),
            in_doubt=any(one.status is Status.IN_DOUBT for one in case.letters),
            unreceipted=silence.unreceipted,
            unproven=_unproven(case),
            acknowledged_at=_first(case.heard, InboundKind.ACKNOWLEDGEMENT),
            answered_at=_last(case.heard, InboundKind.REPLY),
        )


def _unproven(case: Case) -> int | None:
    found = unproven(case.heard) if case.silence.why_not is NotChased.UNPROVEN else None
    return found.id if found else None


def _why(case: Case, skip: Skipped | None) -> str:
    """An unsent first letter has a reason of its own."""
    if case.silence.why_not is NotChased.NOT_WRITTEN:
        if skip is not None:
            return _reason(skip)
        first = case.letters[0]
        return f"its first letter is {first.status.value.replace('_', ' ')}"
    return case.silence.why_not.value if case.silence.why_not else ""  # its days stand in columns of their own


def _unwritten(found: Mapping[str, Case], skipped: Iterable[Skipped], heard: Sequence[Heard]) -> Iterator[DueRow]:
    answered = {one.institution: one.at for one in heard if one.kind is InboundKind.REPLY and one.proven}
    for one in skipped:
        if one.institution not in found:
            at = answered.get(one.institution)
            yield DueRow(
                state=one.state,
                state_name=_name(one.state),
                institution=one.institution,
                name=one.institution_name,
                role=one.role,
                group=DueGroup.ANSWERED if at else DueGroup.NOT_WRITTEN,
                since=at,
                why_not=NotChased.ANSWERED.value if at else _reason(one),
                answered_at=at,
            )


def _first(heard: Iterable[Heard], kind: InboundKind) -> datetime | None:
    return min((one.at for one in heard if one.kind is kind), default=None)


def _last(heard: Iterable[Heard], kind: InboundKind) -> datetime | None:
    return max((one.at for one in heard if one.kind is kind and one.proven), default=None)


def _reason(one: Skipped) -> str:
    if one.reason is SkipReason.NO_EMAIL:  # its detail is a postal address
        return one.reason.value
    if one.detail.startswith(one.reason.value):
        return one.detail
    return ": ".join(part for part in (one.reason.value, one.detail) if part)


def _name(state: str) -> str:
    return state_name(state) if state else "rows that were not read"
