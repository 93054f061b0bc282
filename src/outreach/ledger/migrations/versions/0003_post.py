"""What comes back: raw mail, what was made of it, how far each source was read, and what was learnt."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from outreach.ledger.triggers import guard_post

revision = "0003"
down_revision = "0002"

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "raw_mail",
        sa.Column("sha256", KEY, nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("lacks", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("first_seen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_raw_mail")),
    )
    op.create_table(
        "inbound",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("sha256", KEY, nullable=False),
        sa.Column("filed_at", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("dated", sa.BigInteger(), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=True),
        sa.Column("authentication", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("keyed", sa.Boolean(), nullable=False),
        sa.Column("campaign", KEY, nullable=True),
        sa.Column("institution", KEY, nullable=True),
        sa.Column("dispatch_n", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("kind_rule", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("hard", sa.Boolean(), nullable=True),
        sa.Column("final", sa.Boolean(), nullable=True),
        sa.Column("reply_text", sa.Text(), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("person_kind", sa.Text(), nullable=True),
        sa.Column("person_by", sa.Text(), nullable=True),
        sa.Column("person_at", sa.BigInteger(), nullable=True),
        sa.Column("pending", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound")),
        sa.UniqueConstraint("sha256", name=op.f("uq_inbound_sha256")),
        sa.ForeignKeyConstraint(["sha256"], ["raw_mail.sha256"], name=op.f("fk_inbound_sha256")),
        sa.ForeignKeyConstraint(["dispatch_n"], ["dispatch.n"], name=op.f("fk_inbound_dispatch_n")),
    )
    op.create_index(op.f("ix_inbound_dispatch_n"), "inbound", ["dispatch_n"])
    op.create_index(op.f("ix_inbound_institution"), "inbound", ["institution"])
    op.execute("CREATE INDEX ix_inbound_waiting ON inbound (id) WHERE state <> 'matched'")
    op.execute("CREATE INDEX ix_inbound_pending ON inbound (id) WHERE pending")
    op.create_table(
        "guess",
        sa.Column("inbound_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rank", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("institution", KEY, nullable=False),
        sa.Column("campaign", KEY, nullable=False),
        sa.Column("dispatch", KEY, nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("inbound_id", "rank", name=op.f("pk_guess")),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"], name=op.f("fk_guess_inbound_id")),
    )
    op.create_table(
        "inbound_event",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("inbound_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_event")),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"], name=op.f("fk_inbound_event_inbound_id")),
    )
    op.create_index(op.f("ix_inbound_event_inbound_id"), "inbound_event", ["inbound_id"])
    op.create_table(
        "bookmark",
        sa.Column("source", KEY, nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_bookmark")),
    )
    op.create_table(
        "bookmark_name",
        sa.Column("source", KEY, nullable=False),
        sa.Column("name", KEY, nullable=False),
        sa.PrimaryKeyConstraint("source", "name", name=op.f("pk_bookmark_name")),
    )
    op.create_table(
        "learnt_address",
        sa.Column("address_norm", KEY, nullable=False),
        sa.Column("institution", KEY, nullable=False),
        sa.Column("inbound_id", sa.BigInteger(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("address_norm", "institution", name=op.f("pk_learnt_address")),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"], name=op.f("fk_learnt_address_inbound_id")),
    )
    op.create_table(
        "reference",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", KEY, nullable=False),
        sa.Column("institution", KEY, nullable=False),
        sa.Column("campaign", KEY, nullable=False),
        sa.Column("dispatch", KEY, nullable=False),
        sa.Column("inbound_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference")),
        sa.UniqueConstraint("kind", "value", "institution", "dispatch", name="uq_reference_kind"),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"], name=op.f("fk_reference_inbound_id")),
    )
    op.create_index("ix_reference_inbound", "reference", ["inbound_id"])
    dialect = op.get_bind().dialect.name
    if dialect == "postgresql":
        op.execute("ALTER TABLE raw_mail ALTER COLUMN packed SET STORAGE EXTERNAL")
    for statement in guard_post(dialect):
        op.execute(statement)
