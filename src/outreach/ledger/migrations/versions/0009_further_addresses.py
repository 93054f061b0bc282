"""The further addresses that sheets give their institutions; the next plan writes them down."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "institution_address",
        sa.Column("institution", KEY, nullable=False),
        sa.Column("address_norm", KEY, nullable=False),
        sa.ForeignKeyConstraint(["institution"], ["institution.id"], name=op.f("fk_institution_address_institution")),
        sa.PrimaryKeyConstraint("institution", "address_norm", name=op.f("pk_institution_address")),
    )
