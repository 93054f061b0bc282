"""An action and its targets as the ledger's rows, and back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select

from outreach.ledger.schema import dispatch
from outreach.ledger.store import Tx
from outreach.ledger.supporter_schema import action, action_target
from outreach.ledger.times import micros, moment
from outreach.model.action import Action, ActionStatus, ActionTarget, Consent, Fate, Learns, NewAction, Origin, Way

#: What identifies a person: emptied when it is erased.
PERSONAL = ("email", "name", "place", "words", "proof", "held", "decided_why")

_TARGETS_OF = (
    select(
        action.c.id.label("action"),
        action_target.c.institution,
        action_target.c.fate,
        action_target.c.way,
        action_target.c.why,
        dispatch.c.id.label("dispatch"),
        action_target.c.sent_at,
        action.c.targets,
    )
    .select_from(action)
    .join(action_target, action_target.c.action_n == action.c.n)
    .outerjoin(dispatch, dispatch.c.n == action_target.c.dispatch_n)
    .where(action.c.id == bindparam("id"))
)
_SHOWN = (
    "id", "campaign", "supporter", "email", "name", "place", "language", "words", "sha256", "similarity", "targets",
    "consent_sha256", "consent_at", "consent_purpose", "consent_quote", "consent_contact", "origin", "status", "proof",
    "held", "made_at", "confirmed_at",
)  # fmt: skip
#: The columns that `action_of` takes, in its order; the number follows.
ACTION = (*(action.c[name] for name in _SHOWN), action.c.n)


def columns_of(new: NewAction, status: ActionStatus, now: int) -> dict[str, Any]:
    """The row of a new action."""
    consent = new.consent
    return {
        "id": new.id,
        "campaign": new.campaign,
        "supporter": new.supporter,
        "email": new.email,
        "name": new.name,
        "place": new.place,
        "words": new.words,
        "proof": new.proof,
        "held": new.held,
        "language": new.language,
        "sha256": new.sha256,
        "similarity": new.similarity,
        "targets": json.dumps({one: new.told.get(one, Learns.COUNTS).value for one in new.targets}),
        "consent_sha256": consent.text_sha256,
        "consent_at": micros(consent.at),
        "consent_purpose": consent.purpose,
        "consent_quote": consent.quote,
        "consent_contact": consent.contact_again,
        "origin": new.origin.value,
        "status": status.value,
        "made_at": now,
        "confirmed_at": None if status is ActionStatus.PENDING else now,
    }


def action_of(row: Sequence[Any]) -> Action:
    """A row of the `ACTION` columns as the value that leaves the room."""
    one = dict(zip(_SHOWN, row, strict=False))
    told = _told(one["targets"])
    return Action(
        **{name: one[name] for name in ("id", "campaign", "supporter", "email", "name", "place", "language", "words")},
        sha256=one["sha256"],
        similarity=one["similarity"],
        targets=tuple(told),
        consent=Consent(
            text_sha256=one["consent_sha256"],
            at=moment(one["consent_at"]),
            purpose=one["consent_purpose"],
            quote=bool(one["consent_quote"]),
            contact_again=bool(one["consent_contact"]),
        ),
        origin=Origin(one["origin"]),
        status=ActionStatus(one["status"]),
        proof=one["proof"],
        held=one["held"],
        made_at=moment(one["made_at"]),
        confirmed_at=None if one["confirmed_at"] is None else moment(one["confirmed_at"]),
        told=told,
    )


def _told(targets: str) -> dict[str, Learns]:
    """Targets in the order in which they were chosen, with what each learns. A mere list of old says no such thing."""
    found = json.loads(targets)
    return {one: Learns(found[one]) if isinstance(found, dict) else Learns.COUNTS for one in found}


def targets_of(tx: Tx, identifier: str) -> list[ActionTarget]:
    """Where an action stands at each of its targets, in the order in which they were chosen."""
    rows = tx.find(_TARGETS_OF, id=identifier)
    order = {name: place for place, name in enumerate(json.loads(rows[0].targets))} if rows else {}
    return [
        ActionTarget(
            action=row.action,
            institution=row.institution,
            fate=Fate(row.fate),
            way=Way(row.way) if row.way else None,
            why=row.why,
            dispatch=row.dispatch or "",
            sent_at=None if row.sent_at is None else moment(row.sent_at),
        )
        for row in sorted(rows, key=lambda row: order[row.institution])
    ]
