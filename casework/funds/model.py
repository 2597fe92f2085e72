"""Funds, the ledger, and payments. Every amount is an integer of fen.

The ledger is double entry. A fund has what it holds (`bank`), and every fen of it is either free
(`available`) or promised to a case (`committed`). Code adds postings and nothing else: the entries of
a posting, and the balances, are written by the database (casework/funds/walls.py).
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.db import Base, Identified, Versioned


class Fund(Identified, Base):
    """Money with one purpose, kept by a unit and spent for cases of that unit and those below it.

    `names` holds its name by language.
    """

    __tablename__ = "funds"

    key: Mapped[str] = mapped_column(unique=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("units.id"))
    names: Mapped[dict[str, Any]]
    opened_by: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id"))
    opened_at: Mapped[datetime]


class FundPosting(Identified, Base):
    """One thing that happened to the money of a fund; never changed and never taken away.

    `key` names the act that caused it: the same act asked for again finds the first posting.
    `case_number` is kept for those who keep the books and do not see the case. `source` is from whom
    money was received.
    """

    __tablename__ = "fund_postings"
    __table_args__ = (
        sa.CheckConstraint("kind in ('receive', 'commit', 'release', 'pay', 'take_back')", name="kind"),
        sa.CheckConstraint("(kind = 'receive') = (case_id is null)", name="case"),
        sa.CheckConstraint("(kind = 'pay') = (payment_id is not null)", name="payment"),
        sa.CheckConstraint("amount > 0 and amount <= 10000000000000", name="amount"),
        sa.ForeignKeyConstraint(
            ["payment_id", "fund_id", "case_id", "amount"],
            ["payments.id", "payments.fund_id", "payments.case_id", "payments.amount"],
            name="fk_fund_postings_payment_id_payments",
        ),
        sa.Index("ix_fund_postings_fund_id_id", "fund_id", sa.text("id desc")),
        sa.Index("ix_fund_postings_case_id", "case_id", postgresql_where=sa.text("case_id is not null")),
        sa.Index(
            "uq_fund_postings_payment_id",
            "payment_id",
            unique=True,
            postgresql_where=sa.text("payment_id is not null"),
        ),
    )

    fund_id: Mapped[int] = mapped_column(sa.ForeignKey("funds.id"))
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    amount: Mapped[int]
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("units.id"))
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("cases.id"))
    case_number: Mapped[str] = mapped_column(default="", server_default="")
    payment_id: Mapped[int | None]
    source: Mapped[str] = mapped_column(default="", server_default="")
    note: Mapped[str] = mapped_column(default="", server_default="")
    actor_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id"))
    recorded_at: Mapped[datetime]


class FundEntry(Base):
    """One side of a posting: `bank` counts what is held above zero, `available` and `committed` what
    it is for below zero, so that the entries of a posting sum to zero. Written by the database."""

    __tablename__ = "fund_entries"
    __table_args__ = (
        sa.CheckConstraint("account in ('bank', 'available', 'committed')", name="account"),
        sa.CheckConstraint("amount <> 0", name="amount"),
    )

    posting_id: Mapped[int] = mapped_column(
        sa.ForeignKey("fund_postings.id"), primary_key=True, autoincrement=False
    )
    account: Mapped[str] = mapped_column(primary_key=True)
    amount: Mapped[int]


class FundBalance(Base):
    """The sums of a fund's entries, each above zero. Written by the database, which refuses any
    posting that would bring one of them below zero."""

    __tablename__ = "fund_balances"
    __table_args__ = (
        sa.CheckConstraint("bank >= 0 and available >= 0 and committed >= 0", name="not_below_zero"),
        sa.CheckConstraint("bank = available + committed", name="whole"),
    )

    fund_id: Mapped[int] = mapped_column(sa.ForeignKey("funds.id"), primary_key=True, autoincrement=False)
    bank: Mapped[int]
    available: Mapped[int]
    committed: Mapped[int]


class FundCase(Base):
    """What of a fund is committed to one case, and what was paid for it and not taken back. Written by
    the database: nothing is paid beyond what is committed, or taken back beyond what was paid."""

    __tablename__ = "fund_cases"
    __table_args__ = (
        sa.CheckConstraint("committed >= 0 and paid >= 0", name="not_below_zero"),
        sa.Index("ix_fund_cases_case_id", "case_id"),
    )

    fund_id: Mapped[int] = mapped_column(sa.ForeignKey("funds.id"), primary_key=True, autoincrement=False)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("units.id"))
    committed: Mapped[int]
    paid: Mapped[int]


class Payment(Identified, Versioned, Base):
    """An order to pay from a fund for a case: ordered by one person, confirmed by another, and paid
    once the bank's slip proves it.

    Who is paid, how much and for which case never change. The account's number is sealed
    (casework/security/fields.py) and bound to `uid`. It has the unit of its case, so that those who
    pay need not see the case. `reason` is why it was sent back, `wrong_slip` what a slip said that did
    not prove it: amount, payee_name, slip_number and used_before.
    """

    __tablename__ = "payments"
    __table_args__ = (
        sa.UniqueConstraint("id", "fund_id", "case_id", "amount"),
        sa.CheckConstraint("status in ('ordered', 'confirmed', 'paid', 'sent_back')", name="status"),
        sa.CheckConstraint("amount > 0 and amount <= 10000000000000", name="amount"),
        sa.CheckConstraint("confirmed_by <> ordered_by", name="four_eyes"),
        sa.CheckConstraint(
            "status in ('ordered', 'sent_back') or (confirmed_by is not null and confirmed_at is not null)",
            name="confirmed",
        ),
        sa.CheckConstraint(
            "(status = 'paid') = (slip_number is not null) and (status = 'paid') = (paid_on is not null)",
            name="slip",
        ),
        sa.Index(
            "uq_payments_case_id_live",
            "case_id",
            unique=True,
            postgresql_where=sa.text("status in ('ordered', 'confirmed')"),
        ),
        sa.Index(
            "uq_payments_fund_id_slip_number",
            "fund_id",
            "slip_number",
            unique=True,
            postgresql_where=sa.text("slip_number is not null"),
        ),
        sa.Index("ix_payments_case_id", "case_id"),
        sa.Index("ix_payments_status_id", "status", sa.text("id desc")),
    )

    uid: Mapped[uuid.UUID] = mapped_column(unique=True)
    key: Mapped[str] = mapped_column(unique=True)
    fund_id: Mapped[int] = mapped_column(sa.ForeignKey("funds.id"))
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"))
    case_number: Mapped[str]
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("units.id"))
    amount: Mapped[int]
    purpose: Mapped[str]
    payee_name: Mapped[str]
    payee_bank: Mapped[str]
    payee_account: Mapped[bytes]
    payee_account_index: Mapped[bytes] = mapped_column(index=True)
    payee_account_tail: Mapped[str]
    status: Mapped[str]  # ordered | confirmed | paid | sent_back
    reason: Mapped[str] = mapped_column(default="", server_default="")
    wrong_slip: Mapped[dict[str, Any] | None]
    ordered_by: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id"))
    ordered_at: Mapped[datetime]
    confirmed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id"))
    confirmed_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id"))
    settled_at: Mapped[datetime | None]
    slip_number: Mapped[str | None]
    paid_on: Mapped[date | None]
