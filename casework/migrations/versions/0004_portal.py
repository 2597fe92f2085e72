"""The tables of casework/portal."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "consent_texts",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_consent_texts")),
    )
    op.create_table(
        "phone_codes",
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("phone_index", sa.LargeBinary(), nullable=False),
        sa.Column("phone_tail", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_codes")),
    )
    op.create_index(
        "ix_phone_codes_browser_id", "phone_codes", ["browser", sa.literal_column("id desc")], unique=False
    )
    op.create_index(op.f("ix_phone_codes_expires_at"), "phone_codes", ["expires_at"], unique=False)
    op.create_table(
        "portal_phones",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("phone_index", sa.LargeBinary(), nullable=False),
        sa.Column("phone_tail", sa.Text(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_portal_phones_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_phones")),
    )
    op.create_index(op.f("ix_portal_phones_account_id"), "portal_phones", ["account_id"], unique=False)
    op.create_index(
        "uq_portal_phones_phone_index_now",
        "portal_phones",
        ["phone_index"],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_table(
        "access_codes",
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("shown", sa.LargeBinary(), nullable=True),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'resume') = (shown is not null) and (kind = 'desk' or account_id is not null)",
            name=op.f("ck_access_codes_whole"),
        ),
        sa.CheckConstraint("kind in ('desk', 'resume')", name=op.f("ck_access_codes_kind")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_access_codes_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_access_codes_case_id_cases")),
        sa.ForeignKeyConstraint(["made_by"], ["accounts.id"], name=op.f("fk_access_codes_made_by_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_codes")),
        sa.UniqueConstraint("code", name=op.f("uq_access_codes_code")),
    )
    op.create_index(op.f("ix_access_codes_account_id"), "access_codes", ["account_id"], unique=False)
    op.create_index(op.f("ix_access_codes_case_id"), "access_codes", ["case_id"], unique=False)
    op.create_table(
        "consents",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("compartment", sa.Text(), server_default="application", nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.Text(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("given_by", sa.BigInteger(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.CheckConstraint("how in ('portal', 'desk', 'paper')", name=op.f("ck_consents_how")),
        sa.CheckConstraint("relation in ('self', 'guardian', 'helper')", name=op.f("ck_consents_relation")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_consents_case_id_cases")),
        sa.ForeignKeyConstraint(["given_by"], ["accounts.id"], name=op.f("fk_consents_given_by_accounts")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_consents_person_id_persons")),
        sa.ForeignKeyConstraint(
            ["text_hash"], ["consent_texts.hash"], name=op.f("fk_consents_text_hash_consent_texts")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by"], ["accounts.id"], name=op.f("fk_consents_withdrawn_by_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(op.f("ix_consents_person_id"), "consents", ["person_id"], unique=False)
    op.create_index(
        "uq_consents_case_id_purpose_now",
        "consents",
        ["case_id", "purpose"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at is null"),
    )
    op.create_table(
        "portal_messages",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("compartment", sa.Text(), server_default="application", nullable=False),
        sa.Column("from_client", sa.Boolean(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_by", sa.BigInteger(), nullable=True),
        sa.Column("submission", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["accounts.id"], name=op.f("fk_portal_messages_author_id_accounts")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_portal_messages_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["read_by"], ["accounts.id"], name=op.f("fk_portal_messages_read_by_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_messages")),
        sa.UniqueConstraint("submission", name=op.f("uq_portal_messages_submission")),
    )
    op.create_index("ix_portal_messages_case_id_id", "portal_messages", ["case_id", "id"], unique=False)
    op.create_index(
        "ix_portal_messages_unread",
        "portal_messages",
        ["case_id", "from_client"],
        unique=False,
        postgresql_where=sa.text("read_at is null"),
    )
    op.create_table(
        "texts",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("recipient", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("adapter", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.CheckConstraint("status in ('waiting', 'sent', 'failed')", name=op.f("ck_texts_status")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_texts_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_texts")),
        sa.UniqueConstraint("key", name=op.f("uq_texts_key")),
    )
    op.create_index(op.f("ix_texts_case_id"), "texts", ["case_id"], unique=False)


def downgrade() -> None:
    """Take them away."""
    op.drop_index(op.f("ix_texts_case_id"), table_name="texts")
    op.drop_table("texts")
    op.drop_index(
        "ix_portal_messages_unread", table_name="portal_messages", postgresql_where=sa.text("read_at is null")
    )
    op.drop_index("ix_portal_messages_case_id_id", table_name="portal_messages")
    op.drop_table("portal_messages")
    op.drop_index(
        "uq_consents_case_id_purpose_now",
        table_name="consents",
        postgresql_where=sa.text("withdrawn_at is null"),
    )
    op.drop_index(op.f("ix_consents_person_id"), table_name="consents")
    op.drop_table("consents")
    op.drop_index(op.f("ix_access_codes_case_id"), table_name="access_codes")
    op.drop_index(op.f("ix_access_codes_account_id"), table_name="access_codes")
    op.drop_table("access_codes")
    op.drop_index(
        "uq_portal_phones_phone_index_now",
        table_name="portal_phones",
        postgresql_where=sa.text("ended_at is null"),
    )
    op.drop_index(op.f("ix_portal_phones_account_id"), table_name="portal_phones")
    op.drop_table("portal_phones")
    op.drop_index(op.f("ix_phone_codes_expires_at"), table_name="phone_codes")
    op.drop_index("ix_phone_codes_browser_id", table_name="phone_codes")
    op.drop_table("phone_codes")
    op.drop_table("consent_texts")
