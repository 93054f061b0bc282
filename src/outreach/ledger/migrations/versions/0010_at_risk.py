"""Targets of supporters know whether their state is at risk; of those that were approved before nobody said so."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TEXTS = (
    "name", "state", "role", "recipient", "address_norm", "language", "demands", "timezone", "calendar", "exposure",
    "delivery",
)  # fmt: skip


def upgrade() -> None:
    """A column more for `frame_target`. SQLite would write it behind the keys: the table is made anew instead."""
    at_risk: sa.Column[bool] = sa.Column("at_risk", sa.Boolean(), server_default=sa.false(), nullable=False)
    if op.get_bind().dialect.name == "postgresql":
        op.add_column("frame_target", at_risk)
        return
    op.rename_table("frame_target", "frame_target_before")
    op.create_table(
        "frame_target",
        sa.Column("campaign", KEY, nullable=False),
        sa.Column("institution", KEY, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in TEXTS),
        sa.Column("per_day", sa.Integer(), nullable=False),
        sa.Column("suppressed", sa.Text(), nullable=False),
        at_risk,
        sa.ForeignKeyConstraint(["campaign"], ["frame.campaign"], name=op.f("fk_frame_target_campaign")),
        sa.PrimaryKeyConstraint("campaign", "institution", name=op.f("pk_frame_target")),
    )
    columns = ", ".join(("campaign", "institution", "n", *TEXTS, "per_day", "suppressed"))
    op.execute(f"INSERT INTO frame_target ({columns}) SELECT {columns} FROM frame_target_before")  # noqa: S608
    op.drop_table("frame_target_before")
