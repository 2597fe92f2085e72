"""Editions that people publish: drafts, and what a published edition keeps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of drafts, and let editions name their number, their files and their publishers."""
    op.add_column("editions", sa.Column("number", sa.Text(), nullable=True))
    op.add_column("editions", sa.Column("note", sa.Text(), server_default="", nullable=False))
    op.add_column(
        "editions",
        sa.Column("files", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    )
    op.add_column("editions", sa.Column("proposed_by", sa.BigInteger(), nullable=True))
    op.add_column("editions", sa.Column("published_by", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_editions_proposed_by_accounts"), "editions", "accounts", ["proposed_by"], ["id"]
    )
    op.create_foreign_key(
        op.f("fk_editions_published_by_accounts"), "editions", "accounts", ["published_by"], ["id"]
    )
    op.create_check_constraint(op.f("ck_editions_two_people"), "editions", "published_by <> proposed_by")
    op.create_table(
        "edition_drafts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("in_force_on", sa.Date(), nullable=False),
        sa.Column("files", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("begun_by", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.BigInteger(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("edition_id", sa.BigInteger(), nullable=True),
        sa.Column("effects", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint(
            "status in ('draft', 'proposed', 'published', 'discarded')", name=op.f("ck_edition_drafts_status")
        ),
        sa.ForeignKeyConstraint(
            ["begun_by"], ["accounts.id"], name=op.f("fk_edition_drafts_begun_by_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["accounts.id"], name=op.f("fk_edition_drafts_changed_by_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["accounts.id"], name=op.f("fk_edition_drafts_proposed_by_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["editions.id"], name=op.f("fk_edition_drafts_edition_id_editions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition_drafts")),
    )
    op.create_index(
        "uq_edition_drafts_open",
        "edition_drafts",
        [sa.text("(true)")],
        unique=True,
        postgresql_where=sa.text("status in ('draft', 'proposed')"),
    )
    op.create_table(
        "handbook_prints",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("edition_id", sa.BigInteger(), nullable=True),
        sa.Column("draft_id", sa.BigInteger(), nullable=True),
        sa.Column("content", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=True),
        sa.Column("sha256", sa.Text(), server_default="", nullable=False),
        sa.Column("size", sa.Integer(), server_default="0", nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status in ('making', 'made', 'failed')", name=op.f("ck_handbook_prints_status")),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["editions.id"], name=op.f("fk_handbook_prints_edition_id_editions")
        ),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["edition_drafts.id"], name=op.f("fk_handbook_prints_draft_id_edition_drafts")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["accounts.id"], name=op.f("fk_handbook_prints_asked_by_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handbook_prints")),
    )
    op.create_index("ix_handbook_prints_content", "handbook_prints", ["content"])


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_handbook_prints_content", table_name="handbook_prints")
    op.drop_table("handbook_prints")
    op.drop_index("uq_edition_drafts_open", table_name="edition_drafts")
    op.drop_table("edition_drafts")
    op.drop_constraint(op.f("ck_editions_two_people"), "editions", type_="check")
    op.drop_constraint(op.f("fk_editions_published_by_accounts"), "editions", type_="foreignkey")
    op.drop_constraint(op.f("fk_editions_proposed_by_accounts"), "editions", type_="foreignkey")
    for column in ("published_by", "proposed_by", "files", "note", "number"):
        op.drop_column("editions", column)
