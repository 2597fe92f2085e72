"""Aid: terms, frozen means tests, bills, votes, public notices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "subsidy_terms",
        sa.Column("fund_id", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("set_by", sa.BigInteger(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.ForeignKeyConstraint(["fund_id"], ["funds.id"], name=op.f("fk_subsidy_terms_fund_id_funds")),
        sa.ForeignKeyConstraint(["set_by"], ["accounts.id"], name=op.f("fk_subsidy_terms_set_by_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subsidy_terms")),
        sa.UniqueConstraint("fund_id", "valid_from", name=op.f("uq_subsidy_terms_fund_id_valid_from")),
    )
    op.create_table(
        "subsidy_hospital_accounts",
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("bank", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("set_by", sa.BigInteger(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["set_by"], ["accounts.id"], name=op.f("fk_subsidy_hospital_accounts_set_by_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["units.id"], name=op.f("fk_subsidy_hospital_accounts_unit_id_units")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subsidy_hospital_accounts")),
    )
    op.create_index(
        "ix_subsidy_hospital_accounts_unit_id_id",
        "subsidy_hospital_accounts",
        ["unit_id", sa.literal_column("id desc")],
        unique=False,
    )
    op.create_table(
        "subsidy_assessments",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("compartment", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("fund_id", sa.BigInteger(), nullable=False),
        sa.Column("terms_id", sa.BigInteger(), nullable=False),
        sa.Column("terms_hash", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("award", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.CheckConstraint("award >= 0", name=op.f("ck_subsidy_assessments_award")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_subsidy_assessments_case_id_cases")),
        sa.ForeignKeyConstraint(["fund_id"], ["funds.id"], name=op.f("fk_subsidy_assessments_fund_id_funds")),
        sa.ForeignKeyConstraint(
            ["made_by"], ["accounts.id"], name=op.f("fk_subsidy_assessments_made_by_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["terms_id"], ["subsidy_terms.id"], name=op.f("fk_subsidy_assessments_terms_id_subsidy_terms")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subsidy_assessments")),
        sa.UniqueConstraint("case_id", "round", name=op.f("uq_subsidy_assessments_case_id_round")),
    )
    op.create_table(
        "subsidy_bills",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("compartment", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_subsidy_bills_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subsidy_bills")),
        sa.UniqueConstraint("case_id", "hash", name=op.f("uq_subsidy_bills_case_id_hash")),
    )
    op.create_index("ix_subsidy_bills_hash", "subsidy_bills", ["hash"], unique=False)
    op.create_table(
        "subsidy_votes",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("compartment", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("vote", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("voted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.CheckConstraint("vote in ('yes', 'no', 'recused')", name=op.f("ck_subsidy_votes_vote")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_subsidy_votes_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["accounts.id"], name=op.f("fk_subsidy_votes_member_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subsidy_votes")),
        sa.UniqueConstraint(
            "case_id", "round", "member_id", name=op.f("uq_subsidy_votes_case_id_round_member_id")
        ),
    )
    op.create_table(
        "subsidy_notices",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("compartment", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("age", sa.Integer(), nullable=True),
        sa.Column("town_names", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("fund_names", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_subsidy_notices_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subsidy_notices")),
        sa.UniqueConstraint("case_id", "round", name=op.f("uq_subsidy_notices_case_id_round")),
    )
    op.create_index("ix_subsidy_notices_gone_at", "subsidy_notices", ["gone_at"], unique=False)


def downgrade() -> None:
    """Undo it."""
    op.drop_table("subsidy_notices")
    op.drop_table("subsidy_votes")
    op.drop_table("subsidy_bills")
    op.drop_table("subsidy_assessments")
    op.drop_table("subsidy_hospital_accounts")
    op.drop_table("subsidy_terms")
