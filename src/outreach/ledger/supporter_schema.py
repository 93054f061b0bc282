"""The tables for supporters: frames, actions, and our mails to them.

What identifies a person stands in `action` alone, in columns that erasing empties; everything else names an action by
its number and a supporter by a keyed hash. Of a letter from a supporter's own mailbox it stands in its raw mail alone.
"""

from __future__ import annotations

from sqlalchemy import (
    DDL,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy import event as sqlalchemy_event

from outreach.ledger.post_schema import inbound
from outreach.ledger.schema import Key, Micros, Serial, metadata

COPY = "supporter:"  #: a copy's sender is this and the supporter's key
DIGEST = "digest:"  #: a digest's sender is this and its day, so that a target gets one a day

frame = Table(  # what a person approved last, of each campaign
    "frame",
    metadata,
    Column("campaign", Key, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", Micros, nullable=False),
)

frame_target = Table(
    "frame_target",
    metadata,
    Column("campaign", Key, ForeignKey("frame.campaign"), primary_key=True),
    Column("institution", Key, primary_key=True),
    Column("n", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("address_norm", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("demands", Text, nullable=False),  # JSON
    Column("timezone", Text, nullable=False),
    Column("calendar", Text, nullable=False),
    Column("exposure", Text, nullable=False),
    Column("delivery", Text, nullable=False),
    Column("per_day", Integer, nullable=False),
    Column("suppressed", Text, nullable=False),
    Column("at_risk", Boolean, nullable=False, server_default=false()),
)

action = Table(
    "action",
    metadata,
    Column("n", Serial, primary_key=True),  # the order in which they came
    Column("id", Key, nullable=False, unique=True),
    Column("campaign", Key, nullable=False),
    Column("supporter", Key, nullable=False, index=True),
    # what identifies a person
    Column("email", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("proof", Text, nullable=False),
    Column("held", Text, nullable=False),
    Column("decided_why", Text, nullable=False, server_default=""),
    Column("language", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("similarity", Float, nullable=False),
    Column("targets", Text, nullable=False),  # JSON: as they were chosen, and what the page said that each learns
    Column("consent_sha256", Text, nullable=False),
    Column("consent_at", Micros, nullable=False),
    Column("consent_purpose", Text, nullable=False),
    Column("consent_quote", Boolean, nullable=False),
    Column("consent_contact", Boolean, nullable=False),
    Column("origin", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("made_at", Micros, nullable=False),
    Column("confirmed_at", Micros),
    Column("decided_by", Text, nullable=False, server_default=""),  # who let a held one go, or refused it
    Column("decided_at", Micros),  # when that was, or when it was taken back: its time runs from then
)
Index("ix_action_status", action.c.campaign, action.c.status, action.c.n)

action_target = Table(
    "action_target",
    metadata,
    Column("action_n", BigInteger, ForeignKey("action.n"), primary_key=True, autoincrement=False),
    Column("institution", Key, primary_key=True),
    Column("campaign", Key, nullable=False),
    Column("supporter", Key, nullable=False),
    Column("fate", Text, nullable=False),
    Column("way", Text),
    Column("why", Text, nullable=False, server_default=""),
    Column("dispatch_n", BigInteger, ForeignKey("dispatch.n"), index=True),
    Column("sent_at", Micros),
)
Index("ix_action_target_institution", action_target.c.campaign, action_target.c.institution, action_target.c.fate)

#: A person writes to an institution once, by a copy or by a digest: the database itself holds that.
WROTE = "fate IN ('queued', 'sent', 'failed')"
#: For the next digest.
UNCOUNTED = "fate = 'queued' AND way = 'digest' AND dispatch_n IS NULL"
_ONCE = "institution, campaign, supporter"
_UNCOUNTED = "campaign, institution, action_n"
ONE_PENDING = "CREATE UNIQUE INDEX uq_action_pending ON action (campaign, supporter) WHERE status = 'pending'"
sqlalchemy_event.listen(action, "after_create", DDL(ONE_PENDING))  # type: ignore[no-untyped-call]
for statement in (
    f"CREATE UNIQUE INDEX uq_action_target_wrote ON action_target ({_ONCE}) WHERE {WROTE}",
    "CREATE INDEX ix_action_target_waiting ON action_target (campaign, action_n) WHERE fate = 'waiting'",
    f"CREATE INDEX ix_action_target_uncounted ON action_target ({_UNCOUNTED}) WHERE {UNCOUNTED}",
):
    sqlalchemy_event.listen(action_target, "after_create", DDL(statement))  # type: ignore[no-untyped-call]

token = Table(  # links in our mails: only the hash is kept, so that the ledger opens no one's page
    "token",
    metadata,
    Column("sha256", Key, primary_key=True),
    Column("action_n", BigInteger, ForeignKey("action.n"), nullable=False, index=True),
    Column("purpose", Text, nullable=False),
    Column("bound", Text, nullable=False),  # the action's sha256 as it was
    Column("until", Micros, nullable=False, index=True),
    Column("used_at", Micros),
)

quota = Table(  # what was counted, one row each; the keys are hashes already
    "quota",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("quota", Key, nullable=False),
    Column("key", Key, nullable=False),
    Column("at", Micros, nullable=False),
    Column("until", Micros, nullable=False, index=True),
)
Index("ix_quota_key", quota.c.key, quota.c.quota, quota.c.at)

spent = Table(  # form tokens and solved challenges
    "spent",
    metadata,
    Column("key", Key, primary_key=True),
    Column("until", Micros, nullable=False, index=True),
)

notice = Table(  # what is to be mailed to a supporter; its words are made when it is sent
    "notice",
    metadata,
    Column("n", Serial, primary_key=True),
    Column("action_n", BigInteger, ForeignKey("action.n"), nullable=False),
    Column("campaign", Key, nullable=False),
    Column("kind", Text, nullable=False),
    Column("key", Key, nullable=False),
    Column("status", Text, nullable=False),  # wanted, going, or a NoticeEnd
    Column("not_before", Micros, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("made_at", Micros, nullable=False),
    Column("taken_by", Text, nullable=False, server_default=""),
    Column("taken_at", Micros),
    Column("text", Text, nullable=False, server_default=""),  # the server's
    UniqueConstraint("action_n", "kind", "key", name="uq_notice_action_n"),
)
for statement in (
    "CREATE INDEX ix_notice_wanted ON notice (campaign, not_before, n) WHERE status = 'wanted'",
    "CREATE INDEX ix_notice_going ON notice (n) WHERE status = 'going'",
):
    sqlalchemy_event.listen(notice, "after_create", DDL(statement))  # type: ignore[no-untyped-call]

told = Table(  # mails of which an institution's supporters were told
    "told",
    metadata,
    Column("campaign", Key, primary_key=True),
    Column("inbound_id", BigInteger, ForeignKey(inbound.c.id), primary_key=True, autoincrement=False),
)

copy_news = Table(  # copies and digests whose fate has to be looked at: written by the database, see triggers.py
    "copy_news",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("dispatch_n", BigInteger, ForeignKey("dispatch.n"), nullable=False),
)

copied = Table(  # mails that came where supporters' own letters are copied to us
    "copied",
    metadata,
    Column("inbound_id", BigInteger, ForeignKey(inbound.c.id), primary_key=True, autoincrement=False),
    Column("campaign", Key, nullable=False),
    Column("institution", Key, nullable=False),
    Column("supporter", Key, nullable=False),  # who wrote it; "" = not known to be a supporter's letter
    Column("at", Micros, nullable=False),
    Column("kept", Boolean, nullable=False),  # its bytes are here
)
Index("ix_copied_supporter", copied.c.supporter)
Index("ix_copied_institution", copied.c.campaign, copied.c.institution, copied.c.supporter)
KEPT = "CREATE INDEX ix_copied_kept ON copied (campaign, at) WHERE kept"
sqlalchemy_event.listen(copied, "after_create", DDL(KEPT))  # type: ignore[no-untyped-call]

redacted = Table(  # raw mails that were replaced by a copy without a person's name and address
    "redacted",
    metadata,
    Column("was_sha256", Key, primary_key=True),  # of the mail as it came: it is not taken in a second time
    Column("sha256", Key, nullable=False),
    Column("at", Micros, nullable=False),
)

erasing = Table(  # a row in it lifts the guards of what is append-only; it never outlives its transaction
    "erasing",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
)
