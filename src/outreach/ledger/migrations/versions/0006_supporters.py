"""Supporters: frames, actions, notices; copies in the outbox beside the campaign's own letters; erasing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from outreach.ledger.triggers import let_erase, tell_of_copies

revision = "0006"
down_revision = "0005"

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OUR_QUEUE = "status = 'queued' AND sender = 'campaign'"
THEIR_QUEUE = "status = 'queued' AND sender <> 'campaign'"
UNCOUNTED = "fate = 'queued' AND way = 'digest' AND dispatch_n IS NULL"


def upgrade() -> None:
    _tell_copies_from_letters()
    op.execute("CREATE INDEX ix_attempt_crowd ON attempt (institution, granted_at) WHERE crowd AND NOT given_back")
    for name in ("ix_dispatch_plan", "ix_dispatch_queued", "ix_dispatch_dated"):
        op.drop_index(name, "dispatch")
    for name, columns, where in (
        ("plan", "campaign, step, n", "sender = 'campaign'"),
        ("queued", "campaign, n", OUR_QUEUE),
        ("dated", "campaign, dated, next_at, status, planned, sender", OUR_QUEUE),
        ("waits", "campaign, step, n", "status IN ('in_doubt', 'held')"),
        ("copies", "campaign, n", "sender <> 'campaign'"),
        ("sender", "sender", "sender <> 'campaign'"),
        ("crowd", "campaign, institution, next_at, n, planned, status, sender", THEIR_QUEUE),
        ("crowd_dated", "campaign, dated", THEIR_QUEUE),
    ):
        op.execute(f"CREATE INDEX ix_dispatch_{name} ON dispatch ({columns}) WHERE {where}")
    op.create_table(
        "frame",
        sa.Column("campaign", KEY, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("campaign", name=op.f("pk_frame")),
    )
    op.create_table(
        "frame_target",
        sa.Column("campaign", KEY, nullable=False),
        sa.Column("institution", KEY, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("address_norm", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("demands", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.Column("exposure", sa.Text(), nullable=False),
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("per_day", sa.Integer(), nullable=False),
        sa.Column("suppressed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["campaign"], ["frame.campaign"], name=op.f("fk_frame_target_campaign")),
        sa.PrimaryKeyConstraint("campaign", "institution", name=op.f("pk_frame_target")),
    )
    op.create_table(
        "action",
        sa.Column("n", SERIAL, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("campaign", KEY, nullable=False),
        sa.Column("supporter", KEY, nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.Column("held", sa.Text(), nullable=False),
        sa.Column("decided_why", sa.Text(), server_default="", nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("similarity", sa.Float(), nullable=False),
        sa.Column("targets", sa.Text(), nullable=False),
        sa.Column("consent_sha256", sa.Text(), nullable=False),
        sa.Column("consent_at", sa.BigInteger(), nullable=False),
        sa.Column("consent_purpose", sa.Text(), nullable=False),
        sa.Column("consent_quote", sa.Boolean(), nullable=False),
        sa.Column("consent_contact", sa.Boolean(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.Text(), server_default="", nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_action")),
        sa.UniqueConstraint("id", name="uq_action_id"),
    )
    op.create_index(op.f("ix_action_status"), "action", ["campaign", "status", "n"])
    op.create_index(op.f("ix_action_supporter"), "action", ["supporter"])
    op.create_table(
        "action_target",
        sa.Column("action_n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("institution", KEY, nullable=False),
        sa.Column("campaign", KEY, nullable=False),
        sa.Column("supporter", KEY, nullable=False),
        sa.Column("fate", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("dispatch_n", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["action_n"], ["action.n"], name=op.f("fk_action_target_action_n")),
        sa.ForeignKeyConstraint(["dispatch_n"], ["dispatch.n"], name=op.f("fk_action_target_dispatch_n")),
        sa.PrimaryKeyConstraint("action_n", "institution", name=op.f("pk_action_target")),
    )
    op.create_index(op.f("ix_action_target_dispatch_n"), "action_target", ["dispatch_n"])
    op.create_index(op.f("ix_action_target_institution"), "action_target", ["campaign", "institution", "fate"])
    op.create_table(
        "token",
        sa.Column("sha256", KEY, nullable=False),
        sa.Column("action_n", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("bound", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["action_n"], ["action.n"], name=op.f("fk_token_action_n")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_token")),
    )
    op.create_index(op.f("ix_token_action_n"), "token", ["action_n"])
    op.create_index(op.f("ix_token_until"), "token", ["until"])
    op.create_table(
        "quota",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("quota", KEY, nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota")),
    )
    op.create_index(op.f("ix_quota_key"), "quota", ["key", "quota", "at"])
    op.create_index(op.f("ix_quota_until"), "quota", ["until"])
    op.create_table(
        "spent",
        sa.Column("key", KEY, nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_spent")),
    )
    op.create_index(op.f("ix_spent_until"), "spent", ["until"])
    op.create_table(
        "notice",
        sa.Column("n", SERIAL, nullable=False),
        sa.Column("action_n", sa.BigInteger(), nullable=False),
        sa.Column("campaign", KEY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("taken_by", sa.Text(), server_default="", nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_notice")),
        sa.UniqueConstraint("action_n", "kind", "key", name="uq_notice_action_n"),
        sa.ForeignKeyConstraint(["action_n"], ["action.n"], name=op.f("fk_notice_action_n")),
    )
    op.create_table(
        "told",
        sa.Column("campaign", KEY, nullable=False),
        sa.Column("inbound_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"], name=op.f("fk_told_inbound_id")),
        sa.PrimaryKeyConstraint("campaign", "inbound_id", name=op.f("pk_told")),
    )
    op.create_table(
        "copy_news",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("dispatch_n", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["dispatch_n"], ["dispatch.n"], name=op.f("fk_copy_news_dispatch_n")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_copy_news")),
    )
    op.create_table(
        "redacted",
        sa.Column("was_sha256", KEY, nullable=False),
        sa.Column("sha256", KEY, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("was_sha256", name=op.f("pk_redacted")),
    )
    op.create_table(
        "erasing",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasing")),
    )
    op.execute("CREATE UNIQUE INDEX uq_action_pending ON action (campaign, supporter) WHERE status = 'pending'")
    for name, columns, where in (
        (
            "UNIQUE INDEX uq_action_target_wrote",
            "institution, campaign, supporter",
            "fate IN ('queued', 'sent', 'failed')",
        ),
        ("INDEX ix_action_target_waiting", "campaign, action_n", "fate = 'waiting'"),
        ("INDEX ix_action_target_uncounted", "campaign, institution, action_n", UNCOUNTED),
    ):
        op.execute(f"CREATE {name} ON action_target ({columns}) WHERE {where}")
    op.execute("CREATE INDEX ix_notice_wanted ON notice (campaign, not_before, n) WHERE status = 'wanted'")
    op.execute("CREATE INDEX ix_notice_going ON notice (n) WHERE status = 'going'")
    dialect = op.get_bind().dialect.name
    for statement in (*let_erase(dialect), *tell_of_copies(dialect)):
        op.execute(statement)


def _tell_copies_from_letters() -> None:
    """A column more for `attempt`. SQLite would write it behind the constraints: the table is made anew instead."""
    crowd: sa.Column[bool] = sa.Column("crowd", sa.Boolean(), server_default=sa.false(), nullable=False)
    if op.get_bind().dialect.name == "postgresql":
        op.add_column("attempt", crowd)
        return
    op.drop_index("ix_attempt_account", "attempt")
    op.rename_table("attempt", "attempt_before")
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
        crowd,
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint("dispatch_n", "fence", name="uq_attempt_dispatch_n"),
        sa.ForeignKeyConstraint(["dispatch_n"], ["dispatch.n"], name=op.f("fk_attempt_dispatch_n")),
    )
    columns = "id, dispatch_n, fence, runner, account, domain, institution, granted_at, given_back"
    op.execute(f"INSERT INTO attempt ({columns}) SELECT {columns} FROM attempt_before")  # noqa: S608
    op.drop_table("attempt_before")
    op.create_index("ix_attempt_account", "attempt", ["account", "granted_at"])
