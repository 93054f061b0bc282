"""The tables, for SQLite and PostgreSQL alike.

Times are whole microseconds since 1970 in UTC: exact, sortable and the same on both databases. Days are ISO text.
A letter's bytes live apart from its dispatch, so that lists and claims read light rows.
"""

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
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    literal_column,
    true,
)
from sqlalchemy import event as sqlalchemy_event

HEAD = "0010"  #: the newest migration; a ledger at this revision is opened without Alembic

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)

#: Sorted and compared byte by byte on both databases: a locale must not decide which letter is first.
Key = Text().with_variant(Text(collation="C"), "postgresql")
#: SQLite numbers rows by themselves only in a column that is exactly INTEGER.
Serial = BigInteger().with_variant(Integer(), "sqlite")
Micros = BigInteger

#: Alembic's own table, as Alembic makes it; kept apart because it is no part of the schema that it counts.
version = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)

meta = Table(
    "meta",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("mode", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("workspace", Text, nullable=False),  # a random id: two copies of one ledger carry the same
    Column("host", Text, nullable=False),  # where it was made
    Column("path", Text, nullable=False),
    Column("made_at", Micros, nullable=False),
)

institution = Table(
    "institution",
    metadata,
    Column("id", Key, primary_key=True),
    Column("state", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("address_norm", Text, nullable=False),
    Column("sheet", Key, nullable=False, index=True),
    Column("present", Boolean, nullable=False),
    Column("waiting", Boolean, nullable=False),  # came in a vanished one's place; a person has not settled it
    Column("first_seen", Micros, nullable=False),
    Column("last_seen", Micros, nullable=False),
)

#: What a sheet gives an institution besides its first address, which is the institution's own column.
institution_address = Table(
    "institution_address",
    metadata,
    Column("institution", Key, ForeignKey("institution.id"), primary_key=True),
    Column("address_norm", Key, primary_key=True),
)

address = Table(
    "address",
    metadata,
    Column("address_norm", Key, primary_key=True),
    Column("verified_on", Text),
    Column("verified_by", Text, nullable=False, server_default=""),
    Column("bounced_on", Text),
    Column("bounced_text", Text, nullable=False, server_default=""),
    Column("suppressed_on", Text),
    Column("suppressed_reason", Text, nullable=False, server_default=""),
    Column("suppressed_by", Text, nullable=False, server_default=""),
)

plan = Table(
    "plan",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("campaign", Key, nullable=False),
    Column("step", Integer, nullable=False),
    Column("at", Micros, nullable=False),
    Column("digest", Text, nullable=False),
    Column("counts", Text, nullable=False),  # JSON: how many of each
)

skipped = Table(  # of the current plan of each campaign and step
    "skipped",
    metadata,
    Column("campaign", Key, primary_key=True),
    Column("step", Integer, primary_key=True, autoincrement=False),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("institution", Key, nullable=False),
    Column("institution_name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("post", Text, nullable=False),
    Column("form", Text, nullable=False),
)

dispatch = Table(
    "dispatch",
    metadata,
    Column("n", Serial, primary_key=True),  # plan order
    Column("id", Key, nullable=False, unique=True),
    Column("campaign", Key, nullable=False),
    Column("step", Integer, nullable=False),
    Column("sender", Key, nullable=False),
    Column("institution", Key, nullable=False),
    Column("institution_name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("address_norm", Key, nullable=False),
    Column("demands", Text, nullable=False),  # JSON
    Column("languages", Text, nullable=False),  # JSON
    Column("timezone", Text, nullable=False),
    Column("calendar", Text, nullable=False),
    Column("dated", Key, nullable=False),
    Column("letter_sha", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("changed_at", Micros, nullable=False),
    # What the event of the last change says: the database itself writes the event with the status, see triggers.py.
    Column("kind", Text, nullable=False),
    Column("who", Text, nullable=False, server_default=""),
    Column("detail", Text, nullable=False, server_default="{}"),
    Column("planned", Boolean, nullable=False, server_default=true()),  # False = approved, but in the plan no more
    Column("held", Text),
    Column("fence", Integer, nullable=False, server_default="0"),  # one more with every claim
    Column("lease_until", Micros, nullable=False, server_default="0"),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("crashes", Integer, nullable=False, server_default="0"),  # runners that ended with this letter in hand
    Column("next_at", Micros, nullable=False, server_default="0"),  # 0 = any time
    Column("sent_at", Micros),
    Column("server_code", Integer),
    Column("server_text", Text, nullable=False, server_default=""),
    # The two rules against a second letter. A cancelled, refused or bounced letter is still its row: planned again,
    # it is that row that becomes a draft. See boxes.py for letters that give their address up.
    UniqueConstraint("institution", "campaign", "step", "sender", name="uq_dispatch_institution"),
    UniqueConstraint("address_norm", "campaign", "step", "sender", name="uq_dispatch_address"),
)
# Spelled out, not bound: a partial index is used only when its condition stands in the query.
OURS = dispatch.c.sender == literal_column("'campaign'")  #: the campaign's own letters
THEIRS = dispatch.c.sender != literal_column("'campaign'")  #: supporters' copies and digests
# Partial: letters that left cost a claim nothing, and a hundred thousand copies cost the campaign's letters nothing.
# `dated` and `crowd` hold all that counting asks for; a mark touches only `in_flight`. In SQL for both databases:
# SQLAlchemy's `postgresql_where` loads that dialect, 40 ms that SQLite need not pay.
IN_FLIGHT = "status IN ('claimed', 'committed')"
_OUR_QUEUE = "status = 'queued' AND sender = 'campaign'"
_THEIR_QUEUE = "status = 'queued' AND sender <> 'campaign'"
_COUNTED = "campaign, dated, next_at, status, planned, sender"
_CROWDED = "campaign, institution, next_at, n, planned, status, sender"
PARTIAL = (
    "CREATE INDEX ix_dispatch_plan ON dispatch (campaign, step, n) WHERE sender = 'campaign'",
    f"CREATE INDEX ix_dispatch_queued ON dispatch (campaign, n) WHERE {_OUR_QUEUE}",
    f"CREATE INDEX ix_dispatch_dated ON dispatch ({_COUNTED}) WHERE {_OUR_QUEUE}",
    f"CREATE INDEX ix_dispatch_in_flight ON dispatch (n) WHERE {IN_FLIGHT}",
    "CREATE INDEX ix_dispatch_waits ON dispatch (campaign, step, n) WHERE status IN ('in_doubt', 'held')",
    "CREATE INDEX ix_dispatch_copies ON dispatch (campaign, n) WHERE sender <> 'campaign'",
    "CREATE INDEX ix_dispatch_sender ON dispatch (sender) WHERE sender <> 'campaign'",
    f"CREATE INDEX ix_dispatch_crowd ON dispatch ({_CROWDED}) WHERE {_THEIR_QUEUE}",
    f"CREATE INDEX ix_dispatch_crowd_dated ON dispatch (campaign, dated) WHERE {_THEIR_QUEUE}",
)
for statement in PARTIAL:
    sqlalchemy_event.listen(dispatch, "after_create", DDL(statement))  # type: ignore[no-untyped-call]

letter = Table(
    "letter",
    metadata,
    Column("dispatch_n", Serial, ForeignKey("dispatch.n"), primary_key=True, autoincrement=False),
    Column("message_id", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("template_sha", Text, nullable=False),
    Column("envelope_from", Text, nullable=False),
    Column("raw", LargeBinary, nullable=False),
)

attempt = Table(  # what was granted, and by which fence; how it ended stands in the event that ended it
    "attempt",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("dispatch_n", BigInteger, ForeignKey("dispatch.n"), nullable=False),
    Column("fence", Integer, nullable=False),
    Column("runner", Text, nullable=False),
    Column("account", Key, nullable=False),
    Column("domain", Text, nullable=False),
    Column("institution", Text, nullable=False),
    Column("granted_at", Micros, nullable=False),
    Column("given_back", Boolean, nullable=False),  # ended before MAIL: does not count against the pace
    Column("crowd", Boolean, nullable=False, server_default=false()),  # of a supporter's copy or a digest
    UniqueConstraint("dispatch_n", "fence", name="uq_attempt_dispatch_n"),
)
Index("ix_attempt_account", attempt.c.account, attempt.c.granted_at)
CROWD = "CREATE INDEX ix_attempt_crowd ON attempt (institution, granted_at) WHERE crowd AND NOT given_back"
sqlalchemy_event.listen(attempt, "after_create", DDL(CROWD))  # type: ignore[no-untyped-call]

event = Table(
    "event",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("at", Micros, nullable=False),
    Column("dispatch_n", BigInteger, ForeignKey("dispatch.n"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("was", Text),
    Column("became", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("detail", Text, nullable=False),  # JSON
)

pause = Table(  # what a person, or a streak of refusals, has stopped until somebody says go
    "pause",
    metadata,
    Column("campaign", Key, primary_key=True),
    Column("state", Key, primary_key=True),  # "" = the whole campaign
    Column("at", Micros, nullable=False),
    Column("who", Text, nullable=False),
    Column("why", Text, nullable=False),
)

account = Table(  # the sending account's condition, shared by every runner and across restarts
    "account",
    metadata,
    Column("account", Key, primary_key=True),
    Column("rests_until", Micros, nullable=False),
    Column("troubles", Integer, nullable=False),  # in a row: each doubles the rest
    Column("why", Text, nullable=False),
    Column("changed_at", Micros, nullable=False),
)

filed = Table(  # letters of which a copy for colleagues lies in a mailbox folder
    "filed",
    metadata,
    Column("dispatch_n", BigInteger, ForeignKey("dispatch.n"), primary_key=True, autoincrement=False),
    Column("folder", Text, nullable=False),
    Column("at", Micros, nullable=False),
)

backup = Table(  # one row, in a copy made by `ledger backup` alone: it must be settled before it may send
    "backup",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("made_at", Micros, nullable=False),
)

deed = Table(  # what people and runners did to a campaign or to the ledger as a whole; append-only
    "deed",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("at", Micros, nullable=False),
    Column("kind", Text, nullable=False),
    Column("campaign", Key, nullable=False),  # "" = the ledger as a whole
    Column("who", Text, nullable=False),
    Column("detail", Text, nullable=False),  # JSON
)

source = Table(  # where a state's words stand; its file can be erased, the row stays
    "source",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("sha256", Key, nullable=False, index=True),  # of the file or the raw mail; "" = no document
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("taken_on", Text, nullable=False),
    Column("inbound", BigInteger),  # the mail; no foreign key, for a mail may be erased while its hash stays
    Column("content", LargeBinary),  # the file, compressed
)

position = Table(  # what a state says about a demand: append-only, the newest record of a cell counts
    "position",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("campaign", Key, nullable=False),
    Column("state", Key, nullable=False),
    Column("demand", Key, nullable=False),
    Column("position", Text, nullable=False),
    Column("quote", Text, nullable=False),
    Column("source_id", BigInteger, ForeignKey("source.id")),
    Column("who", Text, nullable=False),
    Column("at", Micros, nullable=False),
    Column("due_on", Text),
    Column("note", Text, nullable=False),
    Column("institution", Key, nullable=False, server_default=""),  # who answered so otherwise than by mail
)
Index("ix_position_campaign", position.c.campaign, position.c.id)

#: PostgreSQL would squeeze every letter, which takes longer than all the rest of writing it.
UNSQUEEZED = "ALTER TABLE letter ALTER COLUMN raw SET STORAGE EXTERNAL"
sqlalchemy_event.listen(letter, "after_create", DDL(UNSQUEEZED).execute_if(dialect="postgresql"))  # type: ignore[no-untyped-call]
