"""The frozen letters themselves: bytes that are written at planning, and read when they are shown or sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from outreach.ledger.schema import dispatch, letter
from outreach.ledger.store import Tx
from outreach.model.letter import Letter

_BYTES = ("message_id", "subject", "template_sha", "envelope_from", "raw")
_NEW_LETTER = insert(letter).from_select(
    ("dispatch_n", *_BYTES),
    select(dispatch.c.n, *(bindparam(name, type_=letter.c[name].type) for name in _BYTES)).where(
        dispatch.c.id == bindparam("the_id")
    ),
)
_OTHER_LETTER = (
    update(letter)
    .where(letter.c.dispatch_n == bindparam("the_dispatch_n"))
    .values({name: bindparam(name) for name in _BYTES})
)
_OTHER_TEMPLATE = (
    update(letter)
    .where(letter.c.dispatch_n == bindparam("the_dispatch_n"))
    .values(template_sha=bindparam("template_sha"))
)
_LETTER = (
    select(
        letter.c.message_id,
        letter.c.subject,
        letter.c.raw,
        dispatch.c.letter_sha,
        letter.c.template_sha,
        letter.c.envelope_from,
    )
    .join(dispatch, dispatch.c.n == letter.c.dispatch_n)
    .where(dispatch.c.id == bindparam("id"))
)


def freeze(tx: Tx, letters: Sequence[Letter]) -> None:
    """The letters of new dispatches."""
    tx.many(_NEW_LETTER, [{"the_id": one.dispatch, **_bytes(one)} for one in letters])


def freeze_again(tx: Tx, letters: Sequence[tuple[int, Letter]]) -> None:
    """Other bytes for dispatches that had a letter; the old ones are gone."""
    tx.many(_OTHER_LETTER, [{"the_dispatch_n": n, **_bytes(one)} for n, one in letters])


def name_template(tx: Tx, letters: Sequence[tuple[int, Letter]]) -> None:
    """The same bytes, rendered from other templates."""
    tx.many(_OTHER_TEMPLATE, [{"the_dispatch_n": n, "template_sha": one.template_sha} for n, one in letters])


def frozen_letter(tx: Tx, identifier: str) -> Letter | None:
    """The letter of a dispatch, byte for byte."""
    row = tx.one(_LETTER, id=identifier)
    if row is None:
        return None
    message_id, subject, raw, sha256, template_sha, envelope_from = row
    return Letter(
        dispatch=identifier,
        message_id=message_id,
        subject=subject,
        raw=raw,
        sha256=sha256,
        template_sha=template_sha,
        envelope_from=envelope_from,
    )


def _bytes(one: Letter) -> dict[str, Any]:
    return {
        "message_id": one.message_id,
        "subject": one.subject,
        "template_sha": one.template_sha,
        "envelope_from": one.envelope_from,
        "raw": one.raw,
    }
