"""Letters from supporters' own mailboxes: which mails came where they are copied to, and whose they are, as a hash."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "copied",
        sa.Column("inbound_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("campaign", KEY, nullable=False),
        sa.Column("institution", KEY, nullable=False),
        sa.Column("supporter", KEY, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"], name=op.f("fk_copied_inbound_id")),
        sa.PrimaryKeyConstraint("inbound_id", name=op.f("pk_copied")),
    )
    op.create_index(op.f("ix_copied_supporter"), "copied", ["supporter"])
    op.create_index(op.f("ix_copied_institution"), "copied", ["campaign", "institution", "supporter"])
    op.execute("CREATE INDEX ix_copied_kept ON copied (campaign, at) WHERE kept")
