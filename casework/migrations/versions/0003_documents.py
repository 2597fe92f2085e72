"""The tables of casework/documents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "documents",
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("compartment", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("store_name", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("added_by", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_by", sa.BigInteger(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submission", sa.Text(), nullable=True),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("template", sa.Text(), nullable=True),
        sa.Column("letter_values", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.CheckConstraint(
            "status in ('kept', 'making', 'made', 'failed')", name=op.f("ck_documents_status")
        ),
        sa.CheckConstraint(
            "store_name is null or (sha256 is not null and bytes is not null)",
            name=op.f("ck_documents_stored"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_documents_case_id_cases")),
        sa.ForeignKeyConstraint(["added_by"], ["accounts.id"], name=op.f("fk_documents_added_by_accounts")),
        sa.ForeignKeyConstraint(
            ["removed_by"], ["accounts.id"], name=op.f("fk_documents_removed_by_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
        sa.UniqueConstraint("uid", name=op.f("uq_documents_uid")),
        sa.UniqueConstraint("store_name", name=op.f("uq_documents_store_name")),
        sa.UniqueConstraint(
            "case_id", "compartment", "kind", "page", name=op.f("uq_documents_case_id_compartment_kind_page")
        ),
    )
    op.create_index(
        "uq_documents_submission",
        "documents",
        ["added_by", "submission"],
        unique=True,
        postgresql_where=sa.text("submission is not null"),
    )
    op.create_index(
        "uq_documents_letter",
        "documents",
        ["case_id", "compartment", "kind", "key"],
        unique=True,
        postgresql_where=sa.text("key is not null"),
    )
    op.create_index(
        "ix_documents_removed_at",
        "documents",
        ["removed_at"],
        unique=False,
        postgresql_where=sa.text("removed_at is not null and store_name is not null"),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("documents")
