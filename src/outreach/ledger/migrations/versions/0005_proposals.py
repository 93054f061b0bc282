"""What mails make us think should change, and what persons said of it. Learnt addresses become proposals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from outreach.ledger.triggers import guard_proposals

revision = "0005"
down_revision = "0004"

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_PROPOSALS = """
INSERT INTO proposal (at, kind, campaign, institution, state, was, now, key, words, rule, proven, since, proposed_by,
                      inbound_id)
SELECT l.proposed_at, 'sender', COALESCE(i.campaign, ''), l.institution, COALESCE(its.state, ''), '', l.address_norm,
       l.address_norm, '', 'tray', :no, '', l.proposed_by, l.inbound_id
FROM learnt_address l JOIN inbound i ON i.id = l.inbound_id LEFT JOIN institution its ON its.id = l.institution
ORDER BY l.proposed_at, l.address_norm, l.institution
"""
_RULINGS = """
INSERT INTO ruling (proposal_id, at, fate, who, why, detail)
SELECT p.id, l.approved_at, 'approved', l.approved_by, '', '{}'
FROM learnt_address l JOIN proposal p ON p.now = l.address_norm AND p.institution = l.institution
WHERE l.approved_by IS NOT NULL
"""


def upgrade() -> None:
    op.create_table(
        "proposal",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("campaign", KEY, nullable=False),
        sa.Column("institution", KEY, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("was", sa.Text(), nullable=False),
        sa.Column("now", sa.Text(), nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("proven", sa.Boolean(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("inbound_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        sa.UniqueConstraint("kind", "institution", "key", "proven", name="uq_proposal_kind"),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"], name=op.f("fk_proposal_inbound_id")),
    )
    op.create_table(
        "ruling",
        sa.Column("proposal_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("fate", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("proposal_id", name=op.f("pk_ruling")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_ruling_proposal_id")),
    )
    conn = op.get_bind()
    conn.execute(sa.text(_PROPOSALS), {"no": False})
    conn.exec_driver_sql(_RULINGS)
    op.drop_table("learnt_address")
    for statement in guard_proposals(conn.dialect.name):
        op.execute(statement)
