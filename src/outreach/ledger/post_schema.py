"""The tables for what comes back. A mail's bytes live apart from what was made of them, as a letter's do."""

from __future__ import annotations

from sqlalchemy import (
    DDL,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    case,
    false,
    func,
)
from sqlalchemy import event as sqlalchemy_event

from outreach.ledger.schema import Key, Micros, Serial, metadata

raw_mail = Table(  # append-only: kept before anything is made of it
    "raw_mail",
    metadata,
    Column("sha256", Key, primary_key=True),
    Column("packed", LargeBinary, nullable=False),  # zlib
    Column("size", BigInteger, nullable=False),  # bytes of the whole mail
    Column("lacks", Text, nullable=False),  # why it is the head alone; "" = whole
    Column("source", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("first_seen", Micros, nullable=False),
)

inbound = Table(
    "inbound",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("sha256", Key, ForeignKey("raw_mail.sha256"), nullable=False, unique=True),
    Column("filed_at", Micros, nullable=False),
    # what its head says
    Column("message_id", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("dated", Micros),
    Column("received_at", Micros),  # as our own server says
    Column("authentication", Text, nullable=False),  # by our own server, or "not checked"
    # where it belongs
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),  # why it is quarantined
    Column("rule", Text),
    Column("score", Integer),  # thousandths
    Column("keyed", Boolean, nullable=False),  # it may move a status by itself
    Column("campaign", Key),
    Column("institution", Key, index=True),
    Column("dispatch_n", BigInteger, ForeignKey("dispatch.n"), index=True),
    # the machine's verdict
    Column("kind", Text),
    Column("kind_rule", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("hard", Boolean),
    Column("final", Boolean),
    Column("reply_text", Text, nullable=False),
    Column("findings", Text, nullable=False),  # JSON
    # a person's, beside it and never in its place
    Column("person_kind", Text),  # an InboundKind, or "ignored"
    Column("person_by", Text),
    Column("person_at", Micros),
    # of a report whose letter is in a runner's hand: what follows from it waits
    Column("pending", Boolean, nullable=False, server_default=false()),
)
#: When a mail came: as our server says; else as its own head does, but never after we had it.
CAME_AT = func.coalesce(
    inbound.c.received_at, case((inbound.c.dated < inbound.c.filed_at, inbound.c.dated), else_=inbound.c.filed_at)
)
WAITING = "state <> 'matched'"
for statement in (
    f"CREATE INDEX ix_inbound_waiting ON inbound (id) WHERE {WAITING}",
    "CREATE INDEX ix_inbound_pending ON inbound (id) WHERE pending",
):
    sqlalchemy_event.listen(inbound, "after_create", DDL(statement))  # type: ignore[no-untyped-call]

guess = Table(
    "guess",
    metadata,
    Column("inbound_id", BigInteger, ForeignKey("inbound.id"), primary_key=True, autoincrement=False),
    Column("rank", Integer, primary_key=True, autoincrement=False),
    Column("institution", Key, nullable=False),
    Column("campaign", Key, nullable=False),
    Column("dispatch", Key, nullable=False),
    Column("score", Integer, nullable=False),  # thousandths
    Column("why", Text, nullable=False),
)

inbound_event = Table(  # what was made of a mail, by whom; append-only
    "inbound_event",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("at", Micros, nullable=False),
    Column("inbound_id", BigInteger, ForeignKey("inbound.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("who", Text, nullable=False),  # "" = the machine
    Column("detail", Text, nullable=False),  # JSON
)

bookmark = Table(  # how far a source has been read
    "bookmark",
    metadata,
    Column("source", Key, primary_key=True),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("uid", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("seal", Text, nullable=False),
    Column("at", Micros, nullable=False),
)

bookmark_name = Table(  # the files of a Maildir that were read
    "bookmark_name",
    metadata,
    Column("source", Key, primary_key=True),
    Column("name", Key, primary_key=True),
)

proposal = Table(  # what a mail makes us think should change; append-only
    "proposal",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("at", Micros, nullable=False),
    Column("kind", Text, nullable=False),
    Column("campaign", Key, nullable=False),
    Column("institution", Key, nullable=False),
    Column("state", Text, nullable=False),
    Column("was", Text, nullable=False),
    Column("now", Text, nullable=False),
    Column("key", Key, nullable=False),  # what two that say the same share: see model.proposal
    Column("words", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("proven", Boolean, nullable=False),  # the mail named our letter by its keyed id
    Column("since", Text, nullable=False),
    Column("proposed_by", Text, nullable=False),  # "" = the machine
    Column("inbound_id", BigInteger, ForeignKey("inbound.id"), nullable=False),
    UniqueConstraint("kind", "institution", "key", "proven", name="uq_proposal_kind"),
)

ruling = Table(  # a person's word on it: one, for good; append-only
    "ruling",
    metadata,
    Column("proposal_id", BigInteger, ForeignKey("proposal.id"), primary_key=True, autoincrement=False),
    Column("at", Micros, nullable=False),
    Column("fate", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("detail", Text, nullable=False),  # JSON
)

reference = Table(  # their names for a correspondence
    "reference",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("value", Key, nullable=False),
    Column("institution", Key, nullable=False),
    Column("campaign", Key, nullable=False),
    Column("dispatch", Key, nullable=False),
    Column("inbound_id", BigInteger, ForeignKey("inbound.id"), nullable=False),
    UniqueConstraint("kind", "value", "institution", "dispatch", name="uq_reference_kind"),
)
Index("ix_reference_inbound", reference.c.inbound_id)

#: They are packed already.
UNSQUEEZED_MAIL = "ALTER TABLE raw_mail ALTER COLUMN packed SET STORAGE EXTERNAL"
sqlalchemy_event.listen(raw_mail, "after_create", DDL(UNSQUEEZED_MAIL).execute_if(dialect="postgresql"))  # type: ignore[no-untyped-call]
