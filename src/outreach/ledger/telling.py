"""Answers for supporters: when an institution's person has answered, each whom it concerns is told, once per mail.

What answers the campaign's own letter concerns everybody who has written; what answers a copy was written to that one
supporter, perhaps by name, and what answers a digest to those whom it counts: nobody else gets to read it. What answers
a letter from a supporter's own mailbox lies there already.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import bindparam, literal_column, select

from outreach.ledger.action_rows import ACTION, action_of
from outreach.ledger.hearing import mails
from outreach.ledger.notices import want_of_all
from outreach.ledger.post_schema import inbound
from outreach.ledger.schema import THEIRS, dispatch
from outreach.ledger.store import Store, Tx
from outreach.ledger.supporter_schema import action, action_target, copied, notice, told
from outreach.ledger.times import micros
from outreach.ledger.upserts import insert_new
from outreach.model.action import Action, ActionStatus
from outreach.model.inbound import InboundKind
from outreach.model.notice import NoticeKind

_TOLD = select(told.c.inbound_id).where(told.c.campaign == bindparam("campaign"))
_COPIED = select(copied.c.inbound_id).where(copied.c.campaign == bindparam("campaign"))
_WRITERS = (
    select(action.c.n, action.c.campaign)
    .join(action_target, action_target.c.action_n == action.c.n)
    .where(
        action_target.c.campaign == bindparam("the_campaign"),
        action_target.c.institution == bindparam("the_institution"),
        action_target.c.fate == literal_column("'sent'"),
        action_target.c.sent_at <= bindparam("at"),
        action.c.status != literal_column("'erased'"),
    )
)
#: The letter of supporters that a mail answers; none where it answers the campaign's own, or a person has attached it.
_ANSWERED = (
    select(inbound.c.dispatch_n)
    .join(dispatch, dispatch.c.n == inbound.c.dispatch_n)
    .where(inbound.c.id == bindparam("id"), THEIRS)
)
_ITS_WRITERS = _WRITERS.where(action_target.c.dispatch_n == bindparam("the_dispatch"))

_READERS = (
    select(*ACTION)
    .join(notice, notice.c.action_n == action.c.n)
    .where(
        notice.c.campaign == bindparam("campaign"),
        notice.c.kind == NoticeKind.ANSWER.value,
        notice.c.key == bindparam("key"),
        action.c.status != ActionStatus.ERASED.value,
    )
)


def want_answers(tx: Tx, campaign: str) -> int:
    """Want a notice for each supporter whom a person's answer concerns; how many are new.

    A mail is looked at once: who writes to the institution later is not told of it.
    """
    tx.alone(f"supporters {campaign}")
    known = {number for query in (_TOLD, _COPIED) for (number,) in tx.all(query, campaign=campaign)}
    wanted = 0
    for one in mails(tx, campaign):
        if one.kind is InboundKind.REPLY and one.proven and one.id not in known:
            values = {"the_campaign": campaign, "the_institution": one.institution, "at": micros(one.at)}
            answered = tx.one(_ANSWERED, id=one.id)
            if answered is None:
                wanted += want_of_all(tx, NoticeKind.ANSWER, _WRITERS, str(one.id), **values)
            else:
                values["the_dispatch"] = answered[0]
                wanted += want_of_all(tx, NoticeKind.ANSWER, _ITS_WRITERS, str(one.id), **values)
            noted = insert_new(told, ("campaign", "inbound_id"), server=tx.server)
            tx.run(noted, campaign=campaign, inbound_id=one.id)
    return wanted


def readers(store: Store, campaign: str, mail: str) -> Iterator[Action]:
    """Those still known who are told of an answer."""
    with store.read() as tx:
        yield from map(action_of, tx.each(_READERS, campaign=campaign, key=mail))
