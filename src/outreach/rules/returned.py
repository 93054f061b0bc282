"""What a standard report (RFC 3464) that names our letter by its keyed id makes of the letter and of its address.

Any other mail, however clearly it speaks, makes nothing of them: it may be somebody's invention.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from outreach.model.collected import Match, Returned
from outreach.model.inbound import InboundKind, InboundMessage, Triage
from outreach.rules.domains import domain_of, same_owner
from outreach.rules.report_actions import action_of

PATIENCE = timedelta(days=35)
SOFT = 5  #: so many letters may come back for a while within it; then the address counts as dead
HARD = 2  #: so many, when it is an address behind ours that is bad
_LONGEST = 200  #: characters of a server's words
_LATE = timedelta(days=1)  #: clocks differ


def returned(message: InboundMessage, found: Match, triage: Triage) -> Returned | None:
    """What the report says; None when it is none, or names our letter by nothing that only its readers know."""
    if not found.keyed or not message.report:
        return None
    failed = [one for one in message.report if action_of(one.fields) == "failed"]
    counts = bool(failed) and triage.kind in {InboundKind.BOUNCE_HARD, InboundKind.BOUNCE_SOFT}
    its = (failed or message.report)[0].fields
    addresses = {_address(its.get(name, "")) for name in ("final-recipient", "original-recipient")}
    words = " ".join(filter(None, (its.get("status", ""), its.get("diagnostic-code", ""))))
    return Returned(
        failed=counts,
        addresses=frozenset(addresses - {""}),
        hard=triage.kind is InboundKind.BOUNCE_HARD,
        words=" ".join(words.split())[:_LONGEST],
        dated=message.date,
    )


def about(one: Returned, *, address: str, left_at: datetime | None, dead: Collection[str]) -> bool:
    """Whether it speaks of the attempt that counts: of this address, or of one behind it, and not of an earlier one.

    A letter may have come back, been planned anew to another address, and then the first report comes once more.
    """
    if left_at is not None and one.dated is not None and one.dated < left_at - _LATE:
        return False
    if address in one.addresses:
        return True
    near = any(same_owner(domain_of(address), domain_of(other)) for other in one.addresses)
    return near and not any(other in dead for other in one.addresses)


def is_dead(
    *,
    hard: bool,
    itself: bool,
    softs: Sequence[datetime],
    hards: Sequence[datetime],
    verified_on: date | None = None,
) -> bool:
    """Whether an address must not be written to any more.

    `softs` and `hards` are the times of all letters to it that came back for a while and for good. A report that says
    that this very address is bad is enough, as a refusal in the talk with its server is. What came back before a person
    verified it on a later day counts no more: patience begins anew.
    """
    since = verified_on or date.min
    softs, hards = [[at for at in times if at.date() >= since] for times in (softs, hards)]
    return (hard and itself) or _within(softs, SOFT) or _within(hards, HARD)


def _within(times: Sequence[datetime], many: int) -> bool:
    inside = sorted(times)
    return any(inside[at + many - 1] - inside[at] <= PATIENCE for at in range(len(inside) - many + 1))


def _address(field: str) -> str:
    """`rfc822; Minister@gov.example` (RFC 3464 2.3.1) as addresses are compared."""
    return field.rpartition(";")[2].strip().strip("<>").casefold()
