"""Funds: the ledger of public money, and payments.

Its triggers are put in place after every migration, from casework/funds/walls.py.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "funds",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("names", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("opened_by", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.ForeignKeyConstraint(["opened_by"], ["accounts.id"], name=op.f("fk_funds_opened_by_accounts")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_funds_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funds")),
        sa.UniqueConstraint("key", name=op.f("uq_funds_key")),
    )
    op.create_table(
        "payments",
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fund_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("case_number", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("payee_name", sa.Text(), nullable=False),
        sa.Column("payee_bank", sa.Text(), nullable=False),
        sa.Column("payee_account", sa.LargeBinary(), nullable=False),
        sa.Column("payee_account_index", sa.LargeBinary(), nullable=False),
        sa.Column("payee_account_tail", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("wrong_slip", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("ordered_by", sa.BigInteger(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.BigInteger(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("slip_number", sa.Text(), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(status = 'paid') = (slip_number is not null) and (status = 'paid') = (paid_on is not null)",
            name=op.f("ck_payments_slip"),
        ),
        sa.CheckConstraint(
            "status in ('ordered', 'confirmed', 'paid', 'sent_back')", name=op.f("ck_payments_status")
        ),
        sa.CheckConstraint(
            "status in ('ordered', 'sent_back') or (confirmed_by is not null and confirmed_at is not null)",
            name=op.f("ck_payments_confirmed"),
        ),
        sa.CheckConstraint("amount > 0 and amount <= 10000000000000", name=op.f("ck_payments_amount")),
        sa.CheckConstraint("confirmed_by <> ordered_by", name=op.f("ck_payments_four_eyes")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_payments_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["accounts.id"], name=op.f("fk_payments_confirmed_by_accounts")
        ),
        sa.ForeignKeyConstraint(["fund_id"], ["funds.id"], name=op.f("fk_payments_fund_id_funds")),
        sa.ForeignKeyConstraint(
            ["ordered_by"], ["accounts.id"], name=op.f("fk_payments_ordered_by_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["settled_by"], ["accounts.id"], name=op.f("fk_payments_settled_by_accounts")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_payments_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint(
            "id", "fund_id", "case_id", "amount", name=op.f("uq_payments_id_fund_id_case_id_amount")
        ),
        sa.UniqueConstraint("key", name=op.f("uq_payments_key")),
        sa.UniqueConstraint("uid", name=op.f("uq_payments_uid")),
    )
    op.create_index("ix_payments_case_id", "payments", ["case_id"], unique=False)
    op.create_index(
        op.f("ix_payments_payee_account_index"), "payments", ["payee_account_index"], unique=False
    )
    op.create_index("ix_payments_status_id", "payments", ["status", sa.text("id desc")], unique=False)
    op.create_index(
        "uq_payments_case_id_live",
        "payments",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("status in ('ordered', 'confirmed')"),
    )
    op.create_index(
        "uq_payments_fund_id_slip_number",
        "payments",
        ["fund_id", "slip_number"],
        unique=True,
        postgresql_where=sa.text("slip_number is not null"),
    )
    op.create_table(
        "fund_postings",
        sa.Column("fund_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("case_number", sa.Text(), server_default="", nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'pay') = (payment_id is not null)", name=op.f("ck_fund_postings_payment")
        ),
        sa.CheckConstraint("(kind = 'receive') = (case_id is null)", name=op.f("ck_fund_postings_case")),
        sa.CheckConstraint(
            "kind in ('receive', 'commit', 'release', 'pay', 'take_back')", name=op.f("ck_fund_postings_kind")
        ),
        sa.CheckConstraint("amount > 0 and amount <= 10000000000000", name=op.f("ck_fund_postings_amount")),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["accounts.id"], name=op.f("fk_fund_postings_actor_id_accounts")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_fund_postings_case_id_cases")),
        sa.ForeignKeyConstraint(["fund_id"], ["funds.id"], name=op.f("fk_fund_postings_fund_id_funds")),
        sa.ForeignKeyConstraint(
            ["payment_id", "fund_id", "case_id", "amount"],
            ["payments.id", "payments.fund_id", "payments.case_id", "payments.amount"],
            name="fk_fund_postings_payment_id_payments",
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_fund_postings_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_postings")),
        sa.UniqueConstraint("key", name=op.f("uq_fund_postings_key")),
    )
    op.create_index(
        "ix_fund_postings_case_id",
        "fund_postings",
        ["case_id"],
        unique=False,
        postgresql_where=sa.text("case_id is not null"),
    )
    op.create_index(
        "ix_fund_postings_fund_id_id", "fund_postings", ["fund_id", sa.text("id desc")], unique=False
    )
    op.create_index(
        "uq_fund_postings_payment_id",
        "fund_postings",
        ["payment_id"],
        unique=True,
        postgresql_where=sa.text("payment_id is not null"),
    )
    op.create_table(
        "fund_entries",
        sa.Column("posting_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "account in ('bank', 'available', 'committed')", name=op.f("ck_fund_entries_account")
        ),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_fund_entries_amount")),
        sa.ForeignKeyConstraint(
            ["posting_id"], ["fund_postings.id"], name=op.f("fk_fund_entries_posting_id_fund_postings")
        ),
        sa.PrimaryKeyConstraint("posting_id", "account", name=op.f("pk_fund_entries")),
    )
    op.create_table(
        "fund_balances",
        sa.Column("fund_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("bank", sa.BigInteger(), nullable=False),
        sa.Column("available", sa.BigInteger(), nullable=False),
        sa.Column("committed", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("bank = available + committed", name=op.f("ck_fund_balances_whole")),
        sa.CheckConstraint(
            "bank >= 0 and available >= 0 and committed >= 0", name=op.f("ck_fund_balances_not_below_zero")
        ),
        sa.ForeignKeyConstraint(["fund_id"], ["funds.id"], name=op.f("fk_fund_balances_fund_id_funds")),
        sa.PrimaryKeyConstraint("fund_id", name=op.f("pk_fund_balances")),
    )
    op.create_table(
        "fund_cases",
        sa.Column("fund_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("committed", sa.BigInteger(), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("committed >= 0 and paid >= 0", name=op.f("ck_fund_cases_not_below_zero")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_fund_cases_case_id_cases")),
        sa.ForeignKeyConstraint(["fund_id"], ["funds.id"], name=op.f("fk_fund_cases_fund_id_funds")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_fund_cases_unit_id_units")),
        sa.PrimaryKeyConstraint("fund_id", "case_id", name=op.f("pk_fund_cases")),
    )
    op.create_index("ix_fund_cases_case_id", "fund_cases", ["case_id"], unique=False)


def downgrade() -> None:
    """Take them away."""
    for table in ("fund_cases", "fund_balances", "fund_entries", "fund_postings", "payments", "funds"):
        op.drop_table(table)
