"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from outreach.ledger.triggers import create

revision = "0001"
down_revision = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
QUEUED = sa.text("status = 'queued'")
IN_FLIGHT = sa.text("status IN ('claimed', 'committed')")

#: `model.status.TRANSITIONS` as it was: a change of it needs a migration that makes the triggers anew.
TRANSITIONS = {
    None: ("draft",),
    "draft": ("cancelled", "held", "queued", "suppressed"),
    "queued": ("cancelled", "claimed", "draft", "held", "suppressed"),
    "claimed": ("committed", "held", "queued", "rejected"),
    "committed": ("accepted", "in_doubt", "queued", "rejected"),
    "in_doubt": ("accepted", "cancelled", "queued"),
    "accepted": ("anonymised", "bounced"),
    "rejected": ("anonymised", "draft"),
    "bounced": ("anonymised", "draft"),
    "held": ("cancelled", "draft", "queued", "suppressed"),
    "cancelled": ("anonymised", "draft"),
    "suppressed": ("anonymised", "draft"),
    "anonymised": (),
}


def upgrade() -> None:
    op.create_table(
        "address",
        sa.Column("address_norm", KEY, nullable=False),
        sa.Column("verified_on", sa.Text(), nullable=True),
        sa.Column("verified_by", sa.Text(), server_default="", nullable=False),
        sa.Column("bounced_on", sa.Text(), nullable=True),
        sa.Column("bounced_text", sa.Text(), server_default="", nullable=False),
        sa.Column("suppressed_on", sa.Text(), nullable=True),
        sa.Column("suppressed_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("suppressed_by", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("address_norm", name=op.f("pk_address")),
    )
    op.create_table(
        "dispatch",
        sa.Column("n", SERIAL, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("campaign", KEY, nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("sender", KEY, nullable=False),
        sa.Column("institution", KEY, nullable=False),
        sa.Column("institution_name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("address_norm", KEY, nullable=False),
        sa.Column("demands", sa.Text(), nullable=False),
        sa.Column("languages", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.Column("dated", KEY, nullable=False),
        sa.Column("letter_sha", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), server_default="", nullable=False),
        sa.Column("detail", sa.Text(), server_default="{}", nullable=False),
        sa.Column("planned", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("held", sa.Text(), nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_until", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("crashes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("server_code", sa.Integer(), nullable=True),
        sa.Column("server_text", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_dispatch")),
        sa.UniqueConstraint("institution", "campaign", "step", "sender", name="uq_dispatch_institution"),
        sa.UniqueConstraint("address_norm", "campaign", "step", "sender", name="uq_dispatch_address"),
        sa.UniqueConstraint("id", name=op.f("uq_dispatch_id")),
    )
    op.create_index(
        "ix_dispatch_dated",
        "dispatch",
        ["campaign", "dated", "next_at", "status", "planned"],
        sqlite_where=QUEUED,
        postgresql_where=QUEUED,
    )
    op.create_index("ix_dispatch_in_flight", "dispatch", ["n"], sqlite_where=IN_FLIGHT, postgresql_where=IN_FLIGHT)
    op.create_index("ix_dispatch_plan", "dispatch", ["campaign", "step", "n"])
    op.create_index("ix_dispatch_queued", "dispatch", ["campaign", "n"], sqlite_where=QUEUED, postgresql_where=QUEUED)
    op.create_table(
        "institution",
        sa.Column("id", KEY, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address_norm", sa.Text(), nullable=False),
        sa.Column("sheet", KEY, nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.Column("first_seen", sa.BigInteger(), nullable=False),
        sa.Column("last_seen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_institution")),
    )
    op.create_index(op.f("ix_institution_sheet"), "institution", ["sheet"])
    op.create_table(
        "meta",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meta")),
    )
    op.create_table(
        "plan",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("campaign", KEY, nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
    )
    op.create_table(
        "skipped",
        sa.Column("campaign", KEY, nullable=False),
        sa.Column("step", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("institution", KEY, nullable=False),
        sa.Column("institution_name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("campaign", "step", "n", name=op.f("pk_skipped")),
    )
    op.create_table(
        "attempt",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("dispatch_n", sa.BigInteger(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("runner", sa.Text(), nullable=False),
        sa.Column("account", KEY, nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("granted_at", sa.BigInteger(), nullable=False),
        sa.Column("given_back", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint("dispatch_n", "fence", name="uq_attempt_dispatch_n"),
        sa.ForeignKeyConstraint(["dispatch_n"], ["dispatch.n"], name=op.f("fk_attempt_dispatch_n")),
    )
    op.create_index("ix_attempt_account", "attempt", ["account", "granted_at"])
    op.create_table(
        "event",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("dispatch_n", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("was", sa.Text(), nullable=True),
        sa.Column("became", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.ForeignKeyConstraint(["dispatch_n"], ["dispatch.n"], name=op.f("fk_event_dispatch_n")),
    )
    op.create_index(op.f("ix_event_dispatch_n"), "event", ["dispatch_n"])
    op.create_table(
        "letter",
        sa.Column("dispatch_n", SERIAL, autoincrement=False, nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("template_sha", sa.Text(), nullable=False),
        sa.Column("envelope_from", sa.Text(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("dispatch_n", name=op.f("pk_letter")),
        sa.ForeignKeyConstraint(["dispatch_n"], ["dispatch.n"], name=op.f("fk_letter_dispatch_n")),
    )
    if op.get_context().dialect.name == "postgresql":
        op.execute("ALTER TABLE letter ALTER COLUMN raw SET STORAGE EXTERNAL")
    for statement in create(op.get_context().dialect.name, TRANSITIONS):
        op.execute(statement)
