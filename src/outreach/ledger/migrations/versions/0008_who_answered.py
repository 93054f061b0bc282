"""Which institution answered by post, telephone or visit: it is not reminded by mail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("position", sa.Column("institution", KEY, server_default="", nullable=False))
