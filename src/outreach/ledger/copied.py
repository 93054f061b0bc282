"""Letters from supporters' own mailboxes: counted for good, each writer once for an institution; kept for a while.

When a mail's time is up its bytes go, and all that a person could be known by. What stays are the keyed hash of its
writer's address, so that nobody is counted twice, and the hash of its bytes, so that it is not taken in a second time.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence

from sqlalchemy import bindparam, delete, distinct, func, insert, literal_column, or_, select, update

from outreach.ledger.mails import chunks
from outreach.ledger.post_schema import inbound, raw_mail
from outreach.ledger.store import Tx
from outreach.ledger.supporter_schema import copied, erasing, frame, frame_target
from outreach.ledger.times import moment
from outreach.ledger.upserts import upsert
from outreach.model.collected import Filed, MatchRule
from outreach.model.supporter import Exposure, OwnMail

CHUNK = 200  #: mails in a transaction

_ROW = tuple(column.name for column in copied.columns)
_AGAIN = tuple(name for name in _ROW if name not in {"inbound_id", "at"})
_BARE = ("message_id", "sender", "subject", "authentication", "recipient", "reply_text")
_EMPTY_HEAD = (
    update(inbound).where(inbound.c.id == bindparam("the_id")).values(dict.fromkeys(_BARE, "") | {"findings": "[]"})
)
_EMPTY_MAIL = (
    update(raw_mail)
    .where(raw_mail.c.sha256 == select(inbound.c.sha256).where(inbound.c.id == bindparam("the_id")).scalar_subquery())
    .values(packed=bindparam("packed"), place="")
)
_NOT_KEPT = update(copied).where(copied.c.inbound_id == bindparam("the_id")).values(kept=False)
_NOTHING = zlib.compress(b"")
_UNLOCK = insert(erasing).values(id=1).inline()
_LOCK = delete(erasing)
_CAMPAIGNS = select(frame.c.campaign).order_by(frame.c.campaign)
_WRITERS = select(copied.c.supporter).distinct().where(copied.c.supporter.in_(bindparam("those", expanding=True)))
_COUNTS = (
    select(copied.c.institution, func.count(distinct(copied.c.supporter)))
    .where(copied.c.campaign == bindparam("campaign"), copied.c.supporter != literal_column("''"))
    .group_by(copied.c.institution)
)
_OF_PERSON = (
    select(copied.c.campaign, copied.c.institution, copied.c.at, copied.c.kept, raw_mail.c.packed)
    .join(inbound, inbound.c.id == copied.c.inbound_id)
    .join(raw_mail, raw_mail.c.sha256 == inbound.c.sha256)
    .where(copied.c.supporter == bindparam("supporter"))
    .order_by(copied.c.inbound_id)
)
_ITS_MAILS = select(copied.c.inbound_id).where(
    copied.c.supporter == bindparam("supporter"), copied.c.supporter != literal_column("''"), copied.c.kept
)
_MAY_KNOW = select(frame_target.c.institution).where(
    frame_target.c.campaign == bindparam("campaign"), frame_target.c.exposure == Exposure.NAMES.value
)
_OVER = (
    select(copied.c.inbound_id)
    .join(inbound, inbound.c.id == copied.c.inbound_id)
    .where(
        copied.c.campaign == bindparam("campaign"),
        literal_column("copied.kept"),
        or_(inbound.c.rule == MatchRule.SUPPORTER.value, inbound.c.person_kind == literal_column("'ignored'")),
        or_(copied.c.at <= bindparam("since"), copied.c.institution.not_in(_MAY_KNOW.scalar_subquery())),
    )
    .order_by(copied.c.inbound_id)
    .limit(CHUNK)
)


def note_copied(tx: Tx, number: int, one: Filed) -> None:
    """Count a supporter's letter; of any other mail that came there, write down that it did."""
    if one.copied is None:
        return
    its = one.copied
    values = {"campaign": its.campaign, "institution": its.institution, "supporter": its.supporter, "kept": True}
    tx.change(
        upsert(copied, "inbound_id", _ROW, _AGAIN, server=tx.server), {"inbound_id": number, "at": tx.now, **values}
    )
    if its.supporter:
        tx.run(_EMPTY_HEAD, the_id=number)  # of one that lay in the tray


def campaigns(tx: Tx) -> list[str]:
    """Those in which a person has let supporters write."""
    return [campaign for (campaign,) in tx.all(_CAMPAIGNS)]


def writers(tx: Tx, those: Sequence[str]) -> frozenset[str]:
    """Which of these have sent a letter from their own mailbox."""
    return frozenset(row.supporter for chunk in chunks(those) for row in tx.find(_WRITERS, those=chunk))


def counts(tx: Tx, campaign: str) -> dict[str, int]:
    """Institution -> how many have written to it from their own mailboxes: each address once, however often."""
    return dict(sorted((institution, count) for institution, count in tx.all(_COUNTS, campaign=campaign)))


def of_person(tx: Tx, supporter: str) -> list[OwnMail]:
    """Every letter that somebody sent from their own mailbox, the oldest first."""
    return [
        OwnMail(
            campaign=row.campaign,
            institution=row.institution,
            at=moment(row.at),
            raw=zlib.decompress(row.packed) if row.kept else None,
        )
        for row in tx.find(_OF_PERSON, supporter=supporter)
    ]


def over(tx: Tx, campaign: str, since: int) -> list[int]:
    """A few supporters' mails that came before then, or went to an institution that may not know names.

    What a person has set aside of other mails that came there is among them.
    """
    return [number for (number,) in tx.all(_OVER, campaign=campaign, since=since)]


def expire(tx: Tx, campaign: str, since: int) -> int:
    """Empty those of `over`; how many."""
    tx.alone("post")
    numbers = over(tx, campaign, since)
    if numbers:
        tx.run(_UNLOCK)
        _empty(tx, numbers)
        tx.run(_LOCK)
    return len(numbers)


def empty_of(tx: Tx, supporter: str) -> int:
    """Empty every mail of a person; how many. The guards must be lifted."""
    numbers = [number for (number,) in tx.all(_ITS_MAILS, supporter=supporter)]
    _empty(tx, numbers)
    return len(numbers)


def _empty(tx: Tx, numbers: Iterable[int]) -> None:
    for number in numbers:
        tx.change(_EMPTY_MAIL, {"the_id": number, "packed": _NOTHING})
        tx.run(_EMPTY_HEAD, the_id=number)
        tx.run(_NOT_KEPT, the_id=number)
