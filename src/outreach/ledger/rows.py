"""A dispatch as the ledger's row, and back."""

from __future__ import annotations

import json
from datetime import date
from functools import lru_cache
from typing import Any

from outreach.ledger.schema import dispatch as table
from outreach.ledger.store import Row
from outreach.ledger.times import moment
from outreach.model.dispatch import Dispatch, Standing
from outreach.model.status import HeldReason, Status

#: In the order in which `standing` takes them.
STANDING = (
    table.c.id,
    table.c.campaign,
    table.c.step,
    table.c.sender,
    table.c.institution,
    table.c.institution_name,
    table.c.state,
    table.c.role,
    table.c.recipient,
    table.c.address_norm,
    table.c.demands,
    table.c.languages,
    table.c.timezone,
    table.c.calendar,
    table.c.dated,
    table.c.status,
    table.c.held,
    table.c.letter_sha,
    table.c.tries,
    table.c.next_at,
    table.c.changed_at,
    table.c.sent_at,
    table.c.server_code,
    table.c.server_text,
    table.c.planned,
)

_STATUS = {status.value: status for status in Status}


def standing(row: Row) -> Standing:
    """A row of the `STANDING` columns as the value that leaves the room."""
    (
        identifier, campaign, step, sender, institution, institution_name, state, role, recipient, address_norm,
        demands, languages, timezone, calendar, dated,
        status, held, letter_sha, tries, next_at, changed_at, sent_at, server_code, server_text, planned,
    ) = row  # fmt: skip
    return Standing(
        dispatch=Dispatch(
            id=identifier,
            campaign=campaign,
            step=step,
            sender=sender,
            institution=institution,
            institution_name=institution_name,
            state=state,
            role=role,
            recipient=recipient,
            address_norm=address_norm,
            demands=words(demands),
            languages=words(languages),
            timezone=timezone,
            calendar=calendar,
            dated=date.fromisoformat(dated),
        ),
        status=_STATUS[status],
        held=HeldReason(held) if held else None,
        planned=bool(planned),
        letter_sha=letter_sha,
        attempts=tries,
        next_at=moment(next_at) if next_at else None,
        changed_at=moment(changed_at),
        sent_at=None if sent_at is None else moment(sent_at),
        server_code=server_code,
        server_text=server_text,
    )


#: What a plan may change of a dispatch that keeps its id; the keys of `facts` without what makes it one.
FACTS = (
    "institution_name",
    "state",
    "role",
    "recipient",
    "address_norm",
    "demands",
    "languages",
    "timezone",
    "calendar",
    "dated",
    "letter_sha",
)


def facts(dispatch: Dispatch, letter_sha: str) -> dict[str, Any]:
    """The `FACTS` columns of a planned dispatch."""
    return {
        "institution_name": dispatch.institution_name,
        "state": dispatch.state,
        "role": dispatch.role,
        "recipient": dispatch.recipient,
        "address_norm": dispatch.address_norm,
        "demands": packed(dispatch.demands),
        "languages": packed(dispatch.languages),
        "timezone": dispatch.timezone,
        "calendar": dispatch.calendar,
        "dated": dispatch.dated.isoformat(),
        "letter_sha": letter_sha,
    }


@lru_cache(maxsize=1024)
def packed(values: tuple[str, ...]) -> str:
    """A tuple of words as JSON; most dispatches of a campaign share theirs."""
    return json.dumps(values, ensure_ascii=False)


@lru_cache(maxsize=1024)
def words(packed: str) -> tuple[str, ...]:
    """The tuple again."""
    return tuple(json.loads(packed))
