"""A dispatch's statuses and the only ways between them (docs/glossary.md, docs/architecture.md)."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """The condition of a dispatch."""

    DRAFT = "draft"  #: rendered and frozen; a person has not approved it
    QUEUED = "queued"  #: approved, waiting for its turn
    CLAIMED = "claimed"  #: a runner has it; nothing that could deliver it has happened
    COMMITTED = "committed"  #: the body is with the server and the end-of-data mark is about to go
    ACCEPTED = "accepted"  #: the server said 250. Not "delivered"
    BOUNCED = "bounced"
    HELD = "held"  #: waits for a person, with a HeldReason
    REJECTED = "rejected"  #: the server refused it for good: nothing was delivered
    IN_DOUBT = "in_doubt"  #: it may have arrived: evidence or a person settles it, never a second sending
    CANCELLED = "cancelled"
    SUPPRESSED = "suppressed"  #: the address must not be written to
    ANONYMISED = "anonymised"


class HeldReason(StrEnum):
    """Why a dispatch waits for a person: a closed list."""

    RENAMED = "renamed"  #: its institution vanished while a new one of the state and role came
    STALE_ADDRESS = "stale-address"
    SIZE = "size"  #: larger than the server takes
    REPEATED_CRASH = "repeated-crash"
    MODERATION = "moderation"
    BY_HAND = "by-hand"


#: Held for these reasons a letter waits for nothing but a person's word; the others ask for a deed first.
RELEASABLE = frozenset({HeldReason.REPEATED_CRASH, HeldReason.BY_HAND})

S = Status
#: from -> to. `None` is a dispatch that does not exist yet. The ledger's trigger is made from this table.
TRANSITIONS: dict[Status | None, frozenset[Status]] = {
    None: frozenset({S.DRAFT}),
    # To in_doubt without a mark only in a ledger that was restored: what it thinks is waiting may have left since.
    S.DRAFT: frozenset({S.QUEUED, S.HELD, S.CANCELLED, S.SUPPRESSED, S.IN_DOUBT}),
    S.QUEUED: frozenset({S.CLAIMED, S.DRAFT, S.HELD, S.CANCELLED, S.SUPPRESSED, S.IN_DOUBT}),
    S.CLAIMED: frozenset({S.QUEUED, S.COMMITTED, S.REJECTED, S.HELD}),
    S.COMMITTED: frozenset({S.ACCEPTED, S.QUEUED, S.REJECTED, S.IN_DOUBT}),
    S.IN_DOUBT: frozenset({S.ACCEPTED, S.QUEUED, S.CANCELLED}),
    S.ACCEPTED: frozenset({S.BOUNCED, S.ANONYMISED}),
    # Refused and bounced letters were not delivered: a corrected address starts again at draft.
    S.REJECTED: frozenset({S.DRAFT, S.ANONYMISED}),
    S.BOUNCED: frozenset({S.DRAFT, S.ANONYMISED}),
    S.HELD: frozenset({S.DRAFT, S.QUEUED, S.CANCELLED, S.SUPPRESSED, S.IN_DOUBT}),
    S.CANCELLED: frozenset({S.DRAFT, S.ANONYMISED}),
    S.SUPPRESSED: frozenset({S.DRAFT, S.ANONYMISED}),
    S.ANONYMISED: frozenset(),
}

#: A letter that left or may have left: no plan touches it again.
GONE = frozenset({S.CLAIMED, S.COMMITTED, S.ACCEPTED, S.IN_DOUBT, S.BOUNCED, S.ANONYMISED})


def may_become(now: Status | None, then: Status) -> bool:
    """Whether the table allows the change."""
    return then in TRANSITIONS[now]
