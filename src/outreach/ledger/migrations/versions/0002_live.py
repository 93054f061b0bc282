"""What live sending under every fault needs: pauses, an account's rest, copies for colleagues, deeds, backups."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from outreach.ledger.triggers import create, drop, guard_deeds

revision = "0002"
down_revision = "0001"

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

#: `model.status.TRANSITIONS` as it was: a change of it needs a migration that makes the triggers anew.
TRANSITIONS = {
    None: ("draft",),
    "draft": ("cancelled", "held", "in_doubt", "queued", "suppressed"),
    "queued": ("cancelled", "claimed", "draft", "held", "in_doubt", "suppressed"),
    "claimed": ("committed", "held", "queued", "rejected"),
    "committed": ("accepted", "in_doubt", "queued", "rejected"),
    "in_doubt": ("accepted", "cancelled", "queued"),
    "accepted": ("anonymised", "bounced"),
    "rejected": ("anonymised", "draft"),
    "bounced": ("anonymised", "draft"),
    "held": ("cancelled", "draft", "in_doubt", "queued", "suppressed"),
    "cancelled": ("anonymised", "draft"),
    "suppressed": ("anonymised", "draft"),
    "anonymised": (),
}


def upgrade() -> None:
    op.create_table(
        "pause",
        sa.Column("campaign", KEY, nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("campaign", "state", name=op.f("pk_pause")),
    )
    op.create_table(
        "account",
        sa.Column("account", KEY, nullable=False),
        sa.Column("rests_until", sa.BigInteger(), nullable=False),
        sa.Column("troubles", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_account")),
    )
    op.create_table(
        "filed",
        sa.Column("dispatch_n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["dispatch_n"], ["dispatch.n"], name=op.f("fk_filed_dispatch_n")),
        sa.PrimaryKeyConstraint("dispatch_n", name=op.f("pk_filed")),
    )
    op.create_table(
        "backup",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup")),
    )
    op.create_table(
        "deed",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("campaign", KEY, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deed")),
    )
    dialect = op.get_bind().dialect.name
    for statement in (*drop(dialect), *create(dialect, TRANSITIONS), *guard_deeds(dialect)):
        op.execute(statement)
